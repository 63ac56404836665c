/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name.h - names in questions: which number one is, or which one is the nearest
 */
#ifndef PROBE_NAME_H
#define PROBE_NAME_H

#include "kernel/names.h"
#include "probe/probe.h"

/* Name number @i of a list, NULL behind the last one. */
typedef const char *name_at(void *context, size_t i);

/* The question's name is none of its kind: the error says so, and its hint which of the list is the nearest. */
int name_unknown(const struct inspect_question *question, name_at *at, void *context,
		 struct inspect_error *err);

/*
 * The number of the question's name in a set: 0 or -INSPECT_EUSAGE, as above. What only the running kernel knows is a name
 * too.
 */
int name_number(struct probe *probe, enum names_set set, const struct inspect_question *question,
		unsigned *out, struct inspect_error *err);

#endif
