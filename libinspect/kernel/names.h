/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.h - the words for the kernel's numbers
 */
#ifndef KERNEL_NAMES_H
#define KERNEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/sys.h"

enum names_set {
	NAMES_PROG_TYPE,
	NAMES_MAP_TYPE,
	NAMES_LINK_TYPE,
	NAMES_ATTACH_TYPE,
	NAMES_CGROUP_ORDER,
	NAMES_PERF_EVENT,
	NAMES_HELPER, /* without bpf_ in front */
	NAMES_SETS,
};

/* What the kernel calls a number that this build does not know. */
struct names_told {
	enum names_set set;
	unsigned value;
	char *word;
};

/* What the running kernel was asked for. Zeroed, it was not asked yet. */
struct names {
	bool was_asked;
	struct names_told *told;
	size_t n_told;
};

void names_done(struct names *names);

/* The spelling shown for a number, or NULL for one that this build does not know. */
const char *names_find(enum names_set set, unsigned value);

/*
 * The same, and for a number that this build does not know the running kernel is asked: its BTF is
 * parsed, which costs some milliseconds, once. NULL where it does not say. The word may be any text
 * and is valid until names_done().
 */
const char *names_get(struct names *names, const struct sys *sys, enum names_set set,
		      unsigned value);

/*
 * Does the running kernel know this number? 1 or 0; -1 where its BTF cannot be had, and so does not tell. Reads that
 * anew for every call: for the words of a failure.
 */
int names_kernel_has(const struct sys *sys, enum names_set set, unsigned value);

/* The enum of the kernel that a set stands for. */
const char *names_enum(enum names_set set);

/* The word of a number: the table's, or else the one that names_get() found when it was read. */
static inline const char *names_of(enum names_set set, unsigned value, const char *found)
{
	const char *word = names_find(set, value);

	return word ? word : found;
}

#endif
