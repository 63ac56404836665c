/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kinds.c - how the elements of each type of map are read
 */
#include "value/kinds.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "kernel/abi.h"

#define BATCH_BYTES (512u << 10) /* of keys and values together, if one element is not more */

#define QUEUE "it has no keys, and reading an element of it other than the next is not possible"
#define RING "it is a stream of records, which reading would consume"
#define FILTER "it keeps no elements, only whether one may have been added"
#define STORAGE(owner)                                                                             \
	"its keys are descriptors of " owner " that the asking process holds: there is no list"

static const struct elems_kind kinds[] = {
	[ABI_MAP_TYPE_HASH] = { ELEMS_BUCKETS, NULL },
	[ABI_MAP_TYPE_ARRAY] = { ELEMS_INDEX, NULL },
	[ABI_MAP_TYPE_PROG_ARRAY] = { ELEMS_INDEX | ELEMS_PROG_ID | ELEMS_SKIP_EMPTY, NULL },
	[ABI_MAP_TYPE_PERF_EVENT_ARRAY] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_PERCPU_HASH] = { ELEMS_PER_CPU | ELEMS_BUCKETS, NULL },
	[ABI_MAP_TYPE_PERCPU_ARRAY] = { ELEMS_INDEX | ELEMS_PER_CPU, NULL },
	[ABI_MAP_TYPE_CGROUP_ARRAY] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_LRU_HASH] = { ELEMS_BUCKETS, NULL },
	[ABI_MAP_TYPE_LRU_PERCPU_HASH] = { ELEMS_PER_CPU | ELEMS_BUCKETS, NULL },
	[ABI_MAP_TYPE_ARRAY_OF_MAPS] = { ELEMS_INDEX | ELEMS_MAP_ID | ELEMS_SKIP_EMPTY, NULL },
	[ABI_MAP_TYPE_HASH_OF_MAPS] = { ELEMS_MAP_ID | ELEMS_BUCKETS, NULL },
	[ABI_MAP_TYPE_DEVMAP] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_SOCKMAP] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_CPUMAP] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_XSKMAP] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_REUSEPORT_SOCKARRAY] = { ELEMS_INDEX | ELEMS_SLOTS, NULL },
	[ABI_MAP_TYPE_PERCPU_CGROUP_STORAGE] = { ELEMS_PER_CPU, NULL },
	[ABI_MAP_TYPE_QUEUE] = { 0, QUEUE },
	[ABI_MAP_TYPE_STACK] = { 0, QUEUE },
	[ABI_MAP_TYPE_SK_STORAGE] = { ELEMS_OWN_FDS, STORAGE("sockets") },
	[ABI_MAP_TYPE_RINGBUF] = { 0, RING },
	[ABI_MAP_TYPE_INODE_STORAGE] = { ELEMS_OWN_FDS, STORAGE("files") },
	[ABI_MAP_TYPE_TASK_STORAGE] = { ELEMS_OWN_FDS, STORAGE("processes (pidfd)") },
	[ABI_MAP_TYPE_BLOOM_FILTER] = { 0, FILTER },
	[ABI_MAP_TYPE_USER_RINGBUF] = { 0, RING },
	[ABI_MAP_TYPE_CGRP_STORAGE] = { ELEMS_OWN_FDS, STORAGE("cgroups") },
	[ABI_MAP_TYPE_INSN_ARRAY] = { ELEMS_INDEX, NULL },
	[ABI_MAP_TYPE_ARENA] = { 0, "it is a stretch of memory, without keys" },
};

const struct elems_kind *elems_kind_get(unsigned map_type)
{
	static const struct elems_kind other = { 0, NULL };

	return map_type < sizeof(kinds) / sizeof(*kinds) ? &kinds[map_type] : &other;
}

const char *elems_reason(unsigned map_type, int code)
{
	bool has_sockets = map_type == ABI_MAP_TYPE_SOCKMAP || map_type == ABI_MAP_TYPE_SOCKHASH ||
			   map_type == ABI_MAP_TYPE_REUSEPORT_SOCKARRAY;

	if (code == ENOSPC && has_sockets)
		return "needs 8-byte values to show socket cookies";
	if (code == ERROR_ENOTSUPP || code == EOPNOTSUPP)
		return "entries of this type cannot be read";
	return strerrordesc_np(code) ? strerrordesc_np(code) : "unknown error";
}

uint32_t elems_batch_room(size_t bytes)
{
	uint32_t room = ELEMS_BATCH;

	if (bytes && BATCH_BYTES / bytes < room)
		room = (uint32_t)(BATCH_BYTES / bytes);
	return room ? room : 1;
}
