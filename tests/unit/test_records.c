/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_records.c - records filled by hand through the printers: the layouts that are a contract
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "capture.h"
#include "records/print.h"

/* Prints one record, the only one of its list or a single one. */
static const char *print_as(struct capture *capture, struct sink *sink, const struct schema *schema,
			    const void *record, bool is_single)
{
	struct printer printer;

	assert_int_equal(print_init(&printer, sink, schema, NULL), 0);
	print_open(&printer, is_single);
	print_record(&printer, record);
	print_close(&printer, is_single);
	return capture_end(capture);
}

static void assert_plain(const struct schema *schema, const void *record, const char *expected)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	assert_string_equal(print_as(&capture, sink, schema, record, true), expected);
}

static void assert_json(enum sink_form form, const struct schema *schema, const void *record,
			const char *expected)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, form);

	print_as(&capture, sink, schema, record, true);
	assert_true(is_json(capture.text, capture.size));
	assert_string_equal(capture.text, expected);
}

/* The program of prog.md's first capture. */
static unsigned cls_maps[] = { 2106, 2110 };
static const struct inspect_prog cls = {
	.fd = -1,
	.have = INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_LOAD_TIME | INSPECT_PROG_HAS_XLATED |
		INSPECT_PROG_HAS_JITED | INSPECT_PROG_HAS_BTF | INSPECT_PROG_HAS_MEMLOCK,
	.id = 2986,
	.type = 3,
	.kernel_name = "cls",
	.name = "cls",
	.tag = { 0xaf, 0xa3, 0x09, 0x28, 0x1a, 0x02, 0x10, 0x56 },
	.is_gpl_compatible = true,
	.is_jited = true,
	.loaded_at = 1795399057,
	.xlated_bytes = 224,
	.jited_bytes = 143,
	.memlock_bytes = 4096,
	.map_ids = { cls_maps, 2 },
	.btf_id = 43,
	.functions = 2,
};

/* The second map of map.md's capture. */
static const struct inspect_map jmp = {
	.fd = -1,
	.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_MEMLOCK | INSPECT_MAP_HAS_FROZEN |
		INSPECT_MAP_HAS_BTF | INSPECT_MAP_HAS_OWNER_TYPE | INSPECT_MAP_HAS_OWNER_JITED,
	.id = 2105,
	.type = 3,
	.name = "jmp",
	.key_bytes = 4,
	.value_bytes = 4,
	.max_entries = 2,
	.memlock_bytes = 328,
	.owner_prog_type = 6,
	.is_owner_jited = true,
	.btf_id = 43,
	.btf_key_type_id = 1,
	.btf_value_type_id = 2,
};

static void a_program_looks_as_bpftool_shows_it(void **state)
{
	(void)state;
	assert_plain(&prog_schema, &cls,
		     "2986: sched_cls  name cls  tag afa309281a021056  gpl\n"
		     "\tloaded_at 2026-11-23T01:57:37+0000  uid 0\n"
		     "\txlated 224B  jited 143B  memlock 4096B  map_ids 2106,2110\n"
		     "\tbtf_id 43\n");
}

static void a_program_without_name_btf_and_maps_has_three_lines(void **state)
{
	const struct inspect_prog prog = {
		.have = INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_LOAD_TIME |
			INSPECT_PROG_HAS_XLATED | INSPECT_PROG_HAS_JITED | INSPECT_PROG_HAS_MEMLOCK,
		.id = 40966,
		.type = 1,
		.tag = { 0xa1, 0xdb, 0x1a, 0x13, 0x43, 0x2a, 0x70, 0x4b },
		.is_jited = true,
		.loaded_at = 1795400528,
		.xlated_bytes = 32,
		.jited_bytes = 30,
		.memlock_bytes = 4096,
	};

	(void)state;
	assert_plain(&prog_schema, &prog,
		     "40966: socket_filter  tag a1db1a13432a704b\n"
		     "\tloaded_at 2026-11-23T02:22:08+0000  uid 0\n"
		     "\txlated 32B  jited 30B  memlock 4096B\n");
}

static void run_statistics_stand_at_the_end_of_the_first_line(void **state)
{
	struct inspect_prog prog = {
		.have = INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_STATS | INSPECT_PROG_HAS_RUN |
			INSPECT_PROG_HAS_XLATED | INSPECT_PROG_HAS_MISSES,
		.id = 40951,
		.type = 6,
		.name = "h1st",
		.tag = { 0x3d, 0xff, 0xd7, 0x59, 0x74, 0x45, 0x8b, 0xdf },
		.is_gpl_compatible = true,
		.run_time_ns = 9283,
		.run_cnt = 10,
		.xlated_bytes = 16,
	};

	(void)state;
	assert_plain(
		&prog_schema, &prog,
		"40951: xdp  name h1st  tag 3dffd75974458bdf  gpl run_time_ns 9283 run_cnt 10\n"
		"\txlated 16B  not jited\n");
	prog.have |= INSPECT_PROG_HAS_MISSED;
	prog.recursion_misses = 3;
	assert_plain(&prog_schema, &prog,
		     "40951: xdp  name h1st  tag 3dffd75974458bdf  gpl run_time_ns 9283 run_cnt 10 "
		     "recursion_misses 3\n"
		     "\txlated 16B  not jited\n");
}

