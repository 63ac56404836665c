/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * closure.h - some types, and all that they depend on
 *
 * A type depends on what its record refers to: members, elements, parameters, what a pointer points
 * to, variables of a section, what a tag is put on. A text of all these types mentions no id that is not in it.
 */
#ifndef BTF_CLOSURE_H
#define BTF_CLOSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "btf/reader.h"

/* A set of ids, a bit each. Zeroed, it is empty and has room for none. */
struct btf_set {
	uint8_t *bits;
	uint32_t end; /* ids from here on are never in it */
};

/* An empty set with room for all ids of @btf: 0 or -ENOMEM. */
int btf_set_init(struct btf_set *set, const struct btf_reader *btf, struct inspect_error *err);
void btf_set_done(struct btf_set *set);

static inline bool btf_set_has(const struct btf_set *set, uint32_t id)
{
	return id < set->end && set->bits[id / 8] >> id % 8 & 1;
}

/* False where it was there, or there is no such id. */
bool btf_set_add(struct btf_set *set, uint32_t id);

/* Adds those of the blob's own types whose name fits the glob (see fnmatch(3)). Returns how many. */
uint32_t btf_set_add_names(struct btf_set *set, const struct btf_reader *btf, const char *glob);

/*
 * Adds what those in the set depend on, the base's types too; void is none. Takes time by the size
 * of what is added, and four bytes for each type of the blob meanwhile. 0 or -ENOMEM.
 */
int btf_close(struct btf_set *set, const struct btf_reader *btf, struct inspect_error *err);

/* The ids in ascending order, to be freed, and how many: 0 or -ENOMEM. */
int btf_set_ids(const struct btf_set *set, uint32_t **ids, uint32_t *n, struct inspect_error *err);

#endif
