/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mounts.h - what is mounted in this mount namespace
 */
#ifndef KERNEL_MOUNTS_H
#define KERNEL_MOUNTS_H

#include "kernel/sys.h"

/*
 * Calls @each with the directory of every mount of a type of file system, in the order of the
 * mounts. A result of @each other than 0 ends this. 0, that result, or a negative errno when the
 * mounts cannot be listed.
 */
int mounts_each(const struct sys *sys, const char *type,
		int (*each)(void *context, const char *directory), void *context);

/* The same with the options of the mount, parted by commas. */
int mounts_each_with(const struct sys *sys, const char *type,
		     int (*each)(void *context, const char *directory, const char *options),
		     void *context);

/*
 * Calls @each with the path of every file on a BPF file system, once for each place where it can be
 * seen; directories that cannot be read are left out. A negative result of @each ends the walk.
 * 0, that result, or a negative errno when the mounts cannot be listed.
 */
int mounts_walk_bpffs(const struct sys *sys, int (*each)(void *context, const char *path),
		      void *context);

#endif
