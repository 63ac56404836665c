/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * parts.c - what a type consists of, by names
 *
 * Types may be part of themselves, and a type in which each member is of another one that has two of a third grows beyond all
 * bounds when it is written out. So the depth is limited, and each part takes a step of the budget.
 */
#include "btf/parts.h"

#include <errno.h>
#include <fnmatch.h>

#include "base/error.h"
#include "base/num.h"

#define DEPTH_MOST 32u
#define PART_STEPS 8u
#define STEP_BYTES 16u /* of text */

void btf_parts_done(struct btf_parts *parts)
{
	buf_done(&parts->path);
	buf_done(&parts->type);
}

static bool is_record(uint32_t kind)
{
	return kind == KIND_STRUCT || kind == KIND_UNION;
}

static bool is_enum(uint32_t kind)
{
	return kind == KIND_ENUM || kind == KIND_ENUM64;
}

/* A member as its record has it. */
struct member {
	const char *name;
	uint32_t type;
	uint64_t bits_offset;
	uint32_t bitfield_bits;
};

static struct member read_member(const struct btf_reader *btf, const struct btf_entry *record,
				 uint32_t i)
{
	const unsigned char *tail = record->tail + (size_t)i * 12;
	uint32_t offset = btf_word(tail, 8);
	struct member member = {
		.name = btf_string(btf, btf_word(tail, 0)),
		.type = btf_word(tail, 4),
		.bits_offset = offset,
	};

	if (record->kind_flag) {
		member.bits_offset = offset & 0xffffff;
		member.bitfield_bits = offset >> 24;
	}
	return member;
}

/* Texts end with NUL while they are shown, and grow from where they were. */
static const char *text_of(struct buf *buf)
{
	static const char none[] = "";

	buf_add_char(buf, '\0');
	if (buf_failed(buf))
		return none;
	buf->size--;
	return buf->bytes;
}

static void add_name(struct buf *buf, const char *name)
{
	buf_add(buf, name, strnlen(name, BTF_NAME_MOST));
}

static void call(struct btf_parts *parts, struct btf_part *part, uint32_t type)
{
	parts->type.size = 0;
	if (part->kind != BTF_ENUMERATOR) {
		btf_text_add(&parts->type, parts->btf, type, "", parts->budget);
		part->has_size = btf_size(parts->btf, type, &part->size);
	}
	part->type = text_of(&parts->type);
	part->name = text_of(&parts->path);
	if (!btf_budget_take(parts->budget, (parts->path.size + parts->type.size) / STEP_BYTES))
		parts->is_over = true;
	parts->each(parts->context, part);
}

static void walk_members(struct btf_parts *parts, uint32_t id, uint64_t base, const char *pattern,
			 unsigned depth);

/* Goes into a member's type, if there is something in it that is shown. */
static void walk_into(struct btf_parts *parts, const struct member *member, uint64_t at,
		      const char *pattern, unsigned depth)
{
	size_t before = parts->path.size;
	uint32_t id = member->type;
	struct btf_entry type;
	bool is_array = false;

	unsigned through = BTF_THROUGH_ARRAYS | (pattern ? BTF_THROUGH_TYPEDEFS : 0);
	if (!btf_resolve(parts->btf, &id, through, &is_array, &type) || !is_record(type.kind) ||
	    (!pattern && *type.name))
		return;
	buf_add_text(&parts->path, is_array ? "[]." : ".");
	walk_members(parts, id, at, pattern, depth + 1);
	parts->path.size = before;
}

/* Does the first name of the pattern fit? *rest is what follows its dot, or NULL. */
static bool fits(const char *pattern, const char *name, const char **rest)
{
	char word[BTF_NAME_MOST + 1];
	size_t n = strcspn(pattern, ".");

	*rest = pattern[n] ? pattern + n + 1 : NULL;
	if (n >= sizeof(word) || strnlen(name, sizeof(word)) == sizeof(word))
		return false;
	memcpy(word, pattern, n);
	word[n] = '\0';
	return fnmatch(word, name, 0) == 0;
}

