/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_option_room.c - a number that its variable is too small for
 */
#include "../common.h"

extern short LINUX_KERNEL_VERSION FROM(".kconfig");

SEC("raw_tp/sys_enter") int load_option_room(void *context)
{
	return LINUX_KERNEL_VERSION;
}

char LICENSE[] FROM("license") = "GPL";
