/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_classic.c - classic BPF: what tcpdump writes, and its text
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
#include "code/classic.h"

/* tcpdump -y EN10MB 'ip and tcp port 80', in its three forms, and what it is. */
static const char decimal_text[] = "13\n40 0 0 12\n21 0 10 2048\n48 0 0 23\n21 0 8 6\n40 0 0 20\n"
				   "69 6 0 8191\n177 0 0 14\n72 0 0 14\n21 2 0 80\n72 0 0 16\n"
				   "21 0 1 80\n6 0 0 262144\n6 0 0 0\n";

static const char brace_text[] = "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 10, 0x00000800 },\n"
				 "{ 0x30, 0, 0, 0x00000017 },\n{ 0x15, 0, 8, 0x00000006 },\n"
				 "{ 0x28, 0, 0, 0x00000014 },\n{ 0x45, 6, 0, 0x00001fff },\n"
				 "{ 0xb1, 0, 0, 0x0000000e },\n{ 0x48, 0, 0, 0x0000000e },\n"
				 "{ 0x15, 2, 0, 0x00000050 },\n{ 0x48, 0, 0, 0x00000010 },\n"
				 "{ 0x15, 0, 1, 0x00000050 },\n{ 0x6, 0, 0, 0x00040000 },\n"
				 "{ 0x6, 0, 0, 0x00000000 },\n";

static const struct classic_op raw_ops[] = {
	{ 0x28, 0, 0, 12 }, { 0x15, 0, 10, 0x800 }, { 0x30, 0, 0, 23 }, { 0x15, 0, 8, 6 },
	{ 0x28, 0, 0, 20 }, { 0x45, 6, 0, 0x1fff }, { 0xb1, 0, 0, 14 }, { 0x48, 0, 0, 14 },
	{ 0x15, 2, 0, 80 }, { 0x48, 0, 0, 16 },	    { 0x15, 0, 1, 80 }, { 0x06, 0, 0, 0x40000 },
	{ 0x06, 0, 0, 0 },
};

static const char shown[] = "\tldh [12]\n"
			    "\tjeq #0x800, L2, L12\n"
			    "L2:\tldb [23]\n"
			    "\tjeq #0x6, L4, L12\n"
			    "L4:\tldh [20]\n"
			    "\tjset #0x1fff, L12, L6\n"
			    "L6:\tldxb 4*([14]&0xf)\n"
			    "\tldh [x+14]\n"
			    "\tjeq #0x50, L11, L9\n"
			    "L9:\tldh [x+16]\n"
			    "\tjeq #0x50, L11, L12\n"
			    "L11:\tret #0x40000\n"
			    "L12:\tret #0\n";

static void add_listing(const struct classic *classic, struct buf *text)
{
	struct classic_insn insn;
	char label[24];

	for (uint32_t i = 0; i < classic->count; i++) {
		classic_decode(classic, i, &insn);
		snprintf(label, sizeof(label), "L%u:", i);
		if (classic->is_target[i])
			buf_add_text(text, label);
		buf_add_char(text, '\t');
		classic_print(&insn, text);
		buf_add_char(text, '\n');
	}
	buf_add_char(text, '\0');
}

/* In memory of exactly its size, so that the sanitizer sees a byte read beyond it. */
static int parse(struct classic *classic, const void *bytes, size_t size, struct inspect_error *err)
{
	autofree char *copy = malloc(size + !size);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return classic_parse(classic, copy, size, err);
}

static void assert_listing(const void *bytes, size_t size, const char *expected)
{
	AUTO(classic_done) struct classic classic = { 0 };
	AUTO(buf_done) struct buf text = { 0 };

	assert_int_equal(parse(&classic, bytes, size, NULL), 0);
	add_listing(&classic, &text);
	assert_string_equal(text.bytes, expected);
}

static void decimal_numbers_are_read(void **state)
{
	(void)state;
	assert_listing(decimal_text, strlen(decimal_text), shown);
}

static void numbers_in_braces_are_read(void **state)
{
	(void)state;
	assert_listing(brace_text, strlen(brace_text), shown);
}

static void raw_bytes_are_read(void **state)
{
	(void)state;
	assert_listing(raw_ops, sizeof(raw_ops), shown);
}

