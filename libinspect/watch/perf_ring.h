/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf_ring.h - records in the ring of a perf event
 */
#ifndef WATCH_PERF_RING_H
#define WATCH_PERF_RING_H

#include <stdint.h>

#include "base/buf.h"
#include "watch/event.h"

/* A ring in memory that is shared with the kernel. */
struct perf_ring {
	const unsigned char *data;
	uint64_t size;	      /* a power of two */
	const uint64_t *head; /* up to where the kernel has written */
	uint64_t *tail;	      /* up to where it was read */
	unsigned cpu;
	unsigned index;
};

/*
 * Takes the next record out, into @room, where its bytes stay until the next call. 1 with an event, 0 when there is
 * none, -ENOMEM, or -EIO where the ring holds what is no record: nothing behind that can be read.
 */
int perf_ring_next(const struct perf_ring *ring, struct buf *room, struct event *out);

#endif
