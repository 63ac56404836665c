/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_dump_several.c - dumps of several maps of one name, and what is told beside a dump
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "fake_kernel.h"
#include "value/print.h"

static const struct inspect_ref named = { .kind = INSPECT_MAP, .by = INSPECT_BY_NAME, .text = "m" };

/* Two maps of one name with one element each, the second of type @second_type. */
struct two {
	struct fake_map fake[2];
	struct abi_map_info info[2];
	struct fake_object objects[2];
	struct inspect *inspect;
	struct sink *sink;
	char notes[512]; /* what was told beside the output */
};

static void note(void *context, const char *text)
{
	struct two *two = context;

	strncat(two->notes, text, sizeof(two->notes) - strlen(two->notes) - 1);
}

/* As the program does it: JSON has a place for the error. */
static void tell_failure(void *context, const struct inspect_error *error)
{
	struct two *two = context;

	note(two, error->what);
	if (two->sink->form == SINK_JSON)
		sink_fail(two->sink, error->what, error->hint);
}

static void start_two(struct two *two, unsigned second_type)
{
	*two = (struct two){ 0 };
	for (unsigned i = 0; i < 2; i++) {
		two->fake[i].no_batch_error = 524;
		fake_map_fill(&two->fake[i], 1, 1, 1);
		two->fake[i].elems[0].value[0] = (unsigned char)(0xa0 + i);
		two->info[i] = (struct abi_map_info){ .type = i ? second_type : ABI_MAP_TYPE_HASH,
						      .key_size = 1,
						      .value_size = 1,
						      .max_entries = 4,
						      .map_flags = i,
						      .name = "m" };
		two->objects[i] = (struct fake_object){ .kind = INSPECT_MAP,
							.id = 5 + i,
							.info = &two->info[i],
							.map = &two->fake[i] };
	}
	two->inspect = fake_kernel_start(two->objects, 2);
}

static void stop_two(struct two *two)
{
	fake_kernel_stop();
	fake_map_done(&two->fake[0]);
	fake_map_done(&two->fake[1]);
}

static int dump(struct two *two, struct sink *sink, bool count_only)
{
	const struct print_elems how = {
		.count_only = count_only, .note = note, .fail = tell_failure, .context = two
	};

	two->sink = sink;
	return print_elems(two->inspect, sink, &named, &how, NULL);
}

static void assert_dump(struct two *two, enum sink_form form, int result, const char *expected)
{
	AUTO_CAPTURE capture;

	assert_int_equal(dump(two, capture_begin(&capture, form), false), result);
	assert_string_equal(capture_end(&capture), expected);
	if (form == SINK_JSON || form == SINK_STRICT)
		assert_true(is_json(capture.text, capture.size));
}

static void several_maps_are_set_apart_as_bpftool_does_it(void **state)
{
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_ARRAY);
	assert_dump(&two, SINK_PLAIN, 0,
		    "5: hash  name m  flags 0x0\n"
		    "key: 00  value: a0\n"
		    "Found 1 element\n"
		    "\n"
		    "6: array  name m  flags 0x1\n"
		    "key: 00  value: a1\n"
		    "Found 1 element\n");
	assert_dump(&two, SINK_JSON, 0,
		    "[{\"id\":5,\"type\":\"hash\",\"name\":\"m\",\"flags\":0,"
		    "\"elements\":[{\"key\":[\"0x00\"],\"value\":[\"0xa0\"]}]},"
		    "{\"id\":6,\"type\":\"array\",\"name\":\"m\",\"flags\":1,"
		    "\"elements\":[{\"key\":[\"0x00\"],\"value\":[\"0xa1\"]}]}]\n");
	stop_two(&two);
}

static void elements_of_several_maps_follow_each_other_in_our_own_forms(void **state)
{
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_ARRAY);
	assert_dump(&two, SINK_STRICT, 0,
		    "[\n{\"map_id\":5,\"key\":\"00\",\"value\":\"a0\"},\n"
		    "{\"map_id\":6,\"key\":\"00\",\"value\":\"a1\"}\n]\n");
	assert_dump(&two, SINK_LINES, 0,
		    "{\"map_id\":5,\"key\":\"00\",\"value\":\"a0\"}\n"
		    "{\"map_id\":6,\"key\":\"00\",\"value\":\"a1\"}\n");
	assert_dump(&two, SINK_TSV, 0, "key\tvalue\n00\ta0\n00\ta1\n");
	stop_two(&two);
}

