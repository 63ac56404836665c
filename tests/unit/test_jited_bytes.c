/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_jited_bytes.c - machine code where the build has no libbfd
 *
 * The file is compiled here once more, without it, and so stands in for what is in the library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef HAVE_LIBBFD
#include "code/jited.c" /* itself, not its header */

static void bytes_stand_in_rows(void **state)
{
	const uint8_t code[] = { 0x55, 0x48, 0x89, 0xe5, 0, 1, 2, 0xff, 0xc3 };
	struct jited *jited = jited_new((struct jited_names){ 0 });
	struct jited_insn insn;

	(void)state;
	assert_false(inspect_has_disassembler());
	assert_true(jited_decode(jited, code, sizeof(code), 0, &insn));
	assert_int_equal(insn.size, JITED_ROW);
	assert_string_equal(insn.text, ".byte 0x55,0x48,0x89,0xe5,0x00,0x01,0x02,0xff");
	assert_false(insn.has_target);
	assert_true(jited_decode(jited, code + 8, 1, 8, &insn));
	assert_int_equal(insn.size, 1);
	assert_string_equal(insn.text, ".byte 0xc3");
	jited_free(jited);
}

static void nothing_is_let_go(void **state)
{
	(void)state;
	jited_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_stand_in_rows),
		cmocka_unit_test(nothing_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
