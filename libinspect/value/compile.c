/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * compile.c - a type to a flat list of steps
 *
 * This is where types are not believed. Every step's bytes are held against the end of the record they
 * are in, so that a run need not look. Three limits keep a small blob from becoming a large list, or a
 * short list a long run: the depth, the number of types looked at (a record of two members, each of
 * which has two of the next, doubles with each level and need not make a step), and the events that a
 * run puts out (an array of a billion elements may take no bytes at all).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/text.h"
#include "value/steps.h"

#define SIZE_MOST (1u << 30)
#define STEPS_MOST (1u << 17)
#define VISITS_MOST (1u << 18)
#define HOPS_MOST 64u
#define IDS_MOST 64u
#define EVENTS_FREE (1u << 16) /* whatever the size of a value; beyond that, by the byte */
#define EVENTS_A_BYTE 64u
#define EVENTS_MOST ((uint64_t)1 << 40)
#define POINTER_BYTES 8u

/* In an INT's tail. */
#define INT_SIGNED 1u
#define INT_CHAR 2u
#define INT_BOOL 4u

struct compiler {
	const struct btf_reader *btf;
	enum walk_flavour flavour;
	struct walk *walk;
	size_t room;
	uint32_t visits;
	uint64_t events;
	unsigned nested;	      /* open lists and records */
	uint32_t opened[STEPS_DEPTH]; /* their steps */
	unsigned n_ids;		      /* types that the one at hand is part of */
	uint32_t ids[IDS_MOST];
	struct inspect_error *err;
};

/* A type without its modifiers. */
struct type {
	uint32_t id;
	struct btf_entry entry;
};

/* Where a value stands. */
struct place {
	const char *key;
	bool is_root;
	uint64_t offset; /* bytes */
	unsigned shift;	 /* bits from there */
	unsigned bits;	 /* of a bit-field, else 0 */
};

static int put_type(struct compiler *c, uint32_t id, const struct place *place, uint64_t *end);

static int fail(struct compiler *c, uint32_t id, const char *what)
{
	return inspect_fail(c->err, EINVAL, "type %u: %s", id, what);
}

static int fail_limit(struct compiler *c, uint32_t id, const char *what)
{
	return inspect_fail(c->err, E2BIG, "type %u: %s", id, what);
}

static int emit(struct compiler *c, uint32_t id, const struct step *step)
{
	struct walk *walk = c->walk;

	if (walk->n == STEPS_MOST)
		return fail_limit(c, id, "it has too many members");
	if (walk->n == c->room) {
		size_t room = c->room ? 2 * c->room : 16;
		struct step *steps = realloc(walk->steps, room * sizeof(*steps));

		if (!steps)
			return inspect_fail(c->err, ENOMEM, "type %u", id);
		walk->steps = steps;
		c->room = room;
	}
	walk->steps[walk->n++] = *step;
	if (c->events < EVENTS_MOST)
		c->events++;
	return 0;
}

/* Puts a step for the bytes up to *end, which must be an end that values can have. */
static int emit_at(struct compiler *c, uint32_t id, const struct place *place, struct step step,
		   uint64_t *end)
{
	*end = place->offset + step.size;
	if (*end > SIZE_MOST)
		return fail(c, id, "values would be larger than there is memory");
	step.key = place->key;
	step.is_root = place->is_root;
	step.offset = (uint32_t)place->offset;
	return emit(c, id, &step);
}

static int open_bracket(struct compiler *c, uint32_t id, enum step_kind kind,
			const struct place *place)
{
	const struct step step = { .kind = kind,
				   .key = place->key,
				   .is_root = place->is_root,
				   .offset = (uint32_t)place->offset };

	if (c->nested == STEPS_DEPTH)
		return fail_limit(c, id, "nested too deep");
	c->opened[c->nested++] = (uint32_t)c->walk->n;
	return emit(c, id, &step);
}

