/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_gpl.c - a helper for programs with a licence compatible with the GPL, and a licence that is not
 */
#include "../common.h"

static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;

SEC("raw_tp/bpf_test_finish") int load_reader(void *context)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), context);
	return value == 1;
}

char LICENSE[] FROM("license") = "Proprietary";
