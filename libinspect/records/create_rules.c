/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * create_rules.c - why the kernel does not make a map
 *
 * It says EINVAL or E2BIG for some thirty different mistakes. The rules are asked only after it said
 * so: where a newer kernel allows more, they are not in the way.
 */
#include <string.h>
#include <unistd.h>

#include "records/create.h"

#define T(name) (1ull << ABI_MAP_TYPE_##name)
#define ALL_TYPES (~0ull)

#define INDEXED                                                                                    \
	(T(ARRAY) | T(PROG_ARRAY) | T(PERF_EVENT_ARRAY) | T(PERCPU_ARRAY) | T(CGROUP_ARRAY) |      \
	 T(ARRAY_OF_MAPS) | T(DEVMAP) | T(DEVMAP_HASH) | T(SOCKMAP) | T(CPUMAP) | T(XSKMAP) |      \
	 T(REUSEPORT_SOCKARRAY) | T(STACK_TRACE) | T(STRUCT_OPS) | T(INSN_ARRAY))
#define VALUES_OF_4                                                                                \
	(T(PROG_ARRAY) | T(PERF_EVENT_ARRAY) | T(CGROUP_ARRAY) | T(ARRAY_OF_MAPS) |                \
	 T(HASH_OF_MAPS) | T(XSKMAP))
#define VALUES_OF_4_OR_8                                                                           \
	(T(DEVMAP) | T(DEVMAP_HASH) | T(CPUMAP) | T(SOCKMAP) | T(SOCKHASH) | T(REUSEPORT_SOCKARRAY))
#define OF_MAPS (T(ARRAY_OF_MAPS) | T(HASH_OF_MAPS))
#define HASHES                                                                                     \
	(T(HASH) | T(LRU_HASH) | T(PERCPU_HASH) | T(LRU_PERCPU_HASH) | T(HASH_OF_MAPS) |           \
	 T(SOCKHASH) | T(RHASH))
#define PER_CPU (T(PERCPU_HASH) | T(LRU_PERCPU_HASH) | T(PERCPU_ARRAY))
#define RINGS (T(RINGBUF) | T(USER_RINGBUF))
#define STORAGE (T(SK_STORAGE) | T(INODE_STORAGE) | T(TASK_STORAGE) | T(CGRP_STORAGE))
#define CGROUP (T(CGROUP_STORAGE) | T(PERCPU_CGROUP_STORAGE))
#define KEYLESS (T(QUEUE) | T(STACK) | T(BLOOM_FILTER) | RINGS | T(ARENA))

#define PER_CPU_BYTES 32768u   /* the kernel's smallest unit of per-CPU memory */
#define ALLOC_BYTES (4u << 20) /* what the kernel allocates in one piece */
#define ELEM_BYTES 48u	       /* its own part of an element */
#define STACK_BYTES 512u

struct rule {
	unsigned long long types;
	bool (*is_broken)(const struct inspect_map_spec *spec);
	const char *words;
};

static bool has_bad_name(const struct inspect_map_spec *spec)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

	return spec->name && spec->name[strspn(spec->name, allowed)];
}

static bool is_any(const struct inspect_map_spec *spec)
{
	(void)spec;
	return true;
}

static bool lacks_inner(const struct inspect_map_spec *spec)
{
	return !(spec->have & INSPECT_SPEC_HAS_INNER);
}

static bool lacks_no_prealloc(const struct inspect_map_spec *spec)
{
	return !(spec->flags & ABI_F_NO_PREALLOC);
}

static bool lacks_mmapable(const struct inspect_map_spec *spec)
{
	return !(spec->flags & ABI_F_MMAPABLE);
}

static bool key_is_not_4(const struct inspect_map_spec *spec)
{
	return spec->key_bytes != 4;
}

static bool value_is_not_4(const struct inspect_map_spec *spec)
{
	return spec->value_bytes != 4;
}

static bool value_is_not_4_or_8(const struct inspect_map_spec *spec)
{
	return spec->value_bytes != 4 && spec->value_bytes != 8;
}

static bool has_key(const struct inspect_map_spec *spec)
{
	return spec->key_bytes;
}

static bool has_value(const struct inspect_map_spec *spec)
{
	return spec->value_bytes;
}

static bool lacks_key(const struct inspect_map_spec *spec)
{
	return !spec->key_bytes;
}

static bool lacks_value(const struct inspect_map_spec *spec)
{
	return !spec->value_bytes;
}

static bool lacks_entries(const struct inspect_map_spec *spec)
{
	return !spec->max_entries;
}

static bool has_entries(const struct inspect_map_spec *spec)
{
	return spec->max_entries;
}

static bool is_no_prefix(const struct inspect_map_spec *spec)
{
	return spec->key_bytes < 5 || spec->key_bytes > 260;
}

static bool is_no_ring(const struct inspect_map_spec *spec)
{
	unsigned size = spec->max_entries;

	return !size || size & (size - 1) || size % (unsigned)sysconf(_SC_PAGESIZE);
}

static bool is_no_stack(const struct inspect_map_spec *spec)
{
	return !spec->value_bytes || spec->value_bytes % 8;
}

static bool is_no_cgroup_key(const struct inspect_map_spec *spec)
{
	return spec->key_bytes != 8 && spec->key_bytes != 16;
}

static bool is_over_page(const struct inspect_map_spec *spec)
{
	return spec->value_bytes > 4096;
}

static bool is_over_per_cpu(const struct inspect_map_spec *spec)
{
	return spec->value_bytes > PER_CPU_BYTES;
}

