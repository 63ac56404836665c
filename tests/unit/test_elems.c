/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_elems.c - walks over the elements of a map, in batches and key by key
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elems_case.h"

static void elements_of_an_array_come_in_one_batch(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_KEYS };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 5);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 2=6 3=9 4=12");
	assert_int_equal(c.fake.n_lookups, 0);
	assert_true(c.fake.n_batch_calls <= 2);
	elems_case_stop(&c);
}

static void elements_of_a_hash_come_by_buckets(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_BUCKETS };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 6);
	for (unsigned i = 0; i < 6; i++)
		c.fake.elems[i].bucket = i / 3 * 100;
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 2=6 3=9 4=12 5=15");
	assert_int_equal(c.fake.n_lookups, 0);
	elems_case_stop(&c);
}

static void an_empty_map_has_no_elements(void **state)
{
	static const enum fake_batch batches[] = { FAKE_BATCH_NONE, FAKE_BATCH_KEYS,
						   FAKE_BATCH_BUCKETS };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct elems_case c = {
			.fake = { .batch = batches[i], .no_batch_error = EINVAL },
			.info.max_entries = 10,
		};

		fake_map_fill(&c.fake, 4, 4, 0);
		elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
		assert_string_equal(elems_case_walk(&c, NULL), "");
		elems_case_stop(&c);
	}
}

static void many_elements_come_in_many_batches(void **state)
{
	static const size_t counts[] = { 1, 4095, 4096, 4097, 8192, 10000 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(counts) / sizeof(*counts); i++) {
		struct elems_case c = {
			.fake.batch = i & 1 ? FAKE_BATCH_KEYS : FAKE_BATCH_BUCKETS,
			.info.max_entries = 20000,
		};
		bool was_restarted;

		fake_map_fill(&c.fake, 4, 4, counts[i / 2]);
		elems_case_start(&c, i & 1 ? ABI_MAP_TYPE_ARRAY : ABI_MAP_TYPE_HASH, 4);
		assert_int_equal(elems_case_count(&c, &was_restarted), counts[i / 2]);
		assert_false(was_restarted);
		assert_int_equal(c.fake.n_next_calls, 0);
		assert_true(c.fake.n_batch_calls <= counts[i / 2] / 4096 + 2);
		elems_case_stop(&c);
	}
}

static void the_last_batch_may_have_elements_or_none(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 12; n++) {
		/* Batches of four: what is left over is 0 to 3. */
		struct elems_case c = {
			.fake.batch = FAKE_BATCH_KEYS,
			.info.max_entries = 4,
		};

		fake_map_fill(&c.fake, 4, 4, n);
		elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 4);
		assert_int_equal(elems_case_count(&c, NULL), n);
		assert_int_equal(c.fake.largest_batch, 4);
		elems_case_stop(&c);
	}
}

static void nothing_is_asked_for_behind_the_last_batch(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct elems_case c = {
			.fake.batch = i ? FAKE_BATCH_KEYS : FAKE_BATCH_BUCKETS,
			.info.max_entries = 10,
		};

		fake_map_fill(&c.fake, 4, 4, 5);
		elems_case_start(&c, i ? ABI_MAP_TYPE_ARRAY : ABI_MAP_TYPE_HASH, 4);
		assert_int_equal(elems_case_count(&c, NULL), 5);
		assert_int_equal(c.fake.n_batch_calls, 1);
		elems_case_stop(&c);
	}
}

static void a_bucket_larger_than_the_batch_makes_the_batch_grow(void **state)
{
	struct elems_case c = {
		.fake.batch = FAKE_BATCH_BUCKETS,
		.info.max_entries = 4,
	};

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 26);
	for (unsigned i = 0; i < 26; i++)
		c.fake.elems[i].bucket = i < 3 ? 1 : i < 23 ? 2 : 3; /* 3, 20 and 3 */
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_int_equal(elems_case_count(&c, NULL), 26);
	assert_int_equal(c.fake.largest_batch, 32);
	assert_int_equal(c.fake.n_next_calls, 0);
	elems_case_stop(&c);
}

