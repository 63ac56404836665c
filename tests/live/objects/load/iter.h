/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iter.h - iterators that write a line for each task, for each element of a map, and for each cgroup
 */
#include "../common.h"

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
} CORE;

struct task_struct {
	int pid;
	int tgid;
} CORE;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} CORE;

struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
} CORE;

struct kernfs_node {
	__u64 id;
} CORE;

struct cgroup {
	struct kernfs_node *kn;
} CORE;

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
} CORE;

static long (*const bpf_seq_printf)(struct seq_file *seq, const char *format, __u32 size,
				    const void *data, __u32 length) = (void *)126;
static long (*const bpf_seq_write)(struct seq_file *seq, const void *data,
				   __u32 length) = (void *)127;

#ifndef NO_TASKS
SEC("iter/task")
int load_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	static const char format[] = "%d\t%d\n";
	__u64 data[2];

	if (!task)
		return 0;
	data[0] = task->tgid;
	data[1] = task->pid;
	bpf_seq_printf(context->meta->seq, format, sizeof(format), data, sizeof(data));
	return 0;
}
#endif

#ifdef ELEMENTS
SEC("iter/bpf_map_elem")
int load_elements(struct bpf_iter__bpf_map_elem *context)
{
	static const char format[] = "%d %d\n";
	__u32 *key = context->key, *value = context->value;
	__u64 data[2];

	if (!key || !value)
		return 0;
	data[0] = *key;
	data[1] = *value;
	bpf_seq_printf(context->meta->seq, format, sizeof(format), data, sizeof(data));
	return 0;
}
#endif

#ifdef RAW
SEC("iter/bpf_map_elem")
int load_raw(struct bpf_iter__bpf_map_elem *context)
{
	__u32 *value = context->value;

	if (value)
		bpf_seq_write(context->meta->seq, value, sizeof(*value));
	return 0;
}
#endif

#ifdef CGROUPS
SEC("iter/cgroup")
int load_cgroups(struct bpf_iter__cgroup *context)
{
	static const char format[] = "%llu\n";
	struct cgroup *cgroup = context->cgroup;
	__u64 id;

	if (!cgroup)
		return 0;
	id = cgroup->kn->id;
	bpf_seq_printf(context->meta->seq, format, sizeof(format), &id, sizeof(id));
	return 0;
}
#endif

#ifdef NO_ITERATOR
SEC("xdp")
int load_pass(void *context)
{
	return 2;
}
#endif

char _license[] SEC("license") = "GPL";
