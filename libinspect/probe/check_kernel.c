/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * check_kernel.c - what the running kernel says of an object's own programs and maps
 *
 * What a program may call depends on more than its type: on how it attaches, to what, whether it may sleep, and its licence. So the kernel is
 * asked with the least program that is like the object's in all of these; and with a map like the object's, of one element.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/check.h"
#include "probe/facts.h"
#include "probe/helper.h"
#include "probe/kfunc.h"

static uint32_t number_of(enum names_set set, const char *word)
{
	const char *name;

	for (unsigned i = 0; word && i < 256; i++)
		if ((name = names_find(set, i)) && strcmp(name, word) == 0)
			return i;
	return UINT32_MAX;
}

/* r0 = 1; exit: hooks of control groups take no 0 where what they return is nobody's */
static const uint64_t return_1[] = { 1ull << 32 | 0xb7, 0x95 };

/* False: there is no such program to be made here. */
static bool fill(struct check *check, const struct requires *requires,
		 const struct need_shape *shape, struct abi_prog_load_attr *out)
{
	uint32_t type = number_of(NAMES_PROG_TYPE, shape->prog_type);

	if (type >= PROG_TYPES_MOST || prog_type_fill(&check->probe, type, out))
		return false;
	out->license = (uint64_t)(uintptr_t) requires->license;
	if (shape->attach_type)
		out->expected_attach_type = number_of(NAMES_ATTACH_TYPE, shape->attach_type);
	if (type == ABI_PROG_TYPE_LSM || type == ABI_PROG_TYPE_TRACING)
		out->prog_flags = 0; /* the least program's own */
	out->prog_flags |= shape->is_sleepable ? ABI_PROG_F_SLEEPABLE : 0;
	out->prog_flags |= shape->has_frags ? ABI_PROG_F_XDP_HAS_FRAGS : 0;
	if (out->expected_attach_type == UINT32_MAX)
		return false;
	if (type == ABI_PROG_TYPE_LSM && out->expected_attach_type == ABI_LSM_CGROUP)
		out->insns = (uint64_t)(uintptr_t)return_1;
	if (!shape->attach_type || (type != ABI_PROG_TYPE_LSM && type != ABI_PROG_TYPE_TRACING))
		return true;
	int id =
		shape->target_kind ? types_id(&check->probe, shape->target_kind, shape->target) : 0;
	out->attach_btf_id = id > 0 ? (uint32_t)id : 0;
	return id > 0;
}

static void put_no(struct need *need, int code, enum inspect_reason reason, const char *detail)
{
	need->is_answered = true;
	need->answer = INSPECT_NO;
	need->found = INSPECT_FOUND_PROBE;
	need->code = code;
	need->reason = reason;
	free(need->detail);
	need->detail = detail ? strdup(detail) : NULL;
}

static void put_yes(struct need *need)
{
	need->is_answered = true;
	need->answer = INSPECT_YES;
	need->found = INSPECT_FOUND_PROBE;
}

#define MAY_NOT_SLEEP "it may sleep, and the program may not: its section's name has no .s"

static bool ask_helper(struct check *check, const struct requires *requires, struct need *need)
{
	struct inspect_feature ignored;
	struct abi_prog_load_attr attr;
	struct helper_said said;

	if (!answer_may(&check->probe, ANSWER_PROG, &ignored) ||
	    !fill(check, requires, &requires->shapes[need->shape - 1], &attr))
		return false;
	helper_load(check->probe.sys, &attr, need->number, &said);
	if (said.verdict == HELPER_YES && said.limit == HELPER_LICENSE)
		need_refuse_license(requires, need, "helpers", INSPECT_FOUND_PROBE);
	else if (said.verdict == HELPER_YES && said.limit == HELPER_SLEEPS)
		put_no(need, said.code, INSPECT_REASON_OTHER, MAY_NOT_SLEEP);
	else if (said.verdict == HELPER_YES)
		put_yes(need);
	else if (said.verdict == HELPER_NOT_FOR_TYPE && fact_may_sleep(need->number) &&
		 !requires->shapes[need->shape - 1].is_sleepable)
		return false; /* kernels before 6.2 or so have it for programs that may sleep alone */
	else if (said.verdict == HELPER_NOT_FOR_TYPE)
		put_no(need, said.code, INSPECT_REASON_NOT_FOR_TYPE, NULL);
	else if (said.verdict == HELPER_NOT_THERE)
		put_no(need, said.code, INSPECT_REASON_NOT_BUILT_IN, NULL);
	return need->is_answered;
}

