/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * raw.h - types as text, one by one
 */
#ifndef BTF_RAW_H
#define BTF_RAW_H

#include "btf/reader.h"
#include "out/out.h"

/* "STRUCT"; NULL for void and for what this build does not know. */
const char *btf_kind_name(uint32_t kind);

/* The name as the raw form has it: "(anon)" where the type or the element has none. */
const char *btf_raw_name(const struct btf_reader *btf, uint32_t offset);

/* Offset of a type's name. */
static inline uint32_t btf_name_offset(const struct btf_entry *type)
{
	return btf_word(type->tail - 12, 0);
}

/* Words for numbers of a type; never NULL. */
const char *btf_int_encoding(uint32_t encoding);
const char *btf_linkage(uint32_t linkage);

/* The words of an INT's tail, and of a member. */
#define BTF_INT_ENCODING(word) ((word) >> 24 & 0xf)
#define BTF_INT_OFFSET(word) ((word) >> 16 & 0xff)
#define BTF_INT_BITS(word) ((word)&0xff)

/* A member of a structure or a union. */
struct btf_member {
	uint32_t name; /* offset */
	uint32_t type_id;
	uint32_t bits_offset;
	uint32_t bitfield_size; /* 0: it is no bit-field */
};

struct btf_member btf_member_at(const struct btf_entry *type, uint32_t index);

/* An enumerator of either size; is it signed? That says the type's kind_flag. */
struct btf_enumerator {
	uint32_t name; /* offset */
	uint64_t value;
};

struct btf_enumerator btf_enumerator_at(const struct btf_entry *type, uint32_t index);

/* Writes a type and its elements, a line each, as bpftool does. It needs not be there. */
void btf_raw(struct out *out, const struct btf_reader *btf, uint32_t id);

#endif
