/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_saved.c - saved probes: both shapes, what is cut or something else, and in what two of them differ
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
#include "probe/diff.h"
#include "probe/print.h"
#include "probe/saved.h"

#define AUTO_SAVED AUTO(saved_done) struct saved
#define FORMAT "{\"kind\":\"probe\",\"name\":\"format\",\"answer\":\"yes\",\"value\":\"1\"}"
#define END(n) "{\"kind\":\"probe\",\"name\":\"end\",\"answer\":\"yes\",\"value\":\"" #n "\"}"
#define RELEASE "{\"kind\":\"kernel\",\"name\":\"release\",\"answer\":\"yes\",\"value\":\"6.1.0\"}"
#define XDP "{\"kind\":\"prog_type\",\"name\":\"xdp\",\"answer\":\"yes\",\"found\":\"probe\"}"
#define ARENA                                                                                      \
	"{\"kind\":\"map_type\",\"name\":\"arena\",\"answer\":\"no\",\"errno\":\"EINVAL\","        \
	"\"reason\":\"not built in\",\"detail\":\"words\",\"found\":\"probe\"}"
#define LOOP_IN(type, answer)                                                                      \
	"{\"kind\":\"helper\",\"name\":\"bpf_loop\",\"for\":\"" type "\",\"answer\":\"" answer "\"}"

static const char whole[] =
	"[\n" FORMAT ",\n" RELEASE ",\n" XDP ",\n" ARENA
	",\n" LOOP_IN("xdp", "no") ",\n" LOOP_IN("kprobe", "yes") ",\n" END(5) "\n]\n";
static const char lines[] =
	FORMAT "\n" RELEASE "\n" XDP "\n" ARENA
	       "\n" LOOP_IN("xdp", "no") "\n" LOOP_IN("kprobe", "yes") "\n" END(5) "\n";

/* Of exactly that size, so that a byte read too far is noticed. */
static int parse_bytes(const char *text, size_t size, struct saved *out, struct inspect_error *err)
{
	autofree char *bytes = malloc(size ? size : 1);

	assert_non_null(bytes);
	memcpy(bytes, text, size);
	return saved_parse("f.json", bytes, size, out, err);
}

static void open_text(const char *text, struct saved *out)
{
	struct inspect_error err = { 0 };

	if (parse_bytes(text, strlen(text), out, &err))
		fail_msg("%s: %s", text, err.what);
}

static void assert_refused(const char *text, const char *words)
{
	struct inspect_error err = { 0 };
	struct saved saved;

	assert_int_equal(parse_bytes(text, strlen(text), &saved, &err), -EINVAL);
	if (!strstr(err.what, words))
		fail_msg("%s, and not '%s'", err.what, words);
	assert_non_null(strstr(err.what, "f.json"));
}

static struct inspect_feature find(const struct saved *saved, enum inspect_feature_kind kind,
				   const char *name, const char *of)
{
	const struct inspect_question question = { kind, name, of };
	struct inspect_feature out;

	if (!saved_find(saved, &question, &out))
		assert_int_equal(out.answer, INSPECT_UNKNOWN);
	return out;
}

static void assert_answer(const struct saved *saved, enum inspect_feature_kind kind,
			  const char *name, const char *of, enum inspect_answer answer)
{
	assert_int_equal(find(saved, kind, name, of).answer, answer);
}

static void every_member_of_a_record_comes_back(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(whole, &saved);
	struct inspect_feature arena = find(&saved, INSPECT_FEATURE_MAP_TYPE, "arena", NULL);
	assert_int_equal(arena.answer, INSPECT_NO);
	assert_int_equal(arena.code, EINVAL);
	assert_int_equal(arena.reason, INSPECT_REASON_NOT_BUILT_IN);
	assert_int_equal(arena.found, INSPECT_FOUND_PROBE);
	assert_string_equal(arena.detail, "words");
	assert_string_equal(saved_release(&saved), "6.1.0");
	assert_true(saved_has_kind(&saved, INSPECT_FEATURE_PROG_TYPE));
	assert_false(saved_has_kind(&saved, INSPECT_FEATURE_KFUNC));
}

static void lines_are_the_same_as_an_array(void **state)
{
	AUTO_SAVED one = { 0 };
	AUTO_SAVED other = { 0 };

	(void)state;
	open_text(whole, &one);
	open_text(lines, &other);
	assert_int_equal(one.n, other.n);
	for (size_t i = 0; i < one.n; i++) {
		assert_int_equal(saved_compare(&one.rows[i], &other.rows[i]), 0);
		assert_int_equal(one.rows[i].answer, other.rows[i].answer);
	}
}

