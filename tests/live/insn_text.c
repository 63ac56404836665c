/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * insn_text.c - the disassembler by itself: raw instructions from standard input to text
 *
 * insn_text [big] [jited]: two lines an instruction, each begun with its index: the kernel's syntax,
 * then the assembler's, with labels as a symbol "f" at the beginning would give them.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "code/insn.h"

/* How llvm-objdump calls a place behind its symbol. */
static const char *label(void *context, const struct insn *insn)
{
	snprintf(context, 32, insn->target ? "f+0x%llx" : "f",
		 (unsigned long long)insn->target * 8);
	return context;
}

static int print_all(const struct insn_stream *stream)
{
	AUTO(buf_done) struct buf text = { 0 };
	char room[32];
	struct insn_names names = { .context = room, .label = label };
	struct insn insn;

	for (uint32_t i = 0; i < stream->count; i += insn.length) {
		insn_decode(stream, i, &insn);
		for (enum insn_syntax syntax = INSN_KERNEL; syntax <= INSN_ASSEMBLER; syntax++) {
			text.size = 0;
			insn_print(&insn, syntax, &names, &text);
			if (buf_failed(&text))
				return 1;
			printf("%u: %.*s\n", i, (int)text.size, text.bytes);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	AUTO(buf_done) struct buf bytes = { 0 };
	char part[65536];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		buf_add(&bytes, part, n);
	struct insn_stream stream = insn_stream_of(bytes.bytes, bytes.size);
	for (int i = 1; i < argc; i++) {
		stream.is_big_endian |= strcmp(argv[i], "big") == 0;
		stream.is_jited |= strcmp(argv[i], "jited") == 0;
	}
	return print_all(&stream);
}
