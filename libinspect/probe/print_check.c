/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print_check.c - what objects need and a kernel lacks, as records and for people
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "load/explain.h"
#include "probe/check.h"
#include "probe/print.h"

enum { SHOWN_LINE = 1, SHOWN_INSN = 2 };

/* A need, as it is shown. */
struct shown {
	unsigned have;
	const char *object;
	const char *kind;
	const char *name;
	const char *of;
	const char *by;
	const char *file;
	unsigned line;
	const char *section;
	unsigned insn;
	unsigned uses;
	const char *answer;
	const char *code;
	const char *reason;
	const char *found;
	const char *since;
	bool is_optional;
	const char *needed_to;
	const char *because;
	const char *detail;
};

#define S struct shown

static const struct field shown_fields[] = {
	FIELD(S, object, "object", "the object file"),
	FIELD(S, kind, "kind",
	      "prog_type, attach_type, prog_flag, prog_size, target, tracing, map_type, map_flag, map, "
	      "struct_ops, helper, kfunc, symbol, config, core, instruction; load: a trial; "
	      "object: the file itself"),
	FIELD(S, name, "name", "of the thing"),
	FIELD(S, of, "for", "the type of programs that it is for, or how they attach to it",
	      .flags = FIELD_OPTIONAL),
	FIELD(S, by, "needed_by", "the program or map", .flags = FIELD_OPTIONAL),
	FIELD(S, file, "file", "of the source, where the object tells", .flags = FIELD_OPTIONAL),
	FIELD_IF(SHOWN_LINE, S, line, "line", "its line"),
	FIELD_IF(SHOWN_INSN, S, section, "section", "the section with the instruction"),
	FIELD_IF(SHOWN_INSN, S, insn, "insn", "number of the instruction in it"),
	FIELD(S, uses, "uses", "in how many places it is needed"),
	FIELD(S, answer, "answer",
	      "yes, no, not permitted (to this process), or unknown: is it there?"),
	FIELD(S, code, "errno", "what the call said", .flags = FIELD_OPTIONAL),
	FIELD(S, reason, "reason", "why it is not yes", .flags = FIELD_OPTIONAL),
	FIELD(S, found, "found", "how it was found: probe, btf, config, file, or rule",
	      .flags = FIELD_OPTIONAL),
	FIELD(S, since, "since", "the first mainline release that has it", .flags = FIELD_OPTIONAL),
	FIELD(S, is_optional, "optional", "can the object do without?"),
	FIELD(S, needed_to, "needed_to", "load, or attach: where what is missing is noticed"),
	FIELD(S, because, "because", "why it can, or may be able to", .flags = FIELD_OPTIONAL),
	FIELD(S, detail, "detail", "more on the answer", .flags = FIELD_OPTIONAL),
};

static void put_where(struct out *out, const struct shown *shown)
{
	out_if(out, shown->by, ", needed by %s", shown->by);
	out_if(out, shown->file && shown->have & SHOWN_LINE, " at %s:%u", shown->file, shown->line);
	out_if(out, shown->uses == 2, " and in %u more place", shown->uses - 1);
	out_if(out, shown->uses > 2, " and in %u more places", shown->uses - 1);
}

/* What is missing is missing; but that only others have it is worth a word. */
static void put_reason(struct out *out, const struct shown *shown)
{
	if (!shown->reason)
		return;
	if (strcmp(shown->answer, "no") != 0)
		out_fmt(out, "; %s: %s", shown->answer, shown->reason);
	else if (strcmp(shown->reason, print_reason_word(INSPECT_REASON_NOT_FOR_TYPE)) == 0)
		out_fmt(out, "; %s", shown->reason);
}

static void shown_plain(struct out *out, const void *record)
{
	const struct shown *shown = record;

	out_fmt(out, "\t%s %s", shown->kind, shown->name);
	out_if(out, shown->of, " for %s", shown->of);
	put_where(out, shown);
	out_if(out, shown->since, "; since Linux %s", shown->since);
	put_reason(out, shown);
	out_if(out, shown->code, " (%s)", shown->code);
	out_if(out, shown->detail, "; %s", shown->detail);
	out_if(out, shown->because, "; %s", shown->because);
	out_char(out, '\n');
}

