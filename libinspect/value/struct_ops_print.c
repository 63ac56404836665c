/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops_print.c - struct_ops maps to a sink
 *
 * bpftool's dump is two objects for a map, which only their order holds together; the strict forms have
 * one record with both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "btf/text.h"
#include "records/struct_ops.h"
#include "value/print.h"
#include "value/struct_ops.h"
#include "value/walk.h"

#define INFO_BYTES 512 /* of the info struct, which grows */

/* A map as the dump shows it. */
struct dumped {
	unsigned have;
	struct dumped *self;
	struct inspect *inspect;
	const struct btf_reader *btf;
	const struct struct_ops_map *map;
	struct inspect_struct_ops shown; /* the map's */
	struct btf_budget budget;
	size_t info_size;
	unsigned char info[INFO_BYTES];
};

enum dumped_has {
	DUMPED_HAS_INFO = 1,
	DUMPED_HAS_VALUE = 2,
	DUMPED_HAS_FUNCTIONS = 4,
};

static enum walk_flavour flavour_of(const struct sink *sink)
{
	if (sink->form == SINK_PLAIN)
		return WALK_PLAIN;
	return sink_is_compatible(sink) ? WALK_JSON : WALK_STRICT;
}

/* The name in full, where the program can be asked. */
static bool name_prog(struct inspect *inspect, uint64_t id, char *out, size_t size)
{
	const struct inspect_ref ref = { .kind = INSPECT_PROG,
					 .by = INSPECT_BY_ID,
					 .id = (unsigned)id };
	struct inspect_list *list;
	struct inspect_prog prog;

	if (id > UINT32_MAX || inspect_list_new(inspect, &ref, INSPECT_WANT_FULL_NAME, &list, NULL))
		return false;
	bool is_there = inspect_list_next(list, &prog, NULL) > 0;
	inspect_list_free(list);
	if (!is_there)
		return false;
	const char *name = prog.name[0] ? prog.name : prog.kernel_name;
	size_t n = strnlen(name, size - 1);
	memcpy(out, name, n);
	out[n] = '\0';
	inspect_prog_done(&prog);
	return n;
}

/* A text such as "u32 (struct sock *) ssthresh/prog_id:12", or with 0 behind the prototype. */
static void put_function_text(const struct dumped *dumped, struct sink *sink, const char *key,
			      struct buf *text, uint64_t prog)
{
	char name[512], number[NUM_ROOM];

	buf_add_char(text, ' ');
	if (!prog) {
		buf_add_char(text, '0');
	} else {
		bool is_known = name_prog(dumped->inspect, prog, name, sizeof(name));

		buf_add_text(text, is_known ? name : "<unknown_prog_name>");
		buf_add_text(text, "/prog_id:");
		buf_add(text, number, num_format_u64(number, prog));
	}
	sink_text(sink, key, text->bytes, buf_failed(text) ? 0 : text->size);
}

static void put_function_record(const struct dumped *dumped, struct sink *sink, const char *key,
				const struct buf *text, uint64_t prog)
{
	char name[512];

	sink_open_record(sink, key);
	sink_text(sink, "prototype", text->bytes, buf_failed(text) ? 0 : text->size);
	if (prog)
		sink_u64(sink, "prog_id", prog);
	else
		sink_absent(sink, "prog_id");
	if (prog && name_prog(dumped->inspect, prog, name, sizeof(name)))
		sink_string(sink, "prog_name", name);
	sink_close(sink);
}

static void put_function(void *context, struct sink *sink, const char *key, uint32_t proto,
			 uint64_t prog)
{
	struct dumped *dumped = context;
	AUTO(buf_done) struct buf text = { 0 };

	btf_text_add(&text, dumped->btf, proto, "", &dumped->budget);
	if (flavour_of(sink) == WALK_STRICT)
		put_function_record(dumped, sink, key, &text, prog);
	else
		put_function_text(dumped, sink, key, &text, prog);
}