static void an_orphaned_program_says_so_between_memory_and_maps(void **state)
{
	struct inspect_prog prog = cls;

	(void)state;
	prog.is_orphaned = true;
	prog.have &= ~(unsigned)(INSPECT_PROG_HAS_BTF | INSPECT_PROG_HAS_LOAD_TIME);
	assert_plain(&prog_schema, &prog,
		     "2986: sched_cls  name cls  tag afa309281a021056  gpl\n"
		     "\txlated 224B  jited 143B  memlock 4096B  orphaned  map_ids 2106,2110\n");
}

static void a_device_stands_behind_the_tag_and_behind_the_flags(void **state)
{
	struct inspect_prog prog = cls;
	struct inspect_map map = jmp;

	(void)state;
	prog.have = INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_DEVICE;
	prog.device = (struct inspect_device){ .ifindex = 3, .name = "eth0" };
	prog.map_ids.n = 0;
	assert_plain(&prog_schema, &prog,
		     "2986: sched_cls  name cls  tag afa309281a021056  offloaded_to eth0  gpl\n"
		     "\txlated withheld\n");
	map.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_DEVICE;
	map.device = (struct inspect_device){ .ifindex = 3, .netns_dev = 4, .netns_ino = 4026531 };
	assert_plain(&map_schema, &map,
		     "2105: prog_array  name jmp  flags 0x0"
		     "  offloaded_to ifindex 3 ns_dev 4 ns_ino 4026531\n"
		     "\tkey 4B  value 4B  max_entries 2\n");
}

static void a_programs_json_has_bpftools_keys_in_its_order(void **state)
{
	struct inspect_prog prog = cls;

	(void)state;
	assert_json(SINK_JSON, &prog_schema, &prog,
		    "{\"id\":2986,\"type\":\"sched_cls\",\"name\":\"cls\","
		    "\"tag\":\"afa309281a021056\",\"gpl_compatible\":true,"
		    "\"loaded_at\":1795399057,\"uid\":0,\"orphaned\":false,\"bytes_xlated\":224,"
		    "\"jited\":true,\"bytes_jited\":143,\"bytes_memlock\":4096,"
		    "\"map_ids\":[2106,2110],\"btf_id\":43,\"functions\":2}\n");
	prog.have |= INSPECT_PROG_HAS_STATS | INSPECT_PROG_HAS_RUN | INSPECT_PROG_HAS_MISSES |
		     INSPECT_PROG_HAS_MISSED;
	prog.have &= ~(unsigned)(INSPECT_PROG_HAS_XLATED | INSPECT_PROG_HAS_JITED);
	prog.run_time_ns = 9283;
	prog.run_cnt = 10;
	prog.recursion_misses = 3;
	assert_json(SINK_JSON, &prog_schema, &prog,
		    "{\"id\":2986,\"type\":\"sched_cls\",\"name\":\"cls\","
		    "\"tag\":\"afa309281a021056\",\"gpl_compatible\":true,\"run_time_ns\":9283,"
		    "\"run_cnt\":10,\"recursion_misses\":3,\"loaded_at\":1795399057,\"uid\":0,"
		    "\"orphaned\":false,\"bytes_memlock\":4096,\"map_ids\":[2106,2110],"
		    "\"btf_id\":43}\n");
}

static void a_device_is_a_record_in_json(void **state)
{
	struct inspect_prog prog = cls;

	(void)state;
	prog.have = INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_DEVICE;
	prog.map_ids.n = 0;
	prog.device = (struct inspect_device){
		.ifindex = 3, .netns_dev = 4, .netns_ino = 4026531, .name = "eth0"
	};
	assert_json(SINK_JSON, &prog_schema, &prog,
		    "{\"id\":2986,\"type\":\"sched_cls\",\"name\":\"cls\","
		    "\"tag\":\"afa309281a021056\",\"gpl_compatible\":true,"
		    "\"dev\":{\"ifindex\":3,\"ns_dev\":4,\"ns_inode\":4026531,\"ifname\":\"eth0\"},"
		    "\"orphaned\":false}\n");
}

static void maps_look_as_bpftool_shows_them(void **state)
{
	struct inspect_map map = jmp;

	(void)state;
	assert_plain(&map_schema, &map,
		     "2105: prog_array  name jmp  flags 0x0\n"
		     "\tkey 4B  value 4B  max_entries 2  memlock 328B\n"
		     "\towner_prog_type xdp  owner jited\n"
		     "\tbtf_id 43\n");
	map = (struct inspect_map){
		.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_MEMLOCK | INSPECT_MAP_HAS_FROZEN |
			INSPECT_MAP_HAS_BTF,
		.id = 2110,
		.type = 2,
		.name = "a.rodata",
		.flags = 0x480,
		.key_bytes = 4,
		.value_bytes = 21,
		.max_entries = 1,
		.memlock_bytes = 8192,
		.btf_id = 43,
		.is_frozen = true,
	};
	assert_plain(&map_schema, &map,
		     "2110: array  name a.rodata  flags 0x480\n"
		     "\tkey 4B  value 21B  max_entries 1  memlock 8192B\n"
		     "\tbtf_id 43  frozen\n");
}

