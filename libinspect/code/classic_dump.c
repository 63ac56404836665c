/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * classic_dump.c - a filter of classic BPF to a sink
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "code/classic.h"
#include "code/print.h"
#include "kernel/proc.h"
#include "records/print.h"

#define FILE_MOST ((size_t)16 << 20)

enum {
	HAS_LABEL = 1,
	HAS_JUMP = 2,
	HAS_BRANCH = 4,
	HAS_FLAW = 8,
	HAS_OPCODES = 16,
};

struct shown {
	unsigned have;
	unsigned index;
	unsigned code, jt, jf, k;
	unsigned yes, no;
	const char *label;
	const char *disasm;
	const char *flaw;
};

#define S struct shown

static const struct field classic_fields[] = {
	FIELD(S, index, "insn", "its number"),
	FIELD(S, code, "code", "what it does, as a number"),
	FIELD(S, jt, "jt", "how many to skip where the comparison holds"),
	FIELD(S, jf, "jf", "how many to skip where it does not"),
	FIELD(S, k, "k", "its constant"),
	FIELD_IF(HAS_LABEL, S, label, "label", "its name, where jumps lead to it"),
	FIELD(S, disasm, "disasm", "the instruction"),
	FIELD_IF(HAS_JUMP, S, yes, "target", "number of the instruction it jumps to"),
	FIELD_IF(HAS_BRANCH, S, no, "otherwise", "the same where the comparison does not hold"),
	FIELD_IF(HAS_FLAW, S, flaw, "flaw", "why the kernel would not take it"),
};

static void put_op(struct out *out, const struct shown *shown)
{
	out_fmt(out, "\t\t{ 0x%02x, %u, %u, 0x%08x },\n", shown->code, shown->jt, shown->jf,
		shown->k);
}

static void classic_plain(struct out *out, const void *record)
{
	const struct shown *shown = record;

	out_if(out, shown->have & HAS_LABEL, "%s:", shown->label);
	out_fmt(out, "\t%s\n", shown->disasm);
	if (shown->have & HAS_OPCODES)
		put_op(out, shown);
}

const struct schema classic_schema = {
	.name = "classic_instruction",
	.fields = classic_fields,
	.n = sizeof(classic_fields) / sizeof(*classic_fields),
	.columns = "insn,label,disasm,code,jt,jf,k",
	.plain = classic_plain,
	.have_at = offsetof(struct shown, have),
	.failed_at = -1,
	.id_at = -1,
};

static unsigned read_targets(const struct classic_insn *insn, struct shown *out)
{
	unsigned have = 0;

	if (insn->kind == CLASSIC_JUMP || insn->kind == CLASSIC_COMPARE) {
		out->yes = insn->yes;
		have |= insn->yes != CLASSIC_NO_TARGET ? HAS_JUMP : 0;
	}
	if (insn->kind == CLASSIC_COMPARE) {
		out->no = insn->no;
		have |= insn->no != CLASSIC_NO_TARGET ? HAS_BRANCH : 0;
	}
	return have;
}

static void print_insn(struct printer *printer, const struct classic *classic, uint32_t index,
		       const struct print_code *how, struct buf *text)
{
	char label[NUM_ROOM + 2] = "L";
	struct classic_insn insn;

	classic_decode(classic, index, &insn);
	struct shown shown = {
		.index = index,
		.code = insn.op->code,
		.jt = insn.op->jt,
		.jf = insn.op->jf,
		.k = insn.op->k,
		.label = label,
		.flaw = classic_flaw_text(insn.flaw),
	};

	shown.have = read_targets(&insn, &shown) | (shown.flaw ? HAS_FLAW : 0) |
		     (how->opcodes ? HAS_OPCODES : 0);
	if (classic->is_target[index]) {
		label[1 + num_format_u64(label + 1, index)] = '\0';
		shown.have |= HAS_LABEL;
	}
	text->size = 0;
	classic_print(&insn, text);
	buf_add_char(text, '\0');
	shown.disasm = buf_failed(text) ? "" : text->bytes;
	print_record(printer, &shown);
}

static int print_all(struct sink *sink, const struct classic *classic, const struct print_code *how,
		     struct inspect_error *err)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct printer printer;

	int r = print_init(&printer, sink, &classic_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, false);
	for (uint32_t i = 0; i < classic->count && !sink_error(sink); i++)
		print_insn(&printer, classic, i, how, &text);
	print_close(&printer, false);
	return buf_failed(&text) ? inspect_fail(err, ENOMEM, "filter") : 0;
}

int print_classic(struct sink *sink, const char *path, const struct print_code *how,
		  struct inspect_error *err)
{
	AUTO(classic_done) struct classic classic = { 0 };
	autofree char *bytes = NULL;
	size_t size;

	ERROR_NEEDED(err);
	int r = proc_read_file(strcmp(path, "-") == 0 ? "/dev/stdin" : path, FILE_MOST, &bytes,
			       &size, err);
	if (r < 0)
		return r;
	r = classic_parse(&classic, bytes, size, err);
	if (!r)
		r = print_all(sink, &classic, how, err);
	if (!r && classic.n_behind)
		r = inspect_fail(err, EINVAL, "%u bytes behind the last whole instruction",
				 classic.n_behind);
	return r < 0 ? inspect_context(err, "%s", path) : 0;
}
