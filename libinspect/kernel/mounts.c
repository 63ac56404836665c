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
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	int (*each)(void *context, const char *path);
	void *context;
	struct buf seen; /* directories, each between NULs */
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

/* One file system. The C library's fts(3) will not do: glibc's crashes where memory runs out. */
struct tree {
	const struct walk *walk;
	dev_t device;
	char path[PATH_MAX];
};

static int walk_directory(struct tree *tree, size_t length);

static int walk_entry(struct tree *tree, size_t length)
{
	struct stat what;

	if (lstat(tree->path, &what) || what.st_dev != tree->device)
		return 0;
	if (S_ISREG(what.st_mode))
		return tree->walk->each(tree->walk->context, tree->path);
	return S_ISDIR(what.st_mode) ? walk_directory(tree, length) : 0;
}

/* What cannot be opened is left out. */
static int walk_directory(struct tree *tree, size_t length)
{
	AUTO(close_directory) DIR *directory = opendir(tree->path);

	if (!directory)
		return errno == ENOMEM ? -ENOMEM : 0;
	for (const struct dirent *entry; (entry = readdir(directory));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		size_t room = sizeof(tree->path) - length;
		int n = snprintf(tree->path + length, room, "/%s", entry->d_name);
		int r = n > 0 && (size_t)n < room ? walk_entry(tree, length + (size_t)n) : 0;
		tree->path[length] = '\0';
		if (r < 0)
			return r;
	}
	return 0;
}

static int walk_tree(void *context, const char *directory)
{
	struct walk *walk = context;
	struct tree tree = { .walk = walk };
	struct statfs what;
	struct stat root;

	int n = snprintf(tree.path, sizeof(tree.path), "%s", directory);
	if (n < 0 || (size_t)n >= sizeof(tree.path))
		return 0;
	if (!is_new(walk, directory) || statfs(directory, &what) ||
	    (unsigned)what.f_type != BPF_FS_MAGIC || lstat(directory, &root))
		return 0;
	tree.device = root.st_dev;
	return walk_directory(&tree, (size_t)n);
}

int mounts_walk_bpffs(const struct sys *sys, int (*each)(void *context, const char *path),
		      void *context)
{
	struct walk walk = { .each = each, .context = context };

	int r = mounts_each(sys, "bpf", walk_tree, &walk);
	buf_done(&walk.seen);
	return r;
}
