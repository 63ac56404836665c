/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_root.c - a folder that stands for "/"
 */
#include "fake_root.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void fake_root_make(struct fake_root *root)
{
	strcpy(root->path, "/tmp/bpflens-unit-XXXXXX");
	assert_non_null(mkdtemp(root->path));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

void fake_root_remove(struct fake_root *root)
{
	if (root->path[0])
		nftw(root->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	root->path[0] = '\0';
}

/* The whole path, with the folders above it made. */
static void whole_path(const struct fake_root *root, const char *path, char *whole, size_t size)
{
	int n = snprintf(whole, size, "%s%s", root->path, path);

	assert_true(n > 0 && (size_t)n < size);
	for (char *at = whole + strlen(root->path) + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		assert_true(mkdir(whole, 0700) == 0 || errno == EEXIST);
	}
}

void fake_root_write(const struct fake_root *root, const char *path, const char *text)
{
	char whole[256];

	whole_path(root, path, whole, sizeof(whole));
	autoclose int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

void fake_root_link(const struct fake_root *root, const char *path, const char *target)
{
	char whole[256];

	whole_path(root, path, whole, sizeof(whole));
	unlink(whole);
	assert_int_equal(symlink(target, whole), 0);
}
