/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fill_check.c - what the kernel would refuse of some keys, before the first is written
 *
 * Which keys are there twice is found in several rounds where they are many: each round looks at those
 * whose hash falls into its part, so that the set of them stays small.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "value/fill.h"

#define PART_KEYS ((uint64_t)200 << 10) /* that a round is meant for: 2 MiB */
#define PARTS_MOST 16u			/* beyond so many, a round is for more keys */
#define PARTS_WALKED                                                                               \
	4u /* up to so many, a walk over the map each is faster than looking up each key */

/* Numbers of elements by the hash of their key; 0 is a free place. */
struct key_set {
	uint64_t *places; /* the higher half of the hash, then the number from 1 */
	uint64_t size;	  /* a power of two */
	uint64_t n;
	uint64_t seed;
	unsigned parts;
	unsigned part; /* the one of this round */
};

/* One look at all keys. */
struct key_check {
	struct fill *fill;
	struct key_set set;
	bool is_limited;    /* the map has room for max_entries, and no more */
	uint64_t there;	    /* elements that it has */
	uint64_t more;	    /* keys that it does not have */
	bool is_walked;	    /* which those are is found by a walk behind each round */
	unsigned char *key; /* room for one */
};

static void key_check_done(struct key_check *check)
{
	free(check->set.places);
	free(check->key);
}

static uint64_t hash(const struct key_set *set, const unsigned char *key, size_t size)
{
	uint64_t value = set->seed;

	for (size_t i = 0; i < size; i++)
		value = (value ^ key[i]) * 0x100000001b3u;
	value ^= value >> 32;
	value *= 0x9e3779b97f4a7c15u;
	return value ^ value >> 29;
}

static int init_set(struct key_set *set, uint64_t n, struct inspect_error *err)
{
	uint64_t parts = (n + PART_KEYS - 1) / PART_KEYS;

	set->parts = parts > PARTS_MOST ? PARTS_MOST : (unsigned)(parts + !parts);
	set->size = 4096;
	while (set->size < n / set->parts * 5 / 4)
		set->size *= 2;
	set->places = calloc(set->size, sizeof(*set->places));
	if (!set->places)
		return inspect_fail(err, ENOMEM, "compare the keys");
	if (getrandom(&set->seed, sizeof(set->seed), GRND_NONBLOCK) < 0)
		set->seed = (uintptr_t)set->places;
	return 0;
}

static void begin_round(struct key_set *set, unsigned part)
{
	set->part = part;
	set->n = 0;
	memset(set->places, 0, set->size * sizeof(*set->places));
}

/*
 * The number of the element that has this key, 0 where none has, or a negative error. Where only the room is
 * counted, keys with the same hash pass for one, which never refuses too much; reading each again would cost
 * more than all the rest.
 */
static int64_t find_key(const struct key_check *check, const unsigned char *key, uint64_t hashed,
			uint64_t *at, struct inspect_error *err)
{
	const struct spool *spool = &check->fill->spool;
	const struct key_set *set = &check->set;

	for (*at = hashed & (set->size - 1); set->places[*at]; *at = (*at + 1) & (set->size - 1)) {
		uint64_t other = set->places[*at] & UINT32_MAX;

		if (set->places[*at] >> 32 != hashed >> 32)
			continue;
		if (check->fill->how->flag != ABI_NOEXIST)
			return (int64_t)other;
		int r = spool_key(spool, other - 1, check->key, err);
		if (r < 0)
			return r;
		if (memcmp(check->key, key, spool->key_size) == 0)
			return (int64_t)other;
	}
	return 0;
}

/* The same, and adds it where none has. */
static int64_t add_key(struct key_check *check, const unsigned char *key, uint64_t hashed,
		       uint64_t number, struct inspect_error *err)
{
	struct key_set *set = &check->set;
	uint64_t at;

	int64_t other = find_key(check, key, hashed, &at, err);
	if (other)
		return other;
	if (++set->n > set->size - set->size / 8)
		return inspect_fail(err, ENOMEM, "compare the keys");
	set->places[at] = (hashed >> 32) << 32 | number;
	return 0;
}

