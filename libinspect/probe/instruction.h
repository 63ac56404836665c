/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * instruction.h - instructions that not every kernel has
 */
#ifndef PROBE_INSTRUCTION_H
#define PROBE_INSTRUCTION_H

#include "probe/trial.h"

enum instruction {
	INSTRUCTION_ALU32,
	INSTRUCTION_JLT,
	INSTRUCTION_JMP32,
	INSTRUCTION_BSWAP,
	INSTRUCTION_MOVSX,
	INSTRUCTION_LDSX,
	INSTRUCTION_SDIV,
	INSTRUCTION_SMOD,
	INSTRUCTION_GOTOL,
	INSTRUCTIONS_OF_SETS,
};

/* A program that has all of these: 0 or an errno. */
int instruction_load(struct probe *probe, unsigned type, const enum instruction *which, size_t n);

#endif