static void a_map_without_batch_call_is_read_key_by_key(void **state)
{
	static const int codes[] = { 524, EINVAL, EOPNOTSUPP, EINTR, ENOMEM };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		struct elems_case c = { .fake.no_batch_error = codes[i] };

		fake_map_fill(&c.fake, 4, 4, 3);
		elems_case_start(&c, ABI_MAP_TYPE_LPM_TRIE, 4);
		assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 2=6");
		assert_int_equal(c.fake.n_batch_calls, 1);
		assert_int_equal(c.fake.n_lookups, 3);
		elems_case_stop(&c);
	}
}

static void other_failures_end_the_walk_with_the_map_named(void **state)
{
	static const int codes[] = { EPERM, EFAULT, EBADF };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		struct elems_case c = { .fake.no_batch_error = codes[i] };
		struct inspect_error err = { 0 };

		fake_map_fill(&c.fake, 4, 4, 3);
		elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
		assert_int_equal(atoi(elems_case_walk(&c, &err)), -codes[i]);
		assert_string_equal(err.what, "map 7: read elements");
		assert_int_equal(err.code, codes[i]);
		elems_case_stop(&c);
	}
}

static int fail_second_batch(struct fake_map *map, int cmd)
{
	return cmd == ABI_MAP_LOOKUP_BATCH && map->n_batch_calls == 1 ? EPERM : 0;
}

static void a_failure_on_the_way_keeps_what_came_before(void **state)
{
	struct elems_case c = {
		.fake = { .batch = FAKE_BATCH_KEYS, .before = fail_second_batch },
		.info.max_entries = 2,
	};
	struct inspect_error err = { 0 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 5);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 4);
	assert_string_equal(elems_case_walk(&c, &err), "0=0 1=3 -1");
	assert_string_equal(err.what, "map 7: read elements");
	elems_case_stop(&c);
}

static int fail_next_key(struct fake_map *map, int cmd)
{
	return cmd == ABI_MAP_GET_NEXT_KEY && map->n_next_calls == 2 ? EPERM : 0;
}

static void a_failing_next_key_ends_the_walk(void **state)
{
	struct elems_case c = { .fake = { .no_batch_error = 524, .before = fail_next_key } };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 5);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 -1");
	elems_case_stop(&c);
}

/* --- sizes --- */

static void keys_of_any_size_are_read(void **state)
{
	static const enum fake_batch batches[] = { FAKE_BATCH_NONE, FAKE_BATCH_KEYS,
						   FAKE_BATCH_BUCKETS };

	(void)state;
	for (size_t size = 1; size <= 20; size++) {
		for (size_t i = 0; i < 3; i++) {
			struct elems_case c = {
				.fake = { .batch = batches[i], .no_batch_error = 524 },
				.info.max_entries = 2,
			};

			fake_map_fill(&c.fake, size, 4, 5);
			elems_case_start(&c, i == 2 ? ABI_MAP_TYPE_HASH : ABI_MAP_TYPE_ARRAY, 4);
			assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 2=6 3=9 4=12");
			elems_case_stop(&c);
		}
	}
}

static void values_of_any_size_are_read(void **state)
{
	static const uint32_t sizes[] = { 1, 3, 4, 7, 16, 100, 128 };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(sizes) / sizeof(*sizes); i++) {
		struct elems_case c = {
			.fake = { .batch = (enum fake_batch)(i % 3), .no_batch_error = 524 },
		};

		fake_map_fill(&c.fake, 4, sizes[i / 3], 5);
		elems_case_start(&c, i % 3 == 2 ? ABI_MAP_TYPE_HASH : ABI_MAP_TYPE_ARRAY,
				 sizes[i / 3]);
		assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 2=6 3=9 4=12");
		elems_case_stop(&c);
	}
}

