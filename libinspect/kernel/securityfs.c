/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * securityfs.c - the file system in which security modules tell of themselves
 *
 * Containers and small systems often do not mount it. A mount that is attached nowhere is seen by nobody else, and
 * ends with its descriptor.
 */
#include "kernel/securityfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/mounts.h"

#define ROOM 4096 /* bytes of a file: a line */

struct wanted {
	const char *file;
	char *text;
};

/* What is there to be read; the descriptor is the caller's. */
static int read_line(int fd, char **out)
{
	char text[ROOM];

	ssize_t n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	*out = strdup(text);
	return *out ? 0 : -ENOMEM;
}

static int read_below(const char *directory, const char *file, char **out)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", directory, file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : read_line(fd, out);
}

/* One that can be seen ends the walk. */
static int take_mount(void *context, const char *directory)
{
	struct wanted *wanted = context;

	return read_below(directory, wanted->file, &wanted->text) ? 0 : 1;
}

static int read_unmounted(const char *file, char **out)
{
	autoclose int context = fsopen("securityfs", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	autoclose int root = fsmount(context, FSMOUNT_CLOEXEC,
				     MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					     MOUNT_ATTR_NOEXEC);
	if (root < 0)
		return -errno;
	autoclose int fd = openat(root, file, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : read_line(fd, out);
}

int securityfs_read(const struct sys *sys, const char *file, char **out)
{
	struct wanted wanted = { .file = file };
	char custom[PATH_MAX];

	snprintf(custom, sizeof(custom), "%s/sys/kernel/security", sys->root);
	int r = read_below(custom, file, out);
	if (r != -ENOENT)
		return r;
	if (mounts_each(sys, "securityfs", take_mount, &wanted) == 1) {
		*out = wanted.text;
		return 0;
	}
	return *sys->root ? -ENOENT : read_unmounted(file, out);
}
