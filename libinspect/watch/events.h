/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * events.h - the events that come through a map
 */
#ifndef WATCH_EVENTS_H
#define WATCH_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "records/inspect.h"
#include "watch/event.h"

struct events_how {
	bool has_slot; /* perf event arrays: this CPU alone, through this slot */
	unsigned cpu;
	unsigned index;
	bool may_replace; /* slots that are taken; their readers get nothing any more */
	bool is_look;	  /* ring buffers: take nothing out */
	bool is_take;	  /* take records out, though others have the map too */
	const struct inspect_note *note; /* or NULL */
};

struct events;

/*
 * Opens a map that events come through: a perf event array or a ring buffer. Of a perf event array, slots that hold
 * no event yet get one, and are empty again after events_close(), also where the process is killed. From a ring buffer
 * records are taken out, but where other processes have it too (or that is not known) they are looked at only.
 *
 * Returns 0, -EBUSY (slots are taken: by whom), -EOPNOTSUPP (a map of another type) or another negative errno; then
 * nothing has changed.
 */
int events_open(struct inspect *inspect, const struct inspect_ref *ref,
		const struct events_how *how, struct events **out, struct inspect_error *err);
void events_close(struct events *events);

/* The map, as long as it is open. */
const struct inspect_map *events_map(const struct events *events);

/*
 * Waits for the next event; its bytes are valid until the next call. @end_ns: when to end by CLOCK_MONOTONIC; 0 is
 * never. @until may be NULL.
 * 1 with an event, 0 when it is time to end, or a negative errno.
 */
int events_next(struct events *events, const struct inspect_until *until, uint64_t end_ns,
		struct event *out, struct inspect_error *err);

#endif
