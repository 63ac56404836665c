/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_verdict.c - why a program was not loaded, from logs of several kernels
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "load/verdict.h"
#include "load/verdict_log.h"
#include "load/verdict_print.h"
#include "load/verdict_table.h"

#define STATS                                                                                      \
	"processed 9 insns (limit 1000000) max_states_per_insn 1 total_states 2 peak_states 3 "    \
	"mark_read 4\n"

static void find(struct inspect_verdict *out, int code, const char *log)
{
	const struct verdict_case from = {
		.program = "filter",
		.code = code,
		.log = log,
		.log_size = strlen(log),
		.refusal = { .has_rights = true },
	};

	assert_int_equal(verdict_find(&from, out), 0);
}

static void find_said(struct inspect_verdict *out, int code, const char *said,
		      struct refusal refusal)
{
	const struct verdict_case from = {
		.program = "filter",
		.code = code,
		.said = said,
		.said_size = strlen(said),
		.refusal = refusal,
	};

	assert_int_equal(verdict_find(&from, out), 0);
}

#define VERDICT AUTO(inspect_verdict_done) struct inspect_verdict

/* The log */

static const char packet_log[] =
	"0: R1=ctx() R10=fp0\n"
	"; unsigned char *packet = (void *)(long)context->data; @ filter.c:57\n"
	"0: (61) r1 = *(u32 *)(r1 +0)          ; R1=pkt(r=0)\n"
	"; return packet[12] == 8; @ filter.c:59\n"
	"1: (71) r1 = *(u8 *)(r1 +12)\n"
	"invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)\n"
	"R1 offset is outside of the packet\n" STATS;

static void a_log_tells_instruction_source_registers_and_cause(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EACCES, packet_log);
	assert_string_equal(verdict.cause, "packet-bounds");
	assert_string_equal(verdict.verdict,
			    "the program reads or writes 1 bytes at offset 12 of the packet, which "
			    "was not checked to be that long");
	assert_int_equal(verdict.insn, 1);
	assert_string_equal(verdict.insn_text, "(71) r1 = *(u8 *)(r1 +12)");
	assert_string_equal(verdict.source, "return packet[12] == 8;");
	assert_string_equal(verdict.file, "filter.c");
	assert_int_equal(verdict.line, 59);
	assert_int_equal(verdict.regs.n, 1);
	assert_int_equal(verdict.regs.regs[0].number, 1);
	assert_string_equal(verdict.regs.regs[0].state, "pkt(r=0)");
	assert_string_equal(verdict.regs.regs[0].text,
			    "pointer into the packet, checked for 0 bytes");
	assert_int_equal(verdict.peak_states, 3);
	assert_int_equal(verdict.mark_read, 4);
}

static void a_report_of_newer_kernels_stands_between_message_and_counts(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EACCES,
	     "; value->n = 1; @ filter.c:51\n"
	     "8: (63) *(u32 *)(r0 +0) = r1\n"
	     "brand new words\n\n"
	     "Verification failed: Memory Safety: Access outside bounds\n\n"
	     "Reason:\n"
	     "  The verifier cannot prove\n"
	     "  that.\n\n"
	     "At:\n"
	     "  main @ filter.c:51:9\n"
	     "  Source context:\n"
	     "  >>> 51 |         value->n = 1;\n\n"
	     "Causal path:\n"
	     "  main @ filter.c:40:1\n"
	     "  7: (95) exit\n\n"
	     "Suggestion:\n"
	     "  Add a\n  check.\n\n" STATS);
	assert_string_equal(verdict.cause, "other");
	assert_string_equal(verdict.verdict, "the kernel refuses the program: Memory Safety: "
					     "Access outside bounds");
	assert_string_equal(verdict.message, "brand new words");
	assert_string_equal(verdict.reason, "The verifier cannot prove that.");
	assert_string_equal(verdict.hint, "Add a check.");
	assert_string_equal(verdict.function, "main");
	assert_int_equal(verdict.line, 51);
	assert_int_equal(verdict.column, 9);
	assert_true(verdict.have & INSPECT_VERDICT_HAS_COUNTS);
}

