/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need.c - which rights the kernel asks for what
 *
 * As kernels have it since 5.8, which parted CAP_BPF and CAP_PERFMON from CAP_SYS_ADMIN. A type that no row has
 * needs CAP_BPF alone, as the kernel's own rule goes. tests/live/test_feature_why.py holds the rows against kernels.
 */
#include "probe/need.h"

#include <string.h>

#include "kernel/caps.h"

#define NET (CAPS_BPF | CAPS_NET_ADMIN)
#define TRACE (CAPS_BPF | CAPS_PERFMON)

struct row {
	const char *name;
	uint32_t caps;
	bool is_free;
};

#define N(rows) (sizeof(rows) / sizeof(*(rows)))

static const struct row programs[] = {
	{ "socket_filter", CAPS_BPF, true },
	{ "cgroup_skb", CAPS_BPF, true },
	{ "kprobe", TRACE, false },
	{ "tracepoint", TRACE, false },
	{ "perf_event", TRACE, false },
	{ "raw_tracepoint", TRACE, false },
	{ "raw_tracepoint_writable", TRACE, false },
	{ "tracing", TRACE, false },
	{ "lsm", TRACE, false },
	{ "struct_ops", TRACE, false },
	{ "ext", NET | TRACE, false },
	{ "sched_cls", NET, false },
	{ "sched_act", NET, false },
	{ "xdp", NET, false },
	{ "lwt_in", NET, false },
	{ "lwt_out", NET, false },
	{ "lwt_xmit", NET, false },
	{ "lwt_seg6local", NET, false },
	{ "sk_skb", NET, false },
	{ "sk_msg", NET, false },
	{ "sock_ops", NET, false },
	{ "sk_lookup", NET, false },
	{ "flow_dissector", NET, false },
	{ "cgroup_device", NET, false },
	{ "cgroup_sock", NET, false },
	{ "cgroup_sock_addr", NET, false },
	{ "cgroup_sockopt", NET, false },
	{ "cgroup_sysctl", NET, false },
	{ "netfilter", NET, false },
};

static const struct row maps[] = {
	{ "hash", CAPS_BPF, true },
	{ "array", CAPS_BPF, true },
	{ "prog_array", CAPS_BPF, true },
	{ "perf_event_array", CAPS_BPF, true },
	{ "percpu_hash", CAPS_BPF, true },
	{ "percpu_array", CAPS_BPF, true },
	{ "cgroup_array", CAPS_BPF, true },
	{ "array_of_maps", CAPS_BPF, true },
	{ "hash_of_maps", CAPS_BPF, true },
	{ "cgroup_storage", CAPS_BPF, true },
	{ "percpu_cgroup_storage", CAPS_BPF, true },
	{ "ringbuf", CAPS_BPF, true },
	{ "user_ringbuf", CAPS_BPF, true },
	{ "sockmap", NET, false },
	{ "sockhash", NET, false },
	{ "devmap", NET, false },
	{ "devmap_hash", NET, false },
	{ "xskmap", NET, false },
};

