/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_print.c - the record of a verdict, and a few lines for people
 */
#include "load/verdict_print.h"

#include <string.h>

#include "base/error.h"

static void put_regs(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_verdict_regs *regs = member;

	if (!regs->n)
		return;
	sink_open_list(sink, key);
	for (unsigned i = 0; i < regs->n; i++) {
		const struct inspect_verdict_reg *reg = &regs->regs[i];

		sink_open_record(sink, NULL);
		sink_u64(sink, "register", reg->number);
		if (reg->state)
			sink_string(sink, "state", reg->state);
		if (reg->text)
			sink_string(sink, "text", reg->text);
		sink_close(sink);
	}
	sink_close(sink);
}

#define V struct inspect_verdict
#define TEXT(member, key, text, ...)                                                               \
	FIELD(V, member, key, text, .flags = FIELD_OPTIONAL __VA_ARGS__)
#define COUNT(member, text) FIELD_IF(INSPECT_VERDICT_HAS_COUNTS, V, member, #member, text)

static const struct field verdict_fields[] = {
	TEXT(program, "program", "name of the program"),
	TEXT(section, "section", "its section in the object"),
	FIELD_IF(INSPECT_VERDICT_HAS_ERROR, V, error, "errno", "why the kernel refused it"),
	TEXT(cause, "cause", "the same as a word for scripts"),
	TEXT(verdict, "verdict", "the same as a sentence"),
	TEXT(hint, "hint", "what can be done"),
	TEXT(message, "message", "what the kernel or the loader said"),
	TEXT(reason, "reason", "what the kernel adds to that (Linux 7.3)"),
	FIELD_IF(INSPECT_VERDICT_HAS_INSN, V, insn, "insn",
		 "the instruction at fault, as the kernel counts them"),
	TEXT(insn_text, "disasm", "the instruction"),
	TEXT(function, "function", "the function it is in"),
	TEXT(source, "src", "the source line it was made of"),
	TEXT(file, "file", "file of that line"),
	FIELD_IF(INSPECT_VERDICT_HAS_LINE, V, line, "line_num", "its number"),
	FIELD_IF(INSPECT_VERDICT_HAS_COLUMN, V, column, "line_col", "the column"),
	FIELD_AS(FIELD_OWN, 0, V, regs, "registers",
		 "what the verifier knew of the registers it reads", .own = put_regs,
		 .flags = FIELD_DOCUMENT, .shape = "[{register:u32,state?:text,text?:text}]?"),
	FIELD_IF(INSPECT_VERDICT_HAS_ORIGIN, V, origin, "origin_insn",
		 "the instruction where the fault began"),
	TEXT(origin_source, "origin_src", "the source line of that"),
	TEXT(relocation, "relocation", "the type or member that this kernel does not have"),
	COUNT(insns_processed, "instructions that the verifier went through, on all paths"),
	COUNT(insn_limit, "how many it would"),
	COUNT(max_states_per_insn, "states that it kept of one instruction, at most"),
	COUNT(total_states, "states that it looked at"),
	COUNT(peak_states, "states that it kept, at most"),
	COUNT(mark_read, "marks of registers that were read"),
	FIELD_IF(INSPECT_VERDICT_HAS_TIME, V, verification_time_us, "verification_time_us",
		 "how long it took, microseconds"),
	TEXT(stack_depth, "stack_depth",
	     "bytes of stack, of each function, or of the deepest chain of calls"),
	TEXT(log, "log", "the verifier's log", | FIELD_DOCUMENT),
};

const struct schema verdict_schema = {
	.name = "verdict",
	.fields = verdict_fields,
	.n = sizeof(verdict_fields) / sizeof(*verdict_fields),
	.columns = "program,errno,cause,verdict,insn,file,line_num,src",
	.have_at = offsetof(struct inspect_verdict, have),
	.failed_at = -1,
	.id_at = -1,
};

/* For people */

#define INDENT "  "

static void print_place(struct out *out, const struct inspect_verdict *verdict)
{
	out_if(out, verdict->file, "%s:", verdict->file);
	out_if(out, verdict->have & INSPECT_VERDICT_HAS_LINE, "%u:", verdict->line);
	out_if(out, verdict->file || verdict->have & INSPECT_VERDICT_HAS_LINE, " ");
}

static void print_reg(struct out *out, const struct inspect_verdict_reg *reg)
{
	out_fmt(out, INDENT "  R%u: ", reg->number);
	out_if(out, reg->text, "%s", reg->text);
	out_if(out, reg->text && reg->state, "  [");
	out_if(out, reg->state, "%s", reg->state);
	out_if(out, reg->text && reg->state, "]");
	out_literal(out, "\n");
}

/* Lines of the kernel's, each behind the same words. */
static void print_lines(struct out *out, const char *words, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		out_fmt(out, INDENT "%s", words);
		out_safe(out, text, n);
		out_literal(out, "\n");
		text += n + (text[n] != '\0');
	}
}

static void print_origin(struct out *out, const struct inspect_verdict *verdict)
{
	if (!(verdict->have & INSPECT_VERDICT_HAS_ORIGIN) || !verdict->origin_source)
		return;
	out_fmt(out, INDENT "began at %u: ", verdict->origin);
	out_if(out, verdict->file && verdict->origin_line, "%s:%u: ", verdict->file,
	       verdict->origin_line);
	out_fmt(out, "%s\n", verdict->origin_source);
}

void verdict_print(struct out *out, const struct inspect_verdict *verdict)
{
	if (!verdict->cause)
		return;
	out_if(out, verdict->program, "%s: ", verdict->program);
	out_fmt(out, "%s\n", verdict->verdict ? verdict->verdict : verdict->cause);
	if (verdict->source) {
		out_literal(out, INDENT);
		print_place(out, verdict);
		out_fmt(out, "%s\n", verdict->source);
	}
	if (verdict->have & INSPECT_VERDICT_HAS_INSN) {
		out_fmt(out, INDENT "%u:", verdict->insn);
		out_if(out, verdict->insn_text, " %s", verdict->insn_text);
		out_literal(out, "\n");
	}
	for (unsigned i = 0; i < verdict->regs.n; i++)
		print_reg(out, &verdict->regs.regs[i]);
	print_origin(out, verdict);
	if (verdict->message)
		print_lines(out, verdict->have & INSPECT_VERDICT_HAS_INSN ? "kernel: " : "log: ",
			    verdict->message);
}

void verdict_print_counts(struct out *out, const struct inspect_verdict *verdict)
{
	if (!(verdict->have & INSPECT_VERDICT_HAS_COUNTS))
		return;
	out_if(out, verdict->program, "%s: ", verdict->program);
	out_fmt(out,
		"%llu instructions verified (limit %llu), %llu states (peak %llu, %llu of one instruction), %llu marks",
		verdict->insns_processed, verdict->insn_limit, verdict->total_states,
		verdict->peak_states, verdict->max_states_per_insn, verdict->mark_read);
	out_if(out, verdict->have & INSPECT_VERDICT_HAS_TIME, ", %llu us",
	       verdict->verification_time_us);
	out_if(out, verdict->stack_depth, ", stack %s", verdict->stack_depth);
	out_literal(out, "\n");
}
