/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_map.c - the maps that an object asks for
 *
 * A definition is a variable whose type says everything: a number is how many elements an array has that a member
 * points to, a type is what a member points to.
 */
#include "code/object_map.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "btf/raw.h"
#include "btf/text.h"

static bool resolve(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	return btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, out);
}

/* A member "int (*name)[NUMBER]", or a pointer to an enumeration with one value, for numbers of 64 bits. */
static bool read_number(const struct btf_reader *btf, uint32_t id, uint64_t *out)
{
	struct btf_entry type;

	if (!resolve(btf, id, &type))
		return false;
	if ((type.kind == KIND_ENUM || type.kind == KIND_ENUM64) && type.vlen) {
		*out = btf_enumerator_at(&type, 0).value;
		return true;
	}
	if (type.kind != KIND_PTR || !resolve(btf, type.size_or_type, &type))
		return false;
	if (type.kind != KIND_ARRAY)
		return false;
	*out = btf_word(type.tail, 8);
	return true;
}

static bool read_type(const struct btf_reader *btf, uint32_t id, uint32_t *out)
{
	struct btf_entry type;

	if (!resolve(btf, id, &type) || type.kind != KIND_PTR)
		return false;
	*out = type.size_or_type;
	return true;
}

static bool read_size(const struct btf_reader *btf, uint32_t id, uint32_t *type, uint32_t *size,
		      unsigned *have, unsigned has_type, unsigned has_size)
{
	if (!read_type(btf, id, type))
		return false;
	*have |= has_type;
	uint64_t bytes;
	if (btf_size(btf, *type, &bytes) && bytes <= UINT32_MAX) {
		*size = (uint32_t)bytes;
		*have |= has_size;
	}
	return true;
}

static const struct number {
	const char *name;
	size_t offset;
	unsigned has;
} numbers[] = {
	{ "type", offsetof(struct object_map, type), OBJECT_MAP_HAS_TYPE },
	{ "key_size", offsetof(struct object_map, key_bytes), OBJECT_MAP_HAS_KEY },
	{ "value_size", offsetof(struct object_map, value_bytes), OBJECT_MAP_HAS_VALUE },
	{ "max_entries", offsetof(struct object_map, max_entries), OBJECT_MAP_HAS_ENTRIES },
	{ "map_flags", offsetof(struct object_map, flags), OBJECT_MAP_HAS_FLAGS },
	{ "pinning", offsetof(struct object_map, pinning), OBJECT_MAP_HAS_PINNING },
	{ "numa_node", offsetof(struct object_map, numa_node), OBJECT_MAP_HAS_NODE },
};

/* False where the member has a name that means something, and not the type for it. */
static bool take_member(const struct btf_reader *btf, const char *name, uint32_t id,
			struct object_map *out)
{
	uint64_t value;

	if (strcmp(name, "key") == 0)
		return read_size(btf, id, &out->key_type, &out->key_bytes, &out->have,
				 OBJECT_MAP_HAS_KEY_TYPE, OBJECT_MAP_HAS_KEY);
	if (strcmp(name, "value") == 0)
		return read_size(btf, id, &out->value_type, &out->value_bytes, &out->have,
				 OBJECT_MAP_HAS_VALUE_TYPE, OBJECT_MAP_HAS_VALUE);
	if (strcmp(name, "map_extra") == 0) {
		if (!read_number(btf, id, &value))
			return false;
		out->extra = value;
		out->have |= OBJECT_MAP_HAS_EXTRA;
		return true;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (strcmp(name, numbers[i].name) != 0)
			continue;
		if (!read_number(btf, id, &value) || value > UINT32_MAX)
			return false;
		uint32_t number = (uint32_t)value;
		memcpy((char *)out + numbers[i].offset, &number, sizeof(number));
		out->have |= numbers[i].has;
	}
	return true;
}

/* Elements point to a structure where they are maps, and to functions where they are programs. */
static uint32_t find_inner(const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry type;

	if (!resolve(btf, id, &type) || type.kind != KIND_ARRAY ||
	    !resolve(btf, btf_word(type.tail, 0), &type) || type.kind != KIND_PTR)
		return 0;
	id = type.size_or_type;
	return resolve(btf, id, &type) && type.kind == KIND_STRUCT ? id : 0;
}

static int read_definition(const struct btf_reader *btf, const char *var, uint32_t id,
			   struct object_map *out, struct inspect_error *err)
{
	struct btf_entry type;

