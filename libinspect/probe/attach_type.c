/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * attach_type.c - types of attaching
 *
 * A program's type says that it can be loaded, its attach type that it can be put to use. Which call tells depends on
 * the attach type; none of them attaches.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "btf/reader.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/attach_type.h"
#include "probe/config.h"
#include "probe/name.h"
#include "probe/try.h"

/* Attach types that only this table needs. */
enum {
	LIRC_MODE2 = 16,
	XDP_DEVMAP = 33,
	XDP_CPUMAP = 35,
	SK_REUSEPORT_SELECT = 39,
	SK_REUSEPORT_SELECT_OR_MIGRATE = 40,
};

#define PROG_TYPE_SK_REUSEPORT 21

#define CGROUP                                                                                     \
	{                                                                                          \
		.way = try_by_query, .knows = EBADF, .prog = "cgroup_sock"                         \
	}
#define DEVICE                                                                                     \
	{                                                                                          \
		.way = try_by_query, .knows = ENODEV, .prog = "sched_cls",                         \
		.prog_type = ABI_PROG_TYPE_SCHED_CLS                                               \
	}
#define SOCKMAP(type)                                                                              \
	{                                                                                          \
		.way = try_by_sockmap, .prog = (type), .map = "sockmap"                            \
	}
#define TRAMPOLINE                                                                                 \
	{                                                                                          \
		.way = try_by_target, .prog = "tracing", .prog_type = ABI_PROG_TYPE_TRACING,       \
		.target_kind = KIND_FUNC, .targets = { "bpf_fentry_test1", "vfs_read" },           \
		.is_in_functions = true                                                            \
	}
#define KPROBES                                                                                    \
	{                                                                                          \
		.way = try_by_kprobes, .knows = EFAULT, .prog = "kprobe",                          \
		.prog_type = ABI_PROG_TYPE_KPROBE, .needs = "CONFIG_FPROBE"                        \
	}
#define UPROBES                                                                                    \
	{                                                                                          \
		.way = try_by_uprobes, .knows = EFAULT, .prog = "kprobe",                          \
		.prog_type = ABI_PROG_TYPE_KPROBE, .needs = "CONFIG_UPROBES"                       \
	}
#define FUNCTIONS                                                                                  \
	{                                                                                          \
		.way = try_by_functions, .knows = EFAULT, .prog = "tracing",                       \
		.prog_type = ABI_PROG_TYPE_TRACING,                                                \
		.needs = "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS"                                 \
	}