static void what_is_cut_anywhere_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} texts[] = { { whole, sizeof(whole) - 1 }, { lines, sizeof(lines) - 1 } };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		/* What is left out at the end is a new line: that may be lost. */
		for (size_t size = 0; size < texts[i].size - 1; size++) {
			struct inspect_error err = { 0 };
			struct saved saved;

			assert_int_equal(parse_bytes(texts[i].text, size, &saved, &err), -EINVAL);
			assert_true(strstr(err.what, "is cut") || strstr(err.what, "is empty") ||
				    strstr(err.what, "no saved probe"));
		}
}

static void lost_lines_are_noticed_wherever_they_were(void **state)
{
	(void)state;
	assert_refused(FORMAT "\n" XDP "\n" ARENA "\n", "is cut: 2 answers, and no end");
	assert_refused(FORMAT "\n" ARENA "\n" END(2) "\n", "is cut: 1 of 2 answers");
	assert_refused(FORMAT "\n" ARENA "\n" END(1) "\n" XDP "\n", "stands behind the end");
}

static void what_is_something_else_is_named(void **state)
{
	(void)state;
	assert_refused("", "is empty");
	assert_refused(" \n", "is empty");
	assert_refused("[]", "is JSON, and no saved probe");
	assert_refused("{}", "is JSON, and no saved probe");
	assert_refused("[1]", "is JSON, and no saved probe");
	assert_refused("[{\"id\":1,\"type\":\"xdp\",\"name\":\"p\"}]",
		       "is JSON, and no saved probe");
	assert_refused("[" XDP "]", "does not begin as a saved probe does");
	assert_refused("[" FORMAT ",{\"kind\":1}]", "record 2: is no answer of a probe");
	assert_refused("[" FORMAT ",7]", "record 2: is no answer of a probe");
	assert_refused("[" FORMAT "] []", "there is more behind the JSON");
	assert_refused("\"text\"", "not JSON");
	assert_refused("Scanning system configuration...\n", "not JSON");
}

static void what_is_no_json_is_named_with_its_place(void **state)
{
	(void)state;
	assert_refused("[\n{\"kind\" 1}]", "f.json: line 2, column 9: not JSON");
	assert_refused(FORMAT "\n\n" XDP "\n{\"kind\":}\n", "f.json: line 4, column 9: not JSON");
	assert_refused("\177ELF", "f.json: line 1, column 1: not JSON");
	assert_refused("[\"\xff\"]", "not JSON");
	assert_refused("[{\"a\":1,\"a\":2}]", "not JSON");
	assert_refused("[99999999999999999999999]", "not JSON");
}

static void deep_nesting_is_no_danger(void **state)
{
	AUTO(buf_done) struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		buf_add_char(&text, '[');
	buf_add_char(&text, '\0');
	assert_refused(text.bytes, "not JSON");
}

static void a_newer_format_says_so(void **state)
{
	(void)state;
	assert_refused(
		"[{\"kind\":\"probe\",\"name\":\"format\",\"answer\":\"yes\",\"value\":\"2\"}]",
		"is of format 2; up to 1 can be read");
	assert_refused(
		"[{\"kind\":\"probe\",\"name\":\"format\",\"answer\":\"yes\",\"value\":\"x\"}]",
		"its format is no number");
}

static void words_of_a_newer_build_are_unknown_and_never_no(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(
		"[" FORMAT ",{\"kind\":\"new_kind\",\"name\":\"a\",\"answer\":\"yes\",\"more\":[]},"
		"{\"kind\":\"lsm\",\"name\":\"b\",\"answer\":\"perhaps\",\"value\":5}," END(2) "]",
		&saved);
	assert_int_equal(saved.n, 1);
	assert_answer(&saved, INSPECT_FEATURE_LSM, "b", NULL, INSPECT_UNKNOWN);
	assert_string_equal(find(&saved, INSPECT_FEATURE_LSM, "b", NULL).value, "5");
}

