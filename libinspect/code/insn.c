/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * insn.c - eBPF instructions: bytes to facts
 *
 * A table has a row for each code that is given out; what depends on more than the code is settled
 * behind it. Where two numbers of the kernel are one (0xe5 is may_goto, and inside the kernel a call
 * with arguments on the stack), it is what a program's dump can hold.
 */
#include "code/insn.h"

#include <string.h>

/* Fields that must be zero. */
enum {
	NO_DST = 1,
	NO_SRC = 2,
	NO_OFF = 4,
	NO_IMM = 8,
	ALONE = NO_DST | NO_SRC | NO_OFF | NO_IMM,
};

enum {
	HALF = 1,   /* is_32 */
	IMM = 2,    /* has_imm */
	SIGNED = 4, /* is_signed */
	PROBE = 8,  /* is_probe */
};

struct form {
	uint8_t kind;
	uint8_t size;
	uint8_t flags;
	uint8_t zero;
};

/* clang-format off */
#define OPERATION(op, kind, zero) \
	[(op) | 0x04] = { kind, 0, HALF | IMM, (zero) | NO_SRC }, \
	[(op) | 0x0c] = { kind, 0, HALF, (zero) | NO_IMM }, \
	[(op) | 0x07] = { kind, 0, IMM, (zero) | NO_SRC }, \
	[(op) | 0x0f] = { kind, 0, 0, (zero) | NO_IMM }

#define CONDITION(op) \
	[(op) | 0x05] = { INSN_JUMP_IF, 0, IMM, NO_SRC }, \
	[(op) | 0x0d] = { INSN_JUMP_IF, 0, 0, NO_IMM }, \
	[(op) | 0x06] = { INSN_JUMP_IF, 0, HALF | IMM, NO_SRC }, \
	[(op) | 0x0e] = { INSN_JUMP_IF, 0, HALF, NO_IMM }

/* The sizes of what goes to or from memory, in the bits 0x18 of the code. */
#define SIZES_TO_4(code, kind, flags, zero) \
	[code] = { kind, 4, flags, zero }, \
	[(code) | 0x08] = { kind, 2, flags, zero }, \
	[(code) | 0x10] = { kind, 1, flags, zero }
#define SIZES(code, kind, flags, zero) \
	SIZES_TO_4(code, kind, flags, zero), \
	[(code) | 0x18] = { kind, 8, flags, zero }

