/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * perf_ring.c - records in the ring of a perf event
 *
 * A record may lie across the end of the ring, so that each is copied out. Only then its place is given back: the
 * kernel may write there as soon as the tail has moved.
 */
#include "watch/perf_ring.h"

#include <errno.h>
#include <string.h>

struct record_header {
	uint32_t type;
	uint16_t misc;
	uint16_t size; /* with this header */
};

struct sample_header {
	struct record_header header;
	uint64_t time;
	uint32_t size;
};

struct lost_record {
	struct record_header header;
	uint64_t id;
	uint64_t lost;
};

#define SAMPLE_DATA_AT 20u /* behind the size, with no padding */

static void copy_out(const struct perf_ring *ring, uint64_t at, void *to, size_t size)
{
	uint64_t begin = at & (ring->size - 1);
	size_t first = size < ring->size - begin ? size : (size_t)(ring->size - begin);

	memcpy(to, ring->data + begin, first);
	memcpy((char *)to + first, ring->data, size - first);
}

static int read_sample(const char *bytes, size_t size, struct event *out)
{
	struct sample_header sample;

	if (size < SAMPLE_DATA_AT)
		return -EIO;
	memcpy(&sample, bytes, SAMPLE_DATA_AT);
	if (sample.size > size - SAMPLE_DATA_AT)
		return -EIO;
	out->have |= EVENT_HAS_TIME | EVENT_HAS_DATA;
	out->time = sample.time;
	out->size = sample.size;
	out->data = (struct inspect_bytes){ (const unsigned char *)bytes + SAMPLE_DATA_AT,
					    sample.size };
	return 1;
}

static int read_lost(const char *bytes, size_t size, struct event *out)
{
	struct lost_record lost;

	if (size < sizeof(lost))
		return -EIO;
	memcpy(&lost, bytes, sizeof(lost));
	out->have |= EVENT_HAS_LOST;
	out->lost_id = lost.id;
	out->lost = lost.lost;
	return 1;
}

static int read_record(const struct perf_ring *ring, const struct buf *room, unsigned type,
		       struct event *out)
{
	*out = (struct event){
		.have = EVENT_HAS_CPU,
		.type = type,
		.cpu = ring->cpu,
		.index = ring->index,
		.size = (unsigned)room->size,
	};
	if (type == EVENT_SAMPLE)
		return read_sample(room->bytes, room->size, out);
	if (type == EVENT_LOST)
		return read_lost(room->bytes, room->size, out);
	return 1;
}

int perf_ring_next(const struct perf_ring *ring, struct buf *room, struct event *out)
{
	uint64_t tail = *ring->tail;
	uint64_t filled = __atomic_load_n(ring->head, __ATOMIC_ACQUIRE) - tail;
	struct record_header header;

	if (!filled)
		return 0;
	if (filled > ring->size || filled < sizeof(header))
		return -EIO;
	copy_out(ring, tail, &header, sizeof(header));
	if (header.size < sizeof(header) || header.size > filled)
		return -EIO;

	room->size = 0;
	char *to = buf_reserve(room, header.size);
	if (!to)
		return -ENOMEM;
	copy_out(ring, tail, to, header.size);
	room->size = header.size;
	__atomic_store_n(ring->tail, tail + header.size, __ATOMIC_RELEASE);
	return read_record(ring, room, header.type, out);
}