static void several_counts_are_a_list(void **state)
{
	AUTO_CAPTURE json, plain;
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_ARRAY);
	assert_int_equal(dump(&two, capture_begin(&json, SINK_JSON), true), 0);
	assert_string_equal(capture_end_json(&json),
			    "[{\"id\":5,\"elements\":1,\"max_entries\":4,\"full_percent\":25},"
			    "{\"id\":6,\"elements\":1,\"max_entries\":4,\"full_percent\":25}]\n");
	assert_int_equal(dump(&two, capture_begin(&plain, SINK_PLAIN), true), 0);
	assert_string_equal(capture_end(&plain),
			    "id: 5\nelements: 1\nmax_entries: 4\nfull_percent: 25\n\n"
			    "id: 6\nelements: 1\nmax_entries: 4\nfull_percent: 25\n");
	stop_two(&two);
}

static void one_map_that_cannot_be_listed_does_not_end_the_dump(void **state)
{
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_QUEUE);
	assert_dump(&two, SINK_STRICT, 1, "[\n{\"map_id\":5,\"key\":\"00\",\"value\":\"a0\"}\n]\n");
	assert_non_null(strstr(two.notes, "map 6: list the elements"));
	stop_two(&two);
}

static void the_json_of_a_map_that_cannot_be_listed_holds_the_error(void **state)
{
	AUTO_CAPTURE capture;
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_QUEUE);
	assert_int_equal(dump(&two, capture_begin(&capture, SINK_JSON), false), 1);
	const char *text = capture_end_json(&capture);
	assert_non_null(strstr(text, "{\"id\":6,\"type\":\"queue\",\"name\":\"m\",\"flags\":1,"
				     "\"elements\":[{\"error\":\"map 6: list the elements\","));
	stop_two(&two);
}

static int delete_first(struct fake_map *map, int cmd)
{
	if (cmd == ABI_MAP_GET_NEXT_KEY)
		map->elems[1].is_gone = map->n_next_calls == 2;
	return 0;
}

static void a_walk_that_began_anew_is_told_beside_the_output(void **state)
{
	AUTO_CAPTURE capture, silent;
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_ARRAY);
	fake_map_done(&two.fake[1]);
	two.fake[1] = (struct fake_map){ .no_batch_error = 524, .before = delete_first };
	fake_map_fill(&two.fake[1], 1, 1, 4);
	dump(&two, capture_begin(&capture, SINK_JSON), false);
	capture_end_json(&capture);
	assert_non_null(strstr(two.notes, "map 6 changed while it was read"));
	assert_null(strstr(two.notes, "map 5"));
	two.notes[0] = '\0';
	two.fake[1].before = NULL;
	two.fake[1].elems[1].is_gone = false;
	dump(&two, capture_begin(&silent, SINK_JSON), false);
	assert_string_equal(two.notes, "");
	stop_two(&two);
}

static void a_name_that_fits_one_map_is_dumped_like_an_id(void **state)
{
	struct two two;

	(void)state;
	start_two(&two, ABI_MAP_TYPE_ARRAY);
	memcpy(two.info[1].name, "n", 2);
	assert_dump(&two, SINK_PLAIN, 0, "key: 00  value: a0\nFound 1 element\n");
	assert_dump(&two, SINK_JSON, 0, "[{\"key\":[\"0x00\"],\"value\":[\"0xa0\"]}]\n");
	stop_two(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_maps_are_set_apart_as_bpftool_does_it),
		cmocka_unit_test(elements_of_several_maps_follow_each_other_in_our_own_forms),
		cmocka_unit_test(several_counts_are_a_list),
		cmocka_unit_test(one_map_that_cannot_be_listed_does_not_end_the_dump),
		cmocka_unit_test(the_json_of_a_map_that_cannot_be_listed_holds_the_error),
		cmocka_unit_test(a_walk_that_began_anew_is_told_beside_the_output),
		cmocka_unit_test(a_name_that_fits_one_map_is_dumped_like_an_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