static void commas_may_end_lines_and_the_last_line_needs_no_end(void **state)
{
	static const char *const texts[] = {
		"2,6 0 0 1,6 0 0 0",	   "2,6 0 0 1,6 0 0 0,",
		"2\r\n6 0 0 1\r\n6 0 0 0", "\n 2 \n\n 6  0\t0 1 \n6 0 0 0 \n\n",
		"{6,0,0,1},{6,0,0,0}",	   "{ 06, 0, 0, 0x1, }\n{ 0x6 , 0 , 0 , 0 } , \n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_listing(texts[i], strlen(texts[i]), "\tret #0x1\n\tret #0\n");
}

struct row {
	struct classic_op op;
	const char *text;
};

/* At index 0 of 300. */
static const struct row rows[] = {
	{ { 0x00, 0, 0, 5 }, "ld #0x5" },
	{ { 0x00, 0, 0, 0 }, "ld #0" },
	{ { 0x20, 0, 0, 12 }, "ld [12]" },
	{ { 0x28, 0, 0, 12 }, "ldh [12]" },
	{ { 0x30, 0, 0, 12 }, "ldb [12]" },
	{ { 0x40, 0, 0, 14 }, "ld [x+14]" },
	{ { 0x48, 0, 0, 14 }, "ldh [x+14]" },
	{ { 0x50, 0, 0, 14 }, "ldb [x+14]" },
	{ { 0x60, 0, 0, 15 }, "ld M[15]" },
	{ { 0x80, 0, 0, 0 }, "ld #len" },
	{ { 0x01, 0, 0, 5 }, "ldx #0x5" },
	{ { 0x61, 0, 0, 0 }, "ldx M[0]" },
	{ { 0x81, 0, 0, 0 }, "ldx #len" },
	{ { 0xb1, 0, 0, 14 }, "ldxb 4*([14]&0xf)" },
	{ { 0x02, 0, 0, 1 }, "st M[1]" },
	{ { 0x03, 0, 0, 2 }, "stx M[2]" },
	{ { 0x04, 0, 0, 9 }, "add #0x9" },
	{ { 0x0c, 0, 0, 0 }, "add x" },
	{ { 0x14, 0, 0, 9 }, "sub #0x9" },
	{ { 0x1c, 0, 0, 0 }, "sub x" },
	{ { 0x24, 0, 0, 9 }, "mul #0x9" },
	{ { 0x2c, 0, 0, 0 }, "mul x" },
	{ { 0x34, 0, 0, 9 }, "div #0x9" },
	{ { 0x3c, 0, 0, 0 }, "div x" },
	{ { 0x44, 0, 0, 9 }, "or #0x9" },
	{ { 0x4c, 0, 0, 0 }, "or x" },
	{ { 0x54, 0, 0, 0xffffffff }, "and #0xffffffff" },
	{ { 0x5c, 0, 0, 0 }, "and x" },
	{ { 0x64, 0, 0, 31 }, "lsh #0x1f" },
	{ { 0x6c, 0, 0, 0 }, "lsh x" },
	{ { 0x74, 0, 0, 31 }, "rsh #0x1f" },
	{ { 0x7c, 0, 0, 0 }, "rsh x" },
	{ { 0x84, 0, 0, 0 }, "neg" },
	{ { 0x94, 0, 0, 9 }, "mod #0x9" },
	{ { 0x9c, 0, 0, 0 }, "mod x" },
	{ { 0xa4, 0, 0, 9 }, "xor #0x9" },
	{ { 0xac, 0, 0, 0 }, "xor x" },
	{ { 0x05, 0, 0, 298 }, "jmp L299" },
	{ { 0x15, 1, 2, 0x800 }, "jeq #0x800, L2, L3" },
	{ { 0x1d, 255, 0, 0 }, "jeq x, L256, L1" },
	{ { 0x25, 1, 2, 1 }, "jgt #0x1, L2, L3" },
	{ { 0x2d, 1, 2, 0 }, "jgt x, L2, L3" },
	{ { 0x35, 1, 2, 1 }, "jge #0x1, L2, L3" },
	{ { 0x3d, 1, 2, 0 }, "jge x, L2, L3" },
	{ { 0x45, 1, 2, 1 }, "jset #0x1, L2, L3" },
	{ { 0x4d, 1, 2, 0 }, "jset x, L2, L3" },
	{ { 0x06, 0, 0, 0 }, "ret #0" },
	{ { 0x16, 0, 0, 0 }, "ret a" },
	{ { 0x07, 0, 0, 0 }, "tax" },
	{ { 0x87, 0, 0, 0 }, "txa" },
	{ { 0x28, 0, 0, 0xfffff000 }, "ldh proto" },
	{ { 0x20, 0, 0, 0xfffff004 }, "ld type" },
	{ { 0x20, 0, 0, 0xfffff008 }, "ld ifidx" },
	{ { 0x20, 0, 0, 0xfffff00c }, "ld nla" },
	{ { 0x20, 0, 0, 0xfffff010 }, "ld nlan" },
	{ { 0x20, 0, 0, 0xfffff014 }, "ld mark" },
	{ { 0x20, 0, 0, 0xfffff018 }, "ld queue" },
	{ { 0x20, 0, 0, 0xfffff01c }, "ld hatype" },
	{ { 0x20, 0, 0, 0xfffff020 }, "ld rxhash" },
	{ { 0x20, 0, 0, 0xfffff024 }, "ld cpu" },
	{ { 0x20, 0, 0, 0xfffff028 }, "ld [-4056]" },
	{ { 0x20, 0, 0, 0xfffff02c }, "ld vlan_tci" },
	{ { 0x30, 0, 0, 0xfffff030 }, "ldb vlan_avail" },
	{ { 0x20, 0, 0, 0xfffff034 }, "ld poff" },
	{ { 0x20, 0, 0, 0xfffff038 }, "ld rand" },
	{ { 0x20, 0, 0, 0xfffff03c }, "ld vlan_tpid" },
	{ { 0x20, 0, 0, 0xfffff040 }, "ld [-4032]" },
	{ { 0x20, 0, 0, 0xfffff001 }, "ld [-4095]" },
	{ { 0x30, 0, 0, 0xfff00009 }, "ldb [-1048567]" },
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))
#define MANY 300

