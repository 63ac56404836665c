/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_facts.c - what is taken from the info call, fdinfo, and what an older kernel leaves out
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
#include "capture.h"
#include "fake_kernel.h"
#include "records/print.h"

#define INFO_5_10 208 /* bytes of struct bpf_prog_info in Linux 5.10 */
#define MAP_INFO_5_10 80

static void read_prog(struct inspect *inspect, uint32_t id, unsigned want, struct inspect_prog *out)
{
	const struct inspect_ref ref = { .kind = INSPECT_PROG, .by = INSPECT_BY_ID, .id = id };
	struct inspect_list *list;

	assert_int_equal(inspect_list_new(inspect, &ref, want, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, out, NULL), 1);
	inspect_list_free(list);
}

static void read_map(struct inspect *inspect, uint32_t id, unsigned want, struct inspect_map *out)
{
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = id };
	struct inspect_list *list;

	assert_int_equal(inspect_list_new(inspect, &ref, want, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, out, NULL), 1);
	inspect_list_free(list);
}

static struct abi_prog_info full_prog_info(void)
{
	struct abi_prog_info info;

	memset(&info, 0x11, sizeof(info)); /* nothing is zero */
	info.ifindex = 0;
	info.load_time = 1000000000;
	info.btf_id = 43;
	memcpy(info.name, "cls", 4);
	return info;
}

static void every_fact_of_a_newer_kernel_is_known(void **state)
{
	struct abi_prog_info info = full_prog_info();
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .info = &info };
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_int_equal(prog.have, INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_LOAD_TIME |
					    INSPECT_PROG_HAS_XLATED | INSPECT_PROG_HAS_STATS |
					    INSPECT_PROG_HAS_MISSES | INSPECT_PROG_HAS_VERIFIED |
					    INSPECT_PROG_HAS_ATTACH_BTF | INSPECT_PROG_HAS_BTF |
					    INSPECT_PROG_HAS_JITED | INSPECT_PROG_HAS_RUN |
					    INSPECT_PROG_HAS_MISSED);
	assert_int_equal(prog.id, 7);
	assert_int_equal(prog.type, 0x11111111);
	assert_memory_equal(prog.tag, "\x11\x11\x11\x11\x11\x11\x11\x11", 8);
	assert_string_equal(prog.name, "cls");
	assert_true(prog.is_gpl_compatible);
	assert_true(prog.is_jited);
	assert_int_equal(prog.uid, 0x11111111);
	assert_int_equal(prog.xlated_bytes, 0x11111111);
	assert_int_equal(prog.jited_bytes, 0x11111111);
	assert_int_equal(prog.functions, 0x11111111);
	assert_true(prog.run_time_ns == 0x1111111111111111);
	assert_true(prog.run_cnt == 0x1111111111111111);
	assert_true(prog.recursion_misses == 0x1111111111111111);
	assert_int_equal(prog.verified_insns, 0x11111111);
	assert_int_equal(prog.attach_btf_obj_id, 0x11111111);
	assert_int_equal(prog.attach_btf_id, 0x11111111);
	assert_int_equal(prog.btf_id, 43);
	fake_kernel_stop();
}

static void what_linux_5_10_does_not_tell_is_absent(void **state)
{
	struct abi_prog_info info = full_prog_info();
	struct fake_object object = {
		.kind = INSPECT_PROG, .id = 7, .info = &info, .info_size = INFO_5_10
	};
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, INSPECT_WANT_ALL, &prog);
	assert_int_equal(prog.have, INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_LOAD_TIME |
					    INSPECT_PROG_HAS_XLATED | INSPECT_PROG_HAS_STATS |
					    INSPECT_PROG_HAS_BTF | INSPECT_PROG_HAS_JITED |
					    INSPECT_PROG_HAS_RUN);
	assert_true(prog.run_cnt == 0x1111111111111111);
	fake_kernel_stop();
}

static void a_fact_is_known_from_its_last_byte_on(void **state)
{
	static const struct {
		unsigned bit;
		size_t end;
	} facts[] = {
		{ INSPECT_PROG_HAS_STATS, offsetof(struct abi_prog_info, run_cnt) + 8 },
		{ INSPECT_PROG_HAS_MISSES, offsetof(struct abi_prog_info, recursion_misses) + 8 },
		{ INSPECT_PROG_HAS_VERIFIED, offsetof(struct abi_prog_info, verified_insns) + 4 },
		{ INSPECT_PROG_HAS_ATTACH_BTF, offsetof(struct abi_prog_info, attach_btf_id) + 4 },
	};
	struct abi_prog_info info = full_prog_info();

	(void)state;
	for (uint32_t size = 104; size <= sizeof(info); size += 4) {
		struct fake_object object = {
			.kind = INSPECT_PROG, .id = 7, .info = &info, .info_size = size
		};
		AUTO(inspect_prog_done) struct inspect_prog prog;

		read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
		for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
			if (!(prog.have & facts[i].bit) != (size < facts[i].end))
				fail_msg("fact %u with %u bytes", facts[i].bit, size);
		fake_kernel_stop();
	}
}

