/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * legacy.c - a map as it was defined before libbpf 1.0
 */
#include "../common.h"

struct {
	__u32 type, key_size, value_size, max_entries, flags;
} load_old FROM("maps") = { 2, 4, 4, 1, 0 };

SEC("xdp") int load_user(void *context)
{
	int key = 0;

	return bpf_map_lookup_elem(&load_old, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
