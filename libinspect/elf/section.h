/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * section.h - one section of an ELF file held in memory
 */
#ifndef ELF_SECTION_H
#define ELF_SECTION_H

#include <stddef.h>

#include "inspect.h"

#define ELF_SECTION_MOST ((size_t)256 << 20) /* bytes that a compressed section may unpack to */

/* The content of a section. Zeroed, it holds nothing. */
struct elf_section {
	const unsigned char *bytes;
	size_t size;
	unsigned char *unpacked; /* what to free: the content, where the file has it compressed */
};

/*
 * Finds the first section of this name. @image is not changed (libelf's interface has no const) and
 * @out->bytes points into it or into memory that elf_section_done() frees. The file may be of either
 * class and byte order; only what the section's name and content need is looked at.
 *
 * Returns 1, 0 where there is none, -EINVAL (not ELF, damaged, without content, or compressed in a
 * way that cannot be undone), -EFBIG (it would unpack to more than ELF_SECTION_MOST) or -ENOMEM.
 */
int elf_section_find(void *image, size_t size, const char *name, struct elf_section *out,
		     struct inspect_error *err);
void elf_section_done(struct elf_section *section);

#endif
