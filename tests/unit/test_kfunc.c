/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_kfunc.c - what is made of the verifier's words about kernel functions
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
#include "probe/helper.h"
#include "probe/kfunc.h"

#define PASSED "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0\n"
#define STOPPED "processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0\n"

/* What the kernel says to the next load, and what it was asked. */
static struct {
	const char *text;
	int code;
	unsigned n_calls;
	uint64_t first_insn;
	int32_t fds[2];
} kernel;

static long answer(int cmd, void *attr, unsigned size)
{
	struct abi_prog_load_attr given = { 0 };

	assert_int_equal(cmd, 5);
	memcpy(&given, attr, size < sizeof(given) ? size : sizeof(given));
	kernel.n_calls++;
	memcpy(&kernel.first_insn, (const void *)(uintptr_t)given.insns, 8);
	if (given.fd_array)
		memcpy(kernel.fds, (const void *)(uintptr_t)given.fd_array, sizeof(kernel.fds));
	snprintf((char *)(uintptr_t)given.log_buf, given.log_size, "%s", kernel.text);
	errno = kernel.code;
	return -1;
}

static void ask(const char *text, int code, const struct kfunc_list *list, const struct kfunc *func,
		struct kfunc_said *out)
{
	const struct sys sys = { .bpf = answer, .root = "" };
	const struct abi_prog_load_attr shape = { .type = ABI_PROG_TYPE_XDP };

	kernel.text = text;
	kernel.code = code;
	kernel.n_calls = 0;
	kfunc_load(&sys, &shape, list, func, out);
}

static void assert_says(const char *text, int code, enum kfunc_verdict expected)
{
	const struct kfunc func = { .id = 0x1234 };
	const struct kfunc_list none = { 0 };
	struct kfunc_said said;

	ask(text, code, &none, &func, &said);
	if (said.verdict != expected)
		fail_msg("%d and not %d: %s", said.verdict, expected, text);
	assert_int_equal(said.code, code);
	assert_int_equal(kernel.first_insn, 0x123400002085);
}

static void a_call_that_was_reached_and_not_refused_is_allowed(void **state)
{
	(void)state;
	assert_says("arg#0 expected pointer to ctx\n" PASSED, EINVAL, KFUNC_YES);
	assert_says("program must be sleepable to call sleepable kfunc x\n" PASSED, EACCES,
		    KFUNC_YES);
	assert_says("R1 !read_ok\n" PASSED, EACCES, KFUNC_YES);
	assert_says("kernel function x is not allowed here\n" PASSED, EACCES, KFUNC_YES);
	assert_says("calling kernel function x is not allowed\n" PASSED, EACCES,
		    KFUNC_NOT_FOR_TYPE);
}

static void what_was_refused_before_the_call_says_nothing_of_it(void **state)
{
	(void)state;
	assert_says("cannot find address for kernel function x\n" STOPPED, EINVAL, KFUNC_REFUSED);
	assert_says("R1 !read_ok\n" STOPPED, EACCES, KFUNC_REFUSED);
	assert_says("", EPERM, KFUNC_REFUSED);
	assert_says("", ENOMEM, KFUNC_REFUSED);
	assert_says("processed ", EINVAL, KFUNC_REFUSED);
	assert_says("processed 1", EINVAL, KFUNC_REFUSED);
	assert_says("metadata kfuncs require device-bound program\n" STOPPED, EINVAL,
		    KFUNC_NEEDS_DEVICE);
}

static void kernels_that_know_no_such_calls_are_told_apart(void **state)
{
	(void)state;
	assert_says("BPF_CALL uses reserved fields\n" PASSED, EINVAL, KFUNC_NOT_HERE);
	assert_says("JIT is required for calling kernel function\n" STOPPED, ENOTSUP,
		    KFUNC_NOT_HERE);
}

static void the_first_words_are_kept_for_what_is_refused(void **state)
{
	const struct kfunc func = { .id = 1 };
	const struct kfunc_list none = { 0 };
	struct kfunc_said said;
	char text[600];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ask(text, EINVAL, &none, &func, &said);
	assert_int_equal(strlen(said.text), sizeof(said.text) - 1);
	ask("one\ntwo\n", EINVAL, &none, &func, &said);
	assert_string_equal(said.text, "one");
}

