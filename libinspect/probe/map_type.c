/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map_type.c - types of maps
 *
 * A map is made of each type, of the smallest shape that the type allows, and with no attribute that an old kernel may not
 * know: so EINVAL is about the type.
 */
#include "probe/map_type.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/name.h"
#include "probe/prog_type.h"

#define ENUM_PREFIX "BPF_MAP_TYPE_"
#define NAME_ROOM 64

enum shape_needs {
	NEEDS_INNER = 1,
	NEEDS_TYPES = 2,
	NEEDS_VALUE_TYPE = 4, /* the kernel's */
	NEEDS_PAGE = 8,	      /* as many elements as a page has bytes */
};

struct shape {
	uint32_t key_size;
	uint32_t value_size;
	uint32_t entries;
	uint32_t flags;
	unsigned needs;
};

#define PREFIX_KEY 8 /* of lpm_trie: the length, and four bytes */
#define CGROUP_KEY 16
#define INSN_VALUE 16

static const struct shape shapes[] = {
	[ABI_MAP_TYPE_HASH] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_ARRAY] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_PROG_ARRAY] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_PERF_EVENT_ARRAY] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_PERCPU_HASH] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_PERCPU_ARRAY] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_STACK_TRACE] = { 4, 8, 1, 0, 0 },
	[ABI_MAP_TYPE_CGROUP_ARRAY] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_LRU_HASH] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_LRU_PERCPU_HASH] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_LPM_TRIE] = { PREFIX_KEY, 4, 1, ABI_F_NO_PREALLOC, 0 },
	[ABI_MAP_TYPE_ARRAY_OF_MAPS] = { 4, 4, 1, 0, NEEDS_INNER },
	[ABI_MAP_TYPE_HASH_OF_MAPS] = { 4, 4, 1, 0, NEEDS_INNER },
	[ABI_MAP_TYPE_DEVMAP] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_SOCKMAP] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_CPUMAP] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_XSKMAP] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_SOCKHASH] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_CGROUP_STORAGE] = { CGROUP_KEY, 4, 0, 0, 0 },
	[ABI_MAP_TYPE_REUSEPORT_SOCKARRAY] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_PERCPU_CGROUP_STORAGE] = { CGROUP_KEY, 4, 0, 0, 0 },
	[ABI_MAP_TYPE_QUEUE] = { 0, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_STACK] = { 0, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_SK_STORAGE] = { 4, 4, 0, ABI_F_NO_PREALLOC, NEEDS_TYPES },
	[ABI_MAP_TYPE_DEVMAP_HASH] = { 4, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_STRUCT_OPS] = { 4, 256, 1, 0, NEEDS_VALUE_TYPE },
	[ABI_MAP_TYPE_RINGBUF] = { 0, 0, 0, 0, NEEDS_PAGE },
	[ABI_MAP_TYPE_INODE_STORAGE] = { 4, 4, 0, ABI_F_NO_PREALLOC, NEEDS_TYPES },
	[ABI_MAP_TYPE_TASK_STORAGE] = { 4, 4, 0, ABI_F_NO_PREALLOC, NEEDS_TYPES },
	[ABI_MAP_TYPE_BLOOM_FILTER] = { 0, 4, 1, 0, 0 },
	[ABI_MAP_TYPE_USER_RINGBUF] = { 0, 0, 0, 0, NEEDS_PAGE },
	[ABI_MAP_TYPE_CGRP_STORAGE] = { 4, 4, 0, ABI_F_NO_PREALLOC, NEEDS_TYPES },
	[ABI_MAP_TYPE_ARENA] = { 0, 0, 1, ABI_F_MMAPABLE, 0 },
	[ABI_MAP_TYPE_INSN_ARRAY] = { 4, INSN_VALUE, 1, 0, 0 },
	[ABI_MAP_TYPE_RHASH] = { 4, 4, 1, ABI_F_NO_PREALLOC, 0 },
};

#define SHAPES (sizeof(shapes) / sizeof(*shapes))

void map_types_done(struct map_types *types)
{
	if (types->has_inner)
		close_fd(types->inner_fd);
	if (types->has_types)
		close_fd(types->types.fd);
	*types = (struct map_types){ 0 };
}

unsigned map_type_find(const char *name)
{
	const char *known;

	for (unsigned type = 1; (known = names_find(NAMES_MAP_TYPE, type)); type++)
		if (strcmp(known, name) == 0)
			return type;
	return 0;
}

int map_type_unknown(const char *name, struct inspect_error *err)
{
	const struct inspect_question question = { INSPECT_FEATURE_MAP_TYPE, name, NULL };
	struct name_search search;
	const char *known;

	name_search_begin(&search, name);
	for (unsigned type = 1; (known = names_find(NAMES_MAP_TYPE, type)); type++)
		name_search_try(&search, known);
	return name_unknown_of(&question, &search, err);
}

