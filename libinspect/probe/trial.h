/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trial.h - small programs that the kernel is to load
 */
#ifndef PROBE_TRIAL_H
#define PROBE_TRIAL_H

#include "probe/map_type.h"
#include "probe/probe.h"

/* An instruction, as the kernel has it. */
struct slot {
	uint8_t code;
	uint8_t regs;
	int16_t off;
	int32_t imm;
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SLOT_REGS(to, from) ((to) | (from) << 4)
#else
#define SLOT_REGS(to, from) ((to) << 4 | (from))
#endif

/* Codes, as the instruction set numbers them; the last letter tells the second operand: a number or a register. */
#define SLOT(code, to, from, off, imm)                                                             \
	{                                                                                          \
		(code), SLOT_REGS(to, from), (off), (imm)                                          \
	}
#define SLOT_MOVE(to, imm) SLOT(0xb7, to, 0, 0, imm)
#define SLOT_MOVE_REG(to, from) SLOT(0xbf, to, from, 0, 0)
#define SLOT_ADD(to, imm) SLOT(0x07, to, 0, 0, imm)
#define SLOT_STORE(to, off, imm) SLOT(0x7a, to, 0, off, imm) /* 64 bits */
#define SLOT_LOAD(to, from, off) SLOT(0x79, to, from, off, 0)
#define SLOT_JUMP_IF(reg, imm, off) SLOT(0x15, reg, 0, off, imm)
#define SLOT_JUMP_NOT(reg, imm, off) SLOT(0x55, reg, 0, off, imm)
#define SLOT_HELPER(number) SLOT(0x85, 0, 0, 0, number)
#define SLOT_CALL(distance) SLOT(0x85, 0, 1, 0, distance)
#define SLOT_EXIT SLOT(0x95, 0, 0, 0, 0)
/* The map, or the first byte of its value, in two slots. */
#define SLOT_WIDE 0x18
#define SLOT_MAP(to) SLOT(SLOT_WIDE, to, 1, 0, 0), SLOT(0, 0, 0, 0, 0)
#define SLOT_MAP_VALUE(to) SLOT(SLOT_WIDE, to, 2, 0, 0), SLOT(0, 0, 0, 0, 0)
#define SLOT_FP 10

#define TRIAL_SLOTS 4096

struct trial {
	unsigned type; /* of program */
	const struct slot *slots;
	uint32_t n;
	int map_fd;	 /* what SLOT_MAP and SLOT_MAP_VALUE stand for */
	bool is_indexed; /* the map is the first of a list, by which the program names it */
	uint32_t flags;
	uint32_t log_level; /* with room for a log */
	void (*adjust)(struct abi_prog_load_attr *attr,
		       const void *context); /* whatever else it needs, or NULL */
	const void *context;
};

/* How many of @most slots are the program: those behind it are zero. */
uint32_t trial_size(const struct slot *slots, uint32_t most);

/* Loads it, and drops it at once: 0 or an errno. A program of at most TRIAL_SLOTS with a map, any without. */
int trial_code(struct probe *probe, const struct trial *trial);

/*
 * Can programs of this type be loaded at all? False: @out says why not, which is a "no" of the thing itself only for a device, since
 * another type might have it.
 */
bool trial_may(struct probe *probe, unsigned type, struct inspect_feature *out);

/* The answer, where @trial_code() gave @code. */
void trial_answer(struct probe *probe, unsigned type, int code, struct inspect_feature *out);

#endif
