/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * source.h - an open map that events come through: what its two kinds share
 */
#ifndef WATCH_SOURCE_H
#define WATCH_SOURCE_H

#include "watch/bpf_ring.h"
#include "watch/events.h"
#include "watch/perf_ring.h"

/* The ring of a CPU, in a slot of a perf event array. */
struct perf_slot {
	struct perf_ring ring;
	int fd; /* of the event */
	void *mapped;
	bool is_put; /* in the map */
};

struct events {
	struct inspect *inspect;
	struct inspect_map map;
	struct perf_slot *slots;
	unsigned n_slots;
	unsigned at; /* the slot that is read next */
	struct bpf_ring ring;
	void *mapped;	   /* the consumer's page */
	void *mapped_data; /* the producer's page and the data */
	int epoll_fd;	   /* of all slots, or -1 */
	bool is_dozing; /* the next wait is a short sleep: who would wake us up does not, or too often */
	struct buf room;
};

/* Both fill in what is theirs, and events_close() clears it up, also after a failure. */
int perf_slots_open(struct events *events, const struct events_how *how, struct inspect_error *err);
void perf_slots_close(struct events *events);

int map_ring_open(struct events *events, const struct inspect_ref *ref,
		  const struct events_how *how, struct inspect_error *err);
void map_ring_close(struct events *events);

/* Who else has the map: the processes as "COMM(PID), ..." without its end where there are many; false: not known. */
bool events_holders(const struct events *events, struct buf *out);

#endif
