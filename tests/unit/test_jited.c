/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_jited.c - machine code to text, and that taken apart
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "code/jited.h"
#include "inspect.h"

static void free_jited(struct jited **jited)
{
	jited_free(*jited);
}

#define AUTO_JITED __attribute__((cleanup(free_jited))) struct jited

/* The parts of a text, put together with | between them. */
static const char *parts_of(const char *text)
{
	static char joined[256];
	const char *part;
	size_t n = jited_operation(&text, &part), fill = 0;

	memcpy(joined, part, n);
	fill = n;
	while ((n = jited_operand(&text, &part))) {
		joined[fill++] = '|';
		memcpy(joined + fill, part, n);
		fill += n;
	}
	joined[fill] = '\0';
	return joined;
}

static void an_operand_stays_whole(void **state)
{
	static const char *const cases[][2] = {
		{ "leave", "leave" },
		{ "push   %rbp", "push|%rbp" },
		{ "mov    -0x4(%rbp),%eax", "mov|-0x4(%rbp)|%eax" },
		{ "nopl   0x0(%rax,%rax,1)", "nopl|0x0(%rax,%rax,1)" },
		{ "mov    %gs:0x0(,%rax,8),%rdi", "mov|%gs:0x0(,%rax,8)|%rdi" },
		{ "vmovaps %zmm0{%k1}{z},%zmm1", "vmovaps|%zmm0{%k1}{z}|%zmm1" },
		{ "ldp\tx29, x30, [sp, #-16]!", "ldp|x29|x30|[sp, #-16]!" },
		{ "add\tx0, x1, x2, lsl #3", "add|x0|x1|x2|lsl #3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(parts_of(cases[i][0]), cases[i][1]);
}

static void a_prefix_belongs_to_the_operation(void **state)
{
	(void)state;
	assert_string_equal(parts_of("lock cmpxchg %rcx,(%rdx)"), "lock cmpxchg|%rcx|(%rdx)");
	assert_string_equal(parts_of("rep stos %al,%es:(%rdi)"), "rep stos|%al|%es:(%rdi)");
	assert_string_equal(parts_of("data16 cs nopw 0x0(%rax,%rax,1)"),
			    "data16 cs nopw|0x0(%rax,%rax,1)");
	assert_string_equal(parts_of("rex.W"), "rex.W");
	assert_string_equal(parts_of("lock"), "lock");
	assert_string_equal(parts_of("repz ret"), "repz ret");
}

static void names_and_comments_are_no_operands(void **state)
{
	(void)state;
	assert_string_equal(parts_of("call   0xffffffff81000000 <name+0x4, with>"),
			    "call|0xffffffff81000000");
	assert_string_equal(parts_of("lea    0x0(%rip),%rax        # 0x1234 <x>"),
			    "lea|0x0(%rip)|%rax");
	assert_string_equal(parts_of("b.eq\t0x1234 <x>  // b.none"), "b.eq|0x1234");
	assert_string_equal(parts_of("mov\tx0, #0x5\t// comment"), "mov|x0|#0x5");
}

static void a_text_that_is_none_ends(void **state)
{
	(void)state;
	assert_string_equal(parts_of(""), "");
	assert_string_equal(parts_of("x ,"), "x");
	assert_string_equal(parts_of("x (((((,a"), "x|(((((,a");
	assert_string_equal(parts_of("x )),a"), "x|)),a");
}

#ifdef __x86_64__

static const char *name_of(void *context, uint64_t address)
{
	return address == 0xffffffff81000106 ? context : NULL;
}

static void assert_insn(struct jited *jited, const char *bytes, size_t size, uint32_t taken,
			const char *text)
{
	struct jited_insn insn;

	assert_true(jited_decode(jited, (const uint8_t *)bytes, size, 0xffffffff81000000, &insn));
	assert_int_equal(insn.size, taken);
	assert_string_equal(insn.text, text);
}

#define INSN(jited, bytes, taken, text) assert_insn(jited, bytes, sizeof(bytes) - 1, taken, text)

static void instructions_are_in_att_syntax(void **state)
{
	AUTO_JITED *jited = jited_new((struct jited_names){ 0 });

	(void)state;
	if (!inspect_has_disassembler())
		skip();
	INSN(jited, "\x55", 1, "push   %rbp");
	INSN(jited, "\x48\x89\xe5\x90", 3, "mov    %rsp,%rbp");
	INSN(jited, "\x8b\x45\xfc", 3, "mov    -0x4(%rbp),%eax");
	INSN(jited, "\xc9\xc3", 1, "leave");
	INSN(jited, "\xf0\x48\x0f\xb1\x0a", 5, "lock cmpxchg %rcx,(%rdx)");
}

static void a_target_is_an_address_of_the_kernel(void **state)
{
	static char name[] = "helper";
	AUTO_JITED *named = jited_new((struct jited_names){ name_of, name });
	AUTO_JITED *quiet = jited_new((struct jited_names){ 0 });
	const uint8_t call[] = { 0xe8, 0x01, 0x01, 0, 0 };
	struct jited_insn insn;

	(void)state;
	if (!inspect_has_disassembler())
		skip();
	assert_true(jited_decode(quiet, call, sizeof(call), 0xffffffff81000000, &insn));
	assert_string_equal(insn.text, "call   0xffffffff81000106");
	assert_true(insn.has_target);
	assert_int_equal(insn.target, 0xffffffff81000106);
	assert_true(jited_decode(named, call, sizeof(call), 0xffffffff81000000, &insn));
	assert_string_equal(insn.text, "call   0xffffffff81000106 <helper>");
	assert_true(jited_decode(named, call, sizeof(call), 0xffffffff81000001, &insn));
	assert_string_equal(insn.text, "call   0xffffffff81000107");
	assert_true(jited_decode(named, (const uint8_t *)"\x90", 1, 0, &insn));
	assert_false(insn.has_target);
}

static void what_is_cut_off_is_a_byte(void **state)
{
	AUTO_JITED *jited = jited_new((struct jited_names){ 0 });

	(void)state;
	if (!inspect_has_disassembler())
		skip();
	INSN(jited, "\xe8\x01\x01", 1, ".byte 0xe8");
	INSN(jited, "\x0f", 1, ".byte 0xf");
	INSN(jited, "\x06", 1, "(bad)");
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operand_stays_whole),
		cmocka_unit_test(a_prefix_belongs_to_the_operation),
		cmocka_unit_test(names_and_comments_are_no_operands),
		cmocka_unit_test(a_text_that_is_none_ends),
#ifdef __x86_64__
		cmocka_unit_test(instructions_are_in_att_syntax),
		cmocka_unit_test(a_target_is_an_address_of_the_kernel),
		cmocka_unit_test(what_is_cut_off_is_a_byte),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
