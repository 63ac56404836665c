/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * index.h - the named types of a blob by name, kind and id
 */
#ifndef BTF_INDEX_H
#define BTF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/reader.h"

struct btf_index_entry {
	const char *name; /* as the blob has it */
	uint32_t kind;	  /* an enum of 64 bits is KIND_ENUM */
	uint32_t id;
	uint64_t digest; /* 0; for the user */
};

struct btf_index {
	struct btf_index_entry *entries;
	size_t n;
};

/*
 * Sorts the blob's own types, without its base's, that are of kinds which declare something: numbers, structs,
 * unions, enums, typedefs, functions, variables and sections. @glob: only those whose name fits; or NULL.
 * 0 or -ENOMEM.
 */
int btf_index_init(struct btf_index *index, const struct btf_reader *btf, const char *glob,
		   struct inspect_error *err);
void btf_index_done(struct btf_index *index);

/* Less than, equal to or more than 0, as @a stands before, beside or behind @b; ids do not count. */
int btf_index_compare(const struct btf_index_entry *a, const struct btf_index_entry *b);

/*
 * The name of any type, the base's too, that is the nearest to @name; NULL where none is near. @with_enumerators: or
 * of an enumerator.
 */
const char *btf_nearest_name(const struct btf_reader *btf, const char *name, bool with_enumerators);

/* Takes a name as *nearest where it is nearer to @name than *least edits. */
void btf_take_nearer(const char *candidate, const char *name, const char **nearest, size_t *least);

#define BTF_NEAR_MOST 4u /* to begin with: what is further away is not what was meant */

#endif