static const struct form forms[256] = {
	OPERATION(0x00, INSN_ALU, NO_OFF),
	OPERATION(0x10, INSN_ALU, NO_OFF),
	OPERATION(0x20, INSN_ALU, NO_OFF),
	OPERATION(0x30, INSN_ALU, 0), /* off 1: signed */
	OPERATION(0x40, INSN_ALU, NO_OFF),
	OPERATION(0x50, INSN_ALU, NO_OFF),
	OPERATION(0x60, INSN_ALU, NO_OFF),
	OPERATION(0x70, INSN_ALU, NO_OFF),
	OPERATION(0x90, INSN_ALU, 0), /* off 1: signed */
	OPERATION(0xa0, INSN_ALU, NO_OFF),
	OPERATION(0xc0, INSN_ALU, NO_OFF),
	[0xb4] = { INSN_MOVE, 0, HALF | IMM, NO_SRC | NO_OFF },
	[0xbc] = { INSN_MOVE, 0, HALF, NO_IMM }, /* off: what kind of */
	[0xb7] = { INSN_MOVE, 0, IMM, NO_SRC | NO_OFF },
	[0xbf] = { INSN_MOVE, 0, 0, 0 }, /* so here, and of one kind imm is part */
	[0x84] = { INSN_NEG, 0, HALF, NO_SRC | NO_OFF | NO_IMM },
	[0x87] = { INSN_NEG, 0, 0, NO_SRC | NO_OFF | NO_IMM },
	[0xd4] = { INSN_SWAP, 0, 0, NO_SRC | NO_OFF },
	[0xdc] = { INSN_SWAP, 0, 0, NO_SRC | NO_OFF },
	[0xd7] = { INSN_SWAP, 0, 0, NO_SRC | NO_OFF },

	[0x05] = { INSN_JUMP, 0, 0, NO_DST | NO_SRC | NO_IMM },
	[0x06] = { INSN_JUMP, 0, 0, NO_DST | NO_SRC | NO_OFF },
	[0x0d] = { INSN_JUMP_REG, 0, 0, NO_SRC | NO_OFF | NO_IMM },
	CONDITION(0x10), CONDITION(0x20), CONDITION(0x30), CONDITION(0x40),
	CONDITION(0x50), CONDITION(0x60), CONDITION(0x70), CONDITION(0xa0),
	CONDITION(0xb0), CONDITION(0xc0), CONDITION(0xd0),
	[0x85] = { INSN_CALL, 0, 0, NO_DST },
	[0x8d] = { INSN_CALL_REG, 0, 0, NO_SRC | NO_OFF | NO_IMM },
	[0x95] = { INSN_EXIT, 0, 0, ALONE },
	[0xe5] = { INSN_MAY_GOTO, 0, 0, NO_DST | NO_SRC | NO_IMM },
	[0xf5] = { INSN_CALL, 0, 0, 0 },

	[0x18] = { INSN_CONSTANT, 8, 0, NO_OFF },
	SIZES_TO_4(0x20, INSN_PACKET, IMM, NO_DST | NO_SRC | NO_OFF),
	SIZES_TO_4(0x40, INSN_PACKET, 0, NO_DST | NO_OFF),
	SIZES(0x61, INSN_LOAD, 0, NO_IMM),
	SIZES_TO_4(0x81, INSN_LOAD, SIGNED, NO_IMM),
	SIZES(0x21, INSN_LOAD, PROBE, NO_IMM),
	SIZES_TO_4(0x41, INSN_LOAD, PROBE | SIGNED, NO_IMM),
	SIZES(0xa1, INSN_LOAD, PROBE, NO_IMM),
	SIZES_TO_4(0xc1, INSN_LOAD, PROBE | SIGNED, NO_IMM),
	SIZES(0x62, INSN_STORE, IMM, NO_SRC),
	SIZES(0xa2, INSN_STORE, IMM | PROBE, NO_SRC),
	[0xc2] = { INSN_NOSPEC, 0, 0, ALONE },
	SIZES(0x63, INSN_STORE, 0, NO_IMM),
	SIZES(0xa3, INSN_STORE, PROBE, NO_IMM),
	SIZES(0xc3, INSN_ATOMIC, 0, 0),
	SIZES(0xe3, INSN_ATOMIC, PROBE, 0),
};
/* clang-format on */

#define WIDE 0x18
#define REGISTERS                                                                                  \
	13 /* r11 is the kernel's own, and of newer ones r12; they appear in what it wrote */

static const uint8_t *slot(const struct insn_stream *stream, uint32_t index)
{
	return (const uint8_t *)stream->bytes + (size_t)index * INSN_BYTES;
}

/* A second half has code 0, which no instruction has: so no look further back is needed. */
static bool is_wide(const struct insn_stream *stream, uint32_t index)
{
	return slot(stream, index)[0] == WIDE && stream->count - index >= 2 &&
	       slot(stream, index + 1)[0] == 0;
}

bool insn_is_start(const struct insn_stream *stream, uint32_t index)
{
	return index < stream->count && !(index && is_wide(stream, index - 1));
}

static uint32_t word(const uint8_t *at, bool is_big_endian)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return is_big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value
									 : __builtin_bswap32(value);
}

static uint16_t half_word(const uint8_t *at, bool is_big_endian)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return is_big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value
									 : __builtin_bswap16(value);
}

static void read_fields(const uint8_t *at, bool is_big_endian, struct insn *out)
{
	out->bytes = at;
	out->code = at[0];
	out->dst = is_big_endian ? at[1] >> 4 : at[1] & 0xf;
	out->src = is_big_endian ? at[1] & 0xf : at[1] >> 4;
	out->off = (int16_t)half_word(at + 2, is_big_endian);
	out->imm = (int32_t)word(at + 4, is_big_endian);
}

static void spoil(struct insn *insn, enum insn_flaw flaw)
{
	if (insn->flaw == INSN_SOUND)
		insn->flaw = flaw;
}

