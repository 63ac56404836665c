/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.c - names that a target may be: the nearest, those that fit a glob
 */
#include "attach/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ksyms.h"

struct among_symbols {
	const char *prefix;
	struct name_search *search;
};

static int try_symbol(void *context, const struct ksym *symbol, char type)
{
	const struct among_symbols *among = context;
	size_t skip = among->prefix ? strlen(among->prefix) : 0;

	if (among->prefix ? strncmp(symbol->name, among->prefix, skip) == 0
			  : strchr("tTwW", type) != NULL)
		name_search_try(among->search, symbol->name + skip);
	return 0;
}

int name_search_symbols(const struct sys *sys, const char *prefix, struct name_search *search)
{
	struct among_symbols among = { prefix, search };

	return ksyms_each(sys, try_symbol, &among);
}

void name_list_done(struct name_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct name_list){ 0 };
}

int name_list_add(struct name_list *list, const char *name)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		char **names = realloc(list->names, room * sizeof(*names));

		if (!names)
			return -ENOMEM;
		list->names = names;
		list->room = room;
	}
	list->names[list->n] = strdup(name);
	if (!list->names[list->n])
		return -ENOMEM;
	list->n++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void name_list_sort(struct name_list *list)
{
	size_t kept = 0;

	if (list->n)
		qsort(list->names, list->n, sizeof(*list->names), compare);
	for (size_t i = 0; i < list->n; i++) {
		if (kept && strcmp(list->names[kept - 1], list->names[i]) == 0)
			free(list->names[i]);
		else
			list->names[kept++] = list->names[i];
	}
	list->n = kept;
}

bool name_list_has(const struct name_list *list, const char *name)
{
	return list->n && bsearch(&name, list->names, list->n, sizeof(*list->names), compare);
}
