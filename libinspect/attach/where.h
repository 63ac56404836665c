/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * where.h - devices, cgroups and network namespaces, as a user named them
 *
 * What is not there is an error that names the nearest one that is.
 */
#ifndef ATTACH_WHERE_H
#define ATTACH_WHERE_H

#include "attach/hook.h"

/* "dev IFNAME", the target of @job: the index in the caller's network namespace. */
int where_device(const struct attach_job *job, uint32_t *ifindex, struct inspect_error *err);

/* A path: an open directory of a cgroup2 file system, and the cgroup's id. */
int where_cgroup(const struct attach_job *job, int *fd, uint64_t *id, struct inspect_error *err);

/*
 * "netns NETNS" behind the target, or the caller's network namespace without that word: its open file, and the
 * inode of that. NETNS is a path, a name below /run/netns, or "current".
 */
int where_netns(const struct attach_job *job, int *fd, uint64_t *inode, struct inspect_error *err);

#endif
