/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trace_pipe.c - where the kernel's trace is read
 *
 * A command that reads should not leave a mount behind. A file system can be opened without one: what fsmount(2)
 * returns is in no directory, and gone when it is closed.
 */
#include "kernel/trace_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/tracefs.h"

#define PIPE "trace_pipe"
#define FLAGS (O_RDONLY | O_NONBLOCK | O_CLOEXEC)

/* Of <linux/mount.h>, which the C library's header of newer versions does not go with. */
#define CLOEXEC 1
#define CONFIG_CREATE 6

static int open_in(const char *directory)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/" PIPE, directory);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	int fd = open(path, FLAGS);
	return fd < 0 ? -errno : fd;
}

static int fail_open(int code, struct inspect_error *err)
{
	int r = inspect_fail(err, code, "trace pipe: open");

	if (code == EBUSY)
		inspect_hint(err, "another process reads it: only one can");
	else if (code == EPERM || code == EACCES)
		inspect_hint(err, "the trace pipe can be read by root");
	return r;
}

static int open_unmounted(struct inspect_error *err)
{
	static const char what[] = "tracefs: open it without a mount";

	autoclose int context = (int)syscall(SYS_fsopen, "tracefs", CLOEXEC);
	if (context < 0)
		return inspect_fail(err, errno, what);
	if (syscall(SYS_fsconfig, context, CONFIG_CREATE, NULL, NULL, 0))
		return inspect_fail(err, errno, what);
	autoclose int root = (int)syscall(SYS_fsmount, context, CLOEXEC, 0);
	if (root < 0)
		return inspect_fail(err, errno, what);
	int fd = openat(root, PIPE, FLAGS);
	return fd < 0 ? fail_open(errno, err) : fd;
}

int trace_pipe_open(const struct sys *sys, bool no_mount, const struct inspect_note *note,
		    struct inspect_error *err)
{
	autofree char *root = NULL;
	int fd = tracefs_find(sys, &root, err);

	if (fd == 0) {
		fd = open_in(root);
		return fd < 0 ? fail_open(-fd, err) : fd;
	}
	if (fd != -ENOENT)
		return fd;
	if (no_mount) {
		inspect_fail(err, ENOENT, "trace pipe: find a mounted tracefs");
		return inspect_hint(err, "without -n it is opened where it is not mounted");
	}
	fd = open_unmounted(err);
	if (fd >= 0)
		note_tell(note, "tracefs is mounted nowhere: it is read without a mount");
	else if (err->code == EPERM || err->code == ENODEV || err->code == ENOSYS)
		inspect_hint(err, err->code == EPERM
					  ? "it needs CAP_SYS_ADMIN; or mount tracefs on "
					    "/sys/kernel/tracing"
					  : "this kernel has no tracing");
	return fd;
}
