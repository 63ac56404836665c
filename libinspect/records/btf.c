/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.c - BTF from a file
 *
 * Whether a file is raw BTF or ELF is told by its first bytes, never by its name.
 */
#include "records/btf.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"

#define FILE_MOST ((size_t)256 << 20)
#define SECTION ".BTF"

static bool is_elf(const char *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static int open_elf(struct btf_file *file, size_t size, const struct btf_reader *base,
		    struct inspect_error *err)
{
	int r = elf_section_find(file->bytes, size, SECTION, &file->section, err);
	if (r < 0)
		return r;
	if (!r)
		return inspect_fail(err, EINVAL, "no section %s", SECTION);

	file->blob = (struct inspect_bytes){ file->section.bytes, file->section.size };
	r = btf_init(&file->btf, file->blob.bytes, file->blob.size, base, err);
	if (r < 0)
		inspect_context(err, "section %s", SECTION);
	return r;
}

int btf_file_init(struct btf_file *out, const char *path, const struct btf_reader *base,
		  struct inspect_error *err)
{
	AUTO(btf_file_done) struct btf_file file = { 0 };
	size_t size;

	int r = proc_read_file(path, FILE_MOST, &file.bytes, &size, err);
	if (r < 0)
		return r;
	file.blob = (struct inspect_bytes){ (const unsigned char *)file.bytes, size };
	if (is_elf(file.bytes, size))
		r = open_elf(&file, size, base, err);
	else
		r = btf_init(&file.btf, file.bytes, size, base, err);
	if (r < 0) {
		inspect_context(err, "%s", path);
		return r;
	}
	*out = file;
	file = (struct btf_file){ 0 };
	return 0;
}

void btf_file_done(struct btf_file *file)
{
	btf_done(&file->btf);
	elf_section_done(&file->section);
	free(file->bytes);
	*file = (struct btf_file){ 0 };
}

int inspect_btf_check(const char *path, struct inspect_error *err)
{
	AUTO(btf_file_done) struct btf_file file = { 0 };

	int r = btf_file_init(&file, path, NULL, err);
	if (r < 0)
		return r;
	if (file.btf.stopped_kind)
		return inspect_fail(err, EINVAL,
				    "%s: type %u: kind %u is not known, nor how long it is", path,
				    btf_count(&file.btf), file.btf.stopped_kind);
	return 0;
}
