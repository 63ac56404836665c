/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * names.c - the words for the kernel's numbers
 *
 * The numbering is kernel ABI and never changes; new numbers are added at the end. The spelling is
 * the enumerator's own, without its prefix, in lower case. A kernel newer than this build says in its
 * BTF how it calls what is not in the table.
 */
#include "kernel/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "btf/reader.h"
#include "kernel/proc.h"

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

/* Without the bpf_ that every one has in front. */
static const char *const helpers[] = {
	"unspec",
	"map_lookup_elem",
	"map_update_elem",
	"map_delete_elem",
	"probe_read",
	"ktime_get_ns",
	"trace_printk",
	"get_prandom_u32",
	"get_smp_processor_id",
	"skb_store_bytes",
	"l3_csum_replace",
	"l4_csum_replace",
	"tail_call",
	"clone_redirect",
	"get_current_pid_tgid",
	"get_current_uid_gid",
	"get_current_comm",
	"get_cgroup_classid",
	"skb_vlan_push",
	"skb_vlan_pop",
	"skb_get_tunnel_key",
	"skb_set_tunnel_key",
	"perf_event_read",
	"redirect",
	"get_route_realm",
	"perf_event_output",
	"skb_load_bytes",
	"get_stackid",
	"csum_diff",
	"skb_get_tunnel_opt",
	"skb_set_tunnel_opt",
	"skb_change_proto",
	"skb_change_type",
	"skb_under_cgroup",
	"get_hash_recalc",
	"get_current_task",
	"probe_write_user",
	"current_task_under_cgroup",
	"skb_change_tail",
	"skb_pull_data",
	"csum_update",
	"set_hash_invalid",
	"get_numa_node_id",
	"skb_change_head",
	"xdp_adjust_head",
	"probe_read_str",
	"get_socket_cookie",
	"get_socket_uid",
	"set_hash",
	"setsockopt",
	"skb_adjust_room",
	"redirect_map",
	"sk_redirect_map",
	"sock_map_update",
	"xdp_adjust_meta",
	"perf_event_read_value",
	"perf_prog_read_value",
	"getsockopt",
	"override_return",
	"sock_ops_cb_flags_set",
	"msg_redirect_map",
	"msg_apply_bytes",
	"msg_cork_bytes",
	"msg_pull_data",
	"bind",
	"xdp_adjust_tail",
	"skb_get_xfrm_state",
	"get_stack",
	"skb_load_bytes_relative",
	"fib_lookup",
	"sock_hash_update",
	"msg_redirect_hash",
	"sk_redirect_hash",
	"lwt_push_encap",
	"lwt_seg6_store_bytes",
	"lwt_seg6_adjust_srh",
	"lwt_seg6_action",
	"rc_repeat",
	"rc_keydown",
	"skb_cgroup_id",
	"get_current_cgroup_id",
	"get_local_storage",
	"sk_select_reuseport",
	"skb_ancestor_cgroup_id",
	"sk_lookup_tcp",
	"sk_lookup_udp",
	"sk_release",
	"map_push_elem",
	"map_pop_elem",
	"map_peek_elem",
	"msg_push_data",
	"msg_pop_data",
	"rc_pointer_rel",
	"spin_lock",
	"spin_unlock",
	"sk_fullsock",
	"tcp_sock",
	"skb_ecn_set_ce",
	"get_listener_sock",
	"skc_lookup_tcp",
	"tcp_check_syncookie",
	"sysctl_get_name",
	"sysctl_get_current_value",
	"sysctl_get_new_value",
	"sysctl_set_new_value",
	"strtol",
	"strtoul",
	"sk_storage_get",
	"sk_storage_delete",
	"send_signal",
	"tcp_gen_syncookie",
	"skb_output",
	"probe_read_user",
	"probe_read_kernel",
	"probe_read_user_str",
	"probe_read_kernel_str",
	"tcp_send_ack",
	"send_signal_thread",
	"jiffies64",
	"read_branch_records",
	"get_ns_current_pid_tgid",
	"xdp_output",
	"get_netns_cookie",
	"get_current_ancestor_cgroup_id",
	"sk_assign",
	"ktime_get_boot_ns",
	"seq_printf",
	"seq_write",
	"sk_cgroup_id",
	"sk_ancestor_cgroup_id",
	"ringbuf_output",
	"ringbuf_reserve",
	"ringbuf_submit",
	"ringbuf_discard",
	"ringbuf_query",
	"csum_level",
	"skc_to_tcp6_sock",
	"skc_to_tcp_sock",
	"skc_to_tcp_timewait_sock",
	"skc_to_tcp_request_sock",
	"skc_to_udp6_sock",
	"get_task_stack",
	"load_hdr_opt",
	"store_hdr_opt",
	"reserve_hdr_opt",
	"inode_storage_get",
	"inode_storage_delete",
	"d_path",
	"copy_from_user",
	"snprintf_btf",
	"seq_printf_btf",
	"skb_cgroup_classid",
	"redirect_neigh",
	"per_cpu_ptr",
	"this_cpu_ptr",
	"redirect_peer",
	"task_storage_get",
	"task_storage_delete",
	"get_current_task_btf",
	"bprm_opts_set",
	"ktime_get_coarse_ns",
	"ima_inode_hash",
	"sock_from_file",
	"check_mtu",
	"for_each_map_elem",
	"snprintf",
	"sys_bpf",
	"btf_find_by_name_kind",
	"sys_close",
	"timer_init",
	"timer_set_callback",
	"timer_start",
	"timer_cancel",
	"get_func_ip",
	"get_attach_cookie",
	"task_pt_regs",
	"get_branch_snapshot",
	"trace_vprintk",
	"skc_to_unix_sock",
	"kallsyms_lookup_name",
	"find_vma",
	"loop",
	"strncmp",
	"get_func_arg",
	"get_func_ret",
	"get_func_arg_cnt",
	"get_retval",
	"set_retval",
	"xdp_get_buff_len",
	"xdp_load_bytes",
	"xdp_store_bytes",
	"copy_from_user_task",
	"skb_set_tstamp",
	"ima_file_hash",
	"kptr_xchg",
	"map_lookup_percpu_elem",
	"skc_to_mptcp_sock",
	"dynptr_from_mem",
	"ringbuf_reserve_dynptr",
	"ringbuf_submit_dynptr",
	"ringbuf_discard_dynptr",
	"dynptr_read",
	"dynptr_write",
	"dynptr_data",
	"tcp_raw_gen_syncookie_ipv4",
	"tcp_raw_gen_syncookie_ipv6",
	"tcp_raw_check_syncookie_ipv4",
	"tcp_raw_check_syncookie_ipv6",
	"ktime_get_tai_ns",
	"user_ringbuf_drain",
	"cgrp_storage_get",
	"cgrp_storage_delete",
};

