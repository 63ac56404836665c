/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.h - BTF from a file
 */
#ifndef RECORDS_BTF_H
#define RECORDS_BTF_H

#include <stddef.h>

#include "btf/reader.h"
#include "elf/section.h"
#include "inspect.h"

/* The file in memory, and its types. Zeroed, it is closed. */
struct btf_file {
	char *bytes;
	struct elf_section section; /* unused where the file is raw BTF */
	struct inspect_bytes blob;  /* the BTF itself */
	struct btf_reader btf;
};

/*
 * Opens raw BTF, or the .BTF section of an ELF file; @base as in btf_init(), borrowed as long as the
 * file is open. What reading stopped at is in out->btf.stopped_kind, and no failure.
 *
 * Returns 0, -EINVAL (neither, or damaged), -EFBIG, -ENOMEM or what the file system says.
 */
int btf_file_init(struct btf_file *out, const char *path, const struct btf_reader *base,
		  struct inspect_error *err);
void btf_file_done(struct btf_file *file);

#endif
