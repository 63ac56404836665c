/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_map.c - the elements of a map, as bpf(2) gives them out
 *
 * It follows the kernel's own functions, also where they are odd: a next key begins anew when the
 * key it is asked about is not there; a batch by buckets writes four bytes of cursor whatever the
 * size of a key.
 */
#include "fake_map.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/abi.h"

void fake_map_fill(struct fake_map *map, size_t key_size, size_t value_size, size_t n)
{
	assert_true(key_size <= FAKE_KEY_ROOM && value_size <= FAKE_VALUE_ROOM);
	map->key_size = key_size;
	map->value_size = value_size;
	map->n = n;
	map->elems = calloc(n + !n, sizeof(*map->elems));
	assert_non_null(map->elems);
	for (size_t i = 0; i < n; i++) {
		uint32_t key = (uint32_t)i, value = (uint32_t)i * 3;

		memcpy(map->elems[i].key, &key, key_size < 4 ? key_size : 4);
		memcpy(map->elems[i].value, &value, value_size < 4 ? value_size : 4);
		map->elems[i].bucket = (unsigned)i;
	}
}

void fake_map_done(struct fake_map *map)
{
	free(map->elems);
	*map = (struct fake_map){ 0 };
}

void fake_map_delete(struct fake_map *map, size_t i)
{
	map->elems[i].is_gone = true;
}

static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static struct fake_elem *find(const struct fake_map *map, const void *key)
{
	for (size_t i = 0; i < map->n; i++)
		if (!map->elems[i].is_gone && memcmp(map->elems[i].key, key, map->key_size) == 0)
			return &map->elems[i];
	return NULL;
}

/* The element behind @at, or the first one; NULL at the end. */
static struct fake_elem *behind(const struct fake_map *map, const struct fake_elem *at)
{
	for (size_t i = at ? (size_t)(at - map->elems) + 1 : 0; i < map->n; i++)
		if (!map->elems[i].is_gone)
			return &map->elems[i];
	return NULL;
}

static int next_key(const struct fake_map *map, const void *key, void *next)
{
	const struct fake_elem *elem = behind(map, key ? find(map, key) : NULL);

	if (!elem)
		return -ENOENT;
	memcpy(next, elem->key, map->key_size);
	return 0;
}

static int look_up(const struct fake_map *map, const void *key, void *value)
{
	const struct fake_elem *elem = find(map, key);

	if (!elem)
		return -ENOENT;
	if (elem->error)
		return -elem->error;
	memcpy(value, elem->value, map->value_size);
	return 0;
}

static void put(const struct fake_map *map, const struct abi_batch_attr *attr, uint32_t at,
		const struct fake_elem *elem)
{
	memcpy((char *)pointer(attr->keys) + at * map->key_size, elem->key, map->key_size);
	memcpy((char *)pointer(attr->values) + at * map->value_size, elem->value, map->value_size);
}

static int batch_by_keys(const struct fake_map *map, struct abi_batch_attr *attr)
{
	const void *in = pointer(attr->in_batch);
	const struct fake_elem *elem = behind(map, in ? find(map, in) : NULL), *last = NULL;
	uint32_t room = attr->count, n = 0;
	int r = 0;

	attr->count = 0;
	for (; n < room; elem = behind(map, elem)) {
		if (!elem) {
			r = -ENOENT;
			break;
		}
		if (elem->error == ENOENT && !map->has_old_batch)
			continue;
		if (elem->error == ENOENT) {
			r = -EINTR;
			break;
		}
		if (elem->error)
			return -elem->error;
		put(map, attr, n++, elem);
		last = elem;
	}
	attr->count = n;
	if (n)
		memcpy(pointer(attr->out_batch), last->key, map->key_size);
	return r;
}

static int batch_by_buckets(const struct fake_map *map, struct abi_batch_attr *attr)
{
	uint32_t bucket = 0, room = attr->count, n = 0;
	size_t at = 0;
	int r = 0;

	if (attr->in_batch)
		memcpy(&bucket, pointer(attr->in_batch), sizeof(bucket));
	while (at < map->n && map->elems[at].bucket < bucket)
		at++;
	while (at < map->n) {
		size_t end = at;
		uint32_t in_bucket = 0;

		for (bucket = map->elems[at].bucket;
		     end < map->n && map->elems[end].bucket == bucket; end++)
			in_bucket += !map->elems[end].is_gone;
		if (in_bucket > room - n) {
			r = n ? 0 : -ENOSPC;
			break;
		}
		for (; at < end; at++)
			if (!map->elems[at].is_gone)
				put(map, attr, n++, &map->elems[at]);
		bucket++;
	}
	if (at == map->n)
		r = -ENOENT;
	memcpy(pointer(attr->out_batch), &bucket, sizeof(bucket));
	attr->count = n;
	return r;
}

static int batch(struct fake_map *map, struct abi_batch_attr *attr)
{
	if (attr->count > map->largest_batch)
		map->largest_batch = attr->count;
	switch (map->batch) {
	case FAKE_BATCH_NONE:
		attr->count = 0;
		return -map->no_batch_error;
	case FAKE_BATCH_KEYS:
		return batch_by_keys(map, attr);
	case FAKE_BATCH_BUCKETS:
		return batch_by_buckets(map, attr);
	}
	return -EINVAL;
}

static int update(struct fake_map *map, const void *key, const void *value, uint64_t flags)
{
	struct fake_elem *elem = find(map, key);

	if (elem && flags == ABI_NOEXIST)
		return -EEXIST;
	if (!elem && flags == ABI_EXIST)
		return -ENOENT;
	for (size_t i = 0; !elem && i < map->n; i++)
		if (map->elems[i].is_gone)
			elem = &map->elems[i];
	if (!elem)
		return -E2BIG;
	if (elem->error)
		return -elem->error;
	memcpy(elem->key, key, map->key_size);
	memcpy(elem->value, value, map->value_size);
	elem->is_gone = false;
	return 0;
}

static int update_batch(struct fake_map *map, struct abi_batch_attr *attr)
{
	uint32_t wanted = attr->count;
	int r = 0;

	if (map->has_no_update_batch)
		return -map->no_batch_error;
	if (attr->elem_flags || attr->flags)
		return -EINVAL;
	for (attr->count = 0; attr->count < wanted; attr->count++) {
		const char *key = pointer(attr->keys), *value = pointer(attr->values);

		r = update(map, key + attr->count * map->key_size,
			   value + attr->count * map->value_size, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

int fake_map_call(struct fake_map *map, int cmd, void *attr)
{
	struct abi_elem_attr *elem = attr;
	int code = map->before ? map->before(map, cmd) : 0;

	if (code)
		return -code;
	switch (cmd) {
	case ABI_MAP_GET_NEXT_KEY:
		map->n_next_calls++;
		return next_key(map, pointer(elem->key), pointer(elem->value));
	case ABI_MAP_LOOKUP_ELEM:
		map->n_lookups++;
		return look_up(map, pointer(elem->key), pointer(elem->value));
	case ABI_MAP_LOOKUP_BATCH:
		map->n_batch_calls++;
		return batch(map, attr);
	case ABI_MAP_UPDATE_ELEM:
		map->n_updates++;
		return update(map, pointer(elem->key), pointer(elem->value), elem->flags);
	case ABI_MAP_UPDATE_BATCH:
		map->n_update_batches++;
		return update_batch(map, attr);
	default:
		return -EINVAL;
	}
}
