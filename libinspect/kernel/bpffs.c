/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * bpffs.c - where objects are pinned
 *
 * A mount hides what the directory had, so one is made over an empty directory alone. A mistyped
 * path must not cost anybody the sight of their files.
 */
#include "kernel/bpffs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/proc.h"

void bpffs_done(struct bpffs_place *place)
{
	free(place->directory);
	*place = (struct bpffs_place){ 0 };
}

/* The part of a path in front of its last slash; NULL when there is no memory. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static int check_name(const char *path, struct inspect_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (!*name) {
		inspect_fail(err, EINVAL, "%s: pin", path);
		return inspect_hint(err, "a file's name is wanted, not a directory's");
	}
	if (strlen(name) > NAME_MAX) {
		inspect_fail(err, ENAMETOOLONG, "%s: pin", path);
		return inspect_hint(err, "a name may have %d bytes", NAME_MAX);
	}
	if (strchr(name, '.')) {
		inspect_fail(err, EPERM, "%s: pin", path);
		return inspect_hint(err, "a BPF file system takes no name with a dot in it");
	}
	return 0;
}

static bool is_empty(const char *directory)
{
	const struct dirent *entry;
	DIR *dir = opendir(directory);
	bool found = !dir;

	while (dir && !found && (entry = readdir(dir)))
		found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (dir)
		closedir(dir);
	return !found;
}

int bpffs_check_mount(const char *path, const char *directory, bool no_mount,
		      struct inspect_error *err)
{
	bool has_content = !is_empty(directory);

	if (!no_mount && !has_content)
		return 0;
	inspect_fail(err, EINVAL, "%s: pin: '%s' is not on a BPF file system (bpffs)", path,
		     directory);
	if (no_mount && !has_content)
		return inspect_hint(err, "-n forbids to mount one there");
	return inspect_hint(err,
			    "a bpffs is never mounted over a directory with content; the usual "
			    "one is below /sys/fs/bpf");
}

static int check_directory(struct bpffs_place *place, bool no_mount, struct inspect_error *err)
{
	const char *path = place->path, *directory = place->directory;
	struct statvfs fs;

	if (statvfs(directory, &fs))
		return inspect_fail(err, errno, "%s: pin: directory '%s'", path, directory);
	if (!proc_is_directory(directory))
		return inspect_fail(err, ENOTDIR, "%s: pin: '%s'", path, directory);
	if (proc_is_outside_bpffs(directory)) {
		place->needs_mount = true;
		return bpffs_check_mount(path, directory, no_mount, err);
	}
	if (fs.f_flag & ST_RDONLY) {
		inspect_fail(err, EROFS, "%s: pin", path);
		return inspect_hint(err, "the BPF file system there is mounted read-only");
	}
	return 0;
}

int bpffs_check(const char *path, bool no_mount, struct bpffs_place *out, struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { .path = path };
	struct stat st;

	if (lstat(path, &st) == 0) {
		inspect_fail(err, EEXIST, "%s: pin", path);
		return inspect_hint(err, S_ISDIR(st.st_mode)
						 ? "a directory; a new file's name is wanted"
						 : "nothing is ever replaced; "
						   "'pin remove' unpins what is there");
	}
	int r = check_name(path, err);
	if (r < 0)
		return r;
	place.directory = directory_of(path);
	if (!place.directory)
		return inspect_fail(err, ENOMEM, "%s: pin", path);
	r = check_directory(&place, no_mount, err);
	if (r < 0)
		return r;
	*out = place;
	place.directory = NULL;
	return 0;
}

int bpffs_fail_pin(const char *path, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "%s: pin", path);
	if (code == EACCES)
		return inspect_hint(err, "write permission on the directory is needed");
	if (code == EPERM)
		return inspect_hint(err, "pinning needs CAP_BPF where the kernel does not allow it "
					 "to everyone");
	return -code;
}

static int fail_mount(const struct bpffs_place *place, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "%s: mount a BPF file system to pin '%s'", place->directory,
		     place->path);
	return code == EPERM ? inspect_hint(err, "mounting needs CAP_SYS_ADMIN") : -code;
}

int bpffs_pin(const struct sys *sys, const struct bpffs_place *place, int fd,
	      const struct inspect_note *note, struct inspect_error *err)
{
	const char *directory = place->directory;

	if (place->needs_mount && mount("bpf", directory, "bpf", 0, "mode=0700"))
		return fail_mount(place, errno, err);
	int r = sys_pin(sys, fd, place->path);
	if (r < 0) {
		if (place->needs_mount)
			umount2(directory, MNT_DETACH);
		return bpffs_fail_pin(place->path, -r, err);
	}
	if (place->needs_mount)
		note_tell(note, "mounted a BPF file system on %s", directory);
	return 0;
}
