/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_option_kind.c - an option that is y, for a variable of numbers: that it is weak is no help
 */
#include "../common.h"

extern int CONFIG_BPF FROM(".kconfig") WEAK;

SEC("raw_tp/sys_enter") int load_option_kind(void *context)
{
	return CONFIG_BPF;
}

char LICENSE[] FROM("license") = "GPL";
