/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpffs_remove.c - take names away from BPF file systems
 *
 * Others may write there too. A path that was checked may lead elsewhere a moment later, so what is removed is reached from
 * an open directory, name by name, and no symbolic link is followed.
 */
#include "kernel/bpffs_remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define BPF_FS_MAGIC 0xcafe4a11

void bpffs_name_done(struct bpffs_name *name)
{
	free(name->path);
	close_fd(name->directory);
	*name = (struct bpffs_name){ .directory = -1 };
}

int bpffs_check_writable(int at, const char *directory, const char *path, struct inspect_error *err)
{
	if (!faccessat(at, directory, W_OK | X_OK, AT_EACCESS))
		return 0;
	int code = errno;
	inspect_fail(err, code, "%s: unpin", path);
	if (code == EROFS)
		return inspect_hint(err, "the BPF file system there is mounted read-only");
	return inspect_hint(err, "write permission on the directory is needed");
}

/* Opens the directory part. */
static int open_directory(struct bpffs_name *name, struct inspect_error *err)
{
	char *last = strrchr(name->path, '/');

	name->at = last ? (size_t)(last - name->path) + 1 : 0;
	const char *word = name->path + name->at;
	if (!*word || strcmp(word, ".") == 0 || strcmp(word, "..") == 0) {
		inspect_fail(err, EINVAL, "%s: unpin", name->path);
		return inspect_hint(err, "the name of a pin or of a directory is wanted");
	}
	autofree char *directory = last ? strndup(name->path, name->at) : strdup(".");
	if (!directory)
		return inspect_fail(err, ENOMEM, "%s: unpin", name->path);
	name->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (name->directory < 0)
		return inspect_fail(err, errno, "%s: unpin: directory '%s'", name->path, directory);
	return 0;
}

static bool is_mount_root(const struct statx *what, int directory)
{
	struct stat around;

	if (what->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return what->stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return !fstat(directory, &around) &&
	       around.st_dev != makedev(what->stx_dev_major, what->stx_dev_minor);
}

static int fail_check(const struct bpffs_name *name, int code, const char *hint,
		      struct inspect_error *err)
{
	inspect_fail(err, code, "%s: unpin", name->path);
	return inspect_hint(err, "%s", hint);
}

static int check_name(struct bpffs_name *name, struct inspect_error *err)
{
	struct statfs fs;
	struct statx what;

	if (statx(name->directory, name->path + name->at, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
		  STATX_BASIC_STATS, &what))
		return inspect_fail(err, errno, "%s: unpin", name->path);
	name->mode = what.stx_mode;
	if (S_ISLNK(name->mode))
		return fail_check(name, EINVAL,
				  "a symbolic link is not followed: name the pin itself", err);
	if (is_mount_root(&what, name->directory))
		return fail_check(name, EBUSY,
				  "something is mounted there: name what is in it instead", err);
	if (fstatfs(name->directory, &fs))
		return inspect_fail(err, errno, "%s: unpin", name->path);
	if ((unsigned)fs.f_type != BPF_FS_MAGIC)
		return fail_check(name, EINVAL, "not on a BPF file system (bpffs)", err);
	return bpffs_check_writable(name->directory, ".", name->path, err);
}

int bpffs_name_open(const char *path, struct bpffs_name *out, struct inspect_error *err)
{
	AUTO(bpffs_name_done) struct bpffs_name name = { .directory = -1 };
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	name.path = strndup(path, n);
	if (!name.path)
		return inspect_fail(err, ENOMEM, "%s: unpin", path);
	int r = open_directory(&name, err);
	if (!r)
		r = check_name(&name, err);
	if (r < 0)
		return r;
	*out = name;
	name = (struct bpffs_name){ .directory = -1 };
	return 0;
}

/* One step down. */
static int open_below(int directory, const char *name, size_t size)
{
	autofree char *word = strndup(name, size);

	if (!word)
		return -ENOMEM;
	int fd = openat(directory, word, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int remove_in(int directory, const char *name, const struct mounts_entry *met)
{
	struct stat what;

	if (fstatat(directory, name, &what, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (what.st_dev != met->device || what.st_ino != met->inode)
		return -ESTALE;
	if (unlinkat(directory, name, S_ISDIR(met->mode) ? AT_REMOVEDIR : 0) && errno != ENOENT)
		return -errno;
	return 0;
}

int bpffs_remove(const struct bpffs_name *name, const char *path, const struct mounts_entry *met)
{
	const char *at = path + name->at;

	autoclose int directory = fcntl(name->directory, F_DUPFD_CLOEXEC, 0);
	if (directory < 0)
		return -errno;
	for (size_t n; at[n = strcspn(at, "/")]; at += n + 1) {
		int next = open_below(directory, at, n);

		if (next < 0)
			return next == -ENOENT ? 0 : next == -ELOOP ? -ESTALE : next;
		close_fd(directory);
		directory = next;
	}
	return remove_in(directory, at, met);
}
