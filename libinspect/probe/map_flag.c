/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map_flag.c - flags that maps are made with
 *
 * A map is made with the flag, of a type that can have it and of a shape that the kernel takes without it: so EINVAL is about the
 * flag. Where the flag wants a descriptor or a type, it gets one that is none; what the kernel then says tells that it looked.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "probe/answer.h"
#include "probe/map_type.h"
#include "probe/name.h"

#define NO_FD 0x7fffffff
#define BUILD_ID_VALUE 32

struct map_flag {
	const char *name;
	uint32_t flag;
	enum abi_map_type type;
	uint32_t value_size; /* 0: as the type has it */
	int knows;	     /* what a kernel says that knows the flag: 0 or an errno */
};

static const struct map_flag flags[] = {
	{ "no_prealloc", ABI_F_NO_PREALLOC, ABI_MAP_TYPE_HASH, 0, 0 },
	{ "no_common_lru", ABI_F_NO_COMMON_LRU, ABI_MAP_TYPE_LRU_HASH, 0, 0 },
	{ "numa_node", ABI_F_NUMA_NODE, ABI_MAP_TYPE_HASH, 0, 0 },
	{ "rdonly", ABI_F_RDONLY, ABI_MAP_TYPE_HASH, 0, 0 },
	{ "wronly", ABI_F_WRONLY, ABI_MAP_TYPE_HASH, 0, 0 },
	{ "stack_build_id", ABI_F_STACK_BUILD_ID, ABI_MAP_TYPE_STACK_TRACE, BUILD_ID_VALUE, 0 },
	{ "zero_seed", ABI_F_ZERO_SEED, ABI_MAP_TYPE_HASH, 0, 0 },
	{ "rdonly_prog", ABI_F_RDONLY_PROG, ABI_MAP_TYPE_ARRAY, 0, 0 },
	{ "wronly_prog", ABI_F_WRONLY_PROG, ABI_MAP_TYPE_ARRAY, 0, 0 },
	{ "clone", ABI_F_CLONE, ABI_MAP_TYPE_SK_STORAGE, 0, 0 },
	{ "mmapable", ABI_F_MMAPABLE, ABI_MAP_TYPE_ARRAY, 0, 0 },
	{ "preserve_elems", ABI_F_PRESERVE_ELEMS, ABI_MAP_TYPE_PERF_EVENT_ARRAY, 0, 0 },
	{ "inner_map", ABI_F_INNER_MAP, ABI_MAP_TYPE_ARRAY, 0, 0 },
	{ "link", ABI_F_LINK, ABI_MAP_TYPE_STRUCT_OPS, 0, ERROR_ENOTSUPP },
	{ "path_fd", ABI_F_PATH_FD, ABI_MAP_TYPE_UNSPEC, 0, EBADF },
	{ "vtype_btf_obj_fd", ABI_F_VTYPE_BTF_OBJ_FD, ABI_MAP_TYPE_STRUCT_OPS, 0, EBADF },
	{ "token_fd", ABI_F_TOKEN_FD, ABI_MAP_TYPE_ARRAY, 0, EBADF },
	{ "segv_on_fault", ABI_F_SEGV_ON_FAULT, ABI_MAP_TYPE_ARENA, 0, 0 },
	{ "no_user_conv", ABI_F_NO_USER_CONV, ABI_MAP_TYPE_ARENA, 0, 0 },
	{ "rb_overwrite", ABI_F_RB_OVERWRITE, ABI_MAP_TYPE_RINGBUF, 0, 0 },
};

#define FLAGS (sizeof(flags) / sizeof(*flags))

/* A flag of a type that the kernel has not, or that nobody may make, follows from that. */
static bool follows_from_type(const struct map_flag *row, const struct inspect_feature *type,
			      struct inspect_feature *out)
{
	if (type->answer == INSPECT_YES)
		return false;
	*out = *type;
	out->kind = INSPECT_FEATURE_MAP_FLAG;
	out->name = row->name;
	if (type->answer == INSPECT_NO)
		out->found = INSPECT_FOUND_RULE;
	return true;
}

/* A map with the flag: 0 or a negative errno. */
static int make(struct probe *probe, const struct map_flag *row)
{
	struct abi_map_create_attr attr;

	int r = map_type_shape(probe, row->type, &attr);
	if (r < 0)
		return r;
	attr.map_flags |= row->flag;
	if (row->value_size)
		attr.value_size = row->value_size;
	if (row->flag == ABI_F_TOKEN_FD)
		attr.map_token_fd = NO_FD;
	if (row->flag == ABI_F_VTYPE_BTF_OBJ_FD)
		attr.value_type_btf_obj_fd = NO_FD;
	autoclose int fd = map_type_make(probe, &attr);
	return fd < 0 ? fd : 0;
}

static void answer(struct probe *probe, const struct map_flag *row, struct inspect_feature *out)
{
	static const int means_no[3] = { EINVAL };
	enum answer_act act = row->type ? ANSWER_MAP : ANSWER_CALL;
	int r;

	*out = (struct inspect_feature){ .kind = INSPECT_FEATURE_MAP_FLAG, .name = row->name };
	if (row->type && follows_from_type(row, map_type_answer(probe, row->type), out))
		return;
	if (!answer_may(probe, act, out))
		return;
	r = row->type ? make(probe, row) : sys_open_path_at(probe->sys, NO_FD, "none");
	r = -r == row->knows ? 0 : r;
	answer_call_as(probe, out, act, row->type ? inspect_map_type_name(row->type) : NULL, -r,
		       means_no);
}

static int tell(struct probe *probe, const struct map_flag *row)
{
	struct inspect_feature out;

	answer(probe, row, &out);
	return probe_tell(probe, &out);
}

int map_flag_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && !probe->ifindex && i < FLAGS; i++)
		r = tell(probe, &flags[i]);
	return r;
}

int map_flag_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err)
{
	int row = name_row(NAME_ROWS(flags), question->name);

	return row < 0 ? name_unknown(question, NAME_ROWS(flags), err) : tell(probe, &flags[row]);
}
