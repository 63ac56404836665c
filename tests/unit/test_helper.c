/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_helper.c - program types and helpers, as kernels with several ways to say it tell of them
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

#include "base/cleanup.h"
#include "fake_root.h"
#include "fake_verifier.h"
#include "inspect.h"
#include "kernel/names.h"
#include "probe/helper.h"
#include "probe/name.h"
#include "probe/probe.h"
#include "records/inspect.h"

#define TYPES 40
#define HELPERS 260

/* All answers of a run, by the numbers of type and helper; [0]: of the type itself. */
struct answers {
	struct inspect_feature of[TYPES][HELPERS];
	unsigned n;
	bool is_full;
	char name[200], detail[200]; /* of the last */
};

static unsigned number_of(enum names_set set, const char *name)
{
	unsigned n = name_count(set);

	for (unsigned i = 0; i < n; i++)
		if (strcmp(names_find(set, i), name) == 0)
			return i;
	return 0;
}

static int note(void *context, const struct inspect_feature *feature)
{
	struct answers *answers = context;
	bool is_helper = feature->kind == INSPECT_FEATURE_HELPER;
	const char *type = is_helper ? feature->of : feature->name;
	unsigned t = type ? number_of(NAMES_PROG_TYPE, type) : 0, h = 0;

	if (is_helper && sscanf(feature->name, "helper_%u", &h) != 1)
		h = number_of(NAMES_HELPER, feature->name + strlen("bpf_"));
	assert_true(t < TYPES && h < HELPERS);
	snprintf(answers->name, sizeof(answers->name), "%s", feature->name);
	snprintf(answers->detail, sizeof(answers->detail), "%s",
		 feature->detail ? feature->detail : "");
	answers->of[t][h] = *feature;
	answers->n++;
	return 0;
}

/* All of them, whoever runs this. */
static void give_rights(struct probe *probe)
{
	probe->rights.is_read = true;
	probe->rights.refusal = (struct refusal){
		.has_rights = true,
		.caps = UINT32_MAX,
		.known_caps = UINT32_MAX,
		.in_first_users = REFUSAL_YES,
		.has_bpf = REFUSAL_YES,
		.unprivileged = 2,
	};
}

static void probe_stop(struct probe *probe)
{
	rights_end(probe);
	types_done(&probe->types);
	prog_types_done(&probe->prog_types);
}

/* Asks @kernel, which has no types to be read, all of it or one question. */
static int ask(struct fake_verifier *kernel, const struct inspect_question *question,
	       struct answers *out)
{
	struct inspect_probe asked = { .is_full = out->is_full };
	struct inspect *inspect;
	AUTO_ROOT root;
	int r;

	fake_root_make(&root);
	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.root = root.path;
	inspect->sys.bpf = fake_verifier_bpf;
	fake_verifier_start(kernel);
	struct probe probe = { .inspect = inspect,
			       .sys = &inspect->sys,
			       .asked = &asked,
			       .each = note,
			       .context = out };
	give_rights(&probe);
	if (question)
		r = probe_kinds[question->kind].ask(&probe, question, NULL);
	else
		r = prog_type_each(&probe, NULL) ?: helper_each(&probe, NULL);
	probe_stop(&probe);
	fake_verifier_stop();
	inspect_close(inspect);
	return r;
}

/* Those that need the kernel's types, which are not there. */
static bool needs_types(unsigned type)
{
	return type >= 26 && type <= 29;
}

/* bpf_trace_printk and bpf_trace_vprintk are there where bpf_snprintf_btf is. */
static bool has_stand_in(const struct fake_verifier *kernel, unsigned type, unsigned helper)
{
	return helper != 36 && kernel->end > 149 && fake_verifier_has(type, 149);
}

