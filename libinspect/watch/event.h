/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * event.h - what a program wrote to a map for somebody to read
 */
#ifndef WATCH_EVENT_H
#define WATCH_EVENT_H

#include "inspect.h"

enum event_has {
	EVENT_HAS_CPU = 1, /* and the slot of the map, and the time */
	EVENT_HAS_TIME = 2,
	EVENT_HAS_DATA = 4,
	EVENT_HAS_POSITION = 8,
	EVENT_HAS_LOST = 16,	   /* how many */
	EVENT_HAS_LOST_BYTES = 32, /* how much of a ring; nobody knows how many events that was */
	EVENT_HAS_VALUE = 64,
};

/* The kernel's numbers; a ring buffer has no such, and the same are used. */
#define EVENT_LOST 2u
#define EVENT_SAMPLE 9u

struct event {
	unsigned have;
	unsigned map_id;
	unsigned type; /* EVENT_SAMPLE, EVENT_LOST, or another number of perf's */
	unsigned cpu;
	unsigned index;		 /* the slot of the map */
	unsigned size;		 /* bytes of data; of another type, of the record */
	unsigned long long time; /* nanoseconds of CLOCK_MONOTONIC */
	unsigned long long position;
	unsigned long long lost_id;
	unsigned long long lost;
	unsigned long long lost_bytes;
	struct inspect_bytes data; /* belongs to what gave the event, until it gives the next */
};

#endif
