/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * huge.c - a map that is larger than any memory, behind one that is not
 */
#include "../common.h"

struct {
	__uint(type, 2); /* array */
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} load_small FROM(".maps");

struct {
	__uint(type, 2); /* array */
	__uint(max_entries, 0x7fffffff);
	__uint(key_size, 4);
	__uint(value_size, 4096);
} load_huge FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_small, &key) && bpf_map_lookup_elem(&load_huge, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
