/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * field.c - a CO-RE relocation that no kernel has a field for
 */
#include "../common.h"

struct task_struct {
	int nobody_has_this;
} CORE;

static __u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;

SEC("raw_tp/sys_enter") int load_reader(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &task->nobody_has_this);
	return value;
}

char LICENSE[] FROM("license") = "GPL";