/* What was opened last goes to the byte in front of @end. */
static int close_bracket(struct compiler *c, uint32_t id, uint64_t end)
{
	const struct step step = { .kind = STEP_CLOSE };
	struct step *opened = &c->walk->steps[c->opened[--c->nested]];

	if (end > SIZE_MOST)
		return fail(c, id, "values would be larger than there is memory");
	opened->size = (uint32_t)end - opened->offset;
	opened->end = (uint32_t)c->walk->n;
	return emit(c, id, &step);
}

/* A cycle shows as a type that is part of itself. */
static int enter(struct compiler *c, uint32_t id)
{
	for (unsigned i = 0; i < c->n_ids; i++)
		if (c->ids[i] == id)
			return fail(c, id, "it contains itself");
	if (c->n_ids == IDS_MOST)
		return fail_limit(c, id, "nested too deep");
	c->ids[c->n_ids++] = id;
	return 0;
}

static void leave(struct compiler *c)
{
	c->n_ids--;
}

/* Types that @n more looks are paid for. */
static int charge(struct compiler *c, uint32_t id, uint32_t n)
{
	if (c->visits < n)
		return fail_limit(c, id, "it has too many parts");
	c->visits -= n;
	return 0;
}

static bool is_modifier(uint32_t kind, bool is_typedef_too)
{
	return kind == KIND_CONST || kind == KIND_VOLATILE || kind == KIND_RESTRICT ||
	       kind == KIND_TYPE_TAG || (is_typedef_too && kind == KIND_TYPEDEF);
}

static int find_behind(struct compiler *c, uint32_t id, bool is_typedef_too, struct type *out)
{
	out->id = id;
	for (unsigned hops = 0; hops < HOPS_MOST; hops++) {
		if (!btf_type(c->btf, out->id, &out->entry))
			return inspect_fail(c->err, EINVAL, "type %u: there are only %u", out->id,
					    btf_count(c->btf));
		if (!is_modifier(out->entry.kind, is_typedef_too))
			return 0;
		out->id = out->entry.size_or_type;
	}
	return fail(c, id, "typedefs and qualifiers go round, or on for too long");
}

/* The type behind typedefs and qualifiers. */
static int find_type(struct compiler *c, uint32_t id, struct type *out)
{
	int r = charge(c, id, 1);

	return r ? r : find_behind(c, id, true, out);
}

static bool is_record(uint32_t kind)
{
	return kind == KIND_STRUCT || kind == KIND_UNION;
}

/* May a value be of this kind, so that its size is known? */
static bool has_size(uint32_t kind)
{
	switch (kind) {
	case KIND_INT:
	case KIND_PTR:
	case KIND_ARRAY:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FLOAT:
	case KIND_VAR:
	case KIND_DATASEC:
		return true;
	default: /* void, declarations, functions, and kinds newer than this build */
		return false;
	}
}

/* The same of a type; an array has a size if its elements have. */
static int find_sized(struct compiler *c, uint32_t id, struct type *out, bool *is_sized)
{
	uint32_t leaf = id;
	struct type type;

	int r = find_type(c, id, out);
	if (r < 0)
		return r;
	type = *out;
	for (unsigned hops = 0; type.entry.kind == KIND_ARRAY; hops++) {
		if (hops == HOPS_MOST)
			return fail(c, id, "arrays of arrays go round, or on for too long");
		leaf = btf_word(type.entry.tail, 0);
		r = find_type(c, leaf, &type);
		if (r < 0)
			return r;
	}
	*is_sized = has_size(type.entry.kind);
	return 0;
}

static bool is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* Bits that are no number of their own: the smallest stretch of bytes that holds them. */
static int put_bits(struct compiler *c, uint32_t id, const struct place *place, unsigned shift,
		    struct step step, uint64_t *end)
{
	struct place at = *place;

