/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * tracefs.c - the file system of the kernel's tracing: events, functions
 *
 * It is looked for where it is by custom, and then among all mounts: a directory of that name may be there with
 * nothing mounted on it.
 */
#include "kernel/tracefs.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/mounts.h"
#include "kernel/proc.h"

static bool is_there(const char *root)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/events", root);

	return n > 0 && (size_t)n < sizeof(path) && proc_is_directory(path);
}

/* The first that can be seen ends the walk. */
static int take_mount(void *context, const char *directory)
{
	char **found = context;

	if (!is_there(directory))
		return 0;
	*found = strdup(directory);
	return *found ? 1 : -ENOMEM;
}

int tracefs_find(const struct sys *sys, char **out, struct inspect_error *err)
{
	static const char *const customs[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[PATH_MAX];
	char *found = NULL;
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(customs) / sizeof(*customs); i++) {
		snprintf(path, sizeof(path), "%s%s", sys->root, customs[i]);
		r = take_mount(&found, path);
	}
	if (!r)
		r = mounts_each(sys, "tracefs", take_mount, &found);
	if (found) {
		*out = found;
		return 0;
	}
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "tracefs");
	if (geteuid()) {
		inspect_fail(err, EACCES, "no tracefs can be seen");
		return inspect_hint(err, "it is for root alone, by custom at /sys/kernel/tracing");
	}
	inspect_fail(err, ENOENT, "no tracefs is mounted");
	return inspect_hint(err, "'mount -t tracefs tracefs /sys/kernel/tracing' mounts it");
}

int tracefs_event_id(const char *root, const char *category, const char *name, uint64_t *out)
{
	autofree char *bytes = NULL;
	char path[PATH_MAX], digits[NUM_ROOM];
	size_t size;

	int n = snprintf(path, sizeof(path), "%s/events/%s/%s/id", root, category, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	int r = proc_read_file(path, sizeof(digits) - 1, &bytes, &size, NULL);
	if (r < 0)
		return r;
	snprintf(digits, sizeof(digits), "%.*s", (int)size, bytes);
	digits[strcspn(digits, "\n")] = '\0';
	return num_parse(digits, NUM_DECIMAL, UINT32_MAX, out);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

int tracefs_each(const char *root, const char *directory,
		 int (*each)(void *context, const char *name), void *context)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	int r = 0;

	int n = snprintf(path, sizeof(path), "%s/%s", root, directory);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	AUTO(close_directory) DIR *dir = opendir(path);
	if (!dir)
		return -errno;
	while (!r && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			r = each(context, entry->d_name);
	return r;
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* "name" or "name [module]", and perhaps more behind a blank. */
static int take_function(char *line,
			 int (*each)(void *context, const char *name, const char *module),
			 void *context)
{
	char *end = line + strcspn(line, " \t\n"), *module = NULL;

	if (*end == ' ' || *end == '\t') {
		char *open = strchr(end, '[');
		char *close = open ? strchr(open, ']') : NULL;

		if (close) {
			*close = '\0';
			module = open + 1;
		}
	}
	*end = '\0';
	/* The kernel's mark for a place whose function is gone. */
	if (!*line || strncmp(line, "__ftrace_invalid_address__", 26) == 0)
		return 0;
	return each(context, line, module);
}

int tracefs_each_function(const char *root,
			  int (*each)(void *context, const char *name, const char *module),
			  void *context)
{
	autofree char *line = NULL;
	char path[PATH_MAX];
	size_t room = 0;
	int r = 0;

	int n = snprintf(path, sizeof(path), "%s/available_filter_functions", root);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	AUTO(close_file) FILE *file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!r && getline(&line, &room, file) > 0)
		r = take_function(line, each, context);
	return r;
}
