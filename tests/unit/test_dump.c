/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_dump.c - the elements of maps in every form: bpftool's layouts and our own
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

#include "capture.h"
#include "elems_case.h"
#include "value/print.h"

static const struct inspect_ref map_7 = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 7 };
static const struct print_elems all = { 0 };

/* Dumps the map; an error gets its place in the document, as the program has it. */
static int dump_ref(struct elems_case *c, struct sink *sink, const struct inspect_ref *ref,
		    const struct print_elems *how)
{
	struct inspect_error err = { 0 };
	int r = print_elems(c->inspect, sink, ref, how, &err);

	if (r < 0 && sink->form == SINK_JSON)
		sink_fail(sink, err.what, NULL);
	return r;
}

static void assert_dump(struct elems_case *c, enum sink_form form, const char *expected)
{
	AUTO_CAPTURE capture;

	assert_int_equal(dump_ref(c, capture_begin(&capture, form), &map_7, &all), 0);
	assert_string_equal(capture_end(&capture), expected);
	if (form == SINK_JSON || form == SINK_STRICT)
		assert_true(is_json(capture.text, capture.size));
}

/* A map of one element: bytes of the key count from 1, those of the value from 0x81. */
static void start_one(struct elems_case *c, size_t key, size_t value)
{
	*c = (struct elems_case){ .fake.no_batch_error = 524, .info.max_entries = 4 };
	fake_map_fill(&c->fake, key, value, 1);
	for (size_t i = 0; i < key; i++)
		c->fake.elems[0].key[i] = (unsigned char)(1 + i);
	for (size_t i = 0; i < value; i++)
		c->fake.elems[0].value[i] = (unsigned char)(0x81 + i);
	elems_case_start(c, ABI_MAP_TYPE_HASH, (uint32_t)value);
}

static void assert_layout(size_t key, size_t value, const char *expected)
{
	struct elems_case c;

	start_one(&c, key, value);
	assert_dump(&c, SINK_PLAIN, expected);
	elems_case_stop(&c);
}

#define FOUND_1 "Found 1 element\n"
#define KEY_16 "01 02 03 04 05 06 07 08  09 0a 0b 0c 0d 0e 0f 10"
#define VALUE_16 "81 82 83 84 85 86 87 88  89 8a 8b 8c 8d 8e 8f 90"

static void a_short_element_stands_on_one_line(void **state)
{
	(void)state;
	assert_layout(4, 8, "key: 01 02 03 04  value: 81 82 83 84 85 86 87 88\n" FOUND_1);
	assert_layout(16, 8, "key: " KEY_16 "  value: 81 82 83 84 85 86 87 88\n" FOUND_1);
	assert_layout(8, 16, "key: 01 02 03 04 05 06 07 08  value: " VALUE_16 "\n" FOUND_1);
	assert_layout(1, 1, "key: 01  value: 81\n" FOUND_1);
}

static void a_longer_element_stands_on_two_lines(void **state)
{
	(void)state;
	assert_layout(16, 9, "key: " KEY_16 "\nvalue: 81 82 83 84 85 86 87 88  89\n" FOUND_1);
	assert_layout(16, 16, "key: " KEY_16 "\nvalue: " VALUE_16 "\n" FOUND_1);
	assert_layout(9, 16, "key: 01 02 03 04 05 06 07 08  09\nvalue: " VALUE_16 "\n" FOUND_1);
}

static void an_element_longer_than_a_row_is_a_block(void **state)
{
	(void)state;
	assert_layout(17, 1, "key:\n" KEY_16 "\n11\nvalue:\n81\n" FOUND_1);
	assert_layout(1, 17, "key:\n01\nvalue:\n" VALUE_16 "\n91\n" FOUND_1);
}

static void an_element_without_a_value_is_a_key(void **state)
{
	(void)state;
	assert_layout(4, 0, "key: 01 02 03 04\n" FOUND_1);
}

static void the_number_of_elements_stands_at_the_end(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_KEYS };

	(void)state;
	fake_map_fill(&c.fake, 1, 1, 2);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 1);
	assert_dump(&c, SINK_PLAIN, "key: 00  value: 00\nkey: 01  value: 03\nFound 2 elements\n");
	elems_case_stop(&c);
	c = (struct elems_case){ .fake.batch = FAKE_BATCH_KEYS, .info.max_entries = 1 };
	fake_map_fill(&c.fake, 1, 1, 0);
	elems_case_start(&c, ABI_MAP_TYPE_HASH, 1);
	assert_dump(&c, SINK_PLAIN, "Found 0 elements\n");
	assert_dump(&c, SINK_JSON, "[]\n");
	assert_dump(&c, SINK_STRICT, "[]\n");
	assert_dump(&c, SINK_LINES, "");
	assert_dump(&c, SINK_TSV, "key\tvalue\n");
	elems_case_stop(&c);
}

