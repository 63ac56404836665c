/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * module.h - modules whose types are known, and their types
 */
#ifndef PROBE_MODULE_H
#define PROBE_MODULE_H

#include "probe/probe.h"

#define MODULE_NAME_ROOM 64 /* the kernel's own: 56 bytes on 64-bit machines, and its NUL */

/*
 * Calls @each with every module that the kernel has types of, by name. 0, what @each returned and is not 0, or a
 * negative errno: -ENOENT where the kernel has no types at all.
 */
int module_names(struct probe *probe, int (*each)(void *context, const char *name), void *context);

/* A module's types, which go with the kernel's. Zeroed, they are closed. Open, they must stay where they are. */
struct module_types {
	struct proc_bytes bytes;
	struct btf_reader btf;
};

/* 0, or a negative errno: -ENOENT where the module is gone, or is none. */
int module_open(struct module_types *out, struct probe *probe, const char *name);
void module_close(struct module_types *types);

/*
 * Calls @each with every module, its types open meanwhile; one that cannot be opened is passed over. Returns as
 * module_names().
 */
int module_each_types(struct probe *probe,
		      int (*each)(void *context, const char *name, const struct btf_reader *btf),
		      void *context);

#endif
