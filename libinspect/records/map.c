/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map.c - what the running kernel says of a map
 *
 * Newer kernels leave the members of the info struct alone that do not apply, so it must be zero
 * before each call, or one map shows facts of another.
 */
#include <string.h>

#include "base/cleanup.h"
#include "kernel/proc.h"
#include "records/device.h"
#include "records/kind.h"
#include "records/owners.h"
#include "records/pins.h"
#include "records/print.h"

void inspect_map_done(struct inspect_map *map)
{
	close_fd(map->fd);
	owners_done(&map->owners);
	*map = (struct inspect_map){ .fd = -1 };
}

static int map_read(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_map *out = record;
	struct abi_map_info info = { 0 };
	uint32_t length = sizeof(info);

	(void)want;
	int r = sys_info(&inspect->sys, fd, &info, &length);
	if (r < 0)
		return r;
	out->have |= INSPECT_MAP_HAS_INFO;
	out->id = info.id;
	out->type = info.type;
	out->type_name = names_get(&inspect->names, &inspect->sys, NAMES_MAP_TYPE, info.type);
	out->key_bytes = info.key_size;
	out->value_bytes = info.value_size;
	out->max_entries = info.max_entries;
	out->flags = info.map_flags;
	memcpy(out->name, info.name, sizeof(out->name) - 1);
	if (info.btf_id) {
		out->have |= INSPECT_MAP_HAS_BTF;
		out->btf_id = info.btf_id;
		out->btf_key_type_id = info.btf_key_type_id;
		out->btf_value_type_id = info.btf_value_type_id;
	}
	if (info.btf_vmlinux_value_type_id) {
		out->have |= INSPECT_MAP_HAS_KERNEL_BTF;
		out->btf_vmlinux_value_type_id = info.btf_vmlinux_value_type_id;
		out->btf_vmlinux_id = info.btf_vmlinux_id;
	}
	if (ABI_KNOWS(length, struct abi_map_info, map_extra)) {
		out->have |= INSPECT_MAP_HAS_EXTRA;
		out->map_extra = info.map_extra;
	}
	if (info.ifindex) {
		out->have |= INSPECT_MAP_HAS_DEVICE;
		device_read(&inspect->sys, info.ifindex, info.netns_dev, info.netns_ino,
			    &out->device);
	}
	return 0;
}

/* The kernel keeps 15 bytes of a map's name: a longer one is held against it by these. */
static bool map_fits(struct inspect *inspect, const struct inspect_ref *ref, void *record)
{
	(void)inspect;
	return strncmp(((const struct inspect_map *)record)->name, ref->text,
		       INSPECT_MAP_NAME_BYTES) == 0;
}

static void map_read_owners(struct inspect *inspect, unsigned want, struct inspect_map *map)
{
	bool is_known = owners_read(inspect, INSPECT_MAP, map->id, want, &map->owners);

	map->have |= is_known || map->owners.n ? INSPECT_MAP_HAS_OWNERS : 0;
	map->have |= map->owners.n ? INSPECT_MAP_HAS_OWNED : 0;
}

static void map_read_more(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_map *map = record;
	struct proc_fdinfo fdinfo;

	if (want & INSPECT_WANT_PINS && pins_find(inspect, INSPECT_MAP, map->id, &map->pinned))
		map->have |= INSPECT_MAP_HAS_PINS;

	if (want & INSPECT_WANT_OWNERS)
		map_read_owners(inspect, want, map);
	if (!(want & INSPECT_WANT_FDINFO) || proc_fdinfo_read(&inspect->sys, fd, map->id, &fdinfo))
		return;
	if (fdinfo.have & PROC_HAS_MEMLOCK) {
		map->have |= INSPECT_MAP_HAS_MEMLOCK;
		map->memlock_bytes = fdinfo.memlock;
	}
	if (fdinfo.have & PROC_HAS_FROZEN) {
		map->have |= INSPECT_MAP_HAS_FROZEN;
		map->is_frozen = fdinfo.frozen;
	}
	if (fdinfo.have & PROC_HAS_OWNER_TYPE) {
		map->have |= INSPECT_MAP_HAS_OWNER_TYPE;
		map->owner_prog_type = (unsigned)fdinfo.owner_prog_type;
		map->owner_prog_type_name = names_get(&inspect->names, &inspect->sys,
						      NAMES_PROG_TYPE, map->owner_prog_type);
	}
	if (fdinfo.have & PROC_HAS_OWNER_JITED) {
		map->have |= INSPECT_MAP_HAS_OWNER_JITED;
		map->is_owner_jited = fdinfo.owner_jited;
	}
}

