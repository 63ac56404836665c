/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * text.h - a type as C would declare it
 *
 *	struct sk_buff *		int (*)(void *, char)		pid_t [2]
 *
 * Types go by their names, so that the text of a type is the same in every blob that has it. What has no
 * name is "struct {...}". Type tags are left out: they change no layout, and few kernels have them.
 */
#ifndef BTF_TEXT_H
#define BTF_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"

#define BTF_NAME_MOST 512u  /* bytes of a name that count; the kernel has no longer ones */
#define BTF_CHAIN_MOST 32u  /* steps from a type to the one that it is made of */
#define BTF_TEXT_MOST 8192u /* bytes; where a text would be longer it ends in "..." */

/* How much work is left to do for one blob. It ends for blobs that say much more than they have bytes. */
struct btf_budget {
	uint64_t steps;
};

void btf_budget_init(struct btf_budget *budget, const struct btf_reader *btf);

/* Takes that many steps; false where there are none left. */
static inline bool btf_budget_take(struct btf_budget *budget, size_t steps)
{
	if (budget->steps < steps) {
		budget->steps = 0;
		return false;
	}
	budget->steps -= steps;
	return true;
}

/*
 * Adds the type's text to @out, without a NUL; @name ("" for none) stands where C has it: "char comm[16]".
 * Of a function, @id may be the function or its prototype.
 */
void btf_text_add(struct buf *out, const struct btf_reader *btf, uint32_t id, const char *name,
		  struct btf_budget *budget);

/* "struct", "typedef" and so on; NULL for kinds that this build does not know. */
const char *btf_kind_word(uint32_t kind);

bool btf_is_modifier(uint32_t kind);

/*
 * The id that @id stands for when modifiers are taken away; typedefs and arrays too where asked. @out
 * is its record. False where it leads nowhere. *is_array, if not NULL, says whether an array was passed.
 */
enum btf_through {
	BTF_THROUGH_ARRAYS = 1,
	BTF_THROUGH_TYPEDEFS = 2,
};
bool btf_resolve(const struct btf_reader *btf, uint32_t *id, unsigned through, bool *is_array,
		 struct btf_entry *out);

/* Bytes of a value of the type, where it has such; pointers have 8. */
bool btf_size(const struct btf_reader *btf, uint32_t id, uint64_t *out);

#endif
