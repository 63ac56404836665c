/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sound.c - can the types of a blob be followed, and be said in C?
 *
 * First each record alone: do its references lead to types of a kind that can stand there? Then a walk
 * in depth over what must be known before a type can be printed. That is everything but a struct
 * or union that has a name and is reached through a pointer: there a forward declaration does. So a
 * type is walked twice, once for itself and once as seen through a pointer, and whatever closes a
 * circle on that walk cannot be written in C.
 *
 * On the way back up, what printing a type costs is added up, since libbpf keeps neither the text of
 * a type without a name nor the alignment of any: a few small types can mean 2^60 of either.
 */
#include "btf/sound.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/raw.h"

#define NAME_MOST 512 /* bytes of a name that are counted; C text has no longer ones */

/* What a type is as a value. */
enum shape {
	SHAPE_UNSEEN,
	SHAPE_VALUE,
	SHAPE_DECLARED, /* its size is not known */
	SHAPE_VOID,
	SHAPE_FUNCTION,
};

enum progress { NEW, OPEN, CLOSED };

/* A type, and whether the way to it led through a pointer. */
struct node {
	uint32_t id;
	bool is_pointed;
};

struct trace {
	unsigned char progress[2]; /* by is_pointed */
	unsigned char shape;
	uint16_t depth[2];
	uint32_t bytes;
	uint32_t steps; /* what asking for its alignment takes */
	uint32_t text;	/* bytes it takes where it is used, about */
	uint32_t whole; /* of a struct or a union: bytes of its definition */
};

struct walk {
	const struct btf_reader *btf;
	struct trace *traces;
	struct btf_sound *sound;
	struct inspect_error *err;
	uint32_t pointer_bytes;
	uint64_t steps; /* of all definitions */
	uint64_t text;
};

/* --- each record by itself ------------------------------------------------- */

static bool kind_is_type(uint32_t kind)
{
	switch (kind) {
	case KIND_FUNC:
	case KIND_VAR:
	case KIND_DATASEC:
	case KIND_DECL_TAG:
		return false;
	default:
		return true; /* a kind that is not known is, as a type, left out */
	}
}

static int fail(const struct walk *walk, uint32_t id, const char *what)
{
	struct btf_entry type = { .name = "" };

	btf_type(walk->btf, id, &type);
	return inspect_fail(walk->err, EINVAL, "type %u%s%.64s%s: %s", id, *type.name ? " '" : "",
			    type.name, *type.name ? "'" : "", what);
}

static bool find(const struct walk *walk, uint32_t id, struct btf_entry *out)
{
	if (btf_type(walk->btf, id, out))
		return true;
	*out = (struct btf_entry){ .kind = walk->btf->stopped_kind, .name = "" };
	return walk->btf->stopped_kind != 0;
}

static int check_type_ref(const struct walk *walk, uint32_t id, uint32_t to)
{
	struct btf_entry type;

	if (!find(walk, to, &type))
		return inspect_fail(walk->err, EINVAL, "type %u: refers to type %u, the last is %u",
				    id, to, btf_count(walk->btf) - 1);
	if (!kind_is_type(type.kind))
		return inspect_fail(walk->err, EINVAL,
				    "type %u: refers to type %u, which is of kind %u and no type",
				    id, to, type.kind);
	return 0;
}

/* A reference to what is no type of a value: @kind, or @other. */
static int check_ref(const struct walk *walk, uint32_t id, uint32_t to, uint32_t kind,
		     uint32_t other)
{
	struct btf_entry type;

	if (!find(walk, to, &type))
		return check_type_ref(walk, id, to);
	if (type.kind != kind && type.kind != other)
		return inspect_fail(walk->err, EINVAL,
				    "type %u: refers to type %u, which is of kind %u", id, to,
				    type.kind);
	return 0;
}

