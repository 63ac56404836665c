/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_key.c - a map with a key that no kernel takes
 */
#include "../common.h"

struct {
	__uint(type, 1); /* hash */
	__uint(max_entries, 8);
	__uint(key_size, 600);
	__uint(value_size, 8);
} load_large FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	char key[400] = { 0 };

	return bpf_map_lookup_elem(&load_large, key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
