/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpf_ring.h - records in a ring buffer map
 *
 * Who moves the consumer's position takes records out, for all. To look at them only, a reader keeps a position of its
 * own: then others still get them, and what they take out may be overwritten before it was looked at.
 */
#ifndef WATCH_BPF_RING_H
#define WATCH_BPF_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "watch/event.h"

/* A ring in memory that is shared with the kernel; the data are mapped twice, one behind the other. */
struct bpf_ring {
	const unsigned char *data;
	uint64_t size; /* a power of two */
	const unsigned long *producer;
	const unsigned long *consumer;
	unsigned long *take; /* the same, to be moved; NULL: records are looked at only */
	const unsigned long
		*overwritten; /* before it, records were overwritten; NULL: none ever is */
	unsigned long at;     /* where the next record is expected */
};

/* Begins where the consumer stands. */
void bpf_ring_begin(struct bpf_ring *ring);

/*
 * The next record, into @room, where its bytes stay until the next call; or how much was overwritten before it could be
 * read. 1 with an event, 0 when there is none yet, -ENOMEM, or -EIO where the ring holds what is no record.
 */
int bpf_ring_next(struct bpf_ring *ring, struct buf *room, struct event *out);

#endif
