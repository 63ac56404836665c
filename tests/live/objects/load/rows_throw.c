/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows_throw.c - a program that ends by an exception
 */
#include "../common.h"

extern void bpf_throw(__u64 cookie) FROM(".ksyms");

__u64 runs;

SEC("tc") int row_throw(void *context)
{
	if (++runs)
		bpf_throw(7);
	return 3;
}

char LICENSE[] FROM("license") = "GPL";
