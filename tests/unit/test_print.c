/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_print.c - the printer: lists, columns that were asked for, records that could not be read
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
#include "value/print.h"

static struct inspect_map map_of(unsigned id, const char *name)
{
	struct inspect_map map = {
		.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_MEMLOCK,
		.id = id,
		.type = 1,
		.key_bytes = 4,
		.value_bytes = 8,
		.max_entries = 16,
		.memlock_bytes = 4096,
	};

	strncpy(map.name, name, sizeof(map.name) - 1);
	return map;
}

static const char *print_maps(struct capture *capture, struct sink *sink,
			      const struct inspect_map *maps, size_t n, bool is_single)
{
	struct printer printer;
	struct inspect_error err = { 0 };

	if (print_init(&printer, sink, &map_schema, &err))
		fail_msg("%s", err.what);
	print_open(&printer, is_single);
	for (size_t i = 0; i < n; i++)
		print_record(&printer, &maps[i]);
	print_close(&printer, is_single);
	return capture_end(capture);
}

static const char *print_columns(struct capture *capture, enum sink_form form, const char *asked)
{
	const struct inspect_map maps[] = { map_of(7, "a"), map_of(12, "") };

	return print_maps(capture, capture_columns(capture, form, asked), maps, 2, false);
}

/* Why print_init() refuses these columns; "" when it does not. */
static struct inspect_error refuse(const struct schema *schema, const char *asked)
{
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };
	struct printer printer;

	int r = print_init(&printer, capture_columns(&capture, SINK_TABLE, asked), schema, &err);
	if (r != -INSPECT_EUSAGE || err.code != INSPECT_EUSAGE)
		fail_msg("columns '%s' gave %d", asked, r);
	assert_string_equal(capture_end(&capture), "");
	return err;
}

static void columns_stand_in_the_order_they_were_asked_for(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(print_columns(&capture, SINK_TSV, "name,id,max_entries"),
			    "name\tid\tmax_entries\na\t7\t16\n\t12\t16\n");
}

static void a_column_goes_by_its_key_and_by_its_shorter_name(void **state)
{
	AUTO_CAPTURE keys, names;

	(void)state;
	assert_string_equal(print_columns(&keys, SINK_TSV, "bytes_key,bytes_value,bytes_memlock"),
			    "key\tvalue\tmemory\n4\t8\t4096\n4\t8\t4096\n");
	assert_string_equal(print_columns(&names, SINK_TSV, "key,value,memory"), keys.text);
}

static void a_column_may_be_asked_for_twice(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(print_columns(&capture, SINK_TSV, "id,id"), "id\tid\n7\t7\n12\t12\n");
}

static void the_usual_columns_are_shown_when_none_are_asked_for(void **state)
{
	AUTO_CAPTURE capture;

	(void)state;
	assert_string_equal(print_columns(&capture, SINK_TABLE, NULL),
			    "id  type  name  key  value  max_entries  memory  flags\n"
			    " 7  hash  a       4      8           16    4096      0\n"
			    "12  hash  -       4      8           16    4096      0\n");
}

static void the_usual_columns_of_a_table_fit_100_characters(void **state)
{
	AUTO_CAPTURE capture;
	struct printer printer;
	unsigned ids[] = { 123, 124, 125 };
	struct inspect_prog prog = {
		.have = ~0u & ~(unsigned)INSPECT_PROG_HAS_DEVICE,
		.id = 12345,
		.type = 3,
		.name = "name_of_15bytes",
		.loaded_at = 1795399057,
		.memlock_bytes = 1048576,
		.map_ids = { ids, 3 },
	};
	struct sink *sink = capture_begin(&capture, SINK_TABLE);

	(void)state;
	assert_int_equal(print_init(&printer, sink, &prog_schema, NULL), 0);
	print_open(&printer, false);
	print_record(&printer, &prog);
	print_close(&printer, false);
	const char *text = capture_end(&capture);
	assert_non_null(strstr(text, "2026-11-23T01:57:37"));
	for (size_t i = 0; i < 2; i++) {
		size_t n = strcspn(text, "\n");

		if (n > 100)
			fail_msg("%zu characters: %.*s", n, (int)n, text);
		text += n + 1;
	}
}

static void an_unknown_column_is_named_with_the_nearest_one(void **state)
{
	struct inspect_error err = refuse(&map_schema, "id,nmae");

	(void)state;
	assert_string_equal(err.what, "no column 'nmae' in a list of maps");
	assert_string_equal(err.hint, "did you mean 'name'?");
	err = refuse(&prog_schema, "loaded");
	assert_non_null(strstr(err.what, "no column 'loaded'"));
	err = refuse(&map_schema, "max_entires,id");
	assert_string_equal(err.hint, "did you mean 'max_entries'?");
	err = refuse(&map_schema, "memroy");
	assert_string_equal(err.hint, "did you mean 'memory'?");
}

static void a_column_like_no_other_has_no_hint_of_one(void **state)
{
	struct inspect_error err = refuse(&map_schema, "xxxxxxxxxxxxxxxxxxxx");

	(void)state;
	assert_null(strstr(err.hint, "did you mean"));
}

