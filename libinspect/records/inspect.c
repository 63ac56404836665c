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

/* The base stays. */
static void cache_drop(struct btf_cache *cache)
{
	if (cache->id)
		btf_done(&cache->btf);
	free(cache->bytes);
	cache->bytes = NULL;
	cache->id = 0;
}

static void cache_done(struct btf_cache *cache)
{
	cache_drop(cache);
	btf_file_done(&cache->kernel);
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
	cgroup_root_done(&inspect->cgroups);
	ksyms_done(&inspect->ksyms);
	free(inspect->xdp_links.links);
	sys_done(&inspect->sys);
	free(inspect);
}

/* What the object says of itself, and all its bytes, to be freed; NULL when they cannot be had. */
static uint8_t *btf_bytes(const struct sys *sys, uint32_t id, struct btf_info *info)
{
	uint8_t *bytes = NULL;

	autoclose int fd = sys_open_id(sys, INSPECT_BTF, id);
	if (fd < 0 || btf_info_read(sys, fd, info) || btf_bytes_read(sys, fd, info->size, &bytes))
		return NULL;
	return bytes;
}

static int cache_read(struct btf_cache *cache, const struct sys *sys, uint32_t id)
{
	struct btf_info info;

	cache->bytes = btf_bytes(sys, id, &info);
	if (!cache->bytes)
		return -ENOENT;
	bool is_module = btf_is_module(&info);
	int r = is_module && !cache->kernel.bytes ? btf_kernel_init(&cache->kernel, sys, NULL) : 0;
	return r < 0 ? r
		     : btf_init(&cache->btf, cache->bytes, info.size,
				is_module ? &cache->kernel.btf : NULL, NULL);
}

const struct btf_reader *inspect_btf_cached(struct inspect *inspect, uint32_t id)
{
	struct btf_cache *cache = &inspect->cache;

	if (cache->id == id)
		return &cache->btf;
	cache_drop(cache);
	if (cache_read(cache, &inspect->sys, id)) {
		cache_drop(cache);
		return NULL;
	}
	cache->id = id;
	return &cache->btf;
}
