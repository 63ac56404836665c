/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * type_name.c - a type in a few words, and how large it is
 *
 * Chains of types may be endless: they are followed for a number of steps.
 */
#include "btf/type_name.h"

#include "base/num.h"

#define STEPS_MOST 32

static bool is_transparent(uint32_t kind)
{
	return kind == KIND_TYPEDEF || kind == KIND_VOLATILE || kind == KIND_CONST ||
	       kind == KIND_RESTRICT || kind == KIND_TYPE_TAG;
}

bool btf_resolve(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	for (unsigned i = 0; i < STEPS_MOST && btf_type(btf, id, out); i++) {
		if (!is_transparent(out->kind))
			return true;
		id = out->size_or_type;
	}
	return false;
}

bool btf_size(const struct btf_reader *btf, uint32_t id, uint32_t *out)
{
	uint64_t n = 1;

	for (unsigned i = 0; i < STEPS_MOST; i++) {
		struct btf_entry type;

		if (!btf_resolve(btf, id, &type))
			return false;
		if (type.kind == KIND_ARRAY) {
			n *= btf_word(type.tail, 8);
			id = btf_word(type.tail, 0);
		} else if (type.kind == KIND_PTR) {
			n *= 8;
		} else if (type.kind == KIND_INT || type.kind == KIND_STRUCT ||
			   type.kind == KIND_UNION || type.kind == KIND_ENUM ||
			   type.kind == KIND_ENUM64 || type.kind == KIND_FLOAT) {
			n *= type.size_or_type;
		} else {
			return false;
		}
		if (n > UINT32_MAX)
			return false;
		*out = (uint32_t)n;
		if (type.kind != KIND_ARRAY)
			return true;
	}
	return false;
}

static const char *tag_of(const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_STRUCT:
		return "struct ";
	case KIND_UNION:
		return "union ";
	case KIND_ENUM:
	case KIND_ENUM64:
		return "enum ";
	case KIND_FWD:
		return type->kind_flag ? "union " : "struct ";
	default:
		return "";
	}
}

/* What stands behind the name, written before it is known: pointers, bounds of arrays. */
struct suffix {
	char text[96];
	size_t size;
};

static void put_front(struct suffix *suffix, const char *text, size_t size)
{
	if (size > sizeof(suffix->text) - suffix->size)
		return;
	memmove(suffix->text + size, suffix->text, suffix->size);
	memcpy(suffix->text, text, size);
	suffix->size += size;
}

static void put_back(struct suffix *suffix, const char *text, size_t size)
{
	if (size > sizeof(suffix->text) - suffix->size)
		return;
	memcpy(suffix->text + suffix->size, text, size);
	suffix->size += size;
}

static void put_bounds(struct suffix *suffix, uint32_t n)
{
	char text[NUM_ROOM + 2] = "[";
	size_t size = 1 + num_format_u64(text + 1, n);

	text[size++] = ']';
	put_back(suffix, text, size);
}

static void add_named(const struct btf_entry *type, struct buf *out)
{
	buf_add_text(out, tag_of(type));
	if (type->kind == KIND_FUNC_PROTO)
		buf_add_text(out, "function");
	else
		buf_add_text(out, *type->name ? type->name : "{...}");
}

static bool has_own_name(const struct btf_entry *type)
{
	return (type->kind == KIND_TYPEDEF && *type->name) ||
	       (!is_transparent(type->kind) && type->kind != KIND_PTR && type->kind != KIND_ARRAY);
}

void btf_add_type_name(const struct btf_reader *btf, uint32_t id, struct buf *out)
{
	struct suffix suffix = { .size = 0 };

	for (unsigned i = 0; i < STEPS_MOST; i++) {
		struct btf_entry type;

		if (!btf_type(btf, id, &type)) {
			buf_add_text(out, "?");
			return;
		}
		if (type.kind == KIND_VOID || has_own_name(&type)) {
			if (type.kind == KIND_VOID)
				buf_add_text(out, "void");
			else
				add_named(&type, out);
			if (suffix.size && suffix.text[0] == '*')
				buf_add_char(out, ' ');
			buf_add(out, suffix.text, suffix.size);
			return;
		}
		if (type.kind == KIND_CONST || type.kind == KIND_VOLATILE)
			buf_add_text(out, type.kind == KIND_CONST ? "const " : "volatile ");
		if (type.kind == KIND_PTR)
			put_front(&suffix, "*", 1);
		if (type.kind == KIND_ARRAY)
			put_bounds(&suffix, btf_word(type.tail, 8));
		id = type.kind == KIND_ARRAY ? btf_word(type.tail, 0) : type.size_or_type;
	}
	buf_add_text(out, "?");
}