static void columns_are_told_apart_by_case_and_length(void **state)
{
	(void)state;
	refuse(&map_schema, "ID");
	refuse(&map_schema, "i");
	refuse(&map_schema, "idx");
	refuse(&map_schema, "id ");
	refuse(&map_schema, " id");
}

static void an_empty_column_is_an_error(void **state)
{
	(void)state;
	refuse(&map_schema, "id,");
	refuse(&map_schema, ",id");
	refuse(&map_schema, "id,,name");
	refuse(&map_schema, ",");
}

static void an_empty_choice_of_columns_is_an_error(void **state)
{
	(void)state;
	refuse(&map_schema, "");
}

static void an_endless_name_of_a_column_is_an_error_that_fits(void **state)
{
	char name[5000];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	refuse(&map_schema, name);
}

static void more_columns_than_there_is_room_for_are_an_error(void **state)
{
	char asked[3 * (PRINT_COLUMNS + 1)];

	(void)state;
	for (size_t i = 0; i <= PRINT_COLUMNS; i++)
		memcpy(asked + 3 * i, "id,", 3);
	asked[sizeof(asked) - 1] = '\0';
	struct inspect_error err = refuse(&map_schema, asked);
	assert_non_null(strstr(err.what, "too many columns"));
	asked[3 * PRINT_COLUMNS - 1] = '\0';
	AUTO_CAPTURE capture;
	assert_non_null(strstr(print_columns(&capture, SINK_TSV, asked), "id\tid\n"));
}

static void only_what_is_shown_is_paid_for(void **state)
{
	AUTO_CAPTURE cheap, dear, owned, all, strict;
	struct printer printer;

	(void)state;
	print_init(&printer, capture_columns(&cheap, SINK_TABLE, "id,type"), &prog_schema, NULL);
	assert_int_equal(printer.want, 0);
	print_init(&printer, capture_columns(&dear, SINK_TABLE, "id,memory"), &prog_schema, NULL);
	assert_int_equal(printer.want, INSPECT_WANT_FDINFO);
	print_init(&printer, capture_columns(&owned, SINK_TSV, "owners"), &prog_schema, NULL);
	assert_int_equal(printer.want, INSPECT_WANT_OWNERS);
	print_init(&printer, capture_begin(&all, SINK_JSON), &prog_schema, NULL);
	assert_int_equal(printer.want, INSPECT_WANT_ALL | INSPECT_WANT_OWNERS | INSPECT_WANT_PINS |
					       PRINT_WANT_METADATA);
	print_init(&printer, capture_begin(&strict, SINK_STRICT), &prog_schema, NULL);
	assert_int_equal(printer.want, INSPECT_WANT_ALL | INSPECT_WANT_OWNERS |
					       INSPECT_WANT_OWNER_DETAILS | INSPECT_WANT_PINS |
					       PRINT_WANT_METADATA);
}

static void a_single_match_is_an_object_in_bpftools_json_alone(void **state)
{
	static const enum sink_form forms[] = { SINK_JSON, SINK_STRICT };
	const struct inspect_map map = map_of(7, "a");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, forms[i / 2]);

		print_maps(&capture, sink, &map, 1, i & 1);
		assert_true(is_json(capture.text, capture.size));
		assert_int_equal(capture.text[0], i == 1 ? '{' : '[');
	}
}

static void an_empty_list_is_empty_in_every_form(void **state)
{
	static const struct {
		enum sink_form form;
		const char *expected;
	} cases[] = {
		{ SINK_PLAIN, "" },
		{ SINK_JSON, "[]\n" },
		{ SINK_STRICT, "[]\n" },
		{ SINK_LINES, "" },
		{ SINK_TSV, "id\ttype\tname\tkey\tvalue\tmax_entries\tmemory\tflags\n" },
		{ SINK_TABLE, "id  type  name  key  value  max_entries  memory  flags\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO_CAPTURE capture;
		struct sink *sink = capture_begin(&capture, cases[i].form);

		assert_string_equal(print_maps(&capture, sink, NULL, 0, false), cases[i].expected);
	}
}

/* A record in the middle of which nothing but the id is known. */
static void assert_failed(enum sink_form form, const char *columns, const char *expected)
{
	AUTO_CAPTURE capture;
	struct inspect_map maps[] = { map_of(7, "a"),
				      { .failed = EPERM, .id = 8 },
				      map_of(9, "b") };
	struct sink *sink = capture_columns(&capture, form, columns);

	maps[0].have = maps[2].have = INSPECT_MAP_HAS_INFO;
	maps[1].have = ~0u; /* not looked at */
	assert_string_equal(print_maps(&capture, sink, maps, 3, false), expected);
	if (form == SINK_JSON || form == SINK_STRICT)
		assert_true(is_json(capture.text, capture.size));
}

static void a_record_that_could_not_be_read_says_so_in_its_place(void **state)
{
#define MAP(id, name, type_id)                                                                     \
	"{\"id\":" id ",\"type\":\"hash\"" type_id ",\"name\":\"" name "\",\"flags\":0,"           \
	"\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":16}"
#define FAILED "{\"id\":8,\"error\":\"Operation not permitted\"}"
#define TYPE ",\"type_id\":1"
	(void)state;
	assert_failed(SINK_PLAIN, NULL,
		      "7: hash  name a  flags 0x0\n\tkey 4B  value 8B  max_entries 16\n"
		      "8: error: Operation not permitted\n"
		      "9: hash  name b  flags 0x0\n\tkey 4B  value 8B  max_entries 16\n");
	assert_failed(SINK_JSON, NULL,
		      "[" MAP("7", "a", "") "," FAILED "," MAP("9", "b", "") "]\n");
	assert_failed(SINK_STRICT, NULL,
		      "[\n" MAP("7", "a", TYPE) ",\n" FAILED ",\n" MAP("9", "b", TYPE) "\n]\n");
	assert_failed(SINK_LINES, NULL,
		      MAP("7", "a", TYPE) "\n" FAILED "\n" MAP("9", "b", TYPE) "\n");
}

