/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_elems_changes.c - maps that change while they are read, slots without a value, CPUs with gaps
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elems_case.h"

/* --- the kernel loses its place --- */

/* Deletes the key that the walk stands on, once. */
static int delete_third(struct fake_map *map, int cmd)
{
	if (cmd == ABI_MAP_GET_NEXT_KEY && map->n_next_calls == 3)
		fake_map_delete(map, 2);
	return 0;
}

static void a_walk_by_keys_that_begins_anew_says_so(void **state)
{
	struct elems_case c = { .fake = { .no_batch_error = 524, .before = delete_third } };
	bool was_restarted = false;

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 6);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	/* Three, then again from the first for as many as there had been. */
	assert_int_equal(elems_case_count(&c, &was_restarted), 6);
	assert_true(was_restarted);
	elems_case_stop(&c);
}

static int delete_last_of_first_batch(struct fake_map *map, int cmd)
{
	if (cmd == ABI_MAP_LOOKUP_BATCH && map->n_batch_calls == 1)
		fake_map_delete(map, 3);
	return 0;
}

static void a_walk_by_batches_of_keys_that_begins_anew_says_so(void **state)
{
	struct elems_case c = {
		.fake = { .batch = FAKE_BATCH_KEYS, .before = delete_last_of_first_batch },
		.info.max_entries = 4,
	};
	bool was_restarted = false;

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 20);
	elems_case_start(&c, ABI_MAP_TYPE_LPM_TRIE, 4);
	assert_int_equal(elems_case_count(&c, &was_restarted), 8);
	assert_true(was_restarted);
	elems_case_stop(&c);
}

static void deleting_in_a_hash_read_by_buckets_does_not_begin_anew(void **state)
{
	struct elems_case c = {
		.fake = { .batch = FAKE_BATCH_BUCKETS, .before = delete_last_of_first_batch },
		.info.max_entries = 4,
	};
	bool was_restarted = true;

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 20);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_int_equal(elems_case_count(&c, &was_restarted), 20);
	assert_false(was_restarted);
	elems_case_stop(&c);
}

/* Deletes whatever key the walk stands on and puts it back later: it never gets beyond the third. */
static int delete_always(struct fake_map *map, int cmd)
{
	if (cmd != ABI_MAP_GET_NEXT_KEY)
		return 0;
	for (size_t i = 0; i < map->n; i++)
		map->elems[i].is_gone = false;
	if (map->n_next_calls % 3 == 0 && map->n_next_calls)
		fake_map_delete(map, 2);
	return 0;
}

static void a_map_that_always_begins_anew_ends(void **state)
{
	struct elems_case c = { .fake = { .no_batch_error = 524, .before = delete_always } };
	bool was_restarted = false;

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 6);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_int_equal(elems_case_count(&c, &was_restarted), 6);
	assert_true(was_restarted);
	elems_case_stop(&c);
}

/* Of five keys the first is gone after its turn, and the others go round for ever. */
static int go_round_without_the_first(struct fake_map *map, int cmd)
{
	if (cmd != ABI_MAP_GET_NEXT_KEY || !map->n_next_calls)
		return 0;
	fake_map_delete(map, 0);
	map->elems[4].is_gone = map->n_next_calls > 1 && map->n_next_calls % 4 == 1;
	return 0;
}

static void a_map_that_goes_round_without_its_first_key_ends_too(void **state)
{
	struct elems_case c = {
		.fake = { .no_batch_error = 524, .before = go_round_without_the_first },
	};
	bool was_restarted = false;

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 5);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	unsigned n = elems_case_count(&c, &was_restarted);
	assert_true(was_restarted);
	assert_in_range(n, 5, 2 * 5 + 4096);
	elems_case_stop(&c);
}

static int never_end(struct fake_map *map, int cmd)
{
	if (cmd != ABI_MAP_LOOKUP_BATCH)
		return 0;
	/* The cursor's key is gone every time, so each batch is the first one again. */
	for (size_t i = 0; i < map->n; i++)
		map->elems[i].is_gone = false;
	if (map->n_batch_calls)
		map->elems[3].is_gone = true;
	return 0;
}

static void batches_that_go_round_end(void **state)
{
	struct elems_case c = {
		.fake = { .batch = FAKE_BATCH_KEYS, .before = never_end },
		.info.max_entries = 4,
	};

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 9);
	elems_case_start(&c, ABI_MAP_TYPE_LPM_TRIE, 4);
	assert_in_range(elems_case_count(&c, NULL), 4, 2 * 4 + 4096);
	elems_case_stop(&c);
}

static int delete_second_before_lookup(struct fake_map *map, int cmd)
{
	if (cmd == ABI_MAP_LOOKUP_ELEM && map->n_lookups == 1)
		map->elems[1].error = ENOENT;
	return 0;
}