static void a_source_without_a_file_is_a_source(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EACCES, "; return at @ home;\n0: (bf) r0 = r7\nR7 !read_ok\n" STATS);
	assert_string_equal(verdict.source, "return at @ home;");
	assert_null(verdict.file);
	assert_false(verdict.have & INSPECT_VERDICT_HAS_LINE);
	assert_string_equal(verdict.cause, "register-unset");
	assert_int_equal(verdict.regs.n, 0);
}

static void a_state_behind_the_instruction_is_what_was_before_it(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EACCES,
	     "12: (0f) r0 += r1\n"
	     "13: (61) r6 = *(u32 *)(r0 +4)\n"
	     " R0_w=map_value(id=0,off=0,ks=4,vs=64,umax_value=80,var_off=(0x0; 0x7c)) R10=fp0\n"
	     "invalid access to map value, value_size=64 off=84 size=4\n"
	     "R0 max value is outside of the allowed memory range\n" STATS);
	assert_string_equal(verdict.cause, "map-bounds");
	assert_int_equal(verdict.regs.n, 1);
	assert_string_equal(verdict.regs.regs[0].state,
			    "map_value(id=0,off=0,ks=4,vs=64,umax_value=80,var_off=(0x0; 0x7c))");
}

static void a_register_that_a_call_took_is_told_so(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EACCES,
	     "0: R1=ctx() R10=fp0\n"
	     "0: (85) call bpf_ktime_get_ns#5       ; R0=scalar()\n"
	     "1: (bf) r0 = r1\n"
	     "R1 !read_ok\n" STATS);
	assert_int_equal(verdict.regs.n, 1);
	assert_null(verdict.regs.regs[0].state);
	assert_string_equal(verdict.regs.regs[0].text,
			    "nothing: the call at instruction 0 left nothing in it");
}

static void registers_of_a_caller_are_not_those_of_a_function(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EACCES,
	     "3: (bf) r6 = r1                       ; R6=ctx()\n"
	     "4: (85) call pc+2\n"
	     "caller:\n R6=ctx() R10=fp0\n"
	     "callee:\n frame1: R1=scalar(umin=1,umax=7) R10=fp0\n"
	     "7: frame1: R1=scalar(umin=1,umax=7) R10=fp0\n"
	     "7: (07) r1 += 1                       ; frame1: R1=scalar(umin=2,umax=8)\n"
	     "8: (61) r0 = *(u32 *)(r1 +0)\n"
	     "R1 invalid mem access 'scalar'\n" STATS);
	assert_string_equal(verdict.cause, "not-a-pointer");
	assert_string_equal(verdict.regs.regs[0].text, "a number, 2 to 8");
}

static void a_message_behind_a_jump_is_none_of_its_text(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, E2BIG,
	     "11: (56) if w1 != 0x0 goto pc-5 BPF program is too large. Processed 1000001 insn\n" STATS);
	assert_string_equal(verdict.cause, "too-complex");
	assert_string_equal(verdict.insn_text, "(56) if w1 != 0x0 goto pc-5");
}

static void a_branch_behind_a_jump_is_no_message(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EINVAL,
	     "; sock = bpf_sk_lookup_tcp(); @ a.c:3\n"
	     "10: (85) call bpf_sk_lookup_tcp#84    ; R0=sock_or_null(id=2,ref_obj_id=2) refs=2\n"
	     "; return sock != 0; @ a.c:4\n"
	     "13: (55) if r1 != 0x0 goto pc+1 15: R0=1 R1=sock(ref_obj_id=2) R10=fp0 refs=2\n"
	     "15: (95) exit\n"
	     "Unreleased reference id=2 alloc_insn=10\n"
	     "BPF_EXIT instruction in main prog would lead to reference leak\n" STATS);
	assert_string_equal(verdict.cause, "reference");
	assert_int_equal(verdict.insn, 15);
	assert_int_equal(verdict.origin, 10);
	assert_string_equal(verdict.origin_source, "sock = bpf_sk_lookup_tcp();");
	assert_int_equal(verdict.origin_line, 3);
	assert_int_equal(verdict.line, 4);
}

