/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict.c - why a program was not loaded
 *
 * The table says what a message means; the log says which instruction it was about; the object says what that was
 * made of. Where the log of a newer kernel has the same fact, the kernel's word counts.
 */
#include "load/verdict.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/names.h"
#include "load/verdict_object.h"
#include "load/verdict_table.h"

#define TEXT_MOST 4096 /* of one text of the kernel's or the object's */

struct finding {
	const struct verdict_case *from;
	struct inspect_verdict *out;
	struct log_facts log;
	struct verdict_match match;
	struct verdict_place place;
	bool has_no_memory;
};

static void verdict_regs_done(struct inspect_verdict_regs *regs)
{
	for (unsigned i = 0; i < regs->n; i++) {
		free(regs->regs[i].state);
		free(regs->regs[i].text);
	}
	free(regs->regs);
}

void inspect_verdict_done(struct inspect_verdict *verdict)
{
	char *const texts[] = { verdict->program,    verdict->section,	     verdict->verdict,
				verdict->hint,	     verdict->message,	     verdict->reason,
				verdict->insn_text,  verdict->function,	     verdict->source,
				verdict->file,	     verdict->origin_source, verdict->relocation,
				verdict->stack_depth };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free(texts[i]);
	verdict_regs_done(&verdict->regs);
	*verdict = (struct inspect_verdict){ 0 };
}

/* Texts that the record owns */

static void set(struct finding *finding, char **to, const char *text, size_t size)
{
	if (size > TEXT_MOST)
		size = TEXT_MOST;
	free(*to);
	*to = malloc(
		size +
		1); /* strndup() wants a NUL where strings are checked strictly, and here is none */
	finding->has_no_memory = finding->has_no_memory || !*to;
	if (!*to)
		return;
	memcpy(*to, text, size);
	(*to)[size] = '\0';
}

static void set_string(struct finding *finding, char **to, const char *text)
{
	if (text)
		set(finding, to, text, strlen(text));
}

/* The kernel names files without their directories: so does what the object tells. */
static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && slash[1] ? slash + 1 : path;
}

static void set_text(struct finding *finding, char **to, struct log_text text)
{
	if (text.size)
		set(finding, to, text.at, text.size);
}

static void set_buf(struct finding *finding, char **to, const struct buf *text)
{
	finding->has_no_memory = finding->has_no_memory || buf_failed(text);
	if (text->size)
		set(finding, to, text->bytes, text->size);
}

static struct log_text text_of(const struct buf *buf)
{
	return (struct log_text){ buf->bytes, buf->size };
}

/* The instruction */

static void set_line(struct finding *finding, const struct line *line, bool has_text)
{
	struct inspect_verdict *out = finding->out;

	if (!has_text)
		set_string(finding, &out->source, line->text);
	if (!out->file)
		set_string(finding, &out->file, last_part(line->file));
	if (!(out->have & INSPECT_VERDICT_HAS_LINE) && line->number) {
		out->line = line->number;
		out->have |= INSPECT_VERDICT_HAS_LINE;
	}
	if (out->line == line->number && line->column) {
		out->column = line->column;
		out->have |= INSPECT_VERDICT_HAS_COLUMN;
	}
}

static void set_source(struct finding *finding, const struct log_source *source)
{
	struct inspect_verdict *out = finding->out;

	set_text(finding, &out->source, source->text);
	set_text(finding, &out->file, source->file);
	if (source->line) {
		out->line = source->line;
		out->have |= INSPECT_VERDICT_HAS_LINE;
	}
}

/* The line: as the log has it; what that lacks, the object tells. */
static void find_source(struct finding *finding)
{
	const struct log_source *told = &finding->log.source;
	const struct object *object = finding->from->object;
	bool has_text = told->text.size && finding->log.insn == finding->out->insn;
	struct log_text function;
	struct log_source place;
	struct line line;

	if (has_text)
		set_source(finding, told);
	if (log_place_source(&finding->log, &function, &place)) {
		set_text(finding, &finding->out->function, function);
		if (place.line == finding->out->line) {
			finding->out->column = place.column;
			finding->out->have |= INSPECT_VERDICT_HAS_COLUMN;
		}
	}
	if (finding->place.object ? verdict_place_line(&finding->place, &line)
				  : has_text && verdict_line_of_text(object, told->text.at,
								     told->text.size, &line))
		set_line(finding, &line, has_text);
}