/* By attach type. What has no row is attached to cgroups; newer ones than the table has get attach_newer. */
static const struct try_row rows[] = {
	[ABI_SK_SKB_STREAM_PARSER] = SOCKMAP("sk_skb"),
	[ABI_SK_SKB_STREAM_VERDICT] = SOCKMAP("sk_skb"),
	[ABI_SK_MSG_VERDICT] = SOCKMAP("sk_msg"),
	[ABI_SK_SKB_VERDICT] = SOCKMAP("sk_skb"),
	[LIRC_MODE2] = { .way = try_by_query, .knows = EBADF, .prog = "lirc_mode2" },
	[ABI_FLOW_DISSECTOR] = { .way = try_by_query, .knows = EBADF, .prog = "flow_dissector" },
	[ABI_SK_LOOKUP] = { .way = try_by_query, .knows = EBADF, .prog = "sk_lookup" },
	[ABI_TRACE_RAW_TP] = { .way = try_by_target,
			       .prog = "tracing",
			       .prog_type = ABI_PROG_TYPE_TRACING,
			       .target_kind = KIND_TYPEDEF,
			       .targets = { "btf_trace_bpf_test_finish", "btf_trace_sched_switch",
					    "btf_trace_sys_enter" },
			       .needs = "CONFIG_BPF_EVENTS" },
	[ABI_TRACE_FENTRY] = TRAMPOLINE,
	[ABI_TRACE_FEXIT] = TRAMPOLINE,
	[ABI_TRACE_FSESSION] = TRAMPOLINE,
	/* Security hooks, and functions that errors may be injected into, alone. */
	[ABI_MODIFY_RETURN] = { .way = try_by_target,
				.prog = "tracing",
				.prog_type = ABI_PROG_TYPE_TRACING,
				.target_kind = KIND_FUNC,
				.targets = { "security_task_setpgid", "security_file_open",
					     "bpf_modify_return_test" },
				.is_in_functions = true },
	[ABI_LSM_MAC] = { .way = try_by_target,
			  .prog = "lsm",
			  .prog_type = ABI_PROG_TYPE_LSM,
			  .target_kind = KIND_FUNC,
			  .targets = { "bpf_lsm_task_setpgid", "bpf_lsm_file_open" },
			  .is_in_functions = true,
			  .needs = "CONFIG_BPF_LSM" },
	[ABI_LSM_CGROUP] = { .way = try_by_target,
			     .prog = "lsm",
			     .prog_type = ABI_PROG_TYPE_LSM,
			     .returns = 1,
			     .target_kind = KIND_FUNC,
			     .targets = { "bpf_lsm_socket_post_create", "bpf_lsm_socket_bind" },
			     .is_in_functions = true,
			     .needs = "CONFIG_BPF_LSM" },
	[ABI_TRACE_ITER] = { .way = try_by_target,
			     .prog = "tracing",
			     .prog_type = ABI_PROG_TYPE_TRACING,
			     .target_kind = KIND_FUNC,
			     .targets = { "bpf_iter_bpf_map", "bpf_iter_task" },
			     .needs = "iterators" },
	[XDP_DEVMAP] = { .way = try_by_map, .map = "devmap", .map_type = ABI_MAP_TYPE_DEVMAP },
	[XDP_CPUMAP] = { .way = try_by_map, .map = "cpumap", .map_type = ABI_MAP_TYPE_CPUMAP },
	/* BPF_LINK_CREATE says EINVAL of a device that is not there, too. The number came with the links. */
	[ABI_XDP] = { .way = try_by_number,
		      .knows = EBADF,
		      .prog = "xdp",
		      .prog_type = ABI_PROG_TYPE_XDP },
	[SK_REUSEPORT_SELECT] = { .way = try_by_load,
				  .prog = "sk_reuseport",
				  .prog_type = PROG_TYPE_SK_REUSEPORT },
	[SK_REUSEPORT_SELECT_OR_MIGRATE] = { .way = try_by_load,
					     .prog = "sk_reuseport",
					     .prog_type = PROG_TYPE_SK_REUSEPORT },
	[ABI_PERF_EVENT] = { .way = try_by_event,
			     .knows = EBADF,
			     .prog = "perf_event",
			     .prog_type = ABI_PROG_TYPE_PERF_EVENT,
			     .needs = "CONFIG_PERF_EVENTS" },
	[ABI_TRACE_KPROBE_MULTI] = KPROBES,
	[ABI_TRACE_KPROBE_SESSION] = KPROBES,
	[ABI_TRACE_UPROBE_MULTI] = UPROBES,
	[ABI_TRACE_UPROBE_SESSION] = UPROBES,
	[ABI_TRACE_FENTRY_MULTI] = FUNCTIONS,
	[ABI_TRACE_FEXIT_MULTI] = FUNCTIONS,
	[ABI_TRACE_FSESSION_MULTI] = FUNCTIONS,
	[ABI_STRUCT_OPS] = { .way = try_by_struct_ops,
			     .knows = ERROR_ENOTSUPP,
			     .map = "struct_ops" },
	[ABI_NETFILTER] = { .way = try_by_netfilter,
			    .knows = EAFNOSUPPORT,
			    .prog = "netfilter",
			    .prog_type = ABI_PROG_TYPE_NETFILTER,
			    .returns = 1 },
	[ABI_TCX_INGRESS] = DEVICE,
	[ABI_TCX_EGRESS] = DEVICE,
	[ABI_NETKIT_PRIMARY] = DEVICE,
	[ABI_NETKIT_PEER] = DEVICE,
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

/* One that this build does not know, and the kernel's types do: the query is all that might tell. */
static void attach_newer(struct probe *probe, unsigned type, struct inspect_feature *out)
{
	int r = sys_attach_query(probe->sys, -1, type);

	if (r == -EBADF || r == -ENODEV) {
		answer_yes(out, INSPECT_FOUND_PROBE);
		return;
	}
	out->answer = INSPECT_UNKNOWN;
	out->found = INSPECT_FOUND_BTF;
	out->reason = INSPECT_REASON_NEEDS_LOAD;
	out->detail = "the kernel's types have it, and it is newer than this program";
}

/*
 * A program that stands in functions is loaded whether or not the kernel can put it there; functions of programs are another
 * matter, which this does not concern.
 */
static void review_functions(struct probe *probe, unsigned type, struct inspect_feature *out)
{
	static const char option[] = "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS";
	bool takes_programs =
		type == ABI_TRACE_FENTRY || type == ABI_TRACE_FEXIT || type == ABI_TRACE_FSESSION;

	if (out->answer != INSPECT_YES || config_has(probe, option, NULL) != 0)
		return;
	if (takes_programs) {
		out->detail = "functions of programs alone: the kernel was built without "
			      "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS";
		return;
	}
	answer_no(out, INSPECT_FOUND_CONFIG, 0, INSPECT_REASON_CONFIG);
	out->detail = option;
}

static void find_out(struct probe *probe, unsigned type, struct inspect_feature *out)
{
	static const struct try_row cgroup = CGROUP;
	const struct try_row *row = type < N_ROWS && rows[type].way ? &rows[type] : &cgroup;

	if (!answer_may(probe, ANSWER_ATTACH, out))
		return;
	if (!names_find(NAMES_ATTACH_TYPE, type)) {
		attach_newer(probe, type, out);
		return;
	}
	row->way(probe, row, type, out);
	if (row->is_in_functions)
		review_functions(probe, type, out);
}

void attach_type_answer(struct probe *probe, unsigned type, struct inspect_feature *out)
{
	struct attach_type_known *known =
		type < ATTACH_TYPES_MOST ? &probe->attach_types.known[type] : NULL;
	const struct inspect_feature asked = *out;

	if (known && known->is_known)
		*out = known->feature;
	else
		find_out(probe, type, out);
	if (known)
		*known = (struct attach_type_known){ true, *out };
	out->kind = asked.kind;
	out->name = asked.name;
}

static int tell(struct probe *probe, unsigned type, const char *name)
{
	struct inspect_feature feature = { .kind = INSPECT_FEATURE_ATTACH_TYPE, .name = name };

	attach_type_answer(probe, type, &feature);
	return probe_tell(probe, &feature);
}

int attach_type_each(struct probe *probe, struct inspect_error *err)
{
	const char *name;
	int r = 0;

	(void)err;
	for (unsigned type = 0; !r; type++) {
		name = name_of(probe, NAMES_ATTACH_TYPE, type);
		if (!name)
			break;
		r = tell(probe, type, name);
	}
	return r;
}

int attach_type_ask(struct probe *probe, const struct inspect_question *question,
		    struct inspect_error *err)
{
	unsigned type;

	int r = name_number(probe, NAMES_ATTACH_TYPE, 0, question->name, "attach_type", &type, err);
	return r < 0 ? r : tell(probe, type, question->name);
}
