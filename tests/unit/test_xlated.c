/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_xlated.c - dumps of code that no kernel here has: other records, other instructions, less rights
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

#include "btf/reader.h"
#include "btf_maker.h"
#include "cli_case.h"
#include "fake_kernel.h"

#define INSN(code, dst, src, off, imm)                                                             \
	((uint64_t)(code) | (uint64_t)(dst) << 8 | (uint64_t)(src) << 12 |                         \
	 (uint64_t)(uint16_t)(off) << 16 | (uint64_t)(uint32_t)(imm) << 32)
#define MOVE(value) INSN(0xb7, 0, 0, 0, value)
#define EXIT INSN(0x95, 0, 0, 0, 0)
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(*(array))))

static const struct abi_prog_info info = { .type = 1, .name = "p" };
static const struct abi_prog_info typed_info = { .type = 1, .name = "p", .btf_id = 9 };

/* Runs "prog dump xlated id 5" and more words, on a program of that code; the text is to be freed. */
static char *dump(const struct fake_code *code, const char *word, int result)
{
	struct fake_object object = { .kind = INSPECT_PROG, .id = 5, .info = &info, .code = code };
	struct inspect *inspect = fake_kernel_start(&object, 1);
	AUTO_CLI c;

	CLI_RUN(&c, inspect, "prog", "dump", "xlated", "id", "5", word);
	assert_int_equal(c.result, result);
	fake_kernel_stop();
	return strdup(result ? c.err.text : c.out.text);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}

static void instructions_that_are_withheld_are_an_error_with_the_way_out(void **state)
{
	const uint64_t insns[] = { MOVE(0), EXIT };
	const struct fake_code none = { 0 };
	const struct fake_code blinded = { .insns = insns, .n_insns = 2, .is_blinded = true };

	(void)state;
	autofree char *first = dump(&none, NULL, -EPERM);
	assert_has(first, "Error: prog 5: read instructions: Operation not permitted\n");
	assert_has(first, "CAP_BPF or CAP_SYS_ADMIN");
	autofree char *second = dump(&blinded, NULL, -EPERM);
	assert_has(second, "bpf_jit_harden");
	assert_has(second, "CAP_SYSLOG");
}

static void code_that_is_no_instruction_is_shown_with_its_bytes(void **state)
{
	const uint64_t insns[] = { INSN(0xff, 0, 0, 0, 1), INSN(0x05, 0, 0, 100, 0),
				   INSN(0x18, 1, 0, 0, 5) };
	const struct fake_code code = { .insns = insns, .n_insns = COUNT(insns) };
	const char *const words[] = { NULL, "visual", "mermaid", "names", "opcodes" };

	(void)state;
	for (unsigned i = 0; i < COUNT(words); i++) {
		autofree char *text = dump(&code, words[i], 0);

		assert_has(text, "ff 00 00 00 01 00 00 00");
		assert_has(text, "18 01 00 00 05 00 00 00");
	}
}

/* 32-bit jumps and may_goto, whose targets stand in other fields, and a jump that a register tells. */
static void the_graph_has_right_edges_for_every_form_of_jump(void **state)
{
	const uint64_t insns[] = {
		INSN(0xe5, 0, 0, 2, 0), /* 0: may_goto 3 */
		INSN(0x06, 0, 0, 0, 2), /* 1: gotol 4 */
		MOVE(2),		/* 2 */
		MOVE(3),		/* 3 */
		INSN(0x0d, 1, 0, 0, 0), /* 4: gotox r1 */
		EXIT,
	};
	const struct fake_code code = { .insns = insns, .n_insns = COUNT(insns) };
	static const char *const edges[] = { "f0b0 --> f0b2",	    "f0b2 --> f0b3",
					     "f0b2 --> f0b5",	    "f0b3 --> f0b6",
					     "f0b4 --> f0b5",	    "f0b5 --> f0b6",
					     "f0b6 --> f0bunknown", "f0b7 --> f0b1" };
	char line[64];
	unsigned n = 0;

	(void)state;
	autofree char *text = dump(&code, "mermaid", 0);
	for (unsigned i = 0; i < COUNT(edges); i++) {
		snprintf(line, sizeof(line), "\t%s\n", edges[i]);
		assert_has(text, line);
	}
	for (const char *at = text; (at = strstr(at, " --> ")); at++)
		n++;
	assert_int_equal(n, COUNT(edges));
	autofree char *dot = dump(&code, "visual", 0);
	assert_has(dot, "\tfn_0_bb_3:s -> fn_0_bb_6:n [");
	assert_lacks(dot, "\tfn_0_bb_3:s -> fn_0_bb_4:n [");
	assert_has(dot, "\tfn_0_bb_unknown [");
}

