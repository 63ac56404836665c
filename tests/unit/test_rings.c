/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_rings.c - records in rings that are shared with the kernel
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "watch/bpf_ring.h"
#include "watch/perf_ring.h"

#define SIZE 64u

struct perf_case {
	unsigned char data[SIZE];
	uint64_t head, tail;
	struct perf_ring ring;
	struct buf room;
};

static void perf_case_init(struct perf_case *c, uint64_t at)
{
	memset(c, 0, sizeof(*c));
	c->head = c->tail = at;
	c->ring = (struct perf_ring){ c->data, SIZE, &c->head, &c->tail, 3, 5 };
}

static void perf_case_done(struct perf_case *c)
{
	buf_done(&c->room);
}

static void perf_put(struct perf_case *c, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		c->data[(c->head + i) % SIZE] = ((const unsigned char *)bytes)[i];
	c->head += size;
}

static void put_header(struct perf_case *c, uint32_t type, uint16_t size)
{
	perf_put(c, &type, 4);
	perf_put(c, &(uint16_t){ 0 }, 2);
	perf_put(c, &size, 2);
}

static void put_sample(struct perf_case *c, uint64_t time, const char *text, uint32_t size)
{
	put_header(c, EVENT_SAMPLE, (uint16_t)(20 + size));
	perf_put(c, &time, 8);
	perf_put(c, &size, 4);
	perf_put(c, text, size);
}

static void a_sample_across_the_end_of_the_ring_is_whole(void **state)
{
	struct event event;

	(void)state;
	for (uint64_t at = 0; at < SIZE; at += 4) {
		AUTO(perf_case_done) struct perf_case c;

		perf_case_init(&c, UINT64_MAX - SIZE + 1 + at);
		put_sample(&c, 77, "twelve bytes", 12);
		assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), 1);
		assert_int_equal(event.have, EVENT_HAS_CPU | EVENT_HAS_TIME | EVENT_HAS_DATA);
		assert_int_equal(event.cpu, 3);
		assert_int_equal(event.index, 5);
		assert_int_equal(event.time, 77);
		assert_int_equal(event.size, 12);
		assert_memory_equal(event.data.bytes, "twelve bytes", 12);
		assert_true(c.tail == c.head);
		assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), 0);
	}
}

static void lost_events_have_their_number(void **state)
{
	AUTO(perf_case_done) struct perf_case c;
	struct event event;

	(void)state;
	perf_case_init(&c, 0);
	put_header(&c, EVENT_LOST, 24);
	perf_put(&c, &(uint64_t){ 9 }, 8);
	perf_put(&c, &(uint64_t){ 1234 }, 8);
	put_header(&c, 77, 16);
	perf_put(&c, &(uint64_t){ 0 }, 8);
	assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), 1);
	assert_int_equal(event.have, EVENT_HAS_CPU | EVENT_HAS_LOST);
	assert_int_equal(event.lost_id, 9);
	assert_int_equal(event.lost, 1234);
	assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), 1);
	assert_int_equal(event.have, EVENT_HAS_CPU);
	assert_int_equal(event.type, 77);
	assert_int_equal(event.size, 16);
}

static void what_is_no_record_is_an_error(void **state)
{
	static const uint16_t sizes[] = { 0, 7, 65, 8, 19 };
	AUTO(perf_case_done) struct perf_case c = { 0 };
	struct event event;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		perf_case_done(&c);
		perf_case_init(&c, 0);
		put_header(&c, EVENT_SAMPLE, sizes[i]);
		c.head = 64;
		assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), -EIO);
	}
	perf_case_done(&c);
	perf_case_init(&c, 0);
	put_header(&c, EVENT_SAMPLE, 24);
	perf_put(&c, &(uint64_t){ 0 }, 8);
	perf_put(&c, &(uint32_t){ 5 }, 4); /* more data than the record has */
	c.head = 24;
	assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), -EIO);
	c.tail = 0;
	c.head = 65; /* more than there is room for */
	assert_int_equal(perf_ring_next(&c.ring, &c.room, &event), -EIO);
}

struct bpf_case {
	unsigned char data[2 * SIZE];
	unsigned long producer, consumer, overwritten;
	struct bpf_ring ring;
	struct buf room;
};

static void bpf_case_init(struct bpf_case *c, unsigned long at, bool is_take)
{
	memset(c, 0, sizeof(*c));
	c->producer = c->consumer = c->overwritten = at;
	c->ring = (struct bpf_ring){
		.data = c->data,
		.size = SIZE,
		.producer = &c->producer,
		.consumer = &c->consumer,
		.take = is_take ? &c->consumer : NULL,
	};
	bpf_ring_begin(&c->ring);
}

static void bpf_case_done(struct bpf_case *c)
{
	buf_done(&c->room);
}

/* Both halves show the same memory. */
static void bpf_put(struct bpf_case *c, uint32_t length, const char *text, size_t size)
{
	unsigned char record[SIZE] = { 0 };
	size_t all = (8 + size + 7) & ~(size_t)7;

	memcpy(record, &length, 4);
	memcpy(record + 8, text, size);
	for (size_t i = 0; i < all; i++) {
		size_t at = (c->producer + i) % SIZE;

		c->data[at] = c->data[at + SIZE] = record[i];
	}
	c->producer += all;
}

