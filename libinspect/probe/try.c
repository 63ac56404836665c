/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * try.c - calls that would attach something if their target were not a bad one
 *
 * A program is loaded only where the call looks at it before it looks at the target. None is ever attached: that
 * takes a descriptor, an address or a device that is there.
 */
#include "probe/try.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "probe/answer.h"

#define NO_FD (-1)
#define NO_ADDRESS 8	      /* below what any process may map */
#define NO_PF 255	      /* a protocol family that there is not */
#define NO_ATTACH_TYPE 0x7fff /* a number that no kernel has, yet */

static const int unknown[3] = { EINVAL };

int try_load(struct probe *probe, const struct try_load *how)
{
	const uint64_t code[] = {
		0xb7 | (uint64_t)how->returns << 32, /* r0 = returns */
		0x95,				     /* exit */
	};
	const struct abi_prog_load_attr attr = {
		.type = how->prog_type,
		.insn_cnt = 2,
		.insns = (uint64_t)(uintptr_t)code,
		.license = (uint64_t)(uintptr_t) "GPL",
		.expected_attach_type = how->attach_type,
		.attach_btf_id = how->target,
	};

	return prog_type_load(probe, &attr);
}

static int load_for(struct probe *probe, const struct try_row *row, unsigned type)
{
	const struct try_load how = { row->prog_type, type, row->returns, 0 };

	return try_load(probe, &how);
}

/* What a call with a bad target ended with: @code is a positive errno. */
static void answer_target(struct probe *probe, const struct try_row *row, int code,
			  struct inspect_feature *out)
{
	answer_call_as(probe, out, ANSWER_ATTACH, row->prog, code == row->knows ? 0 : code,
		       unknown);
	if (code == EOPNOTSUPP && row->needs) {
		answer_no(out, INSPECT_FOUND_PROBE, code, INSPECT_REASON_CONFIG);
		out->detail = row->needs;
	}
}

/*
 * BPF_PROG_QUERY takes no program at all. It knows types of cgroups, devices and network namespaces since there are such: EBADF for a
 * descriptor that is none, ENODEV for the index of no device. What was not compiled in is EINVAL: netkit, say.
 */
void try_by_query(struct probe *probe, const struct try_row *row, unsigned type,
		  struct inspect_feature *out)
{
	int r = sys_attach_query(probe->sys, NO_FD, type);

	answer_target(probe, row, -r, out);
}

/*
 * The same with a map of sockets, which has one place for each type; EOPNOTSUPP: not compiled in. Before 5.18 there is no such
 * query, and that a map of sockets can be made has to do, with a number that BPF_PROG_ATTACH knows.
 */
void try_by_sockmap(struct probe *probe, const struct try_row *row, unsigned type,
		    struct inspect_feature *out)
{
	static const int not_there[3] = { EINVAL, EOPNOTSUPP };
	const struct abi_map_create_attr attr = {
		.type = ABI_MAP_TYPE_SOCKMAP, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	autoclose int map = map_type_make(probe, &attr);
	if (map < 0) {
		answer_call_as(probe, out, ANSWER_MAP, row->map, -map, unknown);
		return;
	}
	int r = sys_attach_query(probe->sys, map, type);
	if (r == -EINVAL) {
		r = sys_prog_attach(probe->sys, NO_FD, NO_FD, type);
		r = r == -EBADF ? 0 : r;
	}
	answer_call_as(probe, out, ANSWER_ATTACH, row->prog, -r, not_there);
}

/*
 * BPF_PROG_ATTACH looks first whether it knows the number, and then for the program. Knowing does not say that it is
 * compiled in: this is for types that cannot be left out where programs of their type are there.
 */
void try_by_number(struct probe *probe, const struct try_row *row, unsigned type,
		   struct inspect_feature *out)
{
	int r = sys_prog_attach(probe->sys, NO_FD, NO_FD, type);

	if (r == -row->knows) {
		r = load_for(probe, row, type);
		close_fd(r);
		answer_call_as(probe, out, ANSWER_PROG, row->prog, r < 0 ? -r : 0, unknown);
	} else {
		answer_call_as(probe, out, ANSWER_ATTACH, row->prog, -r, unknown);
	}
}

/* Values of these maps have room for a program since there is the attach type. */
void try_by_map(struct probe *probe, const struct try_row *row, unsigned type,
		struct inspect_feature *out)
{
	const struct abi_map_create_attr attr = {
		.type = row->map_type, .key_size = 4, .value_size = 8, .max_entries = 1
	};

	(void)type;
	autoclose int map = map_type_make(probe, &attr);
	answer_call_as(probe, out, ANSWER_MAP, row->map, map < 0 ? -map : 0, unknown);
}

/* Loading tells, where it looks at the number: then it does not take one that there is not. */
void try_by_load(struct probe *probe, const struct try_row *row, unsigned type,
		 struct inspect_feature *out)
{
	autoclose int prog = load_for(probe, row, type);

