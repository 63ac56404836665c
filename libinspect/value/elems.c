/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * elems.c - walks over the elements of a map
 *
 * A batch call reads thousands of elements at once; where the map type or the kernel has none, next
 * key and look-up do. Batches of hash maps go by buckets, those of all other maps by keys, and a
 * walk by keys begins anew when the key it stands on is deleted: the kernel does not tell. It shows
 * when the first key comes a second time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"
#include "records/inspect.h"
#include "value/kinds.h"

#define CURSOR_BYTES 4u /* hash maps have a 32-bit cursor, whatever the size of a key */

enum walk {
	WALK_BATCH,
	WALK_KEYS,
	WALK_OVER,
};

struct inspect_elems {
	const struct sys *sys;
	const struct inspect_map *map;
	const struct elems_kind *kind;
	enum walk walk;
	bool is_begun; /* the cursor, or the current key, is set */
	bool was_restarted;
	bool is_last_batch;
	size_t key_size;
	size_t value_size; /* bytes from one element's value to the next's */
	unsigned *cpus;
	unsigned n_cpus;
	unsigned char *keys;
	unsigned char *values;
	uint32_t room; /* elements in keys and values */
	uint32_t fill;
	uint32_t at;
	unsigned char *cursor; /* of the batch, or the current key */
	unsigned char *next;
	unsigned char *first; /* key of the whole walk */
	uint64_t steps;
	uint64_t end; /* how many steps there will be at most */
};

