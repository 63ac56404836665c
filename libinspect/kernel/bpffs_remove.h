/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpffs_remove.h - take names away from BPF file systems
 */
#ifndef KERNEL_BPFFS_REMOVE_H
#define KERNEL_BPFFS_REMOVE_H

#include "kernel/mounts.h"

/* A name on a BPF file system. */
struct bpffs_name {
	char *path;    /* without slashes at its end */
	size_t at;     /* where in it the name begins */
	int directory; /* the one that it is in; -1: none */
	mode_t mode;
};

/*
 * Opens the directory of @path and finds out whether the name can be taken away: it is on a BPF file system that can be
 * written, no symbolic link, and nothing is mounted there. Of a directory, what is in it is not looked at.
 */
int bpffs_name_open(const char *path, struct bpffs_name *out, struct inspect_error *err);
void bpffs_name_done(struct bpffs_name *name);

/* May names in this directory be taken away? 0, or a negative errno with words. */
int bpffs_check_writable(int at, const char *directory, const char *path,
			 struct inspect_error *err);

/*
 * Takes away what was met at @path, which is @name's or below it. Whatever was put in the place of a directory meanwhile,
 * nothing but that very file or directory is removed. 0, -ESTALE when another is there by now, or a
 * negative errno; that it is gone already is no failure.
 */
int bpffs_remove(const struct bpffs_name *name, const char *path, const struct mounts_entry *met);

#endif
