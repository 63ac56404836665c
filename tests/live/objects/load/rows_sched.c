/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows_sched.c - a scheduler that leaves all decisions but one to the kernel
 */
#include "../common.h"

__u64 runs;

struct sched_ext_ops {
	void (*running)(void *task);
	char name[128];
} CORE;

SEC("struct_ops/running")
void row_running(__u64 *context)
{
	runs++;
}

struct sched_ext_ops FROM(".struct_ops.link") row_scheduler = {
	.running = (void *)row_running,
	.name = "row_scheduler",
};

char LICENSE[] FROM("license") = "GPL";
