/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * create.c - a new map
 *
 * All or nothing: where it is to be pinned is looked at first, and until it is pinned the map is
 * held by a descriptor alone.
 */
#include "records/create.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "kernel/bpffs.h"
#include "kernel/caps.h"
#include "kernel/names.h"
#include "kernel/proc.h"
#include "records/one.h"

const char *inspect_map_type_name(unsigned type)
{
	return names_find(NAMES_MAP_TYPE, type);
}

static int find_type(const char *word, unsigned *out, struct inspect_error *err)
{
	const char *name, *nearest = NULL;
	size_t least = 4;
	uint64_t number;

	for (unsigned type = 1; (name = names_find(NAMES_MAP_TYPE, type)); type++) {
		size_t distance = text_distance(name, word);

		if (!distance) {
			*out = type;
			return 0;
		}
		if (distance < least) {
			least = distance;
			nearest = name;
		}
	}
	if (!num_parse(word, NUM_ANY, UINT32_MAX, &number) && number) {
		*out = (unsigned)number;
		return 0;
	}
	inspect_fail(err, INSPECT_EUSAGE, "unrecognized map type: %s", word);
	if (nearest && *word)
		return inspect_hint(err, "did you mean '%s'?", nearest);
	return -INSPECT_EUSAGE;
}

static int open_inner(struct inspect *inspect, const struct inspect_map_spec *spec, unsigned type,
		      struct inspect_map *out, struct inspect_error *err)
{
	bool takes_inner = type == ABI_MAP_TYPE_ARRAY_OF_MAPS || type == ABI_MAP_TYPE_HASH_OF_MAPS;

	if (!(spec->have & INSPECT_SPEC_HAS_INNER))
		return 0;
	if (!takes_inner)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "map create: 'inner_map' is for maps of maps");
	int r = one_open(inspect, &spec->inner_map, out, err);
	return r < 0 ? inspect_context(err, "inner_map") : 0;
}

static int find_device(const struct inspect_map_spec *spec, uint32_t *out,
		       struct inspect_error *err)
{
	if (!spec->device)
		return 0;
	int r = proc_device_index(spec->device, out);
	return r < 0 ? inspect_fail(err, -r, "unrecognized netdevice '%s'", spec->device) : 0;
}

int create_within_limits(struct inspect *inspect, const struct abi_map_create_attr *attr)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	int fd = sys_map_create(&inspect->sys, attr);

	if (fd != -EPERM || setrlimit(RLIMIT_MEMLOCK, &none))
		return fd;
	return sys_map_create(&inspect->sys, attr);
}

static int fail_create(const struct inspect_map_spec *spec, unsigned type, int code,
		       struct inspect_error *err)
{
	const char *rule = create_broken_rule(spec, type);

	inspect_fail(err, code, "map create failed");
	if (code == EPERM)
		return inspect_hint(err, "making a map of this type needs CAP_BPF, and for some "
					 "CAP_NET_ADMIN");
	if (code == ENOMEM)
		return inspect_hint(err, "the map is larger than the memory that is left");
	if (rule)
		return inspect_hint(err, "%s", rule);
	if (code == EINVAL)
		return inspect_hint(err, "this kernel does not know the type, or a flag, or does "
					 "not allow them together");
	return -code;
}

static int make(struct inspect *inspect, const struct inspect_map_spec *spec,
		struct abi_map_create_attr *attr, struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map inner = { .fd = -1 };
	struct create_types types = { .fd = -1 };

	int r = open_inner(inspect, spec, attr->type, &inner, err);
	if (!r)
		r = find_device(spec, &attr->ifindex, err);
	if (!r)
		r = create_find_types(inspect, spec, attr->type, &types, err);
	autoclose int btf = types.fd;
	if (r < 0)
		return r;
	attr->inner_map_fd = inner.fd < 0 ? 0 : (uint32_t)inner.fd;
	if (btf >= 0) {
		attr->btf_fd = (uint32_t)btf;
		attr->btf_key_type_id = types.key_id;
		attr->btf_value_type_id = types.value_id;
	}
	int fd = create_within_limits(inspect, attr);
	return fd < 0 ? fail_create(spec, attr->type, -fd, err) : fd;
}

int inspect_map_create(struct inspect *inspect, const struct inspect_map_spec *spec,
		       const char *path, bool no_mount, const struct inspect_note *note,
		       struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { 0 };
	struct abi_map_create_attr attr = {
		.key_size = spec->key_bytes,
		.value_size = spec->value_bytes,
		.max_entries = spec->max_entries,
		.map_flags = spec->flags,
		.map_extra = spec->map_extra,
	};

	ERROR_NEEDED(err);
	int r = find_type(spec->type, &attr.type, err);
	if (!r)
		r = bpffs_check(path, no_mount, &place, err);
	if (r < 0)
		return r;
	if (spec->name)
		memcpy(attr.name, spec->name, strnlen(spec->name, INSPECT_MAP_NAME_BYTES));
	if (spec->have & INSPECT_SPEC_HAS_NUMA_NODE) {
		attr.map_flags |= ABI_F_NUMA_NODE;
		attr.numa_node = spec->numa_node;
	}
	autoclose int fd = make(inspect, spec, &attr, err);
	if (fd < 0)
		return fd;
	return bpffs_pin(&inspect->sys, &place, fd, note, err);
}
