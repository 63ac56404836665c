/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print_diff.c - in what two kernels differ, as records and for people
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "kernel/names.h"
#include "probe/diff.h"
#include "probe/name.h"
#include "probe/print.h"
#include "probe/saved.h"

/* A difference as it is printed. */
struct shown {
	const char *change;
	const char *kind;
	const char *name;
	const char *of;
	const char *old_answer, *new_answer;
	const char *old_value, *new_value;
	const char *reason;
};

static const char *const change_words[DIFF_CHANGES] = {
	[DIFF_REMOVED] = "removed",
	[DIFF_ADDED] = "added",
	[DIFF_CHANGED] = "changed",
	[DIFF_UNDECIDED] = "undecided",
};

#define D struct shown

static const struct field difference_fields[] = {
	FIELD(D, change, "change",
	      "removed, added or changed; undecided where one of them cannot tell"),
	FIELD(D, kind, "kind", "what kind of thing"),
	FIELD(D, name, "name", "its name"),
	FIELD_AS(FIELD_STRING, 0, D, of, "for", "the type of programs or maps that it is for",
		 .flags = FIELD_OPTIONAL),
	FIELD(D, old_answer, "old", "the first's answer: yes, no, not permitted, or unknown"),
	FIELD(D, new_answer, "new", "the second's answer"),
	FIELD_AS(FIELD_STRING, 0, D, old_value, "old_value", "what it is set to in the first",
		 .flags = FIELD_OPTIONAL),
	FIELD_AS(FIELD_STRING, 0, D, new_value, "new_value", "the same in the second",
		 .flags = FIELD_OPTIONAL),
	FIELD_AS(FIELD_STRING, 0, D, reason, "reason", "why one of them cannot tell",
		 .flags = FIELD_OPTIONAL),
};

const struct schema feature_difference_schema = {
	.name = "feature_difference",
	.fields = difference_fields,
	.n = sizeof(difference_fields) / sizeof(*difference_fields),
	.columns = "change,kind,name,for,old,new,old_value,new_value",
	.have_at = -1,
	.failed_at = -1,
};

static const struct inspect_feature *undecided(const struct difference *difference)
{
	return difference->old.answer == INSPECT_YES || difference->old.answer == INSPECT_NO
		       ? &difference->new
		       : &difference->old;
}

static void put_difference(struct printer *printer, const struct difference *difference)
{
	const struct inspect_feature *old = &difference->old, *new = &difference->new;
	const struct shown shown = {
		.change = change_words[difference->change],
		.kind = probe_kinds[old->kind].word,
		.name = old->name,
		.of = old->of,
		.old_answer = print_answer_word(old->answer),
		.new_answer = print_answer_word(new->answer),
		.old_value = old->value,
		.new_value = new->value,
		.reason = difference->change == DIFF_UNDECIDED
				  ? print_reason_word(undecided(difference)->reason)
				  : NULL,
	};

	print_record(printer, &shown);
}

/* --- for people --- */

#define TYPES_SHOWN 8

static bool is_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The types of one thing, which stand side by side; returns how many differences that were. */
static size_t plain_types(struct out *out, const struct diff *diff, size_t at)
{
	const struct difference *first = &diff->all[at];
	size_t n = 0, i = at;

	for (; i < diff->n; i++) {
		const struct difference *one = &diff->all[i];

		if (one->old.kind != first->old.kind || !is_same(one->old.name, first->old.name))
			break;
		if (one->change != first->change || one->goes_with_a_type)
			continue;
		if (n++ < TYPES_SHOWN)
			out_fmt(out, "%s%s", n == 1 ? " for " : ", ", one->old.of);
	}
	out_if(out, n > TYPES_SHOWN, " and %zu more", n - TYPES_SHOWN);
	return i - at;
}

static void plain_values(struct out *out, const struct difference *difference)
{
	const char *old = difference->old.value, *new = difference->new.value;

	if (difference->change == DIFF_CHANGED)
		out_fmt(out, ": %s -> %s", old, new);
	else
		out_if(out, old || new, ": %s", old ? old : new);
}

/* One line; returns how many differences it was of. */
static size_t plain_one(struct out *out, const struct diff *diff, size_t at)
{
	const struct difference *one = &diff->all[at];
	size_t n = 1;

	out_fmt(out, "\t%s %s", probe_kinds[one->old.kind].word, one->old.name);
	if (one->old.of)
		n = plain_types(out, diff, at);
	plain_values(out, one);
	out_if(out, one->n_helpers, ", and %zu helpers for it", one->n_helpers);
	out_char(out, '\n');
	return n;
}

static void plain_group(struct out *out, const struct diff *diff, enum diff_change change,
			const char *title)
{
	if (!diff->counts[change])
		return;
	out_fmt(out, "%s:\n", title);
	for (size_t i = 0; i < diff->n;) {
		const struct difference *one = &diff->all[i];

		if (one->change != change || one->goes_with_a_type)
			i++;
		else
			i += plain_one(out, diff, i);
	}
}

/* Thousands may be undecided for one reason: they are counted, a line a kind. */
static void plain_undecided(struct out *out, const struct diff *diff)
{
	if (!diff->counts[DIFF_UNDECIDED])
		return;
	out_literal(out, "cannot be compared:\n");
	for (size_t i = 0, n; i < diff->n; i += n) {
		const struct difference *first = NULL;
		size_t count = 0;

		for (n = 0; i + n < diff->n && diff->all[i + n].old.kind == diff->all[i].old.kind;
		     n++) {
			const struct difference *one = &diff->all[i + n];

			if (one->change != DIFF_UNDECIDED)
				continue;
			first = first ? first : one;
			count++;
		}
		if (!first)
			continue;
		const struct inspect_feature *why = undecided(first);
		const char *reason = print_reason_word(why->reason);
		out_fmt(out, "\t%s %s", probe_kinds[why->kind].word, why->name);
		out_if(out, count > 1, " and %zu more", count - 1);
		out_fmt(out, ": %s says %s", why == &first->old ? "the first" : "the second",
			print_answer_word(why->answer));
		out_if(out, reason, ": %s", reason);
		out_char(out, '\n');
	}
}

