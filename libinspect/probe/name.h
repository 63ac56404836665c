/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name.h - the thing that a question is about: the kernel's numbers, and rows of tables, by their names
 */
#ifndef PROBE_NAME_H
#define PROBE_NAME_H

#include "base/name_search.h"
#include "kernel/names.h"
#include "probe/probe.h"

/*
 * The number of a name of @set, from the table or, where that has no such name, from the running kernel's types. Number 0 is no name where
 * @first is 1. @kind is the kind's word, for the message.
 *
 * Returns 0, or -INSPECT_EUSAGE where neither knows it: the nearest name of the table is in the hint.
 */
int name_number(struct probe *probe, enum names_set set, unsigned first, const char *name,
		const char *kind, unsigned *out, struct inspect_error *err);

/* The name of a number: the table's, else the running kernel's, in lower case and valid as long as the handle; NULL: it has none. */
const char *name_of(struct probe *probe, enum names_set set, unsigned number);

/* How many numbers the table has a name for: they begin with 0. */
unsigned name_count(enum names_set set);

/* A table: the first member of a row is its name, NULL where a number has none. */
struct name_rows {
	const void *rows;
	size_t n;
	size_t row_bytes;
};

#define NAME_ROWS(table)                                                                           \
	((struct name_rows){ (table), sizeof(table) / sizeof(*(table)), sizeof(*(table)) })

/* The row of this name, or -1. */
int name_row(struct name_rows rows, const char *name);

/* Says where the names of a kind are listed, if anywhere. Returns the error again. */
int name_hint_list(unsigned kind, struct inspect_error *err);

/* The name is none of this kind: -INSPECT_EUSAGE, and in the hint the nearest of the rows, or where all are listed. */
int name_unknown(const struct inspect_question *question, struct name_rows rows,
		 struct inspect_error *err);

/* The same, where names were tried by the caller. */
int name_unknown_of(const struct inspect_question *question, const struct name_search *search,
		    struct inspect_error *err);

#endif
