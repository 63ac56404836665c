/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mounts.c - what is mounted in this mount namespace
 */
#include "kernel/mounts.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

static void close_mounts(FILE **mounts)
{
	if (*mounts)
		endmntent(*mounts);
}

static void close_tree(FTS **tree)
{
	if (*tree)
		fts_close(*tree);
}

static int walk_tree(char *path, int (*each)(void *context, const char *path), void *context)
{
	char *const roots[] = { path, NULL };

	AUTO(close_tree) FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	if (!tree)
		return -errno;
	for (const FTSENT *entry; (entry = fts_read(tree));) {
		int r = entry->fts_info == FTS_F ? each(context, entry->fts_path) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int mounts_walk_bpffs(const struct sys *sys, int (*each)(void *context, const char *path),
		      void *context)
{
	char path[PATH_MAX], line[2 * PATH_MAX];
	struct mntent entry;

	int n = snprintf(path, sizeof(path), "%s/proc/self/mounts", sys->root);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	AUTO(close_mounts) FILE *mounts = setmntent(path, "re");
	if (!mounts)
		return -errno;
	while (getmntent_r(mounts, &entry, line, sizeof(line))) {
		if (strcmp(entry.mnt_type, "bpf") != 0)
			continue;
		int r = walk_tree(entry.mnt_dir, each, context);

		if (r < 0)
			return r;
	}
	return 0;
}
