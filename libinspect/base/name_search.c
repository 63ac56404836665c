/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name_search.c - the nearest of many names
 */
#include "base/name_search.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define MOST_EDITS 3

/* Of a short name a third of the letters may differ, or any other short one would be near. */
static size_t allowed_edits(const char *name)
{
	size_t third = (strlen(name) + 1) / 3;

	return third < MOST_EDITS ? third : MOST_EDITS;
}

void name_search_begin(struct name_search *search, const char *name)
{
	*search = (struct name_search){ .name = name, .least = allowed_edits(name) + 1 };
}

/* So many lengths apart means as many edits, at least. */
static bool may_be_nearer(const struct name_search *search, const char *name)
{
	size_t a = strlen(name), b = strlen(search->name);

	return a < NAME_NEAR_ROOM && (a > b ? a - b : b - a) < search->least;
}

void name_search_try(struct name_search *search, const char *name)
{
	if (strcmp(name, search->name) == 0) {
		search->n_found++;
		return;
	}
	if (!may_be_nearer(search, name))
		return;
	size_t distance = text_distance(name, search->name);
	if (distance >= search->least)
		return;
	search->least = distance;
	snprintf(search->nearest, sizeof(search->nearest), "%s", name);
}

bool name_has_part(const char *name, const char *part)
{
	size_t n = strlen(part);

	for (const char *at = name; n && (at = strstr(at, part)); at++)
		if ((at == name || at[-1] == '_') && (!at[n] || at[n] == '_'))
			return true;
	return false;
}

int name_search_hint(const struct name_search *search, struct inspect_error *err)
{
	if (!*search->nearest)
		return -err->code;
	return inspect_hint(err, "did you mean '%s'?", search->nearest);
}

bool name_is_glob(const char *name)
{
	return strpbrk(name, "*?[") != NULL;
}
