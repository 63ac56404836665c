/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * profile_code.c - the two programs that count around a third
 *
 * What they do themselves is counted too, so they do as little as can be between the first reading and the last: the
 * entry finds its memory before it reads, the exit reads onto its stack before it looks for anything.
 */
#include "watch/profile_code.h"

#include <stddef.h>

#define AT(member) ((int16_t)offsetof(struct profile_state, member))
#define KEY_AT (-8)

static int16_t pair_at(unsigned i)
{
	return (int16_t)(AT(pairs) + (int)(i * sizeof(struct reading)));
}

/* Below the key. */
static int16_t stack_at(unsigned i)
{
	return (int16_t)(KEY_AT - (int)((i + 1) * sizeof(struct reading)));
}

uint32_t profile_bytes(unsigned n)
{
	return (uint32_t)pair_at(2 * n);
}

/* R6 becomes the state of this CPU. */
static void find_state(struct code *code, int state_fd)
{
	asm_store_number(code, FP, KEY_AT, 0);
	asm_move(code, R2, FP);
	asm_add(code, R2, KEY_AT);
	asm_map(code, R1, state_fd);
	asm_call(code, ASM_HELPER_MAP_LOOKUP);
	asm_jump_if(code, R0, 0);
	asm_move(code, R6, R0);
}

static void read_counter(struct code *code, int events_fd, enum asm_reg base, int16_t offset)
{
	asm_map(code, R1, events_fd);
	asm_set(code, R2, ASM_THIS_CPU);
	asm_move(code, R3, base);
	asm_add(code, R3, offset);
	asm_set(code, R4, sizeof(struct reading));
	asm_call(code, ASM_HELPER_PERF_READ_VALUE);
	asm_jump_unless(code, R0, 0);
}

static void leave(struct code *code)
{
	asm_land(code);
	asm_set(code, R0, 0);
	asm_exit(code);
}

void profile_code_entry(struct code *code, int state_fd, const int *events, unsigned n)
{
	find_state(code, state_fd);
	asm_store_number(code, R6, AT(is_running), 0);
	for (unsigned i = 0; i < n; i++)
		read_counter(code, events[i], R6, pair_at(i));
	asm_store_number(code, R6, AT(is_running), 1);
	leave(code);
}

/* A total grows by what is on the stack now, less what was before. */
static void add_up(struct code *code, unsigned i, unsigned n)
{
	for (unsigned at = 0; at < sizeof(struct reading); at += sizeof(uint64_t)) {
		int16_t total = (int16_t)(pair_at(profile_total_at(i, n)) + (int)at);

		asm_load(code, R1, FP, (int16_t)(stack_at(i) + (int)at));
		asm_load(code, R2, R6, (int16_t)(pair_at(i) + (int)at));
		asm_sub_reg(code, R1, R2);
		asm_load(code, R2, R6, total);
		asm_add_reg(code, R1, R2);
		asm_store(code, R6, total, R1);
	}
}

void profile_code_exit(struct code *code, int state_fd, const int *events, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		read_counter(code, events[i], FP, stack_at(i));
	find_state(code, state_fd);
	asm_load(code, R1, R6, AT(is_running));
	asm_jump_unless(code, R1, 1);
	asm_store_number(code, R6, AT(is_running), 0);
	asm_load(code, R1, R6, AT(runs));
	asm_add(code, R1, 1);
	asm_store(code, R6, AT(runs), R1);
	for (unsigned i = 0; i < n; i++)
		add_up(code, i, n);
	leave(code);
}
