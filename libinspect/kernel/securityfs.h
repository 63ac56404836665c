/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * securityfs.h - the file system in which security modules tell of themselves
 */
#ifndef KERNEL_SECURITYFS_H
#define KERNEL_SECURITYFS_H

#include "kernel/sys.h"

/*
 * What a file of it says ("lsm", "lockdown"), in memory to be freed, without the new line. Where it is not mounted
 * it is opened without a place in the tree, which takes CAP_SYS_ADMIN, and closed again. 0; -ENOENT: the kernel has no
 * such file; -EPERM, -ENODEV (it knows no such file system) or another negative errno.
 */
int securityfs_read(const struct sys *sys, const char *file, char **out);

#endif
