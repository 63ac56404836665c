/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * long.c - a program that is refused behind a long loop: its log has more than the 16 MiB that libbpf begins with
 */
#include "../common.h"

SEC("xdp") int long_log(void *context)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < 75000; i++)
		__asm__ volatile("%0 += %1" : "+r"(sum) : "r"((__u64)i));
	return *(int *)(sum + 1);
}

char LICENSE[] FROM("license") = "GPL";