static void map_keep(void *record, int fd)
{
	((struct inspect_map *)record)->fd = fd;
}

static void map_done(void *record)
{
	inspect_map_done(record);
}

const struct kind map_kind = {
	.noun = "map",
	.plural = "maps",
	.size = sizeof(struct inspect_map),
	.failed_at = offsetof(struct inspect_map, failed),
	.id_at = offsetof(struct inspect_map, id),
	.fd_at = offsetof(struct inspect_map, fd),
	.read = map_read,
	.fits = map_fits,
	.read_more = map_read_more,
	.keep = map_keep,
	.done = map_done,
};

#define M struct inspect_map

static const struct field map_fields[] = {
	FIELD(M, id, "id", "map id"),
	FIELD_AS(FIELD_ENUM, 0, M, type, "type", "map type", .names = NAMES_MAP_TYPE,
		 .name_at = offsetof(M, type_name)),
	FIELD(M, type, "type_id", "map type, the kernel's number", .flags = FIELD_STRICT),
	FIELD(M, name, "name", "name, at most 15 bytes"),
	FIELD(M, flags, "flags", "flags it was created with"),
	FIELD_AS(FIELD_OWN, INSPECT_MAP_HAS_DEVICE, M, device, "dev", "device it is bound to",
		 .own = device_put, .shape = DEVICE_SHAPE),
	FIELD(M, key_bytes, "bytes_key", "size of a key, bytes", .column = "key"),
	FIELD(M, value_bytes, "bytes_value", "size of a value, bytes", .column = "value"),
	FIELD(M, max_entries, "max_entries", "most elements it can hold"),
	FIELD_IF(INSPECT_MAP_HAS_MEMLOCK, M, memlock_bytes, "bytes_memlock",
		 "memory charged, bytes", .column = "memory", .want = INSPECT_WANT_FDINFO),
	FIELD_AS(FIELD_ENUM, INSPECT_MAP_HAS_OWNER_TYPE, M, owner_prog_type, "owner_prog_type",
		 "program arrays: type of the programs in it", .names = NAMES_PROG_TYPE,
		 .name_at = offsetof(M, owner_prog_type_name), .want = INSPECT_WANT_FDINFO),
	FIELD_IF(INSPECT_MAP_HAS_OWNER_TYPE, M, owner_prog_type, "owner_prog_type_id",
		 "the same, the kernel's number", .flags = FIELD_STRICT,
		 .want = INSPECT_WANT_FDINFO),
	FIELD_IF(INSPECT_MAP_HAS_OWNER_JITED, M, is_owner_jited, "owner_jited",
		 "program arrays: have the programs in it machine code?",
		 .want = INSPECT_WANT_FDINFO),
	FIELD_IF(INSPECT_MAP_HAS_FROZEN, M, is_frozen, "frozen", "can it only be read?",
		 .flags = FIELD_AS_NUMBER, .want = INSPECT_WANT_FDINFO),
	FIELD_IF(INSPECT_MAP_HAS_BTF, M, btf_id, "btf_id", "BTF object with its types"),
	FIELD_IF(INSPECT_MAP_HAS_PINS, M, pinned, "pinned", "where it is pinned",
		 .want = INSPECT_WANT_PINS),
	OWNERS_FIELDS(M, INSPECT_MAP_HAS_OWNERS, INSPECT_MAP_HAS_OWNED),
	FIELD_IF(INSPECT_MAP_HAS_BTF, M, btf_key_type_id, "btf_key_type_id",
		 "type of a key in it; 0 is none"),
	FIELD_IF(INSPECT_MAP_HAS_BTF, M, btf_value_type_id, "btf_value_type_id",
		 "type of a value in it; 0 is none"),
	FIELD_IF(INSPECT_MAP_HAS_KERNEL_BTF, M, btf_vmlinux_value_type_id,
		 "btf_vmlinux_value_type_id", "type of a value in the kernel's own BTF"),
	FIELD_IF(INSPECT_MAP_HAS_EXTRA, M, map_extra, "map_extra",
		 "what the type defines, such as a bloom filter's number of hashes"),
};

