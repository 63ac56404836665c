/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name_search.h - the nearest of many names
 */
#ifndef BASE_NAME_SEARCH_H
#define BASE_NAME_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "inspect.h"

#define NAME_NEAR_ROOM 256

/* Looks for a name among many, and for the one that is the nearest to it. */
struct name_search {
	const char *name;
	size_t n_found;
	size_t least;		      /* edits to the nearest so far */
	char nearest[NAME_NEAR_ROOM]; /* empty: none is near */
};

void name_search_begin(struct name_search *search, const char *name);
void name_search_try(struct name_search *search, const char *name);

/* Says which name is near, where there is one. Returns the error again. */
int name_search_hint(const struct name_search *search, struct inspect_error *err);

/* Is @part some of the words that underscores part @name into, as "fentry" of "trace_fentry"? */
bool name_has_part(const char *name, const char *part);

/* Has it a * or such in it? */
bool name_is_glob(const char *name);

#endif
