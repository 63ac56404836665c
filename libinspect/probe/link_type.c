/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link_type.c - types of links
 *
 * Most came with an attach type of their own, and are there if that is. The others are tried with a target that is none,
 * and an iterator, which is attached to nothing until it is read, is made.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "btf/reader.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/attach_type.h"
#include "probe/name.h"
#include "probe/try.h"

#define CGROUP_INET_INGRESS 0

static const int unknown[3] = { EINVAL };

/* An attach type that only links have. */
static void ask_type(struct probe *probe, const struct try_row *row, unsigned type,
		     struct inspect_feature *out)
{
	(void)row;
	attach_type_answer(probe, type, out);
}

/* EBADF: the program and the attach type are well, and there is no target. */
static void ask_target(struct probe *probe, const struct try_row *row, unsigned type,
		       struct inspect_feature *out)
{
	struct abi_link_create_attr attr = { .target = UINT32_MAX, .attach_type = type };

	try_link(probe, row, &attr, out);
}

/* ENOENT: there is no event of that name. Before 5.8 what came of the call was no link, and there was no list of them. */
static void ask_raw_tracepoint(struct probe *probe, const struct try_row *row, unsigned type,
			       struct inspect_feature *out)
{
	const struct try_load how = { row->prog_type, type, 0, 0 };
	uint32_t next;

	if (sys_next_id(probe->sys, INSPECT_LINK, INT32_MAX - 1, &next) == -EINVAL) {
		answer_no(out, INSPECT_FOUND_PROBE, EINVAL, INSPECT_REASON_NOT_BUILT_IN);
		return;
	}
	autoclose int prog = try_load(probe, &how);
	if (prog < 0) {
		answer_call_as(probe, out, ANSWER_PROG, row->prog, -prog, unknown);
		return;
	}
	autoclose int link = sys_raw_tracepoint_open(probe->sys, prog, "no such event", 0);
	answer_call_as(probe, out, ANSWER_ATTACH, row->prog,
		       link >= 0 || link == -row->knows ? 0 : -link, unknown);
}

static void ask_iter(struct probe *probe, const struct try_row *row, unsigned type,
		     struct inspect_feature *out)
{
	int id = types_id(probe, KIND_FUNC, row->targets[0]);

	if (id < 0) {
		types_unknown(out, id);
		return;
	}
	const struct try_load how = { row->prog_type, type, 0, (uint32_t)id };
	autoclose int prog = id ? try_load(probe, &how) : -EINVAL;
	if (prog < 0) {
		answer_call_as(probe, out, ANSWER_PROG, row->prog, -prog, unknown);
		return;
	}
	const struct abi_link_create_attr attr = { .prog_fd = (uint32_t)prog, .attach_type = type };
	autoclose int link = sys_link_create(probe->sys, &attr);
	answer_call_as(probe, out, ANSWER_ATTACH, row->prog, link < 0 ? -link : 0, unknown);
}

/* How a type of links is asked for, and with which attach type. */
struct link_row {
	struct try_row try;
	unsigned attach_type;
};

#define TYPE(number)                                                                               \
	{                                                                                          \
		{ .way = ask_type }, (number)                                                      \
	}
#define TARGET(name, number, type)                                                                 \
	{                                                                                          \
		{ .way = ask_target, .knows = EBADF, .prog = (name), .prog_type = (number) },      \
			(type)                                                                     \
	}

static const struct link_row rows[] = {
	[ABI_LINK_TYPE_RAW_TRACEPOINT] = { { .way = ask_raw_tracepoint,
					     .knows = ENOENT,
					     .prog = "raw_tracepoint",
					     .prog_type = ABI_PROG_TYPE_RAW_TRACEPOINT },
					   0 },
	[ABI_LINK_TYPE_TRACING] = TYPE(ABI_TRACE_FENTRY),
	[ABI_LINK_TYPE_CGROUP] =
		TARGET("cgroup_skb", ABI_PROG_TYPE_CGROUP_SKB, CGROUP_INET_INGRESS),
	[ABI_LINK_TYPE_ITER] = { { .way = ask_iter,
				   .prog = "tracing",
				   .prog_type = ABI_PROG_TYPE_TRACING,
				   .targets = { "bpf_iter_bpf_map" } },
				 ABI_TRACE_ITER },
	[ABI_LINK_TYPE_NETNS] =
		TARGET("flow_dissector", ABI_PROG_TYPE_FLOW_DISSECTOR, ABI_FLOW_DISSECTOR),
	[ABI_LINK_TYPE_XDP] = TYPE(ABI_XDP),
	[ABI_LINK_TYPE_PERF_EVENT] = TYPE(ABI_PERF_EVENT),
	[ABI_LINK_TYPE_KPROBE_MULTI] = TYPE(ABI_TRACE_KPROBE_MULTI),
	[ABI_LINK_TYPE_STRUCT_OPS] = TYPE(ABI_STRUCT_OPS),
	[ABI_LINK_TYPE_NETFILTER] = TYPE(ABI_NETFILTER),
	[ABI_LINK_TYPE_TCX] = TYPE(ABI_TCX_INGRESS),
	[ABI_LINK_TYPE_UPROBE_MULTI] = TYPE(ABI_TRACE_UPROBE_MULTI),
	[ABI_LINK_TYPE_NETKIT] = TYPE(ABI_NETKIT_PRIMARY),
	[ABI_LINK_TYPE_SOCKMAP] = TARGET("sk_msg", ABI_PROG_TYPE_SK_MSG, ABI_SK_MSG_VERDICT),
	[ABI_LINK_TYPE_TRACING_MULTI] = TYPE(ABI_TRACE_FENTRY_MULTI),
};

static int tell(struct probe *probe, unsigned type, const char *name)
{
	struct inspect_feature feature = { .kind = INSPECT_FEATURE_LINK_TYPE, .name = name };

	if (type >= sizeof(rows) / sizeof(*rows)) {
		feature.found = INSPECT_FOUND_BTF;
		feature.reason = INSPECT_REASON_NEEDS_LOAD;
		feature.detail = "the kernel's types have it, and it is newer than this program";
	} else if (answer_may(probe, ANSWER_ATTACH, &feature)) {
		const struct link_row *row = &rows[type];

		row->try.way(probe, &row->try, row->attach_type, &feature);
	}
	return probe_tell(probe, &feature);
}

int link_type_each(struct probe *probe, struct inspect_error *err)
{
	const char *name;
	int r = 0;

	(void)err;
	for (unsigned type = ABI_LINK_TYPE_UNSPEC + 1; !r; type++) {
		name = name_of(probe, NAMES_LINK_TYPE, type);
		if (!name)
			break;
		r = tell(probe, type, name);
	}
	return r;
}

int link_type_ask(struct probe *probe, const struct inspect_question *question,
		  struct inspect_error *err)
{
	unsigned type;

	int r = name_number(probe, NAMES_LINK_TYPE, ABI_LINK_TYPE_UNSPEC + 1, question->name,
			    "link_type", &type, err);
	return r < 0 ? r : tell(probe, type, question->name);
}
