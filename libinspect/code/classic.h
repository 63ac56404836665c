/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * classic.h - classic BPF, the socket filters' own instructions: input to facts, facts to text
 *
 * Each takes 8 bytes. Jumps lead forward alone, by up to 255 instructions either way of a comparison.
 */
#ifndef CODE_CLASSIC_H
#define CODE_CLASSIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define CLASSIC_BYTES 8
#define CLASSIC_NO_TARGET UINT32_MAX

/* As the kernel has it (struct sock_filter). */
struct classic_op {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct classic {
	struct classic_op *ops;
	uint8_t *is_target; /* an op is jumped to: it needs a label */
	uint32_t count;
	uint32_t n_behind; /* bytes behind the last whole one, of raw input */
};

/*
 * Reads a filter: the text of tcpdump -ddd (a count, then a line of four decimal numbers each; commas
 * may stand for the ends of lines) or of tcpdump -dd (in braces, as C), or else struct sock_filter in
 * the order of this machine's bytes. Text has no zero byte, and a filter always has. Returns 0,
 * -EINVAL with the line, -EFBIG or -ENOMEM.
 */
int classic_parse(struct classic *out, const void *bytes, size_t size, struct inspect_error *err);
void classic_done(struct classic *classic);

enum classic_kind {
	CLASSIC_BAD,
	CLASSIC_LOAD,  /* A = operand */
	CLASSIC_LOADX, /* X = operand */
	CLASSIC_STORE,
	CLASSIC_STOREX,
	CLASSIC_ALU,	 /* A = A op operand */
	CLASSIC_JUMP,	 /* to yes */
	CLASSIC_COMPARE, /* to yes if A op operand, else to no */
	CLASSIC_RETURN,
	CLASSIC_MOVE, /* between A and X */
};

enum classic_operand {
	CLASSIC_NONE,
	CLASSIC_K,	 /* #k */
	CLASSIC_X,	 /* x */
	CLASSIC_A,	 /* a */
	CLASSIC_PACKET,	 /* [k]; from 0xfffff000 on what the kernel knows of the packet */
	CLASSIC_INDEXED, /* [x + k] */
	CLASSIC_CELL,	 /* M[k] */
	CLASSIC_LENGTH,	 /* #len */
	CLASSIC_HEADER,	 /* 4*([k]&0xf) */
};

enum classic_flaw {
	CLASSIC_SOUND,
	CLASSIC_RESERVED,  /* CLASSIC_BAD: code is not given out */
	CLASSIC_OUTSIDE,   /* leads out of the filter */
	CLASSIC_NO_CELL,   /* there are 16 cells */
	CLASSIC_BY_ZERO,   /* divides by 0 */
	CLASSIC_FAR_SHIFT, /* shifts by more than a word has */
};

struct classic_insn {
	const struct classic_op *op;
	const char *word; /* the mnemonic; "" of CLASSIC_BAD */
	uint32_t index;
	uint32_t yes, no; /* where it leads, if it jumps; CLASSIC_NO_TARGET where that is outside */
	uint8_t kind;	  /* enum classic_kind */
	uint8_t operand;  /* enum classic_operand */
	uint8_t flaw;	  /* enum classic_flaw */
};

void classic_decode(const struct classic *classic, uint32_t index, struct classic_insn *out);

/* A few words; NULL for CLASSIC_SOUND. */
const char *classic_flaw_text(enum classic_flaw flaw);

/*
 * Adds the text of one instruction, "jeq #0x800, L2, L5", without its own label: a label is L and the
 * index. A flaw follows in <>, with the op's numbers.
 */
void classic_print(const struct classic_insn *insn, struct buf *out);

#endif
