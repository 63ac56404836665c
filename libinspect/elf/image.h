/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * image.h - an ELF file held in memory: its header, and its sections one by one
 */
#ifndef ELF_IMAGE_H
#define ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf/section.h"
#include "inspect.h"

struct Elf;

/* An opened file. Zeroed, it is closed. */
struct elf_image {
	struct Elf *elf;
	const unsigned char *bytes;
	size_t size;
	const char *names; /* of sections; not all of them need end with NUL */
	size_t names_size;
	uint32_t n_sections; /* that of no name and index 0 is counted; 0 where there are none */
	uint16_t type, machine;
	bool is_64, is_big;
};

/* What a section's header says. Nothing but the name was checked. */
struct elf_part {
	const char *name;
	uint32_t index;
	uint32_t type, link, info;
	uint64_t flags, address, offset, size, entry_size;
};

/*
 * Opens it; @bytes is borrowed, and not changed (libelf's interface has no const). Of either class and byte order.
 * Returns 0, -EINVAL (not ELF, or damaged: names what, and where) or -ENOMEM.
 */
int elf_image_open(struct elf_image *image, void *bytes, size_t size, struct inspect_error *err);
void elf_image_close(struct elf_image *image);

/* The section's header; @index is below n_sections. 0 or -EINVAL. */
int elf_image_part(const struct elf_image *image, uint32_t index, struct elf_part *out,
		   struct inspect_error *err);

/* Do its bytes lie in the file? One that has none there (NOBITS) is well. 0 or -EINVAL. */
int elf_image_check(const struct elf_image *image, const struct elf_part *part,
		    struct inspect_error *err);

/*
 * Its content, unpacked where it is compressed, to be given back with elf_section_done(). Errors are those of
 * elf_section_find().
 */
int elf_image_content(const struct elf_image *image, const struct elf_part *part,
		      struct elf_section *out, struct inspect_error *err);

#endif
