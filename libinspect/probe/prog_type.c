/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog_type.c - types of programs
 *
 * A type is there when the kernel takes a program of it. That it refuses one says less: which errnos mean "no such type" holds
 * for the shapes below alone. The kernel's types say it, too: a struct of theirs has a member for each type that is built in.
 */
#include "probe/prog_type.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "btf/raw.h"
#include "probe/answer.h"
#include "probe/name.h"
#include "probe/probe.h"
#include "probe/prog_extended.h"

/* mov r0, 0; exit */
static const uint64_t return_0[] = { 0xb7, 0x95 };

/* A shape of a type. What is not in the table has one, and nothing set. */
struct shape {
	uint32_t type;
	uint32_t attach_type;
	uint32_t flags;
	enum btf_reader_kind kind; /* of the type that it is for, or 0 */
	const char *target;
	const char *member; /* of the target: it is the attach type */
	const char *word;   /* of a type's several shapes: how they are called */
};

/* Those of a type stand together, the likeliest first. */
static const struct shape shapes[] = {
	{ .type = ABI_PROG_TYPE_CGROUP_SOCK_ADDR, .attach_type = ABI_CGROUP_INET4_CONNECT },
	{ .type = ABI_PROG_TYPE_LIRC_MODE2, .attach_type = ABI_LIRC_MODE2 },
	{ .type = ABI_PROG_TYPE_CGROUP_SOCKOPT, .attach_type = ABI_CGROUP_GETSOCKOPT },
	{ ABI_PROG_TYPE_TRACING, ABI_TRACE_RAW_TP, 0, KIND_TYPEDEF, "btf_trace_sched_switch",
	  .word = "tp_btf" },
	{ ABI_PROG_TYPE_TRACING, ABI_TRACE_ITER, 0, KIND_FUNC, "bpf_iter_bpf_map", .word = "iter" },
	{ ABI_PROG_TYPE_TRACING, ABI_TRACE_FENTRY, 0, KIND_FUNC, "bpf_fentry_test1",
	  .word = "fentry" },
	{ ABI_PROG_TYPE_STRUCT_OPS, 0, 0, KIND_STRUCT, "tcp_congestion_ops", "ssthresh",
	  .word = "tcp_congestion_ops" },
	{ ABI_PROG_TYPE_STRUCT_OPS, 0, 0, KIND_STRUCT, "bpf_dummy_ops", "test_1",
	  .word = "bpf_dummy_ops" },
	{ ABI_PROG_TYPE_STRUCT_OPS, 0, 0, KIND_STRUCT, "sched_ext_ops", "select_cpu",
	  .word = "sched_ext_ops" },
	{ ABI_PROG_TYPE_LSM, ABI_LSM_MAC, 0, KIND_FUNC, "bpf_lsm_file_open", .word = "lsm" },
	{ ABI_PROG_TYPE_LSM, ABI_LSM_MAC, ABI_PROG_F_SLEEPABLE, KIND_FUNC, "bpf_lsm_file_open",
	  .word = "lsm.s" },
	{ .type = ABI_PROG_TYPE_SK_LOOKUP, .attach_type = ABI_SK_LOOKUP },
	{ .type = ABI_PROG_TYPE_SYSCALL, .flags = ABI_PROG_F_SLEEPABLE },
	{ .type = ABI_PROG_TYPE_NETFILTER, .attach_type = ABI_NETFILTER },
};

#define N_SHAPES (sizeof(shapes) / sizeof(*shapes))

/* The first shape of a type, and how many there are; NULL and 1: it has nothing set. */
static const struct shape *find_shapes(unsigned type, unsigned *n)
{
	const struct shape *first = NULL;

	*n = 0;
	for (size_t i = 0; i < N_SHAPES; i++)
		if (shapes[i].type == type) {
			first = first ? first : &shapes[i];
			++*n;
		}
	*n = *n ? *n : 1;
	return first;
}

unsigned prog_type_shapes(unsigned type)
{
	unsigned n;

	find_shapes(type, &n);
	return n;
}

void prog_types_done(struct prog_types *types)
{
	prog_extended_done(&types->extended);
	*types = (struct prog_types){ 0 };
}

