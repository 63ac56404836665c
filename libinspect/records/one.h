/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * one.h - the one object that a reference means
 */
#ifndef RECORDS_ONE_H
#define RECORDS_ONE_H

#include <stdint.h>

#include "records/inspect.h"

/*
 * Reads the object into @record, as its kind is, with an open descriptor. A name or a tag that fits
 * several is refused, and the hint lists them. Returns 0 or a negative error.
 */
int one_open(struct inspect *inspect, const struct inspect_ref *ref, void *record,
	     struct inspect_error *err);

/* Opens the map again with other rights: ABI_F_WRONLY, or 0 for reading and writing. */
int one_reopen_map(struct inspect *inspect, const struct inspect_ref *ref, uint32_t rights,
		   struct inspect_map *map, struct inspect_error *err);

#endif