static void bytes_are_arrays_in_bpftools_json_and_text_in_strict(void **state)
{
	struct elems_case c;

	(void)state;
	start_one(&c, 2, 3);
	assert_dump(&c, SINK_JSON,
		    "[{\"key\":[\"0x01\",\"0x02\"],\"value\":[\"0x81\",\"0x82\",\"0x83\"]}]\n");
	assert_dump(&c, SINK_STRICT,
		    "[\n{\"map_id\":7,\"key\":\"0102\",\"value\":\"818283\"}\n]\n");
	assert_dump(&c, SINK_LINES, "{\"map_id\":7,\"key\":\"0102\",\"value\":\"818283\"}\n");
	assert_dump(&c, SINK_TSV, "key\tvalue\n0102\t818283\n");
	assert_dump(&c, SINK_TABLE, "key   value\n0102  818283\n");
	elems_case_stop(&c);
}

static void start_per_cpu(struct elems_case *c, size_t value)
{
	*c = (struct elems_case){ .fake.no_batch_error = 524, .info.max_entries = 1 };
	fake_map_fill(&c->fake, 4, 2 * ((value + 7) / 8 * 8), 1);
	memset(c->fake.elems[0].value, 0xaa, value);
	memset(c->fake.elems[0].value + (value + 7) / 8 * 8, 0xbb, value);
	elems_case_start(c, ABI_MAP_TYPE_PERCPU_HASH, (uint32_t)value);
	fake_root_write(&fake_kernel.root, "/sys/devices/system/cpu/possible", "0,12\n");
}

static void the_values_of_cpus_stand_below_each_other(void **state)
{
	struct elems_case c;

	(void)state;
	start_per_cpu(&c, 2);
	assert_dump(&c, SINK_PLAIN,
		    "key:\n00 00 00 00\nvalue (CPU 00): aa aa\nvalue (CPU 12): bb bb\n" FOUND_1);
	assert_dump(&c, SINK_JSON,
		    "[{\"key\":[\"0x00\",\"0x00\",\"0x00\",\"0x00\"],\"values\":["
		    "{\"cpu\":0,\"value\":[\"0xaa\",\"0xaa\"]},"
		    "{\"cpu\":12,\"value\":[\"0xbb\",\"0xbb\"]}]}]\n");
	assert_dump(&c, SINK_STRICT,
		    "[\n{\"map_id\":7,\"key\":\"00000000\",\"values\":["
		    "{\"cpu\":0,\"value\":\"aaaa\"},{\"cpu\":12,\"value\":\"bbbb\"}]}\n]\n");
	assert_dump(&c, SINK_TSV, "key\tvalue\n00000000\t0:aaaa,12:bbbb\n");
	elems_case_stop(&c);
	start_per_cpu(&c, 17);
	assert_dump(
		&c, SINK_PLAIN,
		"key:\n00 00 00 00\n"
		"value (CPU 00):\naa aa aa aa aa aa aa aa  aa aa aa aa aa aa aa aa\naa\n"
		"value (CPU 12):\nbb bb bb bb bb bb bb bb  bb bb bb bb bb bb bb bb\nbb\n" FOUND_1);
	elems_case_stop(&c);
}

static void start_ids(struct elems_case *c, unsigned type)
{
	uint32_t id = 34721;

	*c = (struct elems_case){ .fake.no_batch_error = 524 };
	fake_map_fill(&c->fake, 4, 4, 2);
	memcpy(c->fake.elems[0].value, &id, sizeof(id));
	c->fake.elems[1].error = ENOENT;
	elems_case_start(c, type, 4);
}

static void a_map_of_maps_shows_their_ids(void **state)
{
	struct elems_case c;

	(void)state;
	start_ids(&c, ABI_MAP_TYPE_ARRAY_OF_MAPS);
	assert_dump(&c, SINK_PLAIN, "key: 00 00 00 00  inner_map_id: 34721 \n" FOUND_1);
	assert_dump(&c, SINK_JSON,
		    "[{\"key\":[\"0x00\",\"0x00\",\"0x00\",\"0x00\"],"
		    "\"value\":[\"0xa1\",\"0x87\",\"0x00\",\"0x00\"],\"inner_map_id\":34721}]\n");
	assert_dump(&c, SINK_STRICT,
		    "[\n{\"map_id\":7,\"key\":\"00000000\",\"value\":\"a1870000\","
		    "\"inner_map_id\":34721}\n]\n");
	elems_case_stop(&c);
}