static const char *const link_types[] = {
	"unspec",	"raw_tracepoint", "tracing",	  "cgroup",	   "iter",	"netns",
	"xdp",		"perf_event",	  "kprobe_multi", "struct_ops",	   "netfilter", "tcx",
	"uprobe_multi", "netkit",	  "sockmap",	  "tracing_multi",
};

static const char *const attach_types[] = {
	"cgroup_inet_ingress",
	"cgroup_inet_egress",
	"cgroup_inet_sock_create",
	"cgroup_sock_ops",
	"sk_skb_stream_parser",
	"sk_skb_stream_verdict",
	"cgroup_device",
	"sk_msg_verdict",
	"cgroup_inet4_bind",
	"cgroup_inet6_bind",
	"cgroup_inet4_connect",
	"cgroup_inet6_connect",
	"cgroup_inet4_post_bind",
	"cgroup_inet6_post_bind",
	"cgroup_udp4_sendmsg",
	"cgroup_udp6_sendmsg",
	"lirc_mode2",
	"flow_dissector",
	"cgroup_sysctl",
	"cgroup_udp4_recvmsg",
	"cgroup_udp6_recvmsg",
	"cgroup_getsockopt",
	"cgroup_setsockopt",
	"trace_raw_tp",
	"trace_fentry",
	"trace_fexit",
	"modify_return",
	"lsm_mac",
	"trace_iter",
	"cgroup_inet4_getpeername",
	"cgroup_inet6_getpeername",
	"cgroup_inet4_getsockname",
	"cgroup_inet6_getsockname",
	"xdp_devmap",
	"cgroup_inet_sock_release",
	"xdp_cpumap",
	"sk_lookup",
	"xdp",
	"sk_skb_verdict",
	"sk_reuseport_select",
	"sk_reuseport_select_or_migrate",
	"perf_event",
	"trace_kprobe_multi",
	"lsm_cgroup",
	"struct_ops",
	"netfilter",
	"tcx_ingress",
	"tcx_egress",
	"trace_uprobe_multi",
	"cgroup_unix_connect",
	"cgroup_unix_sendmsg",
	"cgroup_unix_recvmsg",
	"cgroup_unix_getpeername",
	"cgroup_unix_getsockname",
	"netkit_primary",
	"netkit_peer",
	"trace_kprobe_session",
	"trace_uprobe_session",
	"trace_fsession",
	"trace_fentry_multi",
	"trace_fexit_multi",
	"trace_fsession_multi",
};

