/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - maps whose value is a struct of the kernel's with programs as its functions
 *
 * The wrapper has changed: since Linux 6.9 the state is in a member "common", and before that beside the
 * struct. Both are asked for by their names.
 */
#include "value/struct_ops.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "btf/text.h"
#include "records/one.h"
#include "records/pins.h"
#include "value/member.h"

#define STATE_PREFIX "BPF_STRUCT_OPS_STATE_"
#define NAMED_MOST 16 /* ids in a hint */

void struct_ops_map_done(struct struct_ops_map *map)
{
	inspect_map_done(&map->map);
	inspect_struct_ops_done(&map->shown);
	free(map->value);
	free(map->functions);
	*map = (struct struct_ops_map){ .map.fd = -1 };
}

int struct_ops_walk_init(struct struct_ops_walk *walk, struct inspect *inspect,
			 const struct inspect_ref *ref, unsigned want, struct inspect_error *err)
{
	*walk = (struct struct_ops_walk){ .inspect = inspect, .ref = ref, .want = want };
	return inspect_list_new(inspect, ref, INSPECT_WANT_FD, &walk->list, err);
}

void struct_ops_walk_done(struct struct_ops_walk *walk)
{
	inspect_list_free(walk->list);
	if (walk->has_types)
		btf_source_close(&walk->types);
	free(walk->links);
	*walk = (struct struct_ops_walk){ 0 };
}

static int open_types(struct struct_ops_walk *walk, const struct inspect_map *map,
		      struct inspect_error *err)
{
	if (walk->has_types && walk->btf_id == map->btf_vmlinux_id)
		return 0;
	if (walk->has_types)
		btf_source_close(&walk->types);
	walk->has_types = false;
	int r = btf_source_open_kernel(&walk->types, walk->inspect, map->btf_vmlinux_id, err);
	if (r < 0)
		return inspect_context(err, "types of the kernel");
	walk->has_types = true;
	walk->btf_id = map->btf_vmlinux_id;
	return 0;
}

static bool add_link(struct struct_ops_walk *walk, const struct inspect_link *link)
{
	size_t n = walk->n_links;

	if (!(n & (n - 1))) { /* the room is the next power of two */
		struct struct_ops_link *more =
			realloc(walk->links, (n ? 2 * n : 1) * sizeof(*walk->links));

		if (!more)
			return false;
		walk->links = more;
	}
	walk->links[walk->n_links++] = (struct struct_ops_link){ link->map_id, link->id };
	return true;
}

/* The links of all struct_ops maps. Where one link cannot be read, they are not known. */
static void read_links(struct struct_ops_walk *walk)
{
	const struct inspect_ref all = { .kind = INSPECT_LINK };
	struct inspect_list *list;
	struct inspect_link link;
	bool is_whole = true;
	int r;

	if (inspect_list_new(walk->inspect, &all, 0, &list, NULL))
		return;
	while ((r = inspect_list_next(list, &link, NULL)) > 0) {
		if (link.failed)
			is_whole = false;
		else if (link.type == ABI_LINK_TYPE_STRUCT_OPS && link.map_id)
			is_whole = add_link(walk, &link) && is_whole;
		inspect_link_done(&link);
	}
	inspect_list_free(list);
	walk->has_links = !r && is_whole;
}

static bool take_links(const struct struct_ops_walk *walk, struct struct_ops_map *map)
{
	struct inspect_ids *ids = &map->shown.link_ids;

	if (!walk->has_links)
		return false;
	ids->ids = calloc(walk->n_links + 1, sizeof(*ids->ids));
	for (size_t i = 0; ids->ids && i < walk->n_links; i++)
		if (walk->links[i].map_id == map->map.id)
			ids->ids[ids->n++] = walk->links[i].link_id;
	return ids->ids;
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* The kernel's word for a state, without what all of them begin with. */
static bool name_state(const struct btf_reader *btf, const struct btf_entry *states, uint32_t value,
		       char *out, size_t size)
{
	for (uint32_t i = 0; i < states->vlen; i++) {
		const char *name = btf_string(btf, btf_word(states->tail, 8 * (size_t)i));

		if (!name || btf_word(states->tail, 8 * (size_t)i + 4) != value)
			continue;
		if (text_has_prefix(name, STATE_PREFIX))
			name += strlen(STATE_PREFIX);
		snprintf(out, size, "%s", name);
		lower(out);
		return true;
	}
	return false;
}

static bool find_state(const struct btf_reader *btf, const struct btf_entry *wrapper,
		       struct member *out)
{
	struct btf_entry common;
	struct member at;

	if (member_find(btf, wrapper, "state", out))
		return true;
	if (!member_find(btf, wrapper, "common", &at) || !btf_type(btf, at.type_id, &common) ||
	    !member_find(btf, &common, "state", out))
		return false;
	out->offset += at.offset;
	return true;
}

static void read_state(const struct btf_reader *btf, const struct btf_entry *wrapper,
		       struct struct_ops_map *map)
{
	struct inspect_struct_ops *shown = &map->shown;
	struct btf_entry states;
	struct member at;

	if (!find_state(btf, wrapper, &at) || at.offset + 4 > map->map.value_bytes ||
	    !btf_type(btf, at.type_id, &states) || states.kind != KIND_ENUM ||
	    !name_state(btf, &states, btf_word(map->value, at.offset), shown->state,
			sizeof(shown->state)))
		return;
	shown->have |= INSPECT_STRUCT_OPS_HAS_STATE;
	shown->is_registered = strcmp(shown->state, "inuse") == 0;
	if (shown->have & INSPECT_STRUCT_OPS_HAS_LINKS && shown->link_ids.n)
		shown->is_registered = true;
	if (shown->have & INSPECT_STRUCT_OPS_HAS_LINKS || shown->is_registered)
		shown->have |= INSPECT_STRUCT_OPS_HAS_REGISTERED;
}

/* Is the member a pointer to a function? Then the number in its place. */
static bool function_at(const struct btf_reader *btf, const struct member *member,
			const struct struct_ops_map *map, uint64_t *out)
{
	uint32_t id = member->type_id;
	struct btf_entry entry;

	if (!btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &entry) || entry.kind != KIND_PTR ||
	    member->offset + sizeof(*out) > map->map.value_bytes)
		return false;
	id = entry.size_or_type;
	if (!btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &entry) ||
	    entry.kind != KIND_FUNC_PROTO)
		return false;
	memcpy(out, map->value + member->offset, sizeof(*out));
	return true;
}

