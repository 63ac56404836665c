/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * section_type.c - what a section's name says of the program in it
 *
 * The names are those that the documentation of libbpf lists. A test holds the table against libbpf itself.
 */
#include "code/section_type.h"

#include <stddef.h>
#include <string.h>

#include "inspect.h"

struct row {
	const char *name;
	bool takes_more; /* behind a slash: what it attaches to */
	const char *prog_type;
	const char *attach_type;
};

static const struct row rows[] = {
	{ "socket", false, "socket_filter", NULL },
	{ "sk_reuseport/migrate", false, "sk_reuseport", "sk_reuseport_select_or_migrate" },
	{ "sk_reuseport", false, "sk_reuseport", "sk_reuseport_select" },
	{ "kprobe", true, "kprobe", NULL },
	{ "uprobe", true, "kprobe", NULL },
	{ "uprobe.s", true, "kprobe", NULL },
	{ "kretprobe", true, "kprobe", NULL },
	{ "uretprobe", true, "kprobe", NULL },
	{ "uretprobe.s", true, "kprobe", NULL },
	{ "kprobe.multi", true, "kprobe", "trace_kprobe_multi" },
	{ "kretprobe.multi", true, "kprobe", "trace_kprobe_multi" },
	{ "kprobe.session", true, "kprobe", "trace_kprobe_session" },
	{ "uprobe.multi", true, "kprobe", "trace_uprobe_multi" },
	{ "uretprobe.multi", true, "kprobe", "trace_uprobe_multi" },
	{ "uprobe.session", true, "kprobe", "trace_uprobe_session" },
	{ "uprobe.multi.s", true, "kprobe", "trace_uprobe_multi" },
	{ "uretprobe.multi.s", true, "kprobe", "trace_uprobe_multi" },
	{ "uprobe.session.s", true, "kprobe", "trace_uprobe_session" },
	{ "ksyscall", true, "kprobe", NULL },
	{ "kretsyscall", true, "kprobe", NULL },
	{ "usdt", true, "kprobe", NULL },
	{ "usdt.s", true, "kprobe", NULL },
	{ "tc/ingress", false, "sched_cls", "tcx_ingress" },
	{ "tc/egress", false, "sched_cls", "tcx_egress" },
	{ "tcx/ingress", false, "sched_cls", "tcx_ingress" },
	{ "tcx/egress", false, "sched_cls", "tcx_egress" },
	{ "tc", false, "sched_cls", NULL },
	{ "classifier", false, "sched_cls", NULL },
	{ "action", false, "sched_act", NULL },
	{ "netkit/primary", false, "sched_cls", "netkit_primary" },
	{ "netkit/peer", false, "sched_cls", "netkit_peer" },
	{ "tracepoint", true, "tracepoint", NULL },
	{ "tracepoint.s", true, "tracepoint", NULL },
	{ "tp", true, "tracepoint", NULL },
	{ "tp.s", true, "tracepoint", NULL },
	{ "raw_tracepoint", true, "raw_tracepoint", NULL },
	{ "raw_tracepoint.s", true, "raw_tracepoint", NULL },
	{ "raw_tp", true, "raw_tracepoint", NULL },
	{ "raw_tp.s", true, "raw_tracepoint", NULL },
	{ "raw_tracepoint.w", true, "raw_tracepoint_writable", NULL },
	{ "raw_tp.w", true, "raw_tracepoint_writable", NULL },
	{ "tp_btf", true, "tracing", "trace_raw_tp" },
	{ "tp_btf.s", true, "tracing", "trace_raw_tp" },
	{ "fentry", true, "tracing", "trace_fentry" },
	{ "fmod_ret", true, "tracing", "modify_return" },
	{ "fexit", true, "tracing", "trace_fexit" },
	{ "fsession", true, "tracing", "trace_fsession" },
	{ "fentry.s", true, "tracing", "trace_fentry" },
	{ "fmod_ret.s", true, "tracing", "modify_return" },
	{ "fexit.s", true, "tracing", "trace_fexit" },
	{ "fsession.s", true, "tracing", "trace_fsession" },
	{ "fentry.multi", true, "tracing", "trace_fentry_multi" },
	{ "fexit.multi", true, "tracing", "trace_fexit_multi" },
	{ "fsession.multi", true, "tracing", "trace_fsession_multi" },
	{ "fentry.multi.s", true, "tracing", "trace_fentry_multi" },
	{ "fexit.multi.s", true, "tracing", "trace_fexit_multi" },
	{ "fsession.multi.s", true, "tracing", "trace_fsession_multi" },
	{ "freplace", true, "ext", NULL },
	{ "lsm", true, "lsm", "lsm_mac" },
	{ "lsm.s", true, "lsm", "lsm_mac" },
	{ "lsm_cgroup", true, "lsm", "lsm_cgroup" },
	{ "iter", true, "tracing", "trace_iter" },
	{ "iter.s", true, "tracing", "trace_iter" },
	{ "syscall", false, "syscall", NULL },
	{ "xdp.frags/devmap", true, "xdp", "xdp_devmap" },
	{ "xdp/devmap", true, "xdp", "xdp_devmap" },
	{ "xdp.frags/cpumap", true, "xdp", "xdp_cpumap" },
	{ "xdp/cpumap", true, "xdp", "xdp_cpumap" },
	{ "xdp.frags", true, "xdp", "xdp" },
	{ "xdp", true, "xdp", "xdp" },
	{ "perf_event", false, "perf_event", NULL },
	{ "lwt_in", false, "lwt_in", NULL },
	{ "lwt_out", false, "lwt_out", NULL },
	{ "lwt_xmit", false, "lwt_xmit", NULL },
	{ "lwt_seg6local", false, "lwt_seg6local", NULL },
	{ "sockops", false, "sock_ops", "cgroup_sock_ops" },
	{ "sk_skb/stream_parser", false, "sk_skb", "sk_skb_stream_parser" },
	{ "sk_skb/stream_verdict", false, "sk_skb", "sk_skb_stream_verdict" },
	{ "sk_skb/verdict", false, "sk_skb", "sk_skb_verdict" },
	{ "sk_skb", false, "sk_skb", NULL },
	{ "sk_msg", false, "sk_msg", "sk_msg_verdict" },
	{ "lirc_mode2", false, "lirc_mode2", "lirc_mode2" },
	{ "flow_dissector", false, "flow_dissector", "flow_dissector" },
	{ "cgroup_skb/ingress", false, "cgroup_skb", "cgroup_inet_ingress" },
	{ "cgroup_skb/egress", false, "cgroup_skb", "cgroup_inet_egress" },
	{ "cgroup/skb", false, "cgroup_skb", NULL },
	{ "cgroup/sock_create", false, "cgroup_sock", "cgroup_inet_sock_create" },
	{ "cgroup/sock_release", false, "cgroup_sock", "cgroup_inet_sock_release" },
	{ "cgroup/sock", false, "cgroup_sock", "cgroup_inet_sock_create" },
	{ "cgroup/post_bind4", false, "cgroup_sock", "cgroup_inet4_post_bind" },
	{ "cgroup/post_bind6", false, "cgroup_sock", "cgroup_inet6_post_bind" },
	{ "cgroup/bind4", false, "cgroup_sock_addr", "cgroup_inet4_bind" },
	{ "cgroup/bind6", false, "cgroup_sock_addr", "cgroup_inet6_bind" },
	{ "cgroup/connect4", false, "cgroup_sock_addr", "cgroup_inet4_connect" },
	{ "cgroup/connect6", false, "cgroup_sock_addr", "cgroup_inet6_connect" },
	{ "cgroup/connect_unix", false, "cgroup_sock_addr", "cgroup_unix_connect" },
	{ "cgroup/sendmsg4", false, "cgroup_sock_addr", "cgroup_udp4_sendmsg" },
	{ "cgroup/sendmsg6", false, "cgroup_sock_addr", "cgroup_udp6_sendmsg" },
	{ "cgroup/sendmsg_unix", false, "cgroup_sock_addr", "cgroup_unix_sendmsg" },
	{ "cgroup/recvmsg4", false, "cgroup_sock_addr", "cgroup_udp4_recvmsg" },
	{ "cgroup/recvmsg6", false, "cgroup_sock_addr", "cgroup_udp6_recvmsg" },
	{ "cgroup/recvmsg_unix", false, "cgroup_sock_addr", "cgroup_unix_recvmsg" },
	{ "cgroup/getpeername4", false, "cgroup_sock_addr", "cgroup_inet4_getpeername" },
	{ "cgroup/getpeername6", false, "cgroup_sock_addr", "cgroup_inet6_getpeername" },
	{ "cgroup/getpeername_unix", false, "cgroup_sock_addr", "cgroup_unix_getpeername" },
	{ "cgroup/getsockname4", false, "cgroup_sock_addr", "cgroup_inet4_getsockname" },
	{ "cgroup/getsockname6", false, "cgroup_sock_addr", "cgroup_inet6_getsockname" },
	{ "cgroup/getsockname_unix", false, "cgroup_sock_addr", "cgroup_unix_getsockname" },
	{ "cgroup/sysctl", false, "cgroup_sysctl", "cgroup_sysctl" },
	{ "cgroup/getsockopt", false, "cgroup_sockopt", "cgroup_getsockopt" },
	{ "cgroup/setsockopt", false, "cgroup_sockopt", "cgroup_setsockopt" },
	{ "cgroup/dev", false, "cgroup_device", "cgroup_device" },
	{ "struct_ops", true, "struct_ops", NULL },
	{ "struct_ops.s", true, "struct_ops", NULL },
	{ "sk_lookup", false, "sk_lookup", "sk_lookup" },
	{ "netfilter", false, "netfilter", "netfilter" },
};

static bool is_meant(const struct row *row, const char *section)
{
	size_t n = strlen(row->name);

	if (strncmp(section, row->name, n) != 0)
		return false;
	return !section[n] || (row->takes_more && section[n] == '/');
}

bool section_type_find(const char *section, struct section_type *out)
{
	if (*section == '?')
		section++;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!is_meant(&rows[i], section))
			continue;
		size_t n = strlen(rows[i].name);

		*out = (struct section_type){
			.prog_type = rows[i].prog_type,
			.attach_type = rows[i].attach_type,
			.name = rows[i].name,
			.target = section + n + (section[n] == '/'),
		};
		return true;
	}
	return false;
}

const char *inspect_section_name(unsigned index)
{
	return index < sizeof(rows) / sizeof(*rows) ? rows[index].name : NULL;
}
