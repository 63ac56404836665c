/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refusal.h - what may stand behind EPERM, which is all that the kernel says of it
 */
#ifndef KERNEL_REFUSAL_H
#define KERNEL_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

struct refusal {
	bool has_rights;     /* this process may load programs, as far as capabilities go */
	bool is_locked_down; /* the kernel is, against root too */
	bool has_limit;	     /* of memory that may be locked, which kernels before 5.11 charge */
	uint64_t limit;	     /* bytes */
};

/* Asks. What cannot be found out is false. */
void refusal_read(struct refusal *out);

#endif
