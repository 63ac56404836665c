/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_types.h - types as records
 */
#ifndef RECORDS_BTF_TYPES_H
#define RECORDS_BTF_TYPES_H

#include "btf/reader.h"

/* What there is of a type: members of struct type_record. */
enum type_record_has {
	TYPE_HAS_NAME = 1, /* or the form shows "(anon)" */
	TYPE_HAS_SIZE = 2,
	TYPE_HAS_INT = 4,
	TYPE_HAS_ENCODING = 8,
	TYPE_HAS_TYPE = 16,
	TYPE_HAS_ARRAY = 32,
	TYPE_HAS_RETURN = 64,
	TYPE_HAS_VLEN = 128,
	TYPE_HAS_MEMBERS = 256,
	TYPE_HAS_VALUES = 512,
	TYPE_HAS_PARAMS = 1024,
	TYPE_HAS_VARS = 2048,
	TYPE_HAS_FWD_KIND = 4096,
	TYPE_HAS_LINKAGE = 8192,
	TYPE_HAS_COMPONENT = 16384,
};

/* The elements of a type. */
struct type_elements {
	const struct btf_reader *btf;
	struct btf_entry type;
};

/* A type, for its field table. Everything is borrowed from the reader. */
struct type_record {
	unsigned have;
	unsigned id;
	unsigned kind;
	const char *name;
	const char *encoding;
	const char *fwd_kind;
	const char *linkage;
	unsigned size;
	unsigned bits_offset;
	unsigned nr_bits;
	unsigned type_id;
	unsigned index_type_id;
	unsigned nr_elems;
	unsigned ret_type_id;
	unsigned vlen;
	int component_idx;
	struct type_elements elements;
};

/* False where there is no such type. */
bool type_record_read(const struct btf_reader *btf, uint32_t id, struct type_record *out);

#endif
