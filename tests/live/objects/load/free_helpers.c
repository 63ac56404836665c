/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * free_helpers.c - helpers that every program may call, and a licence that is not compatible with the GPL
 */
#include "../common.h"

static __u64 (*const bpf_ktime_get_boot_ns)(void) = (void *)125;
static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;

SEC("xdp") int load_user(void *context)
{
	return bpf_ktime_get_boot_ns() + bpf_get_prandom_u32() ? 2 : 1;
}

char LICENSE[] FROM("license") = "MIT";
