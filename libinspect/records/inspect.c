/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * inspect.c - the handle: all state of the library
 */
#include "records/inspect.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"

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
	pins_done(&inspect->pins);
	cgroup_root_done(&inspect->cgroups);
	ksyms_done(&inspect->ksyms);
	free(inspect->xdp_links.links);
	sys_done(&inspect->sys);
	free(inspect);
}

/* BTF of the kernel's own objects is larger than any program's; what is beyond is not believed. */
#define BTF_BYTES_MAX (256u << 20)

/* All bytes of a BTF object, to be freed; NULL when they cannot be had. */
static uint8_t *btf_bytes(const struct sys *sys, uint32_t id, size_t *size)
{
	struct abi_btf_info info = { 0 };
	uint32_t length = sizeof(info);

	autoclose int fd = sys_open_id(sys, INSPECT_BTF, id);
	if (fd < 0 || sys_info(sys, fd, &info, &length) || !info.btf_size ||
	    info.btf_size > BTF_BYTES_MAX)
		return NULL;

	autofree uint8_t *bytes = malloc(info.btf_size);
	if (!bytes)
		return NULL;
	*size = info.btf_size;
	info = (struct abi_btf_info){
		.btf = (uint64_t)(uintptr_t)bytes,
		.btf_size = (uint32_t)*size,
	};
	length = sizeof(info);
	if (sys_info(sys, fd, &info, &length) || info.btf_size != *size)
		return NULL;
	return take_ptr(&bytes);
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