static void one_thing_with_two_answers_is_refused(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text("[" FORMAT "," XDP "," XDP "," END(2) "]", &saved);
	assert_int_equal(saved.n, 1);
	assert_refused("[" FORMAT "," XDP
		       ",{\"kind\":\"prog_type\",\"name\":\"xdp\",\"answer\":\"no\"}," END(2) "]",
		       "prog_type xdp: has two answers");
	assert_refused("[" FORMAT "," RELEASE ",{\"kind\":\"kernel\",\"name\":\"release\","
		       "\"answer\":\"yes\",\"value\":\"6.2.0\"}," END(2) "]",
		       "kernel release: has two answers");
}

static void a_probe_of_a_device_is_refused(void **state)
{
	(void)state;
	assert_refused("[" FORMAT ",{\"kind\":\"probe\",\"name\":\"dev\",\"answer\":\"yes\","
		       "\"value\":\"eth0\"}," END(0) "]",
		       "is of a network device");
	assert_refused(
		"{\"syscall_config\":{\"have_bpf_syscall\":true},\"program_types\":{"
		"\"have_xdp_prog_type\":false},\"map_types\":{\"have_hash_map_type\":false}}",
		"is of a network device");
}

static void a_helper_is_there_where_any_type_has_it(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(whole, &saved);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "loop", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "loop", "xdp", INSPECT_NO);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "lsm", INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_nothing", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "xd", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "xdp", NULL, INSPECT_YES);
}

static void what_was_not_permitted_is_not_no(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(
		"[" FORMAT "," LOOP_IN("xdp", "no") "," LOOP_IN(
			"lsm",
			"not permitted") ","
					 "{\"kind\":\"prog_type\",\"name\":\"ext\",\"answer\":\"no\"}," END(
						 3) "]",
		&saved);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", NULL, INSPECT_NOT_PERMITTED);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "lsm", INSPECT_NOT_PERMITTED);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "ext", INSPECT_NO);
}

#define THROW(answer) ",{\"kind\":\"kfunc\",\"name\":\"bpf_throw\",\"answer\":\"" answer "\"}"
#define TAGS ",{\"kind\":\"misc\",\"name\":\"kfunc_tags\",\"answer\":\"yes\"}"

static void a_kfunc_that_a_kernel_with_kfuncs_does_not_tell_is_not_there(void **state)
{
	AUTO_SAVED with = { 0 };
	AUTO_SAVED without = { 0 };

	(void)state;
	open_text("[" FORMAT TAGS THROW("yes") "," END(2) "]", &with);
	open_text("[" FORMAT TAGS THROW("unknown") "," END(2) "]", &without);
	assert_answer(&with, INSPECT_FEATURE_KFUNC, "bpf_other", NULL, INSPECT_NO);
	assert_answer(&without, INSPECT_FEATURE_KFUNC, "bpf_other", NULL, INSPECT_UNKNOWN);
}

static void of_a_kernel_without_tags_only_known_kfuncs_are_known_not_to_be_there(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text("[" FORMAT THROW("yes") "," END(1) "]", &saved);
	assert_answer(&saved, INSPECT_FEATURE_KFUNC, "bpf_arena_free_pages", NULL, INSPECT_NO);
	assert_answer(&saved, INSPECT_FEATURE_KFUNC, "bpf_other", NULL, INSPECT_UNKNOWN);
}

/* --- bpftool's shape --- */

static const char compatible[] =
	"{\"system_config\":{\"bpf_jit_enable\":1,\"bpf_jit_harden\":-1,\"CONFIG_HZ\":\"250\","
	"\"CONFIG_TEST_BPF\":null,\"CONFIG_NET\":1,\"other\":[]},\"syscall_config\":{\"have_bpf_syscall\":true},"
	"\"program_types\":{\"have_kprobe_prog_type\":true,\"have_ext_prog_type\":false,"
	"\"have_netfilter_prog_type\":false,\"have_tracing_prog_type\":true,\"odd\":true},\"map_types\":{\"have_hash_map_type\":true,"
	"\"have_struct_ops_map_type\":false,\"have_arena_map_type\":false},"
	"\"helpers\":{\"kprobe_available_helpers\":[\"bpf_loop\",5],"
	"\"tracing_available_helpers\":[],\"xdp_available_helpers\":[\"bpf_bind\"]},"
	"\"misc\":{\"have_bounded_loops\":true},\"new_section\":{\"a\":1}}";