static void calls_of_compiled_code_are_told_by_the_number_of_the_subprogram(void **state)
{
	const uint64_t insns[] = { INSN(0x85, 0, 1, 1, 1), EXIT, MOVE(1), EXIT };
	const struct abi_func_info funcs[] = { { 0, 0 }, { 2, 0 } };
	const uint64_t addresses[] = { 0xffffffffc0001000, 0xffffffffc0002000 };
	const uint8_t tags[2][8] = { { 1 }, { 0xab, 0xcd } };
	struct fake_code code = { .insns = insns,
				  .n_insns = COUNT(insns),
				  .funcs = funcs,
				  .n_funcs = 2,
				  .func_bytes = 8,
				  .addresses = addresses,
				  .n_addresses = 2,
				  .tags = tags,
				  .n_tags = 2 };

	(void)state;
	autofree char *known = dump(&code, NULL, 0);
	assert_has(known, "   0: (85) call pc+1#bpf_prog_abcd000000000000_F\n");
	code.n_tags = 0;
	autofree char *untagged = dump(&code, NULL, 0);
	assert_has(untagged, "call pc+1#0xffffffffc0002000\n");
	code.is_hidden = true;
	autofree char *hidden = dump(&code, NULL, 0);
	assert_has(hidden, "call pc+1#0x0\n");
}

static void calls_of_interpreted_code_are_told_by_their_distance(void **state)
{
	const uint64_t insns[] = { INSN(0x85, 0, 1, 0, 1), EXIT, MOVE(1), EXIT };
	const struct fake_code code = { .insns = insns, .n_insns = COUNT(insns) };

	(void)state;
	autofree char *text = dump(&code, NULL, 0);
	assert_has(text, "   0: (85) call pc+1\n");
}

/* A program with types: one function and two lines, in records of these lengths. */
struct typed {
	struct maker m;
	uint32_t func, line, file;
	struct fake_object objects[2];
	struct fake_code code;
};

static const uint64_t two[] = { MOVE(0), EXIT };

static void start_typed(struct typed *typed)
{
	struct maker *m = &typed->m;

	*typed = (struct typed){ 0 };
	maker_type(m, KIND_INT, maker_string(m, "int"), 4, 0);
	maker_word(m, 32);
	maker_type(m, KIND_FUNC_PROTO, 0, 1, 0);
	maker_type(m, KIND_FUNC, maker_string(m, "main_func"), 2, 0);
	typed->line = maker_string(m, "  return 0;");
	typed->file = maker_string(m, "a.c");
	maker_finish(m);
	typed->code = (struct fake_code){ .insns = two, .n_insns = COUNT(two) };
	typed->objects[0] = (struct fake_object){
		.kind = INSPECT_PROG, .id = 5, .info = &typed_info, .code = &typed->code
	};
	typed->objects[1] = (struct fake_object){
		.kind = INSPECT_BTF, .id = 9, .btf = m->blob, .btf_size = (uint32_t)m->size
	};
}

static void records_longer_than_those_known_are_read(void **state)
{
	struct typed typed;

	(void)state;
	start_typed(&typed);
	const uint32_t funcs[] = { 0, 3, 77 };
	const uint32_t lines[] = { 0, typed.file, typed.line, 10 << 10 | 3, 77, 77,
				   1, typed.file, typed.line, 11 << 10 | 4, 77, 77 };
	typed.code.funcs = funcs;
	typed.code.lines = lines;
	typed.code.n_funcs = 1;
	typed.code.n_lines = 2;
	typed.code.func_bytes = sizeof(funcs);
	typed.code.line_bytes = sizeof(lines) / 2;
	struct inspect *inspect = fake_kernel_start(typed.objects, 2);
	AUTO_CLI c;

	CLI_RUN(&c, inspect, "prog", "dump", "xlated", "id", "5", "linum");
	assert_string_equal(c.out.text, "int main_func():\n"
					"; return 0; [file:a.c line_num:10 line_col:3]\n"
					"   0: (b7) r0 = 0\n"
					"; return 0; [file:a.c line_num:11 line_col:4]\n"
					"   1: (95) exit\n");
	fake_kernel_stop();
	maker_done(&typed.m);
}

