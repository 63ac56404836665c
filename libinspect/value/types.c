/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * types.c - of which types the keys and values of a map are
 */
#include "value/types.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "records/inspect.h"

/* A walk over types that are as large as the map's; an id of 0 is none. */
static int make_walk(const struct btf_reader *btf, uint32_t id, size_t size, const char *what,
		     enum walk_flavour flavour, struct walk **out, struct inspect_error *err)
{
	if (!id)
		return 0;

	int r = walk_new(btf, id, flavour, out, err);
	if (r < 0)
		return inspect_context(err, "type of the %ss", what);
	if (walk_size(*out) != size)
		return inspect_fail(err, EINVAL,
				    "type of the %ss: type %u has %zu bytes, a %s has %zu", what,
				    id, walk_size(*out), what, size);
	return 0;
}

static int make_walks(struct elem_types *types, const struct btf_reader *btf, struct type_ids ids,
		      const struct inspect_map *map, enum walk_flavour flavour,
		      struct inspect_error *err)
{
	int r = make_walk(btf, ids.key, map->key_bytes, "key", flavour, &types->key, err);
	if (r < 0)
		return r;
	if (flavour == WALK_STRICT && types->key)
		walk_be_exact(types->key);
	r = make_walk(btf, ids.value, map->value_bytes, "value", flavour, &types->value, err);
	return r < 0 ? r : 1;
}

static int from_kernel(struct elem_types *types, struct inspect *inspect,
		       const struct inspect_map *map, enum walk_flavour flavour,
		       struct inspect_error *err)
{
	const struct type_ids ids = { 0, map->btf_vmlinux_value_type_id };

	int r = btf_source_open_kernel(&types->kernel, inspect, map->btf_vmlinux_id, err);
	return r < 0 ? r : make_walks(types, types->kernel.btf, ids, map, flavour, err);
}

static int from_map(struct elem_types *types, struct inspect *inspect,
		    const struct inspect_map *map, enum walk_flavour flavour,
		    struct inspect_error *err)
{
	const struct type_ids ids = { map->btf_key_type_id, map->btf_value_type_id };
	const struct btf_reader *btf = inspect_btf_cached(inspect, map->btf_id);

	if (!btf)
		return inspect_fail(err, EINVAL, "BTF %u cannot be read", map->btf_id);
	return make_walks(types, btf, ids, map, flavour, err);
}

static int find_types(struct elem_types *types, struct inspect *inspect,
		      const struct inspect_map *map, enum walk_flavour flavour, bool may_borrow,
		      struct inspect_error *err)
{
	const struct btf_reader *btf;
	struct type_ids ids;

	if (map->have & INSPECT_MAP_HAS_KERNEL_BTF)
		return from_kernel(types, inspect, map, flavour, err);
	if (map->have & INSPECT_MAP_HAS_BTF && map->btf_value_type_id)
		return from_map(types, inspect, map, flavour, err);
	if (may_borrow)
		types->lender = type_ids_borrow(inspect, map, &btf, &ids);
	return types->lender ? make_walks(types, btf, ids, map, flavour, err) : 0;
}

int elem_types_init(struct elem_types *out, struct inspect *inspect, const struct inspect_map *map,
		    enum walk_flavour flavour, bool may_borrow, struct inspect_error *err)
{
	AUTO(elem_types_done) struct elem_types types = { 0 };

	int r = find_types(&types, inspect, map, flavour, may_borrow, err);
	if (r < 0)
		return inspect_context(err, "map %u", map->id);
	*out = types;
	types = (struct elem_types){ 0 };
	return r;
}

void elem_types_done(struct elem_types *types)
{
	walk_free(types->key);
	walk_free(types->value);
	btf_source_close(&types->kernel);
	*types = (struct elem_types){ 0 };
}