static void zeros_of_a_newer_kernel_are_facts(void **state)
{
	struct abi_prog_info info = { .xlated_prog_len = 16 };
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .info = &info };
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_int_equal(prog.have, INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_XLATED |
					    INSPECT_PROG_HAS_STATS | INSPECT_PROG_HAS_MISSES |
					    INSPECT_PROG_HAS_VERIFIED);
	assert_false(prog.is_jited);
	assert_false(prog.is_gpl_compatible);
	fake_kernel_stop();
}

static void instructions_that_are_hidden_from_this_user_are_not_zero(void **state)
{
	struct abi_prog_info info = { .type = 1 };
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .info = &info };
	AUTO(inspect_prog_done) struct inspect_prog prog;
	AUTO_CAPTURE capture;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_false(prog.have & (INSPECT_PROG_HAS_XLATED | INSPECT_PROG_HAS_JITED));
	prog_schema.plain(capture_out(&capture), &prog);
	assert_null(strstr(capture_end(&capture), "0B"));
	fake_kernel_stop();
}

static void the_lowest_bit_alone_says_that_the_licence_is_compatible(void **state)
{
	struct abi_prog_info info = { .gpl_compatible = 0xfffffffe };
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .info = &info };
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_false(prog.is_gpl_compatible);
	fake_kernel_stop();
}

static void the_load_time_is_seconds_since_1970(void **state)
{
	struct timespec boot;
	struct abi_prog_info info = { 0 };
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .info = &info };
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &boot);
	info.load_time = (uint64_t)boot.tv_sec * 1000000000 + (uint64_t)boot.tv_nsec;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_in_range(prog.loaded_at, (uint64_t)time(NULL) - 2, (uint64_t)time(NULL) + 2);
	fake_kernel_stop();
}

static void every_map_id_is_read_however_many_there_are(void **state)
{
	static const uint32_t counts[] = { 0, 1, 63, 64, 65, 66, 200, 5000 };
	uint32_t maps[5000];

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		maps[i] = 10 + i;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct fake_object object = {
			.kind = INSPECT_PROG, .id = 7, .maps = maps, .n_maps = counts[i]
		};
		AUTO(inspect_prog_done) struct inspect_prog prog;

		read_prog(fake_kernel_start(&object, 1), 7, INSPECT_WANT_MAP_IDS, &prog);
		assert_int_equal(prog.map_ids.n, counts[i]);
		for (uint32_t j = 0; j < counts[i]; j++)
			assert_int_equal(prog.map_ids.ids[j], 10 + j);
		fake_kernel_stop();
	}
}

static void map_ids_that_are_not_wanted_are_not_read(void **state)
{
	const uint32_t maps[] = { 1, 2 };
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .maps = maps, .n_maps = 2 };
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_int_equal(prog.map_ids.n, 0);
	assert_null(prog.map_ids.ids);
	fake_kernel_stop();
}

/* --- maps --- */

static void a_name_of_16_bytes_without_an_end_is_cut(void **state)
{
	struct abi_map_info info = { 0 };
	struct fake_object object = { .kind = INSPECT_MAP, .id = 7, .info = &info };
	AUTO(inspect_map_done) struct inspect_map map;

	(void)state;
	memset(info.name, 'm', sizeof(info.name));
	read_map(fake_kernel_start(&object, 1), 7, 0, &map);
	assert_string_equal(map.name, "mmmmmmmmmmmmmmm");
	fake_kernel_stop();
}

static void a_maps_facts_are_taken_from_info_and_fdinfo(void **state)
{
	const struct abi_map_info info = { .type = 3,
					   .key_size = 4,
					   .value_size = 5,
					   .max_entries = 6,
					   .map_flags = 7,
					   .name = "jmp",
					   .btf_id = 43,
					   .btf_key_type_id = 8,
					   .btf_value_type_id = 9,
					   .btf_vmlinux_value_type_id = 10,
					   .map_extra = 1ull << 40 };
	struct fake_object object = { .kind = INSPECT_MAP,
				      .id = 7,
				      .info = &info,
				      .fdinfo = "memlock:\t8589934592\nmap_id:\t7\nfrozen:\t1\n"
						"owner_prog_type:\t6\nowner_jited:\t1\n" };
	AUTO(inspect_map_done) struct inspect_map map;

	(void)state;
	read_map(fake_kernel_start(&object, 1), 7, INSPECT_WANT_FDINFO, &map);
	assert_int_equal(map.have, INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_MEMLOCK |
					   INSPECT_MAP_HAS_FROZEN | INSPECT_MAP_HAS_BTF |
					   INSPECT_MAP_HAS_EXTRA | INSPECT_MAP_HAS_OWNER_TYPE |
					   INSPECT_MAP_HAS_OWNER_JITED |
					   INSPECT_MAP_HAS_KERNEL_BTF);
	assert_int_equal(map.type, 3);
	assert_int_equal(map.key_bytes, 4);
	assert_int_equal(map.value_bytes, 5);
	assert_int_equal(map.max_entries, 6);
	assert_int_equal(map.flags, 7);
	assert_string_equal(map.name, "jmp");
	assert_int_equal(map.btf_id, 43);
	assert_int_equal(map.btf_key_type_id, 8);
	assert_int_equal(map.btf_value_type_id, 9);
	assert_int_equal(map.btf_vmlinux_value_type_id, 10);
	assert_true(map.map_extra == 1ull << 40);
	assert_true(map.memlock_bytes == 8589934592);
	assert_true(map.is_frozen && map.is_owner_jited);
	assert_int_equal(map.owner_prog_type, 6);
	fake_kernel_stop();
}

