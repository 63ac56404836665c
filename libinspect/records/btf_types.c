/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_types.c - types as records
 */
#include "records/btf_types.h"

#include "btf/raw.h"
#include "records/print.h"

static unsigned read_int(const struct btf_entry *type, struct type_record *out)
{
	uint32_t word = btf_word(type->tail, 0);

	out->size = type->size_or_type;
	out->bits_offset = BTF_INT_OFFSET(word);
	out->nr_bits = BTF_INT_BITS(word);
	out->encoding = btf_int_encoding(BTF_INT_ENCODING(word));
	return TYPE_HAS_SIZE | TYPE_HAS_INT | TYPE_HAS_ENCODING;
}

static unsigned read_array(const struct btf_entry *type, struct type_record *out)
{
	out->type_id = btf_word(type->tail, 0);
	out->index_type_id = btf_word(type->tail, 4);
	out->nr_elems = btf_word(type->tail, 8);
	return TYPE_HAS_TYPE | TYPE_HAS_ARRAY;
}

static unsigned read_sized(const struct btf_entry *type, struct type_record *out)
{
	out->size = type->size_or_type;
	out->vlen = type->vlen;
	return TYPE_HAS_SIZE | TYPE_HAS_VLEN;
}

static unsigned read_enum(const struct btf_entry *type, struct type_record *out)
{
	out->encoding = type->kind_flag ? "SIGNED" : "UNSIGNED";
	return TYPE_HAS_VALUES | TYPE_HAS_ENCODING | read_sized(type, out);
}

static unsigned read_type_id(const struct btf_entry *type, struct type_record *out)
{
	out->type_id = type->size_or_type;
	return TYPE_HAS_TYPE;
}

static unsigned read_linkage(const struct btf_entry *type, uint32_t linkage,
			     struct type_record *out)
{
	out->linkage = btf_linkage(linkage);
	return TYPE_HAS_LINKAGE | read_type_id(type, out);
}

static unsigned read_facts(const struct btf_entry *type, struct type_record *out)
{
	switch (type->kind) {
	case KIND_INT:
		return read_int(type, out);
	case KIND_ARRAY:
		return read_array(type, out);
	case KIND_STRUCT:
	case KIND_UNION:
		return TYPE_HAS_MEMBERS | read_sized(type, out);
	case KIND_ENUM:
	case KIND_ENUM64:
		return read_enum(type, out);
	case KIND_FWD:
		out->fwd_kind = type->kind_flag ? "union" : "struct";
		return TYPE_HAS_FWD_KIND;
	case KIND_FUNC_PROTO:
		out->ret_type_id = type->size_or_type;
		out->vlen = type->vlen;
		return TYPE_HAS_RETURN | TYPE_HAS_VLEN | TYPE_HAS_PARAMS;
	case KIND_DATASEC:
		return TYPE_HAS_VARS | read_sized(type, out);
	case KIND_FLOAT:
		out->size = type->size_or_type;
		return TYPE_HAS_SIZE;
	case KIND_FUNC:
		return read_linkage(type, type->vlen, out);
	case KIND_VAR:
		return read_linkage(type, btf_word(type->tail, 0), out);
	case KIND_DECL_TAG:
		out->component_idx = (int)btf_word(type->tail, 0);
		return TYPE_HAS_COMPONENT | read_type_id(type, out);
	case KIND_PTR:
	case KIND_TYPEDEF:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_TYPE_TAG:
		return read_type_id(type, out);
	default:
		return 0;
	}
}

bool type_record_read(const struct btf_reader *btf, uint32_t id, struct type_record *out)
{
	struct btf_entry type;

	if (!btf_type(btf, id, &type))
		return false;
	uint32_t name = id ? btf_name_offset(&type) : 0;
	*out = (struct type_record){
		.id = id,
		.kind = type.kind,
		.name = btf_raw_name(btf, name),
		.elements = { btf, type },
	};
	out->have = read_facts(&type, out) | (name ? TYPE_HAS_NAME : 0);
	return true;
}

static void put_kind(struct sink *sink, const char *key, const void *member)
{
	uint32_t kind = *(const unsigned *)member;
	const char *name = btf_kind_name(kind);

	if (name)
		sink_string(sink, key, name);
	else if (!kind)
		sink_string(sink, key, sink_is_compatible(sink) ? "UNKNOWN" : "VOID");
	else if (sink_is_compatible(sink) || sink_is_columns(sink))
		sink_u64(sink, key, kind);
}

/* bpftool's JSON has words where there is no name, the strict form nothing. */
static void put_element_name(struct sink *sink, const struct btf_reader *btf, uint32_t offset)
{
	if (offset || sink_is_compatible(sink))
		sink_string(sink, "name", btf_raw_name(btf, offset));
}