/* Not even the kind is known. */
static void refuse(struct insn *insn, enum insn_flaw flaw)
{
	insn->kind = INSN_BAD;
	insn->flaw = flaw;
}

static bool has_other_than_zero(const struct insn *insn, unsigned zero)
{
	return (zero & NO_DST && insn->dst) || (zero & NO_SRC && insn->src) ||
	       (zero & NO_OFF && insn->off) || (zero & NO_IMM && insn->imm);
}

static void lead_to(const struct insn_stream *stream, struct insn *insn, int32_t distance)
{
	int64_t target = (int64_t)insn->index + 1 + distance;

	insn->distance = distance;
	if (target < 0 || target >= stream->count)
		spoil(insn, INSN_TARGET_OUTSIDE);
	else if (!insn_is_start(stream, (uint32_t)target))
		spoil(insn, INSN_TARGET_INSIDE);
	else
		insn->target = (uint32_t)target;
}

static void settle_alu(struct insn *insn)
{
	uint8_t op = insn->code & 0xf0;

	if (op != 0x30 && op != 0x90)
		return;
	insn->is_signed = insn->off == 1;
	if (insn->off && insn->off != 1)
		spoil(insn, INSN_RESERVED_FIELD);
}

static void settle_move(struct insn *insn)
{
	if (insn->has_imm)
		return;
	if (insn->off == 8 || insn->off == 16 || (insn->off == 32 && !insn->is_32))
		insn->size = (uint8_t)(insn->off / 8);
	else if (insn->off == 1 && !insn->is_32)
		insn->kind = INSN_CAST;
	else if (insn->off == -1 && !insn->is_32)
		insn->kind = INSN_PERCPU;
	else if (insn->off)
		spoil(insn, INSN_RESERVED_FIELD);
	if (insn->imm && insn->kind != INSN_CAST)
		spoil(insn, INSN_RESERVED_FIELD);
}

static void settle_swap(struct insn *insn)
{
	if (insn->imm != 16 && insn->imm != 32 && insn->imm != 64) {
		refuse(insn, INSN_RESERVED_CODE);
		return;
	}
	insn->size = (uint8_t)(insn->imm / 8);
	insn->swap = insn->code == 0xd7	  ? INSN_SWAP_ALWAYS
		     : insn->code == 0xdc ? INSN_TO_BE
					  : INSN_TO_LE;
}

static void settle_atomic(struct insn *insn)
{
	switch (insn->imm) {
	case INSN_ATOMIC_ADD:
	case INSN_ATOMIC_OR:
	case INSN_ATOMIC_AND:
	case INSN_ATOMIC_XOR:
	case INSN_ATOMIC_ADD | INSN_ATOMIC_FETCH:
	case INSN_ATOMIC_OR | INSN_ATOMIC_FETCH:
	case INSN_ATOMIC_AND | INSN_ATOMIC_FETCH:
	case INSN_ATOMIC_XOR | INSN_ATOMIC_FETCH:
	case INSN_ATOMIC_XCHG:
	case INSN_ATOMIC_CMPXCHG:
		if (insn->size < 4)
			break;
		insn->is_32 = insn->size == 4;
		return;
	case INSN_ATOMIC_LOAD:
	case INSN_ATOMIC_STORE:
		insn->is_32 = insn->size < 8;
		return;
	}
	refuse(insn, INSN_RESERVED_CODE);
}

static void settle_subprog_call(const struct insn_stream *stream, struct insn *insn)
{
	if (!stream->is_jited) {
		if (insn->off)
			spoil(insn, INSN_RESERVED_FIELD);
		lead_to(stream, insn, insn->imm);
	} else if ((uint32_t)insn->imm < stream->n_starts &&
		   insn_is_start(stream, stream->starts[insn->imm])) {
		insn->target = stream->starts[insn->imm];
		insn->distance = insn->off;
	} else {
		lead_to(stream, insn, insn->off);
	}
}

