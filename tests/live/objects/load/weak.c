/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * weak.c - an option that may be missing, and nothing else
 */
#include "../common.h"

extern int CONFIG_NOBODY_HAS_THIS FROM(".kconfig") WEAK;

SEC("xdp") int load_reader(void *context)
{
	return CONFIG_NOBODY_HAS_THIS + 2;
}

char LICENSE[] FROM("license") = "GPL";