static void find_insn(struct finding *finding)
{
	const struct verdict_row *row = finding->match.row;
	AUTO(buf_done) struct buf text = { 0 };
	uint32_t insn = finding->log.insn;
	uint64_t number;

	if (row && row->insn && log_number(finding->match.stars[row->insn - 1], &number) &&
	    number < LOG_NO_INSN)
		insn = (uint32_t)number;
	if (insn == LOG_NO_INSN)
		return;
	finding->out->insn = insn;
	finding->out->have |= INSPECT_VERDICT_HAS_INSN;
	verdict_place_find(&finding->place, finding->from->object, finding->from->program, insn);
	if (insn == finding->log.insn) {
		set_text(finding, &finding->out->insn_text, finding->log.insn_text);
	} else {
		verdict_place_add_text(&finding->place, &text);
		set_buf(finding, &finding->out->insn_text, &text);
	}
	find_source(finding);
}

/* Where what went wrong began. */
static void find_origin(struct finding *finding)
{
	const struct verdict_row *row = finding->match.row;
	struct inspect_verdict *out = finding->out;
	struct log_source source = { 0 };
	struct verdict_place place;
	struct line line;
	uint64_t number;

	if (!row || !row->origin || !log_number(finding->match.stars[row->origin - 1], &number) ||
	    number >= LOG_NO_INSN)
		return;
	out->origin = (unsigned)number;
	out->have |= INSPECT_VERDICT_HAS_ORIGIN;
	if (log_find_source(&finding->log, finding->from->log, out->origin, &source))
		set_text(finding, &out->origin_source, source.text);
	out->origin_line = source.line;
	if (out->origin_line ||
	    !verdict_place_find(&place, finding->from->object, finding->from->program,
				out->origin) ||
	    !verdict_place_line(&place, &line))
		return;
	set_string(finding, &out->origin_source, line.text);
	out->origin_line = line.number;
}

/* Registers */

static bool fits(struct log_text text, const char *key, struct log_text *value)
{
	/* "umax=" may stand behind others: "smin=umin=3". A value goes on to the next comma or bracket. */
	const char *at = text.size ? memmem(text.at, text.size, key, strlen(key)) : NULL;

	if (!at)
		return false;
	at += strlen(key);
	for (;;) {
		size_t left = text.size - (size_t)(at - text.at), n = 0;

		while (n < left && !strchr(",)=", at[n]))
			n++;
		*value = (struct log_text){ at, n };
		if (n == left || at[n] != '=')
			return n;
		at += n + 1;
	}
}

static void add_range(struct buf *out, struct log_text state)
{
	struct log_text least = { "0", 1 }, most;

	if (!fits(state, "umax=", &most) && !fits(state, "umax_value=", &most))
		return;
	if (!fits(state, "umin=", &least))
		fits(state, "umin_value=", &least);
	buf_add_text(out, ", ");
	buf_add(out, least.at, least.size);
	buf_add_text(out, " to ");
	buf_add(out, most.at, most.size);
}

static void add_checked(struct buf *out, struct log_text state)
{
	struct log_text bytes;

	if (!fits(state, ",r=", &bytes) && !fits(state, "(r=", &bytes))
		return;
	buf_add_text(out, ", checked for ");
	buf_add(out, bytes.at, bytes.size);
	buf_add_text(out, " bytes");
}

static void describe_reg(const struct log_reg *reg, struct buf *out)
{
	const char *kind = verdict_kind_of_register(reg->state);
	char digits[NUM_ROOM];

	if (reg->lost_at != LOG_NO_INSN) {
		buf_add_text(out, "nothing: the call at instruction ");
		buf_add(out, digits, num_format_u64(digits, reg->lost_at));
		buf_add_text(out, " left nothing in it");
	}
	if (!kind)
		return;
	buf_add_text(out, kind);
	if (strcmp(kind, "a number") == 0)
		add_range(out, reg->state);
	else if (reg->state.size > 3 && memcmp(reg->state.at, "pkt(", 4) == 0)
		add_checked(out, reg->state);
}

static bool is_worth_it(const struct log_reg *reg, bool is_call)
{
	return reg->state.size || (reg->lost_at != LOG_NO_INSN && !is_call);
}

