/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc_shapes.c - programs of one type that may call different functions
 *
 * The kernel gives functions to types of programs, and to some only where they are attached in one way: to sessions of probes, to iterators,
 * as one operation of a struct. A type may call what it may in one of these shapes.
 */
#include <errno.h>
#include <string.h>

#include "btf/raw.h"
#include "probe/kfunc.h"
#include "probe/probe.h"
#include "probe/struct_ops.h"

#define OPERATIONS_MOST 64u /* of one struct */

/* What else than the shapes of the type itself. */
static const struct {
	uint32_t type;
	uint32_t attach_type;
	const char *function; /* what it is attached to, or NULL */
} more[] = {
	{ ABI_PROG_TYPE_KPROBE, ABI_TRACE_KPROBE_MULTI, NULL },
	{ ABI_PROG_TYPE_KPROBE, ABI_TRACE_KPROBE_SESSION, NULL },
	{ ABI_PROG_TYPE_KPROBE, ABI_TRACE_UPROBE_SESSION, NULL },
	{ ABI_PROG_TYPE_TRACING, ABI_TRACE_FSESSION, "bpf_fentry_test1" },
	{ ABI_PROG_TYPE_TRACING, ABI_TRACE_ITER, "bpf_iter_tcp" },
	{ ABI_PROG_TYPE_TRACING, ABI_MODIFY_RETURN, "bpf_modify_return_test" },
};

static void add_shape(struct buf *out, const struct abi_prog_load_attr *shape)
{
	buf_add(out, shape, sizeof(*shape));
}

/* What the kernel's types do not have is no shape; other errors are, since nothing may be concluded from fewer shapes. */
static int add_filled(struct probe *probe, unsigned type, unsigned i, struct buf *out)
{
	struct abi_prog_load_attr shape;
	int r = prog_type_fill_as(probe, type, i, &shape);

	if (!r)
		add_shape(out, &shape);
	return r == -ENOMEM ? r : 0;
}

static int add_more(struct probe *probe, unsigned type, struct buf *out)
{
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		struct abi_prog_load_attr shape;

		if (more[i].type != type || prog_type_fill_as(probe, type, 0, &shape))
			continue;
		shape.expected_attach_type = more[i].attach_type;
		if (more[i].function) {
			int id = types_id(probe, KIND_FUNC, more[i].function);

			if (id == -ENOMEM)
				return id;
			if (id <= 0)
				continue;
			shape.attach_btf_id = (uint32_t)id;
		}
		add_shape(out, &shape);
	}
	return 0;
}

/* Is member @index a pointer to a function? */
static bool is_operation(const struct btf_reader *btf, const struct btf_entry *structure,
			 uint32_t index)
{
	struct btf_member member = btf_member_at(structure, index);
	struct btf_entry type;

	return btf_type(btf, member.type_id, &type) && type.kind == KIND_PTR &&
	       btf_type(btf, type.size_or_type, &type) && type.kind == KIND_FUNC_PROTO;
}

struct adding {
	struct probe *probe;
	const struct btf_reader *btf;
	struct abi_prog_load_attr shape;
	struct buf *out;
};

static int add_operations(void *context, const char *name, uint32_t id)
{
	struct adding *adding = context;
	struct btf_entry value, data;
	uint32_t data_id, n = 0;

	(void)name;
	if (!struct_ops_value(adding->btf, id, &value, &data_id) ||
	    !btf_type(adding->btf, data_id, &data))
		return 0;
	adding->shape.attach_btf_id = data_id;
	for (uint32_t i = 0; i < data.vlen && n < OPERATIONS_MOST; i++) {
		if (!is_operation(adding->btf, &data, i))
			continue;
		adding->shape.expected_attach_type = i;
		add_shape(adding->out, &adding->shape);
		n++;
	}
	return 0;
}

static int add_struct_ops(struct probe *probe, struct buf *out)
{
	struct adding adding = { .probe = probe, .out = out };
	int r;

	adding.btf = types_reader(probe, &r);
	if (!adding.btf)
		return r;
	/* What it is for is left open: each struct in its turn. */
	prog_type_fill_as(probe, ABI_PROG_TYPE_STRUCT_OPS, 0, &adding.shape);
	types_each(probe, KIND_STRUCT, STRUCT_OPS_PREFIX, add_operations, &adding);
	return buf_failed(out) ? -ENOMEM : 0;
}

int kfunc_shapes(struct probe *probe, unsigned type, struct buf *out)
{
	if (type == ABI_PROG_TYPE_STRUCT_OPS)
		return add_struct_ops(probe, out);
	int r = 0;

	for (unsigned i = 0; !r && i < prog_type_shapes(type); i++)
		r = add_filled(probe, type, i, out);
	if (!r)
		r = add_more(probe, type, out);
	return buf_failed(out) ? -ENOMEM : r;
}