static void check_helper(const struct fake_verifier *kernel, const struct answers *answers,
			 unsigned type, unsigned helper)
{
	const struct inspect_feature *told = &answers->of[type][helper];
	bool has = helper < kernel->end && fake_verifier_has(type, helper);

	assert_non_null(told->name);
	if (fake_verifier_writes(helper) && !answers->is_full && helper < kernel->end &&
	    has_stand_in(kernel, type, helper)) {
		assert_int_equal(told->answer, INSPECT_YES);
		assert_int_equal(told->found, INSPECT_FOUND_RULE);
	} else if (fake_verifier_writes(helper) && !answers->is_full && helper < kernel->end) {
		assert_int_equal(told->answer, INSPECT_UNKNOWN);
		assert_int_equal(told->reason, INSPECT_REASON_NEEDS_LOAD);
	} else if (has) {
		assert_int_equal(told->answer, INSPECT_YES);
	} else {
		assert_int_equal(told->answer, INSPECT_NO);
		assert_int_equal(told->reason, helper < kernel->end ? INSPECT_REASON_NOT_FOR_TYPE
								    : INSPECT_REASON_NOT_BUILT_IN);
	}
}

static void check_all(const struct fake_verifier *kernel, const struct answers *answers)
{
	for (unsigned type = 1; type < name_count(NAMES_PROG_TYPE); type++) {
		if (needs_types(type))
			continue;
		assert_int_equal(answers->of[type][0].answer, INSPECT_YES);
		for (unsigned helper = 1; helper < name_count(NAMES_HELPER); helper++)
			check_helper(kernel, answers, type, helper);
	}
}

static void check_kernel(struct fake_verifier kernel, bool is_full)
{
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	answers->is_full = is_full;
	assert_int_equal(ask(&kernel, NULL, answers), 0);
	check_all(&kernel, answers);
}

static void every_pair_is_told_as_each_kernel_has_it(void **state)
{
	static const enum fake_words words[] = { FAKE_WORDS_5_10, FAKE_WORDS_6_12, FAKE_WORDS_6_18,
						 FAKE_WORDS_7_3 };
	static const unsigned ends[] = { 2, 156, 210, 211, 212 };

	(void)state;
	for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
		for (size_t e = 0; e < sizeof(ends) / sizeof(*ends); e++)
			check_kernel((struct fake_verifier){ .words = words[w], .end = ends[e] },
				     e % 2);
}

static void where_the_numbers_end_is_looked_for_without_a_word_in_the_log(void **state)
{
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	for (unsigned end = 150; end <= 212; end++) {
		struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = end };

		assert_int_equal(ask(&kernel, NULL, answers), 0);
		if (end !=
		    178) /* the last two came together, and the first alone is taken for none */
			check_helper(&kernel, answers, 3, end - 1);
		assert_int_equal(kernel.writes, 0);
	}
}

static void helpers_newer_than_the_table_are_told_by_number(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_18, .end = 230 };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, NULL, answers), 0);
	check_all(&kernel, answers);
	for (unsigned helper = 212; helper < 230; helper++)
		check_helper(&kernel, answers, 3, helper);
	assert_null(answers->of[3][230].name);
}

static void where_registers_are_told_few_loads_are_made(void **state)
{
	struct fake_verifier one_by_one = { .words = FAKE_WORDS_6_12, .end = 212 };
	struct fake_verifier at_once = { .words = FAKE_WORDS_6_18, .end = 212 };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&one_by_one, NULL, answers), 0);
	assert_int_equal(ask(&at_once, NULL, answers), 0);
	assert_true(at_once.loads * 3 < one_by_one.loads);
	assert_int_equal(at_once.steps, 28); /* one for each type that loads */
}

static void registers_are_not_believed_where_what_is_missing_needs_none(void **state)
{
	(void)state;
	check_kernel(
		(struct fake_verifier){ .words = FAKE_WORDS_6_18, .end = 212, .is_careless = true },
		true);
}

