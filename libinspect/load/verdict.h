/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict.h - why a program was not loaded
 */
#ifndef LOAD_VERDICT_H
#define LOAD_VERDICT_H

#include "code/object.h"
#include "inspect.h"
#include "kernel/refusal.h"

/* What is at hand after a load. All of it is borrowed; what is NULL is not there. */
struct verdict_case {
	const char *program;
	const char *section;
	int code;	 /* a positive errno: it failed; 0: it was loaded */
	const char *log; /* the verifier's; ends with NUL */
	size_t log_size;
	const char *said; /* libbpf's words, lines */
	size_t said_size;
	const struct object *object;
	struct refusal refusal; /* what may forbid it where the kernel says no more than that */
};

/*
 * Finds out. The log stays borrowed by *out. Returns 0 or -ENOMEM; inspect_verdict_done() in any case.
 */
int verdict_find(const struct verdict_case *from, struct inspect_verdict *out);

/* The same for the kernel's log about an object's types (BTF): the types that it refuses, and why. */
int verdict_find_btf(const char *log, size_t size, struct inspect_verdict *out);

#endif