	at.offset += shift / 8;
	step.shift = shift % 8;
	step.size = (step.shift + step.bits + 7u) / 8;
	if (step.size > 16)
		step.kind = STEP_BYTES;
	return emit_at(c, id, &at, step, end);
}

static enum step_kind number_kind(const struct compiler *c, unsigned encoding, uint32_t size,
				  unsigned bits, bool is_bits)
{
	bool is_strict = c->flavour == WALK_STRICT;

	if (is_strict && bits > 64)
		return STEP_LARGE;
	if (!is_strict && (is_bits || size == 16))
		return STEP_HEX;
	if (encoding & INT_BOOL)
		return STEP_BOOL;
	if (encoding & INT_CHAR && size == 1 && !is_bits)
		return STEP_CHAR;
	return encoding & INT_SIGNED ? STEP_SIGNED : STEP_UNSIGNED;
}

/* Bits of an INT may be told by the INT itself, by the member, or by neither. */
static int put_int(struct compiler *c, const struct type *type, const struct place *place,
		   uint64_t *end)
{
	uint32_t word = btf_word(type->entry.tail, 0), size = type->entry.size_or_type;
	unsigned encoding = word >> 24 & 0xf, shift = word >> 16 & 0xff, bits = word & 0xff;

	if (!size || size > 16 || !bits || shift + bits > size * 8)
		return fail(c, type->id, "a number of no possible size");
	if (place->bits > 128)
		return fail(c, type->id, "a bit-field of no possible size");
	shift += place->shift;
	bool is_bits = place->bits || shift || bits != size * 8 || !is_power_of_two(size);
	if (place->bits)
		bits = place->bits;

	struct step step = {
		.kind = number_kind(c, encoding, size, bits, is_bits),
		.bits = (uint8_t)bits,
		.is_signed = encoding & INT_SIGNED,
		.size = size,
	};
	if (!is_bits)
		return emit_at(c, type->id, place, step, end);

	int r = put_bits(c, type->id, place, shift, step, end);
	if (!place->bits && !place->shift && *end < place->offset + size)
		*end = place->offset +
		       size; /* an element of an array, say, is as large as its type */
	return r;
}