static void a_message_may_name_another_instruction(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EINVAL,
	     "1: (b7) r0 = 0                        ; R0=0\n"
	     "2: (05) goto pc-2\n"
	     "infinite loop detected at insn 1\n"
	     "cur state: R0=0 R1=ctx() R10=fp0\n" STATS);
	assert_string_equal(verdict.cause, "loop");
	assert_int_equal(verdict.insn, 1);
	assert_null(verdict.insn_text);
}

static void a_number_too_large_to_be_an_instruction_is_none(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, EINVAL, "infinite loop detected at insn 99999999999\n");
	assert_string_equal(verdict.cause, "loop");
	assert_false(verdict.have & INSPECT_VERDICT_HAS_INSN);
}

static void only_the_end_of_a_long_log_is_looked_at(void **state)
{
	static const char line[] = "0: (b7) r0 = 0                        ; R0=0\n";
	size_t n = 0, size = ((size_t)8 << 20) + sizeof(packet_log);
	autofree char *log = malloc(size);
	struct log_facts facts;

	(void)state;
	assert_non_null(log);
	for (; n + sizeof(line) + sizeof(packet_log) < size; n += sizeof(line) - 1)
		memcpy(log + n, line, sizeof(line) - 1);
	memcpy(log + n, packet_log, sizeof(packet_log) - 1);
	log_read(&facts, log, n + sizeof(packet_log) - 1);
	assert_int_equal(facts.insn, 1);
	assert_int_equal(facts.n_messages, 2);
	assert_true(facts.window > (size_t)6 << 20);
}

static void counts_of_a_program_that_was_loaded_are_told(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find(&verdict, 0, "verification time 46 usec\nstack depth 16+8\n" STATS);
	assert_null(verdict.cause);
	assert_null(verdict.verdict);
	assert_int_equal(verdict.insns_processed, 9);
	assert_int_equal(verdict.verification_time_us, 46);
	assert_string_equal(verdict.stack_depth, "16+8");
	inspect_verdict_done(&verdict);
	find(&verdict, 0, "verification time 46 usec\nstack depth max 24\n" STATS);
	assert_string_equal(verdict.stack_depth, "24");
}

/* Without a log */

static void libbpfs_words_tell_what_the_kernel_does_not_have(void **state)
{
	VERDICT verdict = { 0 };

	(void)state;
	find_said(&verdict, ESRCH,
		  "prog 'filter': something\n"
		  "extern (func ksym) 'bpf_new': not found in kernel or module BTFs\n",
		  (struct refusal){ .has_rights = true });
	assert_string_equal(verdict.cause, "kfunc-missing");
	assert_non_null(strstr(verdict.verdict, " bpf_new,"));
}

static void what_stands_behind_eperm_depends_on_rights_lockdown_and_limit(void **state)
{
	static const char limit[] =
		"permission error while running as root; try raising 'ulimit -l'? current value: 64 KiB\n";
	const struct {
		const char *said, *cause;
		struct refusal refusal;
	} cases[] = {
		{ "", "privileges", { .has_rights = false } },
		{ limit, "privileges", { .has_rights = false } },
		{ "", "lockdown", { .has_rights = true, .is_locked_down = true } },
		{ limit, "memory-limit", { .has_rights = true } },
		{ "", "forbidden", { .has_rights = true } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		VERDICT verdict = { 0 };

		find_said(&verdict, EPERM, cases[i].said, cases[i].refusal);
		assert_string_equal(verdict.cause, cases[i].cause);
		assert_non_null(verdict.hint);
	}
}

static void an_errno_alone_is_some_verdict(void **state)
{
	static const int codes[] = { EINVAL, E2BIG, ENOSPC, ENOMEM, ENOENT, 524, EOPNOTSUPP, EIO };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		VERDICT verdict = { 0 };

		find_said(&verdict, codes[i], "", (struct refusal){ .has_rights = true });
		assert_non_null(verdict.cause);
		assert_non_null(verdict.verdict);
		assert_int_equal(verdict.error, codes[i]);
	}
}

/* The tables */

/* A line that the pattern fits: each * is "7". */
static size_t example(const char *pattern, char *to)
{
	size_t n = 0;

	for (pattern += *pattern == '^'; *pattern; pattern++)
		to[n++] = *pattern == '*' ? '7' : *pattern;
	return n;
}

