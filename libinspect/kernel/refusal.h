/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refusal.h - what may stand behind EPERM, which is all that the kernel says of it
 */
#ifndef KERNEL_REFUSAL_H
#define KERNEL_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/sys.h"

/* What cannot be read is not known: that is no "no". */
enum refusal_known {
	REFUSAL_NOT_KNOWN,
	REFUSAL_NO,
	REFUSAL_YES,
};

enum refusal_lockdown {
	REFUSAL_LOCKDOWN_NOT_KNOWN, /* the kernel has none, or /sys/kernel/security is not there */
	REFUSAL_LOCKDOWN_NONE,
	REFUSAL_LOCKDOWN_INTEGRITY,
	REFUSAL_LOCKDOWN_CONFIDENTIALITY,
};

struct refusal {
	bool has_rights; /* this process may load programs, as far as capabilities go */
	bool is_locked_down; /* for confidentiality, against root too: integrity alone lets programs in */
	bool has_limit;	     /* of memory that may be locked, which kernels before 5.11 charge */
	uint64_t limit;	     /* bytes */
	uint32_t caps;	     /* enum caps_bit: in effect */
	uint32_t known_caps; /* that this kernel has */
	enum refusal_known in_first_users; /* user namespace: capabilities of others do not count */
	enum refusal_known has_bpf;	   /* the kernel was built with bpf(2) */
	enum refusal_lockdown lockdown;
	bool has_filter;  /* of seccomp */
	bool is_charged;  /* memory of maps and programs counts against the limit */
	int unprivileged; /* kernel.unprivileged_bpf_disabled: 0, 1, 2; -1 not known */
	char modules
		[64]; /* security modules that may refuse bpf(2) as such: "selinux, bpf"; "" none */
};

/* Asks this process and the files below sys->root. What cannot be found out is false or not known. A dozen system calls. */
void refusal_read(const struct sys *sys, struct refusal *out);

/* Is this process in the first user namespace? */
enum refusal_known refusal_in_first_users(const struct sys *sys);

/* Has this process a filter of seccomp? It may refuse any call in any way, or kill for it. */
bool refusal_has_filter(void);

#endif