static int check_elements(const struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	bool is_section = type->kind == KIND_DATASEC;
	uint32_t each = type->kind == KIND_FUNC_PROTO ? 8 : 12, at = is_section ? 0 : 4;

	for (uint32_t i = 0; i < type->vlen; i++) {
		uint32_t to = btf_word(type->tail, (size_t)each * i + at);
		int r = is_section ? check_ref(walk, id, to, KIND_VAR, KIND_FUNC)
				   : check_type_ref(walk, id, to);

		if (r < 0)
			return r;
	}
	return type->kind == KIND_FUNC_PROTO ? check_type_ref(walk, id, type->size_or_type) : 0;
}

/* C has no word for a record of this kind that has no name. */
static int check_name(const struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	return *type->name ? 0 : fail(walk, id, "has no name");
}

static int check_int(const struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	uint32_t bytes = type->size_or_type, bits = btf_word(type->tail, 0) & 0xff;

	if (!bytes || bytes > 16 || (bytes & (bytes - 1)) || bits > bytes * 8)
		return fail(walk, id, "is an integer of a size that there is not");
	return check_name(walk, id, type);
}

static int check_enumerators(const struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	uint32_t each = type->kind == KIND_ENUM ? 8 : 12, bytes = type->size_or_type;

	if (type->vlen && (!bytes || bytes > 8 || (bytes & (bytes - 1))))
		return fail(walk, id, "is an enum of a size that there is not");
	for (uint32_t i = 0; i < type->vlen; i++)
		if (!*btf_string(walk->btf, btf_word(type->tail, (size_t)each * i)))
			return fail(walk, id, "has an enumerator without a name");
	return 0;
}

static int check_record(const struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_INT:
		return check_int(walk, id, type);
	case KIND_FLOAT:
		if (!type->size_or_type || type->size_or_type > 16)
			return fail(walk, id, "is a number of a size that there is not");
		return check_name(walk, id, type);
	case KIND_FWD:
		return check_name(walk, id, type);
	case KIND_ENUM:
	case KIND_ENUM64:
		return check_enumerators(walk, id, type);
	case KIND_ARRAY:
		return check_type_ref(walk, id, btf_word(type->tail, 0));
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_FUNC_PROTO:
	case KIND_DATASEC:
		return check_elements(walk, id, type);
	case KIND_TYPEDEF: {
		int r = check_name(walk, id, type);
		return r < 0 ? r : check_type_ref(walk, id, type->size_or_type);
	}
	case KIND_PTR:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_TYPE_TAG:
	case KIND_VAR:
		return check_type_ref(walk, id, type->size_or_type);
	case KIND_FUNC:
		return check_ref(walk, id, type->size_or_type, KIND_FUNC_PROTO, KIND_FUNC_PROTO);
	case KIND_DECL_TAG:
		return find(walk, type->size_or_type, &(struct btf_entry){ 0 })
			       ? 0
			       : check_type_ref(walk, id, type->size_or_type);
	default:
		if (!walk->sound->unknown_kind)
			walk->sound->unknown_kind = type->kind;
		return 0;
	}
}

/* --- the walk -------------------------------------------------------------- */

static uint32_t sum(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static uint32_t name_bytes(const char *name)
{
	return (uint32_t)strnlen(name, NAME_MOST);
}

static struct trace *trace_of(const struct walk *walk, uint32_t id)
{
	uint32_t end = btf_count(walk->btf);

	return &walk->traces[id < end ? id : end]; /* the last one: what reading stopped at */
}

static void leave_out(struct walk *walk, uint32_t id)
{
	struct btf_sound *sound = walk->sound;

	trace_of(walk, id)->shape = SHAPE_DECLARED;
	if (id >= btf_count(walk->btf) || sound->left_out[id])
		return;
	sound->left_out[id] = 1;
	sound->n_left_out++;
	if (!sound->first_left_out || id < sound->first_left_out)
		sound->first_left_out = id;
}

static int visit(struct walk *walk, struct node node, uint32_t depth);

/* Visits what @node needs, and keeps the longest way down. */
static int visit_part(struct walk *walk, struct node node, uint32_t to, bool is_pointed,
		      uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);
	const struct trace *part = trace_of(walk, to);

	if (part->progress[is_pointed] != CLOSED) {
		int r = visit(walk, (struct node){ to, is_pointed }, depth + 1);
		if (r < 0)
			return r;
	}
	uint16_t way = (uint16_t)(part->depth[is_pointed] + 1);
	if (way > SOUND_DEPTH)
		return fail(walk, node.id, "has too many types one in another");
	if (trace->depth[node.is_pointed] < way)
		trace->depth[node.is_pointed] = way;
	return 0;
}

