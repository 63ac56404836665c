/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object.h - a compiled object with BPF programs, before it is loaded: sections, symbols, relocations
 *
 * All that refers to something is checked when it is read; what the names mean is for others to know.
 */
#ifndef ELF_OBJECT_H
#define ELF_OBJECT_H

#include "elf/image.h"

/* As ELF has them, for whoever may not include its header. */
enum elf_symbol_type {
	ELF_SYMBOL_NOTYPE = 0,
	ELF_SYMBOL_OBJECT = 1,
	ELF_SYMBOL_FUNC = 2,
	ELF_SYMBOL_SECTION = 3,
};

/* Where a symbol lies, when not in a section. */
#define ELF_UNDEFINED 0u
#define ELF_COMMON UINT32_MAX
#define ELF_ABSOLUTE (UINT32_MAX - 1)

struct elf_symbol {
	const char *name;
	uint64_t value, size; /* bytes; the value counts from the beginning of its section */
	uint32_t index;
	uint32_t section; /* its index, or one of the above */
	uint8_t type;	  /* enum elf_symbol_type */
	bool is_local, is_weak, is_hidden;
};

struct elf_reloc {
	uint64_t offset; /* bytes, in the section that is changed */
	uint32_t type;
	uint32_t symbol; /* its index */
};

struct elf_relocs {
	struct elf_reloc *relocs; /* in the order of the file */
	uint32_t n;
};

/* Zeroed, it is closed. */
struct elf_object {
	struct elf_image image;
	struct elf_part *parts; /* image.n_sections of them; all lie in the file */
	const struct elf_part **by_name;
	struct elf_symbol *symbols;
	uint32_t n_symbols;
};

/*
 * Opens it; @bytes is borrowed. Returns 0, -EINVAL (it is none, not for BPF, or damaged: names section, symbol and
 * offset) or -ENOMEM. Cost: memory in proportion to sections and symbols.
 */
int elf_object_open(struct elf_object *object, void *bytes, size_t size, struct inspect_error *err);
void elf_object_close(struct elf_object *object);

/* The first section of that name, or NULL. */
const struct elf_part *elf_object_find(const struct elf_object *object, const char *name);

/* Does it hold instructions? */
bool elf_part_is_code(const struct elf_part *part);

/* Does it hold what programs see when they run: code or data? */
bool elf_part_is_loaded(const struct elf_part *part);

bool elf_part_is_empty(const struct elf_part *part); /* NOBITS: it has a size, and no bytes */

/* "PROGBITS"; NULL for a type that is not known here. */
const char *elf_part_type(const struct elf_part *part);

/* Does @part change section @target? */
bool elf_part_relocates(const struct elf_part *part, uint32_t target);

/* What BPF's own types of relocations are called; NULL for any other. */
const char *elf_reloc_name(uint32_t type);

/*
 * Reads a section that elf_part_relocates(): each entry lies in the section it changes, and names a symbol. Returns
 * 0, -EINVAL (names section and number of the entry) or -ENOMEM.
 */
int elf_relocs_read(const struct elf_object *object, const struct elf_part *part,
		    struct elf_relocs *out, struct inspect_error *err);
void elf_relocs_done(struct elf_relocs *relocs);

/* A whole number of the file, in its order of bytes. */
uint64_t elf_number(const struct elf_object *object, const void *at, size_t width);

#endif
