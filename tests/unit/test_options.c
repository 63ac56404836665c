/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_options.c - options: anywhere, combined, shortened, refused
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli_case.h"
#include "fake_kernel.h"
#include "parse.h"

/* The options that the words give; the command is a list of maps on a kernel without any. */
static struct options options_of(const char *const *words)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI c;

	cli_case_run(&c, "bpflens", inspect, words);
	fake_kernel_stop();
	if (c.result)
		fail_msg("%s: %s", words[0], c.error.what);
	return c.options;
}

#define OPTIONS(...) options_of((const char *[]){ __VA_ARGS__, NULL })

static void assert_refused(const char *const *words, const char *expected)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI c;

	cli_case_run(&c, "bpflens", inspect, words);
	if (c.result != -INSPECT_EUSAGE || strcmp(c.error.what, expected) != 0)
		fail_msg("%s gave %d, %s", words[0], c.result, c.error.what);
	assert_int_equal(fake_kernel.n_calls[ABI_MAP_GET_NEXT_ID], 0); /* nothing was done */
	fake_kernel_stop();
}

#define REFUSED(expected, ...) assert_refused((const char *[]){ __VA_ARGS__, NULL }, expected)

static void without_options_the_form_is_plain(void **state)
{
	struct options options = OPTIONS("map", "list");

	(void)state;
	assert_int_equal(options.form, SINK_PLAIN);
	assert_false(options.is_pretty || options.wants_pins || options.no_mount ||
		     options.is_debug || options.wants_help || options.wants_version);
	assert_null(options.columns);
}

static void options_may_stand_anywhere(void **state)
{
	(void)state;
	assert_int_equal(OPTIONS("-j", "map", "list").form, SINK_JSON);
	assert_int_equal(OPTIONS("map", "-j", "list").form, SINK_JSON);
	assert_int_equal(OPTIONS("map", "list", "-j").form, SINK_JSON);
	assert_int_equal(OPTIONS("map", "list", "--json").form, SINK_JSON);
}

static void pretty_means_json_in_any_order(void **state)
{
	(void)state;
	assert_true(OPTIONS("-p", "map").is_pretty);
	assert_int_equal(OPTIONS("-p", "map").form, SINK_JSON);
	assert_true(OPTIONS("-jp", "map").is_pretty);
	assert_true(OPTIONS("-pj", "map").is_pretty);
	assert_true(OPTIONS("-p", "-j", "map").is_pretty);
	assert_int_equal(OPTIONS("--pretty", "--json", "map").form, SINK_JSON);
	assert_false(OPTIONS("-j", "map").is_pretty);
}

static void short_options_combine(void **state)
{
	struct options options = OPTIONS("-ndmLj", "map");

	(void)state;
	assert_true(options.no_mount && options.is_debug);
	assert_int_equal(options.form, SINK_JSON);
}

static void long_options_may_be_shortened(void **state)
{
	(void)state;
	assert_int_equal(OPTIONS("--js", "map").form, SINK_JSON);
	assert_true(OPTIONS("--nomo", "map").no_mount);
	assert_true(OPTIONS("--deb", "map").is_debug);
	assert_int_equal(OPTIONS("--out=tsv", "map").form, SINK_TSV);
}

static void every_output_form_has_its_word(void **state)
{
	(void)state;
	assert_int_equal(OPTIONS("-o", "json", "map").form, SINK_STRICT);
	assert_int_equal(OPTIONS("-ojson", "map").form, SINK_STRICT);
	assert_int_equal(OPTIONS("-o", "jsonl", "map").form, SINK_LINES);
	assert_int_equal(OPTIONS("--output", "table", "map").form, SINK_TABLE);
	assert_int_equal(OPTIONS("--output=tsv", "map").form, SINK_TSV);
}

static void columns_stand_behind_the_form(void **state)
{
	(void)state;
	assert_string_equal(OPTIONS("-o", "table=id,name", "map").columns, "id,name");
	assert_string_equal(OPTIONS("-otsv=id", "map").columns, "id");
	assert_string_equal(OPTIONS("--output=tsv=id", "map").columns, "id");
	assert_null(OPTIONS("-o", "table", "map").columns);
}