static int compare_names(const void *left, const void *right)
{
	const struct step_name *a = left, *b = right;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static uint64_t enum_value(const struct btf_entry *entry, uint32_t i, unsigned bits)
{
	uint64_t value;

	if (entry->kind == KIND_ENUM64) {
		value = btf_word(entry->tail, 12 * (size_t)i + 4) |
			(uint64_t)btf_word(entry->tail, 12 * (size_t)i + 8) << 32;
	} else {
		uint32_t word = btf_word(entry->tail, 8 * (size_t)i + 4);

		value = entry->kind_flag ? (uint64_t)(int64_t)(int32_t)word : word;
	}
	return bits < 64 ? value & ((1ull << bits) - 1) : value;
}

static struct step_names *read_names(struct compiler *c, const struct type *type, unsigned bits)
{
	const struct btf_entry *entry = &type->entry;
	size_t n = entry->vlen, each = entry->kind == KIND_ENUM64 ? 12 : 8;
	struct step_names *names = malloc(sizeof(*names) + n * sizeof(names->rows[0]));

	if (!names)
		return NULL;
	*names = (struct step_names){ .next = c->walk->names,
				      .type_id = type->id,
				      .bits = bits,
				      .is_signed = entry->kind_flag,
				      .n = n };
	for (uint32_t i = 0; i < n; i++) {
		names->rows[i].value = enum_value(entry, i, bits);
		names->rows[i].name = btf_string(c->btf, btf_word(entry->tail, each * i));
		names->rows[i].index = i;
	}
	qsort(names->rows, n, sizeof(names->rows[0]), compare_names);
	c->walk->names = names;
	return names;
}

/* The same enum is often that of several members. */
static const struct step_names *get_names(struct compiler *c, const struct type *type,
					  unsigned bits)
{
	for (const struct step_names *names = c->walk->names; names; names = names->next)
		if (names->type_id == type->id && names->bits == bits)
			return names;
	if (charge(c, type->id, type->entry.vlen))
		return NULL;

	const struct step_names *names = read_names(c, type, bits);
	if (!names)
		inspect_fail(c->err, ENOMEM, "type %u", type->id);
	return names;
}

static int put_enum(struct compiler *c, const struct type *type, const struct place *place,
		    uint64_t *end)
{
	uint32_t size = type->entry.size_or_type;
	bool is_bits = place->bits || place->shift;

	if (!is_power_of_two(size) || size > 8)
		return fail(c, type->id, "an enum of no possible size");
	if (place->bits > size * 8)
		return fail(c, type->id, "a bit-field of no possible size");

	struct step step = { .kind = STEP_ENUM, .size = size };
	step.bits = (uint8_t)(place->bits ? place->bits : size * 8);
	if (is_bits && c->flavour != WALK_STRICT) {
		step.kind = STEP_HEX;
		return put_bits(c, type->id, place, place->shift, step, end);
	}
	step.names = get_names(c, type, step.bits);
	if (!step.names)
		return c->visits < type->entry.vlen ? -E2BIG : -ENOMEM;
	if (is_bits)
		return put_bits(c, type->id, place, place->shift, step, end);
	return emit_at(c, type->id, place, step, end);
}

/* The type of the function that a pointer is for, or 0; pointers may lead anywhere, and to nothing. */
static uint32_t proto_behind(const struct compiler *c, const struct type *type)
{
	uint32_t id = type->entry.size_or_type;
	struct btf_entry entry;

	if (!btf_resolve(c->btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &entry))
		return 0;
	return entry.kind == KIND_FUNC_PROTO ? id : 0;
}

static int put_pointer(struct compiler *c, const struct type *type, const struct place *place,
		       uint64_t *end)
{
	static const enum step_kind kinds[] = {
		[WALK_PLAIN] = STEP_POINTER,
		[WALK_JSON] = STEP_UNSIGNED,
		[WALK_STRICT] = STEP_ADDRESS,
	};
	const struct step step = {
		.kind = kinds[c->flavour],
		.size = POINTER_BYTES,
		.bits = POINTER_BYTES * 8,
		.proto = proto_behind(c, type),
	};

	return emit_at(c, type->id, place, step, end);
}

static int put_float(struct compiler *c, const struct type *type, const struct place *place,
		     uint64_t *end)
{
	uint32_t size = type->entry.size_or_type;
	struct step step = { .kind = STEP_FLOAT, .size = size };

	if (!size || size > 16)
		return fail(c, type->id, "a number of no possible size");
	if (size != sizeof(float) && size != sizeof(double))
		step.kind = STEP_BYTES;
	return emit_at(c, type->id, place, step, end);
}

/* Clang has char as a signed INT of that name; a typedef of it is meant to be a number. */
static bool is_char(struct compiler *c, uint32_t id)
{
	struct type type;

	if (find_behind(c, id, false, &type) < 0 || type.entry.kind != KIND_INT ||
	    type.entry.size_or_type != 1)
		return false;
	uint32_t encoding = btf_word(type.entry.tail, 0);

	/* Whatever its name, what is told as yes or no, or has not all bits of its byte, is no text. */
	if (encoding >> 24 & INT_BOOL || (encoding & 0xff) != 8 || encoding >> 16 & 0xff)
		return false;
	return encoding >> 24 & INT_CHAR || strcmp(type.entry.name, "char") == 0;
}

/* What the elements behind the first add to a run. */
static void count_events(struct compiler *c, uint64_t before, uint32_t count)
{
	uint64_t each = c->events - before;

	if (count && each > (EVENTS_MOST - before) / count)
		c->events = EVENTS_MOST;
	else
		c->events = before + each * count;
}

static int put_elements(struct compiler *c, const struct type *type, uint64_t offset, uint64_t *end)
{
	uint32_t element = btf_word(type->entry.tail, 0), count = btf_word(type->entry.tail, 8);
	struct step loop = { .kind = STEP_LOOP, .offset = (uint32_t)offset, .count = count };
	struct step again = { .kind = STEP_AGAIN };
	const struct place place = { 0 };
	uint64_t size, before = c->events;
	size_t at = c->walk->n;

	int r = emit(c, type->id, &loop);
	if (r < 0)
		return r;
	r = put_type(c, element, &place, &size);
	if (r < 0)
		return r;
	if (size * count > SIZE_MOST)
		return fail(c, type->id, "values would be larger than there is memory");
	again.size = (uint32_t)size;
	r = emit(c, type->id, &again);
	c->walk->steps[at].end = (uint32_t)c->walk->n - 1;
	count_events(c, before, count);
	*end = offset + size * count;
	return r;
}

static int put_array(struct compiler *c, const struct type *type, const struct place *place,
		     uint64_t *end)
{
	uint32_t element = btf_word(type->entry.tail, 0), count = btf_word(type->entry.tail, 8);
	bool is_text = count && count <= SIZE_MOST && is_char(c, element);
	struct step chars = { .kind = STEP_CHARS, .count = count, .size = count };
	size_t at = c->walk->n;

	if (place->offset > SIZE_MOST)
		return fail(c, type->id, "values would be larger than there is memory");
	int r = is_text ? emit_at(c, type->id, place, chars, end) : 0;
	if (r < 0)
		return r;
	r = open_bracket(c, type->id, STEP_LIST, place);
	if (r < 0)
		return r;
	r = put_elements(c, type, place->offset, end);
	if (r < 0)
		return r;
	r = close_bracket(c, type->id, *end);
	if (is_text)
		c->walk->steps[at].end = (uint32_t)c->walk->n;
	return r;
}

/* A member's record in the tail of a STRUCT or UNION. */
struct member {
	const char *name;
	uint32_t type_id;
	uint32_t bit_offset;
	unsigned bits; /* of a bit-field, where the member says it */
};

static struct member get_member(const struct compiler *c, const struct btf_entry *entry, uint32_t i)
{
	const unsigned char *tail = entry->tail + 12 * (size_t)i;
	uint32_t offset = btf_word(tail, 8);

	return (struct member){
		.name = btf_string(c->btf, btf_word(tail, 0)),
		.type_id = btf_word(tail, 4),
		.bit_offset = entry->kind_flag ? offset & 0xffffff : offset,
		.bits = entry->kind_flag ? offset >> 24 : 0,
	};
}

/* A member of which nothing is known but where it begins: it ends where the next one does. */
static int put_unknown(struct compiler *c, const struct type *type, const struct member *member,
		       uint64_t base)
{
	uint64_t begin = member->bit_offset / 8, next = type->entry.size_or_type, end;
	struct place place = { .key = member->name, .offset = base + begin };

	int r = charge(c, type->id, type->entry.vlen);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < type->entry.vlen; i++) {
		uint64_t other = get_member(c, &type->entry, i).bit_offset / 8;

		if (other > begin && other < next)
			next = other;
	}
	if (begin > next)
		return fail(c, type->id, "a member lies beyond its end");
	const struct step step = { .kind = STEP_BYTES, .size = (uint32_t)(next - begin) };
	return emit_at(c, type->id, &place, step, &end);
}

