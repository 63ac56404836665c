/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * saved.c - what was found out about some kernel, read from a file
 */
#include "probe/saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "kernel/proc.h"
#include "probe/kfunc.h"
#include "probe/saved_json.h"

#define FILE_MOST (64ul << 20) /* a whole probe is some megabytes */

static int compare_texts(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

int saved_compare(const struct inspect_feature *a, const struct inspect_feature *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	int r = compare_texts(a->name, b->name);
	return r ? r : compare_texts(a->of, b->of);
}

static int compare_rows(const void *a, const void *b)
{
	return saved_compare(a, b);
}

int saved_add(struct saved *saved, const struct inspect_feature *row, struct inspect_error *err)
{
	if (saved->n == saved->room) {
		size_t room = saved->room ? saved->room * 2 : 1024;
		struct inspect_feature *rows =
			reallocarray(saved->rows, room, sizeof(*saved->rows));

		if (!rows)
			return inspect_fail(err, ENOMEM, "%s: read", saved->name);
		saved->rows = rows;
		saved->room = room;
	}
	saved->rows[saved->n++] = *row;
	return 0;
}

/* Sorts the rows. The same thing twice is no harm where both say the same. */
static int finish(struct saved *saved, struct inspect_error *err)
{
	size_t n = 0;

	if (saved->n)
		qsort(saved->rows, saved->n, sizeof(*saved->rows), compare_rows);
	for (size_t i = 0; i < saved->n; i++) {
		const struct inspect_feature *row = &saved->rows[i];
		const struct inspect_feature *last = n ? &saved->rows[n - 1] : NULL;

		saved->has_yes[row->kind] |= row->answer == INSPECT_YES;
		if (!last || saved_compare(last, row) != 0)
			saved->rows[n++] = *row;
		else if (last->answer != row->answer || compare_texts(last->value, row->value))
			return inspect_fail(err, EINVAL, "%s: %s %s: has two answers, %s",
					    saved->name, probe_kinds[row->kind].word, row->name,
					    "which differ");
	}
	saved->n = n;
	return 0;
}

static int read_document(struct saved *saved, const char *text, size_t size,
			 struct inspect_error *err)
{
	int r = saved_json_load(saved->name, text, size, &saved->document, err);

	if (r < 0)
		return r;
	r = saved_json_is_compatible(saved->document)
		    ? saved_json_compatible(saved, saved->document, err)
		    : saved_json_records(saved, saved->document, err);
	return r < 0 ? r : finish(saved, err);
}

void saved_done(struct saved *saved)
{
	free(saved->rows);
	free(saved->name);
	json_decref(saved->document);
	*saved = (struct saved){ 0 };
}

int saved_parse(const char *name, const char *text, size_t size, struct saved *out,
		struct inspect_error *err)
{
	ERROR_NEEDED(err);
	AUTO(saved_done) struct saved saved = { .name = strdup(name) };

	if (!saved.name)
		return inspect_fail(err, ENOMEM, "%s: read", name);
	int r = read_document(&saved, text, size, err);
	if (r < 0)
		return r;
	*out = saved;
	saved = (struct saved){ 0 };
	return 0;
}

int saved_open(const char *path, struct saved *out, struct inspect_error *err)
{
	bool is_input = strcmp(path, "-") == 0;
	autofree char *text = NULL;
	size_t size;

	int r = proc_read_file(is_input ? "/dev/stdin" : path, FILE_MOST, &text, &size, err);
	if (r < 0)
		return r;
	return saved_parse(is_input ? "standard input" : path, text ? text : "", size, out, err);
}

/* What a live probe is gathered in. */
struct gathering {
	struct saved *saved;
	struct inspect_error *err;
};

static int gather(void *context, const struct inspect_feature *feature)
{
	const struct gathering *gathering = context;
	struct inspect_feature row = *feature;
	struct saved *saved = gathering->saved;

	if (json_array_append_new(saved->document, saved_json_keep(&row)))
		return inspect_fail(gathering->err, ENOMEM, "%s", saved->name);
	return saved_add(saved, &row, gathering->err);
}

int saved_collect(struct inspect *inspect, struct saved *out, struct inspect_error *err)
{
	const struct inspect_probe all = { 0 };
	AUTO(saved_done)
	struct saved saved = {
		.name = strdup("this kernel"),
		.document = json_array(),
	};
	struct gathering gathering = { &saved, err };

	if (!saved.name || !saved.document)
		return inspect_fail(err, ENOMEM, "probe");
	int r = inspect_features_each(inspect, &all, gather, &gathering, err);
	r = r < 0 ? r : finish(&saved, err);
	if (r < 0)
		return r;
	*out = saved;
	saved = (struct saved){ 0 };
	return 0;
}

/* --- looking up --- */

/* The first row that is not before the thing. */
static size_t lower_bound(const struct saved *saved, const struct inspect_feature *wanted)
{
	size_t low = 0, high = saved->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (saved_compare(&saved->rows[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Are the things of this kind that a kernel has told one by one, so that those it does not tell are not there? */
static bool is_listed(enum inspect_feature_kind kind)
{
	return kind == INSPECT_FEATURE_KFUNC || kind == INSPECT_FEATURE_STRUCT_OPS ||
	       kind == INSPECT_FEATURE_ITERATOR || kind == INSPECT_FEATURE_MODULE;
}

static bool has_name(const struct saved *saved, enum inspect_feature_kind kind, const char *name)
{
	const struct inspect_feature wanted = { .kind = kind, .name = name };
	size_t at = lower_bound(saved, &wanted);

	return at < saved->n && saved->rows[at].kind == kind &&
	       strcmp(saved->rows[at].name, name) == 0;
}

static void say_no(struct inspect_feature *out, enum inspect_reason reason)
{
	out->answer = INSPECT_NO;
	out->reason = reason;
	out->found = INSPECT_FOUND_RULE;
	out->detail = NULL;
}

/*
 * Does the file list each kfunc that its kernel has? Without tags its writer could but look for the names that it knew,
 * which are taken to be those that are known here.
 */
static bool lists_kfunc(const struct saved *saved, const char *name)
{
	const struct inspect_question tags = { .kind = INSPECT_FEATURE_MISC, .name = "kfunc_tags" };
	struct inspect_feature row;

	return kfunc_has_name(name) ||
	       (saved_find(saved, &tags, &row) && row.answer == INSPECT_YES);
}

/* What follows from what the file does say. */
static bool conclude(const struct saved *saved, struct inspect_feature *out)
{
	struct inspect_feature type = { 0 };
	const struct inspect_question whole = { .kind = INSPECT_FEATURE_PROG_TYPE,
						.name = out->of };

	if (is_listed(out->kind) && saved->has_yes[out->kind] &&
	    !has_name(saved, out->kind, out->name) &&
	    (out->kind != INSPECT_FEATURE_KFUNC || lists_kfunc(saved, out->name))) {
		say_no(out, INSPECT_REASON_NOT_BUILT_IN);
		return true;
	}
	if (out->kind != INSPECT_FEATURE_HELPER || !out->of)
		return false;
	if (saved_find(saved, &whole, &type) && type.answer == INSPECT_NO) {
		say_no(out, INSPECT_REASON_NOT_BUILT_IN);
		return true;
	}
	/* bpftool knew the helper, and has a list for the type. */
	if (saved->has_lists && !saved->is_limited && has_name(saved, out->kind, out->name) &&
	    saved_json_lists_helpers(saved->document, out->of)) {
		say_no(out, INSPECT_REASON_NOT_FOR_TYPE);
		return true;
	}
	return false;
}

/* Which of two answers says more of whether any type has it. */
static bool is_better(const struct inspect_feature *row, const struct inspect_feature *best)
{
	static const unsigned char weight[] = {
		[INSPECT_NO] = 1,
		[INSPECT_UNKNOWN] = 2,
		[INSPECT_NOT_PERMITTED] = 3,
		[INSPECT_YES] = 4,
	};

	return !best || weight[row->answer] > weight[best->answer];
}

static const struct inspect_feature *find_row(const struct saved *saved,
					      const struct inspect_feature *wanted, bool is_any)
{
	const struct inspect_feature *best = NULL;

	for (size_t i = lower_bound(saved, wanted); i < saved->n; i++) {
		const struct inspect_feature *row = &saved->rows[i];

		if (row->kind != wanted->kind || strcmp(row->name, wanted->name) != 0)
			break;
		if (!is_any && compare_texts(row->of, wanted->of) != 0)
			break;
		if (is_better(row, best))
			best = row;
	}
	return best;
}

bool saved_find(const struct saved *saved, const struct inspect_question *question,
		struct inspect_feature *out)
{
	char with[128] = "bpf_";
	struct inspect_feature wanted = { .kind = question->kind,
					  .name = question->name,
					  .of = question->of };
	bool is_any = !question->of && probe_kinds[question->kind].of_word;

	const struct inspect_feature *row = find_row(saved, &wanted, is_any);
	if (!row && question->kind == INSPECT_FEATURE_HELPER &&
	    !text_has_prefix(question->name, "bpf_") && strlen(question->name) < sizeof(with) - 4) {
		memcpy(with + 4, question->name, strlen(question->name) + 1);
		wanted.name = with;
		row = find_row(saved, &wanted, is_any);
	}
	if (row) {
		*out = *row;
		return true;
	}
	wanted.answer = INSPECT_UNKNOWN;
	wanted.reason = INSPECT_REASON_OTHER;
	wanted.detail = "the file does not say";
	bool is_known = conclude(saved, &wanted);
	*out = wanted;
	out->name = question->name;
	return is_known;
}

bool saved_has_kind(const struct saved *saved, enum inspect_feature_kind kind)
{
	const struct inspect_feature first = { .kind = kind };
	size_t at = lower_bound(saved, &first);

	return at < saved->n && saved->rows[at].kind == kind;
}

const char *saved_release(const struct saved *saved)
{
	const struct inspect_question question = { .kind = INSPECT_FEATURE_KERNEL,
						   .name = "release" };
	struct inspect_feature row;

	return saved_find(saved, &question, &row) ? row.value : NULL;
}
