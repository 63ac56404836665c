/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * section_type.h - what a section's name says of the program in it
 */
#ifndef CODE_SECTION_TYPE_H
#define CODE_SECTION_TYPE_H

#include <stdbool.h>

struct section_type {
	const char *prog_type; /* as the kernel's table of names has it */
	const char *
		attach_type; /* the same, or NULL where the type alone says it, or the loader decides */
	const char *name; /* as the table has it: "kprobe", "fentry.s" */
	const char
		*target; /* what stands behind that and a slash, in the section's own name; or "" */
};

/* False for a name that says nothing. A ? in front, which keeps the loader from loading it, is passed over. */
bool section_type_find(const char *section, struct section_type *out);

#endif