static void an_element_deleted_between_key_and_value_is_left_out(void **state)
{
	struct elems_case c = {
		.fake = { .no_batch_error = 524, .before = delete_second_before_lookup },
	};

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 4);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=0 2=6 3=9");
	elems_case_stop(&c);
}

/* --- EINTR --- */

static void an_empty_slot_on_an_older_kernel_ends_no_walk(void **state)
{
	(void)state;
	for (unsigned empty = 0; empty < 12; empty++) {
		struct elems_case c = {
			.fake = { .batch = FAKE_BATCH_KEYS, .has_old_batch = true },
			.info.max_entries = 4,
		};

		fake_map_fill(&c.fake, 4, 4, 12);
		c.fake.elems[empty].error = ENOENT;
		elems_case_start(&c, ABI_MAP_TYPE_ARRAY_OF_MAPS, 4);
		const char *text = elems_case_walk(&c, NULL);
		char expected[256];
		size_t n = 0;
		for (unsigned i = 0; i < 12; i++)
			if (i != empty)
				n += (size_t)sprintf(expected + n, "%s%u=%u", n ? " " : "", i,
						     3 * i);
		assert_string_equal(text, expected);
		elems_case_stop(&c);
	}
}

static void empty_slots_are_left_out_by_a_newer_kernels_batch(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_KEYS };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 6);
	c.fake.elems[0].error = c.fake.elems[3].error = c.fake.elems[5].error = ENOENT;
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY_OF_MAPS, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "1=3 2=6 4=12");
	elems_case_stop(&c);
}

/* --- slots without a value --- */

static void an_empty_slot_of_a_file_array_is_shown_as_such(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 3);
	c.fake.elems[1].error = ENOENT;
	elems_case_start(&c, ABI_MAP_TYPE_DEVMAP, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=0 1=- 2=6");
	elems_case_stop(&c);
}

static void an_empty_slot_of_a_program_array_is_left_out(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 3);
	c.fake.elems[0].error = c.fake.elems[2].error = ENOENT;
	elems_case_start(&c, ABI_MAP_TYPE_PROG_ARRAY, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "1=3");
	elems_case_stop(&c);
}

/* The reason that the only element of such a map has. */
static void assert_reason(unsigned type, int code, const char *expected)
{
	struct elems_case c = { .fake.no_batch_error = 524 };
	struct inspect_elems *elems;
	struct inspect_elem elem;

	fake_map_fill(&c.fake, 4, 4, 1);
	c.fake.elems[0].error = code;
	elems_case_start(&c, type, 4);
	assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, NULL), 0);
	assert_int_equal(inspect_elems_next(elems, &elem, NULL), 1);
	assert_int_equal(elem.slot, INSPECT_SLOT_WITHHELD);
	assert_int_equal(elem.have, INSPECT_ELEM_HAS_REASON);
	assert_int_equal(elem.reason_errno, code);
	assert_string_equal(elem.reason, expected);
	assert_null(elem.value.bytes);
	inspect_elems_free(elems);
	elems_case_stop(&c);
}

static void a_value_that_the_kernel_withholds_has_its_reason(void **state)
{
	(void)state;
	assert_reason(ABI_MAP_TYPE_SOCKMAP, ENOSPC, "needs 8-byte values to show socket cookies");
	assert_reason(ABI_MAP_TYPE_SOCKHASH, ENOSPC, "needs 8-byte values to show socket cookies");
	assert_reason(ABI_MAP_TYPE_REUSEPORT_SOCKARRAY, ENOSPC,
		      "needs 8-byte values to show socket cookies");
	assert_reason(ABI_MAP_TYPE_XSKMAP, EOPNOTSUPP, "entries of this type cannot be read");
	assert_reason(ABI_MAP_TYPE_PERF_EVENT_ARRAY, 524, "entries of this type cannot be read");
	assert_reason(ABI_MAP_TYPE_HASH, EPERM, "Operation not permitted");
	assert_reason(ABI_MAP_TYPE_HASH, 999, "unknown error");
}

static void a_withheld_value_ends_no_walk(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 4);
	c.fake.elems[0].error = EPERM;
	c.fake.elems[2].error = 524;
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 4);
	assert_string_equal(elems_case_walk(&c, NULL), "0=!1 1=3 2=!524 3=9");
	elems_case_stop(&c);
}

/* --- values that are more than bytes --- */

