/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * proto.c - a function of BTF as one line of text
 *
 * Types are not believed: what refers to itself ends at a depth, and what branches at a length.
 */
#include "code/proto.h"

#include "base/num.h"

#define DEPTH_MOST 32

static bool add_type(const struct btf_reader *btf, uint32_t id, struct buf *out, unsigned depth);

static bool add_word(struct buf *out, const char *prefix, const char *name)
{
	buf_add_text(out, prefix);
	buf_add_text(out, name);
	buf_add_char(out, ' ');
	return true;
}

static bool add_prefixed(const struct btf_reader *btf, const char *prefix, uint32_t id,
			 struct buf *out, unsigned depth)
{
	buf_add_text(out, prefix);
	return add_type(btf, id, out, depth + 1);
}

static bool add_pointer(const struct btf_reader *btf, uint32_t id, struct buf *out, unsigned depth)
{
	bool is_known = add_type(btf, id, out, depth + 1);

	buf_add_text(out, "* ");
	return is_known;
}

static bool add_array(const struct btf_reader *btf, const struct btf_entry *type, struct buf *out,
		      unsigned depth)
{
	char digits[NUM_ROOM];

	if (type->tail_size < 12 || !add_type(btf, btf_word(type->tail, 0), out, depth + 1))
		return false;
	buf_add_char(out, '[');
	buf_add(out, digits, num_format_u64(digits, btf_word(type->tail, 8)));
	buf_add_char(out, ']');
	return true;
}

/* A parameter of no name and no type stands for those that are not declared. */
static bool add_parameter(const struct btf_reader *btf, const unsigned char *at, struct buf *out,
			  unsigned depth)
{
	const char *name = btf_string(btf, btf_word(at, 0));
	uint32_t type = btf_word(at, 4);
	bool has_name = name && *name;

	if (!has_name && !type) {
		buf_add_text(out, "...");
		return true;
	}
	if (!add_type(btf, type, out, depth + 1))
		return false;
	if (has_name)
		buf_add_text(out, name);
	else if (out->size && out->bytes[out->size - 1] == ' ')
		out->size--;
	return true;
}

static bool add_proto(const struct btf_reader *btf, const struct btf_entry *proto, const char *name,
		      struct buf *out, unsigned depth)
{
	if (proto->tail_size / 8 < proto->vlen ||
	    !add_type(btf, proto->size_or_type, out, depth + 1))
		return false;
	buf_add_text(out, name);
	buf_add_char(out, '(');
	for (uint32_t i = 0; i < proto->vlen; i++) {
		if (i)
			buf_add_text(out, ", ");
		if (!add_parameter(btf, proto->tail + 8 * (size_t)i, out, depth))
			return false;
	}
	buf_add_char(out, ')');
	return true;
}

/* Adds a type; false where it is none, or where there has been enough. */
static bool add_type(const struct btf_reader *btf, uint32_t id, struct buf *out, unsigned depth)
{
	struct btf_entry type;

	if (depth > DEPTH_MOST || out->size > PROTO_MOST || buf_failed(out))
		return false;
	if (!id)
		return add_word(out, "void", "");
	if (!btf_type(btf, id, &type))
		return false;
	switch (type.kind) {
	case KIND_INT:
	case KIND_FLOAT:
	case KIND_TYPEDEF:
		return add_word(out, "", type.name);
	case KIND_STRUCT:
		return add_word(out, "struct ", type.name);
	case KIND_UNION:
		return add_word(out, "union ", type.name);
	case KIND_ENUM:
	case KIND_ENUM64:
		return add_word(out, "enum ", type.name);
	case KIND_FWD:
		return add_word(out, type.kind_flag ? "union " : "struct ", type.name);
	case KIND_PTR:
		return add_pointer(btf, type.size_or_type, out, depth);
	case KIND_ARRAY:
		return add_array(btf, &type, out, depth);
	case KIND_CONST:
		return add_prefixed(btf, "const ", type.size_or_type, out, depth);
	case KIND_VOLATILE:
		return add_prefixed(btf, "volatile ", type.size_or_type, out, depth);
	case KIND_RESTRICT:
		return add_prefixed(btf, "restrict ", type.size_or_type, out, depth);
	case KIND_TYPE_TAG:
		return add_prefixed(btf, "", type.size_or_type, out, depth);
	case KIND_FUNC_PROTO:
		return add_proto(btf, &type, "", out, depth);
	default:
		return false;
	}
}

bool proto_format(const struct btf_reader *btf, uint32_t func_id, struct buf *out)
{
	struct btf_entry func, proto;

	out->size = 0;
	bool is_whole = btf_type(btf, func_id, &func) && func.kind == KIND_FUNC &&
			btf_type(btf, func.size_or_type, &proto) && proto.kind == KIND_FUNC_PROTO &&
			add_proto(btf, &proto, func.name, out, 0) && out->size <= PROTO_MOST;
	if (!is_whole)
		out->size = 0;
	buf_add_char(out, '\0');
	return is_whole && !buf_failed(out);
}
