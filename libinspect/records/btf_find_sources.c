/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_find_sources.c - the sources of types that are searched
 *
 * The kernel's types and its modules' are files that everybody may read. What programs brought along has ids, which take
 * rights to list; without these the search is for the others.
 */
#include "records/btf_find.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/caps.h"

#define KERNEL "vmlinux"
#define FOLDER "/sys/kernel/btf"

static int add_source(struct find_sources *sources, enum find_source_kind kind, char *label,
		      const struct inspect_btf_spec *spec, struct inspect_error *err)
{
	struct find_source source = { .kind = kind, .label = label };

	if (spec)
		source.spec = *spec;
	buf_add(&sources->list, &source, sizeof(source));
	if (label && !buf_failed(&sources->list))
		return 0;
	free(label);
	return inspect_fail(err, ENOMEM, "list BTF");
}

/* False where the path is too long to be one. */
static bool make_path(const struct find_sources *sources, const char *name, char *room, size_t size)
{
	int n = snprintf(room, size, "%s%s/%s", sources->inspect->sys.root, FOLDER, name);

	return n > 0 && (size_t)n < size;
}

static int open_kernel(struct find_sources *sources, struct inspect_error *err)
{
	char path[PATH_MAX];

	if (!make_path(sources, KERNEL, path, sizeof(path)))
		return inspect_fail(err, ENAMETOOLONG, "%s/%s", FOLDER, KERNEL);
	int r = btf_file_init(&sources->kernel, path, NULL, err);
	if (r < 0)
		return r;
	sources->has_kernel = true;
	return add_source(sources, FIND_KERNEL, strdup(KERNEL), NULL, err);
}

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, KERNEL) != 0;
}

static int add_modules(struct find_sources *sources, struct inspect_error *err)
{
	struct dirent **entries = NULL;
	char path[PATH_MAX];
	int n = 0, r = 0;

	if (make_path(sources, "", path, sizeof(path)))
		n = scandir(path, &entries, is_module, alphasort);
	for (int i = 0; i < n; i++) {
		if (r >= 0)
			r = add_source(sources, FIND_MODULE, strdup(entries[i]->d_name), NULL, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* Is it BTF that the kernel has from files? Without a word on that it is not: such kernels have none with an id. */
static bool is_kernels(const struct sys *sys, uint32_t id)
{
	struct btf_info info;

	autoclose int fd = sys_open_id(sys, INSPECT_BTF, id);
	return fd >= 0 && !btf_info_read(sys, fd, &info) && info.is_kernel;
}

static int add_loaded(struct find_sources *sources, const struct inspect_note *note,
		      struct inspect_error *err)
{
	struct inspect_btf_spec spec = {
		.by = INSPECT_BTF_BY_ID,
		.ref = { .kind = INSPECT_BTF, .by = INSPECT_BY_ID },
	};
	const struct sys *sys = &sources->inspect->sys;
	int r;

	while (!(r = sys_next_id(sys, INSPECT_BTF, spec.ref.id, &spec.ref.id))) {
		char label[32];

		if (is_kernels(sys, spec.ref.id))
			continue;
		snprintf(label, sizeof(label), "id %u", spec.ref.id);
		r = add_source(sources, FIND_LOADED, strdup(label), &spec, err);
		if (r < 0)
			return r;
	}
	if (r == -ENOENT)
		return 0;
	struct inspect_error why;
	inspect_fail(&why, -r, "list BTF");
	caps_hint(&why, CAPS_BY_ID);
	note_tell(note, "types of loaded programs are left out, since they cannot be listed%s%s",
		  why.hint[0] ? ": " : "", why.hint);
	return 0;
}

/* The words as they were typed, parted by blanks. */
static char *join(const char *const *words, size_t n)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&text, ' ');
		buf_add_text(&text, words[i]);
	}
	buf_add_char(&text, '\0');
	return buf_failed(&text) ? NULL : take_ptr(&text.bytes);
}

static int add_named(struct find_sources *sources, const struct inspect_btf_find *find,
		     struct inspect_error *err)
{
	const struct inspect_words *words = &find->sources;
	struct inspect_btf_spec spec;

	for (size_t at = 0; at < words->n;) {
		int used = inspect_btf_spec_parse(words->words + at, words->n - at, 1, &spec, err);

		if (used < 0)
			return used;
		spec.base = find->base;
		char *label =
			spec.by == INSPECT_BTF_BY_FILE && strcmp(words->words[at], KERNEL) != 0
				? strdup(spec.files[0])
				: join(words->words + at, (size_t)used);
		int r = add_source(sources, FIND_NAMED, label, &spec, err);
		if (r < 0)
			return r;
		at += (size_t)used;
	}
	return 0;
}

static int add_all(struct find_sources *sources, const struct inspect_note *note,
		   struct inspect_error *err)
{
	struct inspect_error why;

	int r = open_kernel(sources, &why);
	if (r < 0)
		note_tell(note, "the kernel's types are left out: they cannot be read");
	r = sources->has_kernel ? add_modules(sources, err) : 0;
	if (r >= 0)
		r = add_loaded(sources, note, err);
	if (r >= 0 && !find_sources_count(sources)) {
		*err = why;
		return -why.code;
	}
	return r;
}

int find_sources_init(struct find_sources *sources, struct inspect *inspect,
		      const struct inspect_btf_find *find, const struct inspect_note *note,
		      struct inspect_error *err)
{
	*sources = (struct find_sources){ .inspect = inspect };
	return find->sources.n ? add_named(sources, find, err) : add_all(sources, note, err);
}

void find_sources_done(struct find_sources *sources)
{
	for (size_t i = 0; i < find_sources_count(sources); i++)
		free(find_source_at(sources, i)->label);
	buf_done(&sources->list);
	btf_file_done(&sources->kernel);
	*sources = (struct find_sources){ 0 };
}

static int open_module(struct find_sources *sources, const char *name, struct find_opened *out,
		       struct inspect_error *err)
{
	char path[PATH_MAX];

	if (!make_path(sources, name, path, sizeof(path)))
		return inspect_fail(err, ENAMETOOLONG, "%s/%s", FOLDER, name);
	int r = btf_file_init(&out->module, path, &sources->kernel.btf, err);
	out->btf = &out->module.btf;
	return r;
}

int find_source_open(struct find_sources *sources, size_t i, struct find_opened *out,
		     const struct inspect_note *note, struct inspect_error *err)
{
	const struct find_source *source = find_source_at(sources, i);
	int r = 0;

	*out = (struct find_opened){ 0 };
	switch (source->kind) {
	case FIND_KERNEL:
		out->btf = &sources->kernel.btf;
		return 0;
	case FIND_MODULE:
		return open_module(sources, source->label, out, err);
	case FIND_LOADED:
	case FIND_NAMED:
		break;
	}
	r = btf_source_open(&out->source, sources->inspect, &source->spec, note, err);
	out->btf = out->source.btf;
	return r;
}

void find_source_close(struct find_opened *opened)
{
	btf_file_done(&opened->module);
	btf_source_close(&opened->source);
	opened->btf = NULL;
}
