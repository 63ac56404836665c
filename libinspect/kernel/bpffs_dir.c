/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpffs_dir.c - a directory that several objects are pinned in
 */
#include "kernel/bpffs_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/bpffs.h"
#include "kernel/proc.h"

void bpffs_dir_done(struct bpffs_dir *dir)
{
	free(dir->path);
	*dir = (struct bpffs_dir){ 0 };
}

static char *without_slashes(const char *path)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	return strndup(path, size);
}

static int check_writable(const struct bpffs_dir *dir, const char *where, struct inspect_error *err)
{
	struct statvfs fs;

	if (statvfs(where, &fs))
		return inspect_fail(err, errno, "%s: pin: directory '%s'", dir->path, where);
	if (!(fs.f_flag & ST_RDONLY))
		return 0;
	inspect_fail(err, EROFS, "%s: pin", dir->path);
	return inspect_hint(err, "the BPF file system there is mounted read-only");
}

static int check_existing(struct bpffs_dir *dir, bool no_mount, struct inspect_error *err)
{
	if (!proc_is_directory(dir->path)) {
		inspect_fail(err, ENOTDIR, "%s: pin", dir->path);
		return inspect_hint(err, "a directory is wanted, for a file each");
	}
	if (!proc_is_outside_bpffs(dir->path))
		return check_writable(dir, dir->path, err);
	dir->needs_mount = true;
	return bpffs_check_mount(dir->path, dir->path, no_mount, err);
}

static int check_missing(struct bpffs_dir *dir, bool no_mount, const struct bpffs_dir *before,
			 struct inspect_error *err)
{
	const char *slash = strrchr(dir->path, '/');
	autofree char *parent = !slash ? strdup(".")
				: slash == dir->path
					? strdup("/")
					: strndup(dir->path, (size_t)(slash - dir->path));

	if (!parent)
		return inspect_fail(err, ENOMEM, "%s: pin", dir->path);
	dir->needs_making = true;
	if (before && before->needs_making && strcmp(before->path, parent) == 0)
		return 0;
	if (!proc_is_directory(parent))
		return inspect_fail(err, ENOENT,
				    "can't create dir '%s' to pin BPF object: parent dir '%s' "
				    "doesn't exist",
				    dir->path, parent);
	dir->needs_mount = proc_is_outside_bpffs(parent);
	if (dir->needs_mount && no_mount) {
		inspect_fail(err, EINVAL, "%s: pin: '%s' is not on a BPF file system (bpffs)",
			     dir->path, parent);
		return inspect_hint(err, "-n forbids to mount one there");
	}
	if (!dir->needs_mount && strchr(slash ? slash + 1 : dir->path, '.')) {
		inspect_fail(err, EPERM, "%s: pin", dir->path);
		return inspect_hint(err, "a BPF file system takes no name with a dot in it");
	}
	return check_writable(dir, parent, err);
}

int bpffs_dir_check(const char *path, bool no_mount, const struct bpffs_dir *before,
		    struct bpffs_dir *out, struct inspect_error *err)
{
	AUTO(bpffs_dir_done) struct bpffs_dir dir = { .path = without_slashes(path) };
	struct stat st;

	if (!dir.path)
		return inspect_fail(err, ENOMEM, "%s: pin", path);
	bool is_there = stat(dir.path, &st) == 0;
	if (!is_there && errno != ENOENT)
		return inspect_fail(err, errno, "%s: pin", path);
	int r = is_there ? check_existing(&dir, no_mount, err)
			 : check_missing(&dir, no_mount, before, err);
	if (r < 0)
		return r;
	*out = dir;
	dir.path = NULL;
	return 0;
}

int bpffs_dir_make(struct bpffs_dir *dir, struct inspect_error *err)
{
	if (dir->needs_making && mkdir(dir->path, 0700) && errno != EEXIST)
		return inspect_fail(err, errno, "failed to create dir '%s'", dir->path);
	dir->is_made = dir->needs_making;
	if (!dir->needs_mount)
		return 0;
	if (mount("bpf", dir->path, "bpf", 0, "mode=0700")) {
		int code = errno;

		inspect_fail(err, code, "can't mount BPF file system on given dir '%s'", dir->path);
		bpffs_dir_undo(dir);
		return code == EPERM ? inspect_hint(err, "mounting needs CAP_SYS_ADMIN") : -code;
	}
	dir->is_mounted = true;
	return 0;
}

void bpffs_dir_undo(struct bpffs_dir *dir)
{
	if (dir->is_mounted)
		umount2(dir->path, MNT_DETACH);
	if (dir->is_made)
		rmdir(dir->path);
	dir->is_mounted = dir->is_made = false;
}

void bpffs_dir_tell(const struct bpffs_dir *dir, const struct inspect_note *note)
{
	if (dir->is_mounted)
		note_tell(note, "mounted a BPF file system on %s", dir->path);
}