/* 1 where the map has the key at hand, 0 where not, -1 where the kernel does not tell. */
static int is_there(struct key_check *check)
{
	struct target *target = &check->fill->target;

	if (target->map.type == ABI_MAP_TYPE_LPM_TRIE) { /* a look-up finds shorter prefixes too */
		int r = target_is_absent(target, check->key);

		return r < 0 ? -1 : !r;
	}
	int r = sys_lookup(&target->inspect->sys, target->map.fd, target->data.key, target->value);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? -1 : 1;
}

static int fail_twice(uint64_t number, struct inspect_error *err)
{
	inspect_fail(err, EEXIST, "key: it is that of another element");
	return inspect_hint(err,
			    "it is the key of the %lluth that has a value, too; 'noexist' "
			    "changes none",
			    (unsigned long long)number);
}

/* How many more elements the map has room for. */
static uint64_t free_of(const struct key_check *check)
{
	uint64_t most = check->fill->target.map.max_entries;

	if (!check->is_limited)
		return UINT64_MAX;
	return check->there < most ? most - check->there : 0;
}

static int fail_full(const struct key_check *check, struct inspect_error *err)
{
	const struct target *target = &check->fill->target;

	inspect_fail(err, E2BIG, "map %u: update", target->map.id);
	return inspect_hint(err,
			    "the map can hold %u elements, %llu more than it has, and in the file "
			    "are more new keys than that; nothing was written",
			    target->map.max_entries, (unsigned long long)free_of(check));
}

/* A key of this round. */
static int check_key(struct key_check *check, const unsigned char *key, uint64_t hashed,
		     uint64_t number, struct inspect_error *err)
{
	struct fill *fill = check->fill;
	const uint64_t flag = fill->how->flag;

	fill_set_key(fill, key);
	int there = check->is_walked ? 0 : is_there(check);
	if (flag == ABI_EXIST)
		return there ? 0 : target_fail(&fill->target, "update", ENOENT, err);
	if (flag == ABI_NOEXIST && there > 0)
		return target_fail(&fill->target, "update", EEXIST, err);
	if (there > 0)
		return 0;
	int64_t other = add_key(check, key, hashed, number, err);
	if (other > 0 && flag == ABI_NOEXIST)
		return fail_twice((uint64_t)other, err);
	if (other)
		return other < 0 ? (int)other : 0;
	check->more += !there;
	return !check->is_walked && check->more > free_of(check) ? fail_full(check, err) : 0;
}

static bool is_of_round(const struct key_check *check, uint64_t hashed)
{
	return (hashed >> 24) % check->set.parts == check->set.part;
}

static int check_block(struct key_check *check, uint32_t n, uint64_t before,
		       struct inspect_error *err)
{
	const struct spool *spool = &check->fill->spool;

	for (uint32_t i = 0; i < n; i++) {
		const unsigned char *key = spool->keys + i * spool->key_size;
		uint64_t hashed = hash(&check->set, key, spool->key_size);

		if (!is_of_round(check, hashed))
			continue;
		int r = check_key(check, key, hashed, before + i + 1, err);
		if (r < 0)
			return fill_context(check->fill, &spool->places[i], err);
	}
	return 0;
}

/* The keys of this round that the map has are no new ones. */
static int walk_map(struct key_check *check, struct inspect_error *err)
{
	struct inspect_elems *elems;
	struct inspect_elem elem;
	uint64_t at;

	check->there = 0;
	int r = inspect_elems_new(check->fill->target.inspect, &check->fill->target.map, &elems,
				  err);
	if (r < 0)
		return r;
	while ((r = inspect_elems_next(elems, &elem, err)) > 0) {
		uint64_t hashed = hash(&check->set, elem.key.bytes, elem.key.size);
		int64_t other = 0;

		if (is_of_round(check, hashed))
			other = find_key(check, elem.key.bytes, hashed, &at, err);
		if (other < 0)
			r = (int)other;
		if (r < 0)
			break;
		check->there++;
		check->more -= other && check->more;
	}
	inspect_elems_free(elems);
	return r;
}