static void find_regs(struct finding *finding)
{
	struct inspect_verdict_regs *regs = &finding->out->regs;
	const struct log_facts *log = &finding->log;

	if (finding->out->insn != log->insn || !log->n_regs)
		return;
	bool is_call = log->insn_text.size > 4 && strncmp(log->insn_text.at, "(85)", 4) == 0;
	regs->regs = calloc(log->n_regs, sizeof(*regs->regs));
	finding->has_no_memory = finding->has_no_memory || !regs->regs;
	for (unsigned i = 0; regs->regs && i < log->n_regs; i++) {
		AUTO(buf_done) struct buf text = { 0 };

		if (!is_worth_it(&log->regs[i], is_call && log->n_messages))
			continue;
		struct inspect_verdict_reg *to = &regs->regs[regs->n++];
		to->number = log->regs[i].number;
		set_text(finding, &to->state, log->regs[i].state);
		describe_reg(&log->regs[i], &text);
		set_buf(finding, &to->text, &text);
	}
}

/* Words */

static void add_subject(struct finding *finding, struct buf *out)
{
	const char *name;
	uint64_t number;

	switch (finding->match.row->subject) {
	case SUBJECT_RELOCATION:
		if (!verdict_place_add_relocation(&finding->place, out))
			buf_add_text(out, "a type or member");
		return;
	case SUBJECT_SYMBOL:
		verdict_place_add_symbol(&finding->place, out);
		return;
	case SUBJECT_HELPER:
		if (!log_number(finding->match.stars[1], &number))
			return;
		name = number < UINT32_MAX ? names_find(NAMES_HELPER, (unsigned)number) : NULL;
		buf_add_text(out, name ? "bpf_" : "number ");
		if (name)
			buf_add_text(out, name);
		else
			buf_add(out, finding->match.stars[1].at, finding->match.stars[1].size);
		return;
	case SUBJECT_NONE:
		return;
	}
}

static void find_relocation(struct finding *finding)
{
	AUTO(buf_done) struct buf text = { 0 };

	if (strcmp(finding->out->cause, "core-relocation") != 0)
		return;
	if (verdict_place_add_relocation(&finding->place, &text))
		set_buf(finding, &finding->out->relocation, &text);
	else if (finding->match.row->subject == SUBJECT_NONE)
		set_text(finding, &finding->out->relocation, finding->match.stars[2]);
}

static void say_row(struct finding *finding)
{
	const struct verdict_row *row = finding->match.row;
	AUTO(buf_done) struct buf words = { 0 };
	AUTO(buf_done) struct buf hint = { 0 };
	AUTO(buf_done) struct buf subject = { 0 };

	finding->out->cause = row->cause;
	add_subject(finding, &subject);
	buf_add_text(&words, "the program ");
	verdict_add_words(&words, row->words, &finding->match, text_of(&subject));
	set_buf(finding, &finding->out->verdict, &words);
	if (row->hint)
		verdict_add_words(&hint, row->hint, &finding->match, text_of(&subject));
	set_buf(finding, &finding->out->hint, &hint);
	find_relocation(finding);
}

/* What the kernel says itself, where no row knows the message. */
static void say_unknown(struct finding *finding)
{
	const struct log_facts *log = &finding->log;
	AUTO(buf_done) struct buf words = { 0 };

	finding->out->cause = "other";
	buf_add_text(&words, "the kernel refuses the program: ");
	if (log->kind.size)
		buf_add(&words, log->kind.at, log->kind.size);
	else
		buf_add(&words, log->messages[log->n_messages - 1].at,
			log->messages[log->n_messages - 1].size);
	set_buf(finding, &finding->out->verdict, &words);
}

static void say(struct finding *finding, const char *cause, const char *verdict, const char *hint)
{
	finding->out->cause = cause;
	set_string(finding, &finding->out->verdict, verdict);
	set_string(finding, &finding->out->hint, hint);
}

/* Refused, and the kernel says nothing but that. */
static void say_forbidden(struct finding *finding)
{
	const struct refusal *refusal = &finding->from->refusal;

	if (!refusal->has_rights)
		say(finding, "privileges", "this user may not load programs",
		    "load as root, or with CAP_BPF, and CAP_PERFMON for tracing or CAP_NET_ADMIN for networking; before Linux 5.8 CAP_SYS_ADMIN");
	else if (refusal->is_locked_down)
		say(finding, "lockdown",
		    "the kernel is locked down, and does not let the program in",
		    "/sys/kernel/security/lockdown says how far; a kernel started without Secure Boot and without lockdown= lets it in");
	else if (finding->match.row)
		say(finding, "memory-limit",
		    "the kernel refuses the program, maybe for want of memory that may be locked",
		    "kernels before 5.11 charge maps and programs to the limit: ulimit -l unlimited; on a newer one a security module or seccomp filter forbids it, or the kernel is made without what fentry, fexit and LSM programs need");
	else
		say(finding, "forbidden", "the kernel refuses the program, and does not say why",
		    "a security module or seccomp filter forbids it, or the kernel is made without what fentry, fexit, LSM and freplace programs need");
}

