/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * section.c - one section of an ELF file held in memory
 *
 * libelf decodes headers here and does no more: it follows what a file says of offsets and sizes
 * further than an untrusted file deserves, and its elf_compress() writes into the caller's image.
 * So names, bounds and decompression are ours.
 */
#include "elf/section.h"

#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/error.h"

#define DEFLATE_RATIO 1032 /* no byte of deflated data unpacks to more than so many */

struct image {
	Elf *elf;
	const unsigned char *bytes;
	size_t size;
	const char *names; /* of sections; not all of them need end with NUL */
	size_t names_size;
};

static void close_image(struct image *image)
{
	elf_end(image->elf);
}

static bool is_inside(const struct image *image, uint64_t offset, uint64_t length)
{
	return offset <= image->size && length <= image->size - offset;
}

static int fail_elf(const char *operation, struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "%s: %s", operation, elf_errmsg(-1));
}

/* A file with sections has a table of them that lies inside; libelf takes others for empty. */
static int check_headers(const struct image *image, size_t n, struct inspect_error *err)
{
	GElf_Ehdr header;

	if (!gelf_getehdr(image->elf, &header))
		return fail_elf("ELF header", err);
	if (!header.e_shoff)
		return 0;

	uint64_t one = gelf_fsize(image->elf, ELF_T_SHDR, 1, EV_CURRENT);
	if (header.e_shentsize != one)
		return inspect_fail(err, EINVAL, "ELF header: %u bytes a section header, not %llu",
				    header.e_shentsize, (unsigned long long)one);
	if (!n || n > image->size / one || !is_inside(image, header.e_shoff, n * one))
		return inspect_fail(err, EINVAL,
				    "section headers: %zu at offset %llu, but there are %zu bytes",
				    n, (unsigned long long)header.e_shoff, image->size);
	return 0;
}

static int get_header(const struct image *image, size_t index, GElf_Shdr *out,
		      struct inspect_error *err)
{
	Elf_Scn *section = elf_getscn(image->elf, index);

	if (!section || !gelf_getshdr(section, out))
		return inspect_fail(err, EINVAL, "section %zu: %s", index, elf_errmsg(-1));
	return 0;
}

static int find_names(struct image *image, struct inspect_error *err)
{
	GElf_Shdr header;
	size_t index;

	if (elf_getshdrstrndx(image->elf, &index) < 0)
		return fail_elf("section names", err);

	int r = get_header(image, index, &header, err);
	if (r < 0)
		return r;
	if (header.sh_type != SHT_STRTAB || !is_inside(image, header.sh_offset, header.sh_size))
		return inspect_fail(err, EINVAL, "section names: not in section %zu", index);
	image->names = (const char *)image->bytes + header.sh_offset;
	image->names_size = header.sh_size;
	return 0;
}

/* Its name, or NULL where that does not lie in the names. */
static const char *section_name(const struct image *image, const GElf_Shdr *header)
{
	if (header->sh_name >= image->names_size)
		return NULL;

	const char *name = image->names + header->sh_name;
	return memchr(name, '\0', image->names_size - header->sh_name) ? name : NULL;
}

static int unpack_zlib(const unsigned char *bytes, size_t size, uint64_t length,
		       struct elf_section *out, struct inspect_error *err)
{
	if (length > ELF_SECTION_MOST)
		return inspect_fail(err, EFBIG, "compressed, unpacks to %llu bytes",
				    (unsigned long long)length);
	if (length / DEFLATE_RATIO > size)
		return inspect_fail(err, EINVAL, "compressed, %zu bytes cannot unpack to %llu",
				    size, (unsigned long long)length);

	autofree unsigned char *unpacked = malloc(length ? length : 1);
	if (!unpacked)
		return inspect_fail(err, ENOMEM, "compressed, unpack %llu bytes",
				    (unsigned long long)length);

	uLongf got = length;
	int r = uncompress(unpacked, &got, bytes, size);
	if (r == Z_MEM_ERROR)
		return inspect_fail(err, ENOMEM, "compressed, unpack");
	if (r != Z_OK || got != length)
		return inspect_fail(err, EINVAL, "compressed, and its zlib data is damaged");
	out->bytes = out->unpacked = take_ptr(&unpacked);
	out->size = length;
	return 0;
}

/* A compressed section begins with a header that says how. */
static int unpack(const struct image *image, size_t index, const GElf_Shdr *header,
		  struct elf_section *out, struct inspect_error *err)
{
	size_t skip = gelf_fsize(image->elf, ELF_T_CHDR, 1, EV_CURRENT);
	GElf_Chdr how;

	if (header->sh_size < skip || !gelf_getchdr(elf_getscn(image->elf, index), &how))
		return inspect_fail(err, EINVAL, "compressed, and does not say how");
	if (how.ch_type != ELFCOMPRESS_ZLIB)
		return inspect_fail(err, EINVAL, "compressed in a way not known here (type %u)",
				    how.ch_type);
	return unpack_zlib(image->bytes + header->sh_offset + skip, header->sh_size - skip,
			   how.ch_size, out, err);
}

static int read_content(const struct image *image, size_t index, const GElf_Shdr *header,
			struct elf_section *out, struct inspect_error *err)
{
	if (header->sh_type == SHT_NOBITS)
		return inspect_fail(err, EINVAL, "has no content in the file (NOBITS)");
	if (!is_inside(image, header->sh_offset, header->sh_size))
		return inspect_fail(err, EINVAL,
				    "%llu bytes at offset %llu, but there are %zu in all",
				    (unsigned long long)header->sh_size,
				    (unsigned long long)header->sh_offset, image->size);
	if (header->sh_flags & SHF_COMPRESSED)
		return unpack(image, index, header, out, err);
	out->bytes = image->bytes + header->sh_offset;
	out->size = header->sh_size;
	return 0;
}

int elf_section_find(void *image, size_t size, const char *name, struct elf_section *out,
		     struct inspect_error *err)
{
	AUTO(close_image) struct image all = { .bytes = image, .size = size };
	size_t n;

	if (size < EI_NIDENT || memcmp(image, ELFMAG, SELFMAG) != 0)
		return inspect_fail(err, EINVAL, "not an ELF file");
	elf_version(EV_CURRENT);
	all.elf = elf_memory(image, size);
	if (!all.elf || elf_getshdrnum(all.elf, &n) < 0)
		return fail_elf("ELF", err);

	int r = check_headers(&all, n, err);
	if (r < 0 || !n)
		return r;
	r = find_names(&all, err);
	if (r < 0)
		return r;
	for (size_t i = 1; i < n; i++) {
		GElf_Shdr header;

		r = get_header(&all, i, &header, err);
		if (r < 0)
			return r;

		const char *found = section_name(&all, &header);
		if (!found)
			return inspect_fail(err, EINVAL, "section %zu: name outside the names", i);
		if (strcmp(found, name) != 0)
			continue;

		struct elf_section section = { 0 };
		r = read_content(&all, i, &header, &section, err);
		if (r < 0) {
			inspect_context(err, "section %s", name);
			return r;
		}
		*out = section;
		return 1;
	}
	return 0;
}

void elf_section_done(struct elf_section *section)
{
	free(section->unpacked);
	*section = (struct elf_section){ 0 };
}