static void map_plain_line(struct out *out, const struct inspect_map *map)
{
	const char *type = names_of(NAMES_MAP_TYPE, map->type, map->type_name);

	out_if(out, type, "%u: %s  ", map->id, type);
	out_if(out, !type, "%u: type %u  ", map->id, map->type);
	out_if(out, map->name[0], "name %s  ", map->name);
	out_fmt(out, "flags 0x%x", map->flags);
	if (map->have & INSPECT_MAP_HAS_DEVICE)
		device_plain(out, &map->device);
	out_fmt(out, "\n");
}

static void map_plain_owner(struct out *out, const struct inspect_map *map)
{
	const char *type =
		names_of(NAMES_PROG_TYPE, map->owner_prog_type, map->owner_prog_type_name);
	bool has_type = map->have & INSPECT_MAP_HAS_OWNER_TYPE;
	bool has_jited = map->have & INSPECT_MAP_HAS_OWNER_JITED;

	if (!has_type && !has_jited)
		return;
	out_fmt(out, "\t");
	out_if(out, has_type && type, "owner_prog_type %s  ", type);
	out_if(out, has_type && !type, "owner_prog_type type %u  ", map->owner_prog_type);
	out_if(out, has_jited, map->is_owner_jited ? "owner jited" : "owner not jited");
	out_fmt(out, "\n");
}

static void map_plain(struct out *out, const void *record)
{
	const struct inspect_map *map = record;
	bool has_btf = map->have & INSPECT_MAP_HAS_BTF;
	bool is_frozen = map->have & INSPECT_MAP_HAS_FROZEN && map->is_frozen;

	map_plain_line(out, map);
	out_fmt(out, "\tkey %uB  value %uB", map->key_bytes, map->value_bytes);
	out_fmt(out, "  max_entries %u", map->max_entries);
	out_if(out, map->have & INSPECT_MAP_HAS_MEMLOCK, "  memlock %lluB", map->memlock_bytes);
	out_fmt(out, "\n");
	map_plain_owner(out, map);
	for (unsigned i = 0; map->have & INSPECT_MAP_HAS_PINS && i < map->pinned.n; i++)
		out_fmt(out, "\tpinned %s\n", map->pinned.strings[i]);
	out_if(out, has_btf || is_frozen, "\t");
	out_if(out, has_btf, "btf_id %u", map->btf_id);
	out_if(out, is_frozen, has_btf ? "  frozen" : "frozen");
	out_if(out, has_btf || is_frozen, "\n");
	if (map->have & INSPECT_MAP_HAS_OWNED)
		owners_plain(out, &map->owners);
}

void print_map_header(struct out *out, const struct inspect_map *map)
{
	map_plain_line(out, map);
}

const struct schema map_schema = {
	.name = "map",
	.fields = map_fields,
	.n = sizeof(map_fields) / sizeof(*map_fields),
	.columns = "id,type,name,key,value,max_entries,memory,flags",
	.plain = map_plain,
	.have_at = offsetof(struct inspect_map, have),
	.failed_at = offsetof(struct inspect_map, failed),
	.id_at = offsetof(struct inspect_map, id),
};
