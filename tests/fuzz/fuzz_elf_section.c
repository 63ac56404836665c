/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_elf_section.c - any bytes as an ELF file with a section .BTF
 *
 * libelf is not built with the sanitizers, so the input stands at the very end of a page, with one
 * behind it that cannot be read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "elf/section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static void find(unsigned char *image, size_t size, const char *name)
{
	AUTO(elf_section_done) struct elf_section section = { 0 };
	struct inspect_error err = { 0 };
	uint32_t sum = 0;

	int r = elf_section_find(image, size, name, &section, &err);
	must(r == 0 || r == 1 || (r < 0 && err.code == -r && err.what[0]));
	must(r == 1 || (!section.bytes && !section.unpacked && !section.size));
	for (size_t at = 0; at < section.size; at++)
		sum += section.bytes[at];
	must(sum != 1 || section.size); /* uses the sum */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (size / page + 1) * page;

	unsigned char *room = mmap(NULL, pages + page, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(room != MAP_FAILED && mprotect(room + pages, page, PROT_NONE) == 0);

	unsigned char *image = room + pages - size;
	if (size)
		memcpy(image, data, size);
	find(image, size, ".BTF");
	find(image, size, ".text");
	must(!size || memcmp(image, data, size) == 0);
	munmap(room, pages + page);
	return 0;
}
