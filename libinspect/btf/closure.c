/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * closure.c - some types, and all that they depend on
 *
 * References may go round in circles. Every id waits once: when it is added to the set.
 */
#include "btf/closure.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"

int btf_set_init(struct btf_set *set, const struct btf_reader *btf, struct inspect_error *err)
{
	uint32_t end = btf_count(btf);

	*set = (struct btf_set){ .bits = calloc(end / 8 + 1, 1) };
	if (!set->bits)
		return inspect_fail(err, ENOMEM, "room for a set of types");
	set->end = end;
	return 0;
}

void btf_set_done(struct btf_set *set)
{
	free(set->bits);
	*set = (struct btf_set){ 0 };
}

bool btf_set_add(struct btf_set *set, uint32_t id)
{
	if (id >= set->end || btf_set_has(set, id))
		return false;
	set->bits[id / 8] |= (uint8_t)(1u << id % 8);
	return true;
}

uint32_t btf_set_add_names(struct btf_set *set, const struct btf_reader *btf, const char *glob)
{
	struct btf_entry type;
	uint32_t n = 0;

	for (uint32_t id = btf->first_id; btf_type(btf, id, &type); id++)
		if (*type.name && fnmatch(glob, type.name, 0) == 0)
			n += btf_set_add(set, id);
	return n;
}

/* Ids that are in the set, and whose references are not looked at yet. */
struct waiting {
	struct btf_set *set;
	uint32_t *ids;
	uint32_t n;
};

static void add(struct waiting *waiting, uint32_t id)
{
	if (id && btf_set_add(waiting->set, id))
		waiting->ids[waiting->n++] = id;
}

/* Elements of @each bytes, which have an id at @at. */
static void add_elements(struct waiting *waiting, const struct btf_entry *type, size_t each,
			 size_t at)
{
	for (uint32_t i = 0; i < type->vlen; i++)
		add(waiting, btf_word(type->tail, i * each + at));
}

static void add_references(struct waiting *waiting, const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_PTR:
	case KIND_TYPEDEF:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_FUNC:
	case KIND_VAR:
	case KIND_DECL_TAG:
	case KIND_TYPE_TAG:
		add(waiting, type->size_or_type);
		break;
	case KIND_ARRAY:
		add(waiting, btf_word(type->tail, 0));
		add(waiting, btf_word(type->tail, 4));
		break;
	case KIND_STRUCT:
	case KIND_UNION:
		add_elements(waiting, type, 12, 4);
		break;
	case KIND_FUNC_PROTO:
		add(waiting, type->size_or_type);
		add_elements(waiting, type, 8, 4);
		break;
	case KIND_DATASEC:
		add_elements(waiting, type, 12, 0);
		break;
	default: /* it refers to none, or is of a kind that is not known */
		break;
	}
}

int btf_set_ids(const struct btf_set *set, uint32_t **ids, uint32_t *n, struct inspect_error *err)
{
	*n = 0;
	*ids = malloc((set->end ? set->end : 1) * sizeof(**ids));
	if (!*ids)
		return inspect_fail(err, ENOMEM, "room for a set of types");
	for (uint32_t id = 0; id < set->end; id++)
		if (btf_set_has(set, id))
			(*ids)[(*n)++] = id;
	return 0;
}

int btf_close(struct btf_set *set, const struct btf_reader *btf, struct inspect_error *err)
{
	autofree uint32_t *ids = NULL; /* with room for all */
	struct waiting waiting = { .set = set };
	struct btf_entry type;

	int r = btf_set_ids(set, &ids, &waiting.n, err);
	if (r < 0)
		return r;
	waiting.ids = ids;
	while (waiting.n)
		if (btf_type(btf, ids[--waiting.n], &type))
			add_references(&waiting, &type);
	return 0;
}
