/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * option.c - the options of the kernel's configuration that things hang on
 *
 * An option that is not set is the reason only where the kernel is not too old for the thing: the enums of its types,
 * which have every value whatever was built, tell that.
 */
#include "probe/option.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/text.h"
#include "kernel/names.h"
#include "probe/config.h"

#define IS_OFF(option) "CONFIG_" option, "CONFIG_" option " is not set"

/* Names are patterns. What hangs on several options has several rows, the one without which nothing goes first. */
struct row {
	enum inspect_feature_kind kind;
	const char *name;
	const char *option;
	const char *detail;
	const char *of; /* of a helper: types of programs that have it where the option is set */
};

#define ROW(kind, name, option, of)                                                                \
	{                                                                                          \
		INSPECT_FEATURE_##kind, name, IS_OFF(option), of                                   \
	}
#define PROG(name, option) ROW(PROG_TYPE, name, option, NULL)
#define MAP(name, option) ROW(MAP_TYPE, name, option, NULL)
#define HELPER(name, option, of) ROW(HELPER, name, option, of)
#define ATTACH(name, option) ROW(ATTACH_TYPE, name, option, NULL)
#define LINK(name, option) ROW(LINK_TYPE, name, option, NULL)
#define KFUNC(name, option) ROW(KFUNC, name, option, NULL)
#define OPS(name, option) ROW(STRUCT_OPS, name, option, NULL)
#define LOOKS_UP "@(sched_*|xdp|cgroup_skb|sk_skb|cgroup_sock_addr)"

