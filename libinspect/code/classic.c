/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * classic.c - classic BPF: facts and text
 *
 * The mnemonics are those of the kernel's documentation of socket filters. Input is read in
 * classic_parse.c.
 */
#include "code/classic.h"

#include "code/pen.h"

#define CELLS 16
#define LAST_CODE 0xb1

struct form {
	char word[5];
	uint8_t kind;
	uint8_t operand;
};

/* clang-format off */
#define OPERATION(op, word) \
	[(op) | 0x04] = { word, CLASSIC_ALU, CLASSIC_K }, \
	[(op) | 0x0c] = { word, CLASSIC_ALU, CLASSIC_X }

#define COMPARISON(op, word) \
	[(op) | 0x05] = { word, CLASSIC_COMPARE, CLASSIC_K }, \
	[(op) | 0x0d] = { word, CLASSIC_COMPARE, CLASSIC_X }

static const struct form forms[LAST_CODE + 1] = {
	[0x00] = { "ld", CLASSIC_LOAD, CLASSIC_K },
	[0x20] = { "ld", CLASSIC_LOAD, CLASSIC_PACKET },
	[0x28] = { "ldh", CLASSIC_LOAD, CLASSIC_PACKET },
	[0x30] = { "ldb", CLASSIC_LOAD, CLASSIC_PACKET },
	[0x40] = { "ld", CLASSIC_LOAD, CLASSIC_INDEXED },
	[0x48] = { "ldh", CLASSIC_LOAD, CLASSIC_INDEXED },
	[0x50] = { "ldb", CLASSIC_LOAD, CLASSIC_INDEXED },
	[0x60] = { "ld", CLASSIC_LOAD, CLASSIC_CELL },
	[0x80] = { "ld", CLASSIC_LOAD, CLASSIC_LENGTH },
	[0x01] = { "ldx", CLASSIC_LOADX, CLASSIC_K },
	[0x61] = { "ldx", CLASSIC_LOADX, CLASSIC_CELL },
	[0x81] = { "ldx", CLASSIC_LOADX, CLASSIC_LENGTH },
	[0xb1] = { "ldxb", CLASSIC_LOADX, CLASSIC_HEADER },
	[0x02] = { "st", CLASSIC_STORE, CLASSIC_CELL },
	[0x03] = { "stx", CLASSIC_STOREX, CLASSIC_CELL },
	OPERATION(0x00, "add"), OPERATION(0x10, "sub"), OPERATION(0x20, "mul"),
	OPERATION(0x30, "div"), OPERATION(0x40, "or"), OPERATION(0x50, "and"),
	OPERATION(0x60, "lsh"), OPERATION(0x70, "rsh"), OPERATION(0x90, "mod"),
	OPERATION(0xa0, "xor"),
	[0x84] = { "neg", CLASSIC_ALU, CLASSIC_NONE },
	[0x05] = { "jmp", CLASSIC_JUMP, CLASSIC_NONE },
	COMPARISON(0x10, "jeq"), COMPARISON(0x20, "jgt"),
	COMPARISON(0x30, "jge"), COMPARISON(0x40, "jset"),
	[0x06] = { "ret", CLASSIC_RETURN, CLASSIC_K },
	[0x16] = { "ret", CLASSIC_RETURN, CLASSIC_A },
	[0x07] = { "tax", CLASSIC_MOVE, CLASSIC_NONE },
	[0x87] = { "txa", CLASSIC_MOVE, CLASSIC_NONE },
};
/* clang-format on */

static void spoil(struct classic_insn *insn, enum classic_flaw flaw)
{
	if (insn->flaw == CLASSIC_SOUND)
		insn->flaw = flaw;
}

/* What stands @distance behind the next one. */
static uint32_t lead_to(struct classic_insn *insn, uint32_t count, uint32_t distance)
{
	uint64_t target = (uint64_t)insn->index + 1 + distance;

	if (target < count)
		return (uint32_t)target;
	spoil(insn, CLASSIC_OUTSIDE);
	return CLASSIC_NO_TARGET;
}

static void check_alu(struct classic_insn *insn)
{
	uint8_t op = insn->op->code & 0xf0;

	if (insn->operand != CLASSIC_K)
		return;
	if ((op == 0x30 || op == 0x90) && !insn->op->k)
		spoil(insn, CLASSIC_BY_ZERO);
	if ((op == 0x60 || op == 0x70) && insn->op->k >= 32)
		spoil(insn, CLASSIC_FAR_SHIFT);
}

void classic_decode(const struct classic *classic, uint32_t index, struct classic_insn *out)
{
	const struct classic_op *op = &classic->ops[index];
	const struct form *form = &forms[op->code <= LAST_CODE ? op->code : LAST_CODE - 1];

	*out = (struct classic_insn){
		.op = op,
		.word = form->word,
		.index = index,
		.yes = CLASSIC_NO_TARGET,
		.no = CLASSIC_NO_TARGET,
		.kind = form->kind,
		.operand = form->operand,
	};
	if (out->kind == CLASSIC_BAD)
		out->flaw = CLASSIC_RESERVED;
	if (out->kind == CLASSIC_ALU)
		check_alu(out);
	if (out->operand == CLASSIC_CELL && op->k >= CELLS)
		spoil(out, CLASSIC_NO_CELL);
	if (out->kind == CLASSIC_JUMP)
		out->yes = lead_to(out, classic->count, op->k);
	if (out->kind == CLASSIC_COMPARE) {
		out->yes = lead_to(out, classic->count, op->jt);
		out->no = lead_to(out, classic->count, op->jf);
	} else if (out->kind != CLASSIC_JUMP && out->kind != CLASSIC_RETURN &&
		   out->kind != CLASSIC_BAD) {
		lead_to(out, classic->count, 0); /* what does not return must have a next one */
	}
}

