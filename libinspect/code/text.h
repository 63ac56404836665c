/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * text.h - what dumps of code have beside the instructions
 */
#ifndef CODE_TEXT_H
#define CODE_TEXT_H

#include "base/buf.h"
#include "code/insn.h"
#include "code/lines.h"
#include "code/refs.h"
#include "out/out.h"

/* A line of source text, safe for a terminal; tabs stay. */
void text_put_source(struct out *out, const char *text);

/* "   7: " */
void text_put_index(struct out *out, uint32_t index);

/* A source line, and where it stands if @has_place: "; return 0; [file:a.c line_num:3 line_col:5]\n". */
void text_put_line(struct out *out, const struct line *line, bool has_place);

/* 07 01 00 00 05 00 00 00 */
void text_put_bytes(struct out *out, const unsigned char *bytes, size_t n);

/* What an instruction refers to, as a comment behind it; nothing where it refers to nothing. */
void text_add_names(struct buf *text, struct refs *refs, const struct insn *insn,
		    enum insn_syntax syntax);

#endif