static void bpftools_object_is_read(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(compatible, &saved);
	assert_true(saved.is_compatible);
	assert_false(saved.is_limited);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "kprobe", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "netfilter", NULL, INSPECT_NO);
	assert_answer(&saved, INSPECT_FEATURE_COMMAND, "bpf", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_MAP_TYPE, "arena", NULL, INSPECT_NO);
	assert_answer(&saved, INSPECT_FEATURE_MISC, "bounded_loops", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_CONFIG, "CONFIG_TEST_BPF", NULL, INSPECT_NO);
	assert_answer(&saved, INSPECT_FEATURE_SETTING, "net.core.bpf_jit_harden", NULL,
		      INSPECT_UNKNOWN);
	assert_string_equal(find(&saved, INSPECT_FEATURE_CONFIG, "CONFIG_HZ", NULL).value, "250");
	assert_string_equal(
		find(&saved, INSPECT_FEATURE_SETTING, "net.core.bpf_jit_enable", NULL).value, "1");
}

static void a_helper_that_bpftool_does_not_list_may_be_there(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(compatible, &saved);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "kprobe", INSPECT_YES);
	/* It knew the helper, and has a list for the type. */
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_bind", "kprobe", INSPECT_NO);
	/* An empty list is of a type that it could not try. */
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "tracing", INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_new", "kprobe", INSPECT_UNKNOWN);
	/* There is no such type at all. */
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "netfilter", INSPECT_NO);
}

static void what_bpftool_has_no_type_of_the_kernels_for_is_not_missing(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(compatible, &saved);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "ext", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "tracing", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_MAP_TYPE, "struct_ops", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "ext", INSPECT_UNKNOWN);
}

static void an_option_that_is_no_text_is_not_unset(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text(compatible, &saved);
	assert_answer(&saved, INSPECT_FEATURE_CONFIG, "CONFIG_NET", NULL, INSPECT_UNKNOWN);
}

static void lists_of_a_bpftool_that_takes_every_helper_for_there_are_not_believed(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text("{\"system_config\":{},\"program_types\":{\"have_kprobe_prog_type\":true},"
		  "\"map_types\":{},\"helpers\":{\"kprobe_available_helpers\":[\"bpf_loop\","
		  "\"bpf_xdp_adjust_head\"],\"xdp_available_helpers\":[\"bpf_xdp_adjust_head\","
		  "\"bpf_bind\"]}}",
		  &saved);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_xdp_adjust_head", "kprobe",
		      INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_bind", "xdp", INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_bind", "kprobe", INSPECT_UNKNOWN);
}

static void bpftools_false_without_rights_is_no_no(void **state)
{
	AUTO_SAVED saved = { 0 };

	(void)state;
	open_text("{\"system_config\":{},\"syscall_config\":{\"have_bpf_syscall\":true},"
		  "\"program_types\":{\"have_socket_filter_prog_type\":true,"
		  "\"have_kprobe_prog_type\":false,\"have_xdp_prog_type\":false},"
		  "\"map_types\":{\"have_hash_map_type\":true,\"have_arena_map_type\":false}}",
		  &saved);
	assert_true(saved.is_limited);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "socket_filter", NULL, INSPECT_YES);
	assert_answer(&saved, INSPECT_FEATURE_PROG_TYPE, "xdp", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_MAP_TYPE, "arena", NULL, INSPECT_UNKNOWN);
	assert_answer(&saved, INSPECT_FEATURE_HELPER, "bpf_loop", "xdp", INSPECT_UNKNOWN);
}

/* --- differences --- */

static const struct diff_which everything = { .kind = INSPECT_FEATURE_KINDS };

static void run_diff(const char *old_text, const char *new_text, const struct diff_which *which,
		     const size_t counts[DIFF_CHANGES], size_t n_same)
{
	AUTO_SAVED old = { 0 };
	AUTO_SAVED new = { 0 };
	AUTO(diff_done) struct diff diff = { 0 };

	open_text(old_text, &old);
	open_text(new_text, &new);
	assert_int_equal(diff_run(&old, &new, which, &diff, NULL), 0);
	for (unsigned i = 0; i < DIFF_CHANGES; i++)
		assert_int_equal(diff.counts[i], counts[i]);
	assert_int_equal(diff.n_same, n_same);
	for (size_t i = 1; i < diff.n; i++)
		assert_true(saved_compare(&diff.all[i - 1].old, &diff.all[i].old) < 0);
}

#define COUNTS(...) ((const size_t[DIFF_CHANGES]){ __VA_ARGS__ })

