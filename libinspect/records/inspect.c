/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * inspect.c - the handle: all state of the library
 */
#include "records/inspect.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "records/btf.h"

int inspect_open(struct inspect **out, struct inspect_error *err)
{
	struct inspect *inspect = calloc(1, sizeof(*inspect));

	if (!inspect)
		return inspect_fail(err, ENOMEM, "open the inspector");
	sys_init(&inspect->sys);
	inspect->kept = (struct kept_map){ .map.fd = -1, .write_fd = -1 };
	*out = inspect;
	return 0;
}

static void cache_done(struct btf_cache *cache)
{
	if (cache->id)
		btf_done(&cache->btf);
	free(cache->bytes);
	*cache = (struct btf_cache){ 0 };
}

void kept_map_done(struct kept_map *kept)
{
	inspect_map_done(&kept->map);
	close_fd(kept->write_fd);
	kept->write_fd = -1;
}

void inspect_keep_open(struct inspect *inspect, bool is_on)
{
	kept_map_done(&inspect->kept);
	inspect->kept.is_on = is_on;
}

void inspect_close(struct inspect *inspect)
{
	if (!inspect)
		return;
	cache_done(&inspect->cache);
	names_done(&inspect->names);
	holders_done(&inspect->owners.holders);
	inspect_keep_open(inspect, false);
	users_done(&inspect->users);
	pins_done(&inspect->pins);
	sys_done(&inspect->sys);
	free(inspect);
}

/* All bytes of a BTF object, to be freed; NULL when they cannot be had. */
static uint8_t *btf_bytes(const struct sys *sys, uint32_t id, size_t *size)
{
	struct btf_info info;
	uint8_t *bytes = NULL;

	autoclose int fd = sys_open_id(sys, INSPECT_BTF, id);
	if (fd < 0 || btf_info_read(sys, fd, &info) || btf_bytes_read(sys, fd, info.size, &bytes))
		return NULL;
	*size = info.size;
	return bytes;
}

const struct btf_reader *inspect_btf_cached(struct inspect *inspect, uint32_t id)
{
	struct btf_cache *cache = &inspect->cache;
	size_t size = 0;

	if (cache->id == id)
		return &cache->btf;
	cache_done(cache);
	cache->bytes = btf_bytes(&inspect->sys, id, &size);
	if (!cache->bytes || btf_init(&cache->btf, cache->bytes, size, NULL, NULL)) {
		cache_done(cache);
		return NULL;
	}
	cache->id = id;
	return &cache->btf;
}
