/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * file.h - a whole file, or nothing
 */
#ifndef OUT_FILE_H
#define OUT_FILE_H

#include <stddef.h>

#include "inspect.h"

/*
 * Puts these bytes into a file. A new one is for its owner alone; one that is there keeps its owner and its rights
 * where this process may give them. It appears under its name when all is written: on failure what was there is as it
 * was, and nothing is left behind. What is no file (a pipe, a terminal, /dev/null) is written to as it is.
 *
 * Returns 0 or a negative errno.
 */
int file_replace(const char *path, const void *bytes, size_t size, struct inspect_error *err);

#endif
