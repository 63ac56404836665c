/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_map.c - a type of maps that no kernel has
 */
#include "../common.h"

struct {
	__uint(type, 250);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, long);
} load_strange FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_strange, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
