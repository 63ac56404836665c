/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_parse.c - words to a command's arguments, and the commands on a kernel that is a double
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
#include "elems_case.h"

static void assert_refused(const char *const *words, const char *expected)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI c;

	cli_case_run(&c, "bpflens", inspect, words);
	if (c.result != -INSPECT_EUSAGE || strcmp(c.error.what, expected) != 0)
		fail_msg("gave %d, %s", c.result, c.error.what);
	assert_string_equal(c.out.text, "");
	assert_memory_equal(c.err.text, "Error: ", 7);
	fake_kernel_stop();
}

#define REFUSED(expected, ...) assert_refused((const char *[]){ __VA_ARGS__, NULL }, expected)

static void a_missing_argument_is_an_error(void **state)
{
	(void)state;
	REFUSED("map dump: expected 'id', 'name', 'pinned', an id or a path", "map", "dump");
	REFUSED("map dump: 'id' needs a value", "map", "dump", "id");
	REFUSED("prog show: 'tag' needs a value", "prog", "show", "tag");
	REFUSED("map dump: 'limit' needs a value", "map", "dump", "id", "1", "limit");
}

static void a_word_too_many_is_named(void **state)
{
	(void)state;
	REFUSED("map show: what is '2'?", "map", "show", "id", "1", "2");
	REFUSED("prog show: what is 'id'?", "prog", "list", "1", "id", "2");
	REFUSED("map show: what is ''?", "map", "show", "id", "1", "");
	REFUSED("version: what is 'x'?", "version", "x");
}

static void a_wrong_handle_is_named(void **state)
{
	(void)state;
	REFUSED("map show: expected 'id', 'name', 'pinned', an id or a path, got: 'x'", "map",
		"show", "x");
	REFUSED("map show: expected 'id', 'name', 'pinned', an id or a path, got: 'tag'", "map",
		"show", "tag", "0000000000000000");
	REFUSED("map show: expected 'id', 'name', 'pinned', an id or a path, got: ''", "map",
		"show", "");
	REFUSED("prog show: can't parse '4294967296' as ID", "prog", "show", "id", "4294967296");
	REFUSED("prog show: can't parse tag 'x'", "prog", "show", "tag", "x");
}

static void a_count_is_a_whole_number_of_at_least_1(void **state)
{
	static const char *const words[] = {
		"0", "-", "x", "", "1x", "1.5", "18446744073709551616"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct inspect *inspect = fake_kernel_start(NULL, 0);
		AUTO_CLI c;

		CLI_RUN(&c, inspect, "map", "dump", "id", "1", "limit", words[i]);
		assert_int_equal(c.result, -INSPECT_EUSAGE);
		assert_non_null(strstr(c.error.what, "'limit' needs a whole number"));
		fake_kernel_stop();
	}
}

static void words_that_exclude_each_other_or_come_twice_are_refused(void **state)
{
	(void)state;
	REFUSED("map dump: 'limit' and 'count' exclude each other", "map", "dump", "1", "limit",
		"5", "count");
	REFUSED("map dump: 'limit' is there twice", "map", "dump", "1", "limit", "5", "limit", "6");
	REFUSED("map dump: 'count' is there twice", "map", "dump", "1", "count", "c");
}

static void a_mistyped_word_of_a_command_names_the_nearest(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI near, far;

	(void)state;
	CLI_RUN(&near, inspect, "map", "dump", "id", "1", "limti", "5");
	assert_string_equal(near.error.what, "map dump: what is 'limti'?");
	assert_string_equal(near.error.hint, "did you mean 'limit'?");
	CLI_RUN(&far, inspect, "map", "dump", "id", "1", "zzzzzzzzzz");
	assert_null(strstr(far.error.hint, "did you mean"));
	fake_kernel_stop();
}

/* --- commands --- */

static void start_map(struct elems_case *c)
{
	*c = (struct elems_case){ .fake.batch = FAKE_BATCH_KEYS, .info = { .name = "m" } };
	fake_map_fill(&c->fake, 1, 1, 4);
	elems_case_start(c, ABI_MAP_TYPE_ARRAY, 1);
	c->object.path = "/pin";
	c->object.fdinfo = "memlock:\t4096\nmap_id:\t7\nfrozen:\t0\n";
}