static void records_are_taken_out_across_the_end_of_the_ring(void **state)
{
	struct event event;

	(void)state;
	for (unsigned long at = 0; at < SIZE; at += 8) {
		AUTO(bpf_case_done) struct bpf_case c;

		bpf_case_init(&c, 0ul - SIZE + at, true);
		bpf_put(&c, 3, "one", 3);
		bpf_put(&c, 12 | 1u << 30, "given up yet", 12);
		bpf_put(&c, 9, "two three", 9);
		assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
		assert_int_equal(event.position, 0ul - SIZE + at);
		assert_int_equal(event.size, 3);
		assert_memory_equal(event.data.bytes, "one", 3);
		assert_int_equal(c.consumer, event.position + 16);
		assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
		assert_memory_equal(event.data.bytes, "two three", 9);
		assert_true(c.consumer == c.producer);
		assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 0);
	}
}

static void a_record_that_is_being_written_is_waited_for(void **state)
{
	AUTO(bpf_case_done) struct bpf_case c;
	struct event event;

	(void)state;
	bpf_case_init(&c, 0, true);
	bpf_put(&c, 3 | 1u << 31, "one", 3);
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 0);
	assert_int_equal(c.consumer, 0);
	c.data[3] = 0;
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_int_equal(c.consumer, 16);
}

static void who_looks_on_moves_nothing(void **state)
{
	AUTO(bpf_case_done) struct bpf_case c;
	struct event event;

	(void)state;
	bpf_case_init(&c, 0, false);
	bpf_put(&c, 3, "one", 3);
	bpf_put(&c, 3, "two", 3);
	c.consumer = 32; /* taken out by another, and not overwritten yet */
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_memory_equal(event.data.bytes, "one", 3);
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_memory_equal(event.data.bytes, "two", 3);
	assert_int_equal(c.consumer, 32);
}

static void what_may_be_overwritten_is_not_believed(void **state)
{
	AUTO(bpf_case_done) struct bpf_case c;
	struct event event;

	(void)state;
	bpf_case_init(&c, 0, false);
	for (int i = 0; i < 4; i++)
		bpf_put(&c, 3, "one", 3);
	c.consumer = 48; /* the next header is written before the kernel's position moves */
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_int_equal(event.have, EVENT_HAS_POSITION | EVENT_HAS_LOST_BYTES);
	assert_int_equal(event.lost_bytes, 48);
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_int_equal(event.position, 48);
}

static void a_ring_that_overwrites_begins_behind_what_it_overwrote(void **state)
{
	AUTO(bpf_case_done) struct bpf_case c;
	struct event event;

	(void)state;
	bpf_case_init(&c, 0, false);
	c.ring.overwritten = &c.overwritten;
	bpf_put(&c, 3, "one", 3);
	bpf_put(&c, 3, "two", 3);
	c.overwritten = 16;
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_int_equal(event.lost_bytes, 16);
	assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), 1);
	assert_memory_equal(event.data.bytes, "two", 3);
}

static void a_length_beyond_what_was_written_is_an_error(void **state)
{
	static const uint32_t lengths[] = { 9, 57, 64, 0x3fffffff };
	struct event event;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		AUTO(bpf_case_done) struct bpf_case c;

		bpf_case_init(&c, 0, true);
		bpf_put(&c, lengths[i], "12345678", 8);
		assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), -EIO);
		assert_int_equal(c.consumer, 0);
	}
}

static void a_position_that_no_consumer_has_is_an_error(void **state)
{
	static const unsigned long positions[] = { 1, 4, 8, 0ul - 72 };
	struct event event;

	(void)state;
	for (size_t i = 0; i < sizeof(positions) / sizeof(*positions); i++) {
		AUTO(bpf_case_done) struct bpf_case c;

		bpf_case_init(&c, 0, true);
		for (size_t at = 0; at < sizeof(c.data); at += 8)
			c.data[at + 3] = 1u << 6; /* given up */
		c.consumer = positions[i];
		bpf_ring_begin(&c.ring);
		assert_int_equal(bpf_ring_next(&c.ring, &c.room, &event), -EIO);
		assert_int_equal(c.consumer, positions[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_across_the_end_of_the_ring_is_whole),
		cmocka_unit_test(lost_events_have_their_number),
		cmocka_unit_test(what_is_no_record_is_an_error),
		cmocka_unit_test(records_are_taken_out_across_the_end_of_the_ring),
		cmocka_unit_test(a_record_that_is_being_written_is_waited_for),
		cmocka_unit_test(who_looks_on_moves_nothing),
		cmocka_unit_test(what_may_be_overwritten_is_not_believed),
		cmocka_unit_test(a_ring_that_overwrites_begins_behind_what_it_overwrote),
		cmocka_unit_test(a_length_beyond_what_was_written_is_an_error),
		cmocka_unit_test(a_position_that_no_consumer_has_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
