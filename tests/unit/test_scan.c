/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_scan.c - the records in a file of JSON, one after the other
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "value/scan.h"

static int file_of(const char *bytes, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* What comes of the file: "LINE:TEXT" for each record, and what it ends with. */
static const char *scanned(const char *text, size_t limit)
{
	static char out[4096];
	autoclose int fd = file_of(text, strlen(text));
	AUTO(scan_done) struct scan scan = { .fd = fd, .limit = limit };
	struct inspect_error err = { 0 };
	struct scan_record record;
	size_t n = 0;
	int r;

	out[0] = '\0';
	while ((r = scan_next(&scan, &record, &err)) > 0)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%llu:%.*s|", record.line,
				      (int)record.size, record.text);
	if (r < 0)
		snprintf(out + n, sizeof(out) - n, "%s", err.what);
	assert_true(r == 0 || r == -err.code);
	assert_int_equal(r < 0 ? 0 : scan_next(&scan, &record, &err), 0);
	return out;
}

static void records_come_from_a_list_or_from_lines(void **state)
{
	(void)state;
	assert_string_equal(scanned("[{\"a\":1},{\"b\":[2,{}]}]", 100),
			    "1:{\"a\":1}|1:{\"b\":[2,{}]}|");
	assert_string_equal(scanned(" [\n{\"a\":1} , \r\n\t{\"b\":2}\n]\n", 100),
			    "2:{\"a\":1}|3:{\"b\":2}|");
	assert_string_equal(scanned("{\"a\":1}\n{\"b\":2}", 100), "1:{\"a\":1}|2:{\"b\":2}|");
	assert_string_equal(scanned("\n\n{}{}\n\n{}\n", 100), "3:{}|3:{}|5:{}|");
}

static void a_file_may_have_none(void **state)
{
	(void)state;
	assert_string_equal(scanned("", 100), "");
	assert_string_equal(scanned(" \n\t\r\n", 100), "");
	assert_string_equal(scanned("[]", 100), "");
	assert_string_equal(scanned("\n[ \n ] \n", 100), "");
}

static void brackets_and_quotes_in_text_are_text(void **state)
{
	(void)state;
	assert_string_equal(scanned("[{\"}]\":\"{[\\\"}\\\\\"},{}]", 100),
			    "1:{\"}]\":\"{[\\\"}\\\\\"}|1:{}|");
}

static void a_record_of_several_lines_counts_them(void **state)
{
	(void)state;
	assert_string_equal(scanned("{\n\"a\":\n1}\n{}", 100), "1:{\n\"a\":\n1}|4:{}|");
}

static void what_stands_in_the_way_is_told_with_its_line(void **state)
{
	static const char *const rows[][2] = {
		{ "x", "line 1: no element" },
		{ "\n\n5", "line 3: no element" },
		{ "[", "line 1: the list has no end" },
		{ "[\n{},\n", "2:{}|line 3: the list has no end" },
		{ "[{}\n", "1:{}|line 2: the list has no end" },
		{ "[{}\n{}]", "1:{}|line 2: neither ',' nor ']' behind an element" },
		{ "[{},]", "1:{}|line 1: element 2 is no record" },
		{ "[,{}]", "line 1: element 1 is no record" },
		{ "[{}]\n]", "1:{}|line 2: text behind the end of the list" },
		{ "[]{}", "line 1: text behind the end of the list" },
		{ "{}\n[]", "1:{}|line 2: element 2 is no record" },
		{ "{}\n{\"a\":\n{}", "1:{}|line 2: element 2 has no end" },
		{ "{\"}", "line 1: element 1 has no end" },
		{ "{\"\\", "line 1: element 1 has no end" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(scanned(rows[i][0], 100), rows[i][1]);
}

static void a_record_has_a_limit(void **state)
{
	(void)state;
	assert_string_equal(scanned("{\"a\":\"1234\"}", 12), "1:{\"a\":\"1234\"}|");
	assert_string_equal(scanned("{}\n{\"a\":\"12345\"}", 12), "1:{}|line 2: element 2");
}

/* Records begin and end anywhere in what is read at once. */
static void records_cross_the_ends_of_what_is_read(void **state)
{
	const size_t room = 400000;
	autofree char *text = malloc(room);
	size_t size = 0, n = 0;

	(void)state;
	assert_non_null(text);
	while (size < room - 2000) {
		size += (size_t)sprintf(text + size, "{\"n\":\"");
		memset(text + size, 'x', n * 37 % 1500);
		size += n++ * 37 % 1500;
		size += (size_t)sprintf(text + size, "\"}\n");
	}
	autoclose int fd = file_of(text, size);
	AUTO(scan_done) struct scan scan = { .fd = fd, .limit = 2000 };
	struct scan_record record;
	const char *at = text;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(scan_next(&scan, &record, NULL), 1);
		assert_int_equal(record.line, i + 1);
		assert_int_equal(record.number, i + 1);
		assert_memory_equal(record.text, at, record.size);
		at += record.size + 1;
	}
	assert_int_equal(scan_next(&scan, &record, NULL), 0);
	assert_true(scan.room <= 256 << 10);
}

static void an_endless_file_is_not_read_to_its_end(void **state)
{
	autoclose int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	AUTO(scan_done) struct scan scan = { .fd = fd, .limit = 100 };
	struct inspect_error err;
	struct scan_record record;

	(void)state;
	assert_int_equal(scan_next(&scan, &record, &err), -EINVAL);
}

static void a_file_that_cannot_be_read_is_a_failure(void **state)
{
	AUTO(scan_done) struct scan scan = { .fd = -1, .limit = 100 };
	struct inspect_error err;
	struct scan_record record;

	(void)state;
	assert_int_equal(scan_next(&scan, &record, &err), -EBADF);
	assert_string_equal(err.what, "read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_from_a_list_or_from_lines),
		cmocka_unit_test(a_file_may_have_none),
		cmocka_unit_test(brackets_and_quotes_in_text_are_text),
		cmocka_unit_test(a_record_of_several_lines_counts_them),
		cmocka_unit_test(what_stands_in_the_way_is_told_with_its_line),
		cmocka_unit_test(a_record_has_a_limit),
		cmocka_unit_test(records_cross_the_ends_of_what_is_read),
		cmocka_unit_test(an_endless_file_is_not_read_to_its_end),
		cmocka_unit_test(a_file_that_cannot_be_read_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
