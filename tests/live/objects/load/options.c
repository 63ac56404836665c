/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * options.c - options of the kernel's configuration: a number, text, one that may be missing
 */
#include "../common.h"

#define OPTION FROM(".kconfig")

extern unsigned long CONFIG_HZ OPTION;
extern char CONFIG_LOCALVERSION[16] OPTION;
extern int CONFIG_NOBODY_HAS_THIS OPTION WEAK;
extern int LINUX_KERNEL_VERSION OPTION;

unsigned long hz, nobody, release;

SEC("xdp") int load_reader(void *context)
{
	hz = CONFIG_HZ;
	nobody = CONFIG_NOBODY_HAS_THIS;
	release = LINUX_KERNEL_VERSION;
	return CONFIG_LOCALVERSION[0] ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
