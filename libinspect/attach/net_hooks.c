/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * net_hooks.c - the rows of the table of hooks that are about sockets, networks and cgroups
 */
#include "attach/hook.h"

#define PIN HOOK_TAKES(HOOK_PIN)
#define REPLACE HOOK_TAKES(HOOK_REPLACE)
#define NETNS HOOK_TAKES(HOOK_NETNS)
#define ORDER (HOOK_TAKES(HOOK_BEFORE) | HOOK_TAKES(HOOK_AFTER) | HOOK_TAKES(HOOK_FIRST) | REPLACE)
#define MODES (HOOK_TAKES(HOOK_GENERIC) | HOOK_TAKES(HOOK_NATIVE) | HOOK_TAKES(HOOK_OFFLOAD))

/* A device of the caller's network namespace. */
#define DEVICE(word, what, type, text)                                                             \
	.name = (word), .target = "dev IFNAME", .help = (text), .least = 2, .most = 2,             \
	.offers = HOOK_TARGET_DEVICE, .prog_types = { what }, .attach_type = (type)

/* Many programs in an order, each with a verdict on a packet. */
#define ORDERED(word, type, link, release, section, text)                                          \
	{                                                                                          \
		DEVICE(word, ABI_PROG_TYPE_SCHED_CLS, type, text),                                 \
			.since = (release), .sections = (section), .words = PIN | ORDER,           \
			.detail = (link), .attach = attach_device                                  \
	}

/* A place in a map of sockets; names as bpftool has them. */
#define SOCKETS(word, old, type, what, release, section, text)                                     \
	{                                                                                          \
		.name = (word), .old_name = (old), .target = "MAP", .help = (text),                \
		.since = (release), .sections = (section), .least = 1, .most = 2,                  \
		.offers = HOOK_TARGET_MAP, .words = PIN | REPLACE, .prog_types = { what },         \
		.attach_type = (type), .attach = attach_sockets, .detach = detach_sockets          \
	}

/* Links to cgroups came with Linux 5.7, later than some of their attach types. */
#define CGROUP(word, type, what, release, section, text)                                           \
	{                                                                                          \
		.name = (word), .target = "CGROUP", .help = (text), .since = (release),            \
		.sections = (section), .least = 1, .most = 1, .offers = HOOK_TARGET_CGROUP,        \
		.words = PIN | ORDER | HOOK_TAKES(HOOK_PREORDER), .prog_types = { what },          \
		.attach_type = (type), .attach = attach_cgroup                                     \
	}
#define ADDRESS(word, type, release, section, text)                                                \
	CGROUP(word, type, ABI_PROG_TYPE_CGROUP_SOCK_ADDR, release, section, text)