/* That the type may call it was answered. */
static void ask_kfunc(struct check *check, const struct requires *requires, struct need *need)
{
	AUTO(kfunc_list_done) struct kfunc_list list = { 0 };
	struct abi_prog_load_attr attr;
	struct kfunc_said said;

	if (kfunc_list_find(&list, &check->probe, need->name) != 1 || !kfunc_list_count(&list) ||
	    !fill(check, requires, &requires->shapes[need->shape - 1], &attr))
		return;
	kfunc_load(check->probe.sys, &attr, &list, kfunc_at(&list, 0), &said);
	if (said.sleeps)
		put_no(need, said.code, INSPECT_REASON_OTHER, MAY_NOT_SLEEP);
	else if (said.verdict == KFUNC_NOT_FOR_TYPE)
		put_no(need, said.code, INSPECT_REASON_NOT_FOR_TYPE,
		       "the type may call it, and not where this program attaches");
}

static int load(struct check *check, const struct abi_prog_load_attr *attr)
{
	autoclose int fd = prog_type_load(&check->probe, attr);

	return fd < 0 ? -fd : 0;
}

/* With the flag and without it: it is the flag that the kernel refuses where it takes the rest. */
static void ask_flag(struct check *check, const struct requires *requires, struct need *need)
{
	static const int means_no[3] = { EINVAL };
	struct inspect_feature answer = { .kind = INSPECT_FEATURE_PROG_TYPE, .name = need->of };
	struct need_shape plain = requires->shapes[need->shape - 1];
	struct abi_prog_load_attr attr;

	answer.reason = INSPECT_REASON_NEEDS_LOAD;
	if (answer_may(&check->probe, ANSWER_PROG, &answer) &&
	    fill(check, requires, &plain, &attr)) {
		int code = load(check, &attr);

		plain.is_sleepable = plain.has_frags = false;
		if (code && (!fill(check, requires, &plain, &attr) || load(check, &attr)))
			answer_call(&check->probe, &answer, ANSWER_PROG, code, NULL);
		else
			answer_call(&check->probe, &answer, ANSWER_PROG, code, means_no);
	}
	check_take(need, &answer);
}

/* What it does not know it may take all the same: before there were attach types of sk_reuseport, it looked at none. */
static void ask_attach_type(struct check *check, const struct requires *requires, struct need *need)
{
	struct abi_prog_load_attr attr;

	if (need->shape && fill(check, requires, &requires->shapes[need->shape - 1], &attr) &&
	    !load(check, &attr))
		need->must = NEED_BY_HAND;
}

static bool is_there(const struct requires *requires, enum need_kind kind, const char *name)
{
	for (size_t i = 0; i < requires->n; i++) {
		const struct need *need = &requires->needs[i];

		if (need->kind == kind && strcmp(need->name, name) == 0)
			return need->answer == INSPECT_YES;
	}
	return false;
}

/*
 * That there is a function does not say that programs may be for it: some may not be traced, and most change nothing that they
 * return. The attach type is there, so the target alone is left to be refused; and this is no place to ask for flags and
 * licences.
 */