/* Ids of programs stand where the struct has pointers to functions. */
static void read_functions(const struct btf_reader *btf, const struct btf_entry *wrapper,
			   struct struct_ops_map *map)
{
	struct inspect_ids *ids = &map->shown.prog_ids;
	struct btf_entry data;
	struct member at, inner;
	uint64_t prog;

	if (!member_find(btf, wrapper, "data", &at) || !btf_type(btf, at.type_id, &data))
		return;
	map->functions = calloc(data.vlen + 1ul, sizeof(*map->functions));
	ids->ids = calloc(data.vlen + 1ul, sizeof(*ids->ids));
	if (!map->functions || !ids->ids)
		return;
	for (uint32_t i = 0; i < data.vlen; i++) {
		if (!member_at(btf, &data, i, &inner))
			continue;
		inner.offset += at.offset;
		if (!function_at(btf, &inner, map, &prog) || !prog || prog > UINT32_MAX)
			continue;
		map->functions[map->n_functions++] =
			(struct struct_ops_function){ inner.name, (uint32_t)prog };
		ids->ids[ids->n++] = (unsigned)prog;
	}
	map->shown.have |= INSPECT_STRUCT_OPS_HAS_PROGS;
}

/* 0 also where the value cannot be read: then only the map itself is known. */
static int read_value(struct struct_ops_walk *walk, struct struct_ops_map *map,
		      struct inspect_error *err)
{
	const uint32_t key = 0;
	struct btf_entry wrapper;

	map->value = calloc(1, map->map.value_bytes + 4ul);
	if (!map->value)
		return inspect_fail(err, ENOMEM, "map %u: room for its value", map->map.id);
	int r = sys_lookup(&walk->inspect->sys, map->map.fd, &key, map->value);
	if (r < 0 || !btf_type(walk->types.btf, map->type_id, &wrapper)) {
		free(map->value);
		map->value = NULL;
		return 0;
	}
	read_state(walk->types.btf, &wrapper, map);
	read_functions(walk->types.btf, &wrapper, map);
	return 0;
}

static int read_map(struct struct_ops_walk *walk, struct struct_ops_map *map,
		    struct inspect_error *err)
{
	struct inspect_struct_ops *shown = &map->shown;

	int r = open_types(walk, &map->map, err);
	if (r < 0)
		return r;
	memcpy(shown->name, map->map.name, sizeof(shown->name));
	map->type_id = map->map.btf_vmlinux_value_type_id;
	if (!struct_ops_name_type(walk->types.btf, map->type_id, shown))
		return inspect_fail(err, EINVAL, "map %u: type %u of the kernel's is not there",
				    map->map.id, map->type_id);
	if (take_links(walk, map))
		shown->have |= INSPECT_STRUCT_OPS_HAS_LINKS;
	return walk->want & STRUCT_OPS_WANT_VALUE ? read_value(walk, map, err) : 0;
}

static int fail_type(const struct inspect_map *map, struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "%s id %u is not a struct_ops map", map->name, map->id);
}

int struct_ops_next(struct struct_ops_walk *walk, struct struct_ops_map *out,
		    struct inspect_error *err)
{
	AUTO(struct_ops_map_done) struct struct_ops_map map = { .map.fd = -1 };
	bool is_one = walk->ref->by == INSPECT_BY_ID || walk->ref->by == INSPECT_BY_PATH;
	int r;