static void records_shorter_than_those_known_are_none(void **state)
{
	struct typed typed;
	const uint32_t words[] = { 0, 3, 0, 3 };

	(void)state;
	start_typed(&typed);
	typed.code.funcs = typed.code.lines = words;
	typed.code.n_funcs = typed.code.n_lines = 2;
	typed.code.func_bytes = 4;
	typed.code.line_bytes = 8;
	struct inspect *inspect = fake_kernel_start(typed.objects, 2);
	AUTO_CLI c;

	CLI_RUN(&c, inspect, "prog", "dump", "xlated", "id", "5");
	assert_string_equal(c.out.text, "   0: (b7) r0 = 0\n   1: (95) exit\n");
	fake_kernel_stop();
	maker_done(&typed.m);
}

static void what_shrinks_between_two_calls_is_shown_as_far_as_it_goes(void **state)
{
	struct typed typed;

	(void)state;
	start_typed(&typed);
	const struct abi_func_info funcs[] = { { 0, 3 }, { 1, 3 } };
	const struct abi_line_info lines[] = { { 0, typed.file, typed.line, 1 },
					       { 1, typed.file, typed.line, 1 } };
	typed.code.funcs = funcs;
	typed.code.lines = lines;
	typed.code.n_funcs = typed.code.n_lines = 2;
	typed.code.func_bytes = sizeof(*funcs);
	typed.code.line_bytes = sizeof(*lines);
	typed.code.n_addresses = typed.code.n_tags = 1;
	typed.code.shrinks = true;
	struct inspect *inspect = fake_kernel_start(typed.objects, 2);
	AUTO_CLI c;

	CLI_RUN(&c, inspect, "prog", "dump", "xlated", "id", "5");
	assert_string_equal(c.out.text, "int main_func():\n; return 0;\n   0: (b7) r0 = 0\n");
	fake_kernel_stop();
	maker_done(&typed.m);
}

static void types_that_are_gone_are_told_and_cost_only_themselves(void **state)
{
	struct typed typed;

	(void)state;
	start_typed(&typed);
	struct inspect *inspect = fake_kernel_start(typed.objects, 1);
	AUTO_CLI c;

	CLI_RUN(&c, inspect, "prog", "dump", "xlated", "id", "5");
	assert_int_equal(c.result, 0);
	assert_string_equal(c.out.text, "   0: (b7) r0 = 0\n   1: (95) exit\n");
	assert_has(c.err.text, "note: prog 5: its types could not be read");
	fake_kernel_stop();
	maker_done(&typed.m);
}

/* Numbers and strings that no BTF has, types that go round in circles. */
static void nonsense_in_types_is_no_prototype_and_no_line(void **state)
{
	struct typed typed;

	(void)state;
	start_typed(&typed);
	struct maker *m = &typed.m;
	maker_type(m, KIND_PTR, 0, 4, 0); /* 4: to itself */
	maker_type(m, KIND_FUNC_PROTO, 0, 4, 0);
	maker_type(m, KIND_FUNC, maker_string(m, "circle"), 5, 0);
	maker_finish(m);
	typed.objects[1].btf = m->blob;
	typed.objects[1].btf_size = (uint32_t)m->size;
	const struct abi_func_info funcs[] = { { 0, 6 }, { 1, 0xffffffff } };
	const struct abi_line_info lines[] = { { 0, 0xffffffff, 0xffffffff, 0 },
					       { 0xffffffff, 1, 1, 0 } };
	typed.code.funcs = funcs;
	typed.code.lines = lines;
	typed.code.n_funcs = typed.code.n_lines = 2;
	typed.code.func_bytes = sizeof(*funcs);
	typed.code.line_bytes = sizeof(*lines);
	struct inspect *inspect = fake_kernel_start(typed.objects, 2);
	AUTO_CLI c;

	CLI_RUN(&c, inspect, "prog", "dump", "xlated", "id", "5");
	assert_string_equal(c.out.text, "; \n   0: (b7) r0 = 0\n   1: (95) exit\n");
	fake_kernel_stop();
	maker_done(&typed.m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instructions_that_are_withheld_are_an_error_with_the_way_out),
		cmocka_unit_test(code_that_is_no_instruction_is_shown_with_its_bytes),
		cmocka_unit_test(the_graph_has_right_edges_for_every_form_of_jump),
		cmocka_unit_test(calls_of_compiled_code_are_told_by_the_number_of_the_subprogram),
		cmocka_unit_test(calls_of_interpreted_code_are_told_by_their_distance),
		cmocka_unit_test(records_longer_than_those_known_are_read),
		cmocka_unit_test(records_shorter_than_those_known_are_none),
		cmocka_unit_test(what_shrinks_between_two_calls_is_shown_as_far_as_it_goes),
		cmocka_unit_test(types_that_are_gone_are_told_and_cost_only_themselves),
		cmocka_unit_test(nonsense_in_types_is_no_prototype_and_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