static const char *const cgroup_orders[] = {
	"order_unspec",	    "self_only",    "descendants_pre",
	"descendants_post", "ancestors_up", "children",
};

static const char *const perf_events[] = {
	"unspec", "uprobe", "uretprobe", "kprobe", "kretprobe", "tracepoint", "event",
};

#define SET(table, from, before)                                                                   \
	{                                                                                          \
		.names = (table), .n = sizeof(table) / sizeof(*(table)), .kernel_enum = (from),    \
		.prefix = (before)                                                                 \
	}

static const struct {
	const char *const *names;
	size_t n;
	const char *kernel_enum;
	const char *prefix;
} sets[NAMES_SETS] = {
	[NAMES_PROG_TYPE] = SET(prog_types, "bpf_prog_type", "BPF_PROG_TYPE_"),
	[NAMES_MAP_TYPE] = SET(map_types, "bpf_map_type", "BPF_MAP_TYPE_"),
	[NAMES_LINK_TYPE] = SET(link_types, "bpf_link_type", "BPF_LINK_TYPE_"),
	[NAMES_ATTACH_TYPE] = SET(attach_types, "bpf_attach_type", "BPF_"),
	[NAMES_CGROUP_ORDER] = SET(cgroup_orders, "bpf_cgroup_iter_order", "BPF_CGROUP_ITER_"),
	[NAMES_PERF_EVENT] = SET(perf_events, "bpf_perf_event_type", "BPF_PERF_EVENT_"),
	[NAMES_HELPER] = SET(helpers, "bpf_func_id", "BPF_FUNC_"),
};

const char *names_find(enum names_set set, unsigned value)
{
	return value < sets[set].n ? sets[set].names[value] : NULL;
}

const char *names_enum(enum names_set set)
{
	return sets[set].kernel_enum;
}

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->n_told; i++)
		free(names->told[i].word);
	free(names->told);
	*names = (struct names){ 0 };
}

static const char *find_told(const struct names *names, enum names_set set, unsigned value)
{
	for (size_t i = 0; i < names->n_told; i++)
		if (names->told[i].set == set && names->told[i].value == value)
			return names->told[i].word;
	return NULL;
}

/* An old spelling of a number that has a newer one, too. */
static bool is_alias(const char *name)
{
	static const char end[] = "_DEPRECATED";
	size_t n = strlen(name);

	return n >= sizeof(end) - 1 && strcmp(name + n - (sizeof(end) - 1), end) == 0;
}

