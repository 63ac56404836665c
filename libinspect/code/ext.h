/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ext.h - what .BTF.ext says of an object's instructions: functions, source lines, CO-RE relocations
 */
#ifndef CODE_EXT_H
#define CODE_EXT_H

#include <stddef.h>
#include <stdint.h>

#include "btf/text.h"
#include "code/image.h"
#include "elf/object.h"

/* An instruction that the loader changes to what a type looks like on the machine at hand. */
struct ext_core {
	uint32_t slot; /* in its section */
	uint32_t type_id;
	uint32_t access; /* offset of a string */
	uint32_t kind;
};

/* Of one section, in the order of the file. Places are slots of the section, not bytes as the file has them. */
struct ext_section {
	struct image image; /* its funcs and lines alone */
	struct ext_core *cores;
	uint32_t n_cores;
};

/* Zeroed, there is nothing. */
struct ext {
	struct ext_section *sections; /* by the index of the ELF section */
	uint32_t n_sections;
	uint32_t n_funcs, n_lines, n_cores; /* in all */
};

/*
 * Reads it. Names come from @btf. Returns 0, -EINVAL (damaged: names the part and the offset) or -ENOMEM.
 */
int ext_read(struct ext *ext, const struct elf_object *elf, const struct elf_section *content,
	     const struct btf_reader *btf, struct inspect_error *err);
void ext_done(struct ext *ext);

/* "field_byte_offset"; NULL for a kind that is not known here. */
const char *ext_core_kind(uint32_t kind);

/* The relocation at a slot, or NULL. */
const struct ext_core *ext_find_core(const struct ext_section *section, uint32_t slot);

/* Texts of types are many here: each has some steps for its own, whatever those before it took. */
static inline void ext_renew(struct btf_budget *budget)
{
	if (budget->steps < 4096)
		budget->steps = 4096;
}

/* The next number of a path "0:1:2", which *at is then behind; false where there is none. */
bool ext_next_index(const char **at, uint32_t *out);

/* Adds what it asks for: "struct task_struct.pid", "enum cpu.LITTLE". Always ends. */
void ext_add_core(const struct ext_core *core, const struct btf_reader *btf,
		  struct btf_budget *budget, struct buf *out);

#endif
