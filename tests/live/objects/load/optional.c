/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * optional.c - a program that is not loaded, before one that is
 */
#include "../common.h"

SEC("?xdp") int load_left_out(void *context)
{
	return 1;
}

SEC("xdp") int load_loaded(void *context)
{
	return 2;
}

char LICENSE[] FROM("license") = "GPL";
