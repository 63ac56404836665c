/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_columns.c - events as rows
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

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "capture.h"

static struct sink *begin(struct capture *capture, enum sink_form form, size_t n,
			  const char *const *headings)
{
	struct sink *sink = capture_begin(capture, form);

	sink_headings(sink, headings, n);
	sink_open_list(sink, NULL);
	return sink;
}

#define BEGIN(capture, form, ...)                                                                  \
	begin(capture, form, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),             \
	      (const char *[]){ __VA_ARGS__ })

static void put_row(struct sink *sink, uint64_t id, const char *name, uint64_t size)
{
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", id);
	sink_string(sink, "name", name);
	sink_u64(sink, "size", size);
	sink_close(sink);
}

static void numbers_stand_to_the_right_and_words_to_the_left(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name", "size");

	(void)state;
	put_row(sink, 7, "cls", 4096);
	put_row(sink, 12345, "x", 8);
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "   id  name  size\n"
						   "    7  cls   4096\n"
						   "12345  x        8\n");
}

static void a_heading_that_is_wider_than_its_cells_sets_the_width(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "longer_name", "max_entries");

	(void)state;
	put_row(sink, 1, "a", 2);
	assert_string_equal(capture_end(&capture), "id  longer_name  max_entries\n"
						   " 1  a                      2\n");
}

static void the_last_column_of_words_has_no_blanks_behind_it(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name");

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		sink_open_record(sink, NULL);
		sink_u64(sink, "id", i);
		sink_string(sink, "name", i ? "longer" : "x");
		sink_close(sink);
	}
	assert_string_equal(capture_end(&capture), "id  name\n 0  x\n 1  longer\n");
}

static void a_column_with_a_word_among_numbers_is_one_of_words(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "type", "id");

	(void)state;
	sink_open_record(sink, NULL);
	sink_string(sink, "type", "hash");
	sink_u64(sink, "id", 1);
	sink_close(sink);
	sink_open_record(sink, NULL);
	sink_u64(sink, "type", 99);
	sink_u64(sink, "id", 2);
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "type  id\nhash   1\n99     2\n");
}

static void an_absent_cell_is_a_dash_in_a_table(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "memory", "name");

	(void)state;
	put_row(sink, 1, "x", 2);
	sink_open_record(sink, NULL);
	sink_absent(sink, "id");
	sink_absent(sink, "memory");
	sink_absent(sink, "name");
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "id  memory  name\n"
						   " 1  x          2\n"
						   " -  -          -\n");
}

static void an_absent_cell_is_empty_in_tsv(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TSV, "id", "memory", "name");

	(void)state;
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", 1);
	sink_absent(sink, "memory");
	sink_absent(sink, "name");
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "id\tmemory\tname\n1\t\t\n");
}

static void tsv_escapes_what_would_part_cells_or_rows(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TSV, "id", "name", "size");

	(void)state;
	put_row(sink, 1, "a\tb\nc\rd\033\xff", 2);
	put_row(sink, 2, "", 3);
	assert_string_equal(capture_end(&capture), "id\tname\tsize\n"
						   "1\ta\\x09b\\x0ac\\x0dd\\x1b\\xff\t2\n"
						   "2\t\t3\n");
}

static void a_table_escapes_what_a_terminal_acts_on(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name", "size");

	(void)state;
	put_row(sink, 1, "\033[2J", 2);
	put_row(sink, 1, "x", 2);
	assert_string_equal(capture_end(&capture), "id  name     size\n"
						   " 1  \\x1b[2J     2\n"
						   " 1  x           2\n");
}

static void widths_count_characters_and_not_bytes(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name", "size");

	(void)state;
	put_row(sink, 1, "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac!", 2);
	put_row(sink, 2, "abcde", 3);
	assert_string_equal(capture_end(&capture),
			    "id  name   size\n"
			    " 1  \xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac!     2\n"
			    " 2  abcde     3\n");
}

static void headings_stand_even_over_no_rows(void **state)
{
	AUTO_CAPTURE table, tsv;
	struct sink *sink = BEGIN(&table, SINK_TABLE, "id", "name");

	(void)state;
	sink_close(sink);
	assert_string_equal(capture_end(&table), "id  name\n");
	sink = BEGIN(&tsv, SINK_TSV, "id", "name");
	sink_close(sink);
	assert_string_equal(capture_end(&tsv), "id\tname\n");
}