static void put_members(struct sink *sink, const char *key, const void *member)
{
	const struct type_elements *of = member;

	sink_open_list(sink, key);
	for (uint32_t i = 0; i < of->type.vlen; i++) {
		struct btf_member one = btf_member_at(&of->type, i);

		sink_open_record(sink, NULL);
		put_element_name(sink, of->btf, one.name);
		sink_u64(sink, "type_id", one.type_id);
		sink_u64(sink, "bits_offset", one.bits_offset);
		if (one.bitfield_size)
			sink_u64(sink, "bitfield_size", one.bitfield_size);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_values(struct sink *sink, const char *key, const void *member)
{
	const struct type_elements *of = member;

	sink_open_list(sink, key);
	for (uint32_t i = 0; i < of->type.vlen; i++) {
		struct btf_enumerator one = btf_enumerator_at(&of->type, i);

		sink_open_record(sink, NULL);
		put_element_name(sink, of->btf, one.name);
		if (of->type.kind_flag)
			sink_s64(sink, "val", (int64_t)one.value);
		else
			sink_u64(sink, "val", one.value);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_params(struct sink *sink, const char *key, const void *member)
{
	const struct type_elements *of = member;

	sink_open_list(sink, key);
	for (uint32_t i = 0; i < of->type.vlen; i++) {
		const unsigned char *at = of->type.tail + (size_t)i * 8;

		sink_open_record(sink, NULL);
		put_element_name(sink, of->btf, btf_word(at, 0));
		sink_u64(sink, "type_id", btf_word(at, 4));
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_vars(struct sink *sink, const char *key, const void *member)
{
	const struct type_elements *of = member;

	sink_open_list(sink, key);
	for (uint32_t i = 0; i < of->type.vlen; i++) {
		const unsigned char *at = of->type.tail + (size_t)i * 12;
		struct btf_entry type;

		sink_open_record(sink, NULL);
		sink_u64(sink, "type_id", btf_word(at, 0));
		sink_u64(sink, "offset", btf_word(at, 4));
		sink_u64(sink, "size", btf_word(at, 8));
		if (!sink_is_compatible(sink) && btf_type(of->btf, btf_word(at, 0), &type) &&
		    type.name[0])
			sink_string(sink, "name", type.name);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_component(struct sink *sink, const char *key, const void *member)
{
	sink_s64(sink, key, *(const int *)member);
}

#define T struct type_record

/* The order is bpftool's, who has the encoding of an enum elsewhere than that of a number. */
static const struct field type_fields[] = {
	FIELD(T, id, "id", "type id"),
	FIELD_AS(FIELD_OWN, 0, T, kind, "kind",
		 "its kind; left out where this build does not know it", .own = put_kind,
		 .shape = "text?"),
	FIELD(T, kind, "kind_id", "its kind, the kernel's number", .flags = FIELD_STRICT),
	FIELD(T, name, "name", "name; (anon) where there is none", .flags = FIELD_COMPATIBLE),
	FIELD_IF(TYPE_HAS_NAME, T, name, "name", "name; left out where there is none",
		 .flags = FIELD_STRICT),
	FIELD_IF(TYPE_HAS_VALUES, T, encoding, "encoding", "enums: SIGNED or UNSIGNED",
		 .flags = FIELD_COMPATIBLE),
	FIELD_IF(TYPE_HAS_SIZE, T, size, "size", "bytes"),
	FIELD_IF(TYPE_HAS_INT, T, bits_offset, "bits_offset", "whole numbers: bits before it"),
	FIELD_IF(TYPE_HAS_INT, T, nr_bits, "nr_bits", "whole numbers: how many bits of it count"),
	FIELD_IF(TYPE_HAS_ENCODING, T, encoding, "encoding",
		 "whole numbers: (none), SIGNED, CHAR, BOOL, UNKN; enums: SIGNED, UNSIGNED",
		 .compatible_has = TYPE_HAS_INT),
	FIELD_IF(TYPE_HAS_TYPE, T, type_id, "type_id", "the type it refers to; 0 is void"),
	FIELD_IF(TYPE_HAS_ARRAY, T, index_type_id, "index_type_id", "arrays: type of an index"),
	FIELD_IF(TYPE_HAS_ARRAY, T, nr_elems, "nr_elems", "arrays: number of elements"),
	FIELD_IF(TYPE_HAS_RETURN, T, ret_type_id, "ret_type_id",
		 "prototypes: the type that is returned"),
	FIELD_IF(TYPE_HAS_VLEN, T, vlen, "vlen", "number of elements in one of the following"),
	FIELD_AS(FIELD_OWN, TYPE_HAS_MEMBERS, T, elements, "members", "structs and unions",
		 .own = put_members,
		 .shape = "[{name?:text,type_id:u32,bits_offset:u32,bitfield_size?:u32}]",
		 .flags = FIELD_DOCUMENT),
	FIELD_AS(FIELD_OWN, TYPE_HAS_VALUES, T, elements, "values", "enums: their enumerators",
		 .own = put_values, .shape = "[{name?:text,val:any}]", .flags = FIELD_DOCUMENT),
	FIELD_AS(FIELD_OWN, TYPE_HAS_PARAMS, T, elements, "params",
		 "prototypes: parameters; one of type 0 at the end stands for any more",
		 .own = put_params, .shape = "[{name?:text,type_id:u32}]", .flags = FIELD_DOCUMENT),
	FIELD_AS(FIELD_OWN, TYPE_HAS_VARS, T, elements, "vars", "sections: what lies in them",
		 .own = put_vars, .shape = "[{type_id:u32,offset:u32,size:u32,name?:text}]",
		 .flags = FIELD_DOCUMENT),
	FIELD_IF(TYPE_HAS_FWD_KIND, T, fwd_kind, "fwd_kind", "declarations: struct or union"),
	FIELD_IF(TYPE_HAS_LINKAGE, T, linkage, "linkage",
		 "functions and variables: static, global, extern, (unknown)"),
	FIELD_AS(FIELD_OWN, TYPE_HAS_COMPONENT, T, component_idx, "component_idx",
		 "tags: which member or parameter; -1 is the type itself", .own = put_component,
		 .shape = "s64"),
};

static void type_plain(struct out *out, const void *record)
{
	const struct type_record *type = record;

	btf_raw(out, type->elements.btf, type->id);
}

const struct schema btf_type_schema = {
	.name = "type",
	.fields = type_fields,
	.n = sizeof(type_fields) / sizeof(*type_fields),
	.columns = "id,kind,name,size,vlen,type_id",
	.plain = type_plain,
	.have_at = offsetof(struct type_record, have),
	.failed_at = -1,
	.id_at = offsetof(struct type_record, id),
};