void check_try_target(struct check *check, const struct requires *requires, struct need *need)
{
	struct abi_prog_load_attr attr;

	if (need->kind != NEED_TARGET || need->must != NEED_MUST || need->answer != INSPECT_YES ||
	    !need->shape || !is_there(requires, NEED_ATTACH_TYPE, need->of))
		return;
	struct need_shape plain = requires->shapes[need->shape - 1];
	plain.is_sleepable = plain.has_frags = false;
	if (!fill(check, requires, &plain, &attr))
		return;
	attr.license = (uint64_t)(uintptr_t) "GPL";
	int code = load(check, &attr);
	if (code == EINVAL || code == ENOENT)
		put_no(need, code, INSPECT_REASON_OTHER, "the kernel takes no such program for it");
}

/* Types whose maps are of the kernel's making, or need types of the object's: what is in the table for them is left as it is. */
static bool is_of_types(uint32_t type)
{
	switch (type) {
	case ABI_MAP_TYPE_SK_STORAGE:
	case ABI_MAP_TYPE_INODE_STORAGE:
	case ABI_MAP_TYPE_TASK_STORAGE:
	case ABI_MAP_TYPE_CGRP_STORAGE:
		return true;
	default:
		return false;
	}
}

/* As many as are enough to try; none where the object says none, which only few types take, or must have. */
static uint32_t entries_of(const struct need_map *map, uint32_t enough)
{
	if (map->type == ABI_MAP_TYPE_PERF_EVENT_ARRAY)
		return enough; /* the loader makes it one for each CPU */
	if (!map->max_entries)
		return 0;
	return enough ? enough : 1;
}

/* 0 or an errno; -1: it cannot be tried. */
static int make(struct check *check, const struct need_map *map, uint32_t flags)
{
	struct abi_map_create_attr attr;

	if (map->type == ABI_MAP_TYPE_STRUCT_OPS || map_type_shape(&check->probe, map->type, &attr))
		return -1;
	if (map->has_key && !is_of_types(map->type))
		attr.key_size = map->key_bytes;
	if (map->has_value && !is_of_types(map->type))
		attr.value_size = map->value_bytes;
	if (flags & ABI_F_NUMA_NODE)
		attr.numa_node = map->numa_node;
	attr.map_flags = flags;
	attr.max_entries = entries_of(map, attr.max_entries);
	if (map->extra)
		attr.map_extra = map->extra;
	autoclose int fd = map_type_make(&check->probe, &attr);
	return fd < 0 ? -fd : 0;
}

/* What the object leaves to its loader, and the kernel does not take so; or NULL. */
static const char *left_to_loader(struct check *check, const struct need_map *map)
{
	struct need_map filled = *map;
	bool holds_maps =
		map->type == ABI_MAP_TYPE_ARRAY_OF_MAPS || map->type == ABI_MAP_TYPE_HASH_OF_MAPS;

	if (holds_maps && !map->has_inner)
		return "it does not say what the maps in it are: its loader has to";
	filled.max_entries = 1;
	if (map->max_entries || !make(check, map, map->flags) || make(check, &filled, map->flags))
		return NULL;
	return "it has no max_entries: its loader has to set them";
}

static void answer_map(struct check *check, const struct need_map *map, int code, struct need *need)
{
	static const int means_no[3] = { EINVAL, E2BIG, EOPNOTSUPP };
	struct inspect_feature answer = {
		.kind = INSPECT_FEATURE_MAP_TYPE,
		.name = names_find(NAMES_MAP_TYPE, map->type),
	};

	answer_call(&check->probe, &answer, ANSWER_MAP, code, means_no);
	check_take(need, &answer);
	if (need->answer == INSPECT_NO && need->kind == NEED_MAP) {
		free(need->detail);
		need->detail = strdup(code == E2BIG && !map->extra
					      ? "its key or value is too large"
					      : "the kernel does not take its type, sizes, flags "
						"and max_entries together");
		need->reason = INSPECT_REASON_OTHER;
	}
}