static void a_batch_of_large_values_is_small(void **state)
{
	struct elems_case c = {
		.fake.batch = FAKE_BATCH_KEYS,
		.info.max_entries = 1000000,
	};

	(void)state;
	fake_map_fill(&c.fake, 4, 128, 3);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 128);
	assert_int_equal(elems_case_count(&c, NULL), 3);
	/* Half a MiB holds fewer than 4096 of 132 bytes. */
	assert_in_range(c.fake.largest_batch, 1, (512 << 10) / 132);
	elems_case_stop(&c);
}

static void memory_does_not_grow_with_the_size_of_the_map(void **state)
{
	struct elems_case c = {
		.fake.batch = FAKE_BATCH_KEYS,
		.info.max_entries = UINT32_MAX,
	};

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 3);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 4);
	assert_int_equal(elems_case_count(&c, NULL), 3);
	assert_int_equal(c.fake.largest_batch, 4096);
	elems_case_stop(&c);
}

/* --- types that have no elements to be listed --- */

static void keyless_maps_are_refused_with_the_reason(void **state)
{
	static const unsigned types[] = {
		ABI_MAP_TYPE_QUEUE,	    ABI_MAP_TYPE_STACK,	       ABI_MAP_TYPE_RINGBUF,
		ABI_MAP_TYPE_USER_RINGBUF,  ABI_MAP_TYPE_BLOOM_FILTER, ABI_MAP_TYPE_SK_STORAGE,
		ABI_MAP_TYPE_INODE_STORAGE, ABI_MAP_TYPE_TASK_STORAGE, ABI_MAP_TYPE_CGRP_STORAGE,
		ABI_MAP_TYPE_ARENA,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct elems_case c = { .info.max_entries = 1 };
		struct inspect_elems *elems = NULL;
		struct inspect_error err = { 0 };

		fake_map_fill(&c.fake, 4, 4, 1);
		elems_case_start(&c, types[i], 4);
		assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, &err), -EOPNOTSUPP);
		assert_null(elems);
		assert_string_equal(err.what, "map 7: list the elements");
		assert_true(*err.hint);
		assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, NULL), -EOPNOTSUPP);
		assert_int_equal(c.fake.n_batch_calls + c.fake.n_next_calls, 0);
		elems_case_stop(&c);
	}
}

static void a_map_of_unknown_type_without_keys_is_refused(void **state)
{
	struct elems_case c = { .info.max_entries = 1 };
	struct inspect_elems *elems = NULL;
	struct inspect_error err = { 0 };

	(void)state;
	fake_map_fill(&c.fake, 0, 4, 0);
	elems_case_start(&c, 1000, 4);
	assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, &err), -EOPNOTSUPP);
	assert_string_equal(err.hint, "it has no keys");
	elems_case_stop(&c);
}

static void a_map_of_unknown_type_is_tried(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 3);
	elems_case_start(&c, 1000, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=3 2=6");
	elems_case_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_of_an_array_come_in_one_batch),
		cmocka_unit_test(elements_of_a_hash_come_by_buckets),
		cmocka_unit_test(an_empty_map_has_no_elements),
		cmocka_unit_test(many_elements_come_in_many_batches),
		cmocka_unit_test(the_last_batch_may_have_elements_or_none),
		cmocka_unit_test(nothing_is_asked_for_behind_the_last_batch),
		cmocka_unit_test(a_bucket_larger_than_the_batch_makes_the_batch_grow),
		cmocka_unit_test(a_map_without_batch_call_is_read_key_by_key),
		cmocka_unit_test(other_failures_end_the_walk_with_the_map_named),
		cmocka_unit_test(a_failure_on_the_way_keeps_what_came_before),
		cmocka_unit_test(a_failing_next_key_ends_the_walk),
		cmocka_unit_test(keys_of_any_size_are_read),
		cmocka_unit_test(values_of_any_size_are_read),
		cmocka_unit_test(a_batch_of_large_values_is_small),
		cmocka_unit_test(memory_does_not_grow_with_the_size_of_the_map),
		cmocka_unit_test(keyless_maps_are_refused_with_the_reason),
		cmocka_unit_test(a_map_of_unknown_type_without_keys_is_refused),
		cmocka_unit_test(a_map_of_unknown_type_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
