/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_profile.c - the programs that count, and what they counted as text
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "code/insn.h"
#include "watch/profile.h"

static void write_both(struct code *entry, struct code *leave, unsigned n)
{
	int events[METRICS];

	for (unsigned i = 0; i < METRICS; i++)
		events[i] = 100 + (int)i;
	profile_code_entry(entry, 99, events, n);
	profile_code_exit(leave, 99, events, n);
}

/* Every instruction decodes without a flaw, every jump leads to the one before the exit, and every stack access fits. */
static void check_code(const struct code *code)
{
	uint32_t count = asm_count(code), step;
	const struct insn_stream stream = insn_stream_of(code->bytes.bytes, code->bytes.size);

	assert_true(count > 0);
	for (uint32_t i = 0; i < count; i += step) {
		struct insn insn;

		step = insn_decode(&stream, i, &insn);
		assert_int_equal(insn.flaw, INSN_SOUND);
		if (insn.target != INSN_NO_TARGET && insn.kind == INSN_JUMP_IF)
			assert_int_equal(insn.target, count - 2);
		if ((insn.kind == INSN_LOAD && insn.src == FP) ||
		    (insn.kind == INSN_STORE && insn.dst == FP))
			assert_in_range(-insn.off, 8, 512);
	}
}

static void both_programs_are_sound_for_any_number_of_metrics(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= METRICS; n++) {
		AUTO(asm_done) struct code entry = { 0 };
		AUTO(asm_done) struct code leave = { 0 };

		write_both(&entry, &leave, n);
		check_code(&entry);
		check_code(&leave);
	}
}

static void too_many_jumps_are_no_program(void **state)
{
	AUTO(asm_done) struct code code = { 0 };

	(void)state;
	for (unsigned i = 0; i < ASM_JUMPS; i++)
		asm_jump_if(&code, R0, 0);
	assert_int_equal(asm_count(&code), ASM_JUMPS);
	asm_jump_unless(&code, R0, 0);
	asm_land(&code);
	assert_int_equal(asm_count(&code), 0);
}

static void a_state_has_room_for_its_metrics_alone(void **state)
{
	(void)state;
	assert_int_equal(profile_bytes(1), 16 + 48);
	assert_int_equal(profile_bytes(METRICS), sizeof(struct profile_state));
}

static void metrics_are_found_as_bpftool_finds_them(void **state)
{
	(void)state;
	assert_string_equal(metrics[metric_find("c")].name, "cycles");
	assert_string_equal(metrics[metric_find("i")].name, "instructions");
	assert_string_equal(metrics[metric_find("l")].name, "l1d_loads");
	assert_string_equal(metrics[metric_find("it")].name, "itlb_misses");
	assert_string_equal(metrics[metric_find("cpu_m")].name, "cpu_migrations");
	assert_int_equal(metric_find(""), -1);
	assert_int_equal(metric_find("cyclesx"), -1);
}

static void ratios_and_shares_stand_behind_values(void **state)
{
	struct profiled it = {
		.runs = 51397,
		.totals = { { 40176203, 1000, 1000 }, { 42518139, 1000, 1000 }, { 123, 800, 600 } },
	};
	const struct profile profile = {
		.metrics = { 0, 1, 3 }, .n_metrics = 3, .progs = &it, .n_progs = 1
	};
	AUTO(buf_done) struct buf text = { 0 };
	static struct out out;

	(void)state;
	out_init_memory(&out, &text);
	profile_plain(&out, &profile, &it);
	out_flush(&out);
	buf_add_char(&text, '\0');
	assert_string_equal(
		text.bytes,
		"\n"
		"             51397 run_cnt             \n"
		"          40176203 cycles                                                       \n"
		"          42518139 instructions        #     1.06 insns per cycle               \n"
		"               123 llc_misses          #     2.89 LLC misses per million insns  (75.00%)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_programs_are_sound_for_any_number_of_metrics),
		cmocka_unit_test(too_many_jumps_are_no_program),
		cmocka_unit_test(a_state_has_room_for_its_metrics_alone),
		cmocka_unit_test(metrics_are_found_as_bpftool_finds_them),
		cmocka_unit_test(ratios_and_shares_stand_behind_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