static void assert_first(const struct classic_op *op, uint32_t count, const char *expected,
			 enum classic_flaw flaw)
{
	struct classic_op ops[MANY] = { *op };
	struct classic classic = { .ops = ops, .count = count };
	AUTO(buf_done) struct buf text = { 0 };
	struct classic_insn insn;

	classic_decode(&classic, 0, &insn);
	classic_print(&insn, &text);
	buf_add_char(&text, '\0');
	assert_string_equal(text.bytes, expected);
	assert_int_equal(insn.flaw, flaw);
}

static void every_instruction_has_its_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ROWS; i++)
		assert_first(&rows[i].op, MANY, rows[i].text, CLASSIC_SOUND);
}

static void every_code_is_in_the_table_or_reserved(void **state)
{
	(void)state;
	for (unsigned code = 0; code <= UINT16_MAX; code++) {
		struct classic_op op = { .code = (uint16_t)code };
		struct classic classic = { .ops = &op, .count = 1 };
		struct classic_insn insn;
		bool is_known = false;

		for (size_t i = 0; i < N_ROWS; i++)
			is_known |= rows[i].op.code == code;
		classic_decode(&classic, 0, &insn);
		assert_int_equal(insn.kind != CLASSIC_BAD, is_known);
		assert_int_equal(insn.flaw == CLASSIC_RESERVED, !is_known);
	}
}

static void what_the_kernel_would_not_take_is_pointed_at(void **state)
{
	(void)state;
	assert_first(&(struct classic_op){ 0x0e, 1, 2, 3 }, 9, "<reserved code: 0xe 1 2 0x3>",
		     CLASSIC_RESERVED);
	assert_first(&(struct classic_op){ 0xffff, 0, 0, 0 }, 9, "<reserved code: 0xffff 0 0 0x0>",
		     CLASSIC_RESERVED);
	assert_first(&(struct classic_op){ 0x15, 1, 8, 3 }, 9,
		     "jeq #0x3, L2, L9 <leads out of the filter: 0x15 1 8 0x3>", CLASSIC_OUTSIDE);
	assert_first(&(struct classic_op){ 0x15, 8, 1, 3 }, 9,
		     "jeq #0x3, L9, L2 <leads out of the filter: 0x15 8 1 0x3>", CLASSIC_OUTSIDE);
	assert_first(&(struct classic_op){ 0x05, 0, 0, 0xffffffff }, 9,
		     "jmp L4294967296 <leads out of the filter: 0x5 0 0 0xffffffff>",
		     CLASSIC_OUTSIDE);
	assert_first(&(struct classic_op){ 0x07, 0, 0, 0 }, 1,
		     "tax <leads out of the filter: 0x7 0 0 0x0>", CLASSIC_OUTSIDE);
	assert_first(&(struct classic_op){ 0x60, 0, 0, 16 }, 9,
		     "ld M[16] <no such cell: 0x60 0 0 0x10>", CLASSIC_NO_CELL);
	assert_first(&(struct classic_op){ 0x03, 0, 0, 0xffffffff }, 9,
		     "stx M[4294967295] <no such cell: 0x3 0 0 0xffffffff>", CLASSIC_NO_CELL);
	assert_first(&(struct classic_op){ 0x34, 0, 0, 0 }, 9,
		     "div #0 <divides by zero: 0x34 0 0 0x0>", CLASSIC_BY_ZERO);
	assert_first(&(struct classic_op){ 0x94, 0, 0, 0 }, 9,
		     "mod #0 <divides by zero: 0x94 0 0 0x0>", CLASSIC_BY_ZERO);
	assert_first(&(struct classic_op){ 0x64, 0, 0, 32 }, 9,
		     "lsh #0x20 <shifts too far: 0x64 0 0 0x20>", CLASSIC_FAR_SHIFT);
	assert_first(&(struct classic_op){ 0x74, 0, 0, 32 }, 9,
		     "rsh #0x20 <shifts too far: 0x74 0 0 0x20>", CLASSIC_FAR_SHIFT);
	assert_first(&(struct classic_op){ 0x3c, 0, 0, 0 }, 9, "div x", CLASSIC_SOUND);
}

