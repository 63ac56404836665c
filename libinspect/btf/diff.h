/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * diff.h - which types of two blobs differ, and in what
 *
 * Types are the same where kind and name are, whatever their ids. What has no name is compared only as a part
 * of what has one. Of split BTF its own types are compared, which may refer to the base's.
 */
#ifndef BTF_DIFF_H
#define BTF_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/parts.h"
#include "btf/reader.h"

/* A part that is in one of the two alone, or in both and not the same; NULL where it is not. */
struct btf_part_change {
	const struct btf_part *old;
	const struct btf_part *new;
};

/* One side of a difference. */
struct btf_side {
	uint32_t id;	  /* 0: the type is not there */
	const char *text; /* see btf_head_text() */
	struct btf_head head;
};

/* Valid during the call. Changes are those of the old parts, in their order, then the new ones. */
struct btf_difference {
	const char *name;
	uint32_t kind;
	struct btf_side old;
	struct btf_side new;
	const struct btf_part_change *changes; /* of a type that is on both sides */
	size_t n;
};

typedef void btf_diff_each(void *context, const struct btf_difference *difference);

struct btf_diff_counts {
	uint32_t added;
	uint32_t removed;
	uint32_t changed;
	uint32_t same;
};

/*
 * Calls @each for types that differ, by name. Where several types share kind and name, those of the same structure
 * are taken as pairs first, the others by the order of their ids. @glob: names that it does not fit are left out;
 * or NULL. Forward declarations, pointers, tags and the like are not compared.
 *
 * Memory: 32 bytes for each named type. Returns 0, -E2BIG (see btf_parts_all()) or -ENOMEM.
 */
int btf_diff(const struct btf_reader *old, const struct btf_reader *new, const char *glob,
	     btf_diff_each *each, void *context, struct btf_diff_counts *counts,
	     struct inspect_error *err);

#endif