static void what_an_older_kernel_does_not_tell_of_a_map_is_absent(void **state)
{
	const struct abi_map_info info = { .type = 1, .map_extra = 5 };
	struct fake_object object = { .kind = INSPECT_MAP,
				      .id = 7,
				      .info = &info,
				      .info_size = MAP_INFO_5_10,
				      .fdinfo = "memlock:\t4096\nmap_id:\t7\n" };
	AUTO(inspect_map_done) struct inspect_map map;

	(void)state;
	read_map(fake_kernel_start(&object, 1), 7, INSPECT_WANT_FDINFO, &map);
	assert_int_equal(map.have, INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_MEMLOCK);
	fake_kernel_stop();
}

static void a_map_without_btf_does_not_get_the_btf_of_the_one_before(void **state)
{
	const struct abi_map_info with = { .btf_id = 43 }, without = { .type = 1 };
	struct fake_object objects[] = { { .kind = INSPECT_MAP, .id = 1, .info = &with },
					 { .kind = INSPECT_MAP, .id = 2, .info = &without } };
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ALL };
	struct inspect *inspect = fake_kernel_start(objects, 2);
	struct inspect_list *list;
	struct inspect_map map;

	(void)state;
	assert_int_equal(inspect_list_new(inspect, &ref, 0, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, &map, NULL), 1);
	assert_true(map.have & INSPECT_MAP_HAS_BTF);
	assert_int_equal(inspect_list_next(list, &map, NULL), 1);
	assert_false(map.have & INSPECT_MAP_HAS_BTF);
	inspect_list_free(list);
	fake_kernel_stop();
}

static void memory_of_one_object_is_not_that_of_another(void **state)
{
	struct fake_object objects[] = {
		{ .kind = INSPECT_MAP, .id = 1, .fdinfo = "memlock:\t100\nmap_id:\t1\n" },
		{ .kind = INSPECT_MAP, .id = 2 },
		{ .kind = INSPECT_MAP, .id = 3, .fdinfo = "memlock:\t300\nmap_id:\t3\n" },
	};
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ALL };
	struct inspect *inspect = fake_kernel_start(objects, 3);
	struct inspect_list *list;
	struct inspect_map map;

	(void)state;
	assert_int_equal(inspect_list_new(inspect, &ref, INSPECT_WANT_FDINFO, &list, NULL), 0);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(inspect_list_next(list, &map, NULL), 1);
		assert_int_equal(!(map.have & INSPECT_MAP_HAS_MEMLOCK), i == 2);
		assert_int_equal(map.memlock_bytes, i == 2 ? 0 : 100 * i);
	}
	inspect_list_free(list);
	fake_kernel_stop();
}

static void a_device_is_known_with_its_namespace(void **state)
{
	const struct abi_prog_info info = { .ifindex = 1, .netns_dev = 4, .netns_ino = 1234567 };
	struct fake_object object = { .kind = INSPECT_PROG, .id = 7, .info = &info };
	AUTO(inspect_prog_done) struct inspect_prog prog;

	(void)state;
	read_prog(fake_kernel_start(&object, 1), 7, 0, &prog);
	assert_true(prog.have & INSPECT_PROG_HAS_DEVICE);
	assert_int_equal(prog.device.ifindex, 1);
	assert_int_equal(prog.device.netns_dev, 4);
	assert_int_equal(prog.device.netns_ino, 1234567);
	assert_string_equal(prog.device.name, ""); /* the caller's own "lo" is another device */
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_of_a_newer_kernel_is_known),
		cmocka_unit_test(what_linux_5_10_does_not_tell_is_absent),
		cmocka_unit_test(a_fact_is_known_from_its_last_byte_on),
		cmocka_unit_test(zeros_of_a_newer_kernel_are_facts),
		cmocka_unit_test(instructions_that_are_hidden_from_this_user_are_not_zero),
		cmocka_unit_test(the_lowest_bit_alone_says_that_the_licence_is_compatible),
		cmocka_unit_test(the_load_time_is_seconds_since_1970),
		cmocka_unit_test(every_map_id_is_read_however_many_there_are),
		cmocka_unit_test(map_ids_that_are_not_wanted_are_not_read),
		cmocka_unit_test(a_name_of_16_bytes_without_an_end_is_cut),
		cmocka_unit_test(a_maps_facts_are_taken_from_info_and_fdinfo),
		cmocka_unit_test(what_an_older_kernel_does_not_tell_of_a_map_is_absent),
		cmocka_unit_test(a_map_without_btf_does_not_get_the_btf_of_the_one_before),
		cmocka_unit_test(memory_of_one_object_is_not_that_of_another),
		cmocka_unit_test(a_device_is_known_with_its_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
