/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_gpl_kfunc.c - a function of the kernel, and a licence that is not compatible with the GPL; it is never come to
 */
#include "../common.h"

extern void *bpf_cast_to_kern_ctx(void *) FROM(".ksyms");

SEC("tc") int load_caller(void *context)
{
	volatile int never = 0;

	return never ? bpf_cast_to_kern_ctx(context) != 0 : 0;
}

char LICENSE[] FROM("license") = "MIT";