static void a_log_that_is_cut_short_costs_loads_and_no_answer(void **state)
{
	static const unsigned cuts[] = { 1, 30, 60, 500, 5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		struct fake_verifier kernel = { .words = FAKE_WORDS_6_18,
						.end = 212,
						.cut = cuts[i] };
		autofree struct answers *answers = calloc(1, sizeof(*answers));

		assert_int_equal(ask(&kernel, NULL, answers), 0);
		for (unsigned helper = 1; helper < 212; helper++) {
			const struct inspect_feature *told = &answers->of[3][helper];

			if (told->answer != INSPECT_UNKNOWN)
				check_helper(&kernel, answers, 3, helper);
			else if (cuts[i] > 100)
				assert_true(fake_verifier_writes(helper));
		}
	}
}

static void unknown_words_are_no_answer(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_OTHER, .end = 200 };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, NULL, answers), 0);
	for (unsigned helper = 1; helper < 212; helper++) {
		const struct inspect_feature *told = &answers->of[3][helper];
		bool has = helper < 200 && fake_verifier_has(3, helper);

		assert_int_equal(told->answer, has && !fake_verifier_writes(helper)
						       ? INSPECT_YES
						       : INSPECT_UNKNOWN);
	}
	const struct inspect_question one = { INSPECT_FEATURE_HELPER, "bpf_cgrp_storage_delete",
					      "sched_cls" };
	assert_int_equal(ask(&kernel, &one, answers), 0);
	assert_string_equal(answers->detail, "what is unknown#211");
}

static void a_failure_in_the_middle_is_no_answer_to_what_it_hit(void **state)
{
	static const int errors[] = { EAGAIN, ENOMEM, EPERM, E2BIG };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		struct fake_verifier kernel = { .words = FAKE_WORDS_6_12,
						.end = 212,
						.now_and_then = errors[i] };
		autofree struct answers *answers = calloc(1, sizeof(*answers));

		assert_int_equal(ask(&kernel, NULL, answers), 0);
		for (unsigned helper = 1; helper < 212; helper++) {
			if (helper % 5 != 1) {
				check_helper(&kernel, answers, 3, helper);
				continue;
			}
			enum inspect_answer told = answers->of[3][helper].answer;
			assert_true(told == INSPECT_UNKNOWN || told == INSPECT_NOT_PERMITTED);
		}
	}
}

static void who_may_load_nothing_is_told_so_by_few_loads(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_18, .end = 212, .error = EPERM };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, NULL, answers), 0);
	assert_true(kernel.loads < 80);
	for (unsigned type = 1; type < 33; type++)
		for (unsigned helper = 0; helper < 212 && !needs_types(type); helper++) {
			enum inspect_answer told = answers->of[type][helper].answer;

			assert_true(told == INSPECT_NOT_PERMITTED || told == INSPECT_UNKNOWN);
		}
}

static void a_type_that_is_not_there_has_no_helper(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212, .types = 1u << 20 };
	const struct inspect_question one = { INSPECT_FEATURE_HELPER, "loop", "lirc_mode2" };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, NULL, answers), 0);
	assert_int_equal(answers->of[20][0].answer, INSPECT_NO);
	assert_int_equal(answers->of[20][0].reason, INSPECT_REASON_NOT_BUILT_IN);
	for (unsigned helper = 1; helper < 212; helper++) {
		assert_int_equal(answers->of[20][helper].answer, INSPECT_NO);
		assert_int_equal(answers->of[20][helper].found, INSPECT_FOUND_RULE);
	}
	kernel.loads = answers->n = 0;
	assert_int_equal(ask(&kernel, &one, answers), 0);
	assert_int_equal(answers->n, 1);
	assert_int_equal(answers->of[20][181].found, INSPECT_FOUND_RULE);
	assert_true(kernel.loads <= 2);
}

static void what_needs_the_kernels_types_is_unknown_without_them(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212 };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, NULL, answers), 0);
	for (unsigned type = 26; type < 30; type++) {
		assert_int_equal(answers->of[type][0].answer, INSPECT_UNKNOWN);
		assert_int_equal(answers->of[type][1].answer, INSPECT_UNKNOWN);
	}
	assert_int_equal(answers->of[26][0].reason, INSPECT_REASON_NO_TYPES);
}

