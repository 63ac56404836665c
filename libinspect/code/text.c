/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * text.c - what dumps of code have beside the instructions
 */
#include "code/text.h"

#include <string.h>

#include "base/num.h"
#include "base/text.h"

void text_put_source(struct out *out, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, "\t");

		out_safe(out, text, n);
		if (!text[n])
			return;
		out_char(out, '\t');
		text += n + 1;
	}
}

void text_put_index(struct out *out, uint32_t index)
{
	char digits[NUM_ROOM];
	size_t n = num_format_u64(digits, index);

	if (n < 4)
		out_bytes(out, "    ", 4 - n);
	out_bytes(out, digits, n);
	out_literal(out, ": ");
}

void text_put_line(struct out *out, const struct line *line, bool has_place)
{
	out_literal(out, "; ");
	text_put_source(out, line->text);
	out_if(out, has_place, " [file:%s line_num:%u line_col:%u]", line->file, line->number,
	       line->column);
	out_char(out, '\n');
}

void text_put_bytes(struct out *out, const unsigned char *bytes, size_t n)
{
	char *at = out_reserve(out, 3 * n);

	for (size_t i = 0; i < n; i++) {
		num_format_hex_pair(at + 3 * i, bytes[i]);
		at[3 * i + 2] = ' ';
	}
	out_advance(out, 3 * n - 1);
}

static void add_comment(struct buf *text, const char *what, const char *name)
{
	buf_add_text(text, "  ; ");
	buf_add_text(text, what);
	text_add_safe(text, name, strlen(name));
}

static void add_target(struct buf *text, const struct refs *refs, const struct insn *insn)
{
	bool is_jump = insn->kind != INSN_CALL && insn->kind != INSN_CONSTANT;
	const char *name = is_jump ? NULL : refs_func_name(refs, insn->target);
	char digits[NUM_ROOM + 1];

	if (name && *name) {
		add_comment(text, "", name);
		return;
	}
	digits[num_format_u64(digits, insn->target)] = '\0';
	add_comment(text, "to ", digits);
}

void text_add_names(struct buf *text, struct refs *refs, const struct insn *insn,
		    enum insn_syntax syntax)
{
	uint32_t map_id = refs_map_id(insn);
	const char *name = NULL;

	if (refs_has_symbol(refs, insn) && syntax == INSN_KERNEL)
		return; /* it is there already */
	if (insn->target != INSN_NO_TARGET) {
		add_target(text, refs, insn);
		return;
	}
	if (map_id)
		name = refs_map_name(refs, map_id);
	else if (insn->kind == INSN_CALL && syntax == INSN_ASSEMBLER)
		name = refs_call_name(refs, insn);
	if (name && *name)
		add_comment(text, map_id ? "map " : "", name);
}
