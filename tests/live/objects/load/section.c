/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * section.c - a section that says no type
 */
#include "../common.h"

SEC("xpd") int load_stray(void *context)
{
	return 2;
}

char LICENSE[] FROM("license") = "GPL";
