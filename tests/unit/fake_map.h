/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_map.h - the elements of a map, as bpf(2) gives them out
 */
#ifndef TESTS_FAKE_MAP_H
#define TESTS_FAKE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_KEY_ROOM 40
#define FAKE_VALUE_ROOM 128

struct fake_elem {
	unsigned char key[FAKE_KEY_ROOM];
	unsigned char value[FAKE_VALUE_ROOM];
	int error;	 /* of looking it up or changing it: an errno, or 0 */
	unsigned bucket; /* ascending from one element to the next */
	bool is_gone;	 /* deleted */
};

enum fake_batch {
	FAKE_BATCH_NONE,    /* the call fails with no_batch_error */
	FAKE_BATCH_KEYS,    /* as arrays have it: the cursor is a key */
	FAKE_BATCH_BUCKETS, /* as hash maps have it: the cursor is a number of 32 bits */
};

struct fake_map {
	enum fake_batch batch;
	int no_batch_error;
	bool has_old_batch; /* as Linux before 6.13: an empty slot ends a batch with EINTR */
	size_t key_size;
	size_t value_size; /* that the kernel writes */
	struct fake_elem *elems;
	size_t n;
	unsigned n_batch_calls;
	unsigned n_next_calls;
	unsigned n_lookups;
	unsigned n_updates;
	unsigned n_update_batches;
	bool has_no_update_batch; /* the call fails with no_batch_error, and leaves its count alone */
	uint32_t largest_batch;	  /* room that a batch call had at most */
	/* Called before each call is carried out; an errno, or 0. */
	int (*before)(struct fake_map *map, int cmd);
};

/* Elements whose keys and values are numbers: key i has the value i * 3. */
void fake_map_fill(struct fake_map *map, size_t key_size, size_t value_size, size_t n);
void fake_map_done(struct fake_map *map);

/* Deletes the element with the key that fake_map_fill() gave the number @i. */
void fake_map_delete(struct fake_map *map, size_t i);

/* An update of a new key takes the place of an element that was deleted; without one the map is full. */

/* 0 or a negative errno, as the kernel. */
int fake_map_call(struct fake_map *map, int cmd, void *attr);

#endif