static void assert_output(struct elems_case *map, const char *const *words, const char *expected)
{
	AUTO_CLI c;

	cli_case_run(&c, "bpflens", map->inspect, words);
	if (c.result)
		fail_msg("%s", c.error.what);
	assert_string_equal(c.out.text, expected);
	assert_string_equal(c.err.text, "");
}

#define OUTPUT(map, expected, ...)                                                                 \
	assert_output(map, (const char *[]){ __VA_ARGS__, NULL }, expected)

#define MAP_PLAIN "7: array  name m  flags 0x0\n\tkey 1B  value 1B  max_entries 4  memlock 4096B\n"
#define MAP_JSON                                                                                   \
	"{\"id\":7,\"type\":\"array\",\"name\":\"m\",\"flags\":0,\"bytes_key\":1,"                 \
	"\"bytes_value\":1,\"max_entries\":4,\"bytes_memlock\":4096,\"frozen\":0,\"map_extra\":0}"

static void maps_are_listed_and_shown_by_every_handle(void **state)
{
	struct elems_case c;

	(void)state;
	start_map(&c);
	OUTPUT(&c, MAP_PLAIN, "map", "show", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "m", "l", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "map", "show", "id", "7", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "map", "show", "i", "0x7", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "map", "show", "007", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "map", "show", "name", "m", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "map", "show", "pinned", "/pin", "no-owners");
	OUTPUT(&c, MAP_PLAIN, "map", "show", "/pin", "no-owners");
	OUTPUT(&c, "", "prog", "show", "no-owners");
	elems_case_stop(&c);
}

static void one_match_is_an_object_and_a_listing_an_array(void **state)
{
	struct elems_case c;

	(void)state;
	start_map(&c);
	OUTPUT(&c, "[" MAP_JSON "]\n", "-j", "map", "show", "no-owners");
	OUTPUT(&c, MAP_JSON "\n", "-j", "map", "show", "id", "7", "no-owners");
	OUTPUT(&c, MAP_JSON "\n", "-j", "map", "show", "name", "m", "no-owners");
	OUTPUT(&c, "[]\n", "-j", "prog", "show", "no-owners");
	OUTPUT(&c, "id\tname\tmemory\n7\tm\t4096\n", "-o", "tsv=id,name,memory", "map", "show",
	       "7");
	elems_case_stop(&c);
}

static void a_map_is_dumped_with_its_words(void **state)
{
	struct elems_case c;

	(void)state;
	start_map(&c);
	OUTPUT(&c, "key: 00  value: 00\nkey: 01  value: 03\nFound 2 elements\n", "map", "dump", "7",
	       "limit", "2");
	OUTPUT(&c, "key: 00  value: 00\nFound 1 element\n", "m", "d", "/pin", "l", "0x1");
	OUTPUT(&c, "{\"id\":7,\"elements\":4,\"max_entries\":4,\"full_percent\":100}\n", "-j",
	       "map", "dump", "id", "7", "count");
	elems_case_stop(&c);
}

static void who_may_nothing_gets_one_document_with_the_error(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI json, strict, plain;

	(void)state;
	fake_kernel.every_error = EPERM;
	CLI_RUN(&json, inspect, "-j", "prog");
	assert_int_equal(json.result, -EPERM);
	assert_true(is_json(json.out.text, json.out.size));
	assert_memory_equal(json.out.text, "[{\"error\":\"list programs: Operation not permitted\"",
			    50);
	CLI_RUN(&strict, inspect, "-o", "json", "prog");
	assert_string_equal(strict.out.text, "[]\n");
	assert_true(is_json(strict.err.text, strict.err.size));
	CLI_RUN(&plain, inspect, "prog");
	assert_string_equal(plain.out.text, "");
	assert_memory_equal(plain.err.text,
			    "Error: list programs: Operation not permitted\n  hint: ", 54);
	fake_kernel_stop();
}

static void an_object_that_cannot_be_read_makes_the_result_1(void **state)
{
	struct fake_object objects[] = {
		{ .kind = INSPECT_MAP, .id = 1 },
		{ .kind = INSPECT_MAP, .id = 2, .open_error = EPERM },
		{ .kind = INSPECT_MAP, .id = 3, .open_error = ENOENT },
	};
	struct inspect *inspect = fake_kernel_start(objects, 3);
	AUTO_CLI c;

	(void)state;
	CLI_RUN(&c, inspect, "map");
	assert_int_equal(c.result, 1);
	assert_non_null(strstr(c.out.text, "\n2: error: Operation not permitted\n"));
	assert_null(strstr(c.out.text, "3:"));
	fake_kernel_stop();
}

