/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * check.c - what can be told of an object before libbpf sees it
 */
#include "load/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "code/object_map.h"
#include "code/section_type.h"
#include "kernel/proc.h"

#define FILE_MOST ((size_t)256 << 20)
#define DISTANCE_MOST 3 /* edits that may part a name from what was meant */

const char *check_nearest_section(const char *section)
{
	autofree char *first = strndup(section, strcspn(section, "/"));
	const char *nearest = NULL, *name;
	size_t least = DISTANCE_MOST;

	for (unsigned i = 0; first && (name = inspect_section_name(i)); i++) {
		size_t whole = text_distance(name, section), part = text_distance(name, first);
		size_t distance = whole < part ? whole : part;

		if (distance >= least)
			continue;
		least = distance;
		nearest = name;
	}
	return nearest;
}

static int check_type(const char *type, struct inspect_error *err)
{
	struct section_type found;

	if (section_type_find(type, &found))
		return 0;
	inspect_fail(err, INSPECT_EUSAGE, "type '%s' is not known", type);
	const char *nearest = check_nearest_section(type);
	if (nearest)
		return inspect_hint(err, "did you mean '%s'? types are named as sections are",
				    nearest);
	return inspect_hint(err, "types are named as sections are: xdp, tc, kprobe, cgroup/dev");
}

int check_words(const struct inspect_load_spec *spec, struct inspect_error *err)
{
	if (spec->offload_device && spec->metadata_device)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "xdpmeta_dev and offload_dev are mutually exclusive");
	int r = spec->type ? check_type(spec->type, err) : 0;
	if (!r && spec->kernel_btf) {
		r = inspect_btf_check(spec->kernel_btf, err);
		if (r < 0)
			return inspect_context(err, "kernel_btf");
	}
	return r;
}

static int check_legacy(const struct object *object, struct inspect_error *err)
{
	if (!elf_object_find(&object->elf, "maps"))
		return 0;
	inspect_fail(err, EOPNOTSUPP, "section 'maps': definitions of maps as before libbpf 1.0");
	return inspect_hint(err,
			    "define maps with BTF, in the section '.maps', and compile it again");
}

struct wanted_map {
	const char *name;
	uint32_t initial_at;
	bool is_found;
};

static int note_initial(void *context, const struct object_map *map, const char *section)
{
	struct wanted_map *wanted = context;

	(void)section;
	if (strcmp(map->name, wanted->name) == 0 && map->have & OBJECT_MAP_HAS_INITIAL) {
		wanted->initial_at = map->initial_at;
		wanted->is_found = true;
	}
	return 0;
}

/* The map in whose definition a byte of .maps lies, or NULL. */
static const struct elf_symbol *map_around(const struct object *object, uint32_t section,
					   uint64_t offset)
{
	for (uint32_t i = 0; i < object->elf.n_symbols; i++) {
		const struct elf_symbol *symbol = &object->elf.symbols[i];

		if (symbol->section == section && symbol->type == ELF_SYMBOL_OBJECT &&
		    offset >= symbol->value && offset - symbol->value < symbol->size)
			return symbol;
	}
	return NULL;
}

/* What a map holds from the beginning are pointers, one behind the other, at the end of its definition. */
static int check_initial(const struct object *object, uint32_t section, uint64_t offset,
			 struct inspect_error *err)
{
	const struct elf_symbol *map = map_around(object, section, offset);
	struct wanted_map wanted = { .name = map ? map->name : "" };

	if (!map)
		return inspect_fail(err, EINVAL, "in no map");
	int r = object_each_map(object, note_initial, &wanted, err);
	if (r < 0)
		return r;
	if (!wanted.is_found || offset - map->value < wanted.initial_at)
		return inspect_fail(err, EINVAL, "before the values of map '%s'", map->name);
	if ((offset - map->value - wanted.initial_at) % 8)
		return inspect_fail(err, EINVAL, "between two values of map '%s'", map->name);
	return 0;
}

/* libbpf refuses these without a word. */
static int check_map_relocs(const struct object *object, struct inspect_error *err)
{
	const struct elf_part *maps = elf_object_find(&object->elf, ".maps");
	const struct elf_relocs *relocs = maps ? &object->relocs[maps->index] : NULL;

	for (uint32_t i = 0; relocs && i < relocs->n; i++) {
		uint64_t offset = relocs->relocs[i].offset;

		if (check_initial(object, maps->index, offset, err) < 0)
			return inspect_context(err, "section .maps: relocation at offset 0x%llx",
					       (unsigned long long)offset);
	}
	return 0;
}

/* libbpf goes on without types that it cannot read, and says so in passing. */
static int check_object(const struct object *object, struct inspect_error *err)
{
	if (object->problem.code && !object->has_btf) {
		*err = object->problem;
		return -err->code;
	}
	int r = check_legacy(object, err);
	return r || !object->has_btf ? r : check_map_relocs(object, err);
}

int check_bytes(char *bytes, size_t size, struct object *out, struct inspect_error *err)
{
	int r = object_take(out, bytes, size, err);

	return r ? r : check_object(out, err);
}

int check_file(const struct inspect_load_spec *spec, struct object *out, struct inspect_error *err)
{
	autofree char *bytes = NULL;
	size_t size;

	int r = proc_read_regular(spec->file, FILE_MOST, &bytes, &size, err);
	if (!r) {
		r = check_bytes(take_ptr(&bytes), size, out, err);
		if (r < 0)
			inspect_context(err, "%s", spec->file);
	}
	return r < 0 ? inspect_context(err, "failed to open object file") : 0;
}