const struct schema feature_need_schema = {
	.name = "feature_need",
	.fields = shown_fields,
	.n = sizeof(shown_fields) / sizeof(*shown_fields),
	.columns = "object,kind,name,for,needed_by,answer,since,optional",
	.plain = shown_plain,
	.have_at = offsetof(S, have),
	.failed_at = -1,
	.id_at = -1,
};

static const char *because_of(const struct need *need)
{
	switch (need->must) {
	case NEED_MUST:
		return need->is_guarded ? "the program asks for it, and may not come here" : NULL;
	case NEED_ASKS:
		return "the program asks whether it is there";
	case NEED_WEAK:
		return "it is declared weak";
	case NEED_UNREACHED:
		return "the program does not come here";
	case NEED_ATTACHING:
		return "only attaching needs it";
	case NEED_BY_HAND:
		return "only attaching needs it, and to what is not the object's to say";
	case NEED_ELSEWHERE:
		return "it is no part of the kernel";
	}
	return NULL;
}

static bool is_for_attaching(const struct need *need)
{
	return need->must == NEED_ATTACHING || need->must == NEED_BY_HAND ||
	       need->must == NEED_ELSEWHERE;
}

static struct shown shown_of(const struct checked *checked, const struct need *need)
{
	const struct object *object = &checked->loaded.file;
	struct shown shown = {
		.object = checked->path,
		.kind = check_kind_word(need->kind),
		.name = need->name,
		.of = need->of,
		.by = need->by,
		.file = need->file,
		.line = need->line,
		.uses = need->uses,
		.answer = print_answer_word(need->answer),
		.reason = need->answer == INSPECT_YES ? NULL : print_reason_word(need->reason),
		.found = print_found_word(need->found),
		.code = need->code ? strerrorname_np(need->code) : NULL,
		.since = need->since,
		.is_optional = !check_counts(need),
		.needed_to = is_for_attaching(need) ? "attach" : "load",
		.because = because_of(need),
		.detail = need->detail,
	};

	shown.have = need->file ? SHOWN_LINE : 0;
	if (need->has_insn) {
		shown.have |= SHOWN_INSN;
		shown.section = object->elf.parts[need->section].name;
		shown.insn = need->insn;
	}
	return shown;
}

struct checking {
	const struct print_check *how;
	struct printer printer;
	struct check check;
	unsigned n_missing,
		n_unknown; /* of all objects: those that miss something, those that cannot be told of */
};

static void checking_free(struct checking **checking)
{
	if (*checking)
		check_close(&(*checking)->check);
	free(*checking);
}

static void put_need(struct checking *checking, const struct checked *checked,
		     const struct need *need)
{
	const struct shown shown = shown_of(checked, need);

	print_record(&checking->printer, &shown);
}

/* --- for people: what is missing first, then what cannot be told --- */

enum group { GROUP_MISSING, GROUP_UNATTACHED, GROUP_UNKNOWN, GROUP_OPTIONAL, GROUP_THERE, GROUPS };

static enum group group_of(const struct need *need)
{
	if (need->answer == INSPECT_YES)
		return GROUP_THERE;
	if (!check_counts(need))
		return GROUP_OPTIONAL;
	if (need->answer != INSPECT_NO)
		return GROUP_UNKNOWN;
	return need->must == NEED_ATTACHING ? GROUP_UNATTACHED : GROUP_MISSING;
}

static void put_group(struct checking *checking, const struct checked *checked, enum group group)
{
	static const char *const titles[GROUPS] = {
		[GROUP_MISSING] = "missing",
		[GROUP_UNATTACHED] = "missing to attach",
		[GROUP_UNKNOWN] = "cannot be told",
		[GROUP_OPTIONAL] = "missing or not known, and it can do without",
		[GROUP_THERE] = "there",
	};
	struct out *out = checking->printer.sink->out;
	bool has_title = false;

	for (size_t i = 0; i < checked->requires.n; i++) {
		const struct need *need = &checked->requires.needs[i];

		if (group_of(need) != group)
			continue;
		out_if(out, !has_title, "%s: %s:\n", checked->path, titles[group]);
		has_title = true;
		put_need(checking, checked, need);
	}
}

