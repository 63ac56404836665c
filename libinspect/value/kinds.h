/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kinds.h - how the elements of each type of map are read
 */
#ifndef VALUE_KINDS_H
#define VALUE_KINDS_H

#include <stddef.h>
#include <stdint.h>

#include "inspect.h"

enum elems_flag {
	ELEMS_PER_CPU = 1,     /* a value for each possible CPU */
	ELEMS_MAP_ID = 2,      /* a value is the id of a map; 4 bytes */
	ELEMS_PROG_ID = 4,     /* a value is the id of a program; 4 bytes */
	ELEMS_SLOTS = 8,       /* keys are indices: an empty one is shown as such */
	ELEMS_SKIP_EMPTY = 16, /* keys are indices: an empty one is left out */
	ELEMS_BUCKETS = 32,    /* a batch goes by hash buckets: it cannot lose its place */
	ELEMS_INDEX = 128,     /* a key is an index below max_entries */
	ELEMS_OWN_FDS = 64,    /* keys are descriptors of whoever asks */
};

struct elems_kind {
	unsigned flags;
	const char *keyless; /* why its elements cannot be listed, or NULL */
};

/* Never NULL: a type that this build does not know is read like a hash. */
const struct elems_kind *elems_kind_get(unsigned map_type);

/* Why the kernel gives no value out, in words; @code as the look-up failed. */
const char *elems_reason(unsigned map_type, int code);

#define ELEMS_BATCH 4096u /* elements of a batch call, at most */

/* How many elements of @bytes, key and value, a batch call is for; at least 1. */
uint32_t elems_batch_room(size_t bytes);

/* Bytes that the kernel reads or writes for the value of one element. */
size_t elems_value_size(const struct inspect_map *map, unsigned n_cpus);

/* Adds to @out what these bytes are: a value, one for each CPU, an id. They are borrowed. */
void elems_fill_value(const struct inspect_map *map, const unsigned *cpus, unsigned n_cpus,
		      const unsigned char *value, struct inspect_elem *out);

#endif
