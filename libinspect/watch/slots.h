/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * slots.h - which slots of a perf event array hold an event
 */
#ifndef WATCH_SLOTS_H
#define WATCH_SLOTS_H

#include <stdbool.h>

#include "kernel/sys.h"

/*
 * The kernel lets nobody read such a slot but a program: one is loaded, run once a slot, and gone. Fills in
 * is_taken for each of @indices.
 * 0 or a negative errno: no right to load it, or a kernel that cannot run it (before Linux 5.10).
 */
int slots_read(const struct sys *sys, int map_fd, const unsigned *indices, unsigned n,
	       bool *is_taken);

#endif
