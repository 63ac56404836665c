/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pins.h - where objects are pinned
 */
#ifndef RECORDS_PINS_H
#define RECORDS_PINS_H

#include "kernel/sys.h"

/* Read once a listing, when the first object asks. */
struct pins {
	bool is_read;
	unsigned n;
	struct pin *pins;   /* by kind, id and path */
	const char **paths; /* the same, paths alone */
};

void pins_done(struct pins *pins);

/* A listing begins: what was pinned before it may be pinned no more. */
void pins_begin(struct inspect *inspect);

/* The paths of an object; they belong to @inspect, until the next listing. False when pins cannot be listed. */
bool pins_find(struct inspect *inspect, enum inspect_kind kind, unsigned id,
	       struct inspect_strings *out);

#endif
