/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.c - answers as records
 */
#include "probe/print.h"

#include <string.h>

#include "probe/mark.h"
#include "probe/probe.h"
#include "probe/sections.h"
#include "probe/since.h"

#define T struct inspect_feature

static const char *const answers[] = {
	[INSPECT_UNKNOWN] = "unknown",
	[INSPECT_YES] = "yes",
	[INSPECT_NO] = "no",
	[INSPECT_NOT_PERMITTED] = "not permitted",
};

static const char *const reasons[] = {
	[INSPECT_REASON_NONE] = NULL,
	[INSPECT_REASON_NOT_BUILT_IN] = "not built in",
	[INSPECT_REASON_CONFIG] = "kernel configuration",
	[INSPECT_REASON_NOT_FOR_TYPE] = "not for this type",
	[INSPECT_REASON_CAPABILITY] = "capability",
	[INSPECT_REASON_LOCKDOWN] = "lockdown",
	[INSPECT_REASON_UNPRIVILEGED] = "unprivileged_bpf_disabled",
	[INSPECT_REASON_SECCOMP] = "seccomp",
	[INSPECT_REASON_USER_NAMESPACE] = "user namespace",
	[INSPECT_REASON_LSM] = "security module",
	[INSPECT_REASON_MEMORY_LIMIT] = "memory limit",
	[INSPECT_REASON_NO_TYPES] = "no kernel types",
	[INSPECT_REASON_NO_CONFIG] = "no kernel configuration",
	[INSPECT_REASON_UNREADABLE] = "unreadable",
	[INSPECT_REASON_NEEDS_LOAD] = "needs a load",
	[INSPECT_REASON_OTHER] = "refused",
};

static const char *const founds[] = {
	[INSPECT_FOUND_NOT] = NULL,    [INSPECT_FOUND_PROBE] = "probe",
	[INSPECT_FOUND_BTF] = "btf",   [INSPECT_FOUND_CONFIG] = "config",
	[INSPECT_FOUND_FILE] = "file", [INSPECT_FOUND_RULE] = "rule",
};

const char *print_answer_word(enum inspect_answer answer)
{
	return answers[answer];
}

const char *print_reason_word(enum inspect_reason reason)
{
	return reasons[reason];
}

/* Which of the words it is, or @n. */
static unsigned find_word(const char *const *words, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (words[i] && strcmp(words[i], word) == 0)
			return i;
	return n;
}

#define FIND_WORD(words, word) find_word(words, sizeof(words) / sizeof(*(words)), word)

const char *print_found_word(enum inspect_found found)
{
	return founds[found];
}

enum inspect_answer print_find_answer(const char *word)
{
	unsigned i = FIND_WORD(answers, word);

	return i < sizeof(answers) / sizeof(*answers) ? (enum inspect_answer)i : INSPECT_UNKNOWN;
}

enum inspect_reason print_find_reason(const char *word)
{
	unsigned i = FIND_WORD(reasons, word);

	return i < sizeof(reasons) / sizeof(*reasons) ? (enum inspect_reason)i
						      : INSPECT_REASON_OTHER;
}

enum inspect_found print_find_found(const char *word)
{
	unsigned i = FIND_WORD(founds, word);

	return i < sizeof(founds) / sizeof(*founds) ? (enum inspect_found)i : INSPECT_FOUND_NOT;
}

/* A cell stands in its column, a word or none. */
static void put_word(struct sink *sink, const char *key, const char *word)
{
	if (word)
		sink_string(sink, key, word);
	else if (sink_is_columns(sink))
		sink_absent(sink, key);
}

static void put_kind(struct sink *sink, const char *key, const void *member)
{
	sink_string(sink, key, probe_kinds[*(const enum inspect_feature_kind *)member].word);
}

static void put_answer(struct sink *sink, const char *key, const void *member)
{
	sink_string(sink, key, answers[*(const enum inspect_answer *)member]);
}

static void put_reason(struct sink *sink, const char *key, const void *member)
{
	const char *word = reasons[*(const enum inspect_reason *)member];

	put_word(sink, key, word);
}

static void put_found(struct sink *sink, const char *key, const void *member)
{
	const char *word = founds[*(const enum inspect_found *)member];

	put_word(sink, key, word);
}

static void put_errno(struct sink *sink, const char *key, const void *member)
{
	const char *word = strerrorname_np(*(const int *)member);

	put_word(sink, key, *(const int *)member ? word : NULL);
}

