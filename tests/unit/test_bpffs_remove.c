/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_bpffs_remove.c - taking names away, on an ordinary file system: what is checked, and that no link leads out
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_root.h"
#include "kernel/bpffs_remove.h"
#include "kernel/mounts.h"

static const char *in(const struct fake_root *root, const char *path)
{
	static char text[2][512];
	static unsigned turn;
	char *out = text[turn++ % 2];

	snprintf(out, sizeof(text[0]), "%s%s", root->path, path);
	return out;
}

static bool is_there(const struct fake_root *root, const char *path)
{
	struct stat what;

	return !lstat(in(root, path), &what);
}

/* The name that bpffs_name_open() would have opened on a BPF file system. */
static void open_name(const struct fake_root *root, const char *path, struct bpffs_name *out)
{
	*out = (struct bpffs_name){ .path = strdup(in(root, path)), .at = strlen(root->path) + 1 };
	out->directory = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(out->directory >= 0);
}

static int remove_met(const struct fake_root *root, const struct bpffs_name *base, const char *path,
		      const struct mounts_entry *met)
{
	return bpffs_remove(base, in(root, path), met);
}

static void what_was_met_is_removed(void **state)
{
	AUTO(bpffs_name_done) struct bpffs_name base;
	struct mounts_entry file, directory;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/a/b/x", "x");
	open_name(&root, "/a", &base);
	assert_true(mounts_look_at(in(&root, "/a/b/x"), &file));
	assert_true(mounts_look_at(in(&root, "/a/b"), &directory));
	assert_int_equal(remove_met(&root, &base, "/a/b", &directory), -ENOTEMPTY);
	assert_int_equal(remove_met(&root, &base, "/a/b/x", &file), 0);
	assert_int_equal(remove_met(&root, &base, "/a/b", &directory), 0);
	assert_false(is_there(&root, "/a/b"));
	assert_true(is_there(&root, "/a"));
}

static void what_is_gone_already_is_no_failure(void **state)
{
	AUTO(bpffs_name_done) struct bpffs_name base;
	struct mounts_entry file;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/a/b/x", "x");
	open_name(&root, "/a", &base);
	assert_true(mounts_look_at(in(&root, "/a/b/x"), &file));
	assert_int_equal(remove_met(&root, &base, "/a/b/x", &file), 0);
	assert_int_equal(remove_met(&root, &base, "/a/b/x", &file), 0);
	assert_int_equal(rmdir(in(&root, "/a/b")), 0);
	assert_int_equal(remove_met(&root, &base, "/a/b/x", &file), 0);
}

static void another_file_of_the_same_name_stays(void **state)
{
	AUTO(bpffs_name_done) struct bpffs_name base;
	struct mounts_entry file;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/a/x", "x");
	fake_root_write(&root, "/a/y", "y");
	open_name(&root, "/a", &base);
	assert_true(mounts_look_at(in(&root, "/a/x"), &file));
	assert_int_equal(rename(in(&root, "/a/y"), in(&root, "/a/x")), 0);
	assert_int_equal(remove_met(&root, &base, "/a/x", &file), -ESTALE);
	assert_true(is_there(&root, "/a/x"));
}

static void a_directory_that_became_a_link_is_not_followed(void **state)
{
	AUTO(bpffs_name_done) struct bpffs_name base;
	struct mounts_entry file;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/a/b/x", "x");
	fake_root_write(&root, "/other/none", "");
	open_name(&root, "/a", &base);
	assert_true(mounts_look_at(in(&root, "/a/b/x"), &file));
	assert_int_equal(rename(in(&root, "/a/b"), in(&root, "/other/b")), 0);
	assert_int_equal(symlink(in(&root, "/other/b"), in(&root, "/a/b")), 0);
	int r = remove_met(&root, &base, "/a/b/x", &file);
	assert_true(r == -ESTALE || r == -ENOTDIR);
	assert_true(is_there(&root, "/other/b/x"));
}

static void a_name_on_another_file_system_is_refused(void **state)
{
	const char *const paths[] = { "/file", "/folder", "/folder/", "/folder/x" };
	struct bpffs_name name;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/file", "x");
	fake_root_write(&root, "/folder/x", "x");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct inspect_error err;

		assert_int_equal(bpffs_name_open(in(&root, paths[i]), &name, &err), -EINVAL);
		assert_non_null(strstr(err.hint, "not on a BPF file system"));
	}
}

static void what_is_no_name_is_refused(void **state)
{
	const char *const paths[] = { "", "/", "//", ".", "..", "/.", "/tmp/..", "/tmp/./" };
	struct bpffs_name name;
	struct inspect_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_int_equal(bpffs_name_open(paths[i], &name, &err), -EINVAL);
}

struct walked {
	char text[512];
};

static int note(void *context, const struct mounts_entry *entry)
{
	struct walked *walked = context;

	strcat(walked->text, strrchr(entry->path, '/'));
	strcat(walked->text, S_ISDIR(entry->mode) ? "/|" : S_ISLNK(entry->mode) ? "@|" : "|");
	return strstr(walked->text, "stop") ? 7 : 0;
}

static void a_directory_comes_after_what_is_in_it(void **state)
{
	struct walked walked = { "" };
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/top/mid/low/x", "x");
	fake_root_link(&root, "/top/mid/low/s", "/etc");
	assert_int_equal(unlink(in(&root, "/top/mid/low/x")), 0);
	assert_int_equal(mounts_walk_tree(in(&root, "/top"), note, &walked), 0);
	assert_string_equal(walked.text, "/s@|/low/|/mid/|/top/|");
}

static void an_answer_ends_a_walk(void **state)
{
	struct walked walked = { "" };
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/top/mid/stop", "x");
	assert_int_equal(mounts_walk_tree(in(&root, "/top"), note, &walked), 7);
	assert_string_equal(walked.text, "/stop|");
	assert_int_equal(mounts_walk_tree(in(&root, "/nowhere"), note, &walked), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_met_is_removed),
		cmocka_unit_test(what_is_gone_already_is_no_failure),
		cmocka_unit_test(another_file_of_the_same_name_stays),
		cmocka_unit_test(a_directory_that_became_a_link_is_not_followed),
		cmocka_unit_test(a_name_on_another_file_system_is_refused),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(a_directory_comes_after_what_is_in_it),
		cmocka_unit_test(an_answer_ends_a_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
