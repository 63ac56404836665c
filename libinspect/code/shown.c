/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * shown.c - an instruction as a record, for all that dump some
 */
#include "code/shown.h"

#include <string.h>

#include "base/num.h"
#include "code/proto.h"
#include "code/text.h"

static void put_byte(struct sink *sink, const char *key, uint8_t byte)
{
	char text[4] = "0x";

	num_format_hex_pair(text + 2, byte);
	sink_text(sink, key, text, sizeof(text));
}

static void put_register(struct sink *sink, const char *key, unsigned number)
{
	const char text[3] = { '0', 'x', "0123456789abcdef"[number & 0xf] };

	sink_text(sink, key, text, sizeof(text));
}

/* bpftool's JSON has them in parts, of which imm goes on into the second slot. */
void shown_put_opcodes(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_bytes *bytes = member;

	if (!sink_is_compatible(sink)) {
		sink_bytes(sink, key, bytes->bytes, bytes->size);
		return;
	}
	sink_open_record(sink, key);
	put_byte(sink, "code", bytes->bytes[0]);
	put_register(sink, "src_reg", bytes->bytes[1] >> 4);
	put_register(sink, "dst_reg", bytes->bytes[1]);
	sink_bytes(sink, "off", bytes->bytes + 2, 2);
	sink_bytes(sink, "imm", bytes->bytes + 4, bytes->size - 4);
	sink_close(sink);
}

static void find_line(struct shown_insn *shown, uint32_t slot, const struct print_code *how,
		      struct lines *lines)
{
	struct line line;

	if (!lines_find(lines, slot, &line))
		return;
	shown->have |= SHOWN_SOURCE;
	shown->source = line.text;
	if (!how->lines)
		return;
	shown->have |=
		SHOWN_FILE | (line.number ? SHOWN_LINE : 0) | (line.column ? SHOWN_COLUMN : 0);
	shown->file = line.file;
	shown->line_num = line.number;
	shown->line_col = line.column;
}

void shown_begin(struct shown_insn *shown, const struct insn *insn, const struct print_code *how,
		 struct lines *lines, struct buf *proto)
{
	uint32_t type = lines_find_func(lines, insn->index);

	*shown = (struct shown_insn){
		.index = insn->index,
		.target = insn->target,
		.disasm = "",
		.opcodes = { insn->bytes, (size_t)insn->length * INSN_BYTES },
	};
	if (type && proto_format(lines->btf, type, proto)) {
		shown->have |= SHOWN_PROTO;
		shown->proto = proto->bytes;
	}
	find_line(shown, insn->index, how, lines);
	shown->have |= how->opcodes ? SHOWN_OPCODES : 0;
	shown->have |= insn->target != INSN_NO_TARGET ? SHOWN_TARGET : 0;
}

static void put_source(struct out *out, const struct print_code *how,
		       const struct shown_insn *shown)
{
	const struct line line = { shown->source, shown->file, shown->line_num, shown->line_col };

	text_put_line(out, &line, how->lines);
}

static void put_bytes(struct out *out, const struct shown_insn *shown)
{
	out_literal(out, "       ");
	text_put_bytes(out, shown->opcodes.bytes, shown->opcodes.size);
	out_char(out, '\n');
}

void shown_put(const struct shown_insn *shown, const struct print_code *how, struct out *out)
{
	out_if(out, shown->have & SHOWN_PROTO, "%s:\n", shown->proto);
	if (shown->have & SHOWN_SOURCE)
		put_source(out, how, shown);
	text_put_index(out, shown->index);
	out_bytes(out, shown->disasm, strlen(shown->disasm));
	out_char(out, '\n');
	if (how->opcodes)
		put_bytes(out, shown);
}