	answer_call_as(probe, out, ANSWER_PROG, row->prog, prog < 0 ? -prog : 0, unknown);
	if (prog < 0)
		return;
	autoclose int other = load_for(probe, row, NO_ATTACH_TYPE);
	if (other >= 0) /* as before 5.14, when sk_reuseport got attach types */
		answer_no(out, INSPECT_FOUND_PROBE, EINVAL, INSPECT_REASON_NOT_BUILT_IN);
	else if (answer_is_open(-other))
		answer_call_as(probe, out, ANSWER_PROG, row->prog, -other, NULL);
}

/* Programs that are loaded for a function or an event of the kernel's, which they are not attached to here. */
void try_by_target(struct probe *probe, const struct try_row *row, unsigned type,
		   struct inspect_feature *out)
{
	bool was_tried = false;

	for (unsigned i = 0; i < TRY_TARGETS && row->targets[i]; i++) {
		int id = types_id(probe, row->target_kind, row->targets[i]);
		if (id < 0) {
			types_unknown(out, id);
			return;
		}
		if (!id)
			continue;
		const struct try_load how = { row->prog_type, type, row->returns, (uint32_t)id };
		autoclose int prog = try_load(probe, &how);
		was_tried = true;
		answer_call_as(probe, out, ANSWER_PROG, row->prog, prog < 0 ? -prog : 0, unknown);
		if (out->answer != INSPECT_NO)
			return;
	}
	if (was_tried)
		return;
	if (row->needs) {
		answer_no(out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
		out->detail = row->needs;
		return;
	}
	out->found = INSPECT_FOUND_BTF;
	out->reason = INSPECT_REASON_NEEDS_LOAD;
	out->detail = "the kernel's types have none of the functions that it is tried with";
}

/* --- links: the program is real, and what it is to be attached to is not --- */

void try_link(struct probe *probe, const struct try_row *row, struct abi_link_create_attr *attr,
	      struct inspect_feature *out)
{
	autoclose int prog = load_for(probe, row, attr->attach_type);

	if (prog < 0) {
		answer_call_as(probe, out, ANSWER_PROG, row->prog, -prog, unknown);
		return;
	}
	attr->prog_fd = (uint32_t)prog;
	autoclose int link = sys_link_create(probe->sys, attr);
	if (link >=
	    0) /* it has a target after all: that is more than was asked for, and ends here */
		answer_yes(out, INSPECT_FOUND_PROBE);
	else
		answer_target(probe, row, -link, out);
}

/* EBADF: there is no event. */
void try_by_event(struct probe *probe, const struct try_row *row, unsigned type,
		  struct inspect_feature *out)
{
	struct abi_link_create_attr attr = { .target = (uint32_t)NO_FD, .attach_type = type };

	try_link(probe, row, &attr, out);
}

/*
 * EFAULT: there are no names of functions where they should be. Loading looks at none of these numbers, and linking at the number
 * before anything else. EOPNOTSUPP: compiled without, as 6.1 of Debian is.
 */
void try_by_kprobes(struct probe *probe, const struct try_row *row, unsigned type,
		    struct inspect_feature *out)
{
	struct abi_link_create_attr attr = {
		.attach_type = type,
		.kprobe_multi = { .count = 1, .symbols = NO_ADDRESS },
	};

	try_link(probe, row, &attr, out);
}

/* EFAULT: there is no path where it should be. */
void try_by_uprobes(struct probe *probe, const struct try_row *row, unsigned type,
		    struct inspect_feature *out)
{
	struct abi_link_create_attr attr = {
		.attach_type = type,
		.uprobe_multi = { .path = NO_ADDRESS, .offsets = NO_ADDRESS, .count = 1 },
	};

	try_link(probe, row, &attr, out);
}

/* EFAULT: there are no ids of functions where they should be. Kernels without the type do not load the program. */
void try_by_functions(struct probe *probe, const struct try_row *row, unsigned type,
		      struct inspect_feature *out)
{
	struct abi_link_create_attr attr = {
		.attach_type = type,
		.tracing_multi = { .ids = NO_ADDRESS, .count = 1 },
	};

	try_link(probe, row, &attr, out);
}

/* EAFNOSUPPORT: there is no such protocol family. Kernels without the type do not load the program. */
void try_by_netfilter(struct probe *probe, const struct try_row *row, unsigned type,
		      struct inspect_feature *out)
{
	struct abi_link_create_attr attr = { .attach_type = type, .netfilter = { .pf = NO_PF } };

	try_link(probe, row, &attr, out);
}

/*
 * BPF_LINK_CREATE says the same of a bad map here and there. But a map that is registered by a link has a flag of its own, which is
 * looked at before the type of its value: ENOTSUPP, where there is no such operation.
 */
void try_by_struct_ops(struct probe *probe, const struct try_row *row, unsigned type,
		       struct inspect_feature *out)
{
	const struct abi_map_create_attr attr = {
		.type = ABI_MAP_TYPE_STRUCT_OPS,
		.key_size = 4,
		.value_size = 64,
		.max_entries = 1,
		.map_flags = ABI_F_LINK,
		.btf_vmlinux_value_type_id = INT32_MAX,
	};
	int error = 0;

	(void)type;
	autoclose int map = map_type_make(probe, &attr);
	int code = map < 0 ? -map : 0;
	answer_call_as(probe, out, ANSWER_MAP, row->map, code == row->knows ? 0 : code, unknown);
	if (code == row->knows && !types_reader(probe, &error))
		types_unknown(out, error); /* without types nothing can be registered */
}
