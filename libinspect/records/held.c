/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * held.c - which links and programs hold an object
 *
 * The kernel counts holders and does not name them. What can be asked is the other way round: what each link
 * and each program has.
 */
#include "records/held.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"

static size_t count(const struct held *held)
{
	return held->objects.size / sizeof(struct held_object);
}

static struct held_object *all(const struct held *held)
{
	return (struct held_object *)(void *)held->objects.bytes;
}

void held_add(struct held *held, enum inspect_kind kind, unsigned id)
{
	const struct held_object object = { .kind = kind, .id = id };

	buf_add(&held->objects, &object, sizeof(object));
}

void held_done(struct held *held)
{
	for (size_t i = 0; i < count(held); i++) {
		free(all(held)[i].link_ids.ids);
		free(all(held)[i].prog_ids.ids);
	}
	buf_done(&held->objects);
}

static int compare(const void *a, const void *b)
{
	const struct held_object *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return left->id < right->id ? -1 : left->id > right->id;
}

static void sort(struct held *held)
{
	size_t n = count(held), kept = 0;

	if (!n)
		return;
	qsort(all(held), n, sizeof(struct held_object), compare);
	for (size_t i = 1; i < n; i++)
		if (compare(&all(held)[kept], &all(held)[i]))
			all(held)[++kept] = all(held)[i];
	held->objects.size = (kept + 1) * sizeof(struct held_object);
}

static struct held_object *find(const struct held *held, enum inspect_kind kind, unsigned id)
{
	const struct held_object wanted = { .kind = kind, .id = id };

	return count(held) ? bsearch(&wanted, all(held), count(held), sizeof(wanted), compare)
			   : NULL;
}

const struct held_object *held_find(const struct held *held, enum inspect_kind kind, unsigned id)
{
	return find(held, kind, id);
}

static int add_id(struct inspect_ids *ids, unsigned id)
{
	bool is_full = !(ids->n & (ids->n - 1)); /* room doubles at powers of two */
	unsigned *more =
		is_full ? realloc(ids->ids, (ids->n ? 2 * ids->n : 1) * sizeof(*more)) : ids->ids;

	if (!more)
		return -ENOMEM;
	ids->ids = more;
	ids->ids[ids->n++] = id;
	return 0;
}

static int add_link(struct held *held, const struct inspect_link *link)
{
	struct held_object *prog = find(held, INSPECT_PROG, link->prog_id);
	struct held_object *traced = find(held, INSPECT_PROG, link->target_prog_id);
	struct held_object *map =
		link->have & INSPECT_LINK_HAS_MAP_ID ? find(held, INSPECT_MAP, link->map_id) : NULL;
	int r = prog ? add_id(&prog->link_ids, link->id) : 0;

	if (!r && traced && traced != prog)
		r = add_id(&traced->link_ids, link->id);
	return !r && map ? add_id(&map->link_ids, link->id) : r;
}

static int read_links(struct inspect *inspect, struct held *held)
{
	const struct inspect_ref every = { .kind = INSPECT_LINK, .by = INSPECT_BY_ALL };
	struct inspect_list *list;
	struct inspect_link link;
	struct inspect_error err;
	bool some_failed = false;

	int r = inspect_list_new(inspect, &every, INSPECT_WANT_LINK_TARGETS, &list, &err);
	if (r < 0)
		return r;
	while ((r = inspect_list_next(list, &link, &err)) > 0) {
		some_failed = some_failed || link.failed;
		r = link.failed ? 0 : add_link(held, &link);
		inspect_link_done(&link);
		if (r < 0)
			break;
	}
	inspect_list_free(list);
	held->has_links = !r && !some_failed;
	return r == -ENOMEM ? r : 0;
}

static int add_prog(struct held *held, const struct inspect_prog *prog)
{
	int r = 0;

	for (unsigned i = 0; i < prog->map_ids.n && !r; i++) {
		struct held_object *map = find(held, INSPECT_MAP, prog->map_ids.ids[i]);

		r = map ? add_id(&map->prog_ids, prog->id) : 0;
	}
	return r;
}

static int read_progs(struct inspect *inspect, struct held *held)
{
	const struct inspect_ref every = { .kind = INSPECT_PROG, .by = INSPECT_BY_ALL };
	struct inspect_list *list;
	struct inspect_prog prog;
	struct inspect_error err;
	bool some_failed = false;

	int r = inspect_list_new(inspect, &every, INSPECT_WANT_MAP_IDS, &list, &err);
	if (r < 0)
		return r;
	while ((r = inspect_list_next(list, &prog, &err)) > 0) {
		some_failed = some_failed || prog.failed;
		r = prog.failed ? 0 : add_prog(held, &prog);
		inspect_prog_done(&prog);
		if (r < 0)
			break;
	}
	inspect_list_free(list);
	held->has_progs = !r && !some_failed;
	return r == -ENOMEM ? r : 0;
}

int held_read(struct inspect *inspect, struct held *held)
{
	bool has_maps = false;

	if (buf_failed(&held->objects))
		return -ENOMEM;
	sort(held);
	for (size_t i = 0; i < count(held); i++)
		has_maps = has_maps || all(held)[i].kind == INSPECT_MAP;
	int r = count(held) ? read_links(inspect, held) : 0;
	return !r && has_maps ? read_progs(inspect, held) : r;
}

int held_is_there(struct inspect *inspect, enum inspect_kind kind, unsigned id)
{
	uint32_t next = 0;
	int r = id ? sys_next_id(&inspect->sys, kind, id - 1, &next) : -ENOENT;

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : next == id;
}
