/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trace_pipe.h - where the kernel's trace is read
 */
#ifndef KERNEL_TRACE_PIPE_H
#define KERNEL_TRACE_PIPE_H

#include <stdbool.h>

#include "kernel/sys.h"

/*
 * Opens the trace pipe for reading, without waiting where it is empty. tracefs is looked for where it is by
 * custom, then among the mounts; where it is nowhere, and @no_mount does not forbid it, it is opened
 * without a mount that others would see. A descriptor, or a negative errno with words.
 */
int trace_pipe_open(const struct sys *sys, bool no_mount, const struct inspect_note *note,
		    struct inspect_error *err);

#endif
