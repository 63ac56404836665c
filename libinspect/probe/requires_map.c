/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_map.c - what an object's maps ask for
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "code/object_map.h"
#include "kernel/names.h"
#include "probe/requires.h"

/* As the kernel numbers them. */
enum { MAP_ARRAY = 2, MAP_STRUCT_OPS = 26, FLAG_LINK = 13 };

/* By bit, as <linux/bpf.h> numbers them. */
const char *need_flag_name(unsigned bit)
{
	static const char *const names[] = {
		"no_prealloc", "no_common_lru",	 "numa_node",	 "rdonly",
		"wronly",      "stack_build_id", "zero_seed",	 "rdonly_prog",
		"wronly_prog", "clone",		 "mmapable",	 "preserve_elems",
		"inner_map",   "link",		 "path_fd",	 "vtype_btf_obj_fd",
		"token_fd",    "segv_on_fault",	 "no_user_conv", "rb_overwrite",
	};

	return bit < sizeof(names) / sizeof(*names) ? names[bit] : NULL;
}

static const char *number_text(struct finding *finding, uint64_t number)
{
	char digits[NUM_ROOM];

	buf_add(&finding->text, digits, num_format_u64(digits, number));
	return finding_text(finding, &finding->text);
}

static void add_type(struct finding *finding, uint32_t type, const char *by)
{
	const char *name = names_find(NAMES_MAP_TYPE, type);
	struct need *need = finding_add(finding, NEED_MAP_TYPE, NEED_MUST,
					name ? name : number_text(finding, type), NULL, by);

	if (need)
		need->number = type;
}

static void add_flag(struct finding *finding, unsigned bit, const char *by)
{
	const char *name = need_flag_name(bit);
	struct need *need = finding_add(finding, NEED_MAP_FLAG, NEED_MUST,
					name ? name : number_text(finding, 1u << bit), NULL, by);

	if (need) {
		need->number = 1u << bit;
		need->map =
			(uint32_t)finding->requires->n_maps + 1; /* the one that is added next */
	}
}

/* What it is made of, for whoever tries. */
static void add_whole(struct finding *finding, const struct object_map *map, const char *inner)
{
	struct requires *requires = finding->requires;
	struct need_map *maps = realloc(requires->maps, (requires->n_maps + 1) * sizeof(*maps));

	if (!maps) {
		finding->has_no_memory = true;
		return;
	}
	requires->maps = maps;
	maps[requires->n_maps++] = (struct need_map){
		.name = map->name,
		.type = map->type,
		.key_bytes = map->key_bytes,
		.value_bytes = map->value_bytes,
		.max_entries = map->max_entries,
		.flags = map->flags,
		.numa_node = map->numa_node,
		.extra = map->extra,
		.has_inner = map->inner,
		.has_key = map->have & OBJECT_MAP_HAS_KEY,
		.has_value = map->have & OBJECT_MAP_HAS_VALUE,
	};
	buf_add_text(&finding->text, map->name);
	buf_add_text(&finding->text, inner);
	struct need *need = finding_add(finding, NEED_MAP, NEED_MUST,
					finding_text(finding, &finding->text), NULL, map->name);
	if (need)
	need->map = (uint32_t) requires->n_maps;
}

/* @inner is put behind the name of what maps of maps hold. */
static void add_one(struct finding *finding, const struct object_map *map, const char *inner)
{
	if (map->have & OBJECT_MAP_HAS_TYPE)
		add_type(finding, map->type, map->name);
	for (unsigned i = 0; i < 32; i++)
		if (map->flags >> i & 1)
			add_flag(finding, i, map->name);
	if (map->have & OBJECT_MAP_HAS_TYPE)
		add_whole(finding, map, inner);
}

static int add_map(void *context, const struct object_map *map, const char *section)
{
	struct finding *finding = context;
	struct object_map inner;

	(void)section;
	add_one(finding, map, "");
	if (object_inner_map(finding->object, map, &inner))
		add_one(finding, &inner, " (inner)");
	return finding->has_no_memory ? -ENOMEM : 0;
}

/* Global data are maps too. */
static void add_data(struct finding *finding)
{
	const struct elf_object *elf = &finding->object->elf;

	for (uint32_t i = 1; i < elf->image.n_sections; i++) {
		const struct elf_part *part = &elf->parts[i];

		if (elf_part_is_loaded(part) && !elf_part_is_code(part) && part->size &&
		    (text_has_prefix(part->name, ".data") || text_has_prefix(part->name, ".bss") ||
		     text_has_prefix(part->name, ".rodata")))
			add_type(finding, MAP_ARRAY, part->name);
	}
}

