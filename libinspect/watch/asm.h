/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * asm.h - small programs, instruction by instruction
 *
 * What is loaded only to look at something needs no compiler.
 */
#ifndef WATCH_ASM_H
#define WATCH_ASM_H

#include <stdint.h>

#include "base/buf.h"

enum asm_reg {
	R0, /* what a call returns, and a program */
	R1, /* arguments of a call, lost in it */
	R2,
	R3,
	R4,
	R5,
	R6, /* kept */
	R7,
	R8,
	R9,
	FP, /* the end of the stack: read only */
};

#define ASM_HELPER_MAP_LOOKUP 1
#define ASM_HELPER_PERF_READ_VALUE 55
#define ASM_THIS_CPU 0xffffffffu /* the index that means the slot of this CPU */
#define ASM_JUMPS 32

struct code {
	struct buf bytes;	 /* 8 bytes an instruction */
	size_t jumps[ASM_JUMPS]; /* bytes before those that lead to what asm_land() finds */
	unsigned n_jumps;
};

void asm_done(struct code *code);

void asm_move(struct code *code, enum asm_reg to, enum asm_reg from);
/* The number without a sign, of 32 bits. */
void asm_set(struct code *code, enum asm_reg to, uint32_t number);
void asm_add(struct code *code, enum asm_reg to, int32_t number);
void asm_add_reg(struct code *code, enum asm_reg to, enum asm_reg from);
void asm_sub_reg(struct code *code, enum asm_reg to, enum asm_reg from);
void asm_map(struct code *code, enum asm_reg to, int map_fd);
/* 64 bits. */
void asm_load(struct code *code, enum asm_reg to, enum asm_reg base, int16_t offset);
void asm_store(struct code *code, enum asm_reg base, int16_t offset, enum asm_reg from);
void asm_store_number(struct code *code, enum asm_reg base, int16_t offset, int32_t number);
void asm_call(struct code *code, uint32_t helper);
/* To where asm_land() comes next, if the register is (not) @number. */
void asm_jump_if(struct code *code, enum asm_reg reg, int32_t number);
void asm_jump_unless(struct code *code, enum asm_reg reg, int32_t number);
void asm_land(struct code *code);
void asm_exit(struct code *code);

/* How many instructions; 0 where memory or places for jumps were too few. */
uint32_t asm_count(const struct code *code);

#endif
