/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.h - the words for the kernel's numbers
 */
#ifndef KERNEL_NAMES_H
#define KERNEL_NAMES_H

#include <stddef.h>

enum names_set {
	NAMES_PROG_TYPE,
	NAMES_MAP_TYPE,
	NAMES_SETS,
};

/* The spelling shown for a number, or NULL for one that this build does not know. */
const char *names_find(enum names_set set, unsigned value);

#endif
