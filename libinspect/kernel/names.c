/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.c - the words for the kernel's numbers
 *
 * The numbering is kernel ABI and never changes; new numbers are added at the end. The spelling is
 * the enumerator's own, without its prefix, in lower case.
 */
#include "kernel/names.h"

static const char *const prog_types[] = {
	"unspec",
	"socket_filter",
	"kprobe",
	"sched_cls",
	"sched_act",
	"tracepoint",
	"xdp",
	"perf_event",
	"cgroup_skb",
	"cgroup_sock",
	"lwt_in",
	"lwt_out",
	"lwt_xmit",
	"sock_ops",
	"sk_skb",
	"cgroup_device",
	"sk_msg",
	"raw_tracepoint",
	"cgroup_sock_addr",
	"lwt_seg6local",
	"lirc_mode2",
	"sk_reuseport",
	"flow_dissector",
	"cgroup_sysctl",
	"raw_tracepoint_writable",
	"cgroup_sockopt",
	"tracing",
	"struct_ops",
	"ext",
	"lsm",
	"sk_lookup",
	"syscall",
	"netfilter",
};

static const char *const map_types[] = {
	"unspec",
	"hash",
	"array",
	"prog_array",
	"perf_event_array",
	"percpu_hash",
	"percpu_array",
	"stack_trace",
	"cgroup_array",
	"lru_hash",
	"lru_percpu_hash",
	"lpm_trie",
	"array_of_maps",
	"hash_of_maps",
	"devmap",
	"sockmap",
	"cpumap",
	"xskmap",
	"sockhash",
	"cgroup_storage",
	"reuseport_sockarray",
	"percpu_cgroup_storage",
	"queue",
	"stack",
	"sk_storage",
	"devmap_hash",
	"struct_ops",
	"ringbuf",
	"inode_storage",
	"task_storage",
	"bloom_filter",
	"user_ringbuf",
	"cgrp_storage",
	"arena",
	"insn_array",
	"rhash",
};

#define SET(table)                                                                                 \
	{                                                                                          \
		table, sizeof(table) / sizeof(*(table))                                            \
	}

static const struct {
	const char *const *names;
	size_t n;
} sets[NAMES_SETS] = {
	[NAMES_PROG_TYPE] = SET(prog_types),
	[NAMES_MAP_TYPE] = SET(map_types),
};

const char *names_find(enum names_set set, unsigned value)
{
	return value < sets[set].n ? sets[set].names[value] : NULL;
}
