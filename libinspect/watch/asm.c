/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * asm.c - small programs, instruction by instruction
 */
#include "watch/asm.h"

/* Classes, sizes, sources and operations, as the instruction set has them. */
#define CLASS_LD 0x00
#define CLASS_LDX 0x01
#define CLASS_ST 0x02
#define CLASS_STX 0x03
#define CLASS_ALU32 0x04
#define CLASS_JMP 0x05
#define CLASS_ALU64 0x07
#define SIZE_64 0x18
#define MODE_IMM 0x00
#define MODE_MEM 0x60
#define FROM_REG 0x08
#define OP_ADD 0x00
#define OP_SUB 0x10
#define OP_MOVE 0xb0
#define OP_EQUAL 0x10
#define OP_NOT_EQUAL 0x50
#define OP_CALL 0x80
#define OP_EXIT 0x90
#define SOURCE_MAP_FD 1

struct slot {
	uint8_t code;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint8_t to : 4;
	uint8_t from : 4;
#else
	uint8_t from : 4;
	uint8_t to : 4;
#endif
	int16_t offset;
	int32_t number;
};

static void put(struct code *code, struct slot slot)
{
	buf_add(&code->bytes, &slot, sizeof(slot));
}

void asm_done(struct code *code)
{
	buf_done(&code->bytes);
	*code = (struct code){ 0 };
}

void asm_move(struct code *code, enum asm_reg to, enum asm_reg from)
{
	put(code, (struct slot){ CLASS_ALU64 | FROM_REG | OP_MOVE, to, from, 0, 0 });
}

void asm_set(struct code *code, enum asm_reg to, uint32_t number)
{
	put(code, (struct slot){ CLASS_ALU32 | OP_MOVE, to, 0, 0, (int32_t)number });
}

void asm_add(struct code *code, enum asm_reg to, int32_t number)
{
	put(code, (struct slot){ CLASS_ALU64 | OP_ADD, to, 0, 0, number });
}

void asm_add_reg(struct code *code, enum asm_reg to, enum asm_reg from)
{
	put(code, (struct slot){ CLASS_ALU64 | FROM_REG | OP_ADD, to, from, 0, 0 });
}

void asm_sub_reg(struct code *code, enum asm_reg to, enum asm_reg from)
{
	put(code, (struct slot){ CLASS_ALU64 | FROM_REG | OP_SUB, to, from, 0, 0 });
}

void asm_map(struct code *code, enum asm_reg to, int map_fd)
{
	put(code, (struct slot){ CLASS_LD | SIZE_64 | MODE_IMM, to, SOURCE_MAP_FD, 0, map_fd });
	put(code, (struct slot){ 0 });
}

void asm_load(struct code *code, enum asm_reg to, enum asm_reg base, int16_t offset)
{
	put(code, (struct slot){ CLASS_LDX | SIZE_64 | MODE_MEM, to, base, offset, 0 });
}

void asm_store(struct code *code, enum asm_reg base, int16_t offset, enum asm_reg from)
{
	put(code, (struct slot){ CLASS_STX | SIZE_64 | MODE_MEM, base, from, offset, 0 });
}

void asm_store_number(struct code *code, enum asm_reg base, int16_t offset, int32_t number)
{
	put(code, (struct slot){ CLASS_ST | SIZE_64 | MODE_MEM, base, 0, offset, number });
}

void asm_call(struct code *code, uint32_t helper)
{
	put(code, (struct slot){ CLASS_JMP | OP_CALL, 0, 0, 0, (int32_t)helper });
}

static void jump(struct code *code, uint8_t operation, enum asm_reg reg, int32_t number)
{
	if (code->n_jumps == ASM_JUMPS) {
		code->bytes.failed = true;
		return;
	}
	code->jumps[code->n_jumps++] = code->bytes.size;
	put(code, (struct slot){ CLASS_JMP | operation, reg, 0, 0, number });
}

void asm_jump_if(struct code *code, enum asm_reg reg, int32_t number)
{
	jump(code, OP_EQUAL, reg, number);
}

void asm_jump_unless(struct code *code, enum asm_reg reg, int32_t number)
{
	jump(code, OP_NOT_EQUAL, reg, number);
}

void asm_land(struct code *code)
{
	for (unsigned i = 0; i < code->n_jumps && !buf_failed(&code->bytes); i++) {
		char *at = code->bytes.bytes + code->jumps[i];
		struct slot slot;

		memcpy(&slot, at, sizeof(slot));
		slot.offset = (int16_t)((code->bytes.size - code->jumps[i]) / sizeof(slot) - 1);
		memcpy(at, &slot, sizeof(slot));
	}
	code->n_jumps = 0;
}

void asm_exit(struct code *code)
{
	put(code, (struct slot){ CLASS_JMP | OP_EXIT, 0, 0, 0, 0 });
}

uint32_t asm_count(const struct code *code)
{
	return buf_failed(&code->bytes) ? 0 : (uint32_t)(code->bytes.size / sizeof(struct slot));
}
