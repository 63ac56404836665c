/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpf_ring.c - records in a ring buffer map
 *
 * A record is 8 bytes of header (the length, with two bits in it) and its data, and begins at a multiple of 8. The
 * kernel writes the header before it moves its position, so a record may only be believed when, after it was
 * copied, its place was not free for others. Whoever has the map may write the consumer's position: one that cannot
 * be is an error, or records that were given up would be passed over for as long as a 64-bit number counts.
 */
#include "watch/bpf_ring.h"

#include <errno.h>
#include <string.h>

#define BUSY (1u << 31)	   /* still being written */
#define DISCARD (1u << 30) /* given up by the program */
#define HEADER_BYTES 8u

static unsigned long load(const unsigned long *position)
{
	return __atomic_load_n(position, __ATOMIC_ACQUIRE);
}

/* The first record that is still there, by what the kernel and the consumer say. */
static unsigned long oldest(const struct bpf_ring *ring)
{
	unsigned long taken = load(ring->consumer);
	unsigned long overwritten = ring->overwritten ? load(ring->overwritten) : taken;

	return (long)(overwritten - taken) > 0 ? overwritten : taken;
}

void bpf_ring_begin(struct bpf_ring *ring)
{
	ring->at = oldest(ring);
}

/*
 * May the record at ring->at have been overwritten by now? It may not while it is the kernel's oldest, or where
 * nothing was written for a whole round.
 */
static bool is_stale(const struct bpf_ring *ring)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if ((long)(oldest(ring) - ring->at) <= 0)
		return false;
	return ring->overwritten || load(ring->producer) - ring->at >= ring->size;
}

static void move_to(struct bpf_ring *ring, unsigned long at)
{
	ring->at = at;
	if (ring->take)
		__atomic_store_n(ring->take, at, __ATOMIC_RELEASE);
}

/* Goes on where records are again. */
static int tell_lost(struct bpf_ring *ring, struct event *out)
{
	unsigned long from = ring->at;

	move_to(ring, oldest(ring));
	*out = (struct event){
		.have = EVENT_HAS_POSITION | EVENT_HAS_LOST_BYTES,
		.type = EVENT_LOST,
		.position = from,
		.lost_bytes = ring->at - from,
	};
	return 1;
}

static uint32_t length_at(const struct bpf_ring *ring)
{
	const void *header = ring->data + (ring->at & (ring->size - 1));

	return __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);
}

static unsigned long step_of(uint32_t size)
{
	return (HEADER_BYTES + (unsigned long)size + 7) & ~7ul;
}

static int take_record(struct bpf_ring *ring, uint32_t size, struct buf *room, struct event *out)
{
	room->size = 0;
	buf_add(room, ring->data + (ring->at & (ring->size - 1)) + HEADER_BYTES, size);
	if (buf_failed(room))
		return -ENOMEM;
	if (is_stale(ring))
		return tell_lost(ring, out);
	*out = (struct event){
		.have = EVENT_HAS_POSITION | EVENT_HAS_DATA,
		.type = EVENT_SAMPLE,
		.size = size,
		.position = ring->at,
		.data = { (const unsigned char *)room->bytes, size },
	};
	move_to(ring, ring->at + step_of(size));
	return 1;
}

int bpf_ring_next(struct bpf_ring *ring, struct buf *room, struct event *out)
{
	for (;;) {
		unsigned long filled = load(ring->producer) - ring->at;

		if (!filled)
			return 0;
		if (ring->at & (HEADER_BYTES - 1))
			return -EIO;
		uint32_t length = length_at(ring);
		if (is_stale(ring))
			return tell_lost(ring, out);
		if (filled > ring->size)
			return -EIO; /* the consumer's position is where no consumer puts it */
		if (length & BUSY)
			return 0;

		uint32_t size = length & ~DISCARD;
		if (size > ring->size - HEADER_BYTES || step_of(size) > filled)
			return -EIO;
		if (!(length & DISCARD))
			return take_record(ring, size, room, out);
		move_to(ring, ring->at + step_of(size));
	}
}