static int put_members(struct compiler *c, const struct type *type, uint64_t base, bool is_flat);

static int put_flat(struct compiler *c, const struct type *inner, const struct member *member,
		    uint64_t base, uint64_t *end)
{
	uint64_t begin = base + member->bit_offset / 8;

	if (member->bit_offset % 8)
		return fail(c, inner->id, "a record that begins inside a byte");
	*end = begin + inner->entry.size_or_type;
	int r = enter(c, inner->id);
	if (r < 0)
		return r;
	r = put_members(c, inner, begin, true);
	leave(c);
	return r;
}

static int put_member(struct compiler *c, const struct type *type, uint32_t i, uint64_t base,
		      bool is_flat)
{
	struct member member = get_member(c, &type->entry, i);
	struct place place = { .key = member.name, .bits = member.bits };
	struct type inner;
	bool is_sized;
	uint64_t end;

	int r = find_sized(c, member.type_id, &inner, &is_sized);
	if (r < 0)
		return r;
	if (!is_sized)
		return put_unknown(c, type, &member, base);
	place.offset = base + member.bit_offset / 8;
	place.shift = member.bit_offset % 8;
	if (is_flat && !member.name[0] && is_record(inner.entry.kind) && !member.bits)
		r = put_flat(c, &inner, &member, base, &end);
	else
		r = put_type(c, member.type_id, &place, &end);
	if (r < 0)
		return r;
	if (end > base + type->entry.size_or_type)
		return inspect_fail(c->err, EINVAL, "type %u: member %u reaches beyond its end",
				    type->id, i);
	return 0;
}