static void bytes_behind_the_last_whole_instruction_are_told(void **state)
{
	AUTO(classic_done) struct classic classic = { 0 };

	(void)state;
	assert_int_equal(parse(&classic, raw_ops, 2 * CLASSIC_BYTES + 3, NULL), 0);
	assert_int_equal(classic.count, 2);
	assert_int_equal(classic.n_behind, 3);
	classic_done(&classic);
	assert_int_equal(parse(&classic, "\0", 1, NULL), 0);
	assert_int_equal(classic.count, 0);
	assert_int_equal(classic.n_behind, 1);
}

static void assert_refused(const char *text, const char *what)
{
	struct inspect_error err = { 0 };
	AUTO(classic_done) struct classic classic = { 0 };

	assert_int_equal(parse(&classic, text, strlen(text), &err), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.what, what);
	assert_null(classic.ops);
}

static void text_that_is_no_filter_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_refused("", "there is no filter in it");
	assert_refused(" \n\n", "there is no filter in it");
	assert_refused("hello\n", "line 1: expected a number");
	assert_refused("1\n6 0 0\n", "line 2: expected a number");
	assert_refused("1\n6 0 0 0 0\n", "line 2: expected the end of the line");
	assert_refused("2\n6 0 0 0\n\nret\n", "line 4: expected a number");
	assert_refused("2\n6 0 0 0\n", "the first line says 2 instructions, there are 1");
	assert_refused("1\n6 0 0 0\n6 0 0 0\n", "the first line says 1 instructions, there are 2");
	assert_refused("1\n65536 0 0 0\n", "line 2: a number is too large");
	assert_refused("1\n6 256 0 0\n", "line 2: a number is too large");
	assert_refused("1\n6 0 256 0\n", "line 2: a number is too large");
	assert_refused("1\n6 0 0 4294967296\n", "line 2: a number is too large");
	assert_refused("1\n6 0 0 -1\n", "line 2: expected a number");
	assert_refused("1\n0x6 0 0 0\n", "line 2: expected a number");
	assert_refused("1\n6 0 0 00000000000000000000000000000001\n", "line 2: expected a number");
	assert_refused("4294967296\n", "line 1: a number is too large");
	assert_refused("{ 6 0, 0, 0 },\n", "line 1: expected a comma");
	assert_refused("{ 6, 0, 0, 0 },\n6, 0, 0, 0\n", "line 2: expected {");
	assert_refused("{ 6, 0, 0, 0, 0 },\n", "line 1: expected }");
	assert_refused("{ 6, 0, 0", "line 1: expected a comma");
	assert_refused("{ 6, 0, 0, 0", "line 1: expected }");
	assert_refused("{", "line 1: expected a number");
	assert_refused("{ 6, 0, 0, 0 } x", "line 1: expected the end of the line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_numbers_are_read),
		cmocka_unit_test(numbers_in_braces_are_read),
		cmocka_unit_test(raw_bytes_are_read),
		cmocka_unit_test(commas_may_end_lines_and_the_last_line_needs_no_end),
		cmocka_unit_test(every_instruction_has_its_text),
		cmocka_unit_test(every_code_is_in_the_table_or_reserved),
		cmocka_unit_test(what_the_kernel_would_not_take_is_pointed_at),
		cmocka_unit_test(bytes_behind_the_last_whole_instruction_are_told),
		cmocka_unit_test(text_that_is_no_filter_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
