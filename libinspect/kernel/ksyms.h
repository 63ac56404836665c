/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ksyms.h - names for addresses of the kernel
 *
 *	ksyms_want(&ksyms, address, KSYMS_EXACT);
 *	... for all addresses ...
 *	ksyms_read(&ksyms, sys);
 *	ksyms_find(&ksyms, address, &symbol)
 *
 * /proc/kallsyms has some megabytes of text, which the kernel makes anew for every reader: all addresses
 * are wanted first, then it is read once, and only the names that were asked for are kept.
 */
#ifndef KERNEL_KSYMS_H
#define KERNEL_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/sys.h"

enum ksyms_match {
	KSYMS_EXACT,   /* the symbol that begins there */
	KSYMS_NEAREST, /* or else the last one that begins before it: reads the file to its end */
};

/* What was asked for. Zeroed, nothing was. */
struct ksyms {
	struct ksyms_slot *slots; /* by address, once they were read */
	size_t n;
	size_t room;
	bool wants_more; /* something was wanted since the last reading */
	int error;	 /* of the last reading */
};

/* A symbol; the texts belong to struct ksyms until ksyms_done(). */
struct ksym {
	uint64_t start;	    /* its own address, which is not behind the one that was wanted */
	const char *name;   /* any bytes */
	const char *module; /* NULL: the kernel proper */
};

void ksyms_done(struct ksyms *ksyms);

/* Adds an address to the next reading. 0 or -ENOMEM. */
int ksyms_want(struct ksyms *ksyms, uint64_t address, enum ksyms_match match);

/*
 * Reads the names of the addresses that were wanted since the last reading; where there are none, reads
 * nothing and returns what the last reading did.
 *
 * 0, also where some have no name; -EPERM: the kernel hides all addresses from this user
 * (kernel.kptr_restrict); or another negative errno.
 */
int ksyms_read(struct ksyms *ksyms, const struct sys *sys);

/* False where the address has no name, or was not read. */
bool ksyms_find(const struct ksyms *ksyms, uint64_t address, struct ksym *out);

#endif
