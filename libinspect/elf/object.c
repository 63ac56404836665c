/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object.c - a compiled object with BPF programs, before it is loaded: sections, symbols, relocations
 */
#include "elf/object.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define MACHINE_BPF 247

void elf_object_close(struct elf_object *object)
{
	free(object->parts);
	free(object->by_name);
	free(object->symbols);
	elf_image_close(&object->image);
	*object = (struct elf_object){ 0 };
}

uint64_t elf_number(const struct elf_object *object, const void *at, size_t width)
{
	const unsigned char *bytes = at;
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value = value << 8 | bytes[object->image.is_big ? i : width - 1 - i];
	return value;
}

static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned number;
		const char *name;
	} known[] = {
		{ EM_386, "i386" },	   { EM_X86_64, "x86-64" }, { EM_ARM, "arm" },
		{ EM_AARCH64, "arm64" },   { EM_RISCV, "riscv" },   { EM_S390, "s390" },
		{ EM_PPC64, "powerpc64" }, { EM_PPC, "powerpc" },   { EM_MIPS, "mips" },
		{ EM_SPARCV9, "sparc64" }, { 258, "loongarch" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].number == machine)
			return known[i].name;
	return NULL;
}

static int check_kind(const struct elf_image *image, struct inspect_error *err)
{
	const char *machine = machine_name(image->machine);

	if (image->machine != MACHINE_BPF && machine)
		return inspect_fail(err, EINVAL, "machine %s, not BPF", machine);
	if (image->machine != MACHINE_BPF)
		return inspect_fail(err, EINVAL, "machine %u, not BPF", image->machine);
	if (!image->is_64)
		return inspect_fail(err, EINVAL, "a 32-bit ELF file: objects for BPF have 64");
	if (image->type != ET_REL)
		return inspect_fail(err, EINVAL, "ELF type %u: no object file (type %u)",
				    image->type, ET_REL);
	if (!image->n_sections)
		return inspect_fail(err, EINVAL, "no sections");
	return 0;
}

static int read_parts(struct elf_object *object, struct inspect_error *err)
{
	uint32_t n = object->image.n_sections;

	object->parts = calloc(n, sizeof(*object->parts));
	if (!object->parts)
		return inspect_fail(err, ENOMEM, "%u sections", n);
	object->parts[0].name = "";
	for (uint32_t i = 1; i < n; i++) {
		struct elf_part *part = &object->parts[i];

		int r = elf_image_part(&object->image, i, part, err);
		if (r < 0)
			return r;
		r = elf_image_check(&object->image, part, err);
		if (r < 0)
			return inspect_context(err, "section %u %s", i, part->name);
	}
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const struct elf_part *left = *(const struct elf_part *const *)a;
	const struct elf_part *right = *(const struct elf_part *const *)b;
	int order = strcmp(left->name, right->name);

	if (order)
		return order;
	return left->index < right->index ? -1 : left->index > right->index;
}

static int sort_names(struct elf_object *object, struct inspect_error *err)
{
	uint32_t n = object->image.n_sections;

	object->by_name = calloc(n, sizeof(*object->by_name));
	if (!object->by_name)
		return inspect_fail(err, ENOMEM, "%u sections", n);
	for (uint32_t i = 1; i < n; i++)
		object->by_name[i - 1] = &object->parts[i];
	qsort(object->by_name, n - 1, sizeof(*object->by_name), compare_names);
	return 0;
}

static bool has_bytes(const struct elf_part *part)
{
	return part->type != SHT_NULL && part->type != SHT_NOBITS && part->size;
}

