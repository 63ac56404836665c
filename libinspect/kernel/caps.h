/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * caps.h - why the kernel said no, and the way out
 */
#ifndef KERNEL_CAPS_H
#define KERNEL_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "inspect.h"

/* Capabilities that bpf(2) asks for. */
enum caps_bit {
	CAPS_SYS_ADMIN = 1,
	CAPS_BPF = 2,
	CAPS_PERFMON = 4,
	CAPS_NET_ADMIN = 8,
	CAPS_SYS_RESOURCE = 16,
	CAPS_SYSLOG = 32,
};

/* Those that this process has in effect, in its user namespace, and those that this kernel knows. */
uint32_t caps_effective(void);
uint32_t caps_known(void);

/* "CAP_BPF", or NULL for what is none. */
const char *caps_name(uint32_t bit);

/* What was tried: each needs another right. */
enum caps_act {
	CAPS_BY_ID,	/* list ids, open by id */
	CAPS_BY_PATH,	/* open what is pinned */
	CAPS_LOAD,	/* make maps, load programs */
	CAPS_TO_ATTACH, /* to sockets, networks or cgroups */
};

/* Adds a hint to @err where its code is one that rights explain; returns -code. */
int caps_hint(struct inspect_error *err, enum caps_act act);

/* Is it clear that this process may attach nothing to sockets, networks and cgroups? */
bool caps_lacks_attach(void);

/* Has this process CAP_SYSLOG, by which the kernel tells addresses? */
bool caps_has_syslog(void);

/* May this process load programs, at least of some types? */
bool caps_may_load(void);

#endif
