/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cgroup.c - where cgroups are
 *
 * The id of a cgroup is also the handle of its directory: the kernel opens that without a walk, and says
 * in /proc what the path is.
 */
#include "kernel/cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "kernel/mounts.h"

#define KERNFS_HANDLE 0xfe /* FILEID_KERNFS: eight bytes, the id */

void cgroup_root_done(struct cgroup_root *root)
{
	if (root->directory)
		close_fd(root->fd);
	free(root->directory);
	*root = (struct cgroup_root){ 0 };
}

/* The first mount that can be opened. */
static int open_mount(void *context, const char *directory)
{
	struct cgroup_root *root = context;

	autoclose int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	root->directory = strdup(directory);
	if (!root->directory)
		return 0;
	root->fd = take_fd(&fd);
	return 1;
}

static int open_id(const struct cgroup_root *root, uint64_t id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} at = { .handle = { .handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE } };

	memcpy(at.handle.f_handle, &id, sizeof(id));
	return open_by_handle_at(root->fd, &at.handle, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* A directory that was removed, or is elsewhere, has no path that leads to it. */
static bool leads_to(const char *path, int fd)
{
	struct stat at_path, open_one;

	return stat(path, &at_path) == 0 && fstat(fd, &open_one) == 0 &&
	       at_path.st_dev == open_one.st_dev && at_path.st_ino == open_one.st_ino;
}

char *cgroup_path(struct cgroup_root *root, const struct sys *sys, uint64_t id)
{
	char link[64], path[PATH_MAX];

	if (!root->is_read)
		mounts_each(sys, "cgroup2", open_mount, root);
	root->is_read = true;
	if (!root->directory)
		return NULL;
	autoclose int fd = open_id(root, id);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	if (!text_has_prefix(path, root->directory) || !leads_to(path, fd))
		return NULL;
	return strdup(path);
}
