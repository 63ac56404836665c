/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * saved_records.c - records of the strict forms to rows
 *
 * Kinds, words of answers, and members that this build does not know are from a newer one: of those kinds nothing is
 * kept, and an answer that is not understood is "unknown", never "no".
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "probe/mark.h"
#include "probe/saved_json.h"

/* What the marks say, and what was counted. */
struct marks {
	bool has_format, has_end;
	uint64_t n_told;
	size_t n;
};

static int fail_record(const struct saved *saved, size_t number, const char *what,
		       struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "%s: record %zu: %s", saved->name, number + 1, what);
}

/* False where it is there, and no text. */
static bool get_text(const json_t *record, const char *key, const char **out)
{
	const json_t *member = json_object_get(record, key);

	*out = json_string_value(member);
	return *out || !member || json_is_null(member);
}

/* A number or a yes or no as its text, which the record then owns. */
static bool get_value(json_t *record, const char **out)
{
	char digits[NUM_FLOAT_ROOM] = { 0 };
	const json_t *member = json_object_get(record, "value");

	if (json_is_integer(member))
		num_format_s64(digits, json_integer_value(member));
	else if (json_is_real(member))
		num_format_float(digits, json_real_value(member), false);
	else if (json_is_boolean(member))
		memcpy(digits, json_is_true(member) ? "true" : "false", 5);
	else
		return get_text(record, "value", out);
	json_t *text = json_string(digits);
	*out = json_string_value(text);
	return json_object_set_new(record, "value", text) == 0;
}

static int find_errno(const char *word)
{
	for (int i = 1; i < 256; i++) {
		const char *name = strerrorname_np(i);

		if (name && strcmp(name, word) == 0)
			return i;
	}
	return 0;
}

static unsigned find_kind(const char *word)
{
	unsigned i = 0;

	while (i < INSPECT_FEATURE_KINDS && strcmp(probe_kinds[i].word, word) != 0)
		i++;
	return i;
}

static bool read_row(json_t *record, const char **kind, struct inspect_feature *out)
{
	const char *answer, *code, *reason, *found;

	*out = (struct inspect_feature){ 0 };
	bool is_read = get_text(record, "kind", kind) && get_text(record, "name", &out->name) &&
		       get_text(record, "for", &out->of) && get_text(record, "answer", &answer) &&
		       get_value(record, &out->value) && get_text(record, "errno", &code) &&
		       get_text(record, "reason", &reason) && get_text(record, "found", &found) &&
		       get_text(record, "detail", &out->detail);
	if (!is_read || !*kind || !out->name || !answer)
		return false;
	out->answer = print_find_answer(answer);
	out->code = code ? find_errno(code) : 0;
	out->reason = reason ? print_find_reason(reason) : INSPECT_REASON_NONE;
	out->found = found ? print_find_found(found) : INSPECT_FOUND_NOT;
	return true;
}

static bool is_mark(const struct inspect_feature *row, const char *name)
{
	return strcmp(row->name, name) == 0;
}

static int take_mark(const struct saved *saved, const struct inspect_feature *row,
		     struct marks *marks, struct inspect_error *err)
{
	uint64_t number = 0;
	bool is_number = row->value && !num_parse(row->value, NUM_DECIMAL, SIZE_MAX, &number);

	if (is_mark(row, MARK_DEV_NAME)) {
		inspect_fail(err, EINVAL, "%s: is of a network device", saved->name);
		return inspect_hint(err, "what %s can carry out says nothing of the kernel",
				    row->value ? row->value : "it");
	}
	if (is_mark(row, MARK_END_NAME)) {
		marks->has_end = is_number;
		marks->n_told = number;
	}
	if (!is_mark(row, MARK_FORMAT_NAME))
		return 0;
	if (!is_number || number == 0)
		return inspect_fail(err, EINVAL, "%s: its format is no number", saved->name);
	if (number > MARK_FORMAT) {
		inspect_fail(err, EINVAL, "%s: is of format %s; up to %u can be read", saved->name,
			     row->value, MARK_FORMAT);
		return inspect_hint(err, "a newer bpflens wrote it, and can read it");
	}
	marks->has_format = true;
	return 0;
}

/* Another document, or answers to a few questions. */
static int fail_other(const struct saved *saved, const char *what, struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "%s: %s", saved->name, what);
	return inspect_hint(err, SAVED_JSON_HINT);
}

#define OTHER_JSON "is JSON, and no saved probe"

static int take_record(struct saved *saved, json_t *record, size_t number, struct marks *marks,
		       struct inspect_error *err)
{
	struct inspect_feature row;
	const char *word;

	if (!json_is_object(record) || !read_row(record, &word, &row))
		return marks->has_format
			       ? fail_record(saved, number, "is no answer of a probe", err)
			       : fail_other(saved, OTHER_JSON, err);
	row.kind = find_kind(word);
	if (row.kind == INSPECT_FEATURE_PROBE)
		return take_mark(saved, &row, marks, err);
	if (!marks->has_format)
		return fail_other(saved, "does not begin as a saved probe does", err);
	if (marks->has_end)
		return fail_record(saved, number, "stands behind the end", err);
	marks->n++;
	return row.kind < INSPECT_FEATURE_KINDS ? saved_add(saved, &row, err) : 0;
}

static int check_end(const struct saved *saved, const struct marks *marks,
		     struct inspect_error *err)
{
	if (!marks->has_format)
		return fail_other(saved, OTHER_JSON, err);
	if (!marks->has_end)
		inspect_fail(err, EINVAL, "%s: is cut: %zu answers, and no end", saved->name,
			     marks->n);
	else if (marks->n_told != marks->n)
		inspect_fail(err, EINVAL, "%s: is cut: %zu of %llu answers", saved->name, marks->n,
			     (unsigned long long)marks->n_told);
	else
		return 0;
	return inspect_hint(err, "save the probe again, and look whether there is room");
}

int saved_json_records(struct saved *saved, json_t *document, struct inspect_error *err)
{
	struct marks marks = { 0 };
	json_t *record;
	size_t i;

	if (!json_is_array(document))
		return fail_other(saved, OTHER_JSON, err);
	json_array_foreach(document, i, record)
	{
		int r = take_record(saved, record, i, &marks, err);

		if (r < 0)
			return r;
	}
	return check_end(saved, &marks, err);
}

/* The text, now the record's; NULL where there is none, or no memory. */
static const char *keep_text(json_t *record, const char *key, const char *text, bool *failed)
{
	if (!text)
		return NULL;
	json_t *kept = json_stringn_nocheck(text, strlen(text));
	if (json_object_set_new(record, key, kept))
		*failed = true;
	return *failed ? NULL : json_string_value(kept);
}

json_t *saved_json_keep(struct inspect_feature *row)
{
	json_t *record = json_object();
	bool failed = !record;

	row->name = keep_text(record, "name", row->name, &failed);
	row->of = keep_text(record, "for", row->of, &failed);
	row->value = keep_text(record, "value", row->value, &failed);
	row->detail = keep_text(record, "detail", row->detail, &failed);
	if (!failed)
		return record;
	json_decref(record);
	return NULL;
}
