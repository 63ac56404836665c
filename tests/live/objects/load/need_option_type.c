/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_option_type.c - an option, set or not, for a variable that no loader fills in
 */
#include "../common.h"

struct numbers {
	int first;
};

extern struct numbers CONFIG_NOBODY_HAS_THIS FROM(".kconfig") WEAK;

SEC("raw_tp/sys_enter") int load_option_type(void *context)
{
	return CONFIG_NOBODY_HAS_THIS.first;
}

char LICENSE[] FROM("license") = "GPL";