	*out = (struct object_map){ .name = var };
	if (!resolve(btf, id, &type) || type.kind != KIND_STRUCT)
		return inspect_fail(err, EINVAL, "section .maps: map %s: no structure", var);
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct btf_member member = btf_member_at(&type, i);
		const char *name = btf_string(btf, member.name);

		if (name && !take_member(btf, name, member.type_id, out))
			return inspect_fail(err, EINVAL,
					    "section .maps: map %s: member %s says nothing", var,
					    name);
		if (name && strcmp(name, "values") == 0) {
			out->initial_at = member.bits_offset / 8;
			out->inner = find_inner(btf, member.type_id);
			out->have |= OBJECT_MAP_HAS_INITIAL;
		}
	}
	return 0;
}

typedef int each_map(void *context, const struct object_map *map, const char *section);

static int each_defined(const struct object *object, each_map *each, void *context,
			struct inspect_error *err)
{
	const struct btf_reader *btf = &object->btf;
	struct btf_entry all, var;
	struct object_map map;

	if (!object_find_datasec(object, ".maps", &all))
		return 0;
	for (uint32_t i = 0; i < all.vlen; i++) {
		uint32_t id = btf_word(all.tail, (size_t)i * 12);

		if (!btf_type(btf, id, &var) || var.kind != KIND_VAR)
			return inspect_fail(err, EINVAL, "section .maps: type %u: no variable", id);
		int r = read_definition(btf, var.name, var.size_or_type, &map, err);
		if (!r)
			r = each(context, &map, ".maps");
		if (r)
			return r;
	}
	return 0;
}

static bool is_old(const char *section)
{
	return strcmp(section, "maps") == 0 || strncmp(section, "maps/", 5) == 0;
}

/* Numbers, one behind the other: type, sizes of key and value, entries, flags. */
static int read_old(const struct object *object, const struct elf_symbol *symbol,
		    struct object_map *out, struct inspect_error *err)
{
	const struct elf_part *part = &object->elf.parts[symbol->section];
	uint32_t *members[] = { &out->type, &out->key_bytes, &out->value_bytes, &out->max_entries,
				&out->flags };

	*out = (struct object_map){ .name = symbol->name };
	if (elf_part_is_empty(part) || symbol->value > part->size ||
	    part->size - symbol->value < sizeof(members) / sizeof(*members) * 4)
		return inspect_fail(err, EINVAL, "section %s: map %s: no definition at offset %llu",
				    part->name, symbol->name, (unsigned long long)symbol->value);
	const char *at = object->bytes + part->offset + symbol->value;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		*members[i] = (uint32_t)elf_number(&object->elf, at + i * 4, 4);
	out->have = OBJECT_MAP_HAS_TYPE | OBJECT_MAP_HAS_KEY | OBJECT_MAP_HAS_VALUE |
		    OBJECT_MAP_HAS_ENTRIES | OBJECT_MAP_HAS_FLAGS;
	return 0;
}

/* Where .maps has no types, its symbols still have names. */
static bool is_nameless(const struct object *object, const char *section)
{
	struct btf_entry all;

	return strcmp(section, ".maps") == 0 && !object_find_datasec(object, section, &all);
}

static int each_symbol(const struct object *object, each_map *each, void *context,
		       struct inspect_error *err)
{
	const struct elf_part *last = NULL;
	bool is_map = false, has_types = false;

	for (uint32_t i = 0; i < object->n_places; i++) {
		const struct elf_symbol *symbol = &object->elf.symbols[object->places[i]];
		const struct elf_part *part = &object->elf.parts[symbol->section];
		struct object_map map = { .name = symbol->name };
		int r = 0;

		if (part != last) {
			is_map = is_old(part->name) || is_nameless(object, part->name);
			has_types = is_old(part->name);
			last = part;
		}
		if (!is_map)
			continue;
		if (has_types)
			r = read_old(object, symbol, &map, err);
		if (!r)
			r = each(context, &map, part->name);
		if (r)
			return r;
	}
	return 0;
}

int object_each_map(const struct object *object, each_map *each, void *context,
		    struct inspect_error *err)
{
	int r = each_defined(object, each, context, err);
	return r ? r : each_symbol(object, each, context, err);
}

bool object_inner_map(const struct object *object, const struct object_map *outer,
		      struct object_map *out)
{
	struct inspect_error ignored;

	return outer->inner &&
	       !read_definition(&object->btf, outer->name, outer->inner, out, &ignored);
}