static const struct row rows[] = {
	/* What the kernel's list of types (include/linux/bpf_types.h) has under which option. */
	PROG("socket_filter", "NET"),
	PROG("sched_*", "NET"),
	PROG("xdp", "NET"),
	PROG("lwt_*", "NET"),
	PROG("sock_ops", "NET"),
	PROG("sk_skb", "NET"),
	PROG("sk_msg", "NET"),
	PROG("flow_dissector", "NET"),
	PROG("cgroup_*", "CGROUP_BPF"),
	PROG("sk_reuseport", "INET"),
	PROG("sk_lookup", "INET"),
	PROG("kprobe", "BPF_EVENTS"),
	PROG("tracepoint", "BPF_EVENTS"),
	PROG("perf_event", "BPF_EVENTS"),
	PROG("raw_tracepoint*", "BPF_EVENTS"),
	PROG("tracing", "BPF_EVENTS"),
	PROG("lirc_mode2", "BPF_LIRC_MODE2"),
	PROG("struct_ops", "BPF_JIT"),
	PROG("ext", "BPF_JIT"),
	PROG("lsm", "BPF_JIT"),
	PROG("lsm", "BPF_LSM"),
	PROG("netfilter", "NETFILTER_BPF_LINK"),
	MAP("cgroup_array", "CGROUPS"),
	MAP("cgrp_storage", "CGROUPS"),
	MAP("cgroup_storage", "CGROUP_BPF"),
	MAP("percpu_cgroup_storage", "CGROUP_BPF"),
	MAP("stack_trace", "PERF_EVENTS"),
	MAP("inode_storage", "BPF_LSM"),
	MAP("devmap*", "NET"),
	MAP("sk_storage", "NET"),
	MAP("cpumap", "NET"),
	MAP("xskmap", "XDP_SOCKETS"),
	MAP("sockmap", "INET"),
	MAP("sockhash", "INET"),
	MAP("reuseport_sockarray", "INET"),
	MAP("sockmap", "BPF_STREAM_PARSER"), /* before Linux 5.12 */
	MAP("sockhash", "BPF_STREAM_PARSER"),
	MAP("task_storage", "BPF_LSM"),
	MAP("struct_ops", "BPF_JIT"),
	/* What the functions that give programs their helpers have under which option. */
	HELPER("override_return", "BPF_KPROBE_OVERRIDE", "kprobe"),
	HELPER("skb_get_xfrm_state", "XFRM", "sched_*"),
	HELPER("get_cgroup_classid", "CGROUP_NET_CLASSID",
	       "@(cgroup_sock|cgroup_sock_addr|sk_msg)"),
	HELPER("skb_cgroup_classid", "CGROUP_NET_CLASSID", "sched_*"),
	HELPER("skb_cgroup_id", "SOCK_CGROUP_DATA", "@(sched_*|cgroup_skb)"),
	HELPER("skb_ancestor_cgroup_id", "SOCK_CGROUP_DATA", "@(sched_*|cgroup_skb)"),
	HELPER("sk_cgroup_id", "SOCK_CGROUP_DATA", "cgroup_skb"),
	HELPER("sk_ancestor_cgroup_id", "SOCK_CGROUP_DATA", "cgroup_skb"),
	HELPER("get_current_cgroup_id", "CGROUPS", "@(kprobe|*tracepoint*|perf_event|tracing|lsm)"),
	HELPER("get_current_ancestor_cgroup_id", "CGROUPS",
	       "@(kprobe|*tracepoint*|perf_event|tracing|lsm)"),
	HELPER("lwt_seg6_*", "IPV6_SEG6_BPF", "lwt_seg6local"),
	HELPER("rc_*", "BPF_LIRC_MODE2", "lirc_mode2"),
	HELPER("sk_lookup_tcp", "INET", LOOKS_UP),
	HELPER("sk_lookup_udp", "INET", LOOKS_UP),
	HELPER("skc_lookup_tcp", "INET", LOOKS_UP),
	HELPER("tcp_sock", "INET", "@(sched_*|cgroup_skb|sock_ops|cgroup_sockopt)"),
	HELPER("tcp_*_syncookie*", "INET", "@(sched_*|xdp)"),
	HELPER("tcp_raw_*", "SYN_COOKIES", "@(sched_*|xdp)"),
	/* What makes links, and attaches. */
	LINK("raw_tracepoint", "BPF_EVENTS"),
	LINK("tracing", "BPF_JIT"),
	LINK("struct_ops", "BPF_JIT"),
	LINK("cgroup", "CGROUP_BPF"),
	LINK("netns", "NET"),
	LINK("xdp", "NET"),
	LINK("perf_event", "PERF_EVENTS"),
	LINK("kprobe_multi", "FPROBE"),
	LINK("uprobe_multi", "UPROBES"),
	LINK("netfilter", "NETFILTER_BPF_LINK"),
	LINK("tcx", "NET_XGRESS"),
	LINK("netkit", "NETKIT"),
	LINK("sockmap", "INET"),
	LINK("tracing_multi", "DYNAMIC_FTRACE_WITH_DIRECT_CALLS"),
	ATTACH("cgroup_*", "CGROUP_BPF"),
	ATTACH("sk_skb_*", "INET"),
	ATTACH("sk_msg_*", "INET"),
	ATTACH("sk_lookup", "INET"),
	ATTACH("sk_reuseport_*", "INET"),
	ATTACH("flow_dissector", "NET"),
	ATTACH("xdp*", "NET"),
	ATTACH("lirc_mode2", "BPF_LIRC_MODE2"),
	ATTACH("lsm_*", "BPF_LSM"),
	ATTACH("lsm_cgroup", "CGROUP_BPF"),
	ATTACH("perf_event", "PERF_EVENTS"),
	ATTACH("trace_kprobe_*", "FPROBE"),
	ATTACH("trace_uprobe_*", "UPROBES"),
	ATTACH("netfilter", "NETFILTER_BPF_LINK"),
	ATTACH("tcx_*", "NET_XGRESS"),
	ATTACH("netkit_*", "NETKIT"),
	ATTACH("struct_ops", "BPF_JIT"),
	/* Functions and structs of parts of the kernel. */
	KFUNC("scx_bpf_*", "SCHED_CLASS_EXT"),
	KFUNC("hid_bpf_*", "HID_BPF"),
	KFUNC("bpf_xdp_ct_*", "NF_CONNTRACK"),
	KFUNC("bpf_skb_ct_*", "NF_CONNTRACK"),
	KFUNC("bpf_ct_*", "NF_CONNTRACK"),
	KFUNC("bpf_xdp_flow_lookup", "NF_FLOW_TABLE"),
	KFUNC("bpf_xdp_*_xfrm_state", "XFRM"),
	KFUNC("bpf_crypto_*", "CRYPTO"),
	KFUNC("bpf_get_fsverity_digest", "FS_VERITY"),
	KFUNC("bpf_verify_pkcs7_signature", "SYSTEM_DATA_VERIFICATION"),
	KFUNC("bpf_*_key", "KEYS"),
	OPS("sched_ext_ops", "SCHED_CLASS_EXT"),
	OPS("hid_bpf_ops", "HID_BPF"),
	OPS("tcp_congestion_ops", "INET"),
	OPS("Qdisc_ops", "NET_SCH_BPF"),
	OPS("smc_hs_ctrl", "SMC_HS_CTRL_BPF"),
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

static bool fits(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, FNM_EXTMATCH) == 0;
}

