/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * diff.c - in what two kernels differ, by their probes
 *
 * Both are sorted in the same way, so one pass over both meets every thing once. A thing that stands in one alone is
 * compared only where the other lets conclude what it would say.
 */
#include "probe/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void diff_done(struct diff *diff)
{
	free(diff->all);
	*diff = (struct diff){ 0 };
}

static int add(struct diff *diff, enum diff_change change, const struct inspect_feature *old,
	       const struct inspect_feature *new, struct inspect_error *err)
{
	if (diff->n == diff->room) {
		size_t room = diff->room ? diff->room * 2 : 256;
		struct difference *all = reallocarray(diff->all, room, sizeof(*all));

		if (!all)
			return inspect_fail(err, ENOMEM, "compare");
		diff->all = all;
		diff->room = room;
	}
	diff->all[diff->n++] = (struct difference){ .change = change, .old = *old, .new = *new };
	diff->counts[change]++;
	return 0;
}

static bool is_decided(const struct inspect_feature *row)
{
	return row->answer == INSPECT_YES || row->answer == INSPECT_NO;
}

static int compare(struct diff *diff, const struct inspect_feature *old,
		   const struct inspect_feature *new, struct inspect_error *err)
{
	if (is_decided(old) != is_decided(new))
		return add(diff, DIFF_UNDECIDED, old, new, err);
	if (is_decided(old) && old->answer != new->answer)
		return add(diff, old->answer == INSPECT_YES ? DIFF_REMOVED : DIFF_ADDED, old, new,
			   err);
	if (old->value && new->value && strcmp(old->value, new->value) != 0)
		return add(diff, DIFF_CHANGED, old, new, err);
	diff->n_same++;
	return 0;
}

static bool is_wanted(const struct diff_which *which, const struct inspect_feature *row)
{
	if (which->of && (!row->of || strcmp(row->of, which->of) != 0))
		return false;
	if (which->kind != INSPECT_FEATURE_KINDS)
		return row->kind == which->kind;
	return row->kind != INSPECT_FEATURE_KERNEL;
}

/* @row stands in one of them alone. */
static int compare_alone(struct diff *diff, const struct inspect_feature *row,
			 const struct saved *other, bool is_old, struct inspect_error *err)
{
	const struct inspect_question question = { row->kind, row->name, row->of };
	struct inspect_feature there;

	if (!saved_find(other, &question, &there)) {
		diff->n_alone++;
		return 0;
	}
	return is_old ? compare(diff, row, &there, err) : compare(diff, &there, row, err);
}

static int compare_things(const void *a, const void *b)
{
	const struct difference *left = a, *right = b;

	return saved_compare(&left->old, &right->old);
}

static bool is_helper(const struct difference *one)
{
	return one->old.kind == INSPECT_FEATURE_HELPER && one->old.of;
}

/* Helpers that came or went with the type of programs that they are for. */
static void join_helpers(struct diff *diff)
{
	for (size_t i = 0; i < diff->n; i++) {
		struct difference *one = &diff->all[i];

		if (!is_helper(one))
			continue;
		const struct difference wanted = {
			.old = { .kind = INSPECT_FEATURE_PROG_TYPE, .name = one->old.of },
		};
		struct difference *type =
			bsearch(&wanted, diff->all, diff->n, sizeof(wanted), compare_things);
		one->goes_with_a_type = type && type->change == one->change;
		if (one->goes_with_a_type)
			type->n_helpers++;
	}
}

int diff_run(const struct saved *old, const struct saved *new, const struct diff_which *which,
	     struct diff *out, struct inspect_error *err)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (!r && (i < old->n || j < new->n)) {
		const struct inspect_feature *a = i < old->n ? &old->rows[i] : NULL;
		const struct inspect_feature *b = j < new->n ? &new->rows[j] : NULL;
		int order = !a ? 1 : !b ? -1 : saved_compare(a, b);
		const struct inspect_feature *row = order > 0 ? b : a;

		i += order <= 0;
		j += order >= 0;
		if (!is_wanted(which, row))
			continue;
		r = order ? compare_alone(out, row, order < 0 ? new : old, order < 0, err)
			  : compare(out, a, b, err);
	}
	join_helpers(out);
	return r;
}