static int check_round(struct key_check *check, struct inspect_error *err)
{
	struct spool *spool = &check->fill->spool;
	uint64_t before = 0;
	int n, r = spool_rewind(spool, err);

	while (!r && (n = spool_next(spool, err)) != 0) {
		r = n < 0 ? n : check_block(check, (uint32_t)n, before, err);
		before += n > 0 ? (uint64_t)n : 0;
	}
	return r || !check->is_walked ? r : walk_map(check, err);
}

/* Does a key that is new to the map need room, of which there is only so much? */
static bool has_limit(unsigned map_type)
{
	switch (map_type) {
	case ABI_MAP_TYPE_HASH:
	case ABI_MAP_TYPE_PERCPU_HASH:
	case ABI_MAP_TYPE_HASH_OF_MAPS:
	case ABI_MAP_TYPE_LPM_TRIE:
	case ABI_MAP_TYPE_DEVMAP_HASH:
		return true;
	default:
		return false;
	}
}

/* How many elements the map has; more than @enough are not counted. */
static int count_elements(const struct fill *fill, uint64_t enough, uint64_t *out,
			  struct inspect_error *err)
{
	struct inspect_elems *elems;
	struct inspect_elem elem;

	*out = 0;
	int r = inspect_elems_new(fill->target.inspect, &fill->target.map, &elems, err);
	if (r < 0)
		return r;
	while (*out <= enough && (r = inspect_elems_next(elems, &elem, err)) > 0)
		++*out;
	inspect_elems_free(elems);
	return r < 0 ? r : 0;
}

/* A queue has no keys to look for, only a length. */
static int check_length(const struct fill *fill, struct inspect_error *err)
{
	const struct inspect_map *map = &fill->target.map;

	if (map->type == ABI_MAP_TYPE_BLOOM_FILTER || fill->how->flag == ABI_EXIST ||
	    fill->spool.n <= map->max_entries)
		return 0;
	inspect_fail(err, E2BIG, "%s: map %u: update", fill->name, map->id);
	return inspect_hint(err,
			    "the map can hold %u elements, and in the file are %llu; nothing "
			    "was written",
			    map->max_entries, (unsigned long long)fill->spool.n);
}

/* All rounds; where the map is walked, what was found comes of it in the end. */
static int check_rounds(struct key_check *check, struct inspect_error *err)
{
	int r = 0;

	for (unsigned part = 0; !r && part < check->set.parts; part++) {
		begin_round(&check->set, part);
		r = check_round(check, err);
	}
	if (r || !check->is_walked || check->more <= free_of(check))
		return r;
	fail_full(check, err);
	return inspect_context(err, "%s", check->fill->name);
}

int fill_check_keys(struct fill *fill, struct inspect_error *err)
{
	AUTO(key_check_done) struct key_check check = { .fill = fill };
	const uint64_t n = fill->spool.n, most = fill->target.map.max_entries;
	const bool is_any = fill->how->flag == ABI_ANY;
	const uint64_t spare = most > n ? most - n : 0;
	int r = 0;

	if (!fill->spool.key_size || !n)
		return n ? check_length(fill, err) : 0;
	check.is_limited = fill->how->flag != ABI_EXIST && has_limit(fill->target.map.type);
	if (is_any && check.is_limited)
		r = count_elements(fill, spare, &check.there, err);
	if (r < 0 || (is_any && (!check.is_limited || check.there + n <= most)))
		return r;
	check.key = malloc(fill->spool.key_size);
	if (!check.key)
		return inspect_fail(err, ENOMEM, "compare the keys");
	r = init_set(&check.set, n, err);
	check.is_walked = is_any && check.set.parts <= PARTS_WALKED;
	if (!r && check.is_limited && !check.is_walked)
		r = count_elements(fill, UINT64_MAX, &check.there, err);
	return r ? r : check_rounds(&check, err);
}
