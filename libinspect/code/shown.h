/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * shown.h - an instruction as a record, for all that dump some
 */
#ifndef CODE_SHOWN_H
#define CODE_SHOWN_H

#include "base/buf.h"
#include "code/insn.h"
#include "code/lines.h"
#include "code/print.h"

enum shown_has {
	SHOWN_PROTO = 1,
	SHOWN_SOURCE = 2,
	SHOWN_FILE = 4,
	SHOWN_LINE = 8,
	SHOWN_COLUMN = 16,
	SHOWN_OPCODES = 32,
	SHOWN_TARGET = 64,
	SHOWN_MAP = 128,
	SHOWN_MAP_NAME = 256,
	SHOWN_FUNC = 512,
	SHOWN_SYMBOL = 1024,
	SHOWN_RELOC = 2048,
	SHOWN_CORE = 4096,
};

/* Texts are borrowed. */
struct shown_insn {
	unsigned have;
	unsigned index;
	unsigned target;
	unsigned line_num;
	unsigned line_col;
	const char *proto;
	const char *source;
	const char *file;
	const char *disasm;
	struct inspect_bytes opcodes;
	/* of a loaded program */
	unsigned prog_id;
	unsigned map_id;
	const char *map_name;
	/* of an object */
	const char *section;
	const char *func;
	const char *symbol;
	const char *reloc;
	const char *core;
};

/*
 * All but the text and what only one kind of dump has. What it points to stays as long as @lines' BTF and @proto do, and
 * until the next call.
 */
void shown_begin(struct shown_insn *shown, const struct insn *insn, const struct print_code *how,
		 struct lines *lines, struct buf *proto);

/* Writes it as bpftool does: prototype, source line, index and text, bytes. */
void shown_put(const struct shown_insn *shown, const struct print_code *how, struct out *out);

void shown_put_opcodes(struct sink *sink, const char *key, const void *member);

/* Rows of a field table that all dumps have; keys and order are bpftool's as far as it has them. */
#define SHOWN_FIELDS                                                                               \
	FIELD_IF(SHOWN_PROTO, struct shown_insn, proto, "proto", "the function that begins here"), \
		FIELD_IF(SHOWN_SOURCE, struct shown_insn, source, "src",                           \
			 "the source line that begins here"),                                      \
		FIELD_IF(SHOWN_FILE, struct shown_insn, file, "file",                              \
			 "the file it is in (linum)"),                                             \
		FIELD_IF(SHOWN_LINE, struct shown_insn, line_num, "line_num",                      \
			 "its number (linum)", .column = "line"),                                  \
		FIELD_IF(SHOWN_COLUMN, struct shown_insn, line_col, "line_col",                    \
			 "the column in it (linum)"),                                              \
		FIELD(struct shown_insn, disasm, "disasm", "the instruction"),                     \
		FIELD_AS(FIELD_OWN, SHOWN_OPCODES, struct shown_insn, opcodes, "opcodes",          \
			 "its bytes (opcodes)", .own = shown_put_opcodes, .shape = "hex"),         \
		FIELD(struct shown_insn, index, "insn",                                            \
		      "its number; an instruction of 16 bytes counts twice"),                      \
		FIELD_IF(SHOWN_TARGET, struct shown_insn, target, "target",                        \
			 "number of the instruction that it jumps to, calls, or loads the "        \
			 "address of")

#endif
