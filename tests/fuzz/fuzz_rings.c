/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_rings.c - any bytes as a ring in shared memory, and others that write to it between two reads
 *
 * An input is a struct start, the ring's first bytes, and then struct steps: each is done before the next record is read.
 * A ring of perf's lies in memory of its size, one of a map in twice that, where both halves show the same.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "watch/bpf_ring.h"
#include "watch/perf_ring.h"

#define SIZE_LEAST 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum flag { IS_PERF = 1, IS_TAKE = 2, IS_OVERWRITING = 4, IS_LARGE = 8 };

struct start {
	uint8_t flags;
	uint8_t n_bytes; /* of the ring, in units of 8 */
	uint8_t pad[6];
	uint64_t read, written, overwritten; /* positions */
};

enum where { AT_DATA, AT_WRITTEN, AT_READ, AT_OVERWRITTEN };

struct step {
	uint16_t where;
	uint16_t at;	/* in the data */
	uint32_t value; /* goes there, or is added to a position */
};

struct shared {
	unsigned long read, written, overwritten;
	uint64_t head, tail; /* of perf's */
	unsigned char *data;
	size_t size, halves;
	struct bpf_ring bpf;
	struct perf_ring perf;
	struct buf room;
};

static void must(int condition)
{
	if (!condition)
		abort();
}

static void put_byte(struct shared *shared, size_t at, uint8_t byte)
{
	for (size_t half = 0; half < shared->halves; half++)
		shared->data[at % shared->size + half * shared->size] = byte;
}

static void shared_init(struct shared *shared, const struct start *start)
{
	bool is_perf = start->flags & IS_PERF;

	*shared = (struct shared){
		.read = start->read,
		.written = start->written,
		.overwritten = start->overwritten,
		.head = start->written,
		.tail = start->read,
		.size = start->flags & IS_LARGE ? (size_t)SIZE_LEAST * 32 : SIZE_LEAST,
		.halves = is_perf ? 1 : 2,
	};
	shared->data = calloc(shared->halves, shared->size);
	must(shared->data != NULL);
	shared->perf = (struct perf_ring){
		.data = shared->data,
		.size = shared->size,
		.head = &shared->head,
		.tail = &shared->tail,
	};
	shared->bpf = (struct bpf_ring){
		.data = shared->data,
		.size = shared->size,
		.producer = &shared->written,
		.consumer = &shared->read,
		.take = start->flags & IS_TAKE ? &shared->read : NULL,
		.overwritten = start->flags & IS_OVERWRITING ? &shared->overwritten : NULL,
	};
	bpf_ring_begin(&shared->bpf);
}

static void shared_done(struct shared *shared)
{
	free(shared->data);
	buf_done(&shared->room);
}

static void do_step(struct shared *shared, const struct step *step)
{
	long value = (int32_t)step->value;

	switch ((enum where)(step->where % 4)) {
	case AT_DATA:
		for (size_t i = 0; i < sizeof(step->value); i++)
			put_byte(shared, step->at + i, (uint8_t)(step->value >> (8 * i)));
		break;
	case AT_WRITTEN:
		shared->written += (unsigned long)value;
		shared->head += (uint64_t)value;
		break;
	case AT_READ:
		shared->read += (unsigned long)value; /* the tail of perf's is our own */
		break;
	case AT_OVERWRITTEN:
		shared->overwritten += (unsigned long)value;
		break;
	}
}

static void check_event(const struct shared *shared, const struct event *event)
{
	unsigned sum = 0;

	must(event->type == EVENT_SAMPLE ? event->have & EVENT_HAS_DATA : event->have != 0);
	if (!(event->have & EVENT_HAS_DATA))
		return;
	must(event->data.size == event->size && event->size <= shared->size);
	for (size_t i = 0; i < event->data.size; i++)
		sum += event->data.bytes[i];
	must(sum <= 255 * event->data.size);
}

static int take_one(struct shared *shared, bool is_perf)
{
	unsigned long read = shared->read;
	struct event event;

	int r = is_perf ? perf_ring_next(&shared->perf, &shared->room, &event)
			: bpf_ring_next(&shared->bpf, &shared->room, &event);
	must(r == 1 || r == 0 || r == -EIO);
	if (r == 1)
		check_event(shared, &event);
	must(is_perf || shared->bpf.take || shared->read == read);
	return r;
}

/* What stays as it is comes to an end within one round, and one for what was lost. */
static void take_all(struct shared *shared, bool is_perf)
{
	size_t n = 0;

	while (take_one(shared, is_perf) > 0)
		must(++n <= shared->size / 8 + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(shared_done) struct shared shared = { 0 };
	struct start start;
	struct step step;

	if (size < sizeof(start))
		return 0;
	memcpy(&start, data, sizeof(start));
	bool is_perf = start.flags & IS_PERF;
	shared_init(&shared, &start);
	data += sizeof(start);
	size -= sizeof(start);
	for (size_t i = 0; size && i < start.n_bytes * (size_t)8; i++, data++, size--)
		put_byte(&shared, i, *data);
	for (; size >= sizeof(step); data += sizeof(step), size -= sizeof(step)) {
		take_one(&shared, is_perf);
		memcpy(&step, data, sizeof(step));
		do_step(&shared, &step);
	}
	take_all(&shared, is_perf);
	return 0;
}
