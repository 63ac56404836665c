/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trace.c - what is found at load: kernel symbols, kernel configuration, places of types
 */
#include "common.h"

extern void bpf_rcu_read_lock(void) FROM(".ksyms");
extern void bpf_rcu_read_unlock(void) WEAK FROM(".ksyms");
extern const int bpf_prog_active FROM(".ksyms");
extern int LINUX_KERNEL_VERSION FROM(".kconfig");
extern unsigned CONFIG_HZ WEAK FROM(".kconfig");

struct task_struct {
	int pid;
	struct {
		int flags;
		int many[4];
	};
	struct task_struct *parent;
	unsigned in_use : 3;
} CORE;

enum cpu {
	LITTLE = 1,
	BIG = 7,
};

static int total;

SEC("?fentry/do_exit") int leave(struct task_struct *task)
{
	static const char format[] = "pid %d";

	bpf_rcu_read_lock();
	bpf_trace_printk(format, sizeof(format), task->pid);
	if (bpf_rcu_read_unlock)
		bpf_rcu_read_unlock();
	total = LINUX_KERNEL_VERSION + (int)CONFIG_HZ + bpf_prog_active;
	return task->parent->many[2];
}

SEC("kprobe/vfs_read") int probe(void *context)
{
	return (int)__builtin_preserve_enum_value(*(enum cpu *)BIG, 0) +
	       (int)__builtin_preserve_type_info(*(struct task_struct *)0, 1) +
	       (int)__builtin_preserve_field_info(((struct task_struct *)context)->in_use, 2);
}

SEC("iter.s/task") int walk(void *context)
{
	return total;
}

char terms[] SEC("license") = "GPL";