static bool is_over_alloc(const struct inspect_map_spec *spec)
{
	return (unsigned long long)spec->key_bytes + spec->value_bytes >= ALLOC_BYTES - ELEM_BYTES;
}

static bool is_over_trie(const struct inspect_map_spec *spec)
{
	return spec->value_bytes > 4194000;
}

static bool is_over_array(const struct inspect_map_spec *spec)
{
	return spec->value_bytes > 0x7fffffff;
}

static bool is_over_storage(const struct inspect_map_spec *spec)
{
	return spec->value_bytes > 65000;
}

static bool is_over_stack(const struct inspect_map_spec *spec)
{
	return spec->key_bytes > STACK_BYTES;
}

static bool has_extra(const struct inspect_map_spec *spec)
{
	return spec->map_extra;
}

static bool has_bad_hashes(const struct inspect_map_spec *spec)
{
	return spec->map_extra > 15;
}

static bool has_node(const struct inspect_map_spec *spec)
{
	return spec->have & INSPECT_SPEC_HAS_NUMA_NODE;
}

static bool lacks_key_type(const struct inspect_map_spec *spec)
{
	return spec->value_type && !spec->key_type;
}

/* The first that is broken is told, so what is more telling comes first. */
static const struct rule rules[] = {
	{ ALL_TYPES, has_bad_name, "a name may have letters, digits, '_' and '.'" },
	{ T(STRUCT_OPS), is_any,
	  "a struct_ops map is made by loading an object file that has one" },
	{ OF_MAPS, lacks_inner, "a map of maps needs 'inner_map MAP', a map like those in it" },
	{ T(LPM_TRIE), lacks_no_prealloc, "lpm_trie needs flag 0x1 (BPF_F_NO_PREALLOC)" },
	{ T(LPM_TRIE), is_no_prefix,
	  "a key of lpm_trie has 5 to 260 bytes: 4 for the length of the prefix, then the prefix" },
	{ RINGS, has_key, "a ring buffer has 'key 0 value 0'" },
	{ RINGS, has_value, "a ring buffer has 'key 0 value 0'" },
	{ RINGS, is_no_ring,
	  "ring buffer size must be a power of two and a multiple of 4096 (the page size)" },
	{ T(ARENA), lacks_mmapable, "an arena needs flag 0x400 (BPF_F_MMAPABLE)" },
	{ T(ARENA), has_value, "an arena has 'key 0 value 0'" },
	{ KEYLESS, has_key, "a map of this type has no keys: 'key 0'" },
	{ STORAGE, lacks_no_prealloc, "storage maps need flag 0x1 (BPF_F_NO_PREALLOC)" },
	{ STORAGE, has_entries, "storage maps have 'entries 0'" },
	{ STORAGE, key_is_not_4, "a key of this type has 4 bytes" },
	{ STORAGE, lacks_value, "a value needs at least one byte" },
	{ STORAGE, is_over_storage, "values of this type may have at most about 65000 bytes" },
	{ CGROUP, is_no_cgroup_key, "a key of this type has 8 or 16 bytes" },
	{ CGROUP, has_entries, "maps of this type have 'entries 0'" },
	{ T(CGROUP_STORAGE), is_over_page, "values of this type may have at most 4096 bytes" },
	{ T(PERCPU_CGROUP_STORAGE), is_over_per_cpu,
	  "values of this type may have at most 32768 bytes" },
	{ INDEXED, key_is_not_4, "a key of this type has 4 bytes" },
	{ VALUES_OF_4, value_is_not_4, "a value of this type has 4 bytes" },
	{ VALUES_OF_4_OR_8, value_is_not_4_or_8, "a value of this type has 4 or 8 bytes" },
	{ T(STACK_TRACE), is_no_stack,
	  "a value of stack_trace has 8 bytes for each frame, at most sysctl "
	  "kernel.perf_event_max_stack frames" },
	{ ~(STORAGE | CGROUP), lacks_entries, "the map needs 'entries' of at least 1" },
	{ HASHES | T(LPM_TRIE), lacks_key, "a key needs at least one byte" },
	{ ~(RINGS | T(ARENA)), lacks_value, "a value needs at least one byte" },
	{ PER_CPU, is_over_per_cpu, "values of this type may have at most 32768 bytes" },
	{ HASHES | T(QUEUE) | T(STACK), is_over_alloc,
	  "values of this type may have at most 4194255 bytes, less the key's" },
	{ T(LPM_TRIE), is_over_trie, "values of this type may have at most about 4194000 bytes" },
	{ T(ARRAY), is_over_array, "values of this type may have at most 2147483647 bytes" },
	{ HASHES, is_over_stack, "keys of this type may have at most 512 bytes" },
	{ T(BLOOM_FILTER), has_bad_hashes, "map_extra is the number of hashes: at most 15" },
	{ ~(T(BLOOM_FILTER) | T(ARENA)), has_extra, "maps of this type have no map_extra" },
	{ PER_CPU, has_node, "per-CPU maps have no NUMA node: each CPU has its own" },
	{ ALL_TYPES, has_node, "is there such a NUMA node? /sys/devices/system/node/online" },
	{ ~KEYLESS, lacks_key_type, "a map with a value type needs a key type too" },
};

bool create_is_storage(unsigned type)
{
	return type < 64 && (1ull << type) & STORAGE;
}

const char *create_broken_rule(const struct inspect_map_spec *spec, unsigned type)
{
	for (size_t i = 0; type < 64 && i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].types & 1ull << type && rules[i].is_broken(spec))
			return rules[i].words;
	return NULL;
}
