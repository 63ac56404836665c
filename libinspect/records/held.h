/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * held.h - which links and programs hold an object
 */
#ifndef RECORDS_HELD_H
#define RECORDS_HELD_H

#include "base/buf.h"
#include "records/inspect.h"

struct held_object {
	enum inspect_kind kind;
	unsigned id;
	struct inspect_ids link_ids;
	struct inspect_ids prog_ids; /* of a map */
};

/* Objects in the order of kind and id, each once. Zeroed, there are none. */
struct held {
	struct buf objects; /* struct held_object */
	bool has_links;	    /* links were listed */
	bool has_progs;
};

void held_add(struct held *held, enum inspect_kind kind, unsigned id);
void held_done(struct held *held);

/*
 * Goes through all links once, and through all programs where there is a map, when all objects were added. What cannot be
 * listed stays unknown. 0 or -ENOMEM.
 */
int held_read(struct inspect *inspect, struct held *held);

/* The object, which was added; NULL where memory ran out. */
const struct held_object *held_find(const struct held *held, enum inspect_kind kind, unsigned id);

/* Is the object there? -EPERM where that may not be asked. It is not opened, which would hold it. */
int held_is_there(struct inspect *inspect, enum inspect_kind kind, unsigned id);

#endif
