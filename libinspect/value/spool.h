/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * spool.h - elements as bytes, between being checked and being written
 *
 * They are kept in blocks, as a batch call takes them. One block is in memory; where there are more, all
 * are in a file without a name, so that memory does not grow with the number of elements.
 */
#ifndef VALUE_SPOOL_H
#define VALUE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "inspect.h"

/* Where an element came from. */
struct spool_place {
	uint64_t number; /* of the element in the file, from 1 */
	uint64_t line;
};

struct spool {
	size_t key_size;
	size_t value_size;
	uint32_t room; /* elements in a block */
	uint32_t fill; /* of the block in memory */
	uint64_t n;    /* elements in all */
	uint64_t next; /* element of the block that spool_next() comes to */
	int fd;	       /* or -1, while one block is enough */
	unsigned char *block;
	struct spool_place *places; /* of the elements in the block; then their keys and values */
	unsigned char *keys;
	unsigned char *values;
};

/* @fd is -1 in a spool that is none yet. Returns 0 or -ENOMEM. */
int spool_init(struct spool *spool, size_t key_size, size_t value_size, struct inspect_error *err);
void spool_done(struct spool *spool);

/* Room for one more element, zeroed, until the next call. It counts once spool_keep() was called. */
int spool_add(struct spool *spool, unsigned char **key, unsigned char **value,
	      struct inspect_error *err);
void spool_keep(struct spool *spool, const struct spool_place *place);

/* After the last one was kept: begins again at the first, as often as wanted. */
int spool_rewind(struct spool *spool, struct inspect_error *err);

/* Reads the next block: how many elements are in it, 0 at the end, or a negative errno. */
int spool_next(struct spool *spool, struct inspect_error *err);

/* The key of any element by its place among all, from 0, at @out. */
int spool_key(const struct spool *spool, uint64_t i, unsigned char *out, struct inspect_error *err);

#endif