static size_t round_up(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

size_t elems_value_size(const struct inspect_map *map, unsigned n_cpus)
{
	unsigned flags = elems_kind_get(map->type)->flags;

	if (flags & ELEMS_PER_CPU)
		return round_up(map->value_bytes, 8) * n_cpus;
	if (flags & (ELEMS_MAP_ID | ELEMS_PROG_ID) && map->value_bytes < 4)
		return 4;
	return map->value_bytes;
}

static int set_room(struct inspect_elems *elems, uint32_t room)
{
	unsigned char *keys = calloc(room, elems->key_size ? elems->key_size : 1);
	unsigned char *values = calloc(room, elems->value_size ? elems->value_size : 1);

	if (!keys || !values) {
		free(keys);
		free(values);
		return -ENOMEM;
	}
	free(elems->keys);
	free(elems->values);
	elems->keys = keys;
	elems->values = values;
	elems->room = room;
	return 0;
}

static uint32_t first_room(const struct inspect_elems *elems)
{
	uint32_t room = elems_batch_room(elems->key_size + elems->value_size);
	uint32_t most = elems->map->max_entries;

	return most && most < room ? most : room;
}

static int elems_init(struct inspect_elems *elems, struct inspect_error *err)
{
	const struct inspect_map *map = elems->map;

	elems->key_size = map->key_bytes;
	elems->end = UINT64_MAX;
	if (elems->kind->keyless) {
		inspect_fail(err, EOPNOTSUPP, "map %u: list the elements", map->id);
		return inspect_hint(err, "%s", elems->kind->keyless);
	}
	if (!map->key_bytes) {
		inspect_fail(err, EOPNOTSUPP, "map %u: list the elements", map->id);
		return inspect_hint(err, "it has no keys");
	}
	if (elems->kind->flags & ELEMS_PER_CPU) {
		int n = proc_possible_cpus(elems->sys, &elems->cpus, err);

		if (n < 0)
			return inspect_context(err, "map %u", map->id);
		elems->n_cpus = (unsigned)n;
	}
	elems->value_size = elems_value_size(elems->map, elems->n_cpus);
	size_t cursor = elems->key_size > CURSOR_BYTES ? elems->key_size : CURSOR_BYTES;
	elems->cursor = calloc(1, cursor);
	elems->next = calloc(1, cursor);
	elems->first = calloc(1, cursor);
	if (!elems->cursor || !elems->next || !elems->first || set_room(elems, first_room(elems)))
		return inspect_fail(err, ENOMEM, "map %u: room for elements", map->id);
	return 0;
}

int inspect_elems_new(struct inspect *inspect, const struct inspect_map *map,
		      struct inspect_elems **out, struct inspect_error *err)
{
	struct inspect_elems *elems = calloc(1, sizeof(*elems));

	ERROR_NEEDED(err);
	if (!elems)
		return inspect_fail(err, ENOMEM, "map %u: read", map->id);
	elems->sys = &inspect->sys;
	elems->map = map;
	elems->kind = elems_kind_get(map->type);
	int r = elems_init(elems, err);
	if (r < 0) {
		inspect_elems_free(elems);
		return r;
	}
	*out = elems;
	return 0;
}

void inspect_elems_free(struct inspect_elems *elems)
{
	if (!elems)
		return;
	free(elems->cpus);
	free(elems->keys);
	free(elems->values);
	free(elems->cursor);
	free(elems->next);
	free(elems->first);
	free(elems);
}

bool inspect_elems_was_restarted(const struct inspect_elems *elems)
{
	return elems->was_restarted;
}

/* A walk by keys begins anew when its key is deleted: then it goes on once more, but not for ever. */
static void count_step(struct inspect_elems *elems, const unsigned char *key)
{
	uint64_t most = 2 * (uint64_t)elems->map->max_entries + ELEMS_BATCH;
	bool is_first = elems->steps && memcmp(key, elems->first, elems->key_size) == 0;

	if (!elems->steps)
		memcpy(elems->first, key, elems->key_size);
	if ((is_first || elems->steps == most) && !elems->was_restarted) {
		elems->was_restarted = true;
		elems->end = elems->steps == most ? most : 2 * elems->steps;
	}
	elems->steps++;
}

void elems_fill_value(const struct inspect_map *map, const unsigned *cpus, unsigned n_cpus,
		      const unsigned char *value, struct inspect_elem *out)
{
	unsigned flags = elems_kind_get(map->type)->flags;
	uint32_t id;

	if (flags & ELEMS_PER_CPU) {
		out->have |= INSPECT_ELEM_HAS_PER_CPU;
		out->per_cpu.bytes = value;
		out->per_cpu.size = map->value_bytes;
		out->per_cpu.stride = round_up(map->value_bytes, 8);
		out->per_cpu.cpus = cpus;
		out->per_cpu.n = n_cpus;
		return;
	}
	out->have |= INSPECT_ELEM_HAS_VALUE;
	out->value.bytes = value;
	out->value.size = map->value_bytes;
	if (!(flags & (ELEMS_MAP_ID | ELEMS_PROG_ID)))
		return;
	memcpy(&id, value, sizeof(id));
	if (flags & ELEMS_MAP_ID) {
		out->have |= INSPECT_ELEM_HAS_INNER_MAP;
		out->inner_map_id = id;
	} else {
		out->have |= INSPECT_ELEM_HAS_PROG;
		out->prog_id = id;
	}
}

static void fill_value(const struct inspect_elems *elems, const unsigned char *value,
		       struct inspect_elem *out)
{
	elems_fill_value(elems->map, elems->cpus, elems->n_cpus, value, out);
}

static void fill_elem(const struct inspect_elems *elems, const unsigned char *key,
		      struct inspect_elem *out)
{
	*out = (struct inspect_elem){
		.map_id = elems->map->id,
		.key = { key, elems->key_size },
	};
}

static int fail_read(const struct inspect_elems *elems, int code, struct inspect_error *err)
{
	return inspect_fail(err, code, "map %u: read elements", elems->map->id);
}

/* Does the first call's failure mean that there is no such call for this map? */
static bool means_no_batch(int code)
{
	return code == ERROR_ENOTSUPP || code == EOPNOTSUPP || code == EINVAL || code == EINTR ||
	       code == ENOMEM;
}

/* Reads the next batch. 1 when elements came or the way of reading changed, 0 at the end. */
static int read_batch(struct inspect_elems *elems, struct inspect_error *err)
{
	uint32_t count = elems->room;
	int r = sys_lookup_batch(elems->sys, elems->map->fd, elems->is_begun ? elems->cursor : NULL,
				 elems->next, elems->keys, elems->values, &count);

	elems->at = 0;
	elems->fill = 0;
	if (r == -ENOSPC) { /* a bucket holds more than there is room for */
		if (elems->room > UINT32_MAX / 4 || set_room(elems, 2 * elems->room))
			return fail_read(elems, ENOMEM, err);
		return 1;
	}
	/* EINTR: an older kernel met an empty slot. What it read is read again, key by key. */
	bool has_key_cursor = !(elems->kind->flags & ELEMS_BUCKETS);
	if ((!elems->is_begun && means_no_batch(-r)) || (r == -EINTR && has_key_cursor)) {
		elems->walk = WALK_KEYS;
		return 1;
	}
	if (r < 0 && r != -ENOENT)
		return fail_read(elems, -r, err);
	elems->fill = count;
	elems->is_last_batch = r == -ENOENT;
	if (count || r == 0) {
		unsigned char *last = elems->cursor;

		elems->cursor = elems->next;
		elems->next = last;
		elems->is_begun = true;
	}
	return 1;
}

static int next_of_batch(struct inspect_elems *elems, struct inspect_elem *out)
{
	const unsigned char *key = elems->keys + elems->at * elems->key_size;

	if (!(elems->kind->flags & ELEMS_BUCKETS))
		count_step(elems, key);
	fill_elem(elems, key, out);
	fill_value(elems, elems->values + elems->at * elems->value_size, out);
	elems->at++;
	return 1;
}

/* The value of the current key. 1 an element, 0 nothing to show here, or a negative errno. */
static int look_up(struct inspect_elems *elems, struct inspect_elem *out)
{
	unsigned flags = elems->kind->flags;
	int r = sys_lookup(elems->sys, elems->map->fd, elems->cursor, elems->values);

	fill_elem(elems, elems->cursor, out);
	if (!r) {
		fill_value(elems, elems->values, out);
		return 1;
	}
	if (r == -ENOENT && !(flags & ELEMS_SLOTS))
		return 0; /* an empty slot, or deleted meanwhile */
	out->have |= INSPECT_ELEM_HAS_REASON;
	out->reason_errno = -r;
	if (r == -ENOENT) {
		out->slot = INSPECT_SLOT_EMPTY;
		out->reason = "no entry";
	} else {
		out->slot = INSPECT_SLOT_WITHHELD;
		out->reason = elems_reason(elems->map->type, -r);
	}
	return 1;
}

static int next_by_key(struct inspect_elems *elems, struct inspect_elem *out,
		       struct inspect_error *err)
{
	for (;;) {
		int r = sys_next_key(elems->sys, elems->map->fd,
				     elems->is_begun ? elems->cursor : NULL, elems->next);

		if (r == -ENOENT) {
			elems->walk = WALK_OVER;
			return 0;
		}
		if (r < 0)
			return fail_read(elems, -r, err);
		unsigned char *last = elems->cursor;
		elems->cursor = elems->next;
		elems->next = last;
		elems->is_begun = true;
		count_step(elems, elems->cursor);
		if (elems->steps > elems->end)
			return 0;
		r = look_up(elems, out);
		if (r)
			return r;
	}
}

int inspect_elems_next(struct inspect_elems *elems, struct inspect_elem *out,
		       struct inspect_error *err)
{
	for (;;) {
		if (elems->steps >= elems->end)
			return 0;
		if (elems->at < elems->fill)
			return next_of_batch(elems, out);
		if (elems->walk == WALK_OVER || elems->is_last_batch)
			return 0;
		if (elems->walk == WALK_KEYS)
			return next_by_key(elems, out, err);
		int r = read_batch(elems, err);
		if (r <= 0)
			return r;
	}
}