	while ((r = inspect_list_next(walk->list, &map.map, err)) > 0) {
		if (map.map.failed || map.map.type == ABI_MAP_TYPE_STRUCT_OPS)
			break;
		if (is_one)
			return fail_type(&map.map, err);
		inspect_map_done(&map.map);
	}
	if (!r && walk->ref->by == INSPECT_BY_NAME && !walk->n_found)
		return inspect_fail(err, ENOENT, "no struct_ops found for %s", walk->ref->text);
	if (r <= 0)
		return r;
	if (!walk->n_found++ && walk->want & STRUCT_OPS_WANT_LINKS)
		read_links(walk);
	map.shown.id = map.map.id;
	map.shown.failed = map.map.failed;
	r = map.map.failed ? 0 : read_map(walk, &map, err);
	if (r < 0)
		return r;
	*out = map;
	map = (struct struct_ops_map){ .map.fd = -1 };
	return 1;
}

static int fail_several(struct struct_ops_walk *walk, const struct struct_ops_map *first,
			struct struct_ops_map *other, struct inspect_error *err)
{
	AUTO(buf_done) struct buf ids = { 0 };
	char digits[NUM_ROOM];
	int r = 1;

	buf_add(&ids, digits, num_format_u64(digits, first->map.id));
	for (unsigned n = 1; r > 0; n++) {
		buf_add_text(&ids, ", ");
		if (n < NAMED_MOST)
			buf_add(&ids, digits, num_format_u64(digits, other->map.id));
		else
			buf_add_text(&ids, "...");
		struct_ops_map_done(other);
		r = n < NAMED_MOST ? struct_ops_next(walk, other, NULL) : 0;
	}
	buf_add_char(&ids, '\0');
	inspect_fail(err, INSPECT_EUSAGE, "several struct_ops maps match this handle");
	return inspect_hint(err, "say which with 'id': %s", buf_failed(&ids) ? "?" : ids.bytes);
}

int struct_ops_one(struct struct_ops_walk *walk, struct struct_ops_map *out,
		   struct inspect_error *err)
{
	AUTO(struct_ops_map_done) struct struct_ops_map first = { .map.fd = -1 };
	AUTO(struct_ops_map_done) struct struct_ops_map other = { .map.fd = -1 };

	int r = struct_ops_next(walk, &first, err);
	if (r < 0)
		return r;
	if (!r)
		return inspect_fail(err, ENOENT, "no struct_ops map");
	if (first.map.failed)
		return inspect_fail(err, first.map.failed, "map %u", first.map.id);
	r = struct_ops_next(walk, &other, err);
	if (r < 0)
		return r;
	if (r > 0)
		return fail_several(walk, &first, &other, err);
	*out = first;
	first = (struct struct_ops_map){ .map.fd = -1 };
	return 0;
}

/* What keeps it registered is looked for now, since it says the way out. */
static int hint_links(struct inspect *inspect, const struct struct_ops_map *map,
		      struct inspect_error *err)
{
	const struct inspect_ids *links = &map->shown.link_ids;
	struct inspect_strings pins = { 0 };

	if (!(map->shown.have & INSPECT_STRUCT_OPS_HAS_LINKS))
		return inspect_hint(err, "it is registered by a link, whose end ends it");
	if (!links->n)
		return inspect_hint(err, "it is made for a link, and none has it attached");
	pins_begin(inspect);
	pins_find(inspect, INSPECT_LINK, links->ids[0], &pins);
	if (!pins.n)
		return inspect_hint(err,
				    "link %u has it attached, and is not pinned: 'link detach id "
				    "%u', or end the process that holds it ('link show id %u')",
				    links->ids[0], links->ids[0], links->ids[0]);
	return inspect_hint(err,
			    "link %u has it attached: 'link detach id %u', or remove its pin %s",
			    links->ids[0], links->ids[0], pins.strings[0]);
}

static int fail_unregister(struct inspect *inspect, const struct struct_ops_map *map, int code,
			   struct inspect_error *err)
{
	const struct inspect_struct_ops *ops = &map->shown;

	inspect_fail(err, code, "can't unload %s %s id %u", ops->type, ops->name, ops->id);
	if (code == EOPNOTSUPP)
		return hint_links(inspect, map, err);
	if (code == EINVAL || code == ENOENT)
		return inspect_hint(err, "it is not registered");
	if (code == EINPROGRESS)
		return inspect_hint(err,
				    "it was unregistered already, and something still uses it");
	return -code;
}

int inspect_struct_ops_unregister(struct inspect *inspect, const struct inspect_ref *ref,
				  struct inspect_struct_ops *out, struct inspect_error *err)
{
	AUTO(struct_ops_walk_done) struct struct_ops_walk walk = { 0 };
	AUTO(struct_ops_map_done) struct struct_ops_map map = { .map.fd = -1 };
	const uint32_t key = 0;

	ERROR_NEEDED(err);
	int r = struct_ops_walk_init(&walk, inspect, ref,
				     STRUCT_OPS_WANT_VALUE | STRUCT_OPS_WANT_LINKS, err);
	if (!r)
		r = struct_ops_one(&walk, &map, err);
	if (!r)
		r = one_reopen_map(inspect, ref, 0, &map.map, err);
	if (r < 0)
		return r;
	r = sys_delete(&inspect->sys, map.map.fd, &key);
	if (r < 0)
		return fail_unregister(inspect, &map, -r, err);
	*out = map.shown;
	map.shown = (struct inspect_struct_ops){ 0 };
	return 0;
}
