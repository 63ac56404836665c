/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_together.c - a flag that every kernel has, and not for this type of maps
 */
#include "../common.h"

struct {
	__uint(type, 1); /* hash */
	__uint(max_entries, 8);
	__uint(map_flags, 1 << 5); /* build ids, in a map of stacks */
	__type(key, int);
	__type(value, long);
} load_odd FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_odd, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