static void a_modules_function_is_called_by_the_place_of_its_types(void **state)
{
	AUTO(buf_done) struct buf modules = { 0 };
	const struct kfunc_module rows[] = { { "one", -EPERM }, { "two", 77 } };
	struct kfunc_list list = { 0 };
	struct kfunc func = { .id = 9, .module = 2 };
	struct kfunc_said said;

	(void)state;
	buf_add(&modules, rows, sizeof(rows));
	list.modules = modules;
	ask("R1 !read_ok\n" PASSED, EACCES, &list, &func, &said);
	assert_int_equal(said.verdict, KFUNC_YES);
	assert_int_equal(kernel.first_insn, 0x900012085);
	assert_int_equal(kernel.fds[1], 77);
	func.module = 1;
	ask("", EINVAL, &list, &func, &said);
	assert_int_equal(said.verdict, KFUNC_REFUSED);
	assert_int_equal(said.code, EPERM);
	assert_int_equal(kernel.n_calls, 0);
}

#define LIVE "func#0 @0\nLive regs before insn:\n"

static bool ask_together(const char *text, bool was_seen, uint8_t verdicts[3])
{
	const struct sys sys = { .bpf = answer, .root = "" };
	const struct abi_prog_load_attr shape = { .type = ABI_PROG_TYPE_XDP };
	struct kfunc funcs[] = {
		{ .id = 1, .n_params = 2 },
		{ .id = 2, .n_params = 3 },
		{ .id = 3, .n_params = 4, .needs_fewer = was_seen },
	};
	struct kfunc *const all[] = { &funcs[0], &funcs[1], &funcs[2] };
	static char log[HELPER_LOG_ROOM];

	kernel.text = text;
	kernel.code = EINVAL;
	return kfunc_load_together(&sys, &shape, all, 3, log, verdicts);
}

#define LIVE_CALLS                                                                                 \
	LIVE "      0: .12....... (85) call a#1\n"                                                 \
	     "      1: .12345.... (85) call b#2\n"                                                 \
	     "      2: .12345.... (85) call c#3\n"                                                 \
	     "      3: .12345.... (85) call unknown#2147483646\n"

static void calls_that_need_all_registers_are_not_allowed(void **state)
{
	uint8_t verdicts[3];

	(void)state;
	assert_true(ask_together(LIVE_CALLS, false, verdicts));
	assert_int_equal(verdicts[0], KFUNC_YES);
	assert_int_equal(verdicts[1], KFUNC_NOT_FOR_TYPE);
	assert_int_equal(verdicts[2], KFUNC_NOT_ASKED); /* the kernel may add a parameter */
	assert_true(ask_together(LIVE_CALLS, true, verdicts));
	assert_int_equal(verdicts[2], KFUNC_NOT_FOR_TYPE); /* elsewhere it needs four */
}

static void a_log_in_another_form_tells_nothing(void **state)
{
	static const char *const logs[] = {
		"",
		LIVE,
		LIVE "      0: .12....... (85) call a#1\n",
		LIVE "      0: .12....... (85) call a#1\n      1: .12345.... (85) call b#2\n"
		     "      2: .12345.... (85) call c#3\n      3: .......... (85) call unknown#1\n",
		LIVE "      0: .12....... (85) call a#1\n      2: .12345.... (85) call b#2\n"
		     "      2: .12345.... (85) call c#3\n      3: .12345.... (85) call unknown#1\n",
		"metadata kfuncs require device-bound program\n" STOPPED,
	};
	uint8_t verdicts[3];

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++)
		assert_false(ask_together(logs[i], false, verdicts));
}

static void names_that_are_known_are_in_order_and_there_once(void **state)
{
	AUTO(buf_done) struct buf names = { 0 };

	(void)state;
	assert_int_equal(kfunc_names(&names), 0);
	assert_true(kfunc_names_count(&names) > 300);
	for (size_t i = 1; i < kfunc_names_count(&names); i++)
		if (strcmp(kfunc_name_at(&names, i - 1), kfunc_name_at(&names, i)) >= 0)
			fail_msg("%s", kfunc_name_at(&names, i));
	assert_true(kfunc_is_known(&names, "bpf_rdonly_cast"));
	assert_false(kfunc_is_known(&names, "bpf_rdonly_cas"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_was_reached_and_not_refused_is_allowed),
		cmocka_unit_test(what_was_refused_before_the_call_says_nothing_of_it),
		cmocka_unit_test(kernels_that_know_no_such_calls_are_told_apart),
		cmocka_unit_test(the_first_words_are_kept_for_what_is_refused),
		cmocka_unit_test(a_modules_function_is_called_by_the_place_of_its_types),
		cmocka_unit_test(calls_that_need_all_registers_are_not_allowed),
		cmocka_unit_test(a_log_in_another_form_tells_nothing),
		cmocka_unit_test(names_that_are_known_are_in_order_and_there_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
