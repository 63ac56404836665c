/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mounts.h - what is mounted in this mount namespace
 */
#ifndef KERNEL_MOUNTS_H
#define KERNEL_MOUNTS_H

#include <sys/types.h>

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

/* What a walk through a BPF file system meets. */
struct mounts_entry {
	const char *path;
	mode_t mode;
	dev_t device;
	ino_t inode;
	nlink_t n_links;
	bool is_mount; /* something is mounted there: what is in it is not walked */
	int error;     /* of a directory: why not all of it could be read, a positive errno */
};

/* What a path is, without a walk; false where there is nothing. */
bool mounts_look_at(const char *path, struct mounts_entry *out);

/* What it returns ends the walk where it is not 0. */
typedef int mounts_each_entry(void *context, const struct mounts_entry *entry);

/*
 * Calls @each with everything on every BPF file system, once for each place where it can be seen; a directory comes
 * after what is in it. With @below, a path without symbolic links, only with what is there. Memory goes with
 * the mounts and the depth of directories alone. 0, the result of @each that ended it, -ENODEV where there is no
 * BPF file system below @below, or a negative errno when the mounts cannot be listed.
 */
int mounts_walk_bpffs(const struct sys *sys, const char *below, mounts_each_entry *each,
		      void *context);

/* The same with what is at @path and in it, on that file system alone. */
int mounts_walk_tree(const char *path, mounts_each_entry *each, void *context);

#endif
