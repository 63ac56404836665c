/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map_type.h - types of maps: the smallest map of each, and whether the kernel makes it
 */
#ifndef PROBE_MAP_TYPE_H
#define PROBE_MAP_TYPE_H

#include "records/create.h"

struct probe;

#define MAP_TYPE_ROOM 64

/* Zeroed, nothing was asked yet. */
struct map_types {
	struct inspect_feature answers[MAP_TYPE_ROOM]; /* name NULL: not asked yet */
	bool has_inner, has_types;		       /* those were made, or could not be */
	int inner_fd;				       /* what maps of maps hold, or an error */
	struct create_types types;		       /* what storage maps need */
};

void map_types_done(struct map_types *types);

/* Has the kernel this type? @type is one that has a name here. Asked once, valid as long as the probe is. */
const struct inspect_feature *map_type_answer(struct probe *probe, unsigned type);

/* The type with this name, or 0. map_type_unknown() says so, and names the nearest: -INSPECT_EUSAGE. */
unsigned map_type_find(const char *name);
int map_type_unknown(const char *name, struct inspect_error *err);

/*
 * What the smallest map of this type is made of, one element where there are elements. 0 or a negative errno: what it needs cannot
 * be made, or its shape is not known (-ENOENT).
 */
int map_type_shape(struct probe *probe, unsigned type, struct abi_map_create_attr *out);

/*
 * Types of the kernel's own, for a struct_ops map that is made indeed: map_type_shape() gives one that kernels refuse. -ENOENT: the
 * kernel has nothing that could be implemented.
 */
int map_type_struct_ops(struct probe *probe, struct abi_map_create_attr *out);

/* Makes a map: a descriptor or a negative errno. */
int map_type_make(struct probe *probe, const struct abi_map_create_attr *attr);

#endif
