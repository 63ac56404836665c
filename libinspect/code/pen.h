/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pen.h - short text, written fast
 *
 * Text of our own is short and has a limit, so it is written straight into room that was made once.
 * Only names, which may have any length, are added the careful way.
 */
#ifndef CODE_PEN_H
#define CODE_PEN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

#define PEN_ROOM 192 /* more than an instruction has between two names */

struct insn_names;

struct pen {
	struct buf *buf;
	bool is_assembler; /* numbers as the assembler has them */
	const struct insn_names *names;
	char *at;
	char *from;
	char scrap[PEN_ROOM]; /* written to where there is no memory */
};

static inline void pen_begin(struct pen *pen)
{
	pen->from = buf_reserve(pen->buf, PEN_ROOM);
	if (!pen->from)
		pen->from = pen->scrap;
	pen->at = pen->from;
}

static inline void pen_end(struct pen *pen)
{
	if (pen->from != pen->scrap)
		pen->buf->size += (size_t)(pen->at - pen->from);
}

/* Text of any length. */
static inline void put_name(struct pen *pen, const char *name)
{
	pen_end(pen);
	buf_add_text(pen->buf, name);
	pen_begin(pen);
}

#define put(pen, text) put_bytes(pen, "" text, sizeof(text) - 1)

static inline void put_bytes(struct pen *pen, const char *text, size_t size)
{
	memcpy(pen->at, text, size);
	pen->at += size;
}

static inline void put_word(struct pen *pen, const char *word)
{
	put_bytes(pen, word, strlen(word));
}

static inline void put_char(struct pen *pen, char c)
{
	*pen->at++ = c;
}

static inline void put_decimal(struct pen *pen, int64_t value)
{
	pen->at += num_format_s64(pen->at, value);
}

static inline void put_hex(struct pen *pen, uint64_t value)
{
	put(pen, "0x");
	pen->at += num_format_hex(pen->at, value);
}

static inline void put_signed_decimal(struct pen *pen, int64_t value)
{
	if (value >= 0)
		put_char(pen, '+');
	put_decimal(pen, value);
}

/* -0x5, and with the sign of positive numbers +0x5. */
static inline void put_signed_hex(struct pen *pen, int64_t value, bool has_plus)
{
	if (value < 0)
		put_char(pen, '-');
	else if (has_plus)
		put_char(pen, '+');
	put_hex(pen, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static inline void put_imm(struct pen *pen, int64_t value)
{
	if (pen->is_assembler)
		put_signed_hex(pen, value, false);
	else
		put_decimal(pen, value);
}

#endif
