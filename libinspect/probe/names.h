/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.h - the thing that a question is about, among those that are known
 */
#ifndef PROBE_NAMES_H
#define PROBE_NAMES_H

#include "base/name_search.h"
#include "probe/probe.h"

/* A table: the first member of a row is its name, NULL where a number has none. */
struct name_rows {
	const void *rows;
	size_t n;
	size_t row_bytes;
};

#define NAME_ROWS(table)                                                                           \
	((struct name_rows){ (table), sizeof(table) / sizeof(*(table)), sizeof(*(table)) })

/* The row of this name, or -1. */
int names_row(struct name_rows rows, const char *name);

/* The name is none of this kind: -INSPECT_EUSAGE, and the nearest of the rows in the hint. */
int names_unknown(const struct inspect_question *question, struct name_rows rows,
		  struct inspect_error *err);

/* The same, where names were tried by the caller. */
int names_unknown_of(const struct inspect_question *question, const struct name_search *search,
		     struct inspect_error *err);

#endif