static void the_strict_form_can_be_indented(void **state)
{
	struct options options = OPTIONS("-o", "json", "-p", "map");

	(void)state;
	assert_int_equal(options.form, SINK_STRICT);
	assert_true(options.is_pretty);
}

static void output_forms_exclude_each_other(void **state)
{
	(void)state;
	REFUSED("-j and -p do not go with -o", "-j", "-o", "table", "map");
	REFUSED("-j and -p do not go with -o", "-o", "tsv", "map", "-j");
	REFUSED("-j and -p do not go with -o", "-o", "jsonl", "-p", "map");
	REFUSED("-j and -p do not go with -o", "-o", "json", "-j", "map");
}

static void an_unknown_form_is_refused(void **state)
{
	static const char *const forms[] = { "xml", "", "JSON", "jso", "json ", "tables", "=id" };

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		AUTO_CLI c;

		CLI_RUN(&c, NULL, "-o", forms[i], "map");
		assert_int_equal(c.result, -INSPECT_EUSAGE);
		assert_memory_equal(c.error.what, "unknown output form '", 21);
		assert_non_null(strstr(c.error.hint, "tsv"));
	}
	REFUSED("-o json takes no columns", "-o", "json=id", "map");
	REFUSED("-o jsonl takes no columns", "-o", "jsonl=", "map");
}

static void columns_without_a_name_are_refused(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI c;

	(void)state;
	CLI_RUN(&c, inspect, "-o", "table=", "map");
	assert_int_equal(c.result, -INSPECT_EUSAGE);
	assert_string_equal(c.out.text, "");
	fake_kernel_stop();
}

static void an_unknown_option_is_named(void **state)
{
	(void)state;
	REFUSED("unrecognized option '-x'", "-x", "map");
	REFUSED("unrecognized option '-x'", "map", "-x");
	REFUSED("unrecognized option '-x'", "-xj", "map");
	REFUSED("unrecognized option '-x'", "-jx", "map");
	REFUSED("unrecognized option '-l'", "-l", "map");
	REFUSED("unrecognized option '-1'", "map", "show", "id", "-1");
	REFUSED("unrecognized option '--nosuch'", "--nosuch", "map");
	REFUSED("unrecognized option '--b'", "--b", "map"); /* of two that begin so */
	REFUSED("unrecognized option '--json=5'", "--json=5", "map");
}

static void a_missing_argument_is_named(void **state)
{
	(void)state;
	REFUSED("option '-o' needs an argument", "map", "-o");
	REFUSED("option '--output' needs an argument", "map", "--output");
	REFUSED("option '-B' needs an argument", "-B");
}

static void signing_is_refused_in_words(void **state)
{
	(void)state;
	REFUSED("-S: signed programs are not supported", "-S", "map");
	REFUSED("-S: signed programs are not supported", "--sign", "map");
	REFUSED("-k: signed programs are not supported", "-k", "key.pem", "map");
	REFUSED("-i: signed programs are not supported", "-i", "cert.pem", "map");
}

static void two_dashes_end_the_options(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI c;

	(void)state;
	CLI_RUN(&c, inspect, "map", "show", "name", "--", "-j");
	assert_int_equal(c.result, -ENOENT);
	assert_string_equal(c.error.what, "map name -j");
	assert_int_equal(c.options.form, SINK_PLAIN);
	fake_kernel_stop();
}

static void a_base_that_is_no_btf_is_refused_at_once(void **state)
{
	AUTO_CLI before, behind;

	(void)state;
	CLI_RUN(&before, NULL, "-j", "-B", "/nonexistent/base", "map");
	assert_int_equal(before.result, -ENOENT);
	assert_non_null(strstr(before.error.what, "/nonexistent/base"));
	assert_string_equal(before.err.text, "");
	assert_true(is_json(before.out.text, before.out.size));
	/* Options are read from left to right: this one fails before JSON was asked for. */
	CLI_RUN(&behind, NULL, "-B", "/nonexistent/base", "-j", "map");
	assert_int_equal(behind.result, -ENOENT);
	assert_string_equal(behind.out.text, "");
	assert_memory_equal(behind.err.text, "Error: /nonexistent/base", 24);
}