static void one_question_takes_one_load(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_18, .end = 212 };
	autofree struct answers *answers = calloc(1, sizeof(*answers));
	static const char *const names[] = { "loop", "bpf_loop" };

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned type = 2; type < 5; type++) {
			const struct inspect_question one = { INSPECT_FEATURE_HELPER, names[i],
							      names_find(NAMES_PROG_TYPE, type) };

			kernel.loads = 0;
			assert_int_equal(ask(&kernel, &one, answers), 0);
			check_helper(&kernel, answers, type, 181);
			assert_int_equal(kernel.loads, 1);
			assert_string_equal(answers->name, "bpf_loop");
		}
}

static void without_a_type_the_first_that_has_it_is_named(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212 };
	const struct inspect_question one = { INSPECT_FEATURE_HELPER, "bpf_map_lookup_elem", NULL };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, &one, answers), 0);
	assert_int_equal(answers->n, 1);
	assert_int_equal(answers->of[0][1].answer, INSPECT_YES);
	assert_true(fake_verifier_has(number_of(NAMES_PROG_TYPE, answers->detail), 1));
	assert_int_equal(kernel.loads, number_of(NAMES_PROG_TYPE, answers->detail));
}

static void a_helper_of_newer_kernels_takes_one_load_for_all_types(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_5_10, .end = 156 };
	const struct inspect_question one = { INSPECT_FEATURE_HELPER, "bpf_loop", NULL };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, &one, answers), 0);
	assert_int_equal(answers->of[0][181].answer, INSPECT_NO);
	assert_int_equal(answers->of[0][181].reason, INSPECT_REASON_NOT_BUILT_IN);
	assert_int_equal(kernel.loads, 1);
}

static void what_writes_to_the_log_is_asked_for_in_full_alone(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212 };
	const struct inspect_question one = { INSPECT_FEATURE_HELPER, "bpf_trace_printk",
					      "kprobe" };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	assert_int_equal(ask(&kernel, &one, answers), 0);
	check_helper(&kernel, answers, 2, 6);
	answers->is_full = true;
	assert_int_equal(ask(&kernel, &one, answers), 0);
	check_helper(&kernel, answers, 2, 6);
}

static void another_helper_stands_in_for_it(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212 };
	struct inspect_question one = { INSPECT_FEATURE_HELPER, "bpf_trace_vprintk", "kprobe" };
	autofree struct answers *answers = calloc(1, sizeof(*answers));
	unsigned n_yes = 0;

	(void)state;
	for (unsigned type = 1; type < 20; type++) {
		one.of = names_find(NAMES_PROG_TYPE, type);
		assert_int_equal(ask(&kernel, &one, answers), 0);
		check_helper(&kernel, answers, type, 177);
		n_yes += answers->of[type][177].answer == INSPECT_YES;
	}
	assert_in_range(n_yes, 1, 18);
	kernel.end = 177; /* it has the other, and not this one */
	one.of = "kprobe";
	assert_true(fake_verifier_has(2, 149));
	assert_int_equal(ask(&kernel, &one, answers), 0);
	check_helper(&kernel, answers, 2, 177);
	one.of = NULL;
	assert_int_equal(ask(&kernel, &one, answers), 0);
	assert_int_equal(answers->of[0][177].answer, INSPECT_NO);
	assert_int_equal(answers->of[0][177].reason, INSPECT_REASON_NOT_BUILT_IN);
}

