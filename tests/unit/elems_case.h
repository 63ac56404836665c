/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * elems_case.h - a map of the fake kernel, and a walk over its elements
 */
#ifndef TESTS_ELEMS_CASE_H
#define TESTS_ELEMS_CASE_H

#include "fake_kernel.h"

struct elems_case {
	struct fake_map fake;
	struct abi_map_info info;
	struct fake_object object;
	struct inspect *inspect;
	struct inspect_map map;
};

/* Starts the kernel with one map of id 7, as c->fake and c->info say. Values have @value_bytes. */
void elems_case_start(struct elems_case *c, unsigned type, uint32_t value_bytes);
void elems_case_stop(struct elems_case *c);

/*
 * The elements of a whole walk, keys and values as numbers of at most 32 bits: "0=0 1=3 2=- 5=!95".
 * A dash stands for an empty slot and ! for a value that the kernel withholds, with the errno. What
 * ends the walk stands behind it, unless it is 0. The text is constant until the next call.
 */
const char *elems_case_walk(struct elems_case *c, struct inspect_error *err);

/* Without the text: how many elements there were; what it ended with must be 0. */
unsigned elems_case_count(struct elems_case *c, bool *was_restarted);

#endif
