/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_proc.c - what /proc and /sys say: possible CPUs, fdinfo, devices, whole files
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fake_root.h"
#include "kernel/proc.h"

#define CPUS "/sys/devices/system/cpu/possible"

/* The list that @text means, as one number after the other. */
static void assert_cpus(const char *text, const char *expected)
{
	AUTO(buf_done) struct buf found = { 0 };
	autofree unsigned *cpus = NULL;
	char digits[16];
	int n = proc_cpus_parse(text, &cpus);

	for (int i = 0; i < n; i++) {
		snprintf(digits, sizeof(digits), i ? " %u" : "%u", cpus[i]);
		buf_add_text(&found, digits);
	}
	buf_add_char(&found, '\0');
	if (n < 0)
		fail_msg("'%s' gave %d", text, n);
	assert_string_equal(found.bytes, expected);
}

static void assert_no_cpus(const char *text)
{
	unsigned *cpus = NULL;
	int n = proc_cpus_parse(text, &cpus);

	if (n != -EINVAL || cpus)
		fail_msg("'%s' gave %d", text, n);
}

static void a_single_cpu_is_read(void **state)
{
	(void)state;
	assert_cpus("0", "0");
	assert_cpus("7", "7");
}

static void a_range_holds_both_its_ends(void **state)
{
	(void)state;
	assert_cpus("0-3", "0 1 2 3");
	assert_cpus("2-2", "2");
}

static void numbers_are_those_of_the_set_and_not_counted_from_0(void **state)
{
	(void)state;
	assert_cpus("0,2-3", "0 2 3");
	assert_cpus("0-11,16-27", "0 1 2 3 4 5 6 7 8 9 10 11 "
				  "16 17 18 19 20 21 22 23 24 25 26 27");
	assert_cpus("1,3,5", "1 3 5");
	assert_cpus("0-1,2-3", "0 1 2 3");
}

static void a_newline_may_end_the_list(void **state)
{
	(void)state;
	assert_cpus("0\n", "0");
	assert_cpus("0-1,4\n", "0 1 4");
}

static void more_than_256_cpus_are_read(void **state)
{
	autofree unsigned *cpus = NULL, *most = NULL;

	(void)state;
	assert_int_equal(proc_cpus_parse("0-319", &cpus), 320);
	for (unsigned i = 0; i < 320; i++)
		assert_int_equal(cpus[i], i);
	assert_int_equal(proc_cpus_parse("0-8191", &most), 8192);
}

static void a_malformed_list_is_refused_and_not_guessed(void **state)
{
	static const char *const texts[] = { "",      "\n",    "a",	 "0-a",	 "a-3",	  "0,b",
					     ",",     "0,",    ",0",	 "0,,1", "-",	  "-3",
					     "0-",    "0--3",  "0-3-5",	 "0 ",	 " 0",	  "0, 1",
					     "0\n\n", "0\n1",  "+1",	 "0x1",	 "0-0x3", "1.5",
					     "0-3;5", "all\n", "0-3\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_no_cpus(texts[i]);
}

static void a_range_that_goes_down_is_refused(void **state)
{
	(void)state;
	assert_no_cpus("3-1");
	assert_no_cpus("0,9-8");
}

static void cpus_that_come_twice_or_out_of_order_are_refused(void **state)
{
	(void)state;
	assert_no_cpus("0-3,2");
	assert_no_cpus("0-3,3-5");
	assert_no_cpus("0,0");
	assert_no_cpus("4-5,0-1");
}

static void absurd_numbers_are_refused_without_taking_memory(void **state)
{
	(void)state;
	assert_no_cpus("0-4294967295");
	assert_no_cpus("0-99999999999999999999");
	assert_no_cpus("18446744073709551616");
	assert_no_cpus("0-9999999");
	assert_no_cpus("4294967295");
}

static void the_possible_cpus_are_read_below_the_root(void **state)
{
	AUTO_ROOT root;
	struct sys sys = { .root = root.path };
	autofree unsigned *cpus = NULL;
	struct inspect_error err;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, CPUS, "0,2-3\n");
	assert_int_equal(proc_possible_cpus(&sys, &cpus, &err), 3);
	assert_int_equal(cpus[0], 0);
	assert_int_equal(cpus[1], 2);
	assert_int_equal(cpus[2], 3);
}