static const char *verb_of(const struct checking *checking)
{
	return check_is_live(&checking->check) ? "here" : "there";
}

/* Behind what is said of loading. */
static void put_attaching(struct checking *checking, const struct checked *checked)
{
	struct out *out = checking->printer.sink->out;

	if (checked->n_unattached)
		out_fmt(out, "; would not attach: %u %s missing", checked->n_unattached,
			checked->n_unattached == 1 ? "is" : "are");
	else if (checked->n_attach_unknown)
		out_fmt(out, "; may attach: %u cannot be told", checked->n_attach_unknown);
}

/* What kept this process from trying, as far as the needs were kept from being asked; 0: nothing that they tell. */
static enum inspect_reason denied_by(const struct checked *checked)
{
	const struct requires *all = &checked->requires;

	for (size_t i = 0; i < all->n; i++)
		if (all->needs[i].answer == INSPECT_NOT_PERMITTED)
			return all->needs[i].reason;
	return INSPECT_REASON_NONE;
}

/* "not permitted", or no room for it, says nothing of the object. Nor does what a seccomp filter says in the kernel's place. */
static enum inspect_answer trial_answer(const struct checked *checked)
{
	if (denied_by(checked) == INSPECT_REASON_SECCOMP)
		return INSPECT_NOT_PERMITTED;
	switch (checked->refused.code) {
	case 0:
		return INSPECT_YES;
	case EPERM:
		return INSPECT_NOT_PERMITTED;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EAGAIN:
		return INSPECT_UNKNOWN;
	default:
		return INSPECT_NO;
	}
}

/* Was it tried, and did the kernel say what there is to say of the object? */
static bool is_settled(const struct checked *checked)
{
	enum inspect_answer answer = trial_answer(checked);

	return checked->was_tried && (answer == INSPECT_YES || answer == INSPECT_NO);
}

static void put_summary(struct checking *checking, const struct checked *checked)
{
	struct out *out = checking->printer.sink->out;
	unsigned long n = checked->requires.n;

	out_fmt(out, "%s: ", checked->path);
	if (is_settled(checked))
		out_fmt(out, "%s here: tried", checked->refused.code ? "does not load" : "loads");
	else if (checked->n_missing)
		out_fmt(out, "would not load %s: of %lu thing%s that it needs, %u %s missing",
			verb_of(checking), n, n == 1 ? "" : "s", checked->n_missing,
			checked->n_missing == 1 ? "is" : "are");
	else if (checked->n_unknown)
		out_fmt(out, "may load %s: of %lu thing%s that it needs, %u cannot be told",
			verb_of(checking), n, n == 1 ? "" : "s", checked->n_unknown);
	else
		out_fmt(out, "would load %s: %lu thing%s needed, none missing%s", verb_of(checking),
			n, n == 1 ? "" : "s", checked->n_unattached ? " for that" : "");
	put_attaching(checking, checked);
	if (checked->was_tried && !is_settled(checked))
		out_literal(out, "; the trial did not tell");
	out_if(out, checked->n_optional, "; %u more that it can do without", checked->n_optional);
	out_if(out, checked->requires.is_cut, "; it is too large to be looked through in full");
	out_char(out, '\n');
}

/* --- the trial --- */

static void put_trial(struct checking *checking, const struct checked *checked)
{
	enum inspect_answer answer = trial_answer(checked);
	struct shown shown = {
		.object = checked->path,
		.kind = "load",
		.name = "trial",
		.uses = 1,
		.needed_to = "load",
		.answer = print_answer_word(answer),
		.found = print_found_word(INSPECT_FOUND_PROBE),
		.detail = checked->refused.code ? checked->refused.what : NULL,
	};
	enum inspect_reason reason = denied_by(checked);

	if (checked->refused.code)
		shown.code = strerrorname_np(checked->refused.code);
	if (answer == INSPECT_UNKNOWN || (answer == INSPECT_NOT_PERMITTED && !reason))
		shown.reason = print_reason_word(INSPECT_REASON_OTHER);
	else if (answer == INSPECT_NOT_PERMITTED)
		shown.reason = print_reason_word(reason);
	print_record(&checking->printer, &shown);
}

