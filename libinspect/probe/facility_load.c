/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * facility_load.c - programs that show that a facility is there
 */
#include "probe/facility.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "btf/reader.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/own_types.h"

#define ARENA_ADDRESS (1ull << 44)

/* The strings, and where each begins. */
#define STRINGS "\0int\0bpf_spin_lock\0bpf_timer\0bpf_wq\0n\0__sk_buff\0main\0part"

enum {
	AT_INT = 1,
	AT_LOCK = 5,
	AT_TIMER = 19,
	AT_WQ = 29,
	AT_N = 36,
	AT_SKB = 38,
	AT_MAIN = 48,
	AT_PART = 53
};

enum {
	ID_INT = 1,
	ID_LOCK,
	ID_TIMER,
	ID_WQ,
	ID_HAS_LOCK,
	ID_HAS_TIMER,
	ID_HAS_WQ,
	ID_SKB,
	ID_POINTER,
	ID_PROTO,
	ID_MAIN,
	ID_GLOBAL,
	ID_STATIC,
};

/* What values of maps have in them, and functions of a program. The kernel knows the structs by their names and sizes. */
static const OWN_TYPES(57, sizeof(STRINGS)) types = {
	OWN_TYPES_HEADER(types),
	.types = {
		AT_INT, INFO(KIND_INT, 0), 4, SIGNED_32,
		AT_LOCK, INFO(KIND_STRUCT, 1), 4, AT_N, ID_INT, 0,
		AT_TIMER, INFO(KIND_STRUCT, 0), 16,
		AT_WQ, INFO(KIND_STRUCT, 0), 16,
		0, INFO(KIND_STRUCT, 2), 8, AT_LOCK, ID_LOCK, 0, AT_N, ID_INT, 32,
		0, INFO(KIND_STRUCT, 1), 16, AT_TIMER, ID_TIMER, 0,
		0, INFO(KIND_STRUCT, 1), 16, AT_WQ, ID_WQ, 0,
		AT_SKB, INFO(KIND_STRUCT, 0), 0,
		0, INFO(KIND_PTR, 0), ID_SKB,
		0, INFO(KIND_FUNC_PROTO, 1), ID_INT, AT_N, ID_POINTER,
		AT_MAIN, INFO(KIND_FUNC, GLOBAL), ID_PROTO,
		AT_PART, INFO(KIND_FUNC, GLOBAL), ID_PROTO,
		AT_PART, INFO(KIND_FUNC, 0), ID_PROTO,
	},
	.strings = STRINGS,
};

static int load_types(struct probe *probe)
{
	return sys_btf_load(probe->sys, &types, sizeof(types), NULL, 0);
}

/* An array of one value, of a struct of the above. */
static int make_typed(struct probe *probe, uint32_t value, uint32_t bytes)
{
	autoclose int btf = load_types(probe);
	const struct abi_map_create_attr attr = {
		.type = ABI_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = bytes,
		.max_entries = 1,
		.btf_fd = (uint32_t)btf,
		.btf_key_type_id = ID_INT,
		.btf_value_type_id = value,
	};

	return btf < 0 ? btf : map_type_make(probe, &attr);
}

static int make_plain(struct probe *probe, unsigned type)
{
	struct abi_map_create_attr attr;
	int r = map_type_shape(probe, type, &attr);

	if (type == ABI_MAP_TYPE_ARENA)
		attr.map_extra = ARENA_ADDRESS;
	return r < 0 ? r : map_type_make(probe, &attr);
}

static int make_map(struct probe *probe, enum facility_map map)
{
	switch (map) {
	case FACILITY_NO_MAP:
		return 0;
	case FACILITY_ARRAY:
		return make_plain(probe, ABI_MAP_TYPE_ARRAY);
	case FACILITY_PROG_ARRAY:
		return make_plain(probe, ABI_MAP_TYPE_PROG_ARRAY);
	case FACILITY_ARENA:
		return make_plain(probe, ABI_MAP_TYPE_ARENA);
	case FACILITY_LOCK:
		return make_typed(probe, ID_HAS_LOCK, 8);
	case FACILITY_TIMER:
		return make_typed(probe, ID_HAS_TIMER, 16);
	case FACILITY_WQ:
		return make_typed(probe, ID_HAS_WQ, 16);
	}
	return -EINVAL;
}

/* Puts ids in place of the functions' places. 1; 0: the kernel has not all of them; or a negative errno. */
static int name_kfuncs(struct probe *probe, const char *const kfuncs[FACILITY_NAMES],
		       struct slot *slots)
{
	static const struct slot kfunc = SLOT_KFUNC(0);

	for (unsigned i = 0; i < FACILITY_SLOTS; i++) {
		if (slots[i].code != kfunc.code || slots[i].regs != kfunc.regs)
			continue;
		int id = types_id(probe, KIND_FUNC, kfuncs[slots[i].imm]);
		if (id <= 0)
			return id;
		slots[i].imm = id;
	}
	return 1;
}

struct functions {
	int btf_fd;
	uint32_t info[4];
};

static void add_functions(struct abi_prog_load_attr *attr, const void *context)
{
	const struct functions *functions = context;

	attr->btf_fd = (uint32_t)functions->btf_fd;
	attr->func_info = (uint64_t)(uintptr_t)functions->info;
	attr->func_info_rec_size = 8;
	attr->func_info_cnt = 2;
}

static int load(struct probe *probe, const struct facility_code *code, const struct slot *slots,
		int map_fd)
{
	autoclose int btf = code->second ? load_types(probe) : -1;
	const struct functions functions = {
		btf, { 0, ID_MAIN, code->second, code->is_static ? ID_STATIC : ID_GLOBAL }
	};

	if (code->second && btf < 0)
		return -btf;
	return trial_code(probe, &(struct trial){
					 .type = code->type,
					 .slots = slots,
					 .n = trial_size(slots, FACILITY_SLOTS),
					 .map_fd = map_fd,
					 .flags = code->flags,
					 .adjust = code->second ? add_functions : NULL,
					 .context = &functions,
				 });
}

void facility_load(struct probe *probe, const struct facility_code *code,
		   const char *const kfuncs[FACILITY_NAMES], struct inspect_feature *out)
{
	struct slot slots[FACILITY_SLOTS];
	int r;

	memcpy(slots, code->slots, sizeof(slots));
	r = name_kfuncs(probe, kfuncs, slots);
	if (r < 0) {
		types_unknown(out, r);
		return;
	}
	if (!r) {
		answer_no(out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
		return;
	}
	if (!trial_may(probe, code->type, out))
		return;
	int map_fd = make_map(probe, code->map);
	const int *refused = code->refused;
	r = map_fd < 0 ? -map_fd : load(probe, code, slots, map_fd);
	if (map_fd > 0)
		close_fd(map_fd);
	int control = r && code->control ? load(probe, code->control, code->control->slots, 0) : 0;
	if (control) {
		r = control;
		refused = NULL;
	}
	answer_call_as(probe, out, map_fd < 0 ? ANSWER_MAP : ANSWER_PROG,
		       map_fd < 0 ? NULL : names_find(NAMES_PROG_TYPE, code->type), r, refused);
}
