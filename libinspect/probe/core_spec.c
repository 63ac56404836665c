/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core_spec.c - a part of a type: as the object has it, and in a type of the kernel's
 */
#include <string.h>

#include "btf/raw.h"
#include "btf/text.h"
#include "probe/core.h"

#define NESTED_MOST 32 /* members without a name, one inside the other */

static bool resolve(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	return btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, out);
}

static bool add_part(struct core_spec *spec, const char *name, uint32_t index, uint32_t type_id)
{
	if (spec->n == CORE_PARTS)
		return false;
	spec->parts[spec->n++] = (struct core_part){ name, index, type_id };
	return true;
}

/* A step of the path; what has no name counts only for where the next step begins. */
static bool read_step(const struct btf_reader *local, struct core_spec *spec, uint32_t *id,
		      uint32_t index)
{
	struct btf_entry type;

	if (!resolve(local, *id, &type))
		return false;
	if (type.kind == KIND_ARRAY) {
		*id = btf_word(type.tail, 0);
		return add_part(spec, NULL, index, *id);
	}
	if (!core_is_composite(type.kind) || index >= type.vlen)
		return false;

	struct btf_member member = btf_member_at(&type, index);
	const char *name = btf_string(local, member.name);
	*id = member.type_id;
	return !name || !*name || add_part(spec, name, index, *id);
}

static bool read_enumerator(const struct btf_reader *local, struct core_spec *spec, uint32_t index)
{
	struct btf_entry type;

	if (!resolve(local, spec->type_id, &type) || !core_is_enum(type.kind) || index >= type.vlen)
		return false;
	spec->enumerator = btf_string(local, btf_enumerator_at(&type, index).name);
	return spec->enumerator && *spec->enumerator;
}

static bool read_path(const struct btf_reader *local, const char *path, struct core_spec *spec)
{
	uint32_t id = spec->type_id, index;

	if (!ext_next_index(&path, &index))
		return false;
	if (spec->kind == CORE_ENUMVAL_EXISTS || spec->kind == CORE_ENUMVAL_VALUE)
		return !*path && read_enumerator(local, spec, index);
	if (!core_is_field(spec->kind))
		return !*path && !index;
	add_part(spec, NULL, index, id);
	for (unsigned steps = 0; *path; steps++)
		if (steps == CORE_PARTS || !ext_next_index(&path, &index) ||
		    !read_step(local, spec, &id, index))
			return false;
	return true;
}

bool core_spec_read(const struct btf_reader *local, const struct ext_core *relo,
		    struct core_spec *out)
{
	const char *path = btf_string(local, relo->access);
	struct btf_entry type;

	*out = (struct core_spec){ .kind = relo->kind, .type_id = relo->type_id };
	if (!path || relo->kind >= CORE_KINDS || !btf_type(local, relo->type_id, &type))
		return false;
	out->name = type.name;
	out->btf_kind = type.kind;
	/* The id of a type of its own is all that a type without a name may be asked for. */
	return (*type.name || relo->kind == CORE_TYPE_ID_LOCAL) && read_path(local, path, out);
}

/* What a member is looked for with. */
struct seeking {
	struct core *core;
	const struct core_part *part;
	const struct btf_reader *target;
	struct core_place *out;
};

static bool take_member(const struct seeking *seeking, const struct btf_member *member,
			uint64_t bits)
{
	struct core_place *out = seeking->out;

	out->is_unlike = !core_fields_fit(seeking->core, seeking->part->type_id, seeking->target,
					  member->type_id);
	out->bits_offset += bits + member->bits_offset;
	out->bitfield_size = member->bitfield_size;
	out->type_id = member->type_id;
	return !out->is_unlike;
}

/* 1 found, 0 not there, -1 there and unlike, or no end of it. */
static int find_member(const struct seeking *seeking, uint32_t id, uint64_t bits, unsigned depth)
{
	struct btf_entry type;

	if (!resolve(seeking->target, id, &type) || !core_is_composite(type.kind))
		return 0;
	if (depth == NESTED_MOST || !core_take(seeking->core, type.vlen + 1u))
		return -1;
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct btf_member member = btf_member_at(&type, i);
		const char *name = btf_string(seeking->target, member.name);
		int r = 0;

		if (!name || !*name)
			r = find_member(seeking, member.type_id, bits + member.bits_offset,
					depth + 1);
		else if (strcmp(name, seeking->part->name) == 0) {
			r = take_member(seeking, &member, bits) ? 1 : -1;
			seeking->out->is_last = i + 1 == type.vlen;
		}
		if (r)
			return r;
	}
	return 0;
}

/* An array without a length that is the last member around it has all elements. */
static bool is_flexible(const struct btf_entry *array, const struct core_place *place)
{
	return place->is_last && !btf_word(array->tail, 8);
}

static bool take_element(const struct btf_reader *target, uint32_t index, struct core_place *out)
{
	struct btf_entry type;
	uint64_t bytes;

	if (!resolve(target, out->type_id, &type) || type.kind != KIND_ARRAY)
		return false;
	if (index >= btf_word(type.tail, 8) && !is_flexible(&type, out))
		return false;
	if (!btf_size(target, btf_word(type.tail, 0), &bytes))
		return false;
	out->type_id = btf_word(type.tail, 0);
	out->bits_offset += bytes * index * 8;
	out->bitfield_size = 0;
	out->is_last = false;
	return true;
}

static bool match_parts(struct core *core, const struct core_spec *spec,
			const struct btf_reader *target, uint32_t id, struct core_place *out)
{
	uint64_t bytes = 0;

	*out = (struct core_place){ .type_id = id };
	if (spec->parts[0].index && !btf_size(target, id, &bytes))
		return false;
	out->bits_offset = bytes * spec->parts[0].index * 8;
	for (unsigned i = 1; i < spec->n; i++) {
		const struct core_part *part = &spec->parts[i];
		const struct seeking seeking = { core, part, target, out };
		uint32_t inside = out->type_id;

		out->failed_part = i;
		if (part->name ? find_member(&seeking, inside, 0, 0) <= 0
			       : !take_element(target, part->index, out))
			return false;
	}
	return true;
}

static bool match_enumerator(struct core *core, const struct core_spec *spec,
			     const struct btf_reader *target, uint32_t id, struct core_place *out)
{
	struct btf_entry type;

	*out = (struct core_place){ .type_id = id };
	if (!resolve(target, id, &type) || !core_is_enum(type.kind) || !core_take(core, type.vlen))
		return false;
	for (uint32_t i = 0; i < type.vlen; i++) {
		struct btf_enumerator one = btf_enumerator_at(&type, i);
		const char *name = btf_string(target, one.name);

		if (name && core_same_name(name, spec->enumerator)) {
			out->value = one.value;
			return true;
		}
	}
	return false;
}

bool core_spec_match(struct core *core, const struct core_spec *spec,
		     const struct btf_reader *target, uint32_t id, struct core_place *out)
{
	if (core_is_field(spec->kind))
		return match_parts(core, spec, target, id, out);
	if (spec->enumerator)
		return match_enumerator(core, spec, target, id, out);
	*out = (struct core_place){ .type_id = id };
	return spec->kind == CORE_TYPE_MATCHES ? core_types_match(core, spec->type_id, target, id)
					       : core_types_fit(core, spec->type_id, target, id);
}