static void plain_name(struct out *out, const char *which, const struct saved *saved)
{
	const char *release = saved_release(saved);

	out_fmt(out, "%s: %s", which, saved->name);
	out_if(out, release, ": Linux %s", release);
	out_char(out, '\n');
}

/* There is something to compare, but no thing of which both tell. */
static bool is_nothing_compared(const struct diff *diff)
{
	return diff->n_alone && !diff->n && !diff->n_same;
}

static void plain_diff(struct out *out, const struct diff *diff, const struct saved *old,
		       const struct saved *new)
{
	plain_name(out, "first", old);
	plain_name(out, "second", new);
	plain_group(out, diff, DIFF_REMOVED, "only in the first");
	plain_group(out, diff, DIFF_ADDED, "only in the second");
	plain_group(out, diff, DIFF_CHANGED, "changed");
	plain_undecided(out, diff);
	if (is_nothing_compared(diff))
		out_literal(out, "nothing can be compared: what one of them tells, the other does "
				 "not\n");
	out_fmt(out,
		"%zu only in the first, %zu only in the second, %zu changed, %zu undecided, "
		"%zu the same\n",
		diff->counts[DIFF_REMOVED], diff->counts[DIFF_ADDED], diff->counts[DIFF_CHANGED],
		diff->counts[DIFF_UNDECIDED], diff->n_same);
}

/* --- the command --- */

static int read_kind(const char *word, enum inspect_feature_kind *out, struct inspect_error *err)
{
	struct name_search search;

	*out = INSPECT_FEATURE_KINDS;
	if (!word)
		return 0;
	name_search_begin(&search, word);
	for (unsigned i = 0; i < INSPECT_FEATURE_PROBE; i++) {
		name_search_try(&search, probe_kinds[i].word);
		if (strcmp(word, probe_kinds[i].word) == 0)
			*out = (enum inspect_feature_kind)i;
	}
	if (*out == INSPECT_FEATURE_KINDS) {
		inspect_fail(err, INSPECT_EUSAGE, "kind '%s': there is none of that name", word);
		inspect_hint(err,
			     "prog_type, map_type, helper, config: bpflens-feature(8) lists them");
		return name_search_hint(&search, err);
	}
	if (probe_kinds[*out].each)
		return 0;
	inspect_fail(err, INSPECT_EUSAGE, "kind '%s': no saved probe tells of it", word);
	return inspect_hint(err, "such things are asked for one by one");
}

/* A type that neither the tables nor the probes know is a slip of the user's, and no equality of the kernels. */
static int check_of(const struct print_diff *how, const struct diff *diff,
		    struct inspect_error *err)
{
	static const enum names_set sets[] = { NAMES_PROG_TYPE, NAMES_MAP_TYPE };
	struct name_search search;

	if (!how->of || diff->n || diff->n_same || diff->n_alone)
		return 0;
	name_search_begin(&search, how->of);
	for (unsigned set = 0; set < sizeof(sets) / sizeof(*sets); set++)
		for (unsigned i = 0; names_find(sets[set], i); i++) {
			if (strcmp(names_find(sets[set], i), how->of) == 0)
				return 0;
			name_search_try(&search, names_find(sets[set], i));
		}
	inspect_fail(err, INSPECT_EUSAGE, "for '%s': there is no type of that name", how->of);
	name_hint_list(INSPECT_FEATURE_PROG_TYPE, err);
	return name_search_hint(&search, err);
}

static int open_both(struct inspect *inspect, const struct print_diff *how, struct saved *old,
		     struct saved *new, struct inspect_error *err)
{
	if (how->new &&strcmp(how->old, "-") == 0 && strcmp(how->new, "-") == 0)
		return inspect_fail(err, INSPECT_EUSAGE, "standard input can be only one of them");
	int r = saved_open(how->old, old, err);
	if (r < 0)
		return r;
	return how->new ? saved_open(how->new, new, err) : saved_collect(inspect, new, err);
}

int print_feature_diff(struct inspect *inspect, struct sink *sink, const struct print_diff *how,
		       struct inspect_error *err)
{
	AUTO(saved_done) struct saved old = { 0 }, new = { 0 };
	AUTO(diff_done) struct diff diff = { 0 };
	struct diff_which which = { .of = how->of };
	struct printer printer;

	int r = print_init(&printer, sink, &feature_difference_schema, err);
	r = r < 0 ? r : read_kind(how->kind, &which.kind, err);
	r = r < 0 ? r : open_both(inspect, how, &old, &new, err);
	r = r < 0 ? r : diff_run(&old, &new, &which, &diff, err);
	r = r < 0 ? r : check_of(how, &diff, err);
	if (r < 0)
		return r;
	if (sink->form == SINK_PLAIN) {
		plain_diff(sink->out, &diff, &old, &new);
	} else {
		print_open(&printer, false);
		for (size_t i = 0; i < diff.n && !sink_error(sink); i++)
			put_difference(&printer, &diff.all[i]);
		print_close(&printer, false);
	}
	if (diff.n > diff.counts[DIFF_UNDECIDED])
		return 1;
	return diff.n || is_nothing_compared(&diff) ? PRINT_CANNOT_TELL : 0;
}
