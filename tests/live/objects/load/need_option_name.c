/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_option_name.c - neither an option nor one of what the loader finds out
 */
#include "../common.h"

extern int NOBODY_HAS_THIS FROM(".kconfig") WEAK;

SEC("raw_tp/sys_enter") int load_option_name(void *context)
{
	return NOBODY_HAS_THIS;
}

char LICENSE[] FROM("license") = "GPL";
