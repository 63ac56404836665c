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
	int32_t *calls;	 /* distances that wait for the base */
	size_t n_calls;
	size_t calls_room;
	bool has_sought_base;
	uint64_t base; /* the address that programs count from when they call the kernel, or 0 */
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
 * The same for the function that a loaded program calls: @distance is what its instruction has for it. The
 * address from which such distances are counted is looked for in the same reading.
 */
int ksyms_want_call(struct ksyms *ksyms, int32_t distance);

/*
 * Reads the names of the addresses that were wanted since the last reading; where there are none, reads
 * nothing and returns what the last reading did.
 *
 * 0, also where some have no name; -EPERM: the kernel hides all addresses from this user
 * (kernel.kptr_restrict); or another negative errno.
 */
int ksyms_read(struct ksyms *ksyms, const struct sys *sys);

/*
 * Calls @each with every symbol and its type's letter, until it returns something else than 0; addresses may be
 * hidden. That, 0 or a negative errno.
 */
int ksyms_each(const struct sys *sys,
	       int (*each)(void *context, const struct ksym *symbol, char type), void *context);

/* False where the address has no name, or was not read. */
bool ksyms_find(const struct ksyms *ksyms, uint64_t address, struct ksym *out);

/* The same of a call. @address is told where it is known, name or not, and else the distance. */
bool ksyms_find_call(const struct ksyms *ksyms, int32_t distance, uint64_t *address,
		     struct ksym *out);

#endif
