/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_names.c - the words for the kernel's numbers
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/abi.h"
#include "kernel/names.h"

static unsigned count(enum names_set set)
{
	unsigned n = 0;

	while (names_find(set, n))
		n++;
	return n;
}

static void program_types_have_the_kernels_numbers(void **state)
{
	(void)state;
	assert_string_equal(names_find(NAMES_PROG_TYPE, 0), "unspec");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 1), "socket_filter");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 2), "kprobe");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 3), "sched_cls");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 6), "xdp");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 15), "cgroup_device");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 24), "raw_tracepoint_writable");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 26), "tracing");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 31), "syscall");
	assert_string_equal(names_find(NAMES_PROG_TYPE, 32), "netfilter");
}

static void map_types_have_the_kernels_numbers(void **state)
{
	(void)state;
	assert_string_equal(names_find(NAMES_MAP_TYPE, 0), "unspec");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 1), "hash");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 2), "array");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 3), "prog_array");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 11), "lpm_trie");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 13), "hash_of_maps");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 20), "reuseport_sockarray");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 27), "ringbuf");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 33), "arena");
	assert_string_equal(names_find(NAMES_MAP_TYPE, 34), "insn_array");
}

static void the_numbers_of_abi_h_and_the_words_agree(void **state)
{
	(void)state;
	assert_string_equal(names_find(NAMES_MAP_TYPE, ABI_MAP_TYPE_PERCPU_CGROUP_STORAGE),
			    "percpu_cgroup_storage");
	assert_string_equal(names_find(NAMES_MAP_TYPE, ABI_MAP_TYPE_CGROUP_STORAGE),
			    "cgroup_storage");
	assert_string_equal(names_find(NAMES_MAP_TYPE, ABI_MAP_TYPE_LRU_PERCPU_HASH),
			    "lru_percpu_hash");
	assert_string_equal(names_find(NAMES_MAP_TYPE, ABI_MAP_TYPE_BLOOM_FILTER), "bloom_filter");
	assert_int_equal(count(NAMES_MAP_TYPE), ABI_MAP_TYPE_RHASH + 1);
}

static void a_number_that_this_build_does_not_know_has_no_word(void **state)
{
	(void)state;
	for (enum names_set set = 0; set < NAMES_SETS; set++) {
		assert_null(names_find(set, count(set)));
		assert_null(names_find(set, 10000));
		assert_null(names_find(set, INT_MAX));
		assert_null(names_find(set, UINT_MAX));
	}
}

static void words_are_lower_case_and_none_comes_twice(void **state)
{
	(void)state;
	for (enum names_set set = 0; set < NAMES_SETS; set++) {
		for (unsigned i = 0; i < count(set); i++) {
			const char *word = names_find(set, i);

			assert_true(*word);
			assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_"),
					 strlen(word));
			for (unsigned j = 0; j < i; j++)
				assert_string_not_equal(word, names_find(set, j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_types_have_the_kernels_numbers),
		cmocka_unit_test(map_types_have_the_kernels_numbers),
		cmocka_unit_test(the_numbers_of_abi_h_and_the_words_agree),
		cmocka_unit_test(a_number_that_this_build_does_not_know_has_no_word),
		cmocka_unit_test(words_are_lower_case_and_none_comes_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
