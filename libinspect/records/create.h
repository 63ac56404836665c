/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * create.h - what a new map needs
 */
#ifndef RECORDS_CREATE_H
#define RECORDS_CREATE_H

#include "records/inspect.h"

/* Types for a map, in a BTF object of the kernel's. */
struct create_types {
	int fd; /* -1: none */
	uint32_t key_id;
	uint32_t value_id;
};

/*
 * Finds the types that were asked for, and loads them where the kernel does not have them; storage
 * maps get some of our own making. Checks that they are as large as key and value. The caller closes
 * out->fd. Returns 0 or a negative errno.
 */
int create_find_types(struct inspect *inspect, const struct inspect_map_spec *spec, unsigned type,
		      struct create_types *out, struct inspect_error *err);

/*
 * A descriptor or a negative errno. Kernels before 5.11 charge maps to a limit of the process, mostly 64 KiB, and say EPERM: it is
 * raised then, where that is allowed.
 */
int create_within_limits(struct inspect *inspect, const struct abi_map_create_attr *attr);

bool create_is_storage(unsigned type);

/* The rule of this type that the map breaks, in words, or NULL where none is known. */
const char *create_broken_rule(const struct inspect_map_spec *spec, unsigned type);

#endif
