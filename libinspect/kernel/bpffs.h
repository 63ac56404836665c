/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpffs.h - where objects are pinned
 */
#ifndef KERNEL_BPFFS_H
#define KERNEL_BPFFS_H

#include <stdbool.h>

#include "inspect.h"
#include "kernel/sys.h"

/* A path that nothing is pinned at yet. Zeroed, it is none. */
struct bpffs_place {
	const char *path; /* borrowed */
	char *directory;
	bool needs_mount; /* there is no BPF file system, and one may be mounted there */
};

/*
 * Finds out whether an object can be pinned at @path, before anything is made: nothing is there, the
 * name is one that bpffs takes, and its directory is on a bpffs that can be written, or empty. With
 * @no_mount an empty one is refused. Changes nothing.
 *
 * Returns 0 or a negative errno with words on what is wrong.
 */
int bpffs_check(const char *path, bool no_mount, struct bpffs_place *out,
		struct inspect_error *err);
void bpffs_done(struct bpffs_place *place);

/*
 * @directory is on another file system: may a bpffs be mounted there, to pin @path? Only over an empty directory. 0 or
 * a negative errno.
 */
int bpffs_check_mount(const char *path, const char *directory, bool no_mount,
		      struct inspect_error *err);

/* Says why the kernel did not pin; returns -code. */
int bpffs_fail_pin(const char *path, int code, struct inspect_error *err);

/*
 * Pins an open object; mounts a bpffs first where one is needed, and tells so. What fails leaves
 * neither a file nor a mount.
 */
int bpffs_pin(const struct sys *sys, const struct bpffs_place *place, int fd,
	      const struct inspect_note *note, struct inspect_error *err);

#endif
