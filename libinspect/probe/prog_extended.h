/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog_extended.h - a program that an extension may replace
 */
#ifndef PROBE_PROG_EXTENDED_H
#define PROBE_PROG_EXTENDED_H

#include "probe/prog_type.h"

/* Makes it at its first use, and fills in what an extension of it needs: 0, or why the kernel did not take it. */
int prog_extended_fill(struct probe *probe, struct prog_extended *extended,
		       struct abi_prog_load_attr *out);
void prog_extended_done(struct prog_extended *extended);

#endif
