/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * try.h - calls that would attach something if their target were not a bad one
 *
 * An attach type that the kernel does not know is EINVAL, nearly everywhere. One that it knows gets as far as looking for the target: which
 * errno that is depends on the call. The facts were found on Linux 5.10 to 7.3 and on one without function tracing.
 */
#ifndef PROBE_TRY_H
#define PROBE_TRY_H

#include "probe/probe.h"

struct try_row;

/* Fills in the answer to one attach type. */
typedef void try_way(struct probe *probe, const struct try_row *row, unsigned type,
		     struct inspect_feature *out);

#define TRY_TARGETS 3

struct try_row {
	try_way *way;
	int knows;	    /* errno by which the call says that it knows the type */
	const char *prog;   /* type of the program that it takes */
	unsigned prog_type; /* its number */
	unsigned returns;   /* what that program returns */
	/* Kernel types, of one kind, that the program may be loaded for: one of them is enough. */
	uint8_t target_kind; /* enum btf_reader_kind */
	const char *targets[TRY_TARGETS];
	bool is_in_functions; /* it takes a place in functions of the kernel */
	/* An option: without it the call is EOPNOTSUPP, or the kernel has none of those types. */
	const char *needs;
	/* Of a map that tells. */
	uint32_t map_type;
	const char *map;
};

try_way try_by_query, try_by_sockmap, try_by_number, try_by_map, try_by_load, try_by_target,
	try_by_event, try_by_kprobes, try_by_uprobes, try_by_functions, try_by_struct_ops,
	try_by_netfilter;

/* The answer to a link of @attr, to a bad target, with the least program that the row takes. */
void try_link(struct probe *probe, const struct try_row *row, struct abi_link_create_attr *attr,
	      struct inspect_feature *out);

/* Loads the least program of a type: a descriptor or a negative errno. */
struct try_load {
	unsigned prog_type, attach_type, returns;
	uint32_t target; /* id of what it is for, or 0 */
};

int try_load(struct probe *probe, const struct try_load *how);

#endif
