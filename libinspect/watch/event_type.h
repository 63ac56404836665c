/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * event_type.h - of which type events are
 */
#ifndef WATCH_EVENT_TYPE_H
#define WATCH_EVENT_TYPE_H

#include "records/btf_source.h"
#include "value/walk.h"

/* No map tells of which type its events are: somebody has to name it. */
struct event_type_how {
	const char *name;     /* "NAME", or "struct NAME" */
	const char *btf_file; /* where it is; or NULL */
	unsigned btf_id;      /* the same; 0 and no file: in what programs have that use the map */
};

/* Zeroed, none. Open, it must stay where it is. */
struct event_type {
	struct btf_source source;
	struct walk *walk;
};

/* 0, -ENOENT where no type has the name (the hint has the nearest), or another negative error. */
int event_type_open(struct event_type *type, struct inspect *inspect, const struct inspect_map *map,
		    const struct event_type_how *how, enum walk_flavour flavour,
		    struct inspect_error *err);
void event_type_close(struct event_type *type);

#endif
