/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * lsm.h - security modules, in their order
 */
#ifndef PROBE_LSM_H
#define PROBE_LSM_H

#include <stdbool.h>

#define LSM_NAME_ROOM 64

/* Zeroed, it was not read. */
struct lsm_order {
	bool was_read;
	int error; /* the kernel's own list cannot be had: why, negative; names is what was chosen at boot then */
	char *names; /* parted by commas, or NULL */
};

void lsm_order_done(struct lsm_order *order);

#endif
