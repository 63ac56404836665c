/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * binary.h - a program or a library, for probes in it: functions, and places that its author marked
 *
 * A probe counts from the beginning of the file, and symbols are addresses: what lies where, the sections say.
 */
#ifndef ELF_BINARY_H
#define ELF_BINARY_H

#include "elf/image.h"

/* A function with a place in the file. Texts lie in the image, or are valid during the call alone. */
struct elf_function {
	const char *name; /* without a version */
	uint64_t offset;
	uint64_t size;
	bool is_local;
};

/*
 * Calls @each with every function of all tables of symbols, those for linking at run time included; one may come more than
 * once. It ends where @each returns something else than 0. That, 0, -EINVAL (damaged, or of another order of
 * bytes) or -ENOMEM.
 */
int elf_functions_each(const struct elf_image *image,
		       int (*each)(void *context, const struct elf_function *function),
		       void *context, struct inspect_error *err);

/* A place that SystemTap's or DTrace's macros marked. */
struct elf_mark {
	const char *provider, *name, *arguments;
	uint64_t offset;
	uint64_t
		semaphore; /* where in the file a counter stands that switches it on; 0: there is none */
};

/* The same with all such places. 0 also where the file has none. */
int elf_marks_each(const struct elf_image *image,
		   int (*each)(void *context, const struct elf_mark *mark), void *context,
		   struct inspect_error *err);

#endif
