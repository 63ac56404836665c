/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * builtins.c - lists of names
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "base/text.h"
#include "kernel/names.h"
#include "probe/print.h"
#include "probe/probe.h"

struct list {
	const char *word;
	enum names_set set;
	const char *prefix;
};

static const struct list lists[] = {
	[INSPECT_BUILTINS_PROG_TYPES] = { "prog_types", NAMES_PROG_TYPE, "" },
	[INSPECT_BUILTINS_MAP_TYPES] = { "map_types", NAMES_MAP_TYPE, "" },
	[INSPECT_BUILTINS_ATTACH_TYPES] = { "attach_types", NAMES_ATTACH_TYPE, "" },
	[INSPECT_BUILTINS_LINK_TYPES] = { "link_types", NAMES_LINK_TYPE, "" },
	[INSPECT_BUILTINS_HELPERS] = { "helpers", NAMES_HELPER, "bpf_" },
	[INSPECT_BUILTINS_KFUNCS] = { "kfuncs", NAMES_SETS, "" },
};

#define N_LISTS (sizeof(lists) / sizeof(*lists))
#define NAME_ROOM 256

static int each_number(struct inspect *inspect, const struct list *list,
		       int (*each)(void *context, const struct inspect_builtin *builtin),
		       void *context)
{
	char name[NAME_ROOM];
	const char *word;
	int r = 0;

	/* Behind the table's end the kernel's types are asked. */
	for (unsigned i = 0; !r && (word = names_get(&inspect->names, &inspect->sys, list->set, i));
	     i++) {
		struct inspect_builtin builtin = { .name = name,
						   .number = i,
						   .have = INSPECT_BUILTIN_HAS_NUMBER };

		snprintf(name, sizeof(name), "%s%s", list->prefix, word);
		r = each(context, &builtin);
	}
	return r;
}

/* Names that the kernel's types tag; they lie in these. */
struct tagged {
	const char **names;
	size_t n, room;
};

static void tagged_done(struct tagged *tagged)
{
	free(tagged->names);
}

static int add_tagged(void *context, const char *name, uint32_t id)
{
	struct tagged *tagged = context;

	(void)id;
	if (tagged->n == tagged->room) {
		size_t room = tagged->room ? 2 * tagged->room : 512;
		const char **names = realloc(tagged->names, room * sizeof(*names));

		if (!names)
			return -ENOMEM;
		tagged->names = names;
		tagged->room = room;
	}
	tagged->names[tagged->n++] = name;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int fail_no_kfuncs(int code, struct inspect_error *err)
{
	inspect_fail(err, code, "kfuncs");
	if (code == ENOENT)
		return inspect_hint(
			err,
			"the kernel's types, in /sys/kernel/btf/vmlinux, do not say which "
			"functions are kfuncs: they do from Linux 6.16 on, and where they are there");
	return inspect_hint(err, "the kernel's types cannot be read from /sys/kernel/btf/vmlinux");
}

static void probe_types_free(struct probe **probe)
{
	if (*probe)
		types_done(&(*probe)->types);
	free(*probe);
}

static int each_kfunc(struct inspect *inspect,
		      int (*each)(void *context, const struct inspect_builtin *builtin),
		      void *context, struct inspect_error *err)
{
	AUTO(probe_types_free) struct probe *probe = calloc(1, sizeof(*probe));
	AUTO(tagged_done) struct tagged tagged = { 0 };

	if (!probe)
		return inspect_fail(err, ENOMEM, "kfuncs");
	probe->inspect = inspect;
	probe->sys = &inspect->sys;
	int r = types_tagged(probe, "bpf_kfunc", add_tagged, &tagged);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "kfuncs");
	if (r < 0 || !tagged.n)
		return fail_no_kfuncs(r < 0 ? -r : ENOENT, err);
	qsort(tagged.names, tagged.n, sizeof(*tagged.names), compare);
	for (size_t i = 0; i < tagged.n; i++) {
		struct inspect_builtin builtin = { .name = tagged.names[i] };

		if (i && strcmp(tagged.names[i], tagged.names[i - 1]) == 0)
			continue;
		r = each(context, &builtin);
		if (r)
			return r;
	}
	return 0;
}

int inspect_builtins_each(struct inspect *inspect, enum inspect_builtins list,
			  int (*each)(void *context, const struct inspect_builtin *builtin),
			  void *context, struct inspect_error *err)
{
	ERROR_NEEDED(err);

	if (list == INSPECT_BUILTINS_KFUNCS)
		return each_kfunc(inspect, each, context, err);
	return each_number(inspect, &lists[list], each, context);
}

#define T struct inspect_builtin

static const struct field builtin_fields[] = {
	FIELD(T, name, "name", "the name"),
	FIELD_IF(INSPECT_BUILTIN_HAS_NUMBER, T, number, "number",
		 "the kernel's number for it; functions have none"),
};

static void builtin_plain(struct out *out, const void *record)
{
	const T *builtin = record;

	out_fmt(out, "%s\n", builtin->name);
}

const struct schema builtin_schema = {
	.name = "builtin",
	.fields = builtin_fields,
	.n = sizeof(builtin_fields) / sizeof(*builtin_fields),
	.columns = "number,name",
	.plain = builtin_plain,
	.have_at = offsetof(T, have),
	.failed_at = -1,
};

/* bpftool's JSON has bare names. */
static int put(void *context, const struct inspect_builtin *builtin)
{
	struct printer *printer = context;

	if (sink_is_compatible(printer->sink))
		sink_string(printer->sink, NULL, builtin->name);
	else
		print_record(printer, builtin);
	return sink_error(printer->sink) ? 1 : 0;
}

/* The words are bpftool's; the list that it lacks stands in the hint. */
static int find_list(const char *word, struct inspect_error *err)
{
	struct name_search search;

	name_search_begin(&search, word);
	for (size_t i = 0; *word && i < N_LISTS; i++) {
		if (text_has_prefix(lists[i].word, word))
			return (int)i;
		name_search_try(&search, lists[i].word);
	}
	inspect_fail(err, INSPECT_EUSAGE,
		     "expected 'prog_types', 'map_types', 'attach_types', 'link_types' or "
		     "'helpers', got: %s",
		     word);
	inspect_hint(err, "'kfuncs' is known, too");
	return name_search_hint(&search, err);
}

int print_builtins(struct inspect *inspect, struct sink *sink, const char *list,
		   struct inspect_error *err)
{
	struct printer printer;

	int which = find_list(list, err);
	if (which < 0)
		return which;
	int r = print_init(&printer, sink, &builtin_schema, err);
	if (r < 0)
		return r;
	print_open(&printer, false);
	r = inspect_builtins_each(inspect, (enum inspect_builtins)which, put, &printer, err);
	print_close(&printer, false);
	return r < 0 ? r : 0;
}