static const struct row *find(const struct row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static struct need need_in(const struct row *rows, size_t n, const char *type)
{
	const struct row *row = type ? find(rows, n, type) : NULL;

	if (row)
		return (struct need){ row->caps, row->is_free };
	return (struct need){ type ? CAPS_BPF : NET | TRACE, false };
}

struct need need_of(enum answer_act act, const char *type)
{
	switch (act) {
	case ANSWER_MAP:
		return need_in(maps, N(maps), type);
	case ANSWER_PROG:
	case ANSWER_ATTACH:
	case ANSWER_RUN:
		return need_in(programs, N(programs), type);
	case ANSWER_BY_ID:
		return (struct need){ CAPS_SYS_ADMIN, false };
	case ANSWER_CALL:
	case ANSWER_BTF:
	case ANSWER_TOKEN:
		return (struct need){ CAPS_BPF, false };
	case ANSWER_ELEM:
	case ANSWER_BATCH:
	case ANSWER_INFO:
		return (struct need){ CAPS_BPF, true };
	case ANSWER_READ:
	case ANSWER_ACTS:
		break;
	}
	return (struct need){ 0, true };
}

const char *need_type(const struct inspect_feature *feature)
{
	switch (feature->kind) {
	case INSPECT_FEATURE_PROG_TYPE:
	case INSPECT_FEATURE_MAP_TYPE:
		return feature->name;
	case INSPECT_FEATURE_HELPER:
	case INSPECT_FEATURE_KFUNC:
	case INSPECT_FEATURE_BATCH:
		return feature->of;
	default: /* the rest is of no type */
		return NULL;
	}
}

/*
 * What the kernel gives to no program whose maker lacks the capability. Some kernels give one or the other of these to
 * everybody; then it is there, and this is not asked.
 */
static const struct row helpers[] = {
	{ "probe_write_user", CAPS_SYS_ADMIN, false },
	{ "trace_printk", CAPS_PERFMON, false },
	{ "trace_vprintk", CAPS_PERFMON, false },
	{ "get_current_task", CAPS_PERFMON, false },
	{ "get_current_task_btf", CAPS_PERFMON, false },
	{ "current_task_under_cgroup", CAPS_PERFMON, false },
	{ "probe_read", CAPS_PERFMON, false },
	{ "probe_read_str", CAPS_PERFMON, false },
	{ "probe_read_user", CAPS_PERFMON, false },
	{ "probe_read_user_str", CAPS_PERFMON, false },
	{ "probe_read_kernel", CAPS_PERFMON, false },
	{ "probe_read_kernel_str", CAPS_PERFMON, false },
	{ "snprintf", CAPS_PERFMON, false },
	{ "snprintf_btf", CAPS_PERFMON, false },
	{ "task_pt_regs", CAPS_PERFMON, false },
	{ "skc_to_tcp_sock", CAPS_PERFMON, false },
	{ "skc_to_tcp6_sock", CAPS_PERFMON, false },
	{ "skc_to_tcp_timewait_sock", CAPS_PERFMON, false },
	{ "skc_to_tcp_request_sock", CAPS_PERFMON, false },
	{ "skc_to_udp6_sock", CAPS_PERFMON, false },
	{ "skc_to_unix_sock", CAPS_PERFMON, false },
	{ "skc_to_mptcp_sock", CAPS_PERFMON, false },
	{ "ktime_get_coarse_ns", CAPS_PERFMON, false },
	{ "sys_bpf", CAPS_PERFMON, false },
	{ "kallsyms_lookup_name", CAPS_PERFMON, false },
	{ "spin_lock", CAPS_BPF, false },
	{ "spin_unlock", CAPS_BPF, false },
	{ "jiffies64", CAPS_BPF, false },
	{ "per_cpu_ptr", CAPS_BPF, false },
	{ "this_cpu_ptr", CAPS_BPF, false },
	{ "for_each_map_elem", CAPS_BPF, false },
	{ "loop", CAPS_BPF, false },
	{ "strncmp", CAPS_BPF, false },
	{ "strtol", CAPS_BPF, false },
	{ "strtoul", CAPS_BPF, false },
	{ "timer_init", CAPS_BPF, false },
	{ "timer_set_callback", CAPS_BPF, false },
	{ "timer_start", CAPS_BPF, false },
	{ "timer_cancel", CAPS_BPF, false },
	{ "kptr_xchg", CAPS_BPF, false },
	{ "user_ringbuf_drain", CAPS_BPF, false },
	{ "ringbuf_reserve_dynptr", CAPS_BPF, false },
	{ "ringbuf_submit_dynptr", CAPS_BPF, false },
	{ "ringbuf_discard_dynptr", CAPS_BPF, false },
	{ "dynptr_from_mem", CAPS_BPF, false },
	{ "dynptr_read", CAPS_BPF, false },
	{ "dynptr_write", CAPS_BPF, false },
	{ "dynptr_data", CAPS_BPF, false },
	{ "sk_storage_get", CAPS_BPF, false },
	{ "sk_storage_delete", CAPS_BPF, false },
	{ "cgrp_storage_get", CAPS_BPF, false },
	{ "cgrp_storage_delete", CAPS_BPF, false },
	{ "task_storage_get", CAPS_BPF, false },
	{ "task_storage_delete", CAPS_BPF, false },
};

static const char *bare(const char *helper)
{
	return strncmp(helper, "bpf_", 4) == 0 ? helper + 4 : helper;
}

uint32_t need_of_helper(const char *name)
{
	const struct row *row = find(helpers, N(helpers), bare(name));

	return row ? row->caps : 0;
}

bool need_helper_unlocked(const char *name, bool is_integrity)
{
	static const char *const readers[] = {
		"probe_read",
		"probe_read_str",
		"probe_read_kernel",
		"probe_read_kernel_str",
	};

	name = bare(name);
	if (strcmp(name, "probe_write_user") == 0)
		return true;
	for (size_t i = 0; !is_integrity && i < sizeof(readers) / sizeof(*readers); i++)
		if (strcmp(readers[i], name) == 0)
			return true;
	return false;
}
