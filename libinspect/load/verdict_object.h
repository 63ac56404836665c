/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_object.h - what the object file tells of an instruction that the kernel counts
 *
 * The loader puts functions that a program calls behind it, so numbers of the program's own instructions alone are
 * those of its section, from its first on.
 */
#ifndef LOAD_VERDICT_OBJECT_H
#define LOAD_VERDICT_OBJECT_H

#include "code/lines.h"
#include "code/object.h"

/* Zeroed, it is not known. */
struct verdict_place {
	const struct object *object;
	uint32_t section, slot;
	const struct object_func *func;
};

/* The place of instruction @insn of a program; false where the object does not tell. */
bool verdict_place_find(struct verdict_place *out, const struct object *object, const char *program,
			uint32_t insn);

/* The line that it was made of. */
bool verdict_place_line(const struct verdict_place *place, struct line *out);

/*
 * The place of a line's text, where it is the only one of it in the object: for kernels that do not say which file
 * and line.
 */
bool verdict_line_of_text(const struct object *object, const char *text, size_t size,
			  struct line *out);

/* Adds "struct task_struct.pid" where CO-RE changes the instruction; false where it does not. */
bool verdict_place_add_relocation(const struct verdict_place *place, struct buf *out);

/* Adds the name of what it refers to, or its text. Both may add nothing. */
void verdict_place_add_symbol(const struct verdict_place *place, struct buf *out);
void verdict_place_add_text(const struct verdict_place *place, struct buf *out);

#endif
