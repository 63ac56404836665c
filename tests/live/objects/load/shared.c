/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * shared.c - a map that is to be pinned by its name
 */
#include "../common.h"

struct {
	__uint(type, 1); /* hash */
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, long);
	__uint(pinning, 1); /* by name */
} load_shared FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_shared, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