/* The index of a member, or -ESRCH. */
static int find_member(const struct btf_reader *btf, uint32_t id, const char *name)
{
	struct btf_entry type;

	if (!btf_type(btf, id, &type))
		return -ESRCH;
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct btf_member member = btf_member_at(&type, i);
		const char *has = btf_string(btf, member.name);

		if (has && strcmp(has, name) == 0)
			return (int)i;
	}
	return -ESRCH;
}

static int fill_target(struct probe *probe, const struct shape *shape,
		       struct abi_prog_load_attr *out)
{
	int id = types_id(probe, shape->kind, shape->target);

	if (id <= 0)
		return id ? id : -ESRCH;
	out->attach_btf_id = (uint32_t)id;
	if (!shape->member)
		return 0;
	const struct btf_reader *btf = types_reader(probe, &id);
	int member = btf ? find_member(btf, out->attach_btf_id, shape->member) : id;
	if (member < 0)
		return member;
	out->expected_attach_type = (uint32_t)member;
	return 0;
}

int prog_type_fill_as(struct probe *probe, unsigned type, unsigned shape,
		      struct abi_prog_load_attr *out)
{
	unsigned n;
	const struct shape *row = find_shapes(type, &n);

	*out = (struct abi_prog_load_attr){
		.type = type,
		.insns = (uint64_t)(uintptr_t)return_0,
		.insn_cnt = 2,
		.license = (uint64_t)(uintptr_t) "GPL",
		.ifindex = probe->ifindex,
	};
	if (type == ABI_PROG_TYPE_EXT)
		return prog_extended_fill(probe, &probe->prog_types.extended, out);
	if (!row || shape >= n)
		return 0;
	out->expected_attach_type = row[shape].attach_type;
	out->prog_flags = row[shape].flags;
	return row[shape].kind ? fill_target(probe, &row[shape], out) : 0;
}

int prog_type_fill(struct probe *probe, unsigned type, struct abi_prog_load_attr *out)
{
	unsigned shape = type < PROG_TYPES_MOST ? probe->prog_types.known[type].shape : 0;

	return prog_type_fill_as(probe, type, shape, out);
}

#define ATTEMPTS 5 /* a signal may come each time */

int prog_load_patiently(const struct sys *sys, const struct abi_prog_load_attr *attr)
{
	int fd = -EAGAIN;

	for (unsigned i = 0; fd == -EAGAIN && i < ATTEMPTS; i++)
		fd = sys_prog_load(sys, attr);
	return fd;
}

int prog_type_load(struct probe *probe, const struct abi_prog_load_attr *attr)
{
	return prog_load_patiently(probe->sys, attr);
}

/* Says why a shape was refused, where that is more than what the shapes before it were refused for. */
static void judge(struct probe *probe, int code, struct inspect_feature *out)
{
	/* What a device refuses, it does not carry out; elsewhere EOPNOTSUPP is what tells a type from its target. */
	const int means_no[3] = { EINVAL, probe->ifindex ? EOPNOTSUPP : 0 };
	struct inspect_feature told = { .kind = out->kind, .name = out->name };

	answer_call(probe, &told, ANSWER_PROG, code, means_no);
	if (probe->ifindex && told.answer == INSPECT_NO && !told.detail)
		told.detail = "this device does not carry out such programs";
	if (out->found == INSPECT_FOUND_NOT || out->answer == INSPECT_NO)
		*out = told;
}

/* An extension could not be tried: there is nothing to extend. */
static void judge_extended(struct probe *probe, int code, struct inspect_feature *out)
{
	answer_call_as(probe, out, ANSWER_PROG,
		       names_find(NAMES_PROG_TYPE, ABI_PROG_TYPE_SOCKET_FILTER), code, NULL);
}

/* True: the kernel took it in one of the shapes. Else @out says why not, and *error why there is nothing to try with. */
static bool try_shapes(struct probe *probe, unsigned type, struct prog_type_known *out, int *error)
{
	unsigned n;
	const struct shape *row = find_shapes(type, &n);

	*error = 0;
	for (unsigned i = 0; i < n; i++) {
		struct abi_prog_load_attr attr;
		int fd = prog_type_fill_as(probe, type, i, &attr);

		if (fd < 0) {
			*error = fd;
			if (type == ABI_PROG_TYPE_EXT)
				judge_extended(probe, -fd, &out->feature);
			continue;
		}
		fd = prog_type_load(probe, &attr);
		if (fd >= 0) {
			close_fd(fd);
			out->shape = i;
			answer_yes(&out->feature, INSPECT_FOUND_PROBE);
			out->feature.detail = row && n > 1 ? row[i].word : NULL;
			return true;
		}
		judge(probe, -fd, &out->feature);
	}
	return false;
}

