/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog_extended.c - a program that an extension may replace
 *
 * The kernel takes an extension only with a program to extend, and compares the functions of both by their types. So there are types of our own
 * here: int probe(struct __sk_buff *), which a socket filter and its extension share.
 */
#include "probe/prog_extended.h"

#include <errno.h>

#include "base/cleanup.h"
#include "btf/reader.h"
#include "probe/own_types.h"
#include "probe/probe.h"

/* The strings, and where each begins. */
#define STRINGS "\0int\0__sk_buff\0probe"

enum { AT_INT = 1, AT_SKB = 5, AT_PROBE = 15 };

enum { ID_INT = 1, ID_SKB, ID_POINTER, ID_PROTO, ID_FUNC };

static const OWN_TYPES(18, sizeof(STRINGS)) types = {
	OWN_TYPES_HEADER(types),
	.types = {
		AT_INT, INFO(KIND_INT, 0), 4, SIGNED_32,
		AT_SKB, INFO(KIND_STRUCT, 0), 0,
		0, INFO(KIND_PTR, 0), ID_SKB,
		0, INFO(KIND_FUNC_PROTO, 1), ID_INT, AT_SKB, ID_POINTER,
		AT_PROBE, INFO(KIND_FUNC, GLOBAL), ID_PROTO,
	},
	.strings = STRINGS,
};

/* The function that begins at the first instruction. */
static const uint32_t function[] = { 0, ID_FUNC };

static void fill_function(const struct prog_extended *extended, struct abi_prog_load_attr *out)
{
	out->btf_fd = (uint32_t)extended->btf_fd;
	out->func_info = (uint64_t)(uintptr_t)function;
	out->func_info_rec_size = sizeof(function);
	out->func_info_cnt = 1;
}

static int make(struct probe *probe, struct prog_extended *extended)
{
	struct abi_prog_load_attr attr;

	extended->prog_fd = -1;
	extended->btf_fd = sys_btf_load(probe->sys, &types, sizeof(types), NULL, 0);
	if (extended->btf_fd < 0)
		return extended->btf_fd;
	prog_type_fill_as(probe, ABI_PROG_TYPE_SOCKET_FILTER, 0, &attr);
	fill_function(extended, &attr);
	extended->prog_fd = prog_type_load(probe, &attr);
	return extended->prog_fd < 0 ? extended->prog_fd : 0;
}

int prog_extended_fill(struct probe *probe, struct prog_extended *extended,
		       struct abi_prog_load_attr *out)
{
	if (!extended->was_made)
		extended->error = make(probe, extended);
	extended->was_made = true;
	if (extended->error)
		return extended->error;
	fill_function(extended, out);
	out->attach_fd = (uint32_t)extended->prog_fd;
	out->attach_btf_id = ID_FUNC;
	return 0;
}

void prog_extended_done(struct prog_extended *extended)
{
	if (!extended->was_made)
		return;
	close_fd(extended->prog_fd);
	close_fd(extended->btf_fd);
	*extended = (struct prog_extended){ 0 };
}
