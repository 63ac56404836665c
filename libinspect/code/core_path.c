/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core_path.c - which part of a type a CO-RE relocation asks for, in words
 *
 * The path is numbers parted by colons: an index of the pointer, then members and elements, one inside the other.
 */
#include <string.h>

#include "base/num.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "code/ext.h"

#define DEPTH_MOST 64
#define KIND_ENUMVALS 10 /* this kind and the next one name an enumerator */

static void add_number(struct buf *out, const char *before, uint64_t number, const char *behind)
{
	char digits[NUM_ROOM];

	buf_add_text(out, before);
	buf_add(out, digits, num_format_u64(digits, number));
	buf_add_text(out, behind);
}

bool ext_next_index(const char **at, uint32_t *out)
{
	uint64_t value = 0;
	const char *from = *at;

	while (**at >= '0' && **at <= '9' && value <= UINT32_MAX)
		value = value * 10 + (uint64_t)(*(*at)++ - '0');
	if (*at == from || value > UINT32_MAX || (**at && **at != ':'))
		return false;
	if (**at)
		(*at)++;
	*out = (uint32_t)value;
	return true;
}

static void add_string(const struct btf_reader *btf, uint32_t offset, uint32_t index,
		       struct buf *out)
{
	const char *name = btf_string(btf, offset);

	if (name && *name) {
		buf_add_char(out, '.');
		buf_add_text(out, name);
	} else {
		add_number(out, ".<", index, ">");
	}
}

static bool resolve(const struct btf_reader *btf, uint32_t id, struct btf_entry *out)
{
	return btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, out);
}

/* One step into a type; false where there is no such part. */
static bool add_step(const struct btf_reader *btf, uint32_t *id, uint32_t index, struct buf *out)
{
	struct btf_entry type;

	if (!resolve(btf, *id, &type))
		return false;
	if (type.kind == KIND_ARRAY) {
		*id = btf_word(type.tail, 0);
		add_number(out, "[", index, "]");
		return true;
	}
	if ((type.kind != KIND_STRUCT && type.kind != KIND_UNION) || index >= type.vlen)
		return false;

	struct btf_member member = btf_member_at(&type, index);
	const char *name = btf_string(btf, member.name);
	*id = member.type_id;
	if (name && *name)
		add_string(btf, member.name, index, out); /* what has no name adds none, as in C */
	return true;
}

static bool add_enumerator(const struct btf_reader *btf, uint32_t id, uint32_t index,
			   struct buf *out)
{
	struct btf_entry type;

	if (!resolve(btf, id, &type) || index >= type.vlen ||
	    (type.kind != KIND_ENUM && type.kind != KIND_ENUM64))
		return false;
	add_string(btf, btf_enumerator_at(&type, index).name, index, out);
	return true;
}

static bool add_path(const struct ext_core *core, const struct btf_reader *btf, const char *path,
		     struct buf *out)
{
	uint32_t id = core->type_id, index;

	if (!ext_next_index(&path, &index))
		return false;
	if (core->kind == KIND_ENUMVALS || core->kind == KIND_ENUMVALS + 1)
		return !*path && add_enumerator(btf, id, index, out);
	if (index)
		add_number(out, "[", index, "]");
	for (unsigned i = 0; *path; i++)
		if (i == DEPTH_MOST || !ext_next_index(&path, &index) ||
		    !add_step(btf, &id, index, out))
			return false;
	return true;
}

void ext_add_core(const struct ext_core *core, const struct btf_reader *btf,
		  struct btf_budget *budget, struct buf *out)
{
	const char *path = btf_string(btf, core->access);

	ext_renew(budget);
	btf_text_add(out, btf, core->type_id, "", budget);
	if (!path || !add_path(core, btf, path, out))
		buf_add_text(out, ".?");
}
