/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * event_type.c - of which type events are
 */
#include "watch/event_type.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "btf/index.h"

#define PROGS_MOST 16384u /* that are looked at: a quarter of a second */

/* A kind of type, and the word in front of its name in C; typedefs and numbers have none. */
static const struct {
	uint32_t kind;
	const char *word;
} kinds[] = {
	{ KIND_STRUCT, "struct " }, { KIND_UNION, "union " }, { KIND_ENUM, "enum " },
	{ KIND_ENUM64, "enum " },   { KIND_TYPEDEF, "" },     { KIND_INT, "" },
	{ KIND_FLOAT, "" },
};

#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

static bool is_called(const struct btf_entry *entry, const char *name)
{
	for (size_t i = 0; i < N_KINDS; i++) {
		if (kinds[i].kind != entry->kind)
			continue;
		if (kinds[i].word[0] && text_has_prefix(name, kinds[i].word))
			return strcmp(entry->name, name + strlen(kinds[i].word)) == 0;
		return strcmp(entry->name, name) == 0;
	}
	return false;
}

/* 0 where there is none. */
static uint32_t find_name(const struct btf_reader *btf, const char *name)
{
	for (uint32_t id = 1; id < btf_count(btf); id++) {
		struct btf_entry entry;

		if (btf_type(btf, id, &entry) && is_called(&entry, name))
			return id;
	}
	return 0;
}

static int fail_name(const struct btf_reader *btf, const char *name, struct inspect_error *err)
{
	const char *nearest = btf_nearest_name(btf, name, false);

	inspect_fail(err, ENOENT, "type '%s'", name);
	return nearest ? inspect_hint(err, "did you mean '%s'?", nearest) : -ENOENT;
}

static int make_walk(struct event_type *type, const char *name, enum walk_flavour flavour,
		     struct inspect_error *err)
{
	uint32_t id = find_name(type->source.btf, name);

	if (!id)
		return fail_name(type->source.btf, name, err);
	int r = walk_new(type->source.btf, id, flavour, &type->walk, err);
	return r < 0 ? inspect_context(err, "type '%s'", name) : 0;
}

static int open_in(struct event_type *type, struct inspect *inspect,
		   const struct inspect_btf_spec *spec, const struct event_type_how *how,
		   enum walk_flavour flavour, struct inspect_error *err)
{
	int r = btf_source_open(&type->source, inspect, spec, NULL, err);

	if (!r)
		r = make_walk(type, how->name, flavour, err);
	if (r < 0)
		event_type_close(type);
	return r;
}

static bool uses(const struct inspect_prog *prog, unsigned map_id)
{
	for (unsigned i = 0; !prog->failed && i < prog->map_ids.n; i++)
		if (prog->map_ids.ids[i] == map_id)
			return true;
	return false;
}

static struct inspect_btf_spec by_id(unsigned id)
{
	return (struct inspect_btf_spec){
		.by = INSPECT_BTF_BY_ID,
		.ref = { .kind = INSPECT_BTF, .by = INSPECT_BY_ID, .id = id },
	};
}

static int fail_no_types(const struct inspect_map *map, const char *name, struct inspect_error *err)
{
	inspect_fail(err, ENOENT, "map %u: no program with BTF uses it, to look for type '%s'",
		     map->id, name);
	return inspect_hint(err, "'btf FILE' or 'btf id ID' names where the type is");
}

/* The last program's failure stays, where none has the type. */
static int open_of_users(struct event_type *type, struct inspect *inspect,
			 const struct inspect_map *map, const struct event_type_how *how,
			 enum walk_flavour flavour, struct inspect_error *err)
{
	const struct inspect_ref all = { .kind = INSPECT_PROG, .by = INSPECT_BY_ALL };
	struct inspect_list *list;
	struct inspect_prog prog;
	int found = fail_no_types(map, how->name, err);

	int r = inspect_list_new(inspect, &all, INSPECT_WANT_MAP_IDS, &list, err);
	if (r < 0)
		return r;
	for (unsigned n = 0; found && n < PROGS_MOST; n++) {
		if (inspect_list_next(list, &prog, NULL) <= 0)
			break;
		if (uses(&prog, map->id) && prog.have & INSPECT_PROG_HAS_BTF) {
			const struct inspect_btf_spec spec = by_id(prog.btf_id);

			found = open_in(type, inspect, &spec, how, flavour, err);
		}
		inspect_prog_done(&prog);
	}
	inspect_list_free(list);
	return found;
}

int event_type_open(struct event_type *type, struct inspect *inspect, const struct inspect_map *map,
		    const struct event_type_how *how, enum walk_flavour flavour,
		    struct inspect_error *err)
{
	struct inspect_btf_spec spec = by_id(how->btf_id);

	if (how->btf_file)
		spec = (struct inspect_btf_spec){ .by = INSPECT_BTF_BY_FILE,
						  .files = { how->btf_file },
						  .n_files = 1 };
	else if (!how->btf_id)
		return open_of_users(type, inspect, map, how, flavour, err);
	return open_in(type, inspect, &spec, how, flavour, err);
}

void event_type_close(struct event_type *type)
{
	walk_free(type->walk);
	btf_source_close(&type->source);
	type->walk = NULL;
}
