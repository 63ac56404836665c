/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core_types.c - types of a blob by the part of their name that counts
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "probe/core.h"

size_t core_name_length(const char *name)
{
	size_t n = strlen(name);

	/* "a___b" is "a"; what is before or behind the three must not be another one. */
	for (size_t i = n; i-- > 4;)
		if (strncmp(name + i - 3, "___", 3) == 0 && name[i - 4] != '_' && name[i] != '_')
			return i - 3;
	return n;
}

bool core_same_name(const char *a, const char *b)
{
	size_t n = core_name_length(a);

	return n == core_name_length(b) && memcmp(a, b, n) == 0;
}

static uint32_t hash_of(const char *name)
{
	size_t n = core_name_length(name);
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	return hash ^ hash >> 15;
}

void core_types_done(struct core_types *types)
{
	free(types->heads);
	free(types->nexts);
	*types = (struct core_types){ 0 };
}

int core_types_init(struct core_types *types, const struct btf_reader *btf)
{
	uint32_t own = btf->end_id - btf->first_id, room = 64;
	struct btf_entry type;

	while (room < own / 2 && room < 1u << 22)
		room *= 2;
	*types = (struct core_types){ .btf = btf, .mask = room - 1 };
	types->heads = calloc(room, sizeof(*types->heads));
	types->nexts = calloc((size_t)own + 1, sizeof(*types->nexts));
	if (!types->heads || !types->nexts) {
		core_types_done(types);
		return -ENOMEM;
	}
	/* From behind, so that chains are in the order of ids. */
	for (uint32_t id = btf->end_id; id-- > btf->first_id;) {
		if (!btf_type(btf, id, &type) || !*type.name)
			continue;
		uint32_t *head = &types->heads[hash_of(type.name) & types->mask];

		types->nexts[id - btf->first_id] = *head;
		*head = id;
	}
	return 0;
}

static uint32_t skip_others(const struct core_types *types, uint32_t id, const char *name)
{
	struct btf_entry type;

	while (id && (!btf_type(types->btf, id, &type) || !core_same_name(type.name, name)))
		id = types->nexts[id - types->btf->first_id];
	return id;
}

uint32_t core_types_first(const struct core_types *types, const char *name)
{
	return types->heads ? skip_others(types, types->heads[hash_of(name) & types->mask], name)
			    : 0;
}

uint32_t core_types_next(const struct core_types *types, uint32_t id, const char *name)
{
	return skip_others(types, types->nexts[id - types->btf->first_id], name);
}

uint32_t core_types_find(const struct core_types *types, uint32_t kind, const char *name)
{
	struct btf_entry type;

	for (uint32_t id = core_types_first(types, name); id; id = core_types_next(types, id, name))
		if (btf_type(types->btf, id, &type) && strcmp(type.name, name) == 0 &&
		    (type.kind == kind || (kind == KIND_ENUM && type.kind == KIND_ENUM64)))
			return id;
	return 0;
}
