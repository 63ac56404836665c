/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog_type.h - programs of every type, the least that there are, and whether the kernel takes them
 *
 * Most types come in one shape. Some need a function or a struct of the kernel's, which its types name, and then there may be several
 * shapes: a kernel that refuses one of them may take another.
 */
#ifndef PROBE_PROG_TYPE_H
#define PROBE_PROG_TYPE_H

#include <stdbool.h>

#include "kernel/abi.h"
#include "records/inspect.h"

struct probe;
struct sys;

#define PROG_TYPES_MOST 64 /* numbers from this on are not asked for */

/* What the extension of a program needs: a program, and the types that both have. */
struct prog_extended {
	bool was_made;
	int error; /* negative; of making it */
	int prog_fd, btf_fd;
};

struct prog_type_known {
	bool is_known;
	unsigned shape; /* the one that the kernel took */
	struct inspect_feature feature;
};

/* What was found out in a run. Zeroed, nothing was. */
struct prog_types {
	struct prog_type_known known[PROG_TYPES_MOST];
	struct prog_extended extended;
};

void prog_types_done(struct prog_types *types);

/* The answer for a type, below PROG_TYPES_MOST: one call on the kernel for most, the first time. Valid until the run ends. */
const struct inspect_feature *prog_type_answer(struct probe *probe, unsigned type);

/*
 * Fills in all that a program of this type needs to be loaded: it returns 0 at once, and has no name and no log. The caller may put other
 * instructions there. The shape is the one that the kernel took, or the first where prog_type_answer() did not say yes.
 * What it points to belongs to @probe. 0; -ESRCH: the kernel's types have not what it needs; another negative errno: its types cannot be had.
 */
int prog_type_fill(struct probe *probe, unsigned type, struct abi_prog_load_attr *out);

/* The same in each of the type's shapes: @shape is below prog_type_shapes(). */
#define PROG_SHAPES_MOST 4
unsigned prog_type_shapes(unsigned type);
int prog_type_fill_as(struct probe *probe, unsigned type, unsigned shape,
		      struct abi_prog_load_attr *out);

/* Loads a program, and tries again when a signal came in between: a descriptor, or a negative errno. */
int prog_type_load(struct probe *probe, const struct abi_prog_load_attr *attr);

/* The same, for threads. */
int prog_load_patiently(const struct sys *sys, const struct abi_prog_load_attr *attr);

/* Is it one of the types that a network device may carry out? */
bool prog_type_is_for_devices(unsigned type);

/* Is there a type of this number? One that is newer than this build is where the kernel's types name it. */
bool prog_type_is_named(struct probe *probe, unsigned type);

#endif
