/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * member.h - where the members of the kernel's structs are
 */
#ifndef VALUE_MEMBER_H
#define VALUE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/reader.h"

struct member {
	const char *name; /* "" where it has none; lies in the blob */
	uint32_t type_id;
	size_t offset; /* bytes */
};

/* The member of a struct or union at @index; false where there is none. */
bool member_at(const struct btf_reader *btf, const struct btf_entry *type, uint32_t index,
	       struct member *out);

/* The one of that name, which is no member of a member. */
bool member_find(const struct btf_reader *btf, const struct btf_entry *type, const char *name,
		 struct member *out);

#endif