int map_type_make(struct probe *probe, const struct abi_map_create_attr *attr)
{
	return create_within_limits(probe->inspect, attr);
}

static int add_inner(struct probe *probe, struct abi_map_create_attr *attr)
{
	struct map_types *own = &probe->map_types;

	if (!own->has_inner) {
		const struct abi_map_create_attr inner = {
			.type = ABI_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
		};

		own->inner_fd = map_type_make(probe, &inner);
		own->has_inner = true;
	}
	attr->inner_map_fd = (uint32_t)own->inner_fd;
	return own->inner_fd < 0 ? own->inner_fd : 0;
}

/* Types of our own, an int and four bytes, loaded once. */
static int add_types(struct probe *probe, struct abi_map_create_attr *attr)
{
	const struct inspect_map_spec spec = { .key_bytes = 4, .value_bytes = 4 };
	struct map_types *own = &probe->map_types;

	if (!own->has_types) {
		struct inspect_error err;
		int r = create_find_types(probe->inspect, &spec, ABI_MAP_TYPE_SK_STORAGE,
					  &own->types, &err);

		if (r < 0)
			own->types.fd = r;
		own->has_types = true;
	}
	attr->btf_fd = (uint32_t)own->types.fd;
	attr->btf_key_type_id = own->types.key_id;
	attr->btf_value_type_id = own->types.value_id;
	return own->types.fd < 0 ? own->types.fd : 0;
}

int map_type_shape(struct probe *probe, unsigned type, struct abi_map_create_attr *out)
{
	const struct shape *shape = type < SHAPES ? &shapes[type] : &shapes[0];
	int r = 0;

	if (!shape->key_size && !shape->value_size && !shape->entries && !shape->needs)
		return -ENOENT;
	*out = (struct abi_map_create_attr){
		.type = type,
		.key_size = shape->key_size,
		.value_size = shape->value_size,
		.max_entries = shape->entries,
		.map_flags = shape->flags,
	};
	if (shape->needs & NEEDS_PAGE)
		out->max_entries = (uint32_t)sysconf(_SC_PAGESIZE);
	if (shape->needs & NEEDS_VALUE_TYPE)
		out->btf_vmlinux_value_type_id = 1;
	if (shape->needs & NEEDS_INNER)
		r = add_inner(probe, out);
	if (shape->needs & NEEDS_TYPES)
		r = add_types(probe, out);
	return r;
}

/* A struct_ops map, of one type after the other. */
struct struct_ops_try {
	struct probe *probe;
	const struct btf_reader *btf;
	struct abi_map_create_attr *attr;
};

/* Any struct that the kernel keeps operations in. */
static int try_struct(void *context, const char *name, uint32_t id)
{
	struct struct_ops_try *try = context;
	struct btf_entry entry;

	(void)name;
	if (!btf_type(try->btf, id, &entry))
		return 0;
	try->attr->value_size = entry.size_or_type;
	try->attr->btf_vmlinux_value_type_id = id;
	autoclose int fd = map_type_make(try->probe, try->attr);
	return fd >= 0;
}

int map_type_struct_ops(struct probe *probe, struct abi_map_create_attr *out)
{
	int error = map_type_shape(probe, ABI_MAP_TYPE_STRUCT_OPS, out);
	struct struct_ops_try try = { probe, NULL, out };

	if (!error)
		error = add_types(probe,
				  out); /* the kernel wants some, and looks at none of them */
	out->btf_key_type_id = out->btf_value_type_id = 0;
	if (!error)
		try.btf = types_reader(probe, &error);
	if (!try.btf)
		return error;
	/* Older kernels (5.10) read their types when the first program is loaded. */
	prog_type_answer(probe, ABI_PROG_TYPE_SOCKET_FILTER);
	int r = types_each(probe, KIND_STRUCT, "bpf_struct_ops_", try_struct, &try);
	return r > 0 ? 0 : r < 0 ? r : -ENOENT;
}

/*
 * Type 1 of the kernel's is nothing that programs may implement. A kernel that has struct_ops maps looks, and says ENOTSUPP; one
 * that has not says EINVAL before. Without types of its own the kernel finds nothing that could be implemented.
 */
static void settle_struct_ops(struct probe *probe, int code, struct inspect_feature *out)
{
	int error;

	if (code != ERROR_ENOTSUPP)
		return;
	*out = (struct inspect_feature){ .kind = out->kind, .name = out->name };
	if (types_reader(probe, &error))
		answer_yes(out, INSPECT_FOUND_PROBE);
	else
		types_unknown(out, error);
}

