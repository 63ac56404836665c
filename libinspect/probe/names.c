/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.c - the thing that a question is about, among those that are known
 */
#include "probe/names.h"

#include <string.h>

#include "base/error.h"

static const char *name_of(const struct name_rows *rows, size_t i)
{
	return *(const char *const *)(const void *)((const char *)rows->rows + i * rows->row_bytes);
}

int names_row(struct name_rows rows, const char *name)
{
	for (size_t i = 0; i < rows.n; i++)
		if (name_of(&rows, i) && strcmp(name_of(&rows, i), name) == 0)
			return (int)i;
	return -1;
}

int names_unknown_of(const struct inspect_question *question, const struct name_search *search,
		     struct inspect_error *err)
{
	ERROR_NEEDED(err);
	inspect_fail(err, INSPECT_EUSAGE, "%s '%s': there is none of that name",
		     probe_kinds[question->kind].word, question->name);
	return name_search_hint(search, err);
}

int names_unknown(const struct inspect_question *question, struct name_rows rows,
		  struct inspect_error *err)
{
	struct name_search search;

	name_search_begin(&search, question->name);
	for (size_t i = 0; i < rows.n; i++)
		if (name_of(&rows, i))
			name_search_try(&search, name_of(&rows, i));
	return names_unknown_of(question, &search, err);
}
