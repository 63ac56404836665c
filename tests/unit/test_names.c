/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_names.c - the words for the kernel's numbers
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "btf/reader.h"
#include "btf_maker.h"
#include "capture.h"
#include "fake_kernel.h"
#include "fake_root.h"
#include "kernel/abi.h"
#include "kernel/names.h"
#include "records/print.h"

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

static void helpers_have_the_kernels_numbers(void **state)
{
	(void)state;
	assert_string_equal(names_find(NAMES_HELPER, 0), "unspec");
	assert_string_equal(names_find(NAMES_HELPER, 1), "map_lookup_elem");
	assert_string_equal(names_find(NAMES_HELPER, 12), "tail_call");
	assert_string_equal(names_find(NAMES_HELPER, 112), "probe_read_user");
	assert_string_equal(names_find(NAMES_HELPER, 211), "cgrp_storage_delete");
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

static void add_enum(struct maker *m, const char *name, const char *const *words,
		     const unsigned *values, unsigned n)
{
	maker_type(m, KIND_ENUM, maker_string(m, name), 4, n);
	for (unsigned i = 0; i < n; i++) {
		maker_word(m, maker_string(m, words[i]));
		maker_word(m, values[i]);
	}
}

static void write_bytes(const struct fake_root *root, const void *bytes, size_t size)
{
	char path[128];

	fake_root_write(root, "/sys/kernel/btf/vmlinux", "");
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", root->path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* The BTF of a kernel that has types of which this build does not know. */
static void write_kernel_btf(const struct fake_root *root)
{
	static const char *const maps[] = {
		"BPF_MAP_TYPE_HASH",	  "BPF_MAP_TYPE_OLD_DEPRECATED",
		"BPF_MAP_TYPE_SHINY_NEW", "__MAX_BPF_MAP_TYPE",
		"BPF_MAP_TYPE_",	  "BPF_MAP_TYPE_SECOND_NAME",
		"BPF_MAP_TYPE_X\033[31m", "OTHER_THING",
	};
	static const unsigned map_values[] = { 1, 90, 90, 91, 92, 90, 93, 94 };
	static const char *const progs[] = { "BPF_PROG_TYPE_LATER", "BPF_PROG_TYPE_XDP" };
	static const unsigned prog_values[] = { 80, 6 };
	static const char *const others[] = { "BPF_MAP_TYPE_NOT_THIS" };
	static const unsigned other_values[] = { 95 };
	struct maker m = { 0 };

	add_enum(&m, "elsewhere", others, other_values, 1);
	add_enum(&m, "bpf_map_type", maps, map_values, 8);
	add_enum(&m, "bpf_prog_type", progs, prog_values, 2);
	maker_finish(&m);
	write_bytes(root, m.blob, m.size);
	maker_done(&m);
}

static void a_number_that_this_build_does_not_know_is_looked_up_in_the_kernels_btf(void **state)
{
	(void)state;
	AUTO_ROOT root;
	AUTO(names_done) struct names names = { 0 };
	fake_root_make(&root);
	write_kernel_btf(&root);
	struct sys sys = { .root = root.path };

	assert_string_equal(names_get(&names, &sys, NAMES_MAP_TYPE, 90), "shiny_new");
	assert_string_equal(names_get(&names, &sys, NAMES_PROG_TYPE, 80), "later");
	assert_string_equal(names_get(&names, &sys, NAMES_MAP_TYPE, 93), "x\033[31m");
	assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 91));  /* a marker */
	assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 92));  /* nothing behind the prefix */
	assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 94));  /* not of that prefix */
	assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 95));  /* of another enum */
	assert_null(names_get(&names, &sys, NAMES_PROG_TYPE, 90)); /* of the other set */
}

static void the_kernel_is_asked_once_and_only_for_what_is_unknown(void **state)
{
	(void)state;
	AUTO_ROOT root;
	AUTO(names_done) struct names names = { 0 };
	fake_root_make(&root);
	struct sys sys = { .root = root.path };

	assert_string_equal(names_get(&names, &sys, NAMES_MAP_TYPE, 1), "hash");
	assert_false(names.was_asked);
	assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 90)); /* there is no BTF */
	assert_true(names.was_asked);
	write_kernel_btf(&root);
	assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 90));
	names_done(&names);
	assert_string_equal(names_get(&names, &sys, NAMES_MAP_TYPE, 90), "shiny_new");
}

static void btf_that_cannot_be_read_names_nothing(void **state)
{
	(void)state;
	AUTO_ROOT root;
	fake_root_make(&root);
	struct sys sys = { .root = root.path };
	static const unsigned char wild[8] = { 0x9f, 0xeb, 1, 0, 0xff, 0xff, 0xff, 0xff };

	for (size_t size = 0; size <= sizeof(wild); size++) {
		AUTO(names_done) struct names names = { 0 };

		write_bytes(&root, wild, size);
		assert_null(names_get(&names, &sys, NAMES_MAP_TYPE, 90));
	}
}

static void the_kernels_word_stands_in_text_and_json(void **state)
{
	(void)state;
	struct abi_map_info info = { .type = 90, .id = 7, .name = "new" };
	struct abi_prog_info prog_info = { .type = 80, .id = 8 };
	struct fake_object objects[] = {
		{ .kind = INSPECT_MAP, .id = 7, .info = &info, .info_size = sizeof(info) },
		{ .kind = INSPECT_PROG,
		  .id = 8,
		  .info = &prog_info,
		  .info_size = sizeof(prog_info) },
	};
	const struct inspect_ref map = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 7 };
	const struct inspect_ref prog = { .kind = INSPECT_PROG, .by = INSPECT_BY_ID, .id = 8 };
	struct inspect *inspect = fake_kernel_start(objects, 2);
	struct inspect_error error = { 0 };

	write_kernel_btf(&fake_kernel.root);
	for (enum sink_form form = SINK_PLAIN; form <= SINK_TSV; form++) {
		AUTO_CAPTURE maps;
		AUTO_CAPTURE progs;

		assert_int_equal(
			print_list(inspect, capture_begin(&maps, form), &map, 0, NULL, &error), 0);
		assert_non_null(strstr(capture_end(&maps), "shiny_new"));
		assert_int_equal(
			print_list(inspect, capture_begin(&progs, form), &prog, 0, NULL, &error),
			0);
		assert_non_null(strstr(capture_end(&progs), "later"));
	}
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_types_have_the_kernels_numbers),
		cmocka_unit_test(map_types_have_the_kernels_numbers),
		cmocka_unit_test(helpers_have_the_kernels_numbers),
		cmocka_unit_test(the_numbers_of_abi_h_and_the_words_agree),
		cmocka_unit_test(a_number_that_this_build_does_not_know_has_no_word),
		cmocka_unit_test(words_are_lower_case_and_none_comes_twice),
		cmocka_unit_test(
			a_number_that_this_build_does_not_know_is_looked_up_in_the_kernels_btf),
		cmocka_unit_test(the_kernel_is_asked_once_and_only_for_what_is_unknown),
		cmocka_unit_test(btf_that_cannot_be_read_names_nothing),
		cmocka_unit_test(the_kernels_word_stands_in_text_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
