/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_since.c - the tables of first releases: sorted, complete, each row with its source
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/names.h"
#include "probe/since.h"
#include "probe/since_table.h"

static void each(void (*check)(enum inspect_feature_kind kind, const struct since_table *table))
{
	size_t n = 0;

	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++) {
		struct since_table table = since_table(i);

		n += table.n;
		if (table.n)
			check(i, &table);
	}
	assert_true(n > 700);
}

static void check_order(enum inspect_feature_kind kind, const struct since_table *table)
{
	(void)kind;
	for (size_t i = 1; i < table->n; i++)
		if (strcmp(table->rows[i - 1].name, table->rows[i].name) >= 0)
			fail_msg("%s stands before %s", table->rows[i - 1].name,
				 table->rows[i].name);
}

static void rows_are_sorted_and_each_stands_once(void **state)
{
	(void)state;
	each(check_order);
}

static size_t digits(const char **at, const char *accept)
{
	size_t n = strspn(*at, accept);

	*at += n;
	return n;
}

static bool is_release(const char *text)
{
	if (!digits(&text, "0123456789") || *text++ != '.')
		return false;
	return digits(&text, "0123456789") && !*text;
}

static bool is_source(const char *text)
{
	return strlen(text) == 12 && strspn(text, "0123456789abcdef") == 12;
}

static void check_rows(enum inspect_feature_kind kind, const struct since_table *table)
{
	(void)kind;
	for (size_t i = 0; i < table->n; i++)
		if (!is_release(table->rows[i].release) || !is_source(table->rows[i].source))
			fail_msg("%s: %s, %s", table->rows[i].name, table->rows[i].release,
				 table->rows[i].source);
}

static void every_row_has_a_release_and_a_source(void **state)
{
	(void)state;
	each(check_rows);
}

static void check_found(enum inspect_feature_kind kind, const struct since_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct since *row = &table->rows[i];

		if (!strchr(row->name, '/'))
			assert_ptr_equal(since_find(kind, row->name, NULL), row->release);
	}
}

static void every_row_is_found_by_its_name(void **state)
{
	(void)state;
	each(check_found);
	assert_null(since_find(INSPECT_FEATURE_PROG_TYPE, "unspec", NULL));
	assert_null(since_find(INSPECT_FEATURE_PROG_TYPE, "", NULL));
	assert_null(since_find(INSPECT_FEATURE_KFUNC, "zzz", NULL));
	assert_null(since_find(INSPECT_FEATURE_LSM, "bpf", NULL));
}

/* What the kernel numbers from 0 on; number 0 of most is none. */
static void every_number_has_a_row(enum names_set set, enum inspect_feature_kind kind,
				   unsigned first)
{
	unsigned n = first;

	for (const char *name; (name = names_find(set, n)); n++)
		if (!since_find(kind, name, NULL))
			fail_msg("%s has no row", name);
	assert_int_equal(n - first, since_table(kind).n);
}

static void every_type_and_helper_has_a_row_and_no_other_has(void **state)
{
	(void)state;
	every_number_has_a_row(NAMES_PROG_TYPE, INSPECT_FEATURE_PROG_TYPE, 1);
	every_number_has_a_row(NAMES_MAP_TYPE, INSPECT_FEATURE_MAP_TYPE, 1);
	every_number_has_a_row(NAMES_LINK_TYPE, INSPECT_FEATURE_LINK_TYPE, 1);
	every_number_has_a_row(NAMES_ATTACH_TYPE, INSPECT_FEATURE_ATTACH_TYPE, 0);
	every_number_has_a_row(NAMES_HELPER, INSPECT_FEATURE_HELPER, 1);
}

/* New numbers are added at the end, so a later one cannot be older. */
static void releases_do_not_fall(enum names_set set, enum inspect_feature_kind kind, unsigned first)
{
	const char *last = "3.15";

	for (const char *name; (name = names_find(set, first)); first++) {
		const char *release = since_find(kind, name, NULL);

		if (since_compare(release, last) < 0)
			fail_msg("%s: %s, behind %s", name, release, last);
		last = release;
	}
}

static void a_later_number_is_not_older(void **state)
{
	(void)state;
	releases_do_not_fall(NAMES_PROG_TYPE, INSPECT_FEATURE_PROG_TYPE, 1);
	releases_do_not_fall(NAMES_MAP_TYPE, INSPECT_FEATURE_MAP_TYPE, 1);
	releases_do_not_fall(NAMES_LINK_TYPE, INSPECT_FEATURE_LINK_TYPE, 1);
	releases_do_not_fall(NAMES_ATTACH_TYPE, INSPECT_FEATURE_ATTACH_TYPE, 0);
	releases_do_not_fall(NAMES_HELPER, INSPECT_FEATURE_HELPER, 1);
}

static void what_is_for_a_type_is_not_older_than_the_type(void **state)
{
	(void)state;
	assert_string_equal(since_find(INSPECT_FEATURE_HELPER, "bpf_loop", NULL), "5.17");
	assert_string_equal(since_find(INSPECT_FEATURE_HELPER, "loop", NULL), "5.17");
	assert_string_equal(since_find(INSPECT_FEATURE_HELPER, "loop", "kprobe"), "5.17");
	assert_string_equal(since_find(INSPECT_FEATURE_HELPER, "bpf_loop", "netfilter"), "6.4");
	assert_null(since_find(INSPECT_FEATURE_HELPER, "bpf_loop", "no_type"));
	assert_string_equal(since_find(INSPECT_FEATURE_BATCH, "lookup_batch", NULL), "5.6");
	assert_string_equal(since_find(INSPECT_FEATURE_BATCH, "lookup_batch", "percpu_array"),
			    "5.13");
	assert_null(since_find(INSPECT_FEATURE_BATCH, "lookup_batch", "xskmap"));
}

static void releases_are_compared_by_their_numbers(void **state)
{
	(void)state;
	assert_true(since_compare("5.9", "5.10") < 0);
	assert_true(since_compare("6.0", "5.19") > 0);
	assert_int_equal(since_compare("6.12", "6.12.117+deb12-amd64"), 0);
	assert_true(since_compare("7.3", "6.18.15-1") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sorted_and_each_stands_once),
		cmocka_unit_test(every_row_has_a_release_and_a_source),
		cmocka_unit_test(every_row_is_found_by_its_name),
		cmocka_unit_test(every_type_and_helper_has_a_row_and_no_other_has),
		cmocka_unit_test(a_later_number_is_not_older),
		cmocka_unit_test(what_is_for_a_type_is_not_older_than_the_type),
		cmocka_unit_test(releases_are_compared_by_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
