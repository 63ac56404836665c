/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * file.c - a whole file, or nothing
 *
 * The bytes go into a file of another name beside it, which takes its place in one step.
 */
#include "out/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Some file systems tell only then that there was no room. */
static int close_written(int *fd)
{
	return close(take_fd(fd)) ? -errno : 0;
}

static int write_there(const char *path, const void *bytes, size_t size, struct inspect_error *err)
{
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return inspect_fail(err, errno, "%s: open for writing", path);
	int r = write_all(fd, bytes, size);
	return r < 0 ? inspect_fail(err, -r, "%s: write", path) : 0;
}

/* Fills the file that is open, and gives it the rights of the one that it is to replace (or NULL). */
static int fill(int *fd, const void *bytes, size_t size, const struct stat *old)
{
	int r = write_all(*fd, bytes, size);

	if (r < 0)
		return r;
	if (old) {
		if (fchown(*fd, old->st_uid, old->st_gid) && errno != EPERM)
			return -errno;
		if (fchmod(*fd, old->st_mode & 0777))
			return -errno;
	}
	return close_written(fd);
}

static int replace(const char *path, const void *bytes, size_t size, const struct stat *old,
		   struct inspect_error *err)
{
	AUTO(buf_done) struct buf beside = { 0 };

	buf_add_text(&beside, path);
	buf_add(&beside, ".XXXXXX", sizeof(".XXXXXX"));
	if (buf_failed(&beside))
		return inspect_fail(err, ENOMEM, "%s", path);
	autoclose int fd = mkostemp(beside.bytes, O_CLOEXEC);
	if (fd < 0)
		return inspect_fail(err, errno, "%s: make a file beside it", path);
	int r = fill(&fd, bytes, size, old);
	if (!r && rename(beside.bytes, path))
		r = -errno;
	if (!r)
		return 0;
	unlink(beside.bytes);
	return inspect_fail(err, -r, "%s: write", path);
}

int file_replace(const char *path, const void *bytes, size_t size, struct inspect_error *err)
{
	struct stat old;

	if (stat(path, &old)) {
		if (errno != ENOENT)
			return inspect_fail(err, errno, "%s", path);
		return replace(path, bytes, size, NULL, err);
	}
	if (S_ISDIR(old.st_mode))
		return inspect_fail(err, EISDIR, "%s: write", path);
	if (!S_ISREG(old.st_mode))
		return write_there(path, bytes, size, err);
	if (access(path, W_OK))
		return inspect_fail(err, errno, "%s: write", path);
	autofree char *real = realpath(path, NULL); /* a link to the file stays one */
	if (!real)
		return inspect_fail(err, errno, "%s", path);
	return replace(real, bytes, size, &old, err);
}