static void what_sleepable_programs_alone_may_call_is_there(void **state)
{
	static const enum fake_words words[] = { FAKE_WORDS_5_10, FAKE_WORDS_6_18 };
	const struct inspect_question one = { INSPECT_FEATURE_HELPER, "bpf_copy_from_user",
					      "kprobe" };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct fake_verifier kernel = { .words = words[i % 2],
						.end = 212,
						.for_sleepers = i < 2 ? 148 : 0 };
		enum inspect_answer expected = i < 2 ? INSPECT_YES : INSPECT_NO;

		assert_false(fake_verifier_has(2, 148));
		assert_int_equal(ask(&kernel, &one, answers), 0);
		assert_int_equal(answers->of[2][148].answer, expected);
		memset(answers, 0, sizeof(*answers));
		assert_int_equal(ask(&kernel, NULL, answers), 0);
		assert_int_equal(answers->of[2][148].answer, expected);
	}
}

static void names_that_are_none_are_refused(void **state)
{
	static const struct inspect_question wrong[] = {
		{ INSPECT_FEATURE_HELPER, "bpf_lop", NULL },
		{ INSPECT_FEATURE_HELPER, "unspec", NULL },
		{ INSPECT_FEATURE_HELPER, "", "kprobe" },
		{ INSPECT_FEATURE_HELPER, "bpf_", NULL },
		{ INSPECT_FEATURE_HELPER, "bpf_loop", "kprobes" },
		{ INSPECT_FEATURE_PROG_TYPE, "unspec", NULL },
		{ INSPECT_FEATURE_PROG_TYPE, "xpd", NULL },
	};
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212 };
	autofree struct answers *answers = calloc(1, sizeof(*answers));

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(ask(&kernel, &wrong[i], answers), -INSPECT_EUSAGE);
	assert_int_equal(answers->n, 0);
	assert_int_equal(kernel.loads, 0);
}

static int stop_at_once(void *context, const struct inspect_feature *feature)
{
	(void)feature;
	++*(unsigned *)context;
	return 7;
}

static void whoever_has_enough_ends_the_walk(void **state)
{
	struct fake_verifier kernel = { .words = FAKE_WORDS_6_18, .end = 212 };
	struct inspect_probe asked = { 0 };
	struct inspect *inspect;
	unsigned n = 0;

	(void)state;
	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.bpf = fake_verifier_bpf;
	inspect->sys.root = "/nowhere";
	fake_verifier_start(&kernel);
	struct probe probe = { .inspect = inspect,
			       .sys = &inspect->sys,
			       .asked = &asked,
			       .each = stop_at_once,
			       .context = &n };
	give_rights(&probe);
	assert_int_equal(helper_each(&probe, NULL), 7);
	assert_int_equal(prog_type_each(&probe, NULL), 7);
	assert_int_equal(n, 2);
	probe_stop(&probe);
	fake_verifier_stop();
	inspect_close(inspect);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_is_told_as_each_kernel_has_it),
		cmocka_unit_test(where_the_numbers_end_is_looked_for_without_a_word_in_the_log),
		cmocka_unit_test(helpers_newer_than_the_table_are_told_by_number),
		cmocka_unit_test(where_registers_are_told_few_loads_are_made),
		cmocka_unit_test(registers_are_not_believed_where_what_is_missing_needs_none),
		cmocka_unit_test(a_log_that_is_cut_short_costs_loads_and_no_answer),
		cmocka_unit_test(unknown_words_are_no_answer),
		cmocka_unit_test(a_failure_in_the_middle_is_no_answer_to_what_it_hit),
		cmocka_unit_test(who_may_load_nothing_is_told_so_by_few_loads),
		cmocka_unit_test(a_type_that_is_not_there_has_no_helper),
		cmocka_unit_test(what_needs_the_kernels_types_is_unknown_without_them),
		cmocka_unit_test(one_question_takes_one_load),
		cmocka_unit_test(without_a_type_the_first_that_has_it_is_named),
		cmocka_unit_test(a_helper_of_newer_kernels_takes_one_load_for_all_types),
		cmocka_unit_test(what_writes_to_the_log_is_asked_for_in_full_alone),
		cmocka_unit_test(another_helper_stands_in_for_it),
		cmocka_unit_test(what_sleepable_programs_alone_may_call_is_there),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(whoever_has_enough_ends_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
