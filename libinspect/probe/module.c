/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * module.c - modules whose types are known, and their types
 *
 * The kernel shows a file for each module that is loaded and brought BTF along. A part that is built in has no such file: its
 * types are among the kernel's own.
 */
#include "probe/module.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "base/num.h"
#include "probe/answer.h"
#include "probe/config.h"
#include "probe/name.h"

#define FOLDER "/sys/kernel/btf"
#define KERNEL "vmlinux"
#define BYTES_MOST ((size_t)64 << 20)
#define OPTION "CONFIG_DEBUG_INFO_BTF_MODULES"

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, KERNEL) != 0 &&
	       strlen(entry->d_name) < MODULE_NAME_ROOM;
}

static bool below_root(const struct probe *probe, const char *folder, const char *name, char *room,
		       size_t size)
{
	int n = snprintf(room, size, "%s%s/%s", probe->sys->root, folder, name);

	return n > 0 && (size_t)n < size;
}

int module_names(struct probe *probe, int (*each)(void *context, const char *name), void *context)
{
	struct dirent **entries = NULL;
	char path[PATH_MAX];
	int r = 0;

	if (!below_root(probe, FOLDER, "", path, sizeof(path)))
		return -ENAMETOOLONG;
	int n = scandir(path, &entries, is_module, alphasort);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (!r)
			r = each(context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int module_open(struct module_types *out, struct probe *probe, const char *name)
{
	char path[PATH_MAX];
	int r;

	*out = (struct module_types){ 0 };
	const struct btf_reader *base = types_reader(probe, &r);
	if (!base)
		return r;
	snprintf(path, sizeof(path), FOLDER "/%s", name);
	r = proc_bytes_read(probe->sys, path, BYTES_MOST, &out->bytes, NULL);
	if (r < 0)
		return r;
	r = btf_init(&out->btf, out->bytes.bytes, out->bytes.size, base, NULL);
	if (r < 0)
		module_close(out);
	return r;
}

void module_close(struct module_types *types)
{
	btf_done(&types->btf);
	proc_bytes_done(&types->bytes);
}

struct opening {
	struct probe *probe;
	int (*each)(void *context, const char *name, const struct btf_reader *btf);
	void *context;
};

static int open_one(void *context, const char *name)
{
	struct opening *opening = context;
	AUTO(module_close) struct module_types types;

	int r = module_open(&types, opening->probe, name);
	if (r <
	    0) /* it may be gone by now, or be none of ours; but what could not be read may have what is looked for */
		return answer_is_open(-r) ? r : 0;
	return opening->each(opening->context, name, &types.btf);
}

int module_each_types(struct probe *probe,
		      int (*each)(void *context, const char *name, const struct btf_reader *btf),
		      void *context)
{
	struct opening opening = { probe, each, context };

	return module_names(probe, open_one, &opening);
}

/* @name: as it was asked for. */
static int tell(struct probe *probe, const char *name, uint64_t bytes)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MODULE, .name = name };
	char value[NUM_ROOM + 1] = "";

	answer_yes(&out, INSPECT_FOUND_FILE);
	value[num_format_u64(value, bytes)] = '\0';
	out.value = value;
	return probe_tell(probe, &out);
}

/* @file: how the kernel writes it. */
static int tell_present(struct probe *probe, const char *name, const char *file)
{
	struct stat status;
	char path[PATH_MAX];

	if (!below_root(probe, FOLDER, file, path, sizeof(path)) || stat(path, &status))
		return 0; /* it was removed meanwhile */
	return tell(probe, name, (uint64_t)status.st_size);
}

static int take_name(void *context, const char *name)
{
	return tell_present(context, name, name);
}

int module_each(struct probe *probe, struct inspect_error *err)
{
	int r = module_names(probe, take_name, probe);

	/* What may not be listed is not told, and no reason to tell nothing of the rest. */
	if (r == -ENOENT || r == -EACCES || r == -EPERM)
		return 0;
	return r < 0 ? inspect_fail(err, -r, "%s: list", FOLDER) : r;
}

static bool exists(const struct probe *probe, const char *folder, const char *name)
{
	struct stat status;
	char path[PATH_MAX];

	return below_root(probe, folder, name, path, sizeof(path)) && stat(path, &status) == 0;
}

/* It is not among the modules with types: what is known of that. */
static int tell_absent(struct probe *probe, const char *name, const char *file)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MODULE, .name = name };
	const char *value;

	if (!exists(probe, FOLDER, "")) {
		types_unknown(&out, -ENOENT);
		return probe_tell(probe, &out);
	}
	answer_no(&out, INSPECT_FOUND_FILE, 0, INSPECT_REASON_OTHER);
	if (config_has(probe, OPTION, &value) == 0) {
		out.reason = INSPECT_REASON_CONFIG;
		out.detail = OPTION " is not set";
	} else if (exists(probe, "/sys/module", file)) {
		out.detail = "it is built in, or brought no types along";
	} else {
		out.reason = INSPECT_REASON_NOT_BUILT_IN;
		out.detail = "no such module is loaded";
	}
	return probe_tell(probe, &out);
}

static int check_name(const struct inspect_question *question, struct inspect_error *err)
{
	const char *name = question->name;

	if (*name && *name != '.' && !strchr(name, '/') && strlen(name) < MODULE_NAME_ROOM &&
	    strcmp(name, KERNEL) != 0)
		return 0;
	return inspect_fail(err, INSPECT_EUSAGE, "module '%s': is not the name of one", name);
}

/* Files of modules have dashes where the kernel has underscores. */
int module_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err)
{
	char file[MODULE_NAME_ROOM];

	int r = check_name(question, err);
	if (r < 0)
		return r;
	snprintf(file, sizeof(file), "%s", question->name);
	for (char *at = file; *at; at++)
		*at = *at == '-' ? '_' : *at;
	if (exists(probe, FOLDER, file))
		return tell_present(probe, question->name, file);
	return tell_absent(probe, question->name, file);
}