static void walk_member(struct btf_parts *parts, const struct member *member, uint64_t base,
			const char *pattern, unsigned depth)
{
	struct btf_part part = {
		.kind = BTF_MEMBER,
		.bits_offset = base + member->bits_offset,
		.bitfield_bits = member->bitfield_bits,
	};
	size_t before = parts->path.size;
	const char *rest = NULL;

	if (!*member->name) {
		walk_members(parts, member->type, part.bits_offset, pattern, depth + 1);
		return;
	}
	if (pattern && !fits(pattern, member->name, &rest))
		return;
	add_name(&parts->path, member->name);
	if (!rest)
		call(parts, &part, member->type);
	if (!pattern || rest)
		walk_into(parts, member, part.bits_offset, rest, depth);
	parts->path.size = before;
}

/* @id: a record, or anything that has no members. */
static void walk_members(struct btf_parts *parts, uint32_t id, uint64_t base, const char *pattern,
			 unsigned depth)
{
	struct btf_entry type;

	if (!btf_resolve(parts->btf, &id, 0, NULL, &type) || !is_record(type.kind))
		return;
	if (depth > DEPTH_MOST)
		parts->is_over = true;
	for (uint32_t i = 0; i < type.vlen && !parts->is_over; i++) {
		struct member member = read_member(parts->btf, &type, i);

		if (!btf_budget_take(parts->budget, PART_STEPS))
			parts->is_over = true;
		else
			walk_member(parts, &member, base, pattern, depth);
	}
}

static void walk_enum(struct btf_parts *parts, const struct btf_entry *type, const char *pattern)
{
	size_t each = type->kind == KIND_ENUM64 ? 12 : 8;

	for (uint32_t i = 0; i < type->vlen; i++) {
		const unsigned char *tail = type->tail + i * each;
		struct btf_part part = { .kind = BTF_ENUMERATOR, .is_signed = type->kind_flag };
		const char *name = btf_string(parts->btf, btf_word(tail, 0));
		const char *rest;

		if (pattern && (!fits(pattern, name, &rest) || rest))
			continue;
		part.value = btf_word(tail, 4);
		if (type->kind == KIND_ENUM64)
			part.value |= (uint64_t)btf_word(tail, 8) << 32;
		else if (part.is_signed)
			part.value = (uint64_t)(int64_t)(int32_t)part.value;
		parts->path.size = 0;
		add_name(&parts->path, name);
		call(parts, &part, 0);
	}
}

static void walk_section(struct btf_parts *parts, const struct btf_entry *type, const char *pattern)
{
	for (uint32_t i = 0; i < type->vlen && !parts->is_over; i++) {
		const unsigned char *tail = type->tail + (size_t)i * 12;
		struct btf_part part = {
			.kind = BTF_VARIABLE,
			.bits_offset = (uint64_t)btf_word(tail, 4) * 8,
		};
		struct btf_entry variable;
		const char *rest;

		if (!btf_budget_take(parts->budget, PART_STEPS))
			parts->is_over = true;
		/* Functions of the kernel's that a program calls are there too. */
		if (!btf_type(parts->btf, btf_word(tail, 0), &variable) ||
		    (variable.kind != KIND_VAR && variable.kind != KIND_FUNC))
			continue;
		if (pattern && (!fits(pattern, variable.name, &rest) || rest))
			continue;
		parts->path.size = 0;
		add_name(&parts->path, variable.name);
		call(parts, &part, variable.size_or_type);
	}
}

static int walk(struct btf_parts *parts, uint32_t id, const char *pattern,
		struct inspect_error *err)
{
	struct btf_entry type;

	parts->path.size = 0;
	parts->is_over = false;
	if (!btf_type(parts->btf, id, &type))
		return 0;

	const char *name = type.name;
	uint32_t root = id;
	if (type.kind == KIND_TYPEDEF) {
		root = type.size_or_type;
		if (!btf_resolve(parts->btf, &root, pattern ? BTF_THROUGH_TYPEDEFS : 0, NULL,
				 &type) ||
		    (!pattern && *type.name))
			return 0;
	}
	if (is_record(type.kind))
		walk_members(parts, root, 0, pattern, 0);
	else if (is_enum(type.kind))
		walk_enum(parts, &type, pattern);
	else if (type.kind == KIND_DATASEC)
		walk_section(parts, &type, pattern);
	if (parts->is_over)
		return inspect_fail(err, E2BIG,
				    "type %u (%.128s): written out, it has too many parts", id,
				    name);
	if (buf_failed(&parts->path) || buf_failed(&parts->type))
		return inspect_fail(err, ENOMEM, "type %u (%.128s): read", id, name);
	return 0;
}

