/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * built.h - what the running kernel was built with: its configuration
 */
#ifndef KERNEL_BUILT_H
#define KERNEL_BUILT_H

#include <stddef.h>

#include "kernel/sys.h"

#define BUILT_PATH_ROOM 160
#define BUILT_PACKED "/proc/config.gz"
#define BUILT_MOST (16u << 20) /* bytes, unpacked: what is longer is none */

struct built_option {
	const char *name; /* with CONFIG_ in front */
	const char *value;
};

/* Zeroed, it is empty. */
struct built {
	char *text;		      /* the file's; options point into it */
	struct built_option *options; /* those that are set, by name */
	size_t n;
	char path[BUILT_PATH_ROOM]; /* where it was read from; empty: nowhere */
	int code; /* why it could not be read: the errno of the first that is there, or ENOENT */
};

/* Where distributions put it: /boot/config-RELEASE. */
void built_plain_path(char *path, size_t size);

/*
 * Reads the first configuration that is there: that path, BUILT_PACKED, config in the folder of the kernel's modules.
 * What cannot be read, or holds no option, is as if it were not there. 0, -ENOMEM, or -built->code.
 */
int built_read(const struct sys *sys, struct built *out);

/* The same from memory, packed or not; for built_read() and tests. 0, -EINVAL (it is none) or -ENOMEM. */
int built_parse(const void *bytes, size_t size, struct built *out);

void built_done(struct built *built);

/* "y", "m", or the text or number, without the quotes around it; NULL: it is not set. */
const char *built_find(const struct built *built, const char *name);

#endif
