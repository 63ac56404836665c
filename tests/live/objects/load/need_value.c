/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_value.c - a map with a value that no kernel takes
 */
#include "../common.h"

struct {
	__uint(type, 1); /* hash */
	__uint(max_entries, 8);
	__uint(key_size, 4);
	__uint(value_size, 64 << 20);
} load_large FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_large, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