static int compare_offsets(const void *a, const void *b)
{
	const struct elf_part *left = *(const struct elf_part *const *)a;
	const struct elf_part *right = *(const struct elf_part *const *)b;

	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

/* No two sections share bytes. */
static int check_overlaps(const struct elf_object *object, struct inspect_error *err)
{
	uint32_t n = 0;

	autofree const struct elf_part **order = calloc(object->image.n_sections, sizeof(*order));
	if (!order)
		return inspect_fail(err, ENOMEM, "%u sections", object->image.n_sections);
	for (uint32_t i = 1; i < object->image.n_sections; i++)
		if (has_bytes(&object->parts[i]))
			order[n++] = &object->parts[i];
	qsort(order, n, sizeof(*order), compare_offsets);
	for (uint32_t i = 1; i < n; i++) {
		const struct elf_part *left = order[i - 1], *right = order[i];

		if (right->offset - left->offset < left->size)
			return inspect_fail(
				err, EINVAL, "section %u %s: at offset %llu, inside section %u %s",
				right->index, right->name, (unsigned long long)right->offset,
				left->index, left->name);
	}
	return 0;
}

/* What the symbols are read from. */
struct table {
	const struct elf_part *part;
	const unsigned char *bytes;
	const char *names;
	uint64_t names_size;
	const unsigned char *wide; /* sections of those with a number too large, 4 bytes each */
	uint64_t n_wide;
};

/* Bytes of a section that no object has compressed. */
static const unsigned char *bytes_of(const struct elf_object *object, const struct elf_part *part)
{
	if (part->type == SHT_NOBITS || part->flags & SHF_COMPRESSED)
		return NULL;
	return object->image.bytes + part->offset;
}

static int find_table(const struct elf_object *object, const struct elf_part *part,
		      struct table *out, struct inspect_error *err)
{
	const struct elf_part *names = NULL;

	if (part->link && part->link < object->image.n_sections)
		names = &object->parts[part->link];
	*out = (struct table){ .part = part, .bytes = bytes_of(object, part) };
	if (!out->bytes || part->entry_size != sizeof(Elf64_Sym) ||
	    part->size % sizeof(Elf64_Sym) || part->size / sizeof(Elf64_Sym) > UINT32_MAX)
		return inspect_fail(err, EINVAL, "%llu bytes are no table of symbols",
				    (unsigned long long)part->size);
	if (!names || names->type != SHT_STRTAB || !bytes_of(object, names))
		return inspect_fail(err, EINVAL, "names: not in section %u", part->link);
	out->names = (const char *)bytes_of(object, names);
	out->names_size = names->size;
	for (uint32_t i = 1; i < object->image.n_sections; i++) {
		const struct elf_part *wide = &object->parts[i];

		if (wide->type != SHT_SYMTAB_SHNDX || wide->link != part->index)
			continue;
		out->wide = bytes_of(object, wide);
		out->n_wide = out->wide ? wide->size / 4 : 0;
	}
	return 0;
}

static int read_symbol_section(const struct elf_object *object, const struct table *table,
			       uint32_t number, struct elf_symbol *out, struct inspect_error *err)
{
	out->section = number;
	if (number == SHN_COMMON) {
		out->section = ELF_COMMON;
		return 0;
	}
	if (number == SHN_ABS) {
		out->section = ELF_ABSOLUTE;
		return 0;
	}
	if (number == SHN_XINDEX && out->index < table->n_wide)
		out->section =
			(uint32_t)elf_number(object, table->wide + (size_t)out->index * 4, 4);
	else if (number >= SHN_LORESERVE)
		return inspect_fail(err, EINVAL, "symbol %u %s: in special section 0x%x",
				    out->index, out->name, number);
	if (out->section >= object->image.n_sections)
		return inspect_fail(err, EINVAL, "symbol %u %s: in section %u, but there are %u",
				    out->index, out->name, out->section, object->image.n_sections);
	return 0;
}

/* The name of a section's symbol is the section's. */
static int read_symbol(const struct elf_object *object, const struct table *table, uint32_t index,
		       struct elf_symbol *out, struct inspect_error *err)
{
	const unsigned char *at = table->bytes + (size_t)index * sizeof(Elf64_Sym);
	uint64_t name = elf_number(object, at, 4);

	if (name >= table->names_size ||
	    !memchr(table->names + name, '\0', table->names_size - name))
		return inspect_fail(err, EINVAL, "symbol %u: name outside the names", index);
	*out = (struct elf_symbol){
		.name = table->names + name,
		.value = elf_number(object, at + 8, 8),
		.size = elf_number(object, at + 16, 8),
		.index = index,
		.type = at[4] & 0xf,
		.is_local = at[4] >> 4 == STB_LOCAL,
		.is_weak = at[4] >> 4 == STB_WEAK,
		.is_hidden = (at[5] & 3) == STV_HIDDEN,
	};
	int r = read_symbol_section(object, table, (uint32_t)elf_number(object, at + 6, 2), out,
				    err);
	if (!r && out->type == ELF_SYMBOL_SECTION && out->section < object->image.n_sections)
		out->name = object->parts[out->section].name;
	return r;
}

static int read_symbols(struct elf_object *object, const struct elf_part *part,
			struct inspect_error *err)
{
	struct table table;

	int r = find_table(object, part, &table, err);
	if (r < 0 || !part->size)
		return r;
	object->n_symbols = (uint32_t)(part->size / sizeof(Elf64_Sym));
	object->symbols = calloc(object->n_symbols, sizeof(*object->symbols));
	if (!object->symbols)
		return inspect_fail(err, ENOMEM, "%u symbols", object->n_symbols);
	for (uint32_t i = 0; !r && i < object->n_symbols; i++)
		r = read_symbol(object, &table, i, &object->symbols[i], err);
	return r;
}

static int open_object(struct elf_object *object, void *bytes, size_t size,
		       struct inspect_error *err)
{
	int r = elf_image_open(&object->image, bytes, size, err);
	if (!r)
		r = check_kind(&object->image, err);
	if (!r)
		r = read_parts(object, err);
	if (!r)
		r = check_overlaps(object, err);
	if (!r)
		r = sort_names(object, err);
	for (uint32_t i = 1; !r && i < object->image.n_sections; i++) {
		if (object->parts[i].type != SHT_SYMTAB)
			continue;
		if (object->symbols)
			return inspect_fail(err, EINVAL, "section %u %s: a second table of symbols",
					    i, object->parts[i].name);
		r = read_symbols(object, &object->parts[i], err);
		if (r < 0)
			inspect_context(err, "section %u %s", i, object->parts[i].name);
	}
	return r;
}

int elf_object_open(struct elf_object *object, void *bytes, size_t size, struct inspect_error *err)
{
	ERROR_NEEDED(err);
	*object = (struct elf_object){ 0 };
	int r = open_object(object, bytes, size, err);
	if (r < 0)
		elf_object_close(object);
	return r;
}

const struct elf_part *elf_object_find(const struct elf_object *object, const char *name)
{
	uint32_t low = 0, high = object->image.n_sections - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (strcmp(object->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == object->image.n_sections - 1 || strcmp(object->by_name[low]->name, name) != 0)
		return NULL;
	return object->by_name[low];
}

bool elf_part_is_code(const struct elf_part *part)
{
	return part->flags & SHF_EXECINSTR;
}

bool elf_part_is_loaded(const struct elf_part *part)
{
	return part->flags & SHF_ALLOC;
}

bool elf_part_is_empty(const struct elf_part *part)
{
	return part->type == SHT_NOBITS;
}

const char *elf_part_type(const struct elf_part *part)
{
	static const char *const names[] = {
		"NULL",	   "PROGBITS", "SYMTAB", "STRTAB", "RELA",  "HASH",
		"DYNAMIC", "NOTE",     "NOBITS", "REL",	   "SHLIB", "DYNSYM",
	};

	if (part->type < sizeof(names) / sizeof(*names))
		return names[part->type];
	if (part->type == SHT_SYMTAB_SHNDX)
		return "SYMTAB_SHNDX";
	if (part->type == SHT_GROUP)
		return "GROUP";
	return part->type == 0x6fff4c03 ? "LLVM_ADDRSIG" : NULL;
}

bool elf_part_relocates(const struct elf_part *part, uint32_t target)
{
	return part->info == target && (part->type == SHT_REL || part->type == SHT_RELA);
}

const char *elf_reloc_name(uint32_t type)
{
	switch (type) {
	case 0:
		return "R_BPF_NONE";
	case 1:
		return "R_BPF_64_64";
	case 2:
		return "R_BPF_64_ABS64";
	case 3:
		return "R_BPF_64_ABS32";
	case 4:
		return "R_BPF_64_NODYLD32";
	case 10:
		return "R_BPF_64_32";
	default:
		return NULL;
	}
}

static int read_reloc(const struct elf_object *object, const struct elf_part *target,
		      const unsigned char *at, struct elf_reloc *out, struct inspect_error *err)
{
	uint64_t info = elf_number(object, at + 8, 8);

	*out = (struct elf_reloc){
		.offset = elf_number(object, at, 8),
		.type = (uint32_t)info,
		.symbol = (uint32_t)(info >> 32),
	};
	if (out->offset >= target->size || target->size - out->offset < 4)
		return inspect_fail(err, EINVAL, "offset 0x%llx, but section %s has %llu bytes",
				    (unsigned long long)out->offset, target->name,
				    (unsigned long long)target->size);
	if (out->symbol >= object->n_symbols)
		return inspect_fail(err, EINVAL, "at offset 0x%llx: symbol %u, but there are %u",
				    (unsigned long long)out->offset, out->symbol,
				    object->n_symbols);
	return 0;
}

int elf_relocs_read(const struct elf_object *object, const struct elf_part *part,
		    struct elf_relocs *out, struct inspect_error *err)
{
	const unsigned char *bytes = bytes_of(object, part);
	size_t width = part->type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);

	ERROR_NEEDED(err);
	if (!bytes || part->size % width || part->size / width > UINT32_MAX || !part->info ||
	    part->info >= object->image.n_sections)
		return inspect_fail(err, EINVAL,
				    "section %s: %llu bytes for section %u are no relocations",
				    part->name, (unsigned long long)part->size, part->info);
	uint32_t n = (uint32_t)(part->size / width);
	autofree struct elf_reloc *relocs = calloc(n ? n : 1, sizeof(*relocs));
	if (!relocs)
		return inspect_fail(err, ENOMEM, "section %s", part->name);
	for (uint32_t i = 0; i < n; i++) {
		int r = read_reloc(object, &object->parts[part->info], bytes + i * width,
				   &relocs[i], err);
		if (r < 0)
			return inspect_context(err, "section %s: relocation %u", part->name, i);
	}
	*out = (struct elf_relocs){ take_ptr(&relocs), n };
	return 0;
}

void elf_relocs_done(struct elf_relocs *relocs)
{
	free(relocs->relocs);
	*relocs = (struct elf_relocs){ 0 };
}