static void the_row_of_a_record_that_could_not_be_read_has_every_cell(void **state)
{
	(void)state;
	assert_failed(SINK_TSV, "id,name,flags",
		      "id\tname\tflags\n7\ta\t0\n8\tOperation not permitted\t\n9\tb\t0\n");
	assert_failed(SINK_TSV, "flags,id", "flags\tid\n0\t7\nOperation not permitted\t8\n0\t9\n");
	assert_failed(SINK_TSV, "id", "id\n7\n8\n9\n");
	assert_failed(SINK_TSV, "name", "name\na\nOperation not permitted\nb\n");
}

static void a_record_that_could_not_be_read_may_be_the_only_one(void **state)
{
	AUTO_CAPTURE capture;
	const struct inspect_map map = { .failed = EPERM, .id = UINT32_MAX };
	struct sink *sink = capture_begin(&capture, SINK_JSON);

	(void)state;
	assert_string_equal(print_maps(&capture, sink, &map, 1, true),
			    "{\"id\":4294967295,\"error\":\"Operation not permitted\"}\n");
}

static void a_record_whose_device_is_gone_is_called_orphaned(void **state)
{
	AUTO_CAPTURE plain, json;
	const struct inspect_map map = { .failed = ENODEV, .id = 8 };
	struct sink *sink = capture_begin(&plain, SINK_PLAIN);

	(void)state;
	assert_string_equal(print_maps(&plain, sink, &map, 1, true),
			    "8: error: No such device (orphaned)\n");
	sink = capture_begin(&json, SINK_JSON);
	assert_string_equal(print_maps(&json, sink, &map, 1, false),
			    "[{\"id\":8,\"orphaned\":true,\"error\":\"No such device\"}]\n");
}

static void an_errno_without_text_has_words_of_ours(void **state)
{
	AUTO_CAPTURE capture;
	const struct inspect_map map = { .failed = 524, .id = 5 };
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);

	(void)state;
	assert_string_equal(print_maps(&capture, sink, &map, 1, false),
			    "5: error: Operation not supported by the kernel (524)\n");
}

static void every_schemas_usual_columns_are_there(void **state)
{
	static const struct schema *const schemas[] = { &prog_schema, &map_schema, &elem_schema,
							&elem_count_schema };

	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		AUTO_CAPTURE capture;
		struct printer printer;
		struct sink *sink = capture_begin(&capture, SINK_TABLE);

		assert_int_equal(print_init(&printer, sink, schemas[i], NULL), 0);
		assert_true(printer.n > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stand_in_the_order_they_were_asked_for),
		cmocka_unit_test(a_column_goes_by_its_key_and_by_its_shorter_name),
		cmocka_unit_test(a_column_may_be_asked_for_twice),
		cmocka_unit_test(the_usual_columns_are_shown_when_none_are_asked_for),
		cmocka_unit_test(the_usual_columns_of_a_table_fit_100_characters),
		cmocka_unit_test(an_unknown_column_is_named_with_the_nearest_one),
		cmocka_unit_test(a_column_like_no_other_has_no_hint_of_one),
		cmocka_unit_test(columns_are_told_apart_by_case_and_length),
		cmocka_unit_test(an_empty_column_is_an_error),
		cmocka_unit_test(an_empty_choice_of_columns_is_an_error),
		cmocka_unit_test(an_endless_name_of_a_column_is_an_error_that_fits),
		cmocka_unit_test(more_columns_than_there_is_room_for_are_an_error),
		cmocka_unit_test(only_what_is_shown_is_paid_for),
		cmocka_unit_test(a_single_match_is_an_object_in_bpftools_json_alone),
		cmocka_unit_test(an_empty_list_is_empty_in_every_form),
		cmocka_unit_test(a_record_that_could_not_be_read_says_so_in_its_place),
		cmocka_unit_test(the_row_of_a_record_that_could_not_be_read_has_every_cell),
		cmocka_unit_test(a_record_that_could_not_be_read_may_be_the_only_one),
		cmocka_unit_test(a_record_whose_device_is_gone_is_called_orphaned),
		cmocka_unit_test(an_errno_without_text_has_words_of_ours),
		cmocka_unit_test(every_schemas_usual_columns_are_there),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