static void a_name_that_fits_nothing_is_an_error_in_words(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	AUTO_CLI json, plain;

	(void)state;
	CLI_RUN(&json, inspect, "-j", "map", "show", "name", "nosuch");
	assert_string_equal(json.out.text,
			    "{\"error\":\"map name nosuch: No such file or directory\"}\n");
	CLI_RUN(&plain, inspect, "prog", "show", "tag", "0011223344556677");
	assert_string_equal(plain.err.text,
			    "Error: prog tag 0011223344556677: No such file or directory\n");
	fake_kernel_stop();
}

static void the_longest_argument_makes_an_error_that_can_be_read(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	char *word = malloc(131072);

	(void)state;
	memset(word, 'n', 131071);
	word[131071] = '\0';
	for (unsigned i = 0; i < 6; i++) {
		const char *lines[6][6] = {
			{ word },
			{ "map", word },
			{ "map", "show", word },
			{ "map", "show", "id", word },
			{ "map", "show", "name", word },
			{ "-o", word, "map" },
		};
		AUTO_CLI c;

		cli_case_run(&c, "bpflens", inspect, lines[i]);
		assert_true(c.result < 0);
		assert_in_range(c.err.size, 20, 1500);
		assert_int_equal(c.err.text[c.err.size - 1], '\n');
	}
	free(word);
	fake_kernel_stop();
}

static void words_of_any_bytes_do_not_reach_the_terminal(void **state)
{
	static const char bad[] = "\033[2J\n\xff";
	struct inspect *inspect = fake_kernel_start(NULL, 0);

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		const char *lines[4][6] = {
			{ bad },
			{ "map", bad },
			{ "map", "show", "name", bad },
			{ "map", "dump", "id", "1", bad },
		};
		AUTO_CLI c;

		cli_case_run(&c, "bpflens", inspect, lines[i]);
		assert_null(strchr(c.err.text, '\033'));
		assert_non_null(strstr(c.err.text, "\\x1b[2J\\x0a\\xff"));
	}
	fake_kernel_stop();
}

static void the_version_is_ours_or_the_one_we_stand_in_for(void **state)
{
	static const char *const words[] = { "version", NULL };
	AUTO_CLI ours, theirs, json;

	(void)state;
	CLI_RUN(&ours, NULL, "version");
	assert_memory_equal(ours.out.text, "bpflens v", 9);
	assert_non_null(strstr(ours.out.text, "\nusing libbpf v"));
	assert_non_null(strstr(ours.out.text, "\nfeatures:"));
	cli_case_run(&theirs, "bpftool", NULL, words);
	assert_memory_equal(theirs.out.text, "bpftool v7.8.0\nusing libbpf v", 29);
	CLI_RUN(&json, NULL, "-j", "version");
	assert_true(is_json(json.out.text, json.out.size));
	assert_non_null(strstr(json.out.text, "\"features\":{\"libbfd\":"));
	assert_non_null(strstr(json.out.text, ",\"libbpf_version\":\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_argument_is_an_error),
		cmocka_unit_test(a_word_too_many_is_named),
		cmocka_unit_test(a_wrong_handle_is_named),
		cmocka_unit_test(a_count_is_a_whole_number_of_at_least_1),
		cmocka_unit_test(words_that_exclude_each_other_or_come_twice_are_refused),
		cmocka_unit_test(a_mistyped_word_of_a_command_names_the_nearest),
		cmocka_unit_test(maps_are_listed_and_shown_by_every_handle),
		cmocka_unit_test(one_match_is_an_object_and_a_listing_an_array),
		cmocka_unit_test(a_map_is_dumped_with_its_words),
		cmocka_unit_test(who_may_nothing_gets_one_document_with_the_error),
		cmocka_unit_test(an_object_that_cannot_be_read_makes_the_result_1),
		cmocka_unit_test(a_name_that_fits_nothing_is_an_error_in_words),
		cmocka_unit_test(the_longest_argument_makes_an_error_that_can_be_read),
		cmocka_unit_test(words_of_any_bytes_do_not_reach_the_terminal),
		cmocka_unit_test(the_version_is_ours_or_the_one_we_stand_in_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
