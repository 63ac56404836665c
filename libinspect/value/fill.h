/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fill.h - what fill.c and fill_check.c share: a map, and the elements that are to be put into it
 */
#ifndef VALUE_FILL_H
#define VALUE_FILL_H

#include "value/spool.h"
#include "value/target.h"
#include "value/types.h"

/* Zeroed, with both maps' fd and the spool's -1, it is none. */
struct fill {
	const struct inspect_fill *how;
	const char *name;      /* of the file */
	struct target target;  /* the map, for reading; its data.key is the key at hand */
	struct inspect_map to; /* the same, for writing */
	struct elem_types types;
	struct spool spool;
	bool has_map_id;
	unsigned map_id;     /* of the map that the elements were dumped from */
	unsigned checked_id; /* the object that was found last; 0: none */
	uint64_t n_empty;
	uint64_t n_written;
	bool has_no_batch;
};

/* Puts in front where in the file it is; returns the error's code again. */
int fill_context(const struct fill *fill, const struct spool_place *place,
		 struct inspect_error *err);

/* Makes it the key at hand, which messages of the target's are about. */
void fill_set_key(struct fill *fill, const unsigned char *key);

/*
 * Is there anything about the keys that would make the kernel refuse one of them: is it there, or not, or
 * twice, and has the map room for all? 0 or a negative error.
 */
int fill_check_keys(struct fill *fill, struct inspect_error *err);

#endif
