/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * target.c - a map that a verb works on, and the element that was typed
 */
#include "value/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"
#include "records/one.h"
#include "value/types.h"

#define PREFIX_BYTES 4u /* a key of a prefix map begins with the length of the prefix, in bits */

/* Opens the map, or takes the one that is open from the verb before. An id is never used twice. */
static int open_map(struct target *target, struct inspect_error *err)
{
	struct kept_map *kept = &target->inspect->kept;
	bool may_keep = kept->is_on && target->ref->by == INSPECT_BY_ID;

	if (!may_keep || kept->map.fd < 0 || kept->map.id != target->ref->id) {
		int r = one_open(target->inspect, target->ref, &target->map, err);

		if (r < 0 || !may_keep || target->map.type == ABI_MAP_TYPE_PROG_ARRAY)
			return r;
		kept_map_done(kept);
		kept->map = target->map;
	}
	target->map = kept->map;
	target->is_kept = true;
	return 0;
}

void target_done(struct target *target)
{
	if (target->is_kept)
		target->map.fd = -1;
	inspect_map_done(&target->map);
	data_done(&target->data);
	free(target->cpus);
	free(target->value);
	*target = (struct target){ .map.fd = -1 };
}

static int read_cpus(struct target *target, struct inspect_error *err)
{
	if (!(target->kind->flags & ELEMS_PER_CPU))
		return 0;
	int n = proc_possible_cpus(&target->inspect->sys, &target->cpus, err);
	if (n < 0)
		return inspect_context(err, "map %u", target->map.id);
	target->n_cpus = (unsigned)n;
	return 0;
}

static int find_cpu(struct target *target, struct inspect_error *err)
{
	if (!(target->data.have & DATA_CPU))
		return 0;
	for (unsigned i = 0; i < target->n_cpus; i++) {
		if (target->cpus[i] != target->data.cpu)
			continue;
		target->cpu_at = i;
		return 0;
	}
	inspect_fail(err, INSPECT_EUSAGE, "map %u: there is no CPU %u", target->map.id,
		     target->data.cpu);
	return inspect_hint(err, "/sys/devices/system/cpu/possible lists those that may ever be");
}

int target_check_prefix(const struct target *target, struct inspect_error *err)
{
	uint32_t length;

	if (target->map.type != ABI_MAP_TYPE_LPM_TRIE || !target->data.key)
		return 0;
	uint32_t most = (target->map.key_bytes - PREFIX_BYTES) * 8;
	memcpy(&length, target->data.key, sizeof(length));
	if (length <= most)
		return 0;
	inspect_fail(err, EINVAL, "map %u: prefix longer than %u", target->map.id, most);
	return inspect_hint(err,
			    "the first four bytes of the key are the length of its prefix: "
			    "here %u bits",
			    length);
}

/* The types of the map at hand, once words ask for them. */
struct asked_types {
	struct target *target;
	struct elem_types types;
	bool is_read;
};

static void asked_types_done(struct asked_types *asked)
{
	elem_types_done(&asked->types);
}

static int get_walk(void *context, enum data_part part, bool may_borrow, const struct walk **out,
		    struct inspect_error *err)
{
	struct asked_types *asked = context;
	struct elem_types *types = &asked->types;
	const struct inspect_map *map = &asked->target->map;

	int r = asked->is_read ? 1
			       : elem_types_init(types, asked->target->inspect, map, WALK_STRICT,
						 may_borrow, err);
	if (r < 0)
		return r;
	asked->is_read = r;
	if (!r && may_borrow)
		return inspect_fail(err, EINVAL,
				    "it has no BTF, and no program that uses it has its types");
	*out = part == DATA_KEY ? types->key : types->value;
	return 0;
}

static int parse(struct target *target, const struct inspect_words *words, unsigned takes,
		 unsigned needs, struct inspect_error *err)
{
	AUTO(asked_types_done) struct asked_types asked = { .target = target };
	bool is_filter = target->map.type == ABI_MAP_TYPE_BLOOM_FILTER;
	unsigned no = (target->map.key_bytes ? 0 : DATA_KEY) |
		      (target->kind->flags & ELEMS_PER_CPU ? 0 : DATA_CPU);
	if (is_filter && needs & DATA_KEY) { /* it is asked for values, as others for keys */
		takes |= DATA_VALUE;
		needs |= DATA_VALUE;
	}
	const struct data_need need = {
		.takes = (takes & ~no) | DATA_TYPED,
		.needs = needs & ~no,
		.key_bytes = target->map.key_bytes,
		.value_bytes = target->map.value_bytes,
		.is_reference = target->kind->flags & (ELEMS_MAP_ID | ELEMS_PROG_ID),
		.kind = target->kind->flags & ELEMS_PROG_ID ? INSPECT_PROG : INSPECT_MAP,
		.is_prefix = target->map.type == ABI_MAP_TYPE_LPM_TRIE,
		.get_walk = get_walk,
		.context = &asked,
	};

	int r = data_parse(&need, words, &target->data, err);
	if (r < 0)
		return inspect_context(err, "map %u", target->map.id);
	return 0;
}

static int target_init(struct target *target, const struct inspect_words *words, unsigned takes,
		       unsigned needs, struct inspect_error *err)
{
	int r = open_map(target, err);
	if (r < 0)
		return r;
	target->kind = elems_kind_get(target->map.type);
	if (target->kind->flags & ELEMS_OWN_FDS) {
		inspect_fail(err, EOPNOTSUPP, "map %u: name an element", target->map.id);
		return inspect_hint(err, "its keys are descriptors of the process that asks, and "
					 "cannot be given as words");
	}
	r = read_cpus(target, err);
	if (!r)
		r = parse(target, words, takes, needs, err);
	if (!r)
		r = find_cpu(target, err);
	if (!r)
		r = target_check_prefix(target, err);
	if (r < 0)
		return r;
	target->value_size = elems_value_size(&target->map, target->n_cpus);
	target->value = calloc(1, target->value_size ? target->value_size : 1);
	if (!target->value)
		return inspect_fail(err, ENOMEM, "map %u: room for a value", target->map.id);
	return 0;
}

