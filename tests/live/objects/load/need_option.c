/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_option.c - an option of the configuration that no kernel has
 */
#include "../common.h"

extern int CONFIG_NOBODY_HAS_THIS FROM(".kconfig");

SEC("xdp") int load_reader(void *context)
{
	return CONFIG_NOBODY_HAS_THIS;
}

char LICENSE[] FROM("license") = "GPL";