const char *classic_flaw_text(enum classic_flaw flaw)
{
	switch (flaw) {
	case CLASSIC_SOUND:
		return NULL;
	case CLASSIC_RESERVED:
		return "reserved code";
	case CLASSIC_OUTSIDE:
		return "leads out of the filter";
	case CLASSIC_NO_CELL:
		return "no such cell";
	case CLASSIC_BY_ZERO:
		return "divides by zero";
	case CLASSIC_FAR_SHIFT:
		return "shifts too far";
	}
	return NULL;
}

#define KNOWN_FROM 0xfffff000 /* loads from there ask the kernel and not the packet */

/* What the kernel knows of a packet, by the distance from KNOWN_FROM; NULL where that is none. */
static const char *known_word(uint32_t k)
{
	static const char *const words[] = { "proto",	   "type", "ifidx", "nla",
					     "nlan",	   "mark", "queue", "hatype",
					     "rxhash",	   "cpu",  NULL,    "vlan_tci",
					     "vlan_avail", "poff", "rand",  "vlan_tpid" };
	uint32_t at = k - KNOWN_FROM;

	return k >= KNOWN_FROM && at % 4 == 0 && at / 4 < sizeof(words) / sizeof(*words)
		       ? words[at / 4]
		       : NULL;
}

/* #0x800, but #0 */
static void put_number(struct pen *pen, uint32_t k)
{
	put_char(pen, '#');
	if (k)
		put_hex(pen, k);
	else
		put_char(pen, '0');
}

static void put_packet(struct pen *pen, uint32_t k)
{
	const char *known = known_word(k);

	if (known) {
		put_word(pen, known);
		return;
	}
	put_char(pen, '[');
	put_decimal(pen, (int32_t)k);
	put_char(pen, ']');
}

static void put_operand(struct pen *pen, const struct classic_insn *insn)
{
	uint32_t k = insn->op->k;

	if (insn->operand != CLASSIC_NONE)
		put_char(pen, ' ');
	switch ((enum classic_operand)insn->operand) {
	case CLASSIC_NONE:
		break;
	case CLASSIC_K:
		put_number(pen, k);
		break;
	case CLASSIC_X:
		put_char(pen, 'x');
		break;
	case CLASSIC_A:
		put_char(pen, 'a');
		break;
	case CLASSIC_PACKET:
		put_packet(pen, k);
		break;
	case CLASSIC_INDEXED:
		put(pen, "[x+");
		put_decimal(pen, (int32_t)k);
		put_char(pen, ']');
		break;
	case CLASSIC_CELL:
		put(pen, "M[");
		put_decimal(pen, k);
		put_char(pen, ']');
		break;
	case CLASSIC_LENGTH:
		put(pen, "#len");
		break;
	case CLASSIC_HEADER:
		put(pen, "4*([");
		put_decimal(pen, (int32_t)k);
		put(pen, "]&0xf)");
		break;
	}
}

static void put_label(struct pen *pen, const struct classic_insn *insn, uint32_t distance)
{
	put_char(pen, 'L');
	put_decimal(pen, (int64_t)insn->index + 1 + distance);
}

static void put_targets(struct pen *pen, const struct classic_insn *insn)
{
	if (insn->kind == CLASSIC_JUMP) {
		put_char(pen, ' ');
		put_label(pen, insn, insn->op->k);
	}
	if (insn->kind == CLASSIC_COMPARE) {
		put(pen, ", ");
		put_label(pen, insn, insn->op->jt);
		put(pen, ", ");
		put_label(pen, insn, insn->op->jf);
	}
}

static void put_flaw(struct pen *pen, const struct classic_insn *insn)
{
	if (insn->kind != CLASSIC_BAD)
		put_char(pen, ' ');
	put_char(pen, '<');
	put_word(pen, classic_flaw_text(insn->flaw));
	put(pen, ": ");
	put_hex(pen, insn->op->code);
	put_char(pen, ' ');
	put_decimal(pen, insn->op->jt);
	put_char(pen, ' ');
	put_decimal(pen, insn->op->jf);
	put_char(pen, ' ');
	put_hex(pen, insn->op->k);
	put_char(pen, '>');
}

void classic_print(const struct classic_insn *insn, struct buf *out)
{
	struct pen pen;

	pen.buf = out;
	pen.is_assembler = false;
	pen.names = NULL;
	pen_begin(&pen);
	put_word(&pen, insn->word);
	put_operand(&pen, insn);
	put_targets(&pen, insn);
	if (insn->flaw != CLASSIC_SOUND)
		put_flaw(&pen, insn);
	pen_end(&pen);
}