static void settle_call(const struct insn_stream *stream, struct insn *insn)
{
	if (insn->code == 0xf5) {
		insn->call = INSN_CALL_TAIL;
		return;
	}
	if (insn->src > INSN_CALL_KFUNC)
		spoil(insn, INSN_RESERVED_FIELD);
	else
		insn->call = insn->src;
	if (insn->src == INSN_CALL_HELPER && insn->off)
		spoil(insn, INSN_RESERVED_FIELD);
	if (insn->src == INSN_CALL_SUBPROG)
		settle_subprog_call(stream, insn);
}

static void settle_constant(const struct insn_stream *stream, struct insn *insn)
{
	struct insn second;

	if (!is_wide(stream, insn->index)) {
		refuse(insn, INSN_CUT);
		return;
	}
	read_fields(insn->bytes + INSN_BYTES, stream->is_big_endian, &second);
	insn->length = 2;
	insn->imm64 = (uint64_t)(uint32_t)second.imm << 32 | (uint32_t)insn->imm;
	if (second.dst || second.src || second.off || insn->src > INSN_CONSTANT_MAP_INDEX_VALUE)
		spoil(insn, INSN_RESERVED_FIELD);
	if (insn->src == INSN_CONSTANT_FUNC)
		lead_to(stream, insn, insn->imm);
}

/* What the code alone does not say. */
static void settle(const struct insn_stream *stream, struct insn *insn)
{
	switch ((enum insn_kind)insn->kind) {
	case INSN_BAD:
		insn->flaw = INSN_RESERVED_CODE;
		break;
	case INSN_ALU:
		settle_alu(insn);
		break;
	case INSN_MOVE:
		settle_move(insn);
		break;
	case INSN_SWAP:
		settle_swap(insn);
		break;
	case INSN_ATOMIC:
		settle_atomic(insn);
		break;
	case INSN_JUMP:
		lead_to(stream, insn, insn->code == 0x06 ? insn->imm : insn->off);
		break;
	case INSN_JUMP_IF:
	case INSN_MAY_GOTO:
		lead_to(stream, insn, insn->off);
		break;
	case INSN_CALL:
		settle_call(stream, insn);
		break;
	case INSN_CONSTANT:
		settle_constant(stream, insn);
		break;
	case INSN_NEG:
	case INSN_CAST:
	case INSN_PERCPU:
	case INSN_LOAD:
	case INSN_STORE:
	case INSN_PACKET:
	case INSN_NOSPEC:
	case INSN_JUMP_REG:
	case INSN_CALL_REG:
	case INSN_EXIT:
		break;
	}
}

uint32_t insn_decode(const struct insn_stream *stream, uint32_t index, struct insn *out)
{
	const uint8_t *at = slot(stream, index);
	const struct form *form = &forms[at[0]];

	*out = (struct insn){
		.index = index,
		.target = INSN_NO_TARGET,
		.length = 1,
		.kind = form->kind,
		.size = form->size,
		.is_32 = form->flags & HALF,
		.has_imm = form->flags & IMM,
		.is_signed = form->flags & SIGNED,
		.is_probe = form->flags & PROBE,
	};
	read_fields(at, stream->is_big_endian, out);
	if (has_other_than_zero(out, form->zero))
		out->flaw = INSN_RESERVED_FIELD;
	settle(stream, out);
	if (out->dst >= REGISTERS || out->src >= REGISTERS)
		spoil(out, INSN_NO_REGISTER);
	return out->length;
}

struct insn_stream insn_stream_of(const void *bytes, size_t size)
{
	return (struct insn_stream){
		.bytes = bytes,
		.count =
			size / INSN_BYTES < UINT32_MAX ? (uint32_t)(size / INSN_BYTES) : UINT32_MAX,
		.is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	};
}

const char *insn_flaw_text(enum insn_flaw flaw)
{
	switch (flaw) {
	case INSN_SOUND:
		return NULL;
	case INSN_RESERVED_CODE:
		return "reserved code";
	case INSN_CUT:
		return "half a wide instruction";
	case INSN_RESERVED_FIELD:
		return "reserved field is set";
	case INSN_NO_REGISTER:
		return "no such register";
	case INSN_TARGET_OUTSIDE:
		return "leads out of the program";
	case INSN_TARGET_INSIDE:
		return "leads into an instruction";
	}
	return NULL;
}