#define CONTEXTS "bpf_ctx_convert" /* has members BPF_PROG_TYPE_XDP_prog and so on */

/* Is the type built in, by the kernel's types? 1, 0, or negative where they do not tell. */
static int is_in_types(struct probe *probe, const char *name)
{
	char member[128] = "BPF_PROG_TYPE_";
	size_t at = strlen(member);
	int r = types_id(probe, KIND_STRUCT, CONTEXTS);

	if (r <= 0)
		return r ? r : -ENOENT;
	for (; *name && at < sizeof(member) - 6; name++)
		member[at++] = *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
	memcpy(member + at, "_prog", 6);
	return types_member(probe, CONTEXTS, member);
}

/* No shape was taken: what do the types say? @error: why there was nothing to try with, or 0. */
static void ask_types(struct probe *probe, int error, struct inspect_feature *out)
{
	int is_in = probe->ifindex ? -ENOENT : is_in_types(probe, out->name);

	if (is_in == 0) {
		answer_no(out, INSPECT_FOUND_BTF, out->code, INSPECT_REASON_NOT_BUILT_IN);
		out->detail = NULL;
	} else if (is_in > 0 && out->answer == INSPECT_NO) {
		out->answer = INSPECT_UNKNOWN;
		out->reason = INSPECT_REASON_OTHER;
		out->detail =
			"it is built in, and the kernel refused the program for something else";
	} else if (out->answer == INSPECT_NO && error && error != -ESRCH) {
		types_unknown(out, error); /* one of its shapes was never tried */
	} else if (out->found == INSPECT_FOUND_NOT && error == -ESRCH) {
		out->reason = INSPECT_REASON_OTHER;
		out->detail = "the kernel has nothing to attach such a program to";
	} else if (out->found == INSPECT_FOUND_NOT) {
		types_unknown(out, error);
	}
}

static void find_out(struct probe *probe, unsigned type, struct prog_type_known *out)
{
	struct inspect_feature *feature = &out->feature;
	int error;

	*feature = (struct inspect_feature){
		.kind = INSPECT_FEATURE_PROG_TYPE,
		.name = name_of(probe, NAMES_PROG_TYPE, type),
	};
	out->is_known = true;
	if (!feature->name)
		feature->name = "unknown";
	if (answer_may(probe, ANSWER_PROG, feature) && !try_shapes(probe, type, out, &error))
		ask_types(probe, error, feature);
}

const struct inspect_feature *prog_type_answer(struct probe *probe, unsigned type)
{
	struct prog_type_known *known = &probe->prog_types.known[type];

	if (!known->is_known)
		find_out(probe, type, known);
	return &known->feature;
}

bool prog_type_is_named(struct probe *probe, unsigned type)
{
	if (type >= PROG_TYPES_MOST || names_find(NAMES_PROG_TYPE, type))
		return type < PROG_TYPES_MOST;
	const char *name = types_enumerator(probe, names_enum(NAMES_PROG_TYPE), type);
	return name && !text_has_prefix(name, "__");
}

bool prog_type_is_for_devices(unsigned type)
{
	return type == ABI_PROG_TYPE_SCHED_CLS || type == ABI_PROG_TYPE_XDP;
}

int prog_type_each(struct probe *probe, struct inspect_error *err)
{
	(void)err;
	for (unsigned type = 1; prog_type_is_named(probe, type); type++) {
		if (probe->ifindex && !prog_type_is_for_devices(type))
			continue;
		int r = probe_tell(probe, prog_type_answer(probe, type));

		if (r)
			return r;
	}
	return 0;
}

int prog_type_ask(struct probe *probe, const struct inspect_question *question,
		  struct inspect_error *err)
{
	unsigned type;

	int r = name_number(probe, NAMES_PROG_TYPE, 1, question->name, "prog_type", &type, err);
	if (r < 0)
		return r;
	if (type >= PROG_TYPES_MOST)
		return inspect_fail(err, INSPECT_EUSAGE, "prog_type %s: its number is too large",
				    question->name);
	return probe_tell(probe, prog_type_answer(probe, type));
}
