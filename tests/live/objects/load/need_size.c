/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_size.c - more instructions than any kernel takes
 */
#include "../common.h"

SEC("xdp") int load_endless(void *context)
{
	__asm__ volatile(".fill 1000001, 8, 0xb7" ::: "r0"); /* r0 = 0 */
	return 2;
}

char LICENSE[] FROM("license") = "GPL";
