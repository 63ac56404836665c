/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * old.c - maps as they were defined before BTF
 */
#include "common.h"

struct definition {
	__u32 type, key_size, value_size, max_entries, map_flags;
};

struct definition first SEC("maps") = { 1, 4, 8, 1024, 1 };
struct definition second SEC("maps") = { 2, 4, 16, 3, 0 };

SEC("socket") int filter(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&first, &key) == bpf_map_lookup_elem(&second, &key);
}

char terms[] SEC("license") = "GPL";