static void a_cpu_file_that_is_missing_or_malformed_is_named(void **state)
{
	AUTO_ROOT root;
	struct sys sys = { .root = root.path };
	unsigned *cpus = NULL;
	struct inspect_error err;

	(void)state;
	fake_root_make(&root);
	assert_int_equal(proc_possible_cpus(&sys, &cpus, &err), -ENOENT);
	assert_non_null(strstr(err.what, CPUS));
	fake_root_write(&root, CPUS, "0-x\n");
	assert_int_equal(proc_possible_cpus(&sys, &cpus, &err), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_non_null(strstr(err.what, CPUS));
	fake_root_write(&root, CPUS, "");
	assert_int_equal(proc_possible_cpus(&sys, &cpus, &err), -EINVAL);
	assert_null(cpus);
}

static void a_cpu_list_is_not_cut_behind_a_whole_number(void **state)
{
	AUTO_ROOT root;
	AUTO(buf_done) struct buf text = { 0 };
	struct sys sys = { .root = root.path };
	autofree unsigned *cpus = NULL;
	struct inspect_error err;
	char number[16];
	unsigned n = 2;

	(void)state;
	fake_root_make(&root);
	/* Byte 4095 is the comma behind a number. */
	buf_add_text(&text, "0,100");
	for (; text.size < 4095; n++) {
		snprintf(number, sizeof(number), ",%u", 1000 + 2 * n);
		buf_add_text(&text, number);
	}
	assert_int_equal(text.size, 4095);
	buf_add(&text, ",9002-9100\n", 12);
	fake_root_write(&root, CPUS, text.bytes);
	int found = proc_possible_cpus(&sys, &cpus, &err);
	if (found != (int)n + 99 && found != -EINVAL)
		fail_msg("%u CPUs were read as %d", n + 99, found);
}

static struct proc_fdinfo parse_fdinfo(const char *text)
{
	struct proc_fdinfo info = { .have = ~0u, .memlock = 5 };

	proc_fdinfo_parse(text, &info);
	return info;
}

static void the_fdinfo_of_a_map_is_read(void **state)
{
	struct proc_fdinfo info = parse_fdinfo("pos:\t0\n"
					       "flags:\t02000002\n"
					       "mnt_id:\t15\n"
					       "ino:\t1057\n"
					       "map_type:\t3\n"
					       "key_size:\t4\n"
					       "value_size:\t4\n"
					       "max_entries:\t2\n"
					       "map_flags:\t0x0\n"
					       "map_extra:\t0x0\n"
					       "memlock:\t328\n"
					       "map_id:\t2105\n"
					       "frozen:\t0\n"
					       "owner_prog_type:\t6\n"
					       "owner_jited:\t1\n");

	(void)state;
	assert_int_equal(info.have, PROC_HAS_MEMLOCK | PROC_HAS_FROZEN | PROC_HAS_OWNER_TYPE |
					    PROC_HAS_OWNER_JITED | PROC_HAS_ID);
	assert_int_equal(info.memlock, 328);
	assert_int_equal(info.id, 2105);
	assert_int_equal(info.frozen, 0);
	assert_int_equal(info.owner_prog_type, 6);
	assert_int_equal(info.owner_jited, 1);
}

static void memory_above_4_gib_is_not_cut(void **state)
{
	(void)state;
	assert_true(parse_fdinfo("memlock:\t8589934592\n").memlock == 8589934592);
	assert_true(parse_fdinfo("memlock:\t18446744073709551615\n").memlock == UINT64_MAX);
	assert_true(parse_fdinfo("memlock: 8589934592\n").memlock == 8589934592);
}

static void a_line_that_is_absent_or_no_number_leaves_its_bit_out(void **state)
{
	static const char *const texts[] = { "",
					     "pos:\t0\nflags:\t02\n",
					     "memlock:\t\n",
					     "memlock:\n",
					     "memlock:\t-1\n",
					     "memlock:\t5x\n",
					     "memlock:\t5 6\n",
					     "memlock:\t18446744073709551616\n",
					     "memlock:\t0000000000000000000000000000005\n",
					     "xmemlock:\t5\n",
					     " memlock:\t5\n",
					     "memlock\t5\n",
					     "memlock_bytes:\t5\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (parse_fdinfo(texts[i]).have & PROC_HAS_MEMLOCK)
			fail_msg("'%s'", texts[i]);
}

static void the_last_line_of_fdinfo_may_lack_its_end(void **state)
{
	struct proc_fdinfo info = parse_fdinfo("frozen:\t1\nmemlock:\t4096");

	(void)state;
	assert_int_equal(info.have, PROC_HAS_MEMLOCK | PROC_HAS_FROZEN);
	assert_int_equal(info.memlock, 4096);
	assert_int_equal(info.frozen, 1);
}

static void fdinfo_is_read_below_the_root(void **state)
{
	AUTO_ROOT root;
	AUTO(sys_done) struct sys sys = { .root = root.path, .fdinfo = -1 };
	struct proc_fdinfo info;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/fdinfo/7", "memlock:\t8589934592\nmap_id:\t12\n");
	assert_int_equal(proc_fdinfo_read(&sys, 7, 12, &info), 0);
	assert_true(info.have & PROC_HAS_MEMLOCK);
	assert_true(info.memlock == 8589934592);
}

static void one_descriptor_after_another_has_its_own_fdinfo(void **state)
{
	AUTO_ROOT root;
	AUTO(sys_done) struct sys sys = { .root = root.path, .fdinfo = -1 };
	struct proc_fdinfo info;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/fdinfo/7", "memlock:\t70\nprog_id:\t1\n");
	fake_root_write(&root, "/proc/self/fdinfo/8", "memlock:\t8\nprog_id:\t2\n");
	assert_int_equal(proc_fdinfo_read(&sys, 7, 1, &info), 0);
	assert_int_equal(info.memlock, 70);
	assert_int_equal(proc_fdinfo_read(&sys, 8, 2, &info), 0);
	assert_int_equal(info.memlock, 8);
	/* The same number stands for the next object of a list. */
	fake_root_write(&root, "/proc/self/fdinfo/8", "memlock:\t9\nprog_id:\t3\n");
	assert_int_equal(proc_fdinfo_read(&sys, 8, 3, &info), 0);
	assert_int_equal(info.memlock, 9);
	assert_int_equal(proc_fdinfo_read(&sys, 7, 1, &info), 0);
	assert_int_equal(info.memlock, 70);
}

static void the_fdinfo_of_another_object_is_not_taken(void **state)
{
	AUTO_ROOT root;
	AUTO(sys_done) struct sys sys = { .root = root.path, .fdinfo = -1 };
	struct proc_fdinfo info;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/fdinfo/7", "memlock:\t70\nmap_id:\t5\n");
	assert_true(proc_fdinfo_read(&sys, 7, 6, &info) < 0);
	assert_int_equal(proc_fdinfo_read(&sys, 7, 5, &info), 0);
}

static void fdinfo_that_is_not_there_is_an_error(void **state)
{
	AUTO_ROOT root;
	AUTO(sys_done) struct sys sys = { .root = root.path, .fdinfo = -1 };
	struct proc_fdinfo info;

	(void)state;
	fake_root_make(&root);
	assert_int_equal(proc_fdinfo_read(&sys, 7, 1, &info), -ENOENT);
	fake_root_write(&root, "/proc/self/fdinfo/7", "memlock:\t70\n");
	assert_int_equal(proc_fdinfo_read(&sys, 7, 1, &info), 0);
}

static void a_root_that_is_too_long_for_a_path_is_an_error(void **state)
{
	autofree char *longest = calloc(1, 5000);
	struct sys sys = { .root = longest, .fdinfo = -1 };
	struct proc_fdinfo info;
	unsigned *cpus = NULL;

	(void)state;
	memset(longest, '/', 4999);
	assert_int_equal(proc_fdinfo_read(&sys, 7, 1, &info), -ENAMETOOLONG);
	assert_int_equal(proc_possible_cpus(&sys, &cpus, NULL), -ENAMETOOLONG);
}

static void a_device_has_a_name_only_in_the_callers_own_namespace(void **state)
{
	AUTO_ROOT root;
	struct sys sys = { .root = root.path };
	struct inspect_device ours = { .ifindex = 1 }, theirs;
	char path[128];
	struct stat st;

	(void)state;
	fake_root_make(&root);
	proc_device_name(&sys, &ours); /* no such file: no name, no failure */
	assert_string_equal(ours.name, "");
	fake_root_write(&root, "/proc/self/ns/net", "");
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root.path);
	assert_int_equal(stat(path, &st), 0);
	ours.netns_dev = st.st_dev;
	ours.netns_ino = st.st_ino;
	theirs = ours;
	theirs.netns_ino++;
	proc_device_name(&sys, &ours);
	assert_string_equal(ours.name, "lo");
	proc_device_name(&sys, &theirs);
	assert_string_equal(theirs.name, "");
	theirs = (struct inspect_device){ .ifindex = 1,
					  .netns_dev = st.st_dev + 1,
					  .netns_ino = st.st_ino };
	proc_device_name(&sys, &theirs);
	assert_string_equal(theirs.name, "");
}

static void time_since_boot_becomes_time_of_day(void **state)
{
	struct timespec boot;

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	uint64_t ns = (uint64_t)boot.tv_sec * 1000000000 + (uint64_t)boot.tv_nsec;
	uint64_t now = (uint64_t)time(NULL);
	assert_in_range(proc_wall_seconds(ns), now - 2, now + 2);
	assert_in_range(proc_wall_seconds(ns + 3600 * 1000000000ull), now + 3598, now + 3602);
	assert_in_range(proc_wall_seconds(0), now - (uint64_t)boot.tv_sec - 2,
			now - (uint64_t)boot.tv_sec + 2);
}

static void a_whole_file_is_read_up_to_its_limit(void **state)
{
	AUTO_ROOT root;
	autofree char *text = calloc(1, 200001), *bytes = NULL, *again = NULL;
	char path[128];
	struct inspect_error err;
	size_t size = 0;

	(void)state;
	fake_root_make(&root);
	memset(text, 'x', 200000);
	fake_root_write(&root, "/file", text);
	snprintf(path, sizeof(path), "%s/file", root.path);
	assert_int_equal(proc_read_file(path, 200000, &bytes, &size, &err), 0);
	assert_int_equal(size, 200000);
	assert_memory_equal(bytes, text, size);
	assert_int_equal(proc_read_file(path, 199999, &again, &size, &err), -EFBIG);
	assert_non_null(strstr(err.what, path));
	assert_null(again);
	assert_int_equal(proc_read_file(root.path, 100, &again, &size, &err), -EISDIR);
	assert_int_equal(proc_read_file("/nonexistent/x", 100, &again, &size, &err), -ENOENT);
	assert_non_null(strstr(err.what, "/nonexistent/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_cpu_is_read),
		cmocka_unit_test(a_range_holds_both_its_ends),
		cmocka_unit_test(numbers_are_those_of_the_set_and_not_counted_from_0),
		cmocka_unit_test(a_newline_may_end_the_list),
		cmocka_unit_test(more_than_256_cpus_are_read),
		cmocka_unit_test(a_malformed_list_is_refused_and_not_guessed),
		cmocka_unit_test(a_range_that_goes_down_is_refused),
		cmocka_unit_test(cpus_that_come_twice_or_out_of_order_are_refused),
		cmocka_unit_test(absurd_numbers_are_refused_without_taking_memory),
		cmocka_unit_test(the_possible_cpus_are_read_below_the_root),
		cmocka_unit_test(a_cpu_file_that_is_missing_or_malformed_is_named),
		cmocka_unit_test(a_cpu_list_is_not_cut_behind_a_whole_number),
		cmocka_unit_test(the_fdinfo_of_a_map_is_read),
		cmocka_unit_test(memory_above_4_gib_is_not_cut),
		cmocka_unit_test(a_line_that_is_absent_or_no_number_leaves_its_bit_out),
		cmocka_unit_test(the_last_line_of_fdinfo_may_lack_its_end),
		cmocka_unit_test(fdinfo_is_read_below_the_root),
		cmocka_unit_test(one_descriptor_after_another_has_its_own_fdinfo),
		cmocka_unit_test(the_fdinfo_of_another_object_is_not_taken),
		cmocka_unit_test(fdinfo_that_is_not_there_is_an_error),
		cmocka_unit_test(a_root_that_is_too_long_for_a_path_is_an_error),
		cmocka_unit_test(a_device_has_a_name_only_in_the_callers_own_namespace),
		cmocka_unit_test(time_since_boot_becomes_time_of_day),
		cmocka_unit_test(a_whole_file_is_read_up_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
