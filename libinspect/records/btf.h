/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.h - BTF from a file, or from the kernel
 */
#ifndef RECORDS_BTF_H
#define RECORDS_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/reader.h"
#include "elf/section.h"
#include "kernel/sys.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

/* The file in memory, and its types. Zeroed, it is closed. Open, it must stay where it is. */
struct btf_file {
	char *bytes;
	struct elf_section section; /* unused where the file is raw BTF */
	struct elf_section base_section;
	struct inspect_bytes blob;	/* the BTF itself */
	struct inspect_bytes base_blob; /* the part of its base that an ELF file brings along */
	struct btf_reader own_base;
	struct btf_reader btf;
};

/*
 * Opens raw BTF, or the .BTF section of an ELF file; @base as in btf_init(), borrowed as long as the
 * file is open. Modules built apart from their kernel have a section .BTF.base with what they need of
 * it: then that is the base. What reading stopped at is in
 * file->btf.stopped_kind, and no failure.
 *
 * Returns 0, -EINVAL (neither, or damaged), -ENODATA (nothing in it), -EFBIG, -ENOMEM or what the file
 * system says.
 */
int btf_file_init(struct btf_file *file, const char *path, const struct btf_reader *base,
		  struct inspect_error *err);
/* Opens the running kernel's own, KERNEL_BTF below sys->root. Cost: some 5 MB are read. */
int btf_kernel_init(struct btf_file *file, const struct sys *sys, struct inspect_error *err);
void btf_file_done(struct btf_file *file);

/* What the kernel says of BTF that it holds. Name and is_kernel: Linux 5.11. */
struct btf_info {
	uint32_t id;
	uint32_t size;
	bool has_name;
	bool is_kernel;
	char name[128];
};

/* 0 or a negative errno. */
int btf_info_read(const struct sys *sys, int fd, struct btf_info *out);

/* Whether it is split BTF with the kernel's own as base. */
bool btf_is_module(const struct btf_info *info);

/* All of its bytes, @size as the kernel said, to be freed: 0 or a negative errno. */
int btf_bytes_read(const struct sys *sys, int fd, uint32_t size, unsigned char **out);

#endif
