/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows_kfunc.c - a program that takes a reference to its own task and gives it back
 */
#include "../common.h"

struct task_struct {
	int tgid;
} CORE;

extern struct task_struct *bpf_task_acquire(struct task_struct *task) FROM(".ksyms");
extern void bpf_task_release(struct task_struct *task) FROM(".ksyms");
static struct task_struct *(*const bpf_get_current_task_btf)(void) = (void *)158;

__u64 runs;

SEC("tp_btf/bpf_test_finish") int row_kfunc(void *context)
{
	struct task_struct *task = bpf_task_acquire(bpf_get_current_task_btf());

	if (!task)
		return 0;
	runs = (__u64)task->tgid;
	bpf_task_release(task);
	return 0;
}

char LICENSE[] FROM("license") = "GPL";