int target_open(struct inspect *inspect, const struct inspect_ref *ref,
		const struct inspect_words *words, unsigned takes, unsigned needs,
		struct target *out, struct inspect_error *err)
{
	struct target target = { .inspect = inspect, .ref = ref, .map.fd = -1 };

	int r = target_init(&target, words, takes, needs, err);
	if (r < 0) {
		target_done(&target);
		return r;
	}
	*out = target;
	return 0;
}

int target_reopen(struct target *target, uint32_t rights, struct inspect_error *err)
{
	struct kept_map *kept = &target->inspect->kept;
	bool is_kept = target->is_kept;

	if (is_kept && rights == ABI_F_WRONLY && kept->write_fd >= 0) {
		target->map.fd = kept->write_fd;
		return 0;
	}
	if (is_kept)
		target->map.fd = -1; /* the one for reading stays */
	int r = one_reopen_map(target->inspect, target->ref, rights, &target->map, err);
	if (r < 0 || !is_kept)
		return r;
	if (rights == ABI_F_WRONLY)
		kept->write_fd = target->map.fd;
	else
		target->is_kept = false;
	return 0;
}

int target_is_absent(const struct target *target, unsigned char *next)
{
	const struct sys *sys = &target->inspect->sys;
	size_t size = target->map.key_bytes;

	autofree unsigned char *first = calloc(1, size ? size : 1);
	if (!first)
		return -ENOMEM;
	int r = sys_next_key(sys, target->map.fd, target->data.key, next);
	if (r < 0 && r != -ENOENT)
		return r;
	bool is_last = r < 0; /* or there are no keys at all */
	r = sys_next_key(sys, target->map.fd, NULL, first);
	if (is_last)
		return r == -ENOENT;
	return !r && memcmp(first, next, size) == 0;
}

bool target_is_frozen(const struct target *target)
{
	struct proc_fdinfo fdinfo;

	return !proc_fdinfo_read(&target->inspect->sys, target->map.fd, target->map.id, &fdinfo) &&
	       fdinfo.have & PROC_HAS_FROZEN && fdinfo.frozen;
}

bool target_is_beyond(const struct target *target)
{
	uint32_t index;

	if (!target->data.key || target->map.key_bytes != sizeof(index) ||
	    !(target->kind->flags & ELEMS_INDEX))
		return false;
	memcpy(&index, target->data.key, sizeof(index));
	return index >= target->map.max_entries;
}

static int hint_full(const struct target *target, struct inspect_error *err)
{
	if (target_is_beyond(target))
		return inspect_hint(err, "the last index of this map is %u",
				    target->map.max_entries - 1);
	return inspect_hint(err, "the map is full: it holds %u elements", target->map.max_entries);
}

bool target_takes_descriptors(unsigned map_type)
{
	switch (map_type) {
	case ABI_MAP_TYPE_PERF_EVENT_ARRAY:
	case ABI_MAP_TYPE_CGROUP_ARRAY:
	case ABI_MAP_TYPE_SOCKMAP:
	case ABI_MAP_TYPE_SOCKHASH:
	case ABI_MAP_TYPE_XSKMAP:
	case ABI_MAP_TYPE_REUSEPORT_SOCKARRAY:
		return true;
	default:
		return false;
	}
}

static int hint_invalid(const struct target *target, struct inspect_error *err)
{
	if (target->kind->flags & ELEMS_MAP_ID && target->data.have & DATA_VALUE)
		return inspect_hint(err, "the inner map must be like the one that the outer map "
					 "was made with: type, sizes, flags");
	if (target->kind->flags & ELEMS_PROG_ID && target->data.have & DATA_VALUE)
		return inspect_hint(err, "all programs of an array, and those that use it, must be "
					 "of one type");
	if (target_takes_descriptors(target->map.type) && target->data.have & DATA_VALUE)
		return inspect_hint(err, "a value of this type is a descriptor that this process "
					 "has open");
	if (!target->map.key_bytes && target->data.have & DATA_FLAG)
		return inspect_hint(err, "a map without keys takes no 'exist' or 'noexist'");
	return inspect_hint(err, "maps of this type do not allow that");
}

static int hint_missing(const struct target *target, struct inspect_error *err)
{
	if (target_is_beyond(target))
		return hint_full(target, err);
	if (target->data.flag == ABI_EXIST)
		return inspect_hint(err, "there is no such key, and 'exist' adds none");
	return inspect_hint(err, "there is no such key");
}

int target_fail(const struct target *target, const char *verb, int code, struct inspect_error *err)
{
	inspect_fail(err, code, "map %u: %s", target->map.id, verb);
	switch (code) {
	case EPERM:
		if (target_is_frozen(target))
			return inspect_hint(err, "the map is frozen: it can only be read");
		return -code;
	case EEXIST:
		return inspect_hint(err, "there is such a key; 'noexist' changes none");
	case ENOENT:
		return hint_missing(target, err);
	case E2BIG:
	case ENOSPC:
		return hint_full(target, err);
	case EBADF:
	case EINVAL:
		return hint_invalid(target, err);
	case EOPNOTSUPP:
	case ERROR_ENOTSUPP:
		return inspect_hint(err, "maps of this type do not allow that");
	default:
		return -code;
	}
}