static void a_program_array_shows_filled_slots_with_their_programs(void **state)
{
	struct elems_case c;

	(void)state;
	start_ids(&c, ABI_MAP_TYPE_PROG_ARRAY);
	assert_dump(&c, SINK_PLAIN, "key: 00 00 00 00  value: a1 87 00 00\n" FOUND_1);
	assert_dump(&c, SINK_STRICT,
		    "[\n{\"map_id\":7,\"key\":\"00000000\",\"value\":\"a1870000\","
		    "\"prog_id\":34721}\n]\n");
	elems_case_stop(&c);
}

static void an_empty_slot_is_shown_and_not_counted(void **state)
{
	struct elems_case c;

	(void)state;
	start_ids(&c, ABI_MAP_TYPE_DEVMAP);
	assert_dump(&c, SINK_PLAIN,
		    "key: 00 00 00 00  value: a1 87 00 00\n"
		    "key: 01 00 00 00  value: <no entry>\n" FOUND_1);
	assert_dump(&c, SINK_JSON,
		    "[{\"key\":[\"0x00\",\"0x00\",\"0x00\",\"0x00\"],"
		    "\"value\":[\"0xa1\",\"0x87\",\"0x00\",\"0x00\"]},"
		    "{\"key\":[\"0x01\",\"0x00\",\"0x00\",\"0x00\"],"
		    "\"value\":{\"error\":\"No such file or directory\"}}]\n");
	elems_case_stop(&c);
}

static void a_withheld_value_is_shown_counted_and_told_at_the_end(void **state)
{
	AUTO_CAPTURE plain, json, strict, tsv;
	struct elems_case c;

	(void)state;
	start_one(&c, 4, 4);
	c.fake.elems[0].error = 524;
	assert_int_equal(dump_ref(&c, capture_begin(&plain, SINK_PLAIN), &map_7, &all), 1);
	assert_string_equal(capture_end(&plain), "key:\n01 02 03 04\nvalue:\n"
						 "entries of this type cannot be read\n" FOUND_1);
	assert_int_equal(dump_ref(&c, capture_begin(&json, SINK_JSON), &map_7, &all), 1);
	assert_string_equal(capture_end_json(&json),
			    "[{\"key\":[\"0x01\",\"0x02\",\"0x03\",\"0x04\"],"
			    "\"value\":{\"error\":\"entries of this type cannot be read\"}}]\n");
	assert_int_equal(dump_ref(&c, capture_begin(&strict, SINK_STRICT), &map_7, &all), 1);
	assert_string_equal(capture_end_json(&strict),
			    "[\n{\"map_id\":7,\"key\":\"01020304\","
			    "\"error\":\"entries of this type cannot be read\"}\n]\n");
	assert_int_equal(dump_ref(&c, capture_begin(&tsv, SINK_TSV), &map_7, &all), 1);
	assert_string_equal(capture_end(&tsv),
			    "key\tvalue\n01020304\tentries of this type cannot be read\n");
	elems_case_stop(&c);
}

/* --- limit and count --- */

static void a_limit_ends_the_dump_after_so_many(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_KEYS };

	(void)state;
	fake_map_fill(&c.fake, 1, 1, 5);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 1);
	for (unsigned long long limit = 1; limit <= 7; limit++) {
		const struct print_elems how = { .limit = limit };
		AUTO_CAPTURE capture;
		unsigned n = 0;

		assert_int_equal(dump_ref(&c, capture_begin(&capture, SINK_LINES), &map_7, &how),
				 0);
		capture_end(&capture);
		for (size_t i = 0; i < capture.size; i++)
			n += capture.text[i] == '\n';
		assert_int_equal(n, limit < 5 ? limit : 5);
	}
	elems_case_stop(&c);
}

static void assert_count(struct elems_case *c, enum sink_form form, const char *expected)
{
	const struct print_elems how = { .count_only = true };
	AUTO_CAPTURE capture;

	assert_int_equal(dump_ref(c, capture_begin(&capture, form), &map_7, &how), 0);
	assert_string_equal(capture_end(&capture), expected);
}

static void counting_tells_how_full_the_map_is(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524, .info.max_entries = 7 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 5);
	c.fake.elems[4].error = ENOENT;
	elems_case_start(&c, ABI_MAP_TYPE_CPUMAP, 4);
	assert_count(&c, SINK_PLAIN, "id: 7\nelements: 4\nmax_entries: 7\nfull_percent: 57\n");
	assert_count(&c, SINK_JSON,
		     "{\"id\":7,\"elements\":4,\"max_entries\":7,\"full_percent\":57}\n");
	assert_count(&c, SINK_STRICT,
		     "[\n{\"id\":7,\"elements\":4,\"max_entries\":7,\"full_percent\":57}\n]\n");
	assert_count(&c, SINK_TSV, "id\telements\tmax_entries\tfull_percent\n7\t4\t7\t57\n");
	elems_case_stop(&c);
}

