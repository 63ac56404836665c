/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * several.c - programs of three types, maps of two, data of two kinds
 */
#include "../common.h"

struct {
	__uint(type, 1); /* hash */
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, long);
} load_counts FROM(".maps");

struct {
	__uint(type, 2); /* array */
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} load_other FROM(".maps");

int step = 3;
const volatile int offset = 5;

SEC("xdp") int load_first(void *context)
{
	int key = 0;
	long *value = bpf_map_lookup_elem(&load_counts, &key);

	if (value)
		*value += step;
	return 2;
}

SEC("tc") int load_second(void *context)
{
	int key = 0;
	int *value = bpf_map_lookup_elem(&load_other, &key);

	if (value)
		*value += offset;
	return 0;
}

SEC("raw_tp/sys_enter") int load_third(void *context)
{
	return 0;
}

char LICENSE[] FROM("license") = "GPL";
