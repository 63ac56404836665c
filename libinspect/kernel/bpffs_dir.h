/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpffs_dir.h - a directory that several objects are pinned in
 */
#ifndef KERNEL_BPFFS_DIR_H
#define KERNEL_BPFFS_DIR_H

#include <stdbool.h>

#include "inspect.h"

/* Zeroed, it is none. */
struct bpffs_dir {
	char *path; /* without slashes at the end */
	bool needs_making, needs_mount;
	bool is_made, is_mounted;
};

/*
 * Finds out whether objects can be pinned in @path: it is on a bpffs that can be written, or is empty; or it is not
 * there, and its parent is, or is @before, which will be made first (NULL: none). With @no_mount it has to be on a bpffs.
 * Changes nothing. 0 or a negative errno.
 */
int bpffs_dir_check(const char *path, bool no_mount, const struct bpffs_dir *before,
		    struct bpffs_dir *out, struct inspect_error *err);
void bpffs_dir_done(struct bpffs_dir *dir);

/* Makes and mounts what is needed, or nothing. 0 or a negative errno. */
int bpffs_dir_make(struct bpffs_dir *dir, struct inspect_error *err);

/* Takes that back. What was pinned there is gone already, or goes with the mount. */
void bpffs_dir_undo(struct bpffs_dir *dir);

/* Tells that a bpffs was mounted, where it was. */
void bpffs_dir_tell(const struct bpffs_dir *dir, const struct inspect_note *note);

#endif
