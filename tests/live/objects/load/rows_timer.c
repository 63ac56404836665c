/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows_timer.c - a syscall program that starts a timer, whose callback counts
 */
#include "../common.h"

struct bpf_timer {
	__u64 opaque[2];
};

struct element {
	struct bpf_timer timer;
};

struct {
	__uint(type, 2); /* array */
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct element);
} timers FROM(".maps");

static long (*const bpf_timer_init)(struct bpf_timer *timer, void *map, __u64 flags) = (void *)169;
static long (*const bpf_timer_set_callback)(struct bpf_timer *timer, void *callback) = (void *)170;
static long (*const bpf_timer_start)(struct bpf_timer *timer, __u64 nsecs,
				     __u64 flags) = (void *)171;

__u64 runs;

static int expired(void *map, int *key, struct element *element)
{
	runs++;
	return 0;
}

SEC("syscall") int row_timer(void *context)
{
	int key = 0;
	struct element *element = bpf_map_lookup_elem(&timers, &key);

	if (!element)
		return 1;
	bpf_timer_init(&element->timer, &timers, 1); /* monotonic */
	bpf_timer_set_callback(&element->timer, expired);
	return (int)bpf_timer_start(&element->timer, 0, 0);
}

char LICENSE[] FROM("license") = "GPL";