/* A modifier, or a typedef: its shape is that of what it refers to. */
static int visit_alias(struct walk *walk, struct node node, const struct btf_entry *type,
		       uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);
	const struct trace *part = trace_of(walk, type->size_or_type);

	int r = visit_part(walk, node, type->size_or_type, node.is_pointed, depth);
	if (r < 0)
		return r;
	if (type->kind == KIND_TYPEDEF)
		trace->text = 8 + name_bytes(type->name);
	else
		trace->text = sum(part->text, 32 + name_bytes(type->name));
	if (node.is_pointed)
		return 0;
	trace->shape = part->shape;
	trace->bytes = part->bytes;
	trace->steps = sum(part->steps, 1);
	return 0;
}

static int visit_pointer(struct walk *walk, struct node node, const struct btf_entry *type,
			 uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);

	int r = visit_part(walk, node, type->size_or_type, true, depth);
	if (r < 0)
		return r;
	trace->shape = SHAPE_VALUE;
	trace->bytes = walk->pointer_bytes;
	trace->steps = 1;
	trace->text = sum(trace_of(walk, type->size_or_type)->text, 4);
	return 0;
}

static int visit_array(struct walk *walk, struct node node, const struct btf_entry *type,
		       uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);
	uint32_t element = btf_word(type->tail, 0), n = btf_word(type->tail, 8);
	const struct trace *part = trace_of(walk, element);

	int r = visit_part(walk, node, element, node.is_pointed, depth);
	if (r < 0)
		return r;
	trace->text = sum(part->text, 16);
	if (node.is_pointed)
		return 0;
	if (part->shape == SHAPE_VOID)
		return fail(walk, node.id, "is an array of void");
	if (part->shape == SHAPE_FUNCTION)
		return fail(walk, node.id, "is an array of functions");
	if (part->bytes && n > UINT32_MAX / part->bytes)
		return fail(walk, node.id, "is an array of more than 4 GiB");
	trace->shape = part->shape;
	trace->bytes = part->bytes * n;
	trace->steps = sum(part->steps, 1);
	if (part->shape == SHAPE_DECLARED)
		leave_out(walk, node.id);
	return 0;
}

static int visit_proto(struct walk *walk, struct node node, const struct btf_entry *type,
		       uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);

	int r = visit_part(walk, node, type->size_or_type, node.is_pointed, depth);
	if (r < 0)
		return r;
	uint32_t text = sum(trace_of(walk, type->size_or_type)->text, 16);
	for (uint32_t i = 0; i < type->vlen; i++) {
		uint32_t to = btf_word(type->tail, (size_t)8 * i + 4);

		r = visit_part(walk, node, to, node.is_pointed, depth);
		if (r < 0)
			return r;
		if (!to && i + 1 < type->vlen)
			return fail(walk, node.id, "has a parameter of type void");
		text = sum(text, trace_of(walk, to)->text);
		text = sum(text, 4 + name_bytes(btf_string(walk->btf,
							   btf_word(type->tail, (size_t)8 * i))));
	}
	trace->text = text;
	trace->shape = SHAPE_FUNCTION;
	trace->steps = 1;
	return 0;
}