/* A value of one of the kernel's types; as bytes where that cannot be. */
static void put_typed(struct dumped *dumped, struct sink *sink, const char *key, uint32_t type_id,
		      const unsigned char *bytes, size_t size)
{
	struct walk *walk;

	if (walk_new(dumped->btf, type_id, flavour_of(sink), &walk, NULL)) {
		sink_bytes(sink, key, bytes, size);
		return;
	}
	walk_set_functions(walk, put_function, dumped);
	walk_put(walk, sink, key, bytes, size);
	walk_free(walk);
}

static uint32_t find_struct(const struct btf_reader *btf, const char *name)
{
	struct btf_entry type;

	for (uint32_t id = 1; id < btf_count(btf); id++)
		if (btf_type(btf, id, &type) && type.kind == KIND_STRUCT &&
		    strcmp(type.name, name) == 0)
			return id;
	return 0;
}

static void put_info(struct sink *sink, const char *key, const void *member)
{
	struct dumped *dumped = *(struct dumped *const *)member;
	uint32_t id = find_struct(dumped->btf, "bpf_map_info");

	put_typed(dumped, sink, key, id, dumped->info, dumped->info_size);
}

static void put_value(struct sink *sink, const char *key, const void *member)
{
	struct dumped *dumped = *(struct dumped *const *)member;
	const struct struct_ops_map *map = dumped->map;

	put_typed(dumped, sink, key, map->type_id, map->value, map->map.value_bytes);
}

/* What a row has room for: those functions that have a program. */
static void put_functions(struct sink *sink, const char *key, const void *member)
{
	const struct struct_ops_map *map = (*(struct dumped *const *)member)->map;
	AUTO(buf_done) struct buf text = { 0 };
	char digits[NUM_ROOM];

	sink_open_list(sink, key);
	for (size_t i = 0; i < map->n_functions; i++) {
		text.size = 0;
		buf_add_text(&text, map->functions[i].name);
		buf_add_char(&text, '=');
		buf_add(&text, digits, num_format_u64(digits, map->functions[i].prog_id));
		sink_text(sink, NULL, text.bytes, buf_failed(&text) ? 0 : text.size);
	}
	sink_close(sink);
}

#define D struct dumped

static const struct field dump_fields[] = {
	FIELD(D, shown.id, "id", "map id"),
	FIELD(D, shown.name, "name", "name of the map, at most 15 bytes"),
	FIELD(D, shown.type, "kernel_struct_ops", "the kernel's struct that the programs fill",
	      .column = "type"),
	FIELD_AS(FIELD_OWN, DUMPED_HAS_FUNCTIONS, D, self, "functions",
		 "members of the struct that are programs, with their ids", .own = put_functions,
		 .flags = FIELD_CELL, .shape = "[text]"),
	FIELD_AS(FIELD_OWN, DUMPED_HAS_INFO, D, self, "bpf_map_info",
		 "what the kernel tells of the map, by its own types", .own = put_info,
		 .flags = FIELD_DOCUMENT, .shape = "any"),
	FIELD_AS(FIELD_OWN, DUMPED_HAS_VALUE, D, self, "value",
		 "the registration and the struct, by the kernel's types; a function is a record "
		 "of prototype, prog_id (or null) and prog_name",
		 .own = put_value, .flags = FIELD_DOCUMENT, .shape = "any"),
};

const struct schema struct_ops_dump_schema = {
	.name = "struct_ops_dump",
	.fields = dump_fields,
	.n = sizeof(dump_fields) / sizeof(*dump_fields),
	.columns = "id,name,kernel_struct_ops,functions",
	.have_at = offsetof(struct dumped, have),
	.failed_at = offsetof(struct dumped, shown.failed),
	.id_at = offsetof(struct dumped, shown.id),
};

static void dumped_fill(struct dumped *dumped, struct inspect *inspect,
			const struct btf_reader *btf, const struct struct_ops_map *map)
{
	uint32_t length = sizeof(dumped->info);

	*dumped = (struct dumped){
		.self = dumped,
		.inspect = inspect,
		.btf = btf,
		.map = map,
		.shown = map->shown,
	};
	if (map->shown.failed)
		return;
	btf_budget_init(&dumped->budget, btf);
	if (!sys_info(&inspect->sys, map->map.fd, dumped->info, &length)) {
		dumped->have |= DUMPED_HAS_INFO;
		dumped->info_size = sizeof(dumped->info);
	}
	if (map->value)
		dumped->have |= DUMPED_HAS_VALUE | DUMPED_HAS_FUNCTIONS;
}

