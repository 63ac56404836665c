/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_source.c - the types that a user named
 *
 * Types of a kernel module are split BTF: they mean nothing without those of the kernel, which is why
 * these are opened for them without being asked for.
 */
#include "records/btf_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "base/text.h"
#include "btf/merge.h"
#include "kernel/caps.h"
#include "records/one.h"

#define KERNEL_BTF_FOLDER "/sys/kernel/btf/"

void btf_source_close(struct btf_source *source)
{
	btf_done(&source->own);
	free(source->bytes);
	btf_file_done(&source->file);
	btf_file_done(&source->base);
	*source = (struct btf_source){ 0 };
}

static const struct btf_reader *base_of(const struct btf_source *source)
{
	return source->base.bytes ? &source->base.btf : NULL;
}

/* @path: NULL for the kernel's own. */
static int open_base(struct btf_source *source, const struct inspect *inspect, const char *path,
		     struct inspect_error *err)
{
	int r = path ? btf_file_init(&source->base, path, NULL, err)
		     : btf_kernel_init(&source->base, &inspect->sys, err);
	if (r < 0)
		return inspect_context(err, "base BTF");
	return 0;
}

/* The bytes are read: makes a reader of them. */
static int open_bytes(struct btf_source *source, size_t size, struct inspect_error *err)
{
	int r = btf_init(&source->own, source->bytes, size, base_of(source), err);

	if (r < 0)
		return r;
	source->btf = &source->own;
	source->blob = (struct inspect_bytes){ source->bytes, size };
	source->base_blob = source->base.blob;
	return 0;
}

static int fail_id(unsigned id, int code, const char *what, struct inspect_error *err)
{
	inspect_fail(err, code, "btf %u: %s", id, what);
	return caps_hint(err, CAPS_BY_ID);
}

static int open_id(struct btf_source *source, const struct inspect *inspect,
		   const struct inspect_btf_spec *spec, unsigned id,
		   const struct inspect_note *note, struct inspect_error *err)
{
	struct btf_info info;

	autoclose int fd = sys_open_id(&inspect->sys, INSPECT_BTF, id);
	if (fd < 0)
		return fail_id(id, -fd, "open", err);
	int r = btf_info_read(&inspect->sys, fd, &info);
	if (r < 0)
		return fail_id(id, -r, "read info", err);

	bool is_module = btf_is_module(&info);
	if (is_module && !spec->base)
		note_tell(note,
			  "valid base BTF was not specified with -B option, falling back to "
			  "standard base BTF (%s)",
			  KERNEL_BTF);
	r = is_module || spec->base ? open_base(source, inspect, spec->base, err) : 0;
	if (r < 0)
		return r;
	r = btf_bytes_read(&inspect->sys, fd, info.size, &source->bytes);
	if (r < 0)
		return fail_id(id, -r, "read", err);
	r = open_bytes(source, info.size, err);
	return r < 0 ? inspect_context(err, "btf %u", id) : 0;
}

static int fail_no_btf(const char *noun, unsigned id, struct inspect_error *err)
{
	inspect_fail(err, ENOENT, "%s %u: its BTF", noun, id);
	return inspect_hint(err, "it was made without BTF");
}

static int open_prog(struct btf_source *source, struct inspect *inspect,
		     const struct inspect_btf_spec *spec, const struct inspect_note *note,
		     struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };

	int r = one_open(inspect, &spec->ref, &prog, err);
	if (r < 0)
		return r;
	if (!(prog.have & INSPECT_PROG_HAS_BTF))
		return fail_no_btf("prog", prog.id, err);
	return open_id(source, inspect, spec, prog.btf_id, note, err);
}

/* As bpftool, a map without a key's type has type 0 there. */
static void find_roots(struct btf_source *source, const struct inspect_map *map,
		       enum inspect_btf_part part)
{
	source->has_roots = part != INSPECT_BTF_ALL;
	if (part == INSPECT_BTF_KEY || part == INSPECT_BTF_KEY_AND_VALUE)
		source->roots[source->n_roots++] = map->btf_key_type_id;
	if (part == INSPECT_BTF_VALUE || part == INSPECT_BTF_KEY_AND_VALUE)
		source->roots[source->n_roots++] = map->btf_value_type_id;
}

static int open_map(struct btf_source *source, struct inspect *inspect,
		    const struct inspect_btf_spec *spec, const struct inspect_note *note,
		    struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

	int r = one_open(inspect, &spec->ref, &map, err);
	if (r < 0)
		return r;
	if (!(map.have & INSPECT_MAP_HAS_BTF))
		return fail_no_btf("map", map.id, err);
	r = open_id(source, inspect, spec, map.btf_id, note, err);
	if (!r)
		find_roots(source, &map, spec->part);
	return r;
}

static bool is_kernel_file(const char *path)
{
	return text_has_prefix(path, KERNEL_BTF_FOLDER) && strcmp(path, KERNEL_BTF) != 0;
}

