/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * index.c - the named types of a blob by name, kind and id
 */
#include "btf/index.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "btf/text.h"

/* The kind under which a type is known; KIND_VOID for those that are not in an index. */
static uint32_t index_kind(const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_INT:
	case KIND_FLOAT:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_TYPEDEF:
	case KIND_FUNC:
	case KIND_VAR:
	case KIND_DATASEC:
		return type->kind;
	case KIND_ENUM64:
		return KIND_ENUM;
	default:
		return KIND_VOID;
	}
}

int btf_index_compare(const struct btf_index_entry *a, const struct btf_index_entry *b)
{
	int by_name = a->name == b->name ? 0 : strncmp(a->name, b->name, BTF_NAME_MOST);

	if (by_name)
		return by_name;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

static int compare(const void *left, const void *right)
{
	const struct btf_index_entry *a = left, *b = right;
	int r = btf_index_compare(a, b);

	return r ? r : (a->id > b->id) - (a->id < b->id);
}

int btf_index_init(struct btf_index *index, const struct btf_reader *btf, const char *glob,
		   struct inspect_error *err)
{
	size_t most = btf->end_id - btf->first_id;
	struct btf_entry type;

	*index = (struct btf_index){ .entries = calloc(most ? most : 1, sizeof(*index->entries)) };
	if (!index->entries)
		return inspect_fail(err, ENOMEM, "index of types");
	for (uint32_t id = btf->first_id; btf_type(btf, id, &type); id++) {
		uint32_t kind = *type.name ? index_kind(&type) : KIND_VOID;

		if (kind == KIND_VOID || (glob && fnmatch(glob, type.name, 0) != 0))
			continue;
		index->entries[index->n++] = (struct btf_index_entry){
			.name = type.name,
			.kind = kind,
			.id = id,
		};
	}
	qsort(index->entries, index->n, sizeof(*index->entries), compare);
	return 0;
}

void btf_index_done(struct btf_index *index)
{
	free(index->entries);
	*index = (struct btf_index){ 0 };
}

void btf_take_nearer(const char *candidate, const char *name, const char **nearest, size_t *least)
{
	size_t length = strlen(name), n = strnlen(candidate, length + *least);

	/* Each byte that one has more is an edit at least. */
	if (!n || n >= length + *least || length >= n + *least)
		return;
	size_t distance = text_distance(candidate, name);
	if (distance < *least) {
		*least = distance;
		*nearest = candidate;
	}
}

const char *btf_nearest_name(const struct btf_reader *btf, const char *name, bool with_enumerators)
{
	size_t length = strlen(name), least = length < BTF_NEAR_MOST ? length : BTF_NEAR_MOST;
	const char *nearest = NULL;
	struct btf_entry type;

	for (uint32_t id = 1; least && btf_type(btf, id, &type); id++) {
		bool is_enum = type.kind == KIND_ENUM || type.kind == KIND_ENUM64;

		btf_take_nearer(type.name, name, &nearest, &least);
		for (uint32_t i = 0; with_enumerators && is_enum && i < type.vlen; i++) {
			size_t at = (size_t)i * (type.kind == KIND_ENUM ? 8 : 12);

			btf_take_nearer(btf_string(btf, btf_word(type.tail, at)), name, &nearest,
					&least);
		}
	}
	return nearest;
}
