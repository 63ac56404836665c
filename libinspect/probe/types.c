/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * types.c - the running kernel's types, for questions
 *
 * Where reading stopped at a kind that this build does not know, what was not found may stand behind it: then the types
 * count as not to be had, so that nobody takes it for a "no".
 */
#include "probe/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "btf/parts.h"
#include "btf/raw.h"
#include "probe/answer.h"
#include "probe/probe.h"

#define BYTES_MOST ((size_t)256 << 20)
#define SEEKS_MOST 2u /* questions that are answered without an index */
#define HASH_BITS 17
#define BIT(kind) (1u << (kind))

static void close_index(struct types *types)
{
	free(types->heads);
	free(types->next);
	types->heads = types->next = NULL;
}

void types_done(struct types *types)
{
	close_index(types);
	btf_done(&types->btf);
	proc_bytes_done(&types->bytes);
	*types = (struct types){ 0 };
}

static int open_bytes(struct probe *probe)
{
	struct types *types = &probe->types;

	if (!types->was_asked) {
		types->was_asked = true;
		types->error =
			proc_bytes_read(probe->sys, KERNEL_BTF, BYTES_MOST, &types->bytes, NULL);
	}
	return types->error;
}

/* FNV-1a; of the names of types nobody is attacked with. */
static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash >> (32 - HASH_BITS) ^ (hash & ((1u << HASH_BITS) - 1));
}

/* From the last id to the first, so that the first of a name is found first. */
static int make_index(struct types *types)
{
	struct btf_entry type;

	types->heads = calloc((size_t)1 << HASH_BITS, sizeof(*types->heads));
	types->next = calloc(btf_count(&types->btf), sizeof(*types->next));
	if (!types->heads || !types->next) {
		close_index(types);
		return -ENOMEM;
	}
	for (uint32_t id = btf_count(&types->btf) - 1; id && btf_type(&types->btf, id, &type);
	     id--) {
		if (!*type.name)
			continue;
		uint32_t *head = &types->heads[hash_name(type.name)];
		types->next[id] = *head;
		*head = id;
	}
	return 0;
}

const struct btf_reader *types_reader(struct probe *probe, int *error)
{
	struct types *types = &probe->types;

	*error = open_bytes(probe);
	if (!*error && !types->btf.end_id)
		*error = types->error =
			btf_init(&types->btf, types->bytes.bytes, types->bytes.size, NULL, NULL);
	return *error ? NULL : &types->btf;
}

static bool is_of(uint32_t kinds, uint32_t kind)
{
	return kind < KINDS && kinds >> kind & 1;
}

/* What stands behind a kind that is not known cannot be said to be missing. */
static int none_in(const struct btf_reader *btf)
{
	return btf->stopped_kind ? -EOPNOTSUPP : 0;
}

static int look_up(struct probe *probe, uint32_t kinds, const char *name)
{
	struct types *types = &probe->types;
	struct btf_entry type;
	int r;

	const struct btf_reader *btf = types_reader(probe, &r);
	if (!btf)
		return r;
	r = types->heads ? 0 : make_index(types);
	if (r < 0)
		return r;
	for (uint32_t id = types->heads[hash_name(name)]; id; id = types->next[id])
		if (btf_type(btf, id, &type) && is_of(kinds, type.kind) &&
		    strcmp(type.name, name) == 0)
			return (int)id;
	return none_in(btf);
}

int types_find(struct probe *probe, uint32_t kinds, const char *name, struct btf_sought *out)
{
	struct types *types = &probe->types;

	int r = open_bytes(probe);
	if (r < 0)
		return r;
	if (!types->btf.end_id && types->n_sought++ < SEEKS_MOST) {
		return btf_seek(out, types->bytes.bytes, types->bytes.size, name, kinds, NULL);
	}
	r = look_up(probe, kinds, name);
	if (r <= 0)
		return r;
	out->id = (uint32_t)r;
	out->btf = types->btf;
	btf_type(&types->btf, out->id, &out->type);
	return 1;
}

static uint32_t bits_of(enum btf_reader_kind kind)
{
	return kind == KIND_ENUM ? BIT(KIND_ENUM) | BIT(KIND_ENUM64) : BIT(kind);
}

int types_id(struct probe *probe, enum btf_reader_kind kind, const char *name)
{
	struct btf_sought found;

	int r = types_find(probe, bits_of(kind), name, &found);
	return r > 0 ? (int)found.id : r;
}

/* Whoever looks for an enumerator, by name or by number. */
struct enumerator {
	const char *name; /* NULL: the first with this value */
	uint64_t value;
};

static int take_enumerator(void *context, const char *name, uint64_t value)
{
	struct enumerator *wanted = context;
	bool fits = wanted->name ? strcmp(wanted->name, name) == 0 : wanted->value == value;

	if (fits)
		*wanted = (struct enumerator){ name, value };
	return fits;
}

static int each_enumerator(const struct btf_reader *btf, const struct btf_entry *type,
			   int (*each)(void *context, const char *name, uint64_t value),
			   void *context)
{
	for (uint32_t i = 0; i < type->vlen; i++) {
		struct btf_enumerator at = btf_enumerator_at(type, i);
		const char *name = btf_string(btf, at.name);
		int r = name ? each(context, name, at.value) : 0;

		if (r)
			return r;
	}
	return 0;
}

