/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_complete.c - what may come next on a command line
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
#include "command.h"
#include "complete.h"
#include "fake_kernel.h"

static const struct abi_prog_info cls = { .name = "cls", .tag = { 0xaf, 1, 2, 3, 4, 5, 6, 7 } };
static const struct abi_map_info hash = { .name = "hash" }, rodata = { .name = "a.rodata" };

static struct inspect *start(void)
{
	static struct fake_object objects[] = {
		{ .kind = INSPECT_PROG, .id = 3, .info = &cls },
		{ .kind = INSPECT_MAP, .id = 5, .info = &hash },
		{ .kind = INSPECT_MAP, .id = 51, .info = &rodata },
		{ .kind = INSPECT_MAP, .id = 52, .info = &hash },
		{ .kind = INSPECT_PROG, .id = 60, .open_error = EPERM },
		{ .kind = INSPECT_MAP, .id = 61, .open_error = EPERM },
	};

	return fake_kernel_start(objects, sizeof(objects) / sizeof(*objects));
}

/* What is offered at @index of a line, the words parted by blanks. */
static void assert_offered(const char *const *words, size_t n, size_t index, const char *expected)
{
	AUTO_CAPTURE capture;
	struct cli cli = { .inspect = start(), .out = capture_out(&capture) };

	complete(&cli, words, n, index);
	capture_end(&capture);
	for (size_t i = 0; i < capture.size; i++)
		if (capture.text[i] == '\n')
			capture.text[i] = i + 1 < capture.size ? ' ' : '\0';
	assert_string_equal(capture.text, expected);
	fake_kernel_stop();
}

#define N_WORDS(...) (sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *))

/* The last word is the one that is wanted. */
#define OFFERED(expected, ...)                                                                     \
	assert_offered((const char *[]){ "bpflens", __VA_ARGS__ }, 1 + N_WORDS(__VA_ARGS__),       \
		       N_WORDS(__VA_ARGS__), expected)

static void objects_are_offered_first(void **state)
{
	(void)state;
	OFFERED("help batch prog map link cgroup perf net feature btf gen struct_ops iter token "
		"version object pin",
		"");
	OFFERED("prog perf pin", "p");
	OFFERED("map", "m");
	OFFERED("", "zz");
}

static void commands_of_the_object_come_next(void **state)
{
	(void)state;
	OFFERED("list load loadall", "prog", "l");
	OFFERED("list load loadall", "p", "l");
	OFFERED("dump delete dequeue", "map", "d");
	OFFERED("unpin", "prog", "u");
	OFFERED("show list help remove", "pin", "");
	OFFERED("", "nosuch", "d");
	OFFERED("", "version", "");
}

static void handles_of_the_object_come_behind_the_command(void **state)
{
	(void)state;
	OFFERED("id tag name pinned no-owners", "prog", "show", "");
	OFFERED("id name pinned", "map", "dump", "");
	OFFERED("pinned", "map", "list", "p");
	OFFERED("id name pinned", "m", "d", "");
}

static void ids_names_and_tags_are_those_of_the_kernel(void **state)
{
	(void)state;
	OFFERED("3 60", "prog", "show", "id", "");
	OFFERED("5 51 52", "map", "dump", "id", "5");
	OFFERED("5 51 52", "map", "dump", "5");
	OFFERED("hash a.rodata", "map", "dump", "name", "");
	OFFERED("a.rodata", "map", "dump", "n", "a");
	OFFERED("cls", "prog", "show", "name", "");
	OFFERED("af01020304050607", "prog", "show", "tag", "");
	OFFERED("", "prog", "show", "tag", "b");
}

static void words_of_the_command_come_behind_the_handle(void **state)
{
	(void)state;
	OFFERED("limit count typed", "map", "dump", "id", "5", "");
	OFFERED("limit count typed", "map", "dump", "5", "");
	OFFERED("count", "map", "dump", "id", "5", "c");
	OFFERED("", "map", "dump", "id", "5", "limit", "");
	OFFERED("limit count typed", "map", "dump", "id", "5", "limit", "3", "");
	OFFERED("no-owners", "map", "show", "id", "5", "");
}

static void values_of_a_word_are_offered_behind_it(void **state)
{
	(void)state;
	OFFERED("raw c", "btf", "dump", "vmlinux", "format", "");
	OFFERED("raw", "btf", "dump", "vmlinux", "format", "r");
	OFFERED("", "btf", "dump", "vmlinux", "name", "");
}