/* @is_flat: members of anonymous members are put among those of the record itself. */
static int put_members(struct compiler *c, const struct type *type, uint64_t base, bool is_flat)
{
	if (type->entry.size_or_type > SIZE_MOST || base > SIZE_MOST)
		return fail(c, type->id, "values would be larger than there is memory");
	for (uint32_t i = 0; i < type->entry.vlen; i++) {
		int r = put_member(c, type, i, base, is_flat);

		if (r < 0)
			return r;
	}
	return 0;
}

/* bpftool gives each anonymous member the key "", which only one member of a record may have. */
static bool is_to_be_flat(const struct compiler *c, const struct btf_entry *entry)
{
	uint32_t anonymous = 0;

	for (uint32_t i = 0; i < entry->vlen; i++)
		anonymous += !get_member(c, entry, i).name[0];
	return c->flavour == WALK_STRICT || anonymous > 1;
}

static int put_record(struct compiler *c, const struct type *type, const struct place *place,
		      uint64_t *end)
{
	int r = charge(c, type->id, type->entry.vlen);
	if (r < 0)
		return r;
	r = open_bracket(c, type->id, STEP_RECORD, place);
	if (r < 0)
		return r;
	r = put_members(c, type, place->offset, is_to_be_flat(c, &type->entry));
	if (r < 0)
		return r;
	*end = place->offset + type->entry.size_or_type;
	return close_bracket(c, type->id, *end);
}

/* bpftool has an object around each variable. */
static int put_variable(struct compiler *c, const struct type *type, const struct place *place,
			uint64_t *end)
{
	const struct place inner = { .key = type->entry.name, .offset = place->offset };

	int r = open_bracket(c, type->id, STEP_RECORD, place);
	if (r < 0)
		return r;
	r = put_type(c, type->entry.size_or_type, &inner, end);
	return r < 0 ? r : close_bracket(c, type->id, *end);
}

/* A variable's value; what is no variable, or of no type that is known, is as large as it says. */
static int put_section_value(struct compiler *c, const struct type *type, const struct type *entry,
			     const struct place *place, uint32_t size, uint64_t *end)
{
	const struct step bytes = { .kind = STEP_BYTES, .size = size };
	uint32_t id = entry->entry.size_or_type;
	bool is_sized = false;
	struct type inner;

	int r = entry->entry.kind == KIND_VAR ? find_sized(c, id, &inner, &is_sized) : 0;
	if (r < 0)
		return r;
	return is_sized ? put_type(c, id, place, end) : emit_at(c, type->id, place, bytes, end);
}