static void the_last_line_of_a_map_is_there_when_there_is_something_to_say(void **state)
{
	struct inspect_map map = {
		.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_FROZEN,
		.id = 5,
		.type = 1,
		.key_bytes = 4,
		.value_bytes = 8,
		.max_entries = 10,
	};

	(void)state;
	assert_plain(&map_schema, &map, "5: hash  flags 0x0\n\tkey 4B  value 8B  max_entries 10\n");
	map.is_frozen = true;
	assert_plain(&map_schema, &map,
		     "5: hash  flags 0x0\n\tkey 4B  value 8B  max_entries 10\n\tfrozen\n");
}

static void the_owner_line_has_what_is_known_of_the_owner(void **state)
{
	struct inspect_map map = jmp;

	(void)state;
	map.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_OWNER_TYPE | INSPECT_MAP_HAS_OWNER_JITED;
	map.is_owner_jited = false;
	assert_plain(&map_schema, &map,
		     "2105: prog_array  name jmp  flags 0x0\n"
		     "\tkey 4B  value 4B  max_entries 2\n"
		     "\towner_prog_type xdp  owner not jited\n");
	map.have &= ~(unsigned)INSPECT_MAP_HAS_OWNER_TYPE;
	assert_plain(&map_schema, &map,
		     "2105: prog_array  name jmp  flags 0x0\n"
		     "\tkey 4B  value 4B  max_entries 2\n"
		     "\towner not jited\n");
}

static void a_maps_json_has_bpftools_keys_in_its_order(void **state)
{
	struct inspect_map map = jmp;

	(void)state;
	assert_json(SINK_JSON, &map_schema, &map,
		    "{\"id\":2105,\"type\":\"prog_array\",\"name\":\"jmp\",\"flags\":0,"
		    "\"bytes_key\":4,\"bytes_value\":4,\"max_entries\":2,\"bytes_memlock\":328,"
		    "\"owner_prog_type\":\"xdp\",\"owner_jited\":true,\"frozen\":0,\"btf_id\":43,"
		    "\"btf_key_type_id\":1,\"btf_value_type_id\":2}\n");
	map.is_frozen = true;
	map.have &= ~(unsigned)INSPECT_MAP_HAS_BTF;
	assert_json(SINK_JSON, &map_schema, &map,
		    "{\"id\":2105,\"type\":\"prog_array\",\"name\":\"jmp\",\"flags\":0,"
		    "\"bytes_key\":4,\"bytes_value\":4,\"max_entries\":2,\"bytes_memlock\":328,"
		    "\"owner_prog_type\":\"xdp\",\"owner_jited\":true,\"frozen\":1}\n");
}

static void the_strict_form_is_a_list_with_booleans_and_type_numbers(void **state)
{
	(void)state;
	assert_json(
		SINK_STRICT, &map_schema, &jmp,
		"[\n{\"id\":2105,\"type\":\"prog_array\",\"type_id\":3,\"name\":\"jmp\","
		"\"flags\":0,\"bytes_key\":4,\"bytes_value\":4,\"max_entries\":2,"
		"\"bytes_memlock\":328,\"owner_prog_type\":\"xdp\",\"owner_prog_type_id\":6,\"owner_jited\":true,"
		"\"frozen\":false,\"btf_id\":43,\"btf_key_type_id\":1,"
		"\"btf_value_type_id\":2}\n]\n");
}

static void the_header_of_a_dump_is_the_first_line_of_the_map(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	print_map_header(capture_out(&capture), &jmp);
	assert_string_equal(capture_end(&capture), "2105: prog_array  name jmp  flags 0x0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_looks_as_bpftool_shows_it),
		cmocka_unit_test(a_program_without_name_btf_and_maps_has_three_lines),
		cmocka_unit_test(run_statistics_stand_at_the_end_of_the_first_line),
		cmocka_unit_test(an_orphaned_program_says_so_between_memory_and_maps),
		cmocka_unit_test(a_device_stands_behind_the_tag_and_behind_the_flags),
		cmocka_unit_test(a_programs_json_has_bpftools_keys_in_its_order),
		cmocka_unit_test(a_device_is_a_record_in_json),
		cmocka_unit_test(maps_look_as_bpftool_shows_them),
		cmocka_unit_test(the_last_line_of_a_map_is_there_when_there_is_something_to_say),
		cmocka_unit_test(the_owner_line_has_what_is_known_of_the_owner),
		cmocka_unit_test(a_maps_json_has_bpftools_keys_in_its_order),
		cmocka_unit_test(the_strict_form_is_a_list_with_booleans_and_type_numbers),
		cmocka_unit_test(the_header_of_a_dump_is_the_first_line_of_the_map),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