static const char newer[] =
	"[" FORMAT
	",{\"kind\":\"kernel\",\"name\":\"release\",\"answer\":\"yes\",\"value\":\"6.12\"},"
	"{\"kind\":\"map_type\",\"name\":\"arena\",\"answer\":\"yes\"},"
	"{\"kind\":\"prog_type\",\"name\":\"xdp\",\"answer\":\"not permitted\",\"reason\":\"capability\"}," LOOP_IN(
		"kprobe", "no") "," LOOP_IN("lsm", "yes") "," END(5) "]";

static void a_probe_does_not_differ_from_itself(void **state)
{
	(void)state;
	run_diff(whole, lines, &everything, COUNTS(0), 4);
	run_diff(compatible, compatible, &everything, COUNTS(0), 17);
	run_diff(newer, newer, &everything, COUNTS(0), 4);
}

static void each_kind_of_difference_is_told(void **state)
{
	const struct diff_which kernel = { .kind = INSPECT_FEATURE_KERNEL };
	const struct diff_which helpers = { .kind = INSPECT_FEATURE_HELPER };
	const struct diff_which lsm = { .kind = INSPECT_FEATURE_KINDS, .of = "lsm" };

	(void)state;
	run_diff(whole, newer, &everything,
		 COUNTS([DIFF_REMOVED] = 1, [DIFF_ADDED] = 1, [DIFF_UNDECIDED] = 1), 0);
	run_diff(newer, whole, &everything,
		 COUNTS([DIFF_REMOVED] = 1, [DIFF_ADDED] = 1, [DIFF_UNDECIDED] = 1), 0);
	run_diff(whole, newer, &kernel, COUNTS([DIFF_CHANGED] = 1), 0);
	run_diff(whole, newer, &helpers, COUNTS([DIFF_REMOVED] = 1), 0);
	run_diff(whole, newer, &lsm, COUNTS(0), 0);
}

static void what_only_one_shape_tells_is_not_compared(void **state)
{
	(void)state;
	/* kprobe has bpf_loop in both, and xdp in neither, as arena; of the rest one says nothing. */
	run_diff(whole, compatible, &everything, COUNTS(0), 3);
}

static void the_words_of_completion_are_the_kinds_that_are_saved(void **state)
{
	AUTO(buf_done) struct buf words = { 0 };

	(void)state;
	for (unsigned i = 0; i < INSPECT_FEATURE_PROBE; i++) {
		if (!probe_kinds[i].each)
			continue; /* no saved probe tells of such */
		if (i)
			buf_add_char(&words, ' ');
		buf_add_text(&words, probe_kinds[i].word);
	}
	buf_add_char(&words, '\0');
	assert_string_equal(PRINT_KIND_WORDS, words.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_a_record_comes_back),
		cmocka_unit_test(lines_are_the_same_as_an_array),
		cmocka_unit_test(what_is_cut_anywhere_is_refused),
		cmocka_unit_test(lost_lines_are_noticed_wherever_they_were),
		cmocka_unit_test(what_is_something_else_is_named),
		cmocka_unit_test(what_is_no_json_is_named_with_its_place),
		cmocka_unit_test(deep_nesting_is_no_danger),
		cmocka_unit_test(a_newer_format_says_so),
		cmocka_unit_test(words_of_a_newer_build_are_unknown_and_never_no),
		cmocka_unit_test(one_thing_with_two_answers_is_refused),
		cmocka_unit_test(a_probe_of_a_device_is_refused),
		cmocka_unit_test(a_helper_is_there_where_any_type_has_it),
		cmocka_unit_test(what_was_not_permitted_is_not_no),
		cmocka_unit_test(a_kfunc_that_a_kernel_with_kfuncs_does_not_tell_is_not_there),
		cmocka_unit_test(
			of_a_kernel_without_tags_only_known_kfuncs_are_known_not_to_be_there),
		cmocka_unit_test(bpftools_object_is_read),
		cmocka_unit_test(a_helper_that_bpftool_does_not_list_may_be_there),
		cmocka_unit_test(what_bpftool_has_no_type_of_the_kernels_for_is_not_missing),
		cmocka_unit_test(an_option_that_is_no_text_is_not_unset),
		cmocka_unit_test(
			lists_of_a_bpftool_that_takes_every_helper_for_there_are_not_believed),
		cmocka_unit_test(bpftools_false_without_rights_is_no_no),
		cmocka_unit_test(a_probe_does_not_differ_from_itself),
		cmocka_unit_test(each_kind_of_difference_is_told),
		cmocka_unit_test(what_only_one_shape_tells_is_not_compared),
		cmocka_unit_test(the_words_of_completion_are_the_kinds_that_are_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
