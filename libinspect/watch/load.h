/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * load.h - a program of our own to the kernel
 */
#ifndef WATCH_LOAD_H
#define WATCH_LOAD_H

#include "kernel/sys.h"
#include "watch/asm.h"

struct load_how {
	uint32_t type;
	uint32_t attach_type;
	int target_fd; /* of the program that it is to be attached to */
	uint32_t target_btf_id;
	const char *name;
	char *log; /* what the verifier says; may be NULL */
	uint32_t log_size;
};

/* A descriptor or a negative errno. */
int load_code(const struct sys *sys, const struct code *code, const struct load_how *how);

#endif