static int value_of_any(struct probe *probe, struct enumerator *wanted)
{
	struct btf_entry type;
	int r;

	const struct btf_reader *btf = types_reader(probe, &r);
	if (!btf)
		return r;
	for (uint32_t id = 1; btf_type(btf, id, &type); id++)
		if (is_of(bits_of(KIND_ENUM), type.kind) &&
		    each_enumerator(btf, &type, take_enumerator, wanted))
			return 1;
	return none_in(btf);
}

int types_value(struct probe *probe, const char *enumeration, const char *name, uint64_t *value)
{
	struct enumerator wanted = { .name = name };
	struct btf_sought found;

	int r = enumeration ? types_find(probe, bits_of(KIND_ENUM), enumeration, &found)
			    : value_of_any(probe, &wanted);
	if (r > 0 && enumeration)
		r = each_enumerator(&found.btf, &found.type, take_enumerator, &wanted);
	if (r > 0)
		*value = wanted.value;
	return r;
}

const char *types_enumerator(struct probe *probe, const char *enumeration, uint64_t value)
{
	struct enumerator wanted = { .value = value };
	struct btf_sought found;

	if (types_find(probe, bits_of(KIND_ENUM), enumeration, &found) <= 0)
		return NULL;
	each_enumerator(&found.btf, &found.type, take_enumerator, &wanted);
	return wanted.name;
}

int types_enumerators(struct probe *probe, const char *enumeration,
		      int (*each)(void *context, const char *name, uint64_t value), void *context)
{
	struct btf_sought found;

	int r = types_find(probe, bits_of(KIND_ENUM), enumeration, &found);
	if (r <= 0)
		return r;
	r = each_enumerator(&found.btf, &found.type, each, context);
	return r ? r : 1;
}

/* A member of the type itself: neither of another, nor of an anonymous one. */
static bool has_own_member(const struct btf_sought *structure, const char *name)
{
	for (uint32_t i = 0; i < structure->type.vlen; i++) {
		struct btf_member member = btf_member_at(&structure->type, i);
		const char *has = btf_string(&structure->btf, member.name);

		if (has && strcmp(has, name) == 0)
			return true;
	}
	return false;
}

static void see_part(void *context, const struct btf_part *part)
{
	(void)part;
	*(bool *)context = true;
}

static int has_part(struct probe *probe, uint32_t id, const char *path)
{
	AUTO(btf_parts_done) struct btf_parts parts = { 0 };
	struct btf_budget budget;
	bool is_there = false;
	int r;

	const struct btf_reader *btf = types_reader(probe, &r);
	if (!btf)
		return r;
	btf_budget_init(&budget, btf);
	parts.btf = btf;
	parts.budget = &budget;
	r = btf_parts_fit(&parts, id, path, see_part, &is_there, NULL);
	return r < 0 ? r : is_there;
}

int types_member(struct probe *probe, const char *structure, const char *path)
{
	struct btf_sought found;

	int r = types_find(probe, BIT(KIND_STRUCT), structure, &found);
	if (!r)
		r = types_find(probe, BIT(KIND_UNION) | BIT(KIND_TYPEDEF), structure, &found);
	if (r <= 0)
		return r;
	if (found.type.kind != KIND_TYPEDEF && has_own_member(&found, path))
		return 1;
	return has_part(probe, found.id, path);
}

int types_each(struct probe *probe, enum btf_reader_kind kind, const char *prefix,
	       int (*each)(void *context, const char *name, uint32_t id), void *context)
{
	uint32_t kinds = bits_of(kind);
	struct btf_entry type;
	int r;

	const struct btf_reader *btf = types_reader(probe, &r);
	if (!btf)
		return r;
	for (uint32_t id = 1; btf_type(btf, id, &type); id++) {
		if (!is_of(kinds, type.kind) || !text_has_prefix(type.name, prefix))
			continue;
		r = each(context, type.name, id);
		if (r)
			return r;
	}
	return none_in(btf);
}

int types_tagged(struct probe *probe, const char *tag,
		 int (*each)(void *context, const char *name, uint32_t id), void *context)
{
	struct btf_entry type, tagged;
	int r;

	const struct btf_reader *btf = types_reader(probe, &r);
	if (!btf)
		return r;
	for (uint32_t id = 1; btf_type(btf, id, &type); id++) {
		if (type.kind != KIND_DECL_TAG || strcmp(type.name, tag) != 0 ||
		    !btf_type(btf, type.size_or_type, &tagged))
			continue;
		r = each(context, tagged.name, type.size_or_type);
		if (r)
			return r;
	}
	return none_in(btf);
}

void types_unknown(struct inspect_feature *out, int error)
{
	out->answer = INSPECT_UNKNOWN;
	out->code = -error;
	out->reason = error == -EACCES || error == -EPERM ? INSPECT_REASON_UNREADABLE
							  : INSPECT_REASON_NO_TYPES;
}