/* --- structs and unions ---------------------------------------------------- */

uint32_t btf_named_inside(const struct btf_reader *btf, const struct btf_entry *whole, uint32_t i)
{
	struct btf_member member = btf_member_at(whole, i);
	uint32_t id = member.type_id;
	struct btf_entry type;

	if (*btf_string(btf, member.name))
		return 0;
	for (int depth = 0; depth < SOUND_DEPTH && btf_type(btf, id, &type); depth++) {
		switch (type.kind) {
		case KIND_STRUCT:
		case KIND_UNION:
			return *type.name ? id : 0;
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = type.size_or_type;
			break;
		default:
			return 0;
		}
	}
	return 0;
}

struct extent {
	uint64_t start;
	uint64_t end;
};

static int compare_extents(const void *one, const void *two)
{
	const struct extent *a = one, *b = two;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->end < b->end ? -1 : a->end > b->end;
}

static struct extent member_extent(const struct walk *walk, const struct btf_entry *type,
				   uint32_t i)
{
	struct btf_member member = btf_member_at(type, i);
	uint64_t start = member.bits_offset, bits = member.bitfield_size;
	uint32_t to = member.type_id;

	return (struct extent){ start,
				start + (bits ? bits : (uint64_t)trace_of(walk, to)->bytes * 8) };
}

/* How many bits of a struct no member has; -1 where two members have the same bits. */
static int64_t holes(const struct extent *extents, uint32_t n, uint64_t bits)
{
	uint64_t end = 0, free_bits = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (extents[i].start < end && extents[i].end > extents[i].start)
			return -1;
		if (extents[i].end > bits)
			return -1;
		if (extents[i].start > end)
			free_bits += extents[i].start - end;
		if (extents[i].end > end)
			end = extents[i].end;
	}
	return (int64_t)(free_bits + bits - end);
}

/*
 * The bits of padding, for which C text has lines of their own, or -1 where the members cannot be laid
 * out; -ENOMEM. The members of a union may overlap.
 */
static int64_t lay_out(const struct walk *walk, const struct btf_entry *type)
{
	uint64_t bits = (uint64_t)type->size_or_type * 8;
	bool is_sorted = true;
	autofree struct extent *extents = malloc((type->vlen + (size_t)1) * sizeof(*extents));

	if (!extents)
		return -ENOMEM;
	for (uint32_t i = 0; i < type->vlen; i++) {
		extents[i] = member_extent(walk, type, i);
		if (type->kind == KIND_UNION && (extents[i].start || extents[i].end > bits))
			return -1;
		is_sorted = is_sorted && (!i || extents[i - 1].start <= extents[i].start);
	}
	if (type->kind == KIND_UNION)
		return (int64_t)bits; /* no more than its size */
	if (!is_sorted)
		qsort(extents, type->vlen, sizeof(*extents), compare_extents);
	return holes(extents, type->vlen, bits);
}

/* A type that has a name is written out where the member has none. */
static uint32_t member_text(const struct walk *walk, const struct btf_entry *type, uint32_t i)
{
	uint32_t inside = btf_named_inside(walk->btf, type, i);

	return inside ? trace_of(walk, inside)->whole
		      : trace_of(walk, btf_member_at(type, i).type_id)->text;
}

