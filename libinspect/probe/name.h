/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name.h - the kernel's numbers by the names that questions have
 */
#ifndef PROBE_NAME_H
#define PROBE_NAME_H

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

#endif