static bool has_bad_flag(const struct requires *requires, const struct need_map *map)
{
	for (size_t i = 0; i < requires->n; i++) {
		const struct need *need = &requires->needs[i];

		if (need->kind == NEED_MAP_FLAG && need->answer != INSPECT_YES &&
		    need->number & map->flags)
			return true;
	}
	return false;
}

/* What its type or flags say needs no telling again: that record stands for it. */
static bool ask_map(struct check *check, const struct requires *requires, struct need *need)
{
	const struct need_map *map = &requires->maps[need->map - 1];
	const struct inspect_feature *type =
		names_find(NAMES_MAP_TYPE, map->type) && map->type < MAP_TYPE_ROOM
			? map_type_answer(&check->probe, map->type)
			: NULL;

	if (!type || type->answer != INSPECT_YES || has_bad_flag(requires, map))
		return false;
	const char *left = left_to_loader(check, map);
	if (left) {
		const struct inspect_feature answer = { .answer = INSPECT_UNKNOWN,
							.reason = INSPECT_REASON_NEEDS_LOAD,
							.detail = left };

		check_take(need, &answer);
		return true;
	}
	int code = make(check, map, map->flags);
	if (code < 0)
		return false;
	answer_map(check, map, code, need);
	return true;
}

/* A flag without a name: the map as it is, without that flag and with it. */
static bool ask_map_flag(struct check *check, const struct requires *requires, struct need *need)
{
	const struct need_map *map =
		need->map <= requires->n_maps ? &requires->maps[need->map - 1] : NULL;

	if (!map || need->name[0] < '0' || need->name[0] > '9' ||
	    make(check, map, map->flags & ~need->number))
		return false;
	int code = make(check, map, map->flags | need->number);
	answer_map(check, map, code, need);
	return true;
}

bool check_ask_exact(struct check *check, const struct requires *requires, struct need *need)
{
	switch (need->kind) {
	case NEED_HELPER:
		if (helper_writes_to_log(need->number))
			return false;
		return need->shape && ask_helper(check, requires, need);
	case NEED_PROG_FLAG:
		ask_flag(check, requires, need);
		return true;
	case NEED_MAP:
		need->is_moot = !ask_map(check, requires, need);
		return true;
	case NEED_MAP_FLAG:
		return need->map && ask_map_flag(check, requires, need);
	default:
		return false;
	}
}

void check_refine(struct check *check, const struct requires *requires, struct need *need)
{
	if (need->kind == NEED_KFUNC && need->answer == INSPECT_YES && need->shape &&
	    need->must == NEED_MUST)
		ask_kfunc(check, requires, need);
	if (need->kind == NEED_HELPER && need->answer == INSPECT_YES)
		check_ask_facts(requires, need);
	if (need->kind == NEED_ATTACH_TYPE && need->answer == INSPECT_NO && need->must == NEED_MUST)
		ask_attach_type(check, requires, need);
}

void check_ask_facts(const struct requires *requires, struct need *need)
{
	const struct need_shape *shape = need->shape ? &requires->shapes[need->shape - 1] : NULL;

	if (need->kind != NEED_HELPER || need->answer != INSPECT_YES || !shape)
		return;
	enum fact is_for_gpl = requires->is_gpl ? FACT_NO : fact_is_for_gpl(need->number);
	if (need->found != INSPECT_FOUND_PROBE && is_for_gpl == FACT_UNKNOWN) {
		need->answer = INSPECT_UNKNOWN;
		need->reason = INSPECT_REASON_NEEDS_LOAD;
	} else if (is_for_gpl == FACT_YES)
		need_refuse_license(requires, need, "helpers", INSPECT_FOUND_RULE);
	else if (fact_may_sleep(need->number) && !shape->is_sleepable &&
		 strcmp(shape->prog_type, "syscall") != 0) {
		put_no(need, 0, INSPECT_REASON_OTHER, MAY_NOT_SLEEP);
		need->found = INSPECT_FOUND_RULE;
	}
}
