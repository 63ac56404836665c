/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * withheld.h - why there is no machine code to be had
 *
 * The kernel says no more than a length or a pointer of 0. What lies behind it stands in /proc/sys, which is read
 * only here, when something is missing.
 */
#ifndef CODE_WITHHELD_H
#define CODE_WITHHELD_H

#include <stdint.h>

#include "inspect.h"
#include "kernel/sys.h"

/* The program has none: fails with ENODATA. */
int withheld_not_jited(const struct sys *sys, uint32_t prog_id, struct inspect_error *err);

/* It has some, and the kernel does not give it to this user: fails with EPERM. */
int withheld_hidden(const struct sys *sys, uint32_t prog_id, struct inspect_error *err);

#endif