static void help_ends_the_reading_of_options(void **state)
{
	AUTO_CLI c, pretty;

	(void)state;
	CLI_RUN(&c, NULL, "-h", "--nosuch", "nosuch");
	assert_int_equal(c.result, 0);
	assert_true(c.options.wants_help);
	assert_non_null(strstr(c.out.text, "Usage: bpflens "));
	CLI_RUN(&pretty, NULL, "-V", "-h");
	assert_non_null(strstr(pretty.out.text, "Usage: bpflens "));
}

static void version_is_asked_for_by_an_option(void **state)
{
	(void)state;
	assert_true(OPTIONS("-V", "map").wants_version);
	assert_true(OPTIONS("--version", "map").wants_version);
	assert_true(OPTIONS("-Vj", "map").wants_version);
	assert_true(OPTIONS("--ver", "map").wants_version);
}

static void pinned_paths_are_asked_for(void **state)
{
	(void)state;
	assert_true(OPTIONS("-f", "map").wants_pins);
	assert_true(OPTIONS("--bpffs", "prog").wants_pins);
	assert_false(OPTIONS("-n", "prog").wants_pins);
}

static void every_option_has_help_or_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_options; i++) {
		const struct option_help *option = &option_table[i];

		assert_int_equal(!option->is_refused, option->help && *option->help);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(option->letter, option_table[j].letter);
	}
}

static void an_error_stands_where_its_form_has_a_place(void **state)
{
	AUTO_CLI json, strict, lines, table;

	(void)state;
	CLI_RUN(&json, NULL, "-j", "porg");
	assert_string_equal(json.err.text, "");
	assert_string_equal(json.out.text, "{\"error\":\"unknown object 'porg'\","
					   "\"hint\":\"did you mean 'prog'?\"}\n");
	CLI_RUN(&strict, NULL, "-o", "json", "porg");
	assert_string_equal(strict.out.text, "null\n");
	assert_string_equal(strict.err.text, json.out.text);
	CLI_RUN(&lines, NULL, "-o", "jsonl", "porg");
	assert_string_equal(lines.out.text, "");
	assert_string_equal(lines.err.text, json.out.text);
	CLI_RUN(&table, NULL, "-o", "table", "porg");
	assert_string_equal(table.out.text, "");
	assert_string_equal(table.err.text, "Error: unknown object 'porg'\n"
					    "  hint: did you mean 'prog'?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_the_form_is_plain),
		cmocka_unit_test(options_may_stand_anywhere),
		cmocka_unit_test(pretty_means_json_in_any_order),
		cmocka_unit_test(short_options_combine),
		cmocka_unit_test(long_options_may_be_shortened),
		cmocka_unit_test(every_output_form_has_its_word),
		cmocka_unit_test(columns_stand_behind_the_form),
		cmocka_unit_test(the_strict_form_can_be_indented),
		cmocka_unit_test(output_forms_exclude_each_other),
		cmocka_unit_test(an_unknown_form_is_refused),
		cmocka_unit_test(columns_without_a_name_are_refused),
		cmocka_unit_test(an_unknown_option_is_named),
		cmocka_unit_test(a_missing_argument_is_named),
		cmocka_unit_test(signing_is_refused_in_words),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_base_that_is_no_btf_is_refused_at_once),
		cmocka_unit_test(help_ends_the_reading_of_options),
		cmocka_unit_test(version_is_asked_for_by_an_option),
		cmocka_unit_test(pinned_paths_are_asked_for),
		cmocka_unit_test(every_option_has_help_or_is_refused),
		cmocka_unit_test(an_error_stands_where_its_form_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
