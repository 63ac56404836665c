/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * binary.c - a program or a library, for probes in it
 *
 * Symbols are read by hand rather than by libelf, which follows what a file says further than it deserves. Every
 * offset is checked against its section before it is used.
 */
#include "elf/binary.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

static bool is_native(const struct elf_image *image)
{
	return image->is_big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

/* All headers at once: every symbol asks where its section lies. */
static int read_parts(const struct elf_image *image, struct elf_part **out,
		      struct inspect_error *err)
{
	if (!is_native(image))
		return inspect_fail(err, EINVAL,
				    "ELF header: for a machine of another order of bytes");
	autofree struct elf_part *parts =
		calloc(image->n_sections ? image->n_sections : 1, sizeof(*parts));
	if (!parts)
		return inspect_fail(err, ENOMEM, "section headers");
	for (uint32_t i = 1; i < image->n_sections; i++) {
		int r = elf_image_part(image, i, &parts[i], err);

		if (r < 0)
			return r;
	}
	*out = take_ptr(&parts);
	return 0;
}

/* Where an address lies in the file; false where nothing of the file is there. */
static bool offset_of(const struct elf_image *image, const struct elf_part *parts, uint64_t address,
		      uint64_t *out)
{
	for (uint32_t i = 1; i < image->n_sections; i++) {
		const struct elf_part *part = &parts[i];

		if (!(part->flags & SHF_ALLOC) || part->type == SHT_NOBITS ||
		    address < part->address || address - part->address >= part->size)
			continue;
		*out = part->offset + (address - part->address);
		return *out >= part->offset;
	}
	return false;
}

/* The text at an offset of a section; NULL where it does not end there. */
static const char *text_at(const struct elf_section *texts, uint64_t offset)
{
	if (offset >= texts->size)
		return NULL;
	const char *text = (const char *)texts->bytes + offset;
	return memchr(text, '\0', texts->size - offset) ? text : NULL;
}

/* --- functions --- */

struct symbols {
	const struct elf_image *image;
	const struct elf_part *parts;
	struct elf_section table, texts;
	int (*each)(void *context, const struct elf_function *function);
	void *context;
};

static Elf64_Sym symbol_at(const struct symbols *symbols, size_t index)
{
	Elf64_Sym wide;
	Elf32_Sym narrow;

	if (symbols->image->is_64) {
		memcpy(&wide, symbols->table.bytes + index * sizeof(wide), sizeof(wide));
		return wide;
	}
	memcpy(&narrow, symbols->table.bytes + index * sizeof(narrow), sizeof(narrow));
	return (Elf64_Sym){
		.st_name = narrow.st_name,
		.st_info = narrow.st_info,
		.st_other = narrow.st_other,
		.st_shndx = narrow.st_shndx,
		.st_value = narrow.st_value,
		.st_size = narrow.st_size,
	};
}

/* A name may have the version behind an @ in it. */
static int tell_function(const struct symbols *symbols, const Elf64_Sym *symbol, const char *name)
{
	struct elf_function function = {
		.name = name,
		.size = symbol->st_size,
		.is_local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL,
	};
	size_t length = strcspn(name, "@");

	if (!length ||
	    !offset_of(symbols->image, symbols->parts, symbol->st_value, &function.offset))
		return 0;
	if (!name[length])
		return symbols->each(symbols->context, &function);
	autofree char *bare = strndup(name, length);
	if (!bare)
		return -ENOMEM;
	function.name = bare;
	return symbols->each(symbols->context, &function);
}

static int read_symbols(const struct symbols *symbols)
{
	size_t width = symbols->image->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	int r = 0;

	for (size_t i = 0; !r && i < symbols->table.size / width; i++) {
		Elf64_Sym symbol = symbol_at(symbols, i);
		unsigned type = ELF64_ST_TYPE(symbol.st_info);
		const char *name = text_at(&symbols->texts, symbol.st_name);

		if ((type != STT_FUNC && type != STT_GNU_IFUNC) || !name ||
		    symbol.st_shndx == SHN_UNDEF)
			continue;
		r = tell_function(symbols, &symbol, name);
	}
	return r;
}

static int read_table(struct symbols *symbols, const struct elf_part *part,
		      struct inspect_error *err)
{
	const struct elf_part *texts = &symbols->parts[part->link];

	if (!part->link || part->link >= symbols->image->n_sections)
		return inspect_fail(err, EINVAL, "section %s: names in section %u", part->name,
				    part->link);
	int r = elf_image_content(symbols->image, part, &symbols->table, err);
	if (r < 0)
		return r;
	r = elf_image_content(symbols->image, texts, &symbols->texts, err);
	if (!r)
		r = read_symbols(symbols);
	elf_section_done(&symbols->texts);
	elf_section_done(&symbols->table);
	return r;
}

int elf_functions_each(const struct elf_image *image,
		       int (*each)(void *context, const struct elf_function *function),
		       void *context, struct inspect_error *err)
{
	autofree struct elf_part *parts = NULL;

	ERROR_NEEDED(err);
	int r = read_parts(image, &parts, err);
	for (uint32_t i = 1; !r && i < image->n_sections; i++) {
		struct symbols symbols = {
			.image = image, .parts = parts, .each = each, .context = context
		};

		/* Of a file that holds nothing but names for a debugger, what has no content is passed over. */
		if (parts[i].type == SHT_SYMTAB || parts[i].type == SHT_DYNSYM)
			r = read_table(&symbols, &parts[i], err);
	}
	return r;
}

/* --- marks --- */

#define NOTE_MARK 3 /* the type of such a note */

struct marks {
	const struct elf_image *image;
	const struct elf_part *parts;
	struct elf_section notes;
	uint64_t base; /* where .stapsdt.base is, or 0 */
	int (*each)(void *context, const struct elf_mark *mark);
	void *context;
};

static uint64_t address_at(const struct marks *marks, size_t at)
{
	uint64_t wide;
	uint32_t narrow;

	if (marks->image->is_64) {
		memcpy(&wide, marks->notes.bytes + at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, marks->notes.bytes + at, sizeof(narrow));
	return narrow;
}

/* Three texts, one behind the other, that end before @end. */
static bool texts_of(const struct marks *marks, size_t at, size_t end, struct elf_mark *mark)
{
	const char **texts[] = { &mark->provider, &mark->name, &mark->arguments };

	for (size_t i = 0; i < 3; i++) {
		const char *text = (const char *)marks->notes.bytes + at;
		const char *stop = at < end ? memchr(text, '\0', end - at) : NULL;

		if (!stop)
			return false;
		*texts[i] = text;
		at += (size_t)(stop - text) + 1;
	}
	return true;
}

/* Who moved the file's addresses after it was linked left the notes as they were, and they say so. */
static int tell_mark(const struct marks *marks, size_t at, size_t end)
{
	size_t width = marks->image->is_64 ? 8 : 4;
	struct elf_mark mark = { 0 };

	if (end - at < 3 * width || !texts_of(marks, at + 3 * width, end, &mark))
		return 0;
	uint64_t noted = address_at(marks, at + width),
		 semaphore = address_at(marks, at + 2 * width);
	uint64_t moved = marks->base && noted ? marks->base - noted : 0;
	if (!offset_of(marks->image, marks->parts, address_at(marks, at) + moved, &mark.offset))
		return 0;
	if (semaphore && !offset_of(marks->image, marks->parts, semaphore + moved, &mark.semaphore))
		return 0;
	return marks->each(marks->context, &mark);
}

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~(uint64_t)3;
}

static int read_notes(const struct marks *marks, struct inspect_error *err)
{
	static const char owner[] = "stapsdt";
	size_t at = 0, size = marks->notes.size;
	int r = 0;

	while (!r && size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr head;

		memcpy(&head, marks->notes.bytes + at, sizeof(head));
		uint64_t name = at + sizeof(head), text = name + padded(head.n_namesz);
		uint64_t next = text + padded(head.n_descsz);
		if (next > size)
			return inspect_fail(
				err, EINVAL,
				"section .note.stapsdt: a note at offset %zu ends at %llu of %zu bytes",
				at, (unsigned long long)next, size);
		if (head.n_type == NOTE_MARK && head.n_namesz == sizeof(owner) &&
		    memcmp(marks->notes.bytes + name, owner, sizeof(owner)) == 0)
			r = tell_mark(marks, (size_t)text, (size_t)text + head.n_descsz);
		at = (size_t)next;
	}
	return r;
}

int elf_marks_each(const struct elf_image *image,
		   int (*each)(void *context, const struct elf_mark *mark), void *context,
		   struct inspect_error *err)
{
	struct marks marks = { .image = image, .each = each, .context = context };
	autofree struct elf_part *parts = NULL;

	ERROR_NEEDED(err);
	int r = read_parts(image, &parts, err);
	marks.parts = parts;
	for (uint32_t i = 1; !r && i < image->n_sections; i++)
		if (strcmp(parts[i].name, ".stapsdt.base") == 0)
			marks.base = parts[i].address;
	for (uint32_t i = 1; !r && i < image->n_sections; i++) {
		if (parts[i].type != SHT_NOTE || strcmp(parts[i].name, ".note.stapsdt") != 0)
			continue;
		r = elf_image_content(image, &parts[i], &marks.notes, err);
		if (!r)
			r = read_notes(&marks, err);
		elf_section_done(&marks.notes);
	}
	return r;
}