static unsigned count_stars(const char *pattern)
{
	unsigned n = 0;

	for (; *pattern; pattern++)
		n += *pattern == '*';
	return n;
}

static void check_words(const struct verdict_row *row, const char *words)
{
	unsigned most = count_stars(row->pattern);

	if (most > VERDICT_STARS)
		most = VERDICT_STARS;
	for (const char *at = strchr(words, '%'); at; at = strchr(at + 1, '%')) {
		assert_in_range(at[1], '0', '0' + most);
		if (at[1] == '0')
			assert_int_not_equal(row->subject, SUBJECT_NONE);
	}
}

static void check_row(const struct verdict_row *row, const struct verdict_match *match)
{
	if (match->row != row)
		print_message("row '%s' is hidden by '%s'\n", row->pattern,
			      match->row ? match->row->pattern : "(none)");
	assert_ptr_equal(match->row, row);
	check_words(row, row->words);
	if (row->hint)
		check_words(row, row->hint);
	assert_true(row->insn <= count_stars(row->pattern));
	assert_true(row->origin <= count_stars(row->pattern));
}

static void each_row_of_the_verifiers_is_reached_and_names_what_is_there(void **state)
{
	size_t n;
	const struct verdict_row *rows = verdict_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct verdict_match match;
		char line[256];
		struct log_text text = { line, example(rows[i].pattern, line) };

		verdict_match_messages(&text, 1, &match);
		check_row(&rows[i], &match);
	}
}

static void each_row_of_libbpfs_is_reached_and_names_what_is_there(void **state)
{
	size_t n;
	const struct verdict_row *rows = verdict_said_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct verdict_match match;
		char line[256];

		verdict_match_said(line, example(rows[i].pattern, line), &match);
		check_row(&rows[i], &match);
	}
}

static void a_star_takes_as_little_as_will_do(void **state)
{
	const char line[] = "R1 type=scalar expected=fp, expected=pkt";
	struct log_text stars[3] = { 0 };

	(void)state;
	assert_true(log_match((struct log_text){ line, sizeof(line) - 1 }, "R* type=* expected=*",
			      stars, 3));
	assert_memory_equal(stars[1].at, "scalar ", 7);
	assert_int_equal(stars[1].size, 6);
	assert_int_equal(stars[2].size, strlen("fp, expected=pkt"));
	assert_false(log_match((struct log_text){ line, sizeof(line) - 1 }, "^type=*", stars, 3));
	assert_false(log_match((struct log_text){ line, 10 }, "R* type=* expected=*", stars, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_tells_instruction_source_registers_and_cause),
		cmocka_unit_test(a_report_of_newer_kernels_stands_between_message_and_counts),
		cmocka_unit_test(a_source_without_a_file_is_a_source),
		cmocka_unit_test(a_state_behind_the_instruction_is_what_was_before_it),
		cmocka_unit_test(a_register_that_a_call_took_is_told_so),
		cmocka_unit_test(registers_of_a_caller_are_not_those_of_a_function),
		cmocka_unit_test(a_message_behind_a_jump_is_none_of_its_text),
		cmocka_unit_test(a_branch_behind_a_jump_is_no_message),
		cmocka_unit_test(a_message_may_name_another_instruction),
		cmocka_unit_test(a_number_too_large_to_be_an_instruction_is_none),
		cmocka_unit_test(only_the_end_of_a_long_log_is_looked_at),
		cmocka_unit_test(counts_of_a_program_that_was_loaded_are_told),
		cmocka_unit_test(libbpfs_words_tell_what_the_kernel_does_not_have),
		cmocka_unit_test(what_stands_behind_eperm_depends_on_rights_lockdown_and_limit),
		cmocka_unit_test(an_errno_alone_is_some_verdict),
		cmocka_unit_test(each_row_of_the_verifiers_is_reached_and_names_what_is_there),
		cmocka_unit_test(each_row_of_libbpfs_is_reached_and_names_what_is_there),
		cmocka_unit_test(a_star_takes_as_little_as_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
