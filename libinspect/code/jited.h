/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * jited.h - machine code to text
 *
 * The only file behind this that knows libbfd's disassembler. Built without it, or for a machine that it does
 * not know, the bytes stand as text, some to a line.
 */
#ifndef CODE_JITED_H
#define CODE_JITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JITED_ROW 8 /* bytes in a line, where there is no disassembler */

struct jited;

/* An instruction. Texts end with NUL, and belong to the struct jited until its next one. */
struct jited_insn {
	uint32_t size;	  /* bytes, at least 1 */
	const char *text; /* as the disassembler has it, in AT&T's syntax on x86 */
	bool has_target;
	uint64_t
		target; /* an address that it has been found to refer to: where it jumps, what it calls */
};

/* Names of addresses, to be put behind them; NULL for one without. */
struct jited_names {
	const char *(*name)(void *context, uint64_t address);
	void *context;
};

/* NULL: no memory. @names may have no function. */
struct jited *jited_new(struct jited_names names);
void jited_free(struct jited *jited);

/*
 * The instruction at the beginning of @bytes, of which there is at least one. What is no instruction, or reaches
 * behind the end, is a byte of its own. False: no memory.
 */
bool jited_decode(struct jited *jited, const uint8_t *bytes, size_t size, uint64_t address,
		  struct jited_insn *out);

/*
 * Parts of an instruction's text: @operation with its prefixes ("lock xadd"), then each operand whole
 * ("-0x4(%rbp)"), without comments and names of addresses. Each returns the part's length and where it begins, and
 * moves @text behind it; 0 where there is no more.
 */
size_t jited_operation(const char **text, const char **out);
size_t jited_operand(const char **text, const char **out);

#endif