static void large_numbers_are_written_digit_for_digit(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TSV, "a", "b");

	(void)state;
	sink_open_record(sink, NULL);
	sink_u64(sink, "a", UINT64_MAX);
	sink_s64(sink, "b", INT64_MIN);
	sink_close(sink);
	assert_string_equal(capture_end(&capture),
			    "a\tb\n18446744073709551615\t-9223372036854775808\n");
}

static void every_kind_of_value_has_a_cell(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TSV, "yes", "no", "bytes", "none");

	(void)state;
	sink_open_record(sink, NULL);
	sink_bool(sink, "yes", true);
	sink_bool(sink, "no", false);
	sink_bytes(sink, "bytes", "\0\xff", 2);
	sink_bytes(sink, "none", "", 0);
	sink_close(sink);
	assert_string_equal(capture_end(&capture), "yes\tno\tbytes\tnone\nyes\tno\t00ff\t\n");
}

static void put_list_row(struct sink *sink)
{
	sink_open_record(sink, NULL);
	sink_open_list(sink, "map_ids");
	sink_u64(sink, NULL, 1);
	sink_u64(sink, NULL, 22);
	sink_close(sink);
	sink_open_list(sink, "none");
	sink_close(sink);
	sink_open_list(sink, "values");
	for (unsigned i = 0; i < 2; i++) {
		sink_open_record(sink, NULL);
		sink_u64(sink, "cpu", i);
		sink_bytes(sink, "value", "\x0a\x0b", 2);
		sink_close(sink);
	}
	sink_close(sink);
	sink_u64(sink, "id", 9);
	sink_close(sink);
}

static void a_list_in_a_record_is_one_cell(void **state)
{
	AUTO_CAPTURE tsv, table;

	(void)state;
	put_list_row(BEGIN(&tsv, SINK_TSV, "map_ids", "none", "values", "id"));
	assert_string_equal(capture_end(&tsv),
			    "map_ids\tnone\tvalues\tid\n1,22\t\t0:0a0b,1:0a0b\t9\n");
	put_list_row(BEGIN(&table, SINK_TABLE, "map_ids", "none", "values", "id"));
	assert_string_equal(capture_end(&table), "map_ids  none  values         id\n"
						 "1,22           0:0a0b,1:0a0b   9\n");
}

static void the_next_row_begins_with_an_empty_cell_after_a_list(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TSV, "map_ids", "none", "values", "id");

	(void)state;
	put_list_row(sink);
	put_list_row(sink);
	assert_string_equal(capture_end(&capture), "map_ids\tnone\tvalues\tid\n"
						   "1,22\t\t0:0a0b,1:0a0b\t9\n"
						   "1,22\t\t0:0a0b,1:0a0b\t9\n");
}

static void a_record_without_a_list_around_it_is_a_row_too(void **state)
{
	AUTO_CAPTURE capture;
	static const char *const headings[] = { "id", "name", "size" };
	struct sink *sink = capture_begin(&capture, SINK_TSV);

	(void)state;
	sink_headings(sink, headings, 3);
	put_row(sink, 1, "x", 2);
	assert_string_equal(capture_end(&capture), "id\tname\tsize\n1\tx\t2\n");
}

/* Counts lines and checks that each has @n cells. */
static unsigned count_rows(const char *text, unsigned n_cells)
{
	unsigned n = 0;

	for (const char *at = text; *at; at++, n++) {
		unsigned tabs = 0;

		for (; *at != '\n'; at++)
			tabs += *at == '\t';
		assert_int_equal(tabs + 1, n_cells);
	}
	return n;
}

static void every_row_is_there_however_many_there_are(void **state)
{
	static const unsigned counts[] = { 0, 1, 255, 256, 257, 512, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		AUTO_CAPTURE table, tsv;
		struct sink *sink = BEGIN(&table, SINK_TABLE, "id", "name", "size");

		for (unsigned j = 0; j < counts[i]; j++)
			put_row(sink, j, "x", j);
		capture_end(&table);
		unsigned lines = 0;
		for (size_t j = 0; j < table.size; j++)
			lines += table.text[j] == '\n';
		assert_int_equal(lines, counts[i] + 1);

		sink = BEGIN(&tsv, SINK_TSV, "id", "name", "size");
		for (unsigned j = 0; j < counts[i]; j++)
			put_row(sink, j, "x", j);
		assert_int_equal(count_rows(capture_end(&tsv), 3), counts[i] + 1);
	}
}

