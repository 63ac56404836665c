/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * flavours.c - a function of the kernel's that is declared in several ways: each has an answer of its own
 */
#include "../common.h"

struct task_struct {
	int pid;
} CORE;

extern struct task_struct *bpf_task_acquire(struct task_struct *task) FROM(".ksyms") WEAK;
extern struct task_struct *bpf_task_acquire___two(struct task_struct *task, void *other)
	FROM(".ksyms") WEAK;
extern void bpf_task_release(struct task_struct *task) FROM(".ksyms") WEAK;

SEC("tp_btf/task_newtask") int load_flavour(__u64 *context)
{
	struct task_struct *task = bpf_task_acquire((void *)context[0]);

	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("tp_btf/task_newtask") int load_other_flavour(__u64 *context)
{
	struct task_struct *task;

	if (!&bpf_task_acquire___two)
		return 0;
	task = bpf_task_acquire___two((void *)context[0], 0);
	if (task)
		bpf_task_release(task);
	return 0;
}

char LICENSE[] FROM("license") = "GPL";
