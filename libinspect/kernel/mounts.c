/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mounts.c - what is mounted in this mount namespace
 *
 * A directory may be hidden by what was mounted over it later: that it is listed as a BPF file system
 * does not say that one is to be seen there.
 */
#include "kernel/mounts.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define BPF_FS_MAGIC 0xcafe4a11

static void close_mounts(FILE **mounts)
{
	if (*mounts)
		fclose(*mounts);
}

static void close_tree(FTS **tree)
{
	if (*tree)
		fts_close(*tree);
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

/* The directory of a line, if it is a mount of that type: what is mounted, where, its type, ... */
static const char *directory_of(char *line, const char *type)
{
	char *rest = line;

	strsep(&rest, " ");
	char *directory = strsep(&rest, " ");
	const char *found = strsep(&rest, " ");
	if (!found || strcmp(found, type) != 0)
		return NULL;
	decode(directory);
	return directory;
}

int mounts_each(const struct sys *sys, const char *type,
		int (*each)(void *context, const char *directory), void *context)
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
		const char *directory = directory_of(line, type);

		if (directory)
			r = each(context, directory);
	}
	return r ? r : ferror(mounts) ? -EIO : 0;
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

static int walk_tree(void *context, const char *directory)
{
	struct walk *walk = context;
	autofree char *path = strdup(directory);
	char *const roots[] = { path, NULL };
	struct statfs what;

	if (!path)
		return -ENOMEM;
	if (!is_new(walk, path) || statfs(path, &what) || (unsigned)what.f_type != BPF_FS_MAGIC)
		return 0;
	AUTO(close_tree) FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	if (!tree)
		return -errno;
	for (const FTSENT *entry; (entry = fts_read(tree));) {
		int r = entry->fts_info == FTS_F ? walk->each(walk->context, entry->fts_path) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int mounts_walk_bpffs(const struct sys *sys, int (*each)(void *context, const char *path),
		      void *context)
{
	struct walk walk = { .each = each, .context = context };

	int r = mounts_each(sys, "bpf", walk_tree, &walk);
	buf_done(&walk.seen);
	return r;
}