static void values_of_maps_of_maps_and_program_arrays_are_ids(void **state)
{
	static const unsigned types[] = { ABI_MAP_TYPE_ARRAY_OF_MAPS, ABI_MAP_TYPE_HASH_OF_MAPS,
					  ABI_MAP_TYPE_PROG_ARRAY };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct elems_case c = { .fake.no_batch_error = 524 };
		struct inspect_elems *elems;
		struct inspect_elem elem;
		uint32_t id = 4000000000u;

		fake_map_fill(&c.fake, 4, 4, 1);
		memcpy(c.fake.elems[0].value, &id, sizeof(id));
		elems_case_start(&c, types[i], 4);
		assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, NULL), 0);
		assert_int_equal(inspect_elems_next(elems, &elem, NULL), 1);
		assert_int_equal(elem.have,
				 INSPECT_ELEM_HAS_VALUE | (i == 2 ? INSPECT_ELEM_HAS_PROG
								  : INSPECT_ELEM_HAS_INNER_MAP));
		assert_int_equal(i == 2 ? elem.prog_id : elem.inner_map_id, id);
		inspect_elems_free(elems);
		elems_case_stop(&c);
	}
}

static void per_cpu_values_belong_to_the_cpus_that_are_possible(void **state)
{
	static const unsigned types[] = { ABI_MAP_TYPE_PERCPU_HASH, ABI_MAP_TYPE_PERCPU_ARRAY,
					  ABI_MAP_TYPE_LRU_PERCPU_HASH,
					  ABI_MAP_TYPE_PERCPU_CGROUP_STORAGE };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(types) / sizeof(*types); i++) {
		struct elems_case c = {
			.fake = { .batch = i & 1 ? FAKE_BATCH_KEYS : FAKE_BATCH_NONE,
				  .no_batch_error = 524 },
		};
		struct inspect_elems *elems;
		struct inspect_elem elem;

		/* Values of 5 bytes stand 8 apart; there are CPUs 0, 2 and 3. */
		fake_map_fill(&c.fake, 4, 24, 2);
		memcpy(c.fake.elems[1].value, "aaaaa...bbbbb...ddddd...", 24);
		elems_case_start(&c, types[i / 2], 5);
		fake_root_write(&fake_kernel.root, "/sys/devices/system/cpu/possible", "0,2-3\n");
		assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, NULL), 0);
		assert_int_equal(inspect_elems_next(elems, &elem, NULL), 1);
		assert_int_equal(inspect_elems_next(elems, &elem, NULL), 1);
		assert_int_equal(elem.have, INSPECT_ELEM_HAS_PER_CPU);
		assert_int_equal(elem.per_cpu.n, 3);
		assert_int_equal(elem.per_cpu.size, 5);
		assert_int_equal(elem.per_cpu.stride, 8);
		assert_memory_equal(elem.per_cpu.cpus, ((unsigned[]){ 0, 2, 3 }), 12);
		assert_memory_equal(elem.per_cpu.bytes + 2 * elem.per_cpu.stride, "ddddd", 5);
		assert_int_equal(inspect_elems_next(elems, &elem, NULL), 0);
		inspect_elems_free(elems);
		elems_case_stop(&c);
	}
}

static void cpus_that_cannot_be_told_are_an_error_and_not_a_guess(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524 };
	struct inspect_elems *elems = NULL;
	struct inspect_error err = { 0 };

	(void)state;
	fake_map_fill(&c.fake, 4, 16, 2);
	elems_case_start(&c, ABI_MAP_TYPE_PERCPU_HASH, 8);
	fake_root_write(&fake_kernel.root, "/sys/devices/system/cpu/possible", "0-x\n");
	assert_int_equal(inspect_elems_new(c.inspect, &c.map, &elems, &err), -EINVAL);
	assert_null(elems);
	assert_memory_equal(err.what, "map 7: /sys/devices/system/cpu/possible", 39);
	elems_case_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_by_keys_that_begins_anew_says_so),
		cmocka_unit_test(a_walk_by_batches_of_keys_that_begins_anew_says_so),
		cmocka_unit_test(deleting_in_a_hash_read_by_buckets_does_not_begin_anew),
		cmocka_unit_test(a_map_that_always_begins_anew_ends),
		cmocka_unit_test(a_map_that_goes_round_without_its_first_key_ends_too),
		cmocka_unit_test(batches_that_go_round_end),
		cmocka_unit_test(an_element_deleted_between_key_and_value_is_left_out),
		cmocka_unit_test(an_empty_slot_on_an_older_kernel_ends_no_walk),
		cmocka_unit_test(empty_slots_are_left_out_by_a_newer_kernels_batch),
		cmocka_unit_test(an_empty_slot_of_a_file_array_is_shown_as_such),
		cmocka_unit_test(an_empty_slot_of_a_program_array_is_left_out),
		cmocka_unit_test(a_value_that_the_kernel_withholds_has_its_reason),
		cmocka_unit_test(a_withheld_value_ends_no_walk),
		cmocka_unit_test(values_of_maps_of_maps_and_program_arrays_are_ids),
		cmocka_unit_test(per_cpu_values_belong_to_the_cpus_that_are_possible),
		cmocka_unit_test(cpus_that_cannot_be_told_are_an_error_and_not_a_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