static int open_file(struct btf_source *source, const struct inspect *inspect, const char *path,
		     const char *base, struct inspect_error *err)
{
	int r = base || is_kernel_file(path) ? open_base(source, inspect, base, err) : 0;
	if (r < 0)
		return r;
	r = btf_file_init(&source->file, path, base_of(source), err);
	if (r < 0)
		return r;
	source->btf = &source->file.btf;
	source->blob = source->file.blob;
	source->base_blob =
		source->file.base_blob.size ? source->file.base_blob : source->base.blob;
	return 0;
}

/* Split BTF has the empty string from its base; what has one itself needs no base. */
static bool stands_alone(const struct btf_file *file)
{
	return file->btf.strings_size && !file->btf.strings[0];
}

/* 1 when its types were added, 0 when there is nothing in it. */
static int merge_file(struct btf_merge *merge, const char *path, const struct inspect_note *note,
		      struct inspect_error *err)
{
	AUTO(btf_file_done) struct btf_file file = { 0 };

	int r = btf_file_init(&file, path, merge->base, err);
	if (r == -ENODATA) {
		note_tell(note, "%s: empty: header only; it is left out", path);
		return 0;
	}
	if (r < 0)
		return r;
	if (stands_alone(&file) && merge->base) {
		btf_file_done(&file);
		r = btf_file_init(&file, path, NULL, err);
	}
	if (!r && file.own_base.end_id)
		r = inspect_fail(err, EOPNOTSUPP, "%s: merge BTF with a base of its own", path);
	if (!r) {
		r = btf_merge_add(merge, &file.btf, err);
		return r < 0 ? inspect_context(err, "%s", path) : 1;
	}
	return r;
}

static int merge_files(struct btf_source *source, const char *const *paths, unsigned n,
		       const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(btf_merge_done) struct btf_merge merge = { .base = base_of(source) };
	size_t size = 0;
	bool has_any = false;

	for (unsigned i = 0; i < n; i++) {
		int r = merge_file(&merge, paths[i], note, err);

		if (r < 0)
			return r;
		has_any = has_any || r;
	}
	if (!has_any)
		return inspect_fail(err, ENODATA, "BTF files: all are empty");
	int r = btf_merge_finish(&merge, source->base.blob, &source->bytes, &size, err);
	return r < 0 ? r : open_bytes(source, size, err);
}

/* The kernel's own types are the base of the others, and not one of them. */
static int open_files(struct btf_source *source, const struct inspect *inspect,
		      const struct inspect_btf_spec *spec, const struct inspect_note *note,
		      struct inspect_error *err)
{
	const char *paths[INSPECT_BTF_FILES];
	bool wants_base = spec->base;
	unsigned n = 0;

	if (spec->n_files == 1)
		return open_file(source, inspect, spec->files[0], spec->base, err);
	for (unsigned i = 0; i < spec->n_files; i++) {
		bool is_kernel = strcmp(spec->files[i], KERNEL_BTF) == 0;

		wants_base = wants_base || is_kernel || is_kernel_file(spec->files[i]);
		if (is_kernel)
			note_tell(note, "skipping %s (will be loaded as base)", KERNEL_BTF);
		else
			paths[n++] = spec->files[i];
	}
	if (!n)
		return open_file(source, inspect, KERNEL_BTF, spec->base, err);
	int r = wants_base ? open_base(source, inspect, spec->base, err) : 0;
	return r < 0 ? r : merge_files(source, paths, n, note, err);
}

static int open_spec(struct btf_source *source, struct inspect *inspect,
		     const struct inspect_btf_spec *spec, const struct inspect_note *note,
		     struct inspect_error *err)
{
	switch (spec->by) {
	case INSPECT_BTF_BY_ID:
		return open_id(source, inspect, spec, spec->ref.id, note, err);
	case INSPECT_BTF_BY_PROG:
		return open_prog(source, inspect, spec, note, err);
	case INSPECT_BTF_BY_MAP:
		return open_map(source, inspect, spec, note, err);
	case INSPECT_BTF_BY_FILE:
		break;
	}
	return open_files(source, inspect, spec, note, err);
}

int btf_source_open(struct btf_source *source, struct inspect *inspect,
		    const struct inspect_btf_spec *spec, const struct inspect_note *note,
		    struct inspect_error *err)
{
	ERROR_NEEDED(err);
	*source = (struct btf_source){ 0 };
	int r = open_spec(source, inspect, spec, note, err);
	if (r < 0)
		btf_source_close(source);
	return r;
}

/* The kernel's own types, as a file. */
static int open_kernel_file(struct btf_source *source, const struct inspect *inspect,
			    struct inspect_error *err)
{
	int r = btf_kernel_init(&source->file, &inspect->sys, err);
	if (r < 0)
		return r;
	source->btf = &source->file.btf;
	source->blob = source->file.blob;
	return 0;
}

int btf_source_open_kernel(struct btf_source *source, struct inspect *inspect, unsigned id,
			   struct inspect_error *err)
{
	const struct inspect_btf_spec spec = { .by = INSPECT_BTF_BY_ID };

	ERROR_NEEDED(err);
	*source = (struct btf_source){ 0 };
	int r = id ? open_id(source, inspect, &spec, id, NULL, err) : -EPERM;
	if (r == -EPERM) {
		btf_source_close(source);
		r = open_kernel_file(source, inspect, err);
	}
	if (r < 0)
		btf_source_close(source);
	return r;
}