static void a_late_row_that_is_wider_than_the_sample_is_not_cut(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name", "size");

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		put_row(sink, 1, "abc", 2);
	put_row(sink, 1234567, "much longer than before", 89012345);
	put_row(sink, 3, "a", 4);
	const char *text = capture_end(&capture);
	assert_memory_equal(text, "id  name  size\n 1  abc      2\n", 30);
	assert_non_null(strstr(text, "\n1234567  much longer than before  89012345\n"
				     " 3  a        4\n"));
}

static void rows_of_any_length_are_written(void **state)
{
	AUTO_CAPTURE capture;
	autofree char *name = malloc(200001);
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name", "size");

	(void)state;
	assert_non_null(name);
	memset(name, 'n', 200000);
	name[200000] = '\0';
	put_row(sink, 1, name, 2); /* larger than the whole sample */
	put_row(sink, 3, name, 4);
	put_row(sink, 5, "x", 6);
	capture_end(&capture);
	assert_int_equal(capture.size, 4 * (2 + 2 + 200000 + 2 + 4 + 1));
	const char *second = capture.text + capture.size / 4;
	assert_memory_equal(second, " 1  nnn", 7);
	assert_string_equal(capture.text + capture.size - 10, "        6\n");
}

static void colour_marks_the_headings_of_a_table_alone(void **state)
{
	AUTO_CAPTURE table, tsv;
	static const char *const headings[] = { "id", "name", "size" };
	struct sink *sink = capture_begin(&table, SINK_TABLE);

	(void)state;
	table.out.has_colour = true;
	sink_headings(sink, headings, 3);
	put_row(sink, 1, "x", 2);
	const char *text = capture_end(&table);
	assert_memory_equal(text, "\033[1m", 4);
	const char *end = strstr(text, "\033[0m");
	assert_non_null(end);
	assert_null(strchr(end + 1, '\033'));

	sink = capture_begin(&tsv, SINK_TSV);
	tsv.out.has_colour = true;
	sink_headings(sink, headings, 3);
	put_row(sink, 1, "x", 2);
	assert_string_equal(capture_end(&tsv), "id\tname\tsize\n1\tx\t2\n");
}

static void without_colour_no_escape_is_written(void **state)
{
	AUTO_CAPTURE capture;
	struct sink *sink = BEGIN(&capture, SINK_TABLE, "id", "name", "size");

	(void)state;
	put_row(sink, 1, "x", 2);
	assert_null(strchr(capture_end(&capture), '\033'));
}

static void a_write_error_is_returned_at_the_end(void **state)
{
	static const char *const headings[] = { "id", "name", "size" };
	struct sink sink;
	struct out out;

	(void)state;
	out_init(&out, -1);
	sink_init(&sink, &out, SINK_TABLE, false, NULL);
	sink_headings(&sink, headings, 3);
	for (unsigned i = 0; i < 1000; i++)
		put_row(&sink, i, "x", 2);
	assert_int_equal(sink_finish(&sink), -EBADF);
	sink_done(&sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stand_to_the_right_and_words_to_the_left),
		cmocka_unit_test(a_heading_that_is_wider_than_its_cells_sets_the_width),
		cmocka_unit_test(the_last_column_of_words_has_no_blanks_behind_it),
		cmocka_unit_test(a_column_with_a_word_among_numbers_is_one_of_words),
		cmocka_unit_test(an_absent_cell_is_a_dash_in_a_table),
		cmocka_unit_test(an_absent_cell_is_empty_in_tsv),
		cmocka_unit_test(tsv_escapes_what_would_part_cells_or_rows),
		cmocka_unit_test(a_table_escapes_what_a_terminal_acts_on),
		cmocka_unit_test(widths_count_characters_and_not_bytes),
		cmocka_unit_test(headings_stand_even_over_no_rows),
		cmocka_unit_test(large_numbers_are_written_digit_for_digit),
		cmocka_unit_test(every_kind_of_value_has_a_cell),
		cmocka_unit_test(a_list_in_a_record_is_one_cell),
		cmocka_unit_test(the_next_row_begins_with_an_empty_cell_after_a_list),
		cmocka_unit_test(a_record_without_a_list_around_it_is_a_row_too),
		cmocka_unit_test(every_row_is_there_however_many_there_are),
		cmocka_unit_test(a_late_row_that_is_wider_than_the_sample_is_not_cut),
		cmocka_unit_test(rows_of_any_length_are_written),
		cmocka_unit_test(colour_marks_the_headings_of_a_table_alone),
		cmocka_unit_test(without_colour_no_escape_is_written),
		cmocka_unit_test(a_write_error_is_returned_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