/* bpftool's two objects: what is known of the map, and what is in it. */
static void put_pair(struct dumped *dumped, struct sink *sink)
{
	struct btf_entry wrapper;

	sink_open_record(sink, NULL);
	if (dumped->have & DUMPED_HAS_INFO)
		put_info(sink, "bpf_map_info", &dumped->self);
	sink_close(sink);
	if (!(dumped->have & DUMPED_HAS_VALUE) ||
	    !btf_type(dumped->btf, dumped->map->type_id, &wrapper))
		return;
	sink_open_record(sink, NULL);
	put_value(sink, wrapper.name, &dumped->self);
	sink_close(sink);
}

/* The document of plain text has no place for a line. */
static void put_failed(struct sink *sink, const struct dumped *dumped)
{
	char room[128];

	sink_open_record(sink, NULL);
	sink_u64(sink, "id", dumped->shown.id);
	sink_string(sink, "error", error_text(dumped->shown.failed, room, sizeof(room)));
	sink_close(sink);
}

static void put_dumped(struct printer *printer, struct dumped *dumped)
{
	struct sink *sink = printer->sink;
	bool is_pair = sink->form == SINK_PLAIN || sink_is_compatible(sink);

	if (!is_pair)
		print_record(printer, dumped);
	else if (dumped->shown.failed)
		put_failed(sink, dumped);
	else
		put_pair(dumped, sink);
}

/* What print_struct_ops() and print_struct_ops_dump() differ in. */
struct shower {
	struct printer printer;
	bool is_dump;
	bool is_open;
	bool some_failed;
};

/* Only when it is known that there is something to show: else the error is all there is. */
static void open_once(struct shower *shower)
{
	if (shower->is_open)
		return;
	if (shower->is_dump)
		sink_begin_document(shower->printer.sink);
	print_open(&shower->printer, false);
	shower->is_open = true;
}

static void put_map(struct shower *shower, struct struct_ops_walk *walk,
		    const struct struct_ops_map *map)
{
	struct dumped dumped;

	open_once(shower);
	shower->some_failed = shower->some_failed || map->shown.failed;
	if (!shower->is_dump) {
		print_record(&shower->printer, &map->shown);
		return;
	}
	dumped_fill(&dumped, walk->inspect, walk->types.btf, map);
	put_dumped(&shower->printer, &dumped);
}

static int show_maps(struct shower *shower, struct inspect *inspect, const struct inspect_ref *ref,
		     unsigned want, struct inspect_error *err)
{
	AUTO(struct_ops_walk_done) struct struct_ops_walk walk = { 0 };
	struct struct_ops_map map;

	int r = struct_ops_walk_init(&walk, inspect, ref, want, err);
	if (r < 0)
		return r;
	while ((r = struct_ops_next(&walk, &map, err)) > 0) {
		put_map(shower, &walk, &map);
		struct_ops_map_done(&map);
		if (sink_error(shower->printer.sink))
			break;
	}
	if (r >= 0)
		open_once(shower);
	if (shower->is_open)
		print_close(&shower->printer, false);
	return r < 0 ? r : shower->some_failed;
}

int print_struct_ops(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		     struct inspect_error *err)
{
	struct shower shower = { 0 };

	ERROR_NEEDED(err);
	int r = print_init(&shower.printer, sink, &struct_ops_schema, err);
	if (r < 0)
		return r;
	/* bpftool's layout has neither state nor links. */
	unsigned want = sink->form == SINK_PLAIN ? 0 : shower.printer.want;
	return show_maps(&shower, inspect, ref, want, err);
}

int print_struct_ops_dump(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
			  struct inspect_error *err)
{
	struct shower shower = { .is_dump = true };

	ERROR_NEEDED(err);
	int r = print_init(&shower.printer, sink, &struct_ops_dump_schema, err);
	return r < 0 ? r : show_maps(&shower, inspect, ref, STRUCT_OPS_WANT_VALUE, err);
}
