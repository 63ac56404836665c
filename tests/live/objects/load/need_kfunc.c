/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_kfunc.c - a function of the kernel's that no kernel has
 */
#include "../common.h"

extern int nobody_has_this_function(int) FROM(".ksyms");

SEC("tc") int load_caller(void *context)
{
	return nobody_has_this_function(1);
}

char LICENSE[] FROM("license") = "GPL";