/* Shape and costs of a struct or union, whose members have been visited. */
static int close_members(struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	struct trace *trace = trace_of(walk, id);
	uint32_t text = 32 + name_bytes(type->name), steps = 1;
	bool is_whole = true;

	for (uint32_t i = 0; i < type->vlen; i++) {
		const struct trace *part = trace_of(walk, btf_word(type->tail, (size_t)12 * i + 4));

		if (part->shape == SHAPE_VOID || part->shape == SHAPE_FUNCTION)
			return fail(walk, id, "has a member that is no value");
		is_whole = is_whole && part->shape == SHAPE_VALUE;
		steps = sum(steps, part->steps);
		text = sum(text, sum(member_text(walk, type, i), 8));
		text = sum(text,
			   name_bytes(btf_string(walk->btf, btf_word(type->tail, (size_t)12 * i))));
	}

	int64_t padding = lay_out(walk, type);
	if (padding == -ENOMEM)
		return inspect_fail(walk->err, ENOMEM, "type %u: look through", id);
	trace->shape = SHAPE_VALUE;
	trace->bytes = type->size_or_type;
	trace->steps = steps;
	walk->steps += (uint64_t)steps * 4;
	walk->text += text;
	if (padding < 0 || !is_whole) {
		leave_out(walk, id);
		padding = 0;
	}
	if (type->kind == KIND_STRUCT) { /* "	long: 64;" */
		walk->text += (uint64_t)padding / 64 * 11;
		text = sum(text, (uint32_t)(padding / 64 * 11));
	}
	trace->whole = text;
	trace->text = *type->name ? 12 + name_bytes(type->name) : text;
	return 0;
}

static int visit_members(struct walk *walk, struct node node, const struct btf_entry *type,
			 uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);

	if (node.is_pointed && *type->name) {
		trace->text = 12 + name_bytes(type->name);
		return 0; /* can be declared ahead */
	}
	for (uint32_t i = 0; i < type->vlen; i++) {
		int r = visit_part(walk, node, btf_word(type->tail, (size_t)12 * i + 4), false,
				   depth);
		if (r < 0)
			return r;
	}
	/* Without a name it is the same on both ways. */
	return trace->shape == SHAPE_UNSEEN ? close_members(walk, node.id, type) : 0;
}

static void visit_enum(struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	struct trace *trace = trace_of(walk, id);
	uint32_t each = type->kind == KIND_ENUM ? 8 : 12, text = 32 + name_bytes(type->name);

	if (trace->shape != SHAPE_UNSEEN)
		return;
	for (uint32_t i = 0; i < type->vlen; i++)
		text = sum(text, 24 + name_bytes(btf_string(
					      walk->btf, btf_word(type->tail, (size_t)each * i))));
	trace->shape = SHAPE_VALUE;
	trace->bytes = type->size_or_type;
	trace->steps = 1;
	trace->text = *type->name ? 12 + name_bytes(type->name) : text;
	walk->text += text;
}

static void visit_leaf(struct walk *walk, uint32_t id, const struct btf_entry *type)
{
	struct trace *trace = trace_of(walk, id);

	trace->steps = 1;
	trace->text = 8 + name_bytes(type->name);
	trace->bytes = 0;
	switch (type->kind) {
	case KIND_VOID:
		trace->shape = SHAPE_VOID;
		return;
	case KIND_INT:
	case KIND_FLOAT:
		trace->shape = SHAPE_VALUE;
		trace->bytes = type->size_or_type;
		return;
	case KIND_FWD:
		trace->shape = SHAPE_DECLARED;
		return;
	default:
		leave_out(walk, id);
		return;
	}
}

static int visit_kind(struct walk *walk, struct node node, const struct btf_entry *type,
		      uint32_t depth)
{
	switch (type->kind) {
	case KIND_PTR:
		return visit_pointer(walk, node, type, depth);
	case KIND_ARRAY:
		return visit_array(walk, node, type, depth);
	case KIND_STRUCT:
	case KIND_UNION:
		return visit_members(walk, node, type, depth);
	case KIND_ENUM:
	case KIND_ENUM64:
		visit_enum(walk, node.id, type);
		return 0;
	case KIND_TYPEDEF:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_TYPE_TAG:
		return visit_alias(walk, node, type, depth);
	case KIND_FUNC_PROTO:
		return visit_proto(walk, node, type, depth);
	case KIND_FUNC:
	case KIND_VAR:
	case KIND_DATASEC:
	case KIND_DECL_TAG:
		return 0; /* nothing refers to these for its text */
	default:
		visit_leaf(walk, node.id, type);
		return 0;
	}
}

