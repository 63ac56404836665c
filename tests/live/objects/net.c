/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * net.c - maps of many kinds, global data, calls within and between sections
 */
#include "common.h"

struct flow {
	__u32 source, target;
	char name[16];
};

struct value {
	__u64 packets, bytes;
	struct flow *last;
};

typedef struct value counter_t;

struct {
	__uint(type, 1);
	__type(key, struct flow);
	__type(value, counter_t);
	__uint(max_entries, 128);
	__uint(pinning, 1);
} counters SEC(".maps");

struct {
	__uint(type, 27);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, 2);
	__uint(key_size, 4);
	__uint(value_size, 8);
	__uint(max_entries, 4);
	__uint(map_flags, 0x400);
	__uint(numa_node, 1);
} slots SEC(".maps");

struct {
	__uint(type, 30);
	__type(value, __u32);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
} bloom SEC(".maps");

struct {
	__uint(type, 33);
	__uint(max_entries, 10);
	__ulong(map_extra, 0x100000000000);
} arena SEC(".maps");

struct inner {
	__uint(type, 2);
	__type(key, int);
	__type(value, char[12]);
	__uint(max_entries, 2);
} inner SEC(".maps");

struct {
	__uint(type, 13);
	__uint(key_size, 4);
	__uint(max_entries, 2);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [1] = &inner } };

int pass(void *context);

struct {
	__uint(type, 3);
	__uint(key_size, 4);
	__uint(max_entries, 3);
	__array(values, int(void *));
} jumps SEC(".maps") = { .values = { [2] = &pass } };

const volatile int limit = 7;
const char message[] = "hello";
int hits;
static volatile int quiet = 3;
__u64 table[4] = { 1, 2, 3, 4 };
struct flow chosen FROM(".data.chosen") = { 1, 2, "x" };

static NOINLINE int helper(int x)
{
	hits += x;
	return x * 3 + quiet;
}

NOINLINE int shared(int x)
{
	return helper(x) ^ limit;
}

static int each(__u32 index, void *context)
{
	hits += (int)index;
	return 0;
}

SEC("xdp") int count(void *context)
{
	struct flow flow = { 1, 2 };
	struct value *value = bpf_map_lookup_elem(&counters, &flow);

	if (value) {
		value->packets += table[hits & 3];
		return shared(3);
	}
	for (int i = 0; i < limit; i++)
		hits += helper(i);
	bpf_loop(4, each, 0, 0);
	return hits + quiet;
}

static NOINLINE int beside(int x)
{
	return x + (int)chosen.target;
}

SEC("xdp") int drop(void *context)
{
	return message[hits & 3] + helper(2) + shared(hits);
}

SEC("tc") int pass(void *context)
{
	bpf_tail_call(context, &jumps, 2);
	return beside(hits) + (bpf_map_lookup_elem(&slots, &hits) != 0);
}

SEC("classifier/old") int unknown(void *context)
{
	return 0x7fffffffffffULL == *(__u64 *)context;
}

char terms[] SEC("license") = "Dual BSD/GPL";
__u32 oldest SEC("version") = 0x060100;