static char *shown_word(const char *name)
{
	char *word = strdup(name);

	for (char *at = word; at && *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return word;
}

/* Keeps an enumerator that the table lacks. What has not the prefix is a marker, such as __MAX_... */
static void keep(struct names *names, enum names_set set, const char *name, unsigned value)
{
	const char *prefix = sets[set].prefix;

	if (names_find(set, value) || find_told(names, set, value))
		return;
	if (!text_has_prefix(name, prefix) || !name[strlen(prefix)] || is_alias(name))
		return;
	struct names_told *all = realloc(names->told, (names->n_told + 1) * sizeof(*all));
	if (!all)
		return;
	names->told = all;
	char *word = shown_word(name + strlen(prefix));
	if (word)
		names->told[names->n_told++] = (struct names_told){ set, value, word };
}

#define ENUMERATOR_BYTES 8 /* the offset of its name, its value */

static void keep_enum(void *context, enum names_set set, const struct btf_reader *btf,
		      const struct btf_entry *type)
{
	struct names *names = context;

	for (size_t i = 0; i < type->vlen && (i + 1) * ENUMERATOR_BYTES <= type->tail_size; i++) {
		const char *name = btf_string(btf, btf_word(type->tail, i * ENUMERATOR_BYTES));

		if (name)
			keep(names, set, name, btf_word(type->tail, i * ENUMERATOR_BYTES + 4));
	}
}

#define KERNEL_BTF_MAX (256u << 20)

/* Calls @each with every enum of the kernel's BTF that is a set; false where the BTF cannot be had. */
static bool each_kernel_enum(const struct sys *sys,
			     void (*each)(void *context, enum names_set set,
					  const struct btf_reader *btf,
					  const struct btf_entry *type),
			     void *context)
{
	AUTO(proc_bytes_done) struct proc_bytes bytes = { 0 };
	AUTO(btf_done) struct btf_reader btf = { 0 };
	struct btf_entry type;

	if (proc_bytes_read(sys, "/sys/kernel/btf/vmlinux", KERNEL_BTF_MAX, &bytes, NULL) ||
	    btf_init(&btf, bytes.bytes, bytes.size, NULL, NULL))
		return false;
	for (uint32_t id = 1; id < btf_count(&btf); id++) {
		if (!btf_type(&btf, id, &type) || type.kind != KIND_ENUM)
			continue;
		for (enum names_set set = 0; set < NAMES_SETS; set++)
			if (strcmp(type.name, sets[set].kernel_enum) == 0)
				each(context, set, &btf, &type);
	}
	return true;
}

struct wanted {
	enum names_set set;
	unsigned value;
	bool has_set, has_value;
};

/* The last enumerator is a marker, whose number is that of the next one to come. */
static void look_for(void *context, enum names_set set, const struct btf_reader *btf,
		     const struct btf_entry *type)
{
	struct wanted *wanted = context;

	if (set != wanted->set)
		return;
	wanted->has_set = true;
	for (size_t i = 0; i < type->vlen && (i + 1) * ENUMERATOR_BYTES <= type->tail_size; i++) {
		const char *name = btf_string(btf, btf_word(type->tail, i * ENUMERATOR_BYTES));

		if (name && text_has_prefix(name, sets[set].prefix) &&
		    btf_word(type->tail, i * ENUMERATOR_BYTES + 4) == wanted->value)
			wanted->has_value = true;
	}
}

int names_kernel_has(const struct sys *sys, enum names_set set, unsigned value)
{
	struct wanted wanted = { .set = set, .value = value };

	if (!each_kernel_enum(sys, look_for, &wanted) || !wanted.has_set)
		return -1;
	return wanted.has_value;
}

const char *names_get(struct names *names, const struct sys *sys, enum names_set set,
		      unsigned value)
{
	const char *word = names_find(set, value);

	if (word)
		return word;
	if (!names->was_asked)
		each_kernel_enum(sys, keep_enum,
				 names); /* what cannot be had stays without a word */
	names->was_asked = true;
	return find_told(names, set, value);
}