static const struct {
	int code;
	const char *cause, *verdict, *hint;
} codes[] = {
	{ EINVAL, "type",
	  "the kernel does not know the program's type, or not this way to attach it",
	  "it may be too old, or made without it: 'feature check' of the file tells; the section's name may say another type than is meant" },
	{ E2BIG, "too-large", "the program is too large",
	  "a program may have 1,000,000 instructions, and 4096 where the user is not privileged" },
	{ ENOSPC, "log",
	  "the verifier's log is longer than there is room for, and ends before it says why",
	  NULL },
	{ ENOMEM, "memory", "there is not enough memory for the program", NULL },
	{ ENOENT, "attach-target", "what the program is to be attached to is not there", NULL },
	{ ERROR_ENOTSUPP, "not-supported", "this kernel or this machine cannot run such a program",
	  "the JIT compiler may be off (net.core.bpf_jit_enable), or not know what the program needs" },
	{ EOPNOTSUPP, "not-supported", "this kernel or this machine cannot run such a program",
	  NULL },
};

static void say_code(struct finding *finding)
{
	if (finding->from->code == EPERM) {
		say_forbidden(finding);
		return;
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].code == finding->from->code) {
			say(finding, codes[i].cause, codes[i].verdict, codes[i].hint);
			return;
		}
	say(finding, "other", "the kernel refuses the program, and does not say why", NULL);
}

static void set_messages(struct finding *finding)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (unsigned i = 0; i < finding->log.n_messages; i++) {
		if (i)
			buf_add_char(&text, '\n');
		buf_add(&text, finding->log.messages[i].at, finding->log.messages[i].size);
	}
	if (!text.size && finding->match.row)
		buf_add(&text, finding->match.line.at, finding->match.line.size);
	set_buf(finding, &finding->out->message, &text);
}

static void set_report(struct finding *finding)
{
	AUTO(buf_done) struct buf reason = { 0 };
	AUTO(buf_done) struct buf suggestion = { 0 };

	log_add_unfolded(&reason, finding->log.reason);
	set_buf(finding, &finding->out->reason, &reason);
	if (finding->out->hint)
		return;
	log_add_unfolded(&suggestion, finding->log.suggestion);
	set_buf(finding, &finding->out->hint, &suggestion);
}

static void say_why(struct finding *finding)
{
	const struct verdict_case *from = finding->from;

	verdict_match_messages(finding->log.messages, finding->log.n_messages, &finding->match);
	if (!finding->match.row && !finding->log.n_messages)
		verdict_match_said(from->said, from->said_size, &finding->match);
	find_insn(finding);
	find_origin(finding);
	find_regs(finding);
	bool is_limit =
		finding->match.row && strcmp(finding->match.row->cause, "memory-limit") == 0;
	if (finding->match.row && !is_limit)
		say_row(finding);
	else if (finding->log.n_messages)
		say_unknown(finding);
	else
		say_code(finding);
	set_messages(finding);
	set_report(finding);
}

static void set_stats(struct finding *finding)
{
	const struct log_stats *stats = &finding->log.stats;
	struct inspect_verdict *out = finding->out;

	set_text(finding, &out->stack_depth, stats->stack_depth);
	if (stats->has_counts) {
		out->have |= INSPECT_VERDICT_HAS_COUNTS;
		out->insns_processed = stats->insns;
		out->insn_limit = stats->insn_limit;
		out->max_states_per_insn = stats->max_states_per_insn;
		out->total_states = stats->total_states;
		out->peak_states = stats->peak_states;
		out->mark_read = stats->mark_read;
	}
	if (stats->has_time) {
		out->have |= INSPECT_VERDICT_HAS_TIME;
		out->verification_time_us = stats->time_us;
	}
}

int verdict_find(const struct verdict_case *from, struct inspect_verdict *out)
{
	struct finding finding = { .from = from, .out = out };

	*out = (struct inspect_verdict){ .error = from->code };
	log_read(&finding.log, from->log ? from->log : "", from->log ? from->log_size : 0);
	set_string(&finding, &out->program, from->program);
	set_string(&finding, &out->section, from->section);
	set_stats(&finding);
	if (from->log && from->log_size)
		out->log = from->log;
	if (from->code) {
		out->have |= INSPECT_VERDICT_HAS_ERROR;
		say_why(&finding);
	}
	return finding.has_no_memory ? -ENOMEM : 0;
}