/* Is a member of a variable set to something: a number, or a program that a relocation puts there? */
static bool is_set(const struct object *object, const struct elf_part *part, uint64_t at,
		   uint64_t size)
{
	const struct elf_relocs *relocs = &object->relocs[part->index];

	for (uint32_t i = 0; i < relocs->n; i++)
		if (relocs->relocs[i].offset >= at && relocs->relocs[i].offset - at < size)
			return true;
	if (elf_part_is_empty(part) || size > part->size || at > part->size - size)
		return false;
	for (uint64_t i = 0; i < size; i++)
		if (object->bytes[part->offset + at + i])
			return true;
	return false;
}

/* Members of ours that the kernel's struct lacks may be there as long as nothing is in them. */
static void add_members(struct finding *finding, const struct btf_entry *here,
			const struct btf_reader *in, const struct btf_entry *there,
			const struct elf_part *part, uint64_t at, const char *by)
{
	const struct btf_reader *btf = &finding->object->btf;
	uint64_t size;

	for (uint32_t i = 0; i < here->vlen; i++) {
		struct btf_member member = btf_member_at(here, i);
		const char *name = btf_string(btf, member.name);
		bool is_there = false;

		if (!name || !*name || !btf_size(btf, member.type_id, &size) ||
		    !is_set(finding->object, part, at + member.bits_offset / 8, size))
			continue;
		for (uint32_t k = 0; k < there->vlen && !is_there; k++) {
			const char *other = btf_string(in, btf_member_at(there, k).name);

			is_there = other && strcmp(other, name) == 0;
		}
		buf_add(&finding->text, here->name, core_name_length(here->name));
		buf_add_char(&finding->text, '.');
		buf_add_text(&finding->text, name);
		struct need *need = finding_add(finding, NEED_STRUCT_OPS, NEED_MUST,
						finding_text(finding, &finding->text), NULL, by);
		if (need)
			need_answer(finding, need, is_there ? INSPECT_YES : INSPECT_NO,
				    INSPECT_FOUND_BTF, NULL);
	}
}

/* The kernel has a struct for what may be implemented, and one around it, which programs do not see. */
static void add_ops(struct finding *finding, const struct btf_entry *var,
		    const struct elf_part *part, uint64_t at)
{
	struct against *against = finding->requires->against;
	uint32_t id = var->size_or_type;
	const struct btf_reader *in = NULL;
	struct btf_entry here, there;

	if (!btf_resolve(&finding->object->btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &here) ||
	    here.kind != KIND_STRUCT)
		return;
	buf_add(&finding->text, here.name, core_name_length(here.name));
	struct need *need = finding_add(finding, NEED_STRUCT_OPS, NEED_MUST,
					finding_text(finding, &finding->text), NULL, var->name);
	if (!need)
		return;
	buf_add_text(&finding->text, "bpf_struct_ops_");
	buf_add_text(&finding->text, need->name);
	enum against_answer answer = against_find(
		against, KIND_STRUCT, finding_text(finding, &finding->text), NULL, NULL);
	if (answer == AGAINST_UNKNOWN)
		return; /* whoever asks the kernel may know */
	need_answer(finding, need, answer == AGAINST_YES ? INSPECT_YES : INSPECT_NO,
		    INSPECT_FOUND_BTF, NULL);
	if (answer == AGAINST_YES &&
	    against_find(against, KIND_STRUCT, need->name, &in, &id) == AGAINST_YES &&
	    btf_type(in, id, &there))
		add_members(finding, &here, in, &there, part, at, var->name);
}

/* A link that registers it is a flag of the map: is_linked. */
static void add_ops_section(struct finding *finding, const char *name, bool is_linked)
{
	const struct elf_part *part = elf_object_find(&finding->object->elf, name);
	const struct btf_reader *btf = &finding->object->btf;
	struct btf_entry all, var;

	if (!part || !object_find_datasec(finding->object, name, &all))
		return;
	for (uint32_t i = 0; i < all.vlen && !finding->has_no_memory; i++) {
		if (!btf_type(btf, btf_word(all.tail, (size_t)i * 12), &var) ||
		    var.kind != KIND_VAR)
			continue;
		add_type(finding, MAP_STRUCT_OPS, var.name);
		if (is_linked)
			add_flag(finding, FLAG_LINK, var.name);
		add_ops(finding, &var, part, btf_word(all.tail, (size_t)i * 12 + 4));
	}
}

int finding_maps(struct finding *finding)
{
	int r = object_each_map(finding->object, add_map, finding, finding->err);

	if (r < 0)
		return r;
	add_data(finding);
	add_ops_section(finding, ".struct_ops", false);
	add_ops_section(finding, ".struct_ops.link", true);
	return 0;
}
