/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * crowd.c - do names crowd together in libbpf's tables?
 *
 * Only how many names have each place of the table is counted here. Names in one place of a table were
 * in one place of it when it was smaller, so only the last size is looked at.
 */
#include "btf/crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

struct hashed {
	uint64_t hash; /* its upper bits are the place */
	const char *name;
};

/* A table of names: those of structs, unions and enums, or those of typedefs and enumerators. */
struct table {
	struct hashed *names;
	size_t n;
};

/* The sum h * 31 + c, spread over 64 bits by the golden ratio. */
static uint64_t hash_name(const char *name)
{
	uint64_t hash = 0;

	for (; *name; name++)
		hash = hash * 31 + (unsigned char)*name;
	return hash * 11400714819323198485u;
}

static void add(struct table *table, const char *name)
{
	if (!*name)
		return;
	if (table->names)
		table->names[table->n] = (struct hashed){ hash_name(name), name };
	table->n++;
}

static void add_enumerators(struct table *table, const struct btf_reader *btf,
			    const struct btf_entry *type)
{
	size_t each = type->kind == KIND_ENUM ? 8 : 12;

	for (uint32_t i = 0; i < type->vlen; i++)
		add(table, btf_string(btf, btf_word(type->tail, each * i)));
}

/* Only counts where the tables have no room. */
static void add_all(const struct btf_reader *btf, struct table *tags, struct table *words)
{
	struct btf_entry type;

	for (uint32_t id = 1; btf_type(btf, id, &type); id++) {
		switch (type.kind) {
		case KIND_ENUM:
		case KIND_ENUM64:
			add_enumerators(words, btf, &type);
			add(tags, type.name);
			break;
		case KIND_STRUCT:
		case KIND_UNION:
		case KIND_FWD:
			add(tags, type.name);
			break;
		case KIND_TYPEDEF:
			add(words, type.name);
			break;
		default:
			break;
		}
	}
}

static int compare(const void *one, const void *two)
{
	const struct hashed *a = one, *b = two;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->name == b->name ? 0 : strcmp(a->name, b->name);
}

/* Sorts, and leaves each name once. */
static void settle(struct table *table)
{
	size_t n = 0;

	if (table->n)
		qsort(table->names, table->n, sizeof(*table->names), compare);
	for (size_t i = 0; i < table->n; i++)
		if (!n || compare(&table->names[n - 1], &table->names[i]) != 0)
			table->names[n++] = table->names[i];
	table->n = n;
}

/* How far a hash is shifted to be a place in a table that is filled to three quarters at most. */
static unsigned shift_of(const struct table *table)
{
	unsigned bits = 2;

	while (((uint64_t)3 << bits) / 4 < table->n)
		bits++;
	return 64 - bits;
}

/* Are more in one place than may be? A name that is there again counts again. 1, 0 or -ENOMEM. */
static int has_crowd(const struct table *table)
{
	unsigned shift = shift_of(table);
	autofree unsigned char *counts = calloc((size_t)1 << (64 - shift), 1);

	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++)
		if (counts[table->names[i].hash >> shift]++ == CROWD_MOST)
			return 1;
	return 0;
}

/* Sorting takes longer than all else here, and is needed where names are there again and again. */
static int is_crowded(struct table *table)
{
	int r = has_crowd(table);

	if (r <= 0)
		return r;
	settle(table);
	return has_crowd(table);
}

int btf_crowd_fail(struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "types: print as C: too many names have the same hash");
	return inspect_hint(err, "they seem to be made for it; the raw form can be printed");
}

int btf_crowd_check(const struct btf_reader *btf, struct inspect_error *err)
{
	struct table tags = { 0 }, words = { 0 };

	add_all(btf, &tags, &words);
	autofree struct hashed *room = calloc(tags.n + words.n + 1, sizeof(*room));
	if (!room)
		return inspect_fail(err, ENOMEM, "types: print as C");
	words = (struct table){ .names = room + tags.n };
	tags = (struct table){ .names = room };
	add_all(btf, &tags, &words);
	int r = is_crowded(&tags);
	if (r == 0)
		r = is_crowded(&words);
	if (r < 0)
		return inspect_fail(err, -r, "types: print as C");
	return r ? btf_crowd_fail(err) : 0;
}
