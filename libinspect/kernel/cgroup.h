/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cgroup.h - where cgroups are
 */
#ifndef KERNEL_CGROUP_H
#define KERNEL_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sys.h"

/* Where the cgroup2 file system is mounted. Zeroed, nobody looked yet. */
struct cgroup_root {
	bool is_read;
	char *directory; /* NULL: there is none to be seen */
	int fd;		 /* of it; valid with @directory */
};

void cgroup_root_done(struct cgroup_root *root);

/*
 * The path of a cgroup with this id, to be freed. NULL where there is none of that id any more, where it is
 * not below what this mount namespace sees, and for a user without CAP_DAC_READ_SEARCH.
 * Looks for the mount once.
 */
char *cgroup_path(struct cgroup_root *root, const struct sys *sys, uint64_t id);

#endif
