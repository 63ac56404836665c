/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * config.c - options that the kernel was built with
 *
 * An option that a configuration does not name is not set, which is also what it says of one that this kernel never had: no
 * reader can tell these apart, so that any name has an answer.
 */
#include "probe/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "probe/answer.h"

#define NAME_ROOM 128

const char *const config_names[] = {
	/* bpftool's */
	"CONFIG_BPF",
	"CONFIG_BPF_SYSCALL",
	"CONFIG_HAVE_EBPF_JIT",
	"CONFIG_BPF_JIT",
	"CONFIG_BPF_JIT_ALWAYS_ON",
	"CONFIG_DEBUG_INFO_BTF",
	"CONFIG_DEBUG_INFO_BTF_MODULES",
	"CONFIG_CGROUPS",
	"CONFIG_CGROUP_BPF",
	"CONFIG_CGROUP_NET_CLASSID",
	"CONFIG_SOCK_CGROUP_DATA",
	"CONFIG_BPF_EVENTS",
	"CONFIG_KPROBE_EVENTS",
	"CONFIG_UPROBE_EVENTS",
	"CONFIG_TRACING",
	"CONFIG_FTRACE_SYSCALLS",
	"CONFIG_FUNCTION_ERROR_INJECTION",
	"CONFIG_BPF_KPROBE_OVERRIDE",
	"CONFIG_NET",
	"CONFIG_XDP_SOCKETS",
	"CONFIG_LWTUNNEL_BPF",
	"CONFIG_NET_ACT_BPF",
	"CONFIG_NET_CLS_BPF",
	"CONFIG_NET_CLS_ACT",
	"CONFIG_NET_SCH_INGRESS",
	"CONFIG_XFRM",
	"CONFIG_IP_ROUTE_CLASSID",
	"CONFIG_IPV6_SEG6_BPF",
	"CONFIG_BPF_LIRC_MODE2",
	"CONFIG_BPF_STREAM_PARSER",
	"CONFIG_NETFILTER_XT_MATCH_BPF",
	"CONFIG_TEST_BPF",
	"CONFIG_HZ",
	/* What else BPF hangs on. */
	"CONFIG_BPF_JIT_DEFAULT_ON",
	"CONFIG_BPF_UNPRIV_DEFAULT_OFF",
	"CONFIG_BPF_LSM",
	"CONFIG_BPF_PRELOAD",
	"CONFIG_BPFILTER",
	"CONFIG_HAVE_FENTRY",
	"CONFIG_FTRACE",
	"CONFIG_FUNCTION_TRACER",
	"CONFIG_DYNAMIC_FTRACE",
	"CONFIG_DYNAMIC_FTRACE_WITH_ARGS",
	"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
	"CONFIG_FPROBE",
	"CONFIG_FPROBE_EVENTS",
	"CONFIG_KPROBES",
	"CONFIG_KRETPROBES",
	"CONFIG_OPTPROBES",
	"CONFIG_UPROBES",
	"CONFIG_PERF_EVENTS",
	"CONFIG_HAVE_PERF_EVENTS",
	"CONFIG_TRACEPOINTS",
	"CONFIG_KALLSYMS",
	"CONFIG_KALLSYMS_ALL",
	"CONFIG_STACKTRACE",
	"CONFIG_ERROR_INJECTION",
	"CONFIG_FAULT_INJECTION",
	"CONFIG_DEBUG_INFO",
	"CONFIG_PAHOLE_HAS_SPLIT_BTF",
	"CONFIG_MODULES",
	"CONFIG_MODULE_ALLOW_BTF_MISMATCH",
	"CONFIG_MODULE_SIG",
	"CONFIG_MODULE_SIG_FORCE",
	"CONFIG_SYSTEM_DATA_VERIFICATION",
	"CONFIG_SECURITY",
	"CONFIG_SECURITY_LOCKDOWN_LSM",
	"CONFIG_LSM",
	"CONFIG_IMA",
	"CONFIG_FS_VERITY",
	"CONFIG_MEMCG",
	"CONFIG_RCU_TASKS_TRACE_RCU",
	"CONFIG_PREEMPT",
	"CONFIG_PREEMPT_RT",
	"CONFIG_SCHED_CLASS_EXT",
	"CONFIG_HID_BPF",
	"CONFIG_INET",
	"CONFIG_IPV6",
	"CONFIG_NET_INGRESS",
	"CONFIG_NET_EGRESS",
	"CONFIG_NET_XGRESS",
	"CONFIG_NETKIT",
	"CONFIG_VETH",
	"CONFIG_NET_SOCK_MSG",
	"CONFIG_PAGE_POOL",
	"CONFIG_INET_DIAG",
	"CONFIG_SMC_HS_CTRL_BPF",
	"CONFIG_NETFILTER",
	"CONFIG_NETFILTER_BPF_LINK",
	"CONFIG_NF_CONNTRACK",
	"CONFIG_NF_NAT",
	"CONFIG_NF_FLOW_TABLE",
	"CONFIG_MPTCP",
	"CONFIG_XDP_SOCKETS_DIAG",
	"CONFIG_CRYPTO_USER_API_HASH",
	"CONFIG_CRYPTO",
	"CONFIG_DMA_SHARED_BUFFER",
	"CONFIG_IO_URING",
	"CONFIG_USER_NS",
	"CONFIG_SECCOMP_FILTER",
	"CONFIG_IKCONFIG_PROC",
	NULL,
};

static const struct built *get_built(struct probe *probe)
{
	if (!probe->was_config_read) {
		probe->was_config_read = true;
		built_read(probe->sys, &probe->config);
	}
	return &probe->config;
}

int config_has(struct probe *probe, const char *name, const char **value)
{
	const struct built *built = get_built(probe);
	char whole[NAME_ROOM];

	if (!built->n)
		return -1;
	/* What does not fit is nobody's name. */
	snprintf(whole, sizeof(whole), "%s%s", text_has_prefix(name, "CONFIG_") ? "" : "CONFIG_",
		 name);
	const char *found = built_find(built, whole);
	if (value)
		*value = found;
	return found != NULL;
}

const char *config_path(struct probe *probe)
{
	const struct built *built = get_built(probe);

	return built->n ? built->path : NULL;
}

static int tell(struct probe *probe, const char *name)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_CONFIG, .name = name };
	int r = config_has(probe, name, &out.value);

	if (r > 0) {
		answer_yes(&out, INSPECT_FOUND_CONFIG);
	} else if (r == 0) {
		answer_no(&out, INSPECT_FOUND_CONFIG, 0, INSPECT_REASON_NOT_BUILT_IN);
	} else {
		out.reason = INSPECT_REASON_NO_CONFIG;
		out.code = probe->config.code;
	}
	return probe_tell(probe, &out);
}

int config_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && config_names[i]; i++)
		r = tell(probe, config_names[i]);
	return r;
}

/* An option's name has capitals, digits and underscores; a few have small letters. */
static bool is_name(const char *name)
{
	if (text_has_prefix(name, "CONFIG_"))
		name += strlen("CONFIG_");
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
				"abcdefghijklmnopqrstuvwxyz");

	return n && !name[n] && n < NAME_ROOM - sizeof("CONFIG_");
}

int config_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err)
{
	char name[NAME_ROOM];

	if (!is_name(question->name))
		return inspect_fail(err, INSPECT_EUSAGE, "config '%s': not a name of an option",
				    question->name);
	snprintf(name, sizeof(name), "%s%s",
		 text_has_prefix(question->name, "CONFIG_") ? "" : "CONFIG_", question->name);
	return tell(probe, name);
}