/* The first of its options that is not set; NULL: none, or that cannot be told. */
static const struct row *find_off(struct probe *probe, enum inspect_feature_kind kind,
				  const char *name, const char *of)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].kind == kind && fits(rows[i].name, name) &&
		    (!rows[i].of || !of || fits(rows[i].of, of)) &&
		    config_has(probe, rows[i].option, NULL) == 0)
			return &rows[i];
	return NULL;
}

/* The last number of an enum is that of no thing: "__BPF_FUNC_MAX_ID", "MAX_BPF_LINK_TYPE". */
static bool is_known(struct probe *probe, enum names_set set, const char *name)
{
	const char *word, *enumerator;
	unsigned value = 1;

	while ((word = names_find(set, value)) && strcmp(word, name) != 0)
		value++;
	enumerator = word ? types_enumerator(probe, names_enum(set), value) : NULL;
	return enumerator && *enumerator != '_' && !text_has_prefix(enumerator, "MAX_");
}

/* Is this kernel not too old for it? */
static bool is_young(struct probe *probe, enum inspect_feature_kind kind, const char *name)
{
	switch (kind) {
	case INSPECT_FEATURE_PROG_TYPE:
		return is_known(probe, NAMES_PROG_TYPE, name);
	case INSPECT_FEATURE_MAP_TYPE:
		return is_known(probe, NAMES_MAP_TYPE, name);
	case INSPECT_FEATURE_HELPER:
		return is_known(probe, NAMES_HELPER, name);
	case INSPECT_FEATURE_LINK_TYPE:
		return is_known(probe, NAMES_LINK_TYPE, name);
	case INSPECT_FEATURE_ATTACH_TYPE:
		return is_known(probe, NAMES_ATTACH_TYPE, name);
	default: /* what is not built is not in the types */
		return false;
	}
}

static void blame(struct inspect_feature *feature, const char *detail, bool is_sure)
{
	feature->detail = detail;
	if (is_sure)
		feature->reason = INSPECT_REASON_CONFIG;
}

static const char *bare(const struct inspect_feature *feature)
{
	bool has_prefix =
		feature->kind == INSPECT_FEATURE_HELPER && strncmp(feature->name, "bpf_", 4) == 0;

	return has_prefix ? feature->name + 4 : feature->name;
}

void option_explain(struct probe *probe, struct inspect_feature *feature)
{
	const char *name = bare(feature);
	enum inspect_feature_kind kind = feature->kind;

	if (feature->code == ENOSYS) {
		if (config_has(probe, "CONFIG_BPF_SYSCALL", NULL) == 0)
			blame(feature, "CONFIG_BPF_SYSCALL is not set", true);
		return;
	}
	/* The type is not there, and so nothing of it. */
	if (feature->found == INSPECT_FOUND_RULE && feature->of &&
	    feature->reason == INSPECT_REASON_NOT_BUILT_IN) {
		kind = kind == INSPECT_FEATURE_BATCH ? INSPECT_FEATURE_MAP_TYPE
						     : INSPECT_FEATURE_PROG_TYPE;
		name = feature->of;
	}
	const struct row *off = find_off(probe, kind, name, feature->of);
	if (off)
		blame(feature, off->detail, is_young(probe, kind, name));
}
