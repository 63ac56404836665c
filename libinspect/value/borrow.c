/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * borrow.c - types of a map that has no BTF, from a program that uses it
 *
 * Loaders leave BTF out of maps that were made by hand, shared by a pin, or made on an older kernel. The
 * program's own BTF still has the definition that its source had.
 */
#include <string.h>

#include "kernel/abi.h"
#include "records/inspect.h"
#include "value/types.h"

#define PROGS_MOST 16384u /* that are looked at: a quarter of a second */
#define NAME_MOST 15u	  /* bytes that the kernel keeps */
#define HOPS_MOST 32u
#define MAPS_SECTION ".maps"

/* Is @kernel_name all of @name, or as much as the kernel keeps? */
static bool is_name(const char *name, const char *kernel_name)
{
	size_t size = strlen(kernel_name);

	return strcmp(name, kernel_name) == 0 ||
	       (size == NAME_MOST && strncmp(name, kernel_name, size) == 0);
}

/* The type behind typedefs and qualifiers; false where there is none. */
static bool resolve(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	for (unsigned hops = 0; hops < HOPS_MOST; hops++) {
		if (!btf_type(btf, id, out))
			return false;
		switch (out->kind) {
		case KIND_TYPEDEF:
		case KIND_CONST:
		case KIND_VOLATILE:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = out->size_or_type;
			break;
		default:
			return true;
		}
	}
	return false;
}

/* "__type(key, u32)" is a member that points to that type. */
static void read_definition(const struct btf_reader *btf, const struct btf_entry *definition,
			    struct type_ids *out)
{
	*out = (struct type_ids){ 0 };
	for (uint32_t i = 0; i < definition->vlen; i++) {
		const unsigned char *tail = definition->tail + 12 * (size_t)i;
		const char *name = btf_string(btf, btf_word(tail, 0));
		struct btf_entry type;

		if (!resolve(btf, btf_word(tail, 4), &type) || type.kind != KIND_PTR)
			continue;
		if (strcmp(name, "key") == 0)
			out->key = type.size_or_type;
		else if (strcmp(name, "value") == 0)
			out->value = type.size_or_type;
	}
}

static bool find_definition(const struct btf_reader *btf, const struct btf_entry *section,
			    const char *map_name, struct type_ids *out)
{
	for (uint32_t i = 0; i < section->vlen; i++) {
		struct btf_entry variable, type;

		if (!btf_type(btf, btf_word(section->tail, 12 * (size_t)i), &variable) ||
		    variable.kind != KIND_VAR || !is_name(variable.name, map_name) ||
		    !resolve(btf, variable.size_or_type, &type) || type.kind != KIND_STRUCT)
			continue;
		read_definition(btf, &type, out);
		if (out->value)
			return true;
	}
	return false;
}

/* The map of a section has the object's name, as far as there is room, and the section's. */
static bool is_section(const struct btf_entry *section, const struct inspect_map *map)
{
	const char *name = strchr(map->name, '.');

	if (!name || !section->name[0] || map->type != ABI_MAP_TYPE_ARRAY ||
	    map->max_entries != 1 || section->size_or_type != map->value_bytes)
		return false;
	return strcmp(section->name, name) == 0 ||
	       (strlen(map->name) == NAME_MOST && strncmp(section->name, name, strlen(name)) == 0);
}

bool type_ids_find(const struct btf_reader *btf, const struct inspect_map *map,
		   struct type_ids *out)
{
	if (!map->name[0])
		return false;
	for (uint32_t id = 1; id < btf_count(btf); id++) {
		struct btf_entry type;

		if (!btf_type(btf, id, &type) || type.kind != KIND_DATASEC)
			continue;
		if (strcmp(type.name, MAPS_SECTION) == 0) {
			if (find_definition(btf, &type, map->name, out))
				return true;
		} else if (is_section(&type, map)) {
			*out = (struct type_ids){ 0, id };
			return true;
		}
	}
	return false;
}

static bool uses(const struct inspect_prog *prog, unsigned map_id)
{
	for (unsigned i = 0; i < prog->map_ids.n; i++)
		if (prog->map_ids.ids[i] == map_id)
			return true;
	return false;
}

/* Types of another size are those of another map that has the name. */
static bool fits(const struct btf_reader *btf, uint32_t id, size_t size)
{
	struct walk *walk;

	if (!id)
		return true;
	if (walk_new(btf, id, WALK_STRICT, &walk, NULL) < 0)
		return false;

	bool is_fit = walk_size(walk) == size;
	walk_free(walk);
	return is_fit;
}

static bool lends(struct inspect *inspect, const struct inspect_prog *prog,
		  const struct inspect_map *map, const struct btf_reader **btf,
		  struct type_ids *out)
{
	if (prog->failed || !(prog->have & INSPECT_PROG_HAS_BTF) || !uses(prog, map->id))
		return false;
	*btf = inspect_btf_cached(inspect, prog->btf_id);
	return *btf && type_ids_find(*btf, map, out) && fits(*btf, out->key, map->key_bytes) &&
	       fits(*btf, out->value, map->value_bytes);
}

unsigned type_ids_borrow(struct inspect *inspect, const struct inspect_map *map,
			 const struct btf_reader **btf, struct type_ids *out)
{
	const struct inspect_ref all = { .kind = INSPECT_PROG, .by = INSPECT_BY_ALL };
	struct inspect_list *list;
	struct inspect_prog prog;
	unsigned lender = 0;

	if (!map->name[0] || inspect_list_new(inspect, &all, INSPECT_WANT_MAP_IDS, &list, NULL) < 0)
		return 0;
	for (unsigned n = 0; !lender && n < PROGS_MOST; n++) {
		if (inspect_list_next(list, &prog, NULL) <= 0)
			break;
		if (lends(inspect, &prog, map, btf, out))
			lender = prog.id;
		inspect_prog_done(&prog);
	}
	inspect_list_free(list);
	return lender;
}
