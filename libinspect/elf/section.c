/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * section.c - one section of an ELF file held in memory
 */
#include "elf/section.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "elf/image.h"

int elf_section_find(void *image, size_t size, const char *name, struct elf_section *out,
		     struct inspect_error *err)
{
	AUTO(elf_image_close) struct elf_image all = { 0 };
	struct elf_part part;

	int r = elf_image_open(&all, image, size, err);
	for (uint32_t i = 1; !r && i < all.n_sections; i++) {
		r = elf_image_part(&all, i, &part, err);
		if (r < 0 || strcmp(part.name, name) != 0)
			continue;
		r = elf_image_content(&all, &part, out, err);
		return r < 0 ? r : 1;
	}
	return r;
}

void elf_section_done(struct elf_section *section)
{
	free(section->unpacked);
	*section = (struct elf_section){ 0 };
}