static void ask_kernel(struct probe *probe, unsigned type, struct inspect_feature *out)
{
	static const int means_no[3] = { EINVAL, EOPNOTSUPP };
	struct abi_map_create_attr attr;

	if (!answer_may(probe, ANSWER_MAP, out))
		return;
	int r = map_type_shape(probe, type, &attr);
	attr.ifindex = probe->ifindex;
	autoclose int fd = r < 0 ? r : map_type_make(probe, &attr);
	/* What the map needs could not be made: that is not about the type. */
	answer_call(probe, out, ANSWER_MAP, fd < 0 ? -fd : 0, r < 0 ? NULL : means_no);
	if (type == ABI_MAP_TYPE_STRUCT_OPS)
		settle_struct_ops(probe, -fd, out);
}

const struct inspect_feature *map_type_answer(struct probe *probe, unsigned type)
{
	struct inspect_feature *answer = &probe->map_types.answers[type];

	if (!answer->name) {
		answer->kind = INSPECT_FEATURE_MAP_TYPE;
		answer->name = names_find(NAMES_MAP_TYPE, type);
		ask_kernel(probe, type, answer);
	}
	return answer;
}

/* A type of the kernel's that this build does not know: some types are made so. */
static int try_shapes(struct probe *probe, unsigned type)
{
	static const unsigned like[] = { ABI_MAP_TYPE_ARRAY, ABI_MAP_TYPE_LPM_TRIE,
					 ABI_MAP_TYPE_RINGBUF, ABI_MAP_TYPE_SK_STORAGE };
	struct abi_map_create_attr attr;
	int code = 0;

	for (unsigned i = 0; i < sizeof(like) / sizeof(*like); i++) {
		if (map_type_shape(probe, like[i], &attr) < 0)
			continue;
		attr.type = type;
		autoclose int fd = map_type_make(probe, &attr);
		if (fd >= 0)
			return 0;
		code = -fd;
	}
	return code;
}

/* The kernel's name of a type, as commands have it. */
static bool read_name(const char *enumerator, char name[NAME_ROOM])
{
	const char *rest = enumerator + strlen(ENUM_PREFIX);
	size_t size = strlen(enumerator);

	if (strncmp(enumerator, ENUM_PREFIX, strlen(ENUM_PREFIX)) != 0 ||
	    size - strlen(ENUM_PREFIX) >= NAME_ROOM)
		return false;
	for (size_t i = 0; (name[i] = (char)tolower((unsigned char)rest[i])); i++)
		;
	return true;
}

static int tell_newer(struct probe *probe, const char *name, uint64_t type)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_MAP_TYPE, .name = name };

	if (answer_may(probe, ANSWER_MAP, &out)) {
		answer_call(probe, &out, ANSWER_MAP, try_shapes(probe, (unsigned)type), NULL);
		if (out.answer == INSPECT_UNKNOWN)
			out.reason = INSPECT_REASON_NEEDS_LOAD;
	}
	return probe_tell(probe, &out);
}

/* A walk over the kernel's types of maps, and how it was ended. */
struct newer {
	struct probe *probe;
	int told;
};

static int each_newer(void *context, const char *enumerator, uint64_t type)
{
	struct newer *newer = context;
	char name[NAME_ROOM];

	if (type < SHAPES || type > UINT32_MAX || !read_name(enumerator, name))
		return 0;
	newer->told = tell_newer(newer->probe, name, type);
	return newer->told;
}

int map_type_each(struct probe *probe, struct inspect_error *err)
{
	(void)err;
	for (unsigned type = 1; names_find(NAMES_MAP_TYPE, type); type++) {
		int r = 0;

		if (!probe->ifindex || type <= ABI_MAP_TYPE_ARRAY)
			r = probe_tell(probe, map_type_answer(probe, type));
		if (r)
			return r;
	}
	if (probe->ifindex)
		return 0;
	struct newer newer = { .probe = probe };
	types_enumerators(probe, "bpf_map_type", each_newer, &newer);
	return newer.told;
}

/* 1: told. 0: the kernel has no such enumerator. */
static int ask_newer(struct probe *probe, const char *name, int *told)
{
	char enumerator[sizeof(ENUM_PREFIX) + NAME_ROOM] = ENUM_PREFIX;
	size_t at = strlen(ENUM_PREFIX);
	uint64_t type;

	if (strlen(name) >= NAME_ROOM)
		return 0;
	while (*name)
		enumerator[at++] = (char)toupper((unsigned char)*name++);
	if (types_value(probe, "bpf_map_type", enumerator, &type) <= 0 || type < SHAPES)
		return 0;
	char word[NAME_ROOM];
	read_name(enumerator, word);
	*told = tell_newer(probe, word, type);
	return 1;
}

int map_type_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err)
{
	unsigned type = map_type_find(question->name);
	int told;

	if (type)
		return probe_tell(probe, map_type_answer(probe, type));
	if (ask_newer(probe, question->name, &told))
		return told;
	return map_type_unknown(question->name, err);
}
