/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * raw.c - types as text, one by one
 *
 * The layout is bpftool's, to the byte. A vmlinux has half a million of these lines: nothing here
 * allocates or goes through a format.
 */
#include "btf/raw.h"

#include "base/num.h"

static const char *const kind_names[KINDS] = {
	[KIND_INT] = "INT",
	[KIND_PTR] = "PTR",
	[KIND_ARRAY] = "ARRAY",
	[KIND_STRUCT] = "STRUCT",
	[KIND_UNION] = "UNION",
	[KIND_ENUM] = "ENUM",
	[KIND_FWD] = "FWD",
	[KIND_TYPEDEF] = "TYPEDEF",
	[KIND_VOLATILE] = "VOLATILE",
	[KIND_CONST] = "CONST",
	[KIND_RESTRICT] = "RESTRICT",
	[KIND_FUNC] = "FUNC",
	[KIND_FUNC_PROTO] = "FUNC_PROTO",
	[KIND_VAR] = "VAR",
	[KIND_DATASEC] = "DATASEC",
	[KIND_FLOAT] = "FLOAT",
	[KIND_DECL_TAG] = "DECL_TAG",
	[KIND_TYPE_TAG] = "TYPE_TAG",
	[KIND_ENUM64] = "ENUM64",
};

const char *btf_kind_name(uint32_t kind)
{
	return kind < KINDS ? kind_names[kind] : NULL;
}

const char *btf_raw_name(const struct btf_reader *btf, uint32_t offset)
{
	const char *name = offset ? btf_string(btf, offset) : "(anon)";

	return name ? name : "(invalid)";
}

const char *btf_int_encoding(uint32_t encoding)
{
	switch (encoding) {
	case 0:
		return "(none)";
	case 1:
		return "SIGNED";
	case 2:
		return "CHAR";
	case 4:
		return "BOOL";
	default:
		return "UNKN";
	}
}

const char *btf_linkage(uint32_t linkage)
{
	static const char *const words[] = { "static", "global", "extern" };

	return linkage < sizeof(words) / sizeof(*words) ? words[linkage] : "(unknown)";
}

struct btf_member btf_member_at(const struct btf_entry *type, uint32_t index)
{
	const unsigned char *at = type->tail + (size_t)index * 12;
	uint32_t where = btf_word(at, 8);

	return (struct btf_member){
		.name = btf_word(at, 0),
		.type_id = btf_word(at, 4),
		.bits_offset = type->kind_flag ? where & 0xffffff : where,
		.bitfield_size = type->kind_flag ? where >> 24 : 0,
	};
}

struct btf_enumerator btf_enumerator_at(const struct btf_entry *type, uint32_t index)
{
	bool is_wide = type->kind == KIND_ENUM64;
	const unsigned char *at = type->tail + (size_t)index * (is_wide ? 12 : 8);
	uint64_t value = btf_word(at, 4);

	if (is_wide)
		value |= (uint64_t)btf_word(at, 8) << 32;
	else if (type->kind_flag)
		value = (uint64_t)(int64_t)(int32_t)value;
	return (struct btf_enumerator){ .name = btf_word(at, 0), .value = value };
}

static void put_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

static void put_number(struct out *out, uint64_t value)
{
	out_advance(out, num_format_u64(out_reserve(out, NUM_ROOM), value));
}

static void put_signed(struct out *out, int64_t value)
{
	out_advance(out, num_format_s64(out_reserve(out, NUM_ROOM), value));
}

/* " size=4": the text ends in what stands before the number. */
#define put_pair(out, text, value)                                                                 \
	do {                                                                                       \
		out_literal(out, text);                                                            \
		put_number(out, value);                                                            \
	} while (0)

static void put_name(struct out *out, const struct btf_reader *btf, uint32_t offset)
{
	const char *name = btf_raw_name(btf, offset);

	out_char(out, '\'');
	out_safe(out, name, strlen(name));
	out_char(out, '\'');
}

static void put_kind(struct out *out, uint32_t kind)
{
	const char *name = btf_kind_name(kind);

	if (name) {
		put_text(out, name);
		return;
	}
	out_literal(out, "UNKNOWN");
	if (kind) {
		put_pair(out, "(kind ", kind);
		out_char(out, ')');
	}
}

static void put_sizes(struct out *out, const struct btf_entry *type)
{
	put_pair(out, " size=", type->size_or_type);
	put_pair(out, " vlen=", type->vlen);
}

static void put_int(struct out *out, const struct btf_entry *type)
{
	uint32_t word = btf_word(type->tail, 0);

	put_pair(out, " size=", type->size_or_type);
	put_pair(out, " bits_offset=", BTF_INT_OFFSET(word));
	put_pair(out, " nr_bits=", BTF_INT_BITS(word));
	out_literal(out, " encoding=");
	put_text(out, btf_int_encoding(BTF_INT_ENCODING(word)));
}

