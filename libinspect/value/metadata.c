/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * metadata.c - what a program says of itself: its variables bpf_metadata_*
 *
 * They are constants, so they stand in the map of a section .rodata, and its BTF has their names and
 * types. The map may be anybody's: nothing in it is believed.
 */
#include "value/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "kernel/abi.h"
#include "records/inspect.h"
#include "records/print.h"
#include "value/walk.h"

#define PREFIX "bpf_metadata_"
#define SECTION ".rodata"
#define VARIABLES_MOST 1024u /* that are shown */
#define MEMBER_BYTES 12	     /* of a section's variable in BTF: its type, offset and size */

struct metadata {
	struct inspect_metadata shown; /* first */
	struct inspect *inspect;
	uint32_t btf_id;
	uint32_t section_id;
	uint32_t size;
	unsigned char bytes[];
};

struct variable {
	const char *name; /* without the prefix */
	uint32_t type_id;
	uint32_t offset;
	uint32_t size;
};

/* The variable at @index of the section, if it is metadata. */
static bool read_variable(const struct btf_reader *btf, const struct btf_entry *section,
			  uint32_t index, struct variable *out)
{
	const size_t at = (size_t)index * MEMBER_BYTES;
	struct btf_entry variable;

	if (!btf_type(btf, btf_word(section->tail, at), &variable) || variable.kind != KIND_VAR ||
	    !text_has_prefix(variable.name, PREFIX))
		return false;
	*out = (struct variable){
		.name = variable.name + strlen(PREFIX),
		.type_id = variable.size_or_type,
		.offset = btf_word(section->tail, at + 4),
		.size = btf_word(section->tail, at + 8),
	};
	return true;
}

/* Variables of several sources may have one name: a key comes once, for the first. */
static bool is_first(const struct btf_reader *btf, const struct btf_entry *section, uint32_t index,
		     const char *name)
{
	struct variable other;

	for (uint32_t i = 0; i < index; i++)
		if (read_variable(btf, section, i, &other) && strcmp(other.name, name) == 0)
			return false;
	return true;
}

/* Steps to the next variable that is shown; @index is where to go on. */
static bool next_variable(const struct btf_reader *btf, const struct btf_entry *section,
			  uint32_t *index, struct variable *out)
{
	while (*index < section->vlen) {
		uint32_t i = (*index)++;

		if (read_variable(btf, section, i, out) && is_first(btf, section, i, out->name))
			return true;
	}
	return false;
}

static bool find_section(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	return btf && btf_type(btf, id, out) && out->kind == KIND_DATASEC;
}

static void put_variable(const struct metadata *metadata, const struct btf_reader *btf,
			 const struct variable *variable, enum walk_flavour flavour,
			 struct sink *sink, const char *key)
{
	uint32_t left = variable->offset < metadata->size ? metadata->size - variable->offset : 0;
	uint32_t size = variable->size < left ? variable->size : left;
	const unsigned char *bytes = metadata->bytes + (left ? variable->offset : 0);
	struct walk *walk;

	if (walk_new(btf, variable->type_id, flavour, &walk, NULL)) {
		sink_bytes(sink, key, bytes, size);
		return;
	}
	walk_put(walk, sink, key, bytes, size);
	walk_free(walk);
}

static void put(const struct inspect_metadata *shown, struct sink *sink, const char *key)
{
	const struct metadata *metadata = (const struct metadata *)shown;
	enum walk_flavour flavour = sink_is_compatible(sink) ? WALK_JSON : WALK_STRICT;
	const struct btf_reader *btf = inspect_btf_cached(metadata->inspect, metadata->btf_id);
	struct btf_entry section;
	struct variable variable;
	uint32_t index = 0;

	if (!find_section(btf, metadata->section_id, &section))
		return;
	sink_open_record(sink, key);
	for (unsigned n = 0; n < VARIABLES_MOST && next_variable(btf, &section, &index, &variable);
	     n++)
		put_variable(metadata, btf, &variable, flavour, sink, variable.name);
	sink_close(sink);
}