static void a_map_without_a_limit_has_no_percentage(void **state)
{
	struct elems_case c = { .fake.no_batch_error = 524 };

	(void)state;
	fake_map_fill(&c.fake, 4, 4, 2);
	elems_case_start(&c, ABI_MAP_TYPE_CGROUP_STORAGE, 4);
	c.info.max_entries = 0;
	assert_count(&c, SINK_JSON, "{\"id\":7,\"elements\":2}\n");
	elems_case_stop(&c);
}

/* --- what goes wrong --- */

static void a_map_that_is_not_there_is_one_error(void **state)
{
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 8 };
	AUTO_CAPTURE plain, json;
	struct elems_case c;

	(void)state;
	start_one(&c, 4, 4);
	assert_int_equal(dump_ref(&c, capture_begin(&plain, SINK_PLAIN), &ref, &all), -ENOENT);
	assert_string_equal(capture_end(&plain), "");
	assert_int_equal(dump_ref(&c, capture_begin(&json, SINK_JSON), &ref, &all), -ENOENT);
	assert_string_equal(capture_end_json(&json), "{\"error\":\"map 8: open\"}\n");
	elems_case_stop(&c);
}

static void a_map_whose_device_is_gone_says_so(void **state)
{
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };
	struct elems_case c;

	(void)state;
	start_one(&c, 4, 4);
	c.object.info_error = ENODEV;
	assert_int_equal(
		print_elems(c.inspect, capture_begin(&capture, SINK_PLAIN), &map_7, &all, &err),
		-ENODEV);
	assert_non_null(strstr(err.what, "map 7"));
	elems_case_stop(&c);
}

static int fail_late(struct fake_map *map, int cmd)
{
	return cmd == ABI_MAP_GET_NEXT_KEY && map->n_next_calls == 1 ? EPERM : 0;
}

static void a_walk_that_fails_leaves_a_complete_document(void **state)
{
	AUTO_CAPTURE json, strict;
	struct elems_case c;

	(void)state;
	start_one(&c, 1, 1);
	c.fake.before = fail_late;
	assert_int_equal(dump_ref(&c, capture_begin(&json, SINK_JSON), &map_7, &all), -EPERM);
	assert_string_equal(capture_end_json(&json), "[{\"key\":[\"0x01\"],\"value\":[\"0x81\"]},"
						     "{\"error\":\"map 7: read elements\"}]\n");
	c.fake.n_next_calls = 0;
	assert_int_equal(dump_ref(&c, capture_begin(&strict, SINK_STRICT), &map_7, &all), -EPERM);
	assert_string_equal(capture_end_json(&strict),
			    "[\n{\"map_id\":7,\"key\":\"01\",\"value\":\"81\"}\n]\n");
	elems_case_stop(&c);
}

static void output_that_cannot_be_written_ends_the_walk(void **state)
{
	struct elems_case c = { .fake.batch = FAKE_BATCH_KEYS };
	struct sink sink;
	struct out out;

	(void)state;
	fake_map_fill(&c.fake, 4, 100, 30000);
	elems_case_start(&c, ABI_MAP_TYPE_ARRAY, 100);
	out_init(&out, -1);
	sink_init(&sink, &out, SINK_PLAIN, false, NULL);
	print_elems(c.inspect, &sink, &map_7, &all, NULL);
	assert_int_equal(sink_finish(&sink), -EBADF);
	assert_in_range(c.fake.n_batch_calls, 1, 2);
	sink_done(&sink);
	elems_case_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_element_stands_on_one_line),
		cmocka_unit_test(a_longer_element_stands_on_two_lines),
		cmocka_unit_test(an_element_longer_than_a_row_is_a_block),
		cmocka_unit_test(an_element_without_a_value_is_a_key),
		cmocka_unit_test(the_number_of_elements_stands_at_the_end),
		cmocka_unit_test(bytes_are_arrays_in_bpftools_json_and_text_in_strict),
		cmocka_unit_test(the_values_of_cpus_stand_below_each_other),
		cmocka_unit_test(a_map_of_maps_shows_their_ids),
		cmocka_unit_test(a_program_array_shows_filled_slots_with_their_programs),
		cmocka_unit_test(an_empty_slot_is_shown_and_not_counted),
		cmocka_unit_test(a_withheld_value_is_shown_counted_and_told_at_the_end),
		cmocka_unit_test(a_limit_ends_the_dump_after_so_many),
		cmocka_unit_test(counting_tells_how_full_the_map_is),
		cmocka_unit_test(a_map_without_a_limit_has_no_percentage),
		cmocka_unit_test(a_map_that_is_not_there_is_one_error),
		cmocka_unit_test(a_map_whose_device_is_gone_says_so),
		cmocka_unit_test(a_walk_that_fails_leaves_a_complete_document),
		cmocka_unit_test(output_that_cannot_be_written_ends_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