/* @member is the kind, which stands first in the record: the rest is behind it. */
static void put_since(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_feature *feature = member;

	put_word(sink, key, since_find(feature->kind, feature->name, feature->of));
}

_Static_assert(offsetof(T, kind) == 0, "put_since() reads the record from there");

static const struct field feature_fields[] = {
	FIELD_AS(FIELD_OWN, 0, T, kind, "kind", "what kind of thing", .own = put_kind,
		 .shape = "text"),
	FIELD(T, name, "name", "its name"),
	FIELD(T, of, "for", "the type of programs or maps that it is for", .flags = FIELD_OPTIONAL),
	FIELD_AS(FIELD_OWN, 0, T, answer, "answer",
		 "yes, no, not permitted (to this process), or unknown", .own = put_answer,
		 .shape = "text"),
	FIELD(T, value, "value", "what it is set to, or how much", .flags = FIELD_OPTIONAL),
	FIELD_AS(FIELD_OWN, 0, T, code, "errno", "what the call said", .own = put_errno,
		 .shape = "text?"),
	FIELD_AS(FIELD_OWN, 0, T, reason, "reason", "why it is not yes", .own = put_reason,
		 .shape = "text?"),
	FIELD(T, detail, "detail", "more on the reason", .flags = FIELD_OPTIONAL),
	FIELD_AS(FIELD_OWN, 0, T, found, "found",
		 "how it was found: probe, btf, config, file, or rule", .own = put_found,
		 .shape = "text?"),
	FIELD_AS(
		FIELD_OWN, 0, T, kind, "since",
		"the first mainline release that has it, if known; of what is for a type, no release before has it",
		.own = put_since, .shape = "text?"),
};

static void feature_plain(struct out *out, const void *record)
{
	const struct inspect_feature *feature = record;

	out_fmt(out, "%s %s", probe_kinds[feature->kind].word, feature->name);
	out_if(out, feature->of, " for %s", feature->of);
	out_fmt(out, ": %s", answers[feature->answer]);
	out_if(out, feature->value, " (%s)", feature->value);
	out_if(out, reasons[feature->reason], ": %s", reasons[feature->reason]);
	out_if(out, feature->detail, ": %s", feature->detail);
	bool is_older = feature->reason != INSPECT_REASON_NOT_FOR_TYPE &&
			feature->reason != INSPECT_REASON_OTHER;

	if (feature->answer == INSPECT_NO && is_older) {
		const char *release = since_find(feature->kind, feature->name, feature->of);

		out_if(out, release, "; since Linux %s", release);
	}
	out_char(out, '\n');
}

const struct schema feature_schema = {
	.name = "feature",
	.fields = feature_fields,
	.n = sizeof(feature_fields) / sizeof(*feature_fields),
	.columns = "kind,name,for,answer,value,reason,found",
	.plain = feature_plain,
	.have_at = -1,
	.failed_at = -1,
};

/* What is printed to, and what came of it. */
struct printing {
	struct printer printer;
	size_t n;
	bool is_missing, is_unknown;
};

static int put_feature(void *context, const struct inspect_feature *feature)
{
	struct printing *printing = context;

	printing->is_missing |= feature->answer == INSPECT_NO;
	printing->is_unknown |=
		feature->answer == INSPECT_UNKNOWN || feature->answer == INSPECT_NOT_PERMITTED;
	print_record(&printing->printer, feature);
	printing->n++;
	return sink_error(printing->printer.sink) ? 1 : 0;
}

int print_features(struct inspect *inspect, struct sink *sink, const struct print_probe *how,
		   const struct inspect_note *note, struct inspect_error *err)
{
	struct printing printing = { 0 };

	if (!how->probe.n_questions && (sink->form == SINK_PLAIN || sink->form == SINK_JSON))
		return sections_print(inspect, sink, how, note, err);
	int r = print_init(&printing.printer, sink, &feature_schema, err);
	if (r < 0)
		return r;
	print_open(&printing.printer, false);
	bool has_marks = mark_is_wanted(sink, &how->probe);
	if (has_marks)
		mark_begin(&printing.printer, &how->probe);
	r = inspect_features_each(inspect, &how->probe, put_feature, &printing, err);
	if (has_marks && !r)
		mark_end(&printing.printer, printing.n);
	print_close(&printing.printer, false);
	if (r < 0 || !how->probe.n_questions)
		return r < 0 ? r : 0;
	return printing.is_missing ? 1 : printing.is_unknown ? PRINT_CANNOT_TELL : 0;
}
