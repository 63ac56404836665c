/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mounts.c - what is mounted in this mount namespace
 *
 * A directory may be hidden by what was mounted over it later: that it is listed as a BPF file system
 * does not say that one is to be seen there.
 */
#include "kernel/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define BPF_FS_MAGIC 0xcafe4a11

static void close_mounts(FILE **mounts)
{
	if (*mounts)
		fclose(*mounts);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Blanks and the like stand as a backslash and three octal digits. */
static void decode(char *word)
{
	char *to = word;

	for (const char *at = word; *at; to++) {
		if (at[0] == '\\' && is_octal(at[1]) && is_octal(at[2]) && is_octal(at[3])) {
			*to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

/*
 * The directory of a line, if it is a mount of that type: what is mounted, where, its type, its
 * options, ... A line that ends too early has no options.
 */
static const char *directory_of(char *line, const char *type, const char **options)
{
	char *rest = line;

	strsep(&rest, " ");
	char *directory = strsep(&rest, " ");
	const char *found = strsep(&rest, " ");
	if (!found || strcmp(found, type) != 0)
		return NULL;
	char *words = strsep(&rest, " ");
	decode(directory);
	if (words)
		decode(words);
	*options = words ? words : "";
	return directory;
}

int mounts_each_with(const struct sys *sys, const char *type,
		     int (*each)(void *context, const char *directory, const char *options),
		     void *context)
{
	char path[PATH_MAX];
	autofree char *line = NULL;
	size_t room = 0;
	int r = 0;

	int n = snprintf(path, sizeof(path), "%s/proc/self/mounts", sys->root);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	AUTO(close_mounts) FILE *mounts = fopen(path, "re");
	if (!mounts)
		return -errno;
	while (!r && getline(&line, &room, mounts) > 0) {
		const char *options;
		const char *directory = directory_of(line, type, &options);

		if (directory)
			r = each(context, directory, options);
	}
	return r ? r : ferror(mounts) ? -EIO : 0;
}

struct plain_each {
	int (*each)(void *context, const char *directory);
	void *context;
};

static int without_options(void *context, const char *directory, const char *options)
{
	const struct plain_each *plain = context;

	(void)options;
	return plain->each(plain->context, directory);
}

int mounts_each(const struct sys *sys, const char *type,
		int (*each)(void *context, const char *directory), void *context)
{
	struct plain_each plain = { each, context };

	return mounts_each_with(sys, type, without_options, &plain);
}

struct walk {
	int (*each)(void *context, const struct mounts_entry *entry);
	void *context;
	const char *below; /* only mounts there, or NULL */
	unsigned n;	   /* BPF file systems that were looked through */
	struct buf seen;   /* directories, each between NULs */
};

/* Is it the first time that this directory comes? What is mounted twice there is seen once. */
static bool is_new(struct walk *walk, const char *directory)
{
	struct buf *seen = &walk->seen;
	size_t at = seen->size, n = strlen(directory) + 2;

	buf_add_char(seen, '\0');
	buf_add(seen, directory, n - 1);
	return buf_failed(seen) || !memmem(seen->bytes, at, seen->bytes + at, n);
}

static bool look_at(const char *path, struct mounts_entry *out, struct statx *what)
{
	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, what))
		return false;
	*out = (struct mounts_entry){
		.path = path,
		.mode = what->stx_mode,
		.device = makedev(what->stx_dev_major, what->stx_dev_minor),
		.inode = what->stx_ino,
		.n_links = what->stx_nlink,
	};
	return true;
}

bool mounts_look_at(const char *path, struct mounts_entry *out)
{
	struct statx what;

	return look_at(path, out, &what);
}

/* A kernel before Linux 5.8 does not tell, and a bind mount of the same file system is not noticed. */
static bool is_mount_root(const struct statx *what, bool otherwise)
{
	if (what->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return what->stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return otherwise;
}

/* A directory that is being read, and what it is told as once all in it was. */
struct level {
	struct level *above;
	DIR *directory; /* NULL: it could not be opened */
	size_t length;	/* of its path */
	struct mounts_entry entry;
};

/* One file system. The C library's fts(3) will not do: glibc's crashes where memory runs out. */
struct tree {
	const struct walk *walk;
	dev_t device;
	struct level
		*level; /* the deepest; as many as a path has names, which no small stack holds */
	char path[PATH_MAX];
};

static void leave_level(struct tree *tree)
{
	struct level *level = tree->level;

	close_directory(&level->directory);
	tree->level = level->above;
	free(level);
}

static void tree_done(struct tree *tree)
{
	while (tree->level)
		leave_level(tree);
}

static int enter_level(struct tree *tree, size_t length, const struct mounts_entry *entry)
{
	struct level *level = malloc(sizeof(*level));

	if (!level)
		return -ENOMEM;
	*level = (struct level){ tree->level, opendir(tree->path), length, *entry };
	if (!level->directory)
		level->entry.error = errno;
	tree->level = level;
	return level->entry.error == ENOMEM ? -ENOMEM : 0;
}

/* What the path says now: a directory comes once all that is in it did. */
static int walk_entry(struct tree *tree, size_t length)
{
	struct mounts_entry entry;
	struct statx what;

	if (!look_at(tree->path, &entry, &what))
		return 0;
	entry.is_mount = tree->level && is_mount_root(&what, entry.device != tree->device);
	if (S_ISDIR(entry.mode) && !entry.is_mount)
		return enter_level(tree, length, &entry);
	return tree->walk->each(tree->walk->context, &entry);
}

/* The next name in the deepest directory, or that directory itself where it has no more. */
static int walk_on(struct tree *tree)
{
	struct level *level = tree->level;
	size_t room = sizeof(tree->path) - level->length;
	const struct dirent *entry = level->directory ? readdir(level->directory) : NULL;

	tree->path[level->length] = '\0';
	if (!entry) {
		int r = tree->walk->each(tree->walk->context, &level->entry);

		leave_level(tree);
		return r;
	}
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	int n = snprintf(tree->path + level->length, room, "/%s", entry->d_name);
	if (n > 0 && (size_t)n < room)
		return walk_entry(tree, level->length + (size_t)n);
	level->entry.error = ENAMETOOLONG;
	return 0;
}

static bool is_bpffs(const char *path)
{
	struct statfs what;

	return !statfs(path, &what) && (unsigned)what.f_type == BPF_FS_MAGIC;
}

static int walk_tree(struct walk *walk, const char *path, dev_t device)
{
	AUTO(tree_done) struct tree tree = { .walk = walk, .device = device };

	int n = snprintf(tree.path, sizeof(tree.path), "%s", path);
	if (n < 0 || (size_t)n >= sizeof(tree.path))
		return 0;
	walk->n++;
	int r = walk_entry(&tree, (size_t)n);
	while (!r && tree.level)
		r = walk_on(&tree);
	return r;
}

/* Is @path in the directory, at whatever depth? */
static bool is_in(const char *path, const char *directory)
{
	size_t n = strlen(directory);

	if (n && directory[n - 1] == '/')
		n--;
	return strncmp(path, directory, n) == 0 && path[n] == '/';
}

static int walk_mount(void *context, const char *directory)
{
	struct walk *walk = context;
	struct mounts_entry entry;
	struct statx what;

	if ((walk->below && !is_in(directory, walk->below)) || !is_new(walk, directory) ||
	    !is_bpffs(directory) || !look_at(directory, &entry, &what) || S_ISLNK(entry.mode) ||
	    !is_mount_root(&what, true))
		return 0;
	return walk_tree(walk, directory, entry.device);
}

int mounts_walk_bpffs(const struct sys *sys, const char *below, mounts_each_entry *each,
		      void *context)
{
	struct walk walk = { .each = each, .context = context, .below = below };
	bool is_on_one = below && is_bpffs(below);

	int r = is_on_one ? mounts_walk_tree(below, each, context) : 0;
	if (!r)
		r = mounts_each(sys, "bpf", walk_mount, &walk);
	buf_done(&walk.seen);
	return r || !below || is_on_one || walk.n ? r : -ENODEV;
}

int mounts_walk_tree(const char *path, mounts_each_entry *each, void *context)
{
	struct walk walk = { .each = each, .context = context };
	struct mounts_entry entry;
	struct statx what;

	return look_at(path, &entry, &what) ? walk_tree(&walk, path, entry.device) : -errno;
}
