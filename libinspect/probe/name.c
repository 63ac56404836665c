/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name.c - the thing that a question is about: the kernel's numbers, and rows of tables, by their names
 */
#include "probe/name.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

unsigned name_count(enum names_set set)
{
	unsigned n = 0;

	while (names_find(set, n))
		n++;
	return n;
}

int name_hint_list(unsigned kind, struct inspect_error *err)
{
	bool is_builtin = kind == INSPECT_FEATURE_PROG_TYPE || kind == INSPECT_FEATURE_MAP_TYPE ||
			  kind == INSPECT_FEATURE_ATTACH_TYPE ||
			  kind == INSPECT_FEATURE_LINK_TYPE || kind == INSPECT_FEATURE_HELPER ||
			  kind == INSPECT_FEATURE_KFUNC;

	ERROR_NEEDED(err);
	if (is_builtin)
		return inspect_hint(err, "'feature list_builtins %ss' lists them",
				    probe_kinds[kind].word);
	if (probe_kinds[kind].each && kind != INSPECT_FEATURE_CONFIG)
		return inspect_hint(err, "'-o tsv=kind,name feature probe' lists them");
	return -err->code;
}

/* @part is the first name that has the wanted one among its words, or NULL. */
static int fail_unknown(const char *kind, const char *name, const struct name_search *search,
			const char *part, struct inspect_error *err)
{
	ERROR_NEEDED(err);
	inspect_fail(err, INSPECT_EUSAGE, "%s '%s': there is none of that name", kind, name);
	if (*search->nearest)
		return name_search_hint(search, err);
	if (part)
		return inspect_hint(err, "did you mean '%s'?", part);
	for (unsigned i = 0; i < INSPECT_FEATURE_KINDS; i++)
		if (strcmp(probe_kinds[i].word, kind) == 0)
			return name_hint_list(i, err);
	return -err->code;
}

/* The nearest of the table. */
static int fail_unknown_number(enum names_set set, unsigned first, const char *name,
			       const char *kind, struct inspect_error *err)
{
	struct name_search search;
	const char *known, *part = NULL;

	name_search_begin(&search, name);
	for (unsigned i = first; (known = names_find(set, i)); i++) {
		name_search_try(&search, known);
		if (!part && name_has_part(known, name))
			part = known;
	}
	return fail_unknown(kind, name, &search, part, err);
}

struct wanted {
	const char *name;
	unsigned first;
	unsigned *out;
};

/* The kernel's enumerators have the set's prefix in front, and are in upper case. */
static bool ends_in_name(const char *enumerator, const char *name)
{
	size_t n = strlen(enumerator), length = strlen(name);

	if (n <= length || enumerator[n - length - 1] != '_')
		return false;
	for (const char *at = enumerator + n - length; *at; at++, name++)
		if ((*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at) != *name)
			return false;
	return true;
}

static int take_if_named(void *context, const char *name, uint64_t value)
{
	const struct wanted *wanted = context;

	if (value < wanted->first || value > UINT16_MAX || text_has_prefix(name, "__") ||
	    !ends_in_name(name, wanted->name))
		return 0;
	*wanted->out = (unsigned)value;
	return 1;
}

int name_number(struct probe *probe, enum names_set set, unsigned first, const char *name,
		const char *kind, unsigned *out, struct inspect_error *err)
{
	unsigned n = name_count(set);
	/* What the table has is not looked for among what is newer. */
	struct wanted wanted = { name, first > n ? first : n, out };

	for (unsigned i = first; i < n; i++)
		if (strcmp(names_find(set, i), name) == 0) {
			*out = i;
			return 0;
		}
	*out = 0;
	types_enumerators(probe, names_enum(set), take_if_named, &wanted);
	if (*out && name_of(probe, set, *out) && strcmp(name_of(probe, set, *out), name) == 0)
		return 0;
	return fail_unknown_number(set, first, name, kind, err);
}

const char *name_of(struct probe *probe, enum names_set set, unsigned number)
{
	return names_get(&probe->inspect->names, probe->sys, set, number);
}

static const char *name_at(const struct name_rows *rows, size_t i)
{
	return *(const char *const *)(const void *)((const char *)rows->rows + i * rows->row_bytes);
}

int name_row(struct name_rows rows, const char *name)
{
	for (size_t i = 0; i < rows.n; i++)
		if (name_at(&rows, i) && strcmp(name_at(&rows, i), name) == 0)
			return (int)i;
	return -1;
}

int name_unknown_of(const struct inspect_question *question, const struct name_search *search,
		    struct inspect_error *err)
{
	return fail_unknown(probe_kinds[question->kind].word, question->name, search, NULL, err);
}

int name_unknown(const struct inspect_question *question, struct name_rows rows,
		 struct inspect_error *err)
{
	struct name_search search;
	const char *known, *part = NULL;

	name_search_begin(&search, question->name);
	for (size_t i = 0; i < rows.n; i++) {
		if (!(known = name_at(&rows, i)))
			continue;
		name_search_try(&search, known);
		if (!part && name_has_part(known, question->name))
			part = known;
	}
	return fail_unknown(probe_kinds[question->kind].word, question->name, &search, part, err);
}