/* A value as compact JSON, on one line. */
static void plain_variable(const struct metadata *metadata, const struct btf_reader *btf,
			   const struct variable *variable, struct out *out)
{
	AUTO(buf_done) struct buf text = { 0 };
	autofree struct out *memory = malloc(sizeof(*memory));
	struct sink json;

	if (!memory)
		return;
	out_init_memory(memory, &text);
	sink_init(&json, memory, SINK_JSON, false, NULL);
	put_variable(metadata, btf, variable, WALK_PLAIN, &json, NULL);
	sink_finish(&json);
	sink_done(&json);
	out_fmt(out, "\t\t%s = ", variable->name);
	out_bytes(out, text.bytes, text.size); /* a new line is its last byte */
}

static void plain(const struct inspect_metadata *shown, struct out *out)
{
	const struct metadata *metadata = (const struct metadata *)shown;
	const struct btf_reader *btf = inspect_btf_cached(metadata->inspect, metadata->btf_id);
	struct btf_entry section;
	struct variable variable;
	uint32_t index = 0;

	if (!find_section(btf, metadata->section_id, &section))
		return;
	out_fmt(out, "\tmetadata:\n");
	for (unsigned n = 0; n < VARIABLES_MOST && next_variable(btf, &section, &index, &variable);
	     n++)
		plain_variable(metadata, btf, &variable, out);
}

static void done(struct inspect_metadata *shown)
{
	free(shown);
}

static bool is_constants(const struct inspect_map *map)
{
	return map->type == ABI_MAP_TYPE_ARRAY && map->key_bytes == sizeof(uint32_t) &&
	       map->max_entries == 1 && map->have & INSPECT_MAP_HAS_BTF && map->btf_value_type_id &&
	       strstr(map->name, SECTION);
}

/* Opens the first map of constants. */
static bool find_map(struct inspect *inspect, const struct inspect_ids *ids,
		     struct inspect_map *out)
{
	for (unsigned i = 0; i < ids->n; i++) {
		uint32_t *other = &inspect->other_maps[ids->ids[i] % OTHER_MAPS];
		const struct inspect_ref ref = {
			.kind = INSPECT_MAP,
			.by = INSPECT_BY_ID,
			.id = ids->ids[i],
		};
		struct inspect_list *list;

		if (*other == ids->ids[i])
			continue; /* programs share maps */
		if (inspect_list_new(inspect, &ref, INSPECT_WANT_FD, &list, NULL))
			return false;
		int r = inspect_list_next(list, out, NULL);
		inspect_list_free(list);
		if (r > 0 && !out->failed && is_constants(out))
			return true;
		if (r > 0) {
			*other = ids->ids[i];
			inspect_map_done(out);
		}
	}
	return false;
}

static bool has_variables(struct inspect *inspect, const struct inspect_map *map)
{
	const struct btf_reader *btf = inspect_btf_cached(inspect, map->btf_id);
	struct btf_entry section;
	struct variable variable;
	uint32_t index = 0;

	return find_section(btf, map->btf_value_type_id, &section) &&
	       next_variable(btf, &section, &index, &variable);
}

void metadata_read(struct inspect *inspect, struct inspect_prog *prog)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	const uint32_t key = 0;

	if (!find_map(inspect, &prog->map_ids, &map) || !has_variables(inspect, &map))
		return;
	autofree struct metadata *metadata = calloc(1, sizeof(*metadata) + map.value_bytes);
	if (!metadata || sys_lookup(&inspect->sys, map.fd, &key, metadata->bytes))
		return;
	metadata->shown = (struct inspect_metadata){ .put = put, .plain = plain, .done = done };
	metadata->inspect = inspect;
	metadata->btf_id = map.btf_id;
	metadata->section_id = map.btf_value_type_id;
	metadata->size = map.value_bytes;
	prog->metadata = &take_ptr(&metadata)->shown;
	prog->have |= INSPECT_PROG_HAS_METADATA;
}
