/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kind.h - what a list needs to know of a kind of object
 */
#ifndef RECORDS_KIND_H
#define RECORDS_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "records/inspect.h"

struct kind {
	const char *noun;   /* in messages: "prog" */
	const char *plural; /* "programs" */
	size_t size;	    /* of the record */
	size_t failed_at;   /* offset of its int failed */
	size_t id_at;	    /* offset of its unsigned id */
	size_t fd_at;	    /* offset of its int fd */

	/* Fills in what the info call tells; 0 or a negative errno. */
	int (*read)(struct inspect *inspect, int fd, unsigned want, void *record);
	/* Does it fit a name or a tag? May read more of the record. NULL where there are no such. */
	bool (*fits)(struct inspect *inspect, const struct inspect_ref *ref, void *record);
	/* Reads the rest of what is wanted; what cannot be had is left out. */
	void (*read_more)(struct inspect *inspect, int fd, unsigned want, void *record);
	/* Gives the record its descriptor. */
	void (*keep)(void *record, int fd);
	void (*done)(void *record);
};

/* Room for a record of any kind. */
union record {
	struct inspect_prog prog;
	struct inspect_map map;
	struct inspect_link link;
};

extern const struct kind prog_kind, map_kind, link_kind;

/* NULL: objects of this kind cannot be listed yet. */
const struct kind *kind_get(enum inspect_kind kind);

#endif
