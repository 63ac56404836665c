/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_mounts.c - the mounts of a root that the test made
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

#include "fake_root.h"
#include "kernel/mounts.h"

struct seen {
	char text[8192];
	unsigned n;
	int answer; /* what the walk is told */
};

static int note(void *context, const char *directory)
{
	struct seen *seen = context;

	assert_true(strlen(seen->text) + strlen(directory) + 2 < sizeof(seen->text));
	strcat(seen->text, directory);
	strcat(seen->text, "|");
	seen->n++;
	return seen->answer;
}

static int note_entry(void *context, const struct mounts_entry *entry)
{
	return note(context, entry->path);
}

static int each(const struct fake_root *root, struct seen *seen)
{
	const struct sys sys = { .root = root->path };

	return mounts_each(&sys, "bpf", note, seen);
}

/* What is found where @text is the list of mounts. */
static const char *found(const char *text)
{
	static struct seen seen;
	AUTO_ROOT root;

	seen = (struct seen){ .n = 0 };
	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/mounts", text);
	assert_int_equal(each(&root, &seen), 0);
	return seen.text;
}

static void only_mounts_of_the_type_are_given(void **state)
{
	(void)state;
	assert_string_equal(found("proc /proc proc rw 0 0\n"
				  "bpf /sys/fs/bpf bpf rw,nosuid,mode=700 0 0\n"
				  "bpf /bpf tmpfs rw 0 0\n"
				  "bpf /other bpffs rw 0 0\n"
				  "none /x bpf rw 0 0\n"),
			    "/sys/fs/bpf|/x|");
}

static void without_mounts_there_is_nothing(void **state)
{
	(void)state;
	assert_string_equal(found(""), "");
	assert_string_equal(found("\n\n"), "");
}

static void blanks_of_a_directory_are_decoded(void **state)
{
	(void)state;
	assert_string_equal(found("bpf /a\\040b\\011c\\012d\\134e\\043f bpf rw 0 0\n"),
			    "/a b\tc\nd\\e#f|");
}

static void a_backslash_without_three_digits_stays(void **state)
{
	(void)state;
	assert_string_equal(found("bpf /a\\04 bpf rw 0 0\n"), "/a\\04|");
	assert_string_equal(found("bpf /a\\ bpf rw 0 0\n"), "/a\\|");
	assert_string_equal(found("bpf /a\\089\\x41 bpf rw 0 0\n"), "/a\\089\\x41|");
}

static void bytes_that_are_not_text_stay_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(found("bpf /\001\xff\x80 bpf rw 0 0\n"), "/\001\xff\x80|");
}

static void a_source_may_be_empty_or_begin_with_a_number_sign(void **state)
{
	(void)state;
	assert_string_equal(found(" /a bpf rw 0 0\n"
				  "# /b bpf rw 0 0\n"),
			    "/a|/b|");
}

static void lines_without_a_type_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(found("bpf\nbpf /a\nbpf /b \nbpf /c bpf"), "/c|");
}

static void a_long_line_is_read_whole(void **state)
{
	static char line[7000], wanted[6000];

	(void)state;
	memset(wanted, 'd', 5000);
	wanted[0] = '/';
	strcat(strcpy(line, "bpf "), wanted);
	strcat(line, " bpf rw 0 0\n");
	strcat(wanted, "|");
	assert_string_equal(found(line), wanted);
}

static void an_answer_ends_the_mounts(void **state)
{
	AUTO_ROOT root;
	struct seen seen = { .answer = -ENOMEM };

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/mounts", "bpf /a bpf rw 0 0\nbpf /b bpf rw 0 0\n");
	assert_int_equal(each(&root, &seen), -ENOMEM);
	assert_int_equal(seen.n, 1);
}

static void mounts_that_cannot_be_listed_are_an_error(void **state)
{
	AUTO_ROOT root;
	struct seen seen = { .n = 0 };
	const struct sys sys = { .root = root.path };

	(void)state;
	fake_root_make(&root);
	assert_int_equal(each(&root, &seen), -ENOENT);
	assert_int_equal(mounts_walk_bpffs(&sys, NULL, note_entry, &seen), -ENOENT);
	assert_int_equal(seen.n, 0);
}

static void what_only_says_that_it_is_a_bpf_file_system_is_not_walked(void **state)
{
	AUTO_ROOT root;
	struct seen seen = { .n = 0 };
	const struct sys sys = { .root = root.path };
	char text[512];

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/hidden/file", "x");
	snprintf(text, sizeof(text), "bpf %s/hidden bpf rw 0 0\nbpf %s/gone bpf rw 0 0\n",
		 root.path, root.path);
	fake_root_write(&root, "/proc/self/mounts", text);
	assert_int_equal(mounts_walk_bpffs(&sys, NULL, note_entry, &seen), 0);
	assert_int_equal(seen.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_mounts_of_the_type_are_given),
		cmocka_unit_test(without_mounts_there_is_nothing),
		cmocka_unit_test(blanks_of_a_directory_are_decoded),
		cmocka_unit_test(a_backslash_without_three_digits_stays),
		cmocka_unit_test(bytes_that_are_not_text_stay_as_they_are),
		cmocka_unit_test(a_source_may_be_empty_or_begin_with_a_number_sign),
		cmocka_unit_test(lines_without_a_type_are_left_out),
		cmocka_unit_test(a_long_line_is_read_whole),
		cmocka_unit_test(an_answer_ends_the_mounts),
		cmocka_unit_test(mounts_that_cannot_be_listed_are_an_error),
		cmocka_unit_test(what_only_says_that_it_is_a_bpf_file_system_is_not_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
