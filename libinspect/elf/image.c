/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * image.c - an ELF file held in memory: its header, and its sections one by one
 *
 * libelf decodes headers here and does no more: it follows what a file says of offsets and sizes
 * further than an untrusted file deserves, and its elf_compress() writes into the caller's image.
 * So names, bounds and decompression are ours.
 */
#include "elf/image.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/error.h"

#define DEFLATE_RATIO 1032 /* no byte of deflated data unpacks to more than so many */

static bool is_inside(const struct elf_image *image, uint64_t offset, uint64_t length)
{
	return offset <= image->size && length <= image->size - offset;
}

static int fail_elf(const char *operation, struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "%s: %s", operation, elf_errmsg(-1));
}

/* A file with sections has a table of them that lies inside; libelf takes others for empty. */
static int check_headers(struct elf_image *image, size_t n, struct inspect_error *err)
{
	GElf_Ehdr header;

	if (!gelf_getehdr(image->elf, &header))
		return fail_elf("ELF header", err);
	image->type = header.e_type;
	image->machine = header.e_machine;
	image->is_64 = header.e_ident[EI_CLASS] == ELFCLASS64;
	image->is_big = header.e_ident[EI_DATA] == ELFDATA2MSB;
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
	if (n > UINT32_MAX)
		return inspect_fail(err, EINVAL, "section headers: %zu", n);
	image->n_sections = (uint32_t)n;
	return 0;
}

static int get_header(const struct elf_image *image, size_t index, GElf_Shdr *out,
		      struct inspect_error *err)
{
	Elf_Scn *section = elf_getscn(image->elf, index);

	if (!section || !gelf_getshdr(section, out))
		return inspect_fail(err, EINVAL, "section %zu: %s", index, elf_errmsg(-1));
	return 0;
}

static int find_names(struct elf_image *image, struct inspect_error *err)
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
static const char *section_name(const struct elf_image *image, const GElf_Shdr *header)
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
static int unpack(const struct elf_image *image, const struct elf_part *part,
		  struct elf_section *out, struct inspect_error *err)
{
	size_t skip = gelf_fsize(image->elf, ELF_T_CHDR, 1, EV_CURRENT);
	GElf_Chdr how;

	if (part->size < skip || !gelf_getchdr(elf_getscn(image->elf, part->index), &how))
		return inspect_fail(err, EINVAL, "compressed, and does not say how");
	if (how.ch_type != ELFCOMPRESS_ZLIB)
		return inspect_fail(err, EINVAL, "compressed in a way not known here (type %u)",
				    how.ch_type);
	return unpack_zlib(image->bytes + part->offset + skip, part->size - skip, how.ch_size, out,
			   err);
}

int elf_image_check(const struct elf_image *image, const struct elf_part *part,
		    struct inspect_error *err)
{
	if (part->type == SHT_NOBITS || is_inside(image, part->offset, part->size))
		return 0;
	return inspect_fail(err, EINVAL, "%llu bytes at offset %llu, but there are %zu in all",
			    (unsigned long long)part->size, (unsigned long long)part->offset,
			    image->size);
}

static int read_content(const struct elf_image *image, const struct elf_part *part,
			struct elf_section *out, struct inspect_error *err)
{
	if (part->type == SHT_NOBITS)
		return inspect_fail(err, EINVAL, "has no content in the file (NOBITS)");
	int r = elf_image_check(image, part, err);
	if (r < 0)
		return r;
	if (part->flags & SHF_COMPRESSED)
		return unpack(image, part, out, err);
	out->bytes = image->bytes + part->offset;
	out->size = part->size;
	return 0;
}

int elf_image_content(const struct elf_image *image, const struct elf_part *part,
		      struct elf_section *out, struct inspect_error *err)
{
	struct elf_section section = { 0 };

	ERROR_NEEDED(err);
	int r = read_content(image, part, &section, err);
	if (r < 0)
		return inspect_context(err, "section %s", part->name);
	*out = section;
	return 0;
}

int elf_image_part(const struct elf_image *image, uint32_t index, struct elf_part *out,
		   struct inspect_error *err)
{
	GElf_Shdr header;

	int r = get_header(image, index, &header, err);
	if (r < 0)
		return r;

	const char *name = section_name(image, &header);
	if (!name)
		return inspect_fail(err, EINVAL, "section %u: name outside the names", index);
	*out = (struct elf_part){
		.name = name,
		.index = index,
		.type = header.sh_type,
		.link = header.sh_link,
		.info = header.sh_info,
		.flags = header.sh_flags,
		.address = header.sh_addr,
		.offset = header.sh_offset,
		.size = header.sh_size,
		.entry_size = header.sh_entsize,
	};
	return 0;
}

static int open_image(struct elf_image *image, void *bytes, struct inspect_error *err)
{
	size_t n;

	elf_version(EV_CURRENT);
	image->elf = elf_memory(bytes, image->size);
	if (!image->elf || elf_getshdrnum(image->elf, &n) < 0)
		return fail_elf("ELF", err);
	int r = check_headers(image, n, err);
	return r < 0 || !image->n_sections ? r : find_names(image, err);
}

int elf_image_open(struct elf_image *image, void *bytes, size_t size, struct inspect_error *err)
{
	*image = (struct elf_image){ .bytes = bytes, .size = size };
	if (size < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return inspect_fail(err, EINVAL, "not an ELF file");
	int r = open_image(image, bytes, err);
	if (r < 0)
		elf_image_close(image);
	return r;
}

void elf_image_close(struct elf_image *image)
{
	elf_end(image->elf);
	*image = (struct elf_image){ 0 };
}
