/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_symbol.c - a symbol that every kernel has, and one that none has
 */
#include "../common.h"

extern const void schedule FROM(".ksyms");
extern const void nobody_has_this_symbol FROM(".ksyms");

SEC("raw_tp/sys_enter") int load_reader(void *context)
{
	return (long)&schedule == (long)&nobody_has_this_symbol;
}

char LICENSE[] FROM("license") = "GPL";