int btf_parts_all(struct btf_parts *parts, uint32_t id, btf_part_each *each, void *context,
		  struct inspect_error *err)
{
	parts->each = each;
	parts->context = context;
	return walk(parts, id, NULL, err);
}

int btf_parts_fit(struct btf_parts *parts, uint32_t id, const char *path, btf_part_each *each,
		  void *context, struct inspect_error *err)
{
	parts->each = each;
	parts->context = context;
	return walk(parts, id, path, err);
}

/* Linkage: of a variable behind its record, of a function in place of the number of elements. */
static bool is_global(const struct btf_entry *type)
{
	if (type->kind == KIND_VAR)
		return btf_word(type->tail, 0) != 0;
	return type->kind == KIND_FUNC && type->vlen != 0;
}

bool btf_head_read(const struct btf_reader *btf, uint32_t id, struct btf_head *out)
{
	struct btf_entry type;

	if (!btf_type(btf, id, &type))
		return false;
	*out = (struct btf_head){
		.kind = type.kind == KIND_ENUM64 ? KIND_ENUM : type.kind,
		.name = type.name,
		.is_global = is_global(&type),
	};
	if (type.kind == KIND_VAR)
		out->has_size = btf_size(btf, type.size_or_type, &out->size);
	else
		out->has_size = btf_size(btf, id, &out->size);
	return true;
}

/* How the bits of a number are to be read. */
static void add_encoding(struct buf *out, const struct btf_entry *type)
{
	char digits[NUM_ROOM];
	uint32_t word = btf_word(type->tail, 0), encoding = word >> 24 & 0xf;

	buf_add_text(out, encoding & 1 ? "signed " : "");
	buf_add_text(out, encoding & 2 ? "char " : "");
	buf_add_text(out, encoding & 4 ? "bool " : "");
	buf_add(out, digits, num_format_u64(digits, word & 0xff));
	buf_add_text(out, " bits");
}

void btf_head_text(struct buf *out, const struct btf_reader *btf, uint32_t id,
		   struct btf_budget *budget)
{
	struct btf_entry type;

	if (!btf_type(btf, id, &type))
		return;
	switch (type.kind) {
	case KIND_FUNC:
		btf_text_add(out, btf, id, type.name, budget);
		break;
	case KIND_VAR:
	case KIND_TYPEDEF:
		btf_text_add(out, btf, type.size_or_type, "", budget);
		break;
	case KIND_INT:
		add_encoding(out, &type);
		break;
	default:
		break;
	}
}

#define HASH_BEGIN 0xcbf29ce484222325u
#define HASH_TIMES 0x100000001b3u

static void hash(uint64_t *digest, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		*digest = (*digest ^ at[i]) * HASH_TIMES;
}

static void hash_text(uint64_t *digest, const char *text)
{
	hash(digest, text, strlen(text) + 1);
}

static void hash_part(void *context, const struct btf_part *part)
{
	/* A member's own size is its type's business: where it matters here, offsets and the whole size tell. */
	const uint64_t numbers[] = {
		part->bits_offset,
		part->bitfield_bits,
		part->value,
		part->kind,
	};

	hash_text(context, part->name);
	hash_text(context, part->type);
	hash(context, numbers, sizeof(numbers));
}

int btf_digest(struct btf_parts *parts, uint32_t id, uint64_t *out, struct inspect_error *err)
{
	struct btf_head head;
	struct btf_entry type;
	uint64_t digest = HASH_BEGIN;

	*out = 0;
	if (!btf_head_read(parts->btf, id, &head) || !btf_type(parts->btf, id, &type))
		return 0;
	const uint64_t numbers[] = { head.has_size ? head.size : ~0ull, head.is_global, head.kind };
	hash(&digest, numbers, sizeof(numbers));
	hash(&digest, head.name, strnlen(head.name, BTF_NAME_MOST));
	parts->type.size = 0;
	if (type.kind == KIND_FUNC)
		btf_text_add(&parts->type, parts->btf, type.size_or_type, "", parts->budget);
	else
		btf_head_text(&parts->type, parts->btf, id, parts->budget);
	hash_text(&digest, text_of(&parts->type));

	int r = btf_parts_all(parts, id, hash_part, &digest, err);
	*out = digest;
	return r;
}
