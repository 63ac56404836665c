/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.h - names that a target may be: the nearest, those that fit a glob
 */
#ifndef ATTACH_NAMES_H
#define ATTACH_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/name_search.h"
#include "kernel/sys.h"

/* Among the kernel's functions; or, with @prefix, among all symbols that begin so, without it. 0 or a negative errno. */
int name_search_symbols(const struct sys *sys, const char *prefix, struct name_search *search);

/* Names, each once after name_list_sort(). Zeroed, there are none. */
struct name_list {
	char **names;
	size_t n;
	size_t room;
};

void name_list_done(struct name_list *list);
int name_list_add(struct name_list *list, const char *name);
void name_list_sort(struct name_list *list);
bool name_list_has(const struct name_list *list, const char *name);

#endif