static void put_array(struct out *out, const struct btf_entry *type)
{
	put_pair(out, " type_id=", btf_word(type->tail, 0));
	put_pair(out, " index_type_id=", btf_word(type->tail, 4));
	put_pair(out, " nr_elems=", btf_word(type->tail, 8));
}

static void put_members(struct out *out, const struct btf_reader *btf, const struct btf_entry *type)
{
	put_sizes(out, type);
	for (uint32_t i = 0; i < type->vlen; i++) {
		struct btf_member member = btf_member_at(type, i);

		out_literal(out, "\n\t");
		put_name(out, btf, member.name);
		put_pair(out, " type_id=", member.type_id);
		put_pair(out, " bits_offset=", member.bits_offset);
		if (member.bitfield_size)
			put_pair(out, " bitfield_size=", member.bitfield_size);
	}
}

static void put_enumerators(struct out *out, const struct btf_reader *btf,
			    const struct btf_entry *type)
{
	out_literal(out, " encoding=");
	put_text(out, type->kind_flag ? "SIGNED" : "UNSIGNED");
	put_sizes(out, type);
	for (uint32_t i = 0; i < type->vlen; i++) {
		struct btf_enumerator one = btf_enumerator_at(type, i);

		out_literal(out, "\n\t");
		put_name(out, btf, one.name);
		out_literal(out, " val=");
		if (type->kind_flag)
			put_signed(out, (int64_t)one.value);
		else
			put_number(out, one.value);
		if (type->kind == KIND_ENUM64)
			put_text(out, type->kind_flag ? "LL" : "ULL");
	}
}

static void put_params(struct out *out, const struct btf_reader *btf, const struct btf_entry *type)
{
	put_pair(out, " ret_type_id=", type->size_or_type);
	put_pair(out, " vlen=", type->vlen);
	for (uint32_t i = 0; i < type->vlen; i++) {
		out_literal(out, "\n\t");
		put_name(out, btf, btf_word(type->tail, (size_t)i * 8));
		put_pair(out, " type_id=", btf_word(type->tail, (size_t)i * 8 + 4));
	}
}

static void put_variables(struct out *out, const struct btf_reader *btf,
			  const struct btf_entry *type)
{
	put_sizes(out, type);
	for (uint32_t i = 0; i < type->vlen; i++) {
		const unsigned char *at = type->tail + (size_t)i * 12;
		struct btf_entry variable = { 0 };
		bool is_there = btf_type(btf, btf_word(at, 0), &variable);

		put_pair(out, "\n\ttype_id=", btf_word(at, 0));
		put_pair(out, " offset=", btf_word(at, 4));
		put_pair(out, " size=", btf_word(at, 8));
		out_literal(out, " (");
		put_kind(out, variable.kind);
		out_char(out, ' ');
		if (!is_there)
			out_literal(out, "'(invalid)'");
		else
			put_name(out, btf, variable.kind ? btf_name_offset(&variable) : 0);
		out_char(out, ')');
	}
}

static void put_linkage(struct out *out, const char *before, uint32_t linkage)
{
	put_text(out, before);
	put_text(out, btf_linkage(linkage));
}

/* What follows kind and name. */
static void put_facts(struct out *out, const struct btf_reader *btf, const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_INT:
		put_int(out, type);
		break;
	case KIND_ARRAY:
		put_array(out, type);
		break;
	case KIND_STRUCT:
	case KIND_UNION:
		put_members(out, btf, type);
		break;
	case KIND_ENUM:
	case KIND_ENUM64:
		put_enumerators(out, btf, type);
		break;
	case KIND_FWD:
		out_literal(out, " fwd_kind=");
		put_text(out, type->kind_flag ? "union" : "struct");
		break;
	case KIND_FUNC_PROTO:
		put_params(out, btf, type);
		break;
	case KIND_DATASEC:
		put_variables(out, btf, type);
		break;
	case KIND_FLOAT:
		put_pair(out, " size=", type->size_or_type);
		break;
	case KIND_FUNC:
		put_pair(out, " type_id=", type->size_or_type);
		put_linkage(out, " linkage=", type->vlen);
		break;
	case KIND_VAR:
		put_pair(out, " type_id=", type->size_or_type);
		put_linkage(out, ", linkage=", btf_word(type->tail, 0));
		break;
	case KIND_DECL_TAG:
		put_pair(out, " type_id=", type->size_or_type);
		out_literal(out, " component_idx=");
		put_signed(out, (int32_t)btf_word(type->tail, 0));
		break;
	case KIND_PTR:
	case KIND_TYPEDEF:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_TYPE_TAG:
		put_pair(out, " type_id=", type->size_or_type);
		break;
	default: /* void, and what newer kernels have */
		break;
	}
}

void btf_raw(struct out *out, const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry type = { 0 };
	bool is_there = btf_type(btf, id, &type);

	put_pair(out, "[", id);
	out_literal(out, "] ");
	put_kind(out, type.kind);
	out_char(out, ' ');
	put_name(out, btf, is_there && type.kind ? btf_name_offset(&type) : 0);
	put_facts(out, btf, &type);
	out_char(out, '\n');
}