static void sources_of_types_are_offered_one_behind_the_other(void **state)
{
	(void)state;
	OFFERED("id prog map file vmlinux", "btf", "find", "x", "");
	OFFERED("id prog map file vmlinux", "btf", "find", "x", "file", "a", "");
	OFFERED("id prog map file vmlinux", "btf", "find", "x", "vmlinux", "id", "3", "");
	OFFERED("hash", "btf", "find", "x", "vmlinux", "map", "name", "h");
	OFFERED("id prog map file vmlinux", "btf", "diff", "vmlinux", "");
	OFFERED("name check old-base new-base", "btf", "diff", "vmlinux", "file", "a", "");
}

static void options_are_offered_behind_a_dash(void **state)
{
	(void)state;
	OFFERED("--json", "--j");
	OFFERED("--json", "map", "--j");
	OFFERED("--nomount", "map", "show", "--no");
	OFFERED("", "--sign");
}

static void options_in_front_do_not_count_as_words(void **state)
{
	(void)state;
	OFFERED("map", "-j", "m");
	OFFERED("id name pinned no-owners", "-jp", "map", "-f", "show", "");
	OFFERED("map", "-o", "json", "m");
	OFFERED("map", "--output", "json", "m");
	OFFERED("map", "-B", "file", "m");
}

static void forms_are_offered_for_the_option_of_that_name(void **state)
{
	(void)state;
	OFFERED("json jsonl table tsv", "-o", "");
	OFFERED("json jsonl", "-o", "j");
	OFFERED("table tsv", "map", "--output", "t");
	OFFERED("", "-B", "");
}

static void paths_are_offered_for_what_is_pinned(void **state)
{
	(void)state;
	OFFERED("/dev/null", "map", "show", "pinned", "/dev/nul");
	OFFERED("/dev/null", "map", "show", "/dev/nul");
	OFFERED("", "map", "show", "pinned", "/nonexistent/");
}

static void a_word_in_the_middle_of_the_line_is_completed(void **state)
{
	static const char *const words[] = { "bpflens", "map", "d", "id", "5" };

	(void)state;
	assert_offered(words, 5, 2, "dump delete dequeue");
	assert_offered(words, 5, 1, "map");
}

static void an_index_outside_of_the_line_does_no_harm(void **state)
{
	static const char *const words[] = { "bpflens", "map", "dump" };

	(void)state;
	assert_offered(words, 3, 0, "");
	assert_offered(words, 3, 3, "id name pinned");
	assert_offered(words, 3, 4096, "id name pinned");
	assert_offered(words, 0, 0, "");
	assert_offered(words, 0, 1,
		       "help batch prog map link cgroup perf net feature btf gen struct_ops iter "
		       "token version object pin");
}

static void a_line_of_very_many_words_does_no_harm(void **state)
{
	const char *words[500];

	(void)state;
	for (size_t i = 0; i < 500; i++)
		words[i] = i == 1 ? "map" : i == 2 ? "show" : "x";
	assert_offered(words, 500, 499, "");
}

static void who_may_nothing_is_offered_words_alone(void **state)
{
	static const char *const words[] = { "bpflens", "map", "dump", "id", "" };
	AUTO_CAPTURE capture;
	struct cli cli = { .inspect = start(), .out = capture_out(&capture) };

	(void)state;
	fake_kernel.every_error = EPERM;
	complete(&cli, words, 5, 4);
	assert_string_equal(capture_end(&capture), "");
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_offered_first),
		cmocka_unit_test(commands_of_the_object_come_next),
		cmocka_unit_test(handles_of_the_object_come_behind_the_command),
		cmocka_unit_test(ids_names_and_tags_are_those_of_the_kernel),
		cmocka_unit_test(words_of_the_command_come_behind_the_handle),
		cmocka_unit_test(values_of_a_word_are_offered_behind_it),
		cmocka_unit_test(sources_of_types_are_offered_one_behind_the_other),
		cmocka_unit_test(options_are_offered_behind_a_dash),
		cmocka_unit_test(options_in_front_do_not_count_as_words),
		cmocka_unit_test(forms_are_offered_for_the_option_of_that_name),
		cmocka_unit_test(paths_are_offered_for_what_is_pinned),
		cmocka_unit_test(a_word_in_the_middle_of_the_line_is_completed),
		cmocka_unit_test(an_index_outside_of_the_line_does_no_harm),
		cmocka_unit_test(a_line_of_very_many_words_does_no_harm),
		cmocka_unit_test(who_may_nothing_is_offered_words_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
