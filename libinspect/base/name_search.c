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

void name_search_begin(struct name_search *search, const char *name)
{
	*search = (struct name_search){ .name = name, .least = 4 };
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
