/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * member.c - where the members of the kernel's structs are
 */
#include "value/member.h"

#include <string.h>

#define MEMBER_BYTES 12 /* its name, type and place */
#define PLACE_BITS 0xffffffu

bool member_at(const struct btf_reader *btf, const struct btf_entry *type, uint32_t index,
	       struct member *out)
{
	size_t at = (size_t)index * MEMBER_BYTES;

	if ((type->kind != KIND_STRUCT && type->kind != KIND_UNION) ||
	    at + MEMBER_BYTES > type->tail_size)
		return false;
	out->name = btf_string(btf, btf_word(type->tail, at));
	out->type_id = btf_word(type->tail, at + 4);
	out->offset = (btf_word(type->tail, at + 8) & PLACE_BITS) / 8;
	return out->name;
}

bool member_find(const struct btf_reader *btf, const struct btf_entry *type, const char *name,
		 struct member *out)
{
	for (uint32_t i = 0; i < type->vlen; i++)
		if (member_at(btf, type, i, out) && strcmp(out->name, name) == 0)
			return true;
	return false;
}
