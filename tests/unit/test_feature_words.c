/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_feature_words.c - what `feature probe` is asked, from its words
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "probe/print.h"
#include "probe/probe.h"

#define MOST 16

struct given {
	char text[256];
	const char *words[MOST];
	struct inspect_words all;
	struct print_probe how;
	struct inspect_error error;
	int result;
};

static void given_done(struct given *given)
{
	print_probe_done(&given->how);
}

#define AUTO_GIVEN AUTO(given_done) struct given

/* Words parted by blanks; "-" is an empty one. */
static void give(struct given *given, const char *text)
{
	char *rest = given->text;
	size_t n = 0;

	*given = (struct given){ 0 };
	rest = given->text;
	snprintf(given->text, sizeof(given->text), "%s", text);
	for (char *word; *rest && (word = strsep(&rest, " "));) {
		given->words[n++] = strcmp(word, "-") == 0 ? "" : word;
		if (!rest)
			break;
	}
	given->all = (struct inspect_words){ given->words, n };
	given->result = print_probe_words(&given->all, &given->how, &given->error);
}

static void without_words_everything_is_asked(void **state)
{
	AUTO_GIVEN given;

	(void)state;
	give(&given, "");
	assert_int_equal(given.result, 0);
	assert_int_equal(given.how.probe.n_questions, 0);
	assert_false(given.how.is_macros || given.how.probe.is_full ||
		     given.how.probe.is_unprivileged);
}

static void bpftools_words_may_be_shortened_and_stand_anywhere(void **state)
{
	static const char *const lines[] = { "full macros prefix P_ unprivileged kernel",
					     "u k f m p P_", "unpriv mac pre P_ fu kern" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO_GIVEN given;

		give(&given, lines[i]);
		assert_int_equal(given.result, 0);
		assert_true(given.how.is_macros && given.how.probe.is_full &&
			    given.how.probe.is_unprivileged);
		assert_string_equal(given.how.prefix, "P_");
	}
}

static void wrong_words_have_bpftools_errors(void **state)
{
	static const char *const cases[][2] = {
		{ "foo",
		  "expected no more arguments, 'kernel', 'dev', 'macros' or 'prefix', got: 'foo'?" },
		{ "-",
		  "expected no more arguments, 'kernel', 'dev', 'macros' or 'prefix', got: ''?" },
		{ "k k", "component to probe already specified" },
		{ "dev", "'dev' needs at least 1 arguments, 0 found" },
		{ "dev lo kernel", "component to probe already specified" },
		{ "prefix X", "'prefix' argument can only be use after 'macros'" },
		{ "macros pref", "'pref' needs at least 1 arguments, 0 found" },
		{ "macros prefix A prefix", "'prefix' already defined" },
		{ "macros m",
		  "expected no more arguments, 'kernel', 'dev', 'macros' or 'prefix', got: 'm'?" },
		{ "prog_type", "'prog_type': a name has to follow" },
		{ "prog_type -", "'prog_type': a name has to follow" },
		{ "helper bpf_loop for", "'for': a type has to follow" },
		{ "macros config BPF", "'macros' shows everything, and no single things" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO_GIVEN given;

		give(&given, cases[i][0]);
		assert_int_equal(given.result, -INSPECT_EUSAGE);
		assert_string_equal(given.error.what, cases[i][1]);
	}
}

static void a_device_that_is_not_there_is_told(void **state)
{
	AUTO_GIVEN given;

	(void)state;
	give(&given, "dev no-such-dev foo");
	assert_int_equal(given.result, -ENODEV);
	assert_string_equal(given.error.what, "unrecognized netdevice 'no-such-dev'");
}

static void questions_have_a_kind_a_name_and_maybe_a_type(void **state)
{
	const struct inspect_question *questions;
	AUTO_GIVEN given;

	(void)state;
	give(&given, "prog_type xdp helper bpf_loop for kprobe kernel release u config for");
	assert_int_equal(given.result, 0);
	assert_int_equal(given.how.probe.n_questions, 4);
	questions = given.how.probe.questions;
	assert_int_equal(questions[0].kind, INSPECT_FEATURE_PROG_TYPE);
	assert_string_equal(questions[0].name, "xdp");
	assert_null(questions[0].of);
	assert_int_equal(questions[1].kind, INSPECT_FEATURE_HELPER);
	assert_string_equal(questions[1].of, "kprobe");
	assert_int_equal(questions[2].kind, INSPECT_FEATURE_KERNEL);
	assert_string_equal(questions[3].name, "for");
	assert_true(given.how.probe.is_unprivileged);
}

static void a_kind_is_never_shortened(void **state)
{
	(void)state;
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++) {
		const char *word = probe_kinds[i].word;
		char line[64];

		for (int n = 2; n < (int)strlen(word); n++) {
			AUTO_GIVEN given;

			if (strncmp(word, "btf", (size_t)n) == 0 && n == 3)
				continue; /* a kind itself */
			snprintf(line, sizeof(line), "%.*s x", n, word);
			give(&given, line);
			assert_int_equal(given.result, -INSPECT_EUSAGE);
			assert_int_equal(given.how.probe.n_questions, 0);
		}
	}
}

static void a_mistyped_kind_names_the_nearest(void **state)
{
	AUTO_GIVEN given;

	(void)state;
	give(&given, "map_tpye hash");
	assert_string_equal(given.error.hint, "did you mean 'map_type'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_words_everything_is_asked),
		cmocka_unit_test(bpftools_words_may_be_shortened_and_stand_anywhere),
		cmocka_unit_test(wrong_words_have_bpftools_errors),
		cmocka_unit_test(a_device_that_is_not_there_is_told),
		cmocka_unit_test(questions_have_a_kind_a_name_and_maybe_a_type),
		cmocka_unit_test(a_kind_is_never_shortened),
		cmocka_unit_test(a_mistyped_kind_names_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
