/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * outer.c - a map of maps with two of them in it
 */
#include "../common.h"

struct inner {
	__uint(type, 2); /* array */
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} load_in1 FROM(".maps"), load_in2 FROM(".maps");

struct {
	__uint(type, 12); /* array of maps */
	__uint(max_entries, 4);
	__type(key, int);
	__array(values, struct inner);
} load_outer FROM(".maps") = { .values = { [1] = &load_in1, [3] = &load_in2 } };

SEC("xdp") int load_user(void *context)
{
	int key = 1;

	return bpf_map_lookup_elem(&load_outer, &key) ? 1 : 2;
}

char LICENSE[] FROM("license") = "GPL";
