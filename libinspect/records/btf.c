/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.c - BTF from a file, or from the kernel
 *
 * Whether a file is raw BTF or ELF is told by its first bytes, never by its name.
 */
#include "records/btf.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"

/* BTF of the kernel is larger than any program's; what is beyond is not believed. */
#define BTF_BYTES_MOST ((size_t)256 << 20)
#define SECTION ".BTF"
#define BASE_SECTION ".BTF.base"

static bool is_elf(const char *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static int find_section(struct btf_file *file, size_t size, const char *name,
			struct elf_section *section, struct inspect_bytes *blob,
			struct inspect_error *err)
{
	int r = elf_section_find(file->bytes, size, name, section, err);

	if (r > 0)
		*blob = (struct inspect_bytes){ section->bytes, section->size };
	return r;
}

static int open_own_base(struct btf_file *file, size_t size, struct inspect_error *err)
{
	int r = find_section(file, size, BASE_SECTION, &file->base_section, &file->base_blob, err);
	if (r <= 0)
		return r;
	r = btf_init(&file->own_base, file->base_blob.bytes, file->base_blob.size, NULL, err);
	return r < 0 ? inspect_context(err, "section %s", BASE_SECTION) : 1;
}

static int open_elf(struct btf_file *file, size_t size, const struct btf_reader *base,
		    struct inspect_error *err)
{
	int r = find_section(file, size, SECTION, &file->section, &file->blob, err);
	if (r < 0)
		return r;
	if (!r)
		return inspect_fail(err, EINVAL, "no section %s", SECTION);
	r = open_own_base(file, size, err);
	if (r < 0)
		return r;
	r = btf_init(&file->btf, file->blob.bytes, file->blob.size, r ? &file->own_base : base,
		     err);
	return r < 0 ? inspect_context(err, "section %s", SECTION) : 0;
}

int btf_file_init(struct btf_file *file, const char *path, const struct btf_reader *base,
		  struct inspect_error *err)
{
	size_t size;

	ERROR_NEEDED(err);
	*file = (struct btf_file){ 0 };
	int r = proc_read_regular(path, BTF_BYTES_MOST, &file->bytes, &size, err);
	if (r < 0)
		return r;
	file->blob = (struct inspect_bytes){ (const unsigned char *)file->bytes, size };
	if (is_elf(file->bytes, size))
		r = open_elf(file, size, base, err);
	else
		r = btf_init(&file->btf, file->bytes, size, base, err);
	if (r < 0) {
		btf_file_done(file);
		return inspect_context(err, "%s", path);
	}
	return 0;
}

int btf_kernel_init(struct btf_file *file, const struct sys *sys, struct inspect_error *err)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s", sys->root, KERNEL_BTF);

	if (n < 0 || (size_t)n >= sizeof(path))
		return inspect_fail(err, ENAMETOOLONG, "%s", KERNEL_BTF);
	return btf_file_init(file, path, NULL, err);
}

void btf_file_done(struct btf_file *file)
{
	btf_done(&file->btf);
	btf_done(&file->own_base);
	elf_section_done(&file->section);
	elf_section_done(&file->base_section);
	free(file->bytes);
	*file = (struct btf_file){ 0 };
}

int btf_info_read(const struct sys *sys, int fd, struct btf_info *out)
{
	struct abi_btf_info info = { 0 };
	uint32_t length = sizeof(info);

	*out = (struct btf_info){ 0 };
	info.name = (uint64_t)(uintptr_t)out->name;
	info.name_len = sizeof(out->name);
	int r = sys_info(sys, fd, &info, &length);
	if (r == -E2BIG) { /* a kernel that knows no names wants none to be asked for */
		info = (struct abi_btf_info){ 0 };
		length = sizeof(info);
		r = sys_info(sys, fd, &info, &length);
	}
	if (r < 0 && r != -ENOSPC) /* a longer name is cut, and all else is there */
		return r;
	out->name[sizeof(out->name) - 1] = '\0';
	out->id = info.id;
	out->size = info.btf_size;
	out->has_name = ABI_KNOWS(length, struct abi_btf_info, kernel_btf);
	out->is_kernel = out->has_name && info.kernel_btf;
	return 0;
}

bool btf_is_module(const struct btf_info *info)
{
	return info->is_kernel && strcmp(info->name, "vmlinux") != 0;
}

int btf_bytes_read(const struct sys *sys, int fd, uint32_t size, unsigned char **out)
{
	uint32_t length = sizeof(struct abi_btf_info);

	if (!size || size > BTF_BYTES_MOST)
		return -EFBIG;
	autofree unsigned char *bytes = malloc(size);
	if (!bytes)
		return -ENOMEM;
	struct abi_btf_info info = { .btf = (uint64_t)(uintptr_t)bytes, .btf_size = size };
	int r = sys_info(sys, fd, &info, &length);
	if (r < 0)
		return r;
	if (info.btf_size != size)
		return -EIO;
	*out = take_ptr(&bytes);
	return 0;
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
