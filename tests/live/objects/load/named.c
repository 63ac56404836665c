/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * named.c - types whose names a test replaces by others of the same length
 */
#include "../common.h"

struct replaced {
	int member;
} value;

SEC("xdp") int load_reader(void *context)
{
	return value.member;
}

char LICENSE[] FROM("license") = "GPL";