static int visit(struct walk *walk, struct node node, uint32_t depth)
{
	struct trace *trace = trace_of(walk, node.id);
	struct btf_entry type;

	if (trace->progress[node.is_pointed] == CLOSED)
		return 0;
	if (trace->progress[node.is_pointed] == OPEN)
		return fail(walk, node.id, "is part of itself");
	if (depth > SOUND_DEPTH)
		return fail(walk, node.id, "is too deep in other types");

	trace->progress[node.is_pointed] = OPEN;
	find(walk, node.id, &type);
	int r = visit_kind(walk, node, &type, depth);
	trace->progress[node.is_pointed] = CLOSED;
	return r;
}

/* --- all of it ------------------------------------------------------------- */

static int check_records(const struct walk *walk)
{
	struct btf_entry type;

	for (uint32_t id = 1; id < btf_count(walk->btf); id++) {
		btf_type(walk->btf, id, &type);
		int r = check_record(walk, id, &type);
		if (r < 0)
			return r;
	}
	return 0;
}

static uint64_t blob_bytes(const struct btf_reader *btf)
{
	uint64_t bytes = 0;

	for (; btf; btf = btf->base)
		bytes += (uint64_t)btf->types_size + btf->strings_size;
	return bytes;
}

/* What is asked of libbpf must stand in a proportion to the blob. */
static int check_cost(const struct walk *walk, uint32_t id)
{
	uint64_t bytes = blob_bytes(walk->btf);

	if (walk->text > SOUND_TEXT_LEAST + 16 * bytes)
		return fail(walk, id, "makes the text absurdly long");
	if (walk->steps > SOUND_STEPS_LEAST + 64 * bytes)
		return fail(walk, id, "has absurdly many parts");
	return 0;
}

static int visit_all(struct walk *walk)
{
	for (uint32_t id = 0; id < btf_count(walk->btf); id++) {
		int r = visit(walk, (struct node){ id, false }, 0);
		if (r < 0)
			return r;
		/* A typedef's or a pointer's text is put out where it stands by itself, too. */
		walk->text += trace_of(walk, id)->text;
		r = check_cost(walk, id);
		if (r < 0)
			return r;
	}
	return 0;
}

uint32_t btf_pointer_bytes(const struct btf_reader *btf)
{
	static const char *const names[] = { "long int", "long", "long unsigned int",
					     "unsigned long" };
	struct btf_entry type;

	for (uint32_t id = 1; id < btf_count(btf); id++) {
		btf_type(btf, id, &type);
		if (type.kind != KIND_INT || (type.size_or_type != 4 && type.size_or_type != 8))
			continue;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (strcmp(type.name, names[i]) == 0)
				return type.size_or_type;
	}
	return 8;
}

int btf_sound_init(struct btf_sound *out, const struct btf_reader *btf, struct inspect_error *err)
{
	AUTO(btf_sound_done) struct btf_sound sound = { .unknown_kind = btf->stopped_kind };
	size_t n = (size_t)btf_count(btf) + 1;
	autofree struct trace *traces = calloc(n, sizeof(*traces));
	struct walk walk = { .btf = btf, .traces = traces, .sound = &sound, .err = err };

	*out = (struct btf_sound){ 0 };
	sound.left_out = calloc(n, 1);
	if (!traces || !sound.left_out)
		return inspect_fail(err, ENOMEM, "types: look through");
	walk.pointer_bytes = btf_pointer_bytes(btf);

	int r = check_records(&walk);
	if (r < 0)
		return r;
	r = visit_all(&walk);
	if (r < 0)
		return r;
	*out = sound;
	sound.left_out = NULL;
	return 0;
}

void btf_sound_done(struct btf_sound *sound)
{
	free(sound->left_out);
	*sound = (struct btf_sound){ 0 };
}
