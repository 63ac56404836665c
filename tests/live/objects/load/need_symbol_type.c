/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_symbol_type.c - a variable of the kernel's that is of another type there: that it is weak is no help
 */
#include "../common.h"

struct nobody_has_this {
	int member;
};

extern const struct nobody_has_this bpf_prog_active FROM(".ksyms") WEAK;

SEC("raw_tp/sys_enter") int load_symbol_type(void *context)
{
	return &bpf_prog_active ? 1 : 0;
}

char LICENSE[] FROM("license") = "GPL";