static int put_section_entry(struct compiler *c, const struct type *type, uint32_t i, uint64_t base)
{
	const unsigned char *tail = type->entry.tail + 12 * (size_t)i;
	struct place place = { .offset = base + btf_word(tail, 4) };
	bool is_boxed = c->flavour != WALK_STRICT;
	const struct place box = { 0 };
	struct type entry;
	uint64_t end;

	int r = find_type(c, btf_word(tail, 0), &entry);
	if (r < 0)
		return r;
	place.key = entry.entry.name;
	if (is_boxed)
		r = open_bracket(c, type->id, STEP_RECORD, &box);
	if (!r)
		r = put_section_value(c, type, &entry, &place, btf_word(tail, 8), &end);
	if (!r && is_boxed)
		r = close_bracket(c, type->id, end);
	if (!r && end > base + type->entry.size_or_type)
		r = inspect_fail(c->err, EINVAL, "type %u: variable %u reaches beyond its end",
				 type->id, i);
	return r;
}

static int put_section(struct compiler *c, const struct type *type, const struct place *place,
		       uint64_t *end)
{
	const struct place list = { .key = type->entry.name };
	bool is_strict = c->flavour == WALK_STRICT;

	int r = open_bracket(c, type->id, STEP_RECORD, place);
	if (!r && !is_strict)
		r = open_bracket(c, type->id, STEP_LIST, &list);
	for (uint32_t i = 0; !r && i < type->entry.vlen; i++)
		r = put_section_entry(c, type, i, place->offset);
	*end = place->offset + type->entry.size_or_type;
	if (!r && !is_strict)
		r = close_bracket(c, type->id, *end);
	return r < 0 ? r : close_bracket(c, type->id, *end);
}

/* What has parts, and so could be part of itself. */
static int put_parts(struct compiler *c, const struct type *type, const struct place *place,
		     uint64_t *end)
{
	int r = enter(c, type->id);
	if (r < 0)
		return r;
	if (is_record(type->entry.kind))
		r = put_record(c, type, place, end);
	else if (type->entry.kind == KIND_ARRAY)
		r = put_array(c, type, place, end);
	else if (type->entry.kind == KIND_VAR)
		r = put_variable(c, type, place, end);
	else
		r = put_section(c, type, place, end);
	leave(c);
	return r;
}

/* Puts the steps of a type; *end is the offset of the byte behind the value. */
static int put_type(struct compiler *c, uint32_t id, const struct place *place, uint64_t *end)
{
	struct type type;

	int r = find_type(c, id, &type);
	if (r < 0)
		return r;
	if (type.entry.kind == KIND_INT)
		return put_int(c, &type, place, end);
	if (type.entry.kind == KIND_ENUM || type.entry.kind == KIND_ENUM64)
		return put_enum(c, &type, place, end);
	if (!has_size(type.entry.kind))
		return fail(c, type.id, "no value can be of this kind");
	if (place->bits || place->shift)
		return fail(c, type.id, "no bit-field can be of this kind");
	if (type.entry.kind == KIND_PTR)
		return put_pointer(c, &type, place, end);
	if (type.entry.kind == KIND_FLOAT)
		return put_float(c, &type, place, end);
	return put_parts(c, &type, place, end);
}

int walk_new(const struct btf_reader *btf, uint32_t type_id, enum walk_flavour flavour,
	     struct walk **out, struct inspect_error *err)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	struct compiler c = {
		.btf = btf, .flavour = flavour, .walk = walk, .visits = VISITS_MOST, .err = err
	};
	const struct place place = { .is_root = true };
	uint64_t size = 0;

	if (!walk)
		return inspect_fail(err, ENOMEM, "type %u", type_id);
	int r = put_type(&c, type_id, &place, &size);
	if (!r && c.events > EVENTS_FREE + EVENTS_A_BYTE * size)
		r = fail_limit(&c, type_id, "too much would have to be shown for so few bytes");
	if (r < 0) {
		walk_free(walk);
		return r;
	}
	walk->size = (size_t)size;
	*out = walk;
	return 0;
}