/* Code that was not followed to its end may need more. */
static void put_cut(struct checking *checking, const struct checked *checked)
{
	const struct shown shown = {
		.object = checked->path,
		.kind = "object",
		.name = "size",
		.uses = 1,
		.needed_to = "load",
		.answer = print_answer_word(INSPECT_UNKNOWN),
		.reason = print_reason_word(INSPECT_REASON_OTHER),
		.detail = "it is too large to be looked through in full",
	};

	print_record(&checking->printer, &shown);
}

/* For people, as loading shows it: the verifier's last words, the source line, the hint. */
static void explain_trial(struct checking *checking, struct checked *checked)
{
	struct sink *sink = checking->printer.sink;
	char text[1400];

	if (!checked->refused.code)
		return;
	explain_failure(&checked->loaded, sink, checking->how->people, &checked->refused);
	error_format(&checked->refused, text, sizeof(text));
	out_fmt(sink->out, "%s: refused: %s\n", checked->path, text);
	out_if(sink->out, *checked->refused.hint, "  hint: %s\n", checked->refused.hint);
}

static void put_all(struct checking *checking, struct checked *checked)
{
	if (checking->printer.sink->form != SINK_PLAIN) {
		for (size_t i = 0; i < checked->requires.n; i++)
			put_need(checking, checked, &checked->requires.needs[i]);
		if (checked->requires.is_cut)
			put_cut(checking, checked);
		if (checked->was_tried)
			put_trial(checking, checked);
		return;
	}
	for (unsigned group = 0; group < GROUPS; group++)
		if (group != GROUP_THERE || checking->how->is_all)
			put_group(checking, checked, group);
	if (checked->was_tried)
		explain_trial(checking, checked);
	put_summary(checking, checked);
}

/* A trial has the last word, if it came to one. */
static void count(struct checking *checking, const struct checked *checked)
{
	bool is_missing = checked->n_missing, is_unknown = checked->n_unknown;

	if (is_settled(checked)) {
		is_missing = trial_answer(checked) == INSPECT_NO;
		is_unknown = false;
	} else if (checked->was_tried) {
		is_unknown = true;
	}
	checking->n_missing += is_missing || checked->n_unattached;
	checking->n_unknown += is_unknown || checked->n_attach_unknown;
}

static int check_one(struct checking *checking, const char *path, struct inspect_error *err)
{
	AUTO(checked_done) struct checked checked = { 0 };

	int r = check_object(&checking->check, path, &checked, err);
	if (r < 0)
		return r;
	if (checking->how->tries)
		check_try(&checking->check, &checked);
	put_all(checking, &checked);
	count(checking, &checked);
	return 0;
}

static int check_words(const struct print_check *how, struct inspect_error *err)
{
	if (!how->tries || (!how->btf && !how->saved))
		return 0;
	return inspect_fail(err, INSPECT_EUSAGE,
			    "'load' tries the running kernel; it does not go with '%s'",
			    how->btf ? "btf" : "against");
}

int print_check(struct inspect *inspect, struct sink *sink, const struct print_check *how,
		struct inspect_error *err)
{
	AUTO(checking_free) struct checking *checking = calloc(1, sizeof(*checking));

	ERROR_NEEDED(err);
	if (!checking)
		return inspect_fail(err, ENOMEM, "check");
	checking->how = how;
	int r = check_words(how, err);
	if (!r)
		r = check_open(&checking->check, inspect, how->btf, how->saved, err);
	if (!r)
		r = print_init(&checking->printer, sink, &feature_need_schema, err);
	if (r < 0)
		return r;
	print_open(&checking->printer, false);
	for (size_t i = 0; i < how->objects->n && !r && !sink_error(sink); i++)
		r = check_one(checking, how->objects->words[i], err);
	print_close(&checking->printer, false);
	if (r < 0)
		return r;
	return checking->n_missing ? 1 : checking->n_unknown ? PRINT_CANNOT_TELL : 0;
}