const struct hook net_hooks[] = {
	{ DEVICE("xdp", ABI_PROG_TYPE_XDP, ABI_XDP, "packets as the driver receives them"),
	  .since = "Linux 5.9", .sections = "xdp", .words = PIN | REPLACE | MODES,
	  .attach = attach_xdp },
	ORDERED("tcx_ingress", ABI_TCX_INGRESS, ABI_LINK_TYPE_TCX, "Linux 6.6", "tcx/ingress",
		"packets that come in by a device"),
	ORDERED("tcx_egress", ABI_TCX_EGRESS, ABI_LINK_TYPE_TCX, "Linux 6.6", "tcx/egress",
		"packets that go out by a device"),
	ORDERED("netkit_primary", ABI_NETKIT_PRIMARY, ABI_LINK_TYPE_NETKIT, "Linux 6.7",
		"netkit/primary", "packets that the primary device of a netkit pair sends"),
	ORDERED("netkit_peer", ABI_NETKIT_PEER, ABI_LINK_TYPE_NETKIT, "Linux 6.7", "netkit/peer",
		"packets that its peer sends; IFNAME is the primary device all the same"),
	{ .name = "netfilter",
	  .target = "FAMILY HOOK",
	  .help = "packets on netfilter's way; FAMILY is ip or ip6, HOOK prerouting, input, "
		  "forward, output or postrouting",
	  .since = "Linux 6.4",
	  .sections = "netfilter",
	  .least = 2,
	  .most = 2,
	  .offers = HOOK_TARGET_NETFILTER,
	  .words = PIN | HOOK_TAKES(HOOK_PRIORITY) | HOOK_TAKES(HOOK_DEFRAG),
	  .prog_types = { ABI_PROG_TYPE_NETFILTER },
	  .attach_type = ABI_NETFILTER,
	  .attach = attach_netfilter },
	{ .name = "sk_lookup",
	  .help = "the choice of a socket for what comes in",
	  .since = "Linux 5.9",
	  .sections = "sk_lookup",
	  .words = PIN | NETNS | REPLACE,
	  .prog_types = { ABI_PROG_TYPE_SK_LOOKUP },
	  .attach_type = ABI_SK_LOOKUP,
	  .attach = attach_netns },
	{ .name = "flow_dissector",
	  .help = "the headers of packets; with one of these words by a link (since Linux 5.8), "
		  "else without",
	  .since = "Linux 4.20",
	  .sections = "flow_dissector",
	  .words = PIN | NETNS | REPLACE,
	  .prog_types = { ABI_PROG_TYPE_FLOW_DISSECTOR },
	  .attach_type = ABI_FLOW_DISSECTOR,
	  .attach = attach_flow_dissector,
	  .detach = detach_flow_dissector },
	SOCKETS("sk_skb_stream_parser", "stream_parser", ABI_SK_SKB_STREAM_PARSER,
		ABI_PROG_TYPE_SK_SKB, "Linux 4.14", "sk_skb/stream_parser",
		"where messages end, in what the sockets of a map receive"),
	SOCKETS("sk_skb_stream_verdict", "stream_verdict", ABI_SK_SKB_STREAM_VERDICT,
		ABI_PROG_TYPE_SK_SKB, "Linux 4.14", "sk_skb/stream_verdict",
		"what they receive, after the parser"),
	SOCKETS("sk_skb_verdict", "skb_verdict", ABI_SK_SKB_VERDICT, ABI_PROG_TYPE_SK_SKB,
		"Linux 5.13", "sk_skb/verdict", "what they receive"),
	SOCKETS("sk_msg_verdict", "msg_verdict", ABI_SK_MSG_VERDICT, ABI_PROG_TYPE_SK_MSG,
		"Linux 4.17", "sk_msg", "what they send"),
	{ .name = "struct_ops",
	  .target = "MAP",
	  .help = "the functions that a map stands for; the program is one of them",
	  .since = "Linux 6.4",
	  .sections = "struct_ops",
	  .least = 1,
	  .most = 2,
	  .offers = HOOK_TARGET_MAP,
	  .words = PIN,
	  .prog_types = { ABI_PROG_TYPE_STRUCT_OPS },
	  .attach_type = ABI_STRUCT_OPS,
	  .attach = attach_struct_ops },

	CGROUP("cgroup_inet_ingress", 0, ABI_PROG_TYPE_CGROUP_SKB, "Linux 5.7",
	       "cgroup_skb/ingress", "packets to the cgroup's sockets"),
	CGROUP("cgroup_inet_egress", 1, ABI_PROG_TYPE_CGROUP_SKB, "Linux 5.7", "cgroup_skb/egress",
	       "packets from them"),
	CGROUP("cgroup_inet_sock_create", 2, ABI_PROG_TYPE_CGROUP_SOCK, "Linux 5.7",
	       "cgroup/sock_create", "a socket that is made"),
	CGROUP("cgroup_inet_sock_release", 34, ABI_PROG_TYPE_CGROUP_SOCK, "Linux 5.9",
	       "cgroup/sock_release", "a socket that is closed"),
	CGROUP("cgroup_inet4_post_bind", 12, ABI_PROG_TYPE_CGROUP_SOCK, "Linux 5.7",
	       "cgroup/post_bind4", "a socket that has its IPv4 address"),
	CGROUP("cgroup_inet6_post_bind", 13, ABI_PROG_TYPE_CGROUP_SOCK, "Linux 5.7",
	       "cgroup/post_bind6", "the same of IPv6"),
	CGROUP("cgroup_sock_ops", 3, ABI_PROG_TYPE_SOCK_OPS, "Linux 5.7", "sockops",
	       "what happens to TCP connections"),
	CGROUP("cgroup_device", 6, ABI_PROG_TYPE_CGROUP_DEVICE, "Linux 5.7", "cgroup/dev",
	       "a device node that is made or opened"),
	CGROUP("cgroup_sysctl", 18, ABI_PROG_TYPE_CGROUP_SYSCTL, "Linux 5.7", "cgroup/sysctl",
	       "a file below /proc/sys that is read or written"),
	CGROUP("cgroup_getsockopt", 21, ABI_PROG_TYPE_CGROUP_SOCKOPT, "Linux 5.7",
	       "cgroup/getsockopt", "getsockopt(2)"),
	CGROUP("cgroup_setsockopt", 22, ABI_PROG_TYPE_CGROUP_SOCKOPT, "Linux 5.7",
	       "cgroup/setsockopt", "setsockopt(2)"),
	ADDRESS("cgroup_inet4_bind", 8, "Linux 5.7", "cgroup/bind4", "bind(2), IPv4"),
	ADDRESS("cgroup_inet6_bind", 9, "Linux 5.7", "cgroup/bind6", "the same, IPv6"),
	ADDRESS("cgroup_inet4_connect", 10, "Linux 5.7", "cgroup/connect4", "connect(2), IPv4"),
	ADDRESS("cgroup_inet6_connect", 11, "Linux 5.7", "cgroup/connect6", "the same, IPv6"),
	ADDRESS("cgroup_unix_connect", 49, "Linux 6.7", "cgroup/connect_unix", "the same, Unix"),
	ADDRESS("cgroup_udp4_sendmsg", 14, "Linux 5.7", "cgroup/sendmsg4",
		"sendmsg(2) without a connection, IPv4"),
	ADDRESS("cgroup_udp6_sendmsg", 15, "Linux 5.7", "cgroup/sendmsg6", "the same, IPv6"),
	ADDRESS("cgroup_unix_sendmsg", 50, "Linux 6.7", "cgroup/sendmsg_unix", "the same, Unix"),
	ADDRESS("cgroup_udp4_recvmsg", 19, "Linux 5.7", "cgroup/recvmsg4",
		"recvmsg(2) without a connection, IPv4"),
	ADDRESS("cgroup_udp6_recvmsg", 20, "Linux 5.7", "cgroup/recvmsg6", "the same, IPv6"),
	ADDRESS("cgroup_unix_recvmsg", 51, "Linux 6.7", "cgroup/recvmsg_unix", "the same, Unix"),
	ADDRESS("cgroup_inet4_getpeername", 29, "Linux 5.8", "cgroup/getpeername4",
		"getpeername(2), IPv4"),
	ADDRESS("cgroup_inet6_getpeername", 30, "Linux 5.8", "cgroup/getpeername6",
		"the same, IPv6"),
	ADDRESS("cgroup_unix_getpeername", 52, "Linux 6.7", "cgroup/getpeername_unix",
		"the same, Unix"),
	ADDRESS("cgroup_inet4_getsockname", 31, "Linux 5.8", "cgroup/getsockname4",
		"getsockname(2), IPv4"),
	ADDRESS("cgroup_inet6_getsockname", 32, "Linux 5.8", "cgroup/getsockname6",
		"the same, IPv6"),
	ADDRESS("cgroup_unix_getsockname", 53, "Linux 6.7", "cgroup/getsockname_unix",
		"the same, Unix"),
	CGROUP("lsm_cgroup", ABI_LSM_CGROUP, ABI_PROG_TYPE_LSM, "Linux 6.0", "lsm_cgroup/FUNCTION",
	       "a security hook, where a process of the cgroup meets it"),
};

const size_t n_net_hooks = sizeof(net_hooks) / sizeof(*net_hooks);
