/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_inner.c - a map of maps that are of a type which no kernel has
 */
#include "../common.h"

struct inner {
	__uint(type, 250);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
};

struct {
	__uint(type, 12); /* array of maps */
	__uint(max_entries, 4);
	__type(key, int);
	__array(values, struct inner);
} load_outer FROM(".maps");

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_outer, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
