/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object.h - a compiled object as programs, data, and what refers to what; nothing of it is loaded
 */
#ifndef CODE_OBJECT_H
#define CODE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/reader.h"
#include "code/ext.h"
#include "code/insn.h"
#include "elf/object.h"
#include "inspect.h"

/* Instructions under one name, or none: what no symbol covers. */
struct object_func {
	const char *name; /* "" */
	uint32_t section;
	uint32_t first, end; /* slots of the section */
	bool is_subprog;     /* other programs call it; it is not loaded for itself */
	bool is_alias;	     /* funcs[base] has the same instructions */
	bool is_open;	     /* its symbol does not say where it ends */
	uint32_t base;
	bool is_local, is_weak;
	bool has_calls; /* n_called is known */
	uint32_t
		n_called; /* other functions that it calls, or has called, or takes the address of */
};

struct object {
	char *bytes;
	size_t size;
	struct elf_object elf;
	struct elf_relocs *relocs; /* by the section they change, in the order of offsets */
	uint32_t *places;	   /* symbols with a place, by section and value */
	uint32_t n_places;
	struct object_func *funcs; /* by section and place */
	uint32_t n_funcs;

	bool has_btf;
	struct btf_reader btf;
	size_t btf_size;
	struct elf_section btf_section, ext_section;
	unsigned char *turned; /* BTF of the other byte order, turned */
	struct ext ext;
	uint32_t *datasecs; /* ids of its sections of types, by name */
	uint32_t n_datasecs;

	struct inspect_error
		problem; /* what could not be read, though the rest is there; code is 0: nothing */
};

/*
 * Opens a file. What makes no sense is an error, but types: without them the rest is shown, and object->problem says
 * why. Returns 0, -EINVAL (names section, symbol or offset), -ENOMEM, or what the file system says.
 */
int object_open(struct object *object, const char *path, struct inspect_error *err);

/* The same of bytes that are in memory, which it frees in any case; errors do not name the file. */
int object_take(struct object *object, char *bytes, size_t size, struct inspect_error *err);
void object_close(struct object *object);

/* The result of a command when all was shown that could be: 0, or the problem that there was. */
int object_end(const struct object *object, bool has_no_memory, struct inspect_error *err);

/* The instructions of a section, borrowed; none where it has no bytes. */
struct insn_stream object_stream(const struct object *object, uint32_t section);

/* Source lines and functions of a section, and what CO-RE changes in it; NULL where there are none. */
const struct ext_section *object_ext(const struct object *object, uint32_t section);

/* What the loader puts into an instruction; all zero where it puts nothing. */
struct object_target {
	const struct elf_reloc *reloc;
	const struct elf_symbol *symbol;
	uint32_t section; /* where it lies, or ELF_UNDEFINED and such */
	uint64_t offset;  /* there, bytes */
};

/* What @insn of @section refers to by a relocation, or by a distance to another function: false where to nothing. */
bool object_find_target(const struct object *object, uint32_t section, const struct insn *insn,
			struct object_target *out);

/* Adds a name for it: "counters", "helper", ".rodata+16". */
void object_add_target(const struct object *object, const struct object_target *target,
		       struct buf *out);

/* The function with this slot; NULL where there is none. */
const struct object_func *object_find_func(const struct object *object, uint32_t section,
					   uint32_t slot);

/* The last symbol at or before a place of a section, of any type but the section's own; or NULL. */
const struct elf_symbol *object_symbol_before(const struct object *object, uint32_t section,
					      uint64_t offset);

/* A section of types by its name, the first one of several. */
bool object_find_datasec(const struct object *object, const char *name, struct btf_entry *out);

#endif
