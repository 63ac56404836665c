/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * tracefs.h - the file system of the kernel's tracing: events, functions
 */
#ifndef KERNEL_TRACEFS_H
#define KERNEL_TRACEFS_H

#include <stdint.h>

#include "kernel/sys.h"

/*
 * Where it is mounted, in memory to be freed. 0; -ENOENT where none is to be seen: the words of @err say so and how to
 * mount one.
 */
int tracefs_find(const struct sys *sys, char **out, struct inspect_error *err);

/* Number of the event @category:@name below @root. 0, -ENOENT or another negative errno. */
int tracefs_event_id(const char *root, const char *category, const char *name, uint64_t *out);

/*
 * Calls @each with every name in a directory below @root, until it returns something else than 0. That, 0 or a
 * negative errno.
 */
int tracefs_each(const char *root, const char *directory,
		 int (*each)(void *context, const char *name), void *context);

/*
 * The same with every function that can be traced, as "NAME" and the module it is in or NULL. A name may come more
 * than once.
 */
int tracefs_each_function(const char *root,
			  int (*each)(void *context, const char *name, const char *module),
			  void *context);

#endif
