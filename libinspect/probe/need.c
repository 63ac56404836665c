/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need.c - which rights the kernel asks for what
 *
 * As kernels have it since 5.8, which parted CAP_BPF and CAP_PERFMON from CAP_SYS_ADMIN. A type that no row has
 * needs CAP_BPF alone, as the kernel's own rule goes. tests/live/test_feature_why.py holds the rows against kernels.
 */
#include "probe/need.h"

#include <fnmatch.h>
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
	case ANSWER_PERF:
		return (struct need){ CAPS_PERFMON, false };
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
 * Helpers of packets and sockets: a program gets them for its type, whoever loads it. All others may be hidden from
 * whoever lacks CAP_PERFMON, and newer kernels hide more of them than older ones; so only these are told apart.
 */
static const char *const open_to_all[] = {
	"skb_[!o]*",	   "xdp_[!og]*",     "l3_csum_*",  "l4_csum_*",
	"csum_*",	   "clone_redirect", "redirect*",  "msg_*",
	"lwt_*",	   "rc_*",	     "sysctl_*",   "bind",
	"fib_*",	   "sock_*_update",  "sock_ops_*", "sk_redirect*",
	"sk_select_*",	   "sk_assign",	     "sk_lookup*", "skc_lookup*",
	"sk_fullsock",	   "sk_release",     "tcp_[!s]*",  "get_listener_sock",
	"set_hash*",	   "get_hash_*",     "check_mtu",  "*_hdr_opt",
	"get_route_realm",
};

/* What anyone has who may load programs of any type. */
static const char *const with_bpf[] = { "spin_lock",
					"spin_unlock",
					"jiffies64",
					"per_cpu_ptr",
					"this_cpu_ptr",
					"for_each_map_elem",
					"loop",
					"strncmp",
					"strtol",
					"strtoul",
					"timer_init",
					"timer_set_callback",
					"timer_start",
					"timer_cancel",
					"kptr_xchg",
					"user_ringbuf_drain",
					"ringbuf_reserve_dynptr",
					"ringbuf_submit_dynptr",
					"ringbuf_discard_dynptr",
					"dynptr_from_mem",
					"dynptr_read",
					"dynptr_write",
					"dynptr_data",
					"sk_storage_get",
					"sk_storage_delete",
					"cgrp_storage_get",
					"cgrp_storage_delete",
					"task_storage_get",
					"task_storage_delete" };

static const char *bare(const char *helper)
{
	return strncmp(helper, "bpf_", 4) == 0 ? helper + 4 : helper;
}

static bool is_among(const char *name, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

uint32_t need_of_helper(const char *name)
{
	name = bare(name);
	if (is_among(name, open_to_all, N(open_to_all)))
		return 0;
	if (strcmp(name, "probe_write_user") == 0)
		return CAPS_SYS_ADMIN;
	return is_among(name, with_bpf, N(with_bpf)) ? CAPS_BPF : TRACE;
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
	return !is_integrity && is_among(name, readers, N(readers));
}
