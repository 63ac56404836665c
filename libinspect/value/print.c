/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.c - the elements of maps to a sink
 *
 * bpftool's forms set the elements of several maps apart, by a header or in a list of their own; in
 * all other forms each element says of which map it is, and they follow each other.
 */
#include "value/print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "value/cell.h"
#include "value/link.h"
#include "value/metadata.h"
#include "value/types.h"

/* An element, and what is known of its types. */
struct shown_elem {
	struct inspect_elem elem;
	struct elem_shape *shape;
};

enum shown_elem_has {
	SHOWN_HAS_TYPES = 1 << 16, /* beside INSPECT_ELEM_HAS_ bits */
	SHOWN_HAS_FORMATTED = 1 << 17,
};

/* How the elements of the map at hand are shown. */
struct elem_shape {
	struct elem_types types;
	struct value_cell cell;
};

static void put_raw(struct sink *sink, const char *key, const struct inspect_bytes *bytes)
{
	sink_bytes(sink, key, bytes->bytes, bytes->size);
}

/* What has no type is bytes, and in bpftool's JSON those have a place of their own. */
static void put_typed(struct sink *sink, const char *key, struct elem_shape *shape,
		      const struct walk *walk, const struct inspect_bytes *bytes)
{
	if (!walk)
		put_raw(sink, key, bytes);
	else
		value_cell_put(&shape->cell, sink, key, walk, bytes);
}

static const struct walk *walk_of(const struct shown_elem *shown, bool is_key)
{
	if (!(shown->elem.have & SHOWN_HAS_TYPES))
		return NULL;
	return is_key ? shown->shape->types.key : shown->shape->types.value;
}

static void put_cpu_values(struct sink *sink, const char *key, const struct shown_elem *shown,
			   const struct walk *walk)
{
	const struct inspect_cpu_values *values = &shown->elem.per_cpu;

	sink_open_list(sink, key);
	for (unsigned i = 0; i < values->n; i++) {
		const struct inspect_bytes value = { values->bytes + i * values->stride,
						     values->size };

		sink_open_record(sink, NULL);
		sink_u64(sink, "cpu", values->cpus[i]);
		put_typed(sink, "value", shown->shape, walk, &value);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_key(struct sink *sink, const char *key, const void *record)
{
	const struct shown_elem *shown = record;
	bool is_raw = sink_is_compatible(sink);

	put_typed(sink, key, shown->shape, is_raw ? NULL : walk_of(shown, true), &shown->elem.key);
}

static void put_value(struct sink *sink, const char *key, const void *record)
{
	const struct shown_elem *shown = record;
	bool is_raw = sink_is_compatible(sink);

	put_typed(sink, key, shown->shape, is_raw ? NULL : walk_of(shown, false),
		  &shown->elem.value);
}

static void put_values(struct sink *sink, const char *key, const void *record)
{
	const struct shown_elem *shown = record;
	bool is_raw = sink_is_compatible(sink);

	put_cpu_values(sink, key, shown, is_raw ? NULL : walk_of(shown, false));
}

/* bpftool's place for the reason is where the value would be. */
static void put_reason_record(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_elem *elem = &((const struct shown_elem *)member)->elem;

	sink_open_record(sink, key);
	sink_string(sink, "error",
		    elem->slot == INSPECT_SLOT_EMPTY ? "No such file or directory" : elem->reason);
	sink_close(sink);
}

static void put_reason(struct sink *sink, const char *key, const void *member)
{
	sink_string(sink, key, ((const struct shown_elem *)member)->elem.reason);
}

/*
 * A row has one cell for the value: the element's, those of all CPUs, or why there is none. Those of all
 * CPUs stand beside each other as cpu:value.
 */
static void put_cell(struct sink *sink, const char *key, const void *record)
{
	const struct shown_elem *shown = record;

	if (shown->elem.have & INSPECT_ELEM_HAS_PER_CPU)
		put_values(sink, key, shown);
	else if (shown->elem.have & INSPECT_ELEM_HAS_VALUE)
		put_value(sink, key, shown);
	else
		put_reason(sink, key, shown);
}

/* The element as its types have it: bpftool's "formatted", and an entry of its plain output. */
static void put_formatted(struct sink *sink, const char *key, const void *record)
{
	const struct shown_elem *shown = record;
	const struct walk *walk = walk_of(shown, false);

	sink_open_record(sink, key);
	if (walk_of(shown, true))
		put_typed(sink, "key", shown->shape, walk_of(shown, true), &shown->elem.key);
	if (shown->elem.have & INSPECT_ELEM_HAS_PER_CPU)
		put_cpu_values(sink, "values", shown, walk);
	else if (shown->elem.have & INSPECT_ELEM_HAS_VALUE)
		put_typed(sink, "value", shown->shape, walk, &shown->elem.value);
	else
		put_reason_record(sink, "value", shown);
	sink_close(sink);
}

#define E struct shown_elem

static const struct field elem_fields[] = {
	FIELD(E, elem.map_id, "map_id", "of which map", .flags = FIELD_STRICT),
	FIELD_AS(FIELD_OWN, 0, E, elem, "key", "the key", .own = put_key, .shape = "any"),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_VALUE, E, elem, "value", "the value", .own = put_value,
		 .flags = FIELD_DOCUMENT, .shape = "any"),
	FIELD_AS(FIELD_OWN, 0, E, elem, "value", "the value", .own = put_cell, .flags = FIELD_CELL),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_REASON, E, elem, "value", "why there is none",
		 .own = put_reason_record, .flags = FIELD_COMPATIBLE),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_PER_CPU, E, elem, "values",
		 "the value of each possible CPU", .own = put_values,
		 .shape = "[{cpu:u32,value:any}]"),
	FIELD_IF(INSPECT_ELEM_HAS_INNER_MAP, E, elem.inner_map_id, "inner_map_id",
		 "the value as the id of a map"),
	FIELD_IF(INSPECT_ELEM_HAS_PROG, E, elem.prog_id, "prog_id",
		 "the value as the id of a program"),
	FIELD_AS(FIELD_OWN, SHOWN_HAS_FORMATTED, E, elem, "formatted",
		 "key and value as their types have them", .own = put_formatted,
		 .flags = FIELD_COMPATIBLE),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_REASON, E, elem, "error", "why there is no value",
		 .own = put_reason, .flags = FIELD_STRICT, .shape = "text"),
	FIELD_IF(INSPECT_ELEM_HAS_SEARCHED, E, elem.is_searched, "key_is_searched",
		 "the key is what was looked up; the map has a shorter prefix of it"),
};

_Static_assert(offsetof(struct shown_elem, elem.have) == 0,
	       "FIELD_OWN of it gets the whole element");

static void plain_cpu_values(struct out *out, const struct inspect_cpu_values *values)
{
	for (unsigned i = 0; i < values->n; i++) {
		out_fmt(out, "value (CPU %02u):%c", values->cpus[i],
			values->size > 16 ? '\n' : ' ');
		out_hex_rows(out, values->bytes + i * values->stride, values->size);
		out_char(out, '\n');
	}
}

/* The value of an element that has one of its own, or what stands in its place. */
static void plain_value(struct out *out, const struct inspect_elem *elem, bool is_block)
{
	if (elem->have & INSPECT_ELEM_HAS_INNER_MAP) {
		out_fmt(out, "inner_map_id:%c%u ", is_block ? '\n' : ' ', elem->inner_map_id);
		return;
	}
	out_literal(out, "value:");
	out_char(out, is_block ? '\n' : ' ');
	if (elem->have & INSPECT_ELEM_HAS_REASON)
		out_fmt(out, elem->slot == INSPECT_SLOT_EMPTY ? "<%s>" : "%s", elem->reason);
	else
		out_hex_rows(out, elem->value.bytes, elem->value.size);
}

static void elem_plain(struct out *out, const void *record)
{
	const struct inspect_elem *elem = &((const struct shown_elem *)record)->elem;
	bool has_reason = elem->have & INSPECT_ELEM_HAS_REASON;
	size_t key = elem->key.size;
	size_t value = has_reason ? strlen(elem->reason) : elem->value.size;

	if (has_reason && elem->slot == INSPECT_SLOT_EMPTY)
		value += 2; /* it stands in angle brackets */
	bool is_block = key > 16 || value > 16;

	if (elem->have & INSPECT_ELEM_HAS_PER_CPU) {
		out_literal(out, "key:\n");
		out_hex_rows(out, elem->key.bytes, key);
		out_char(out, '\n');
		plain_cpu_values(out, &elem->per_cpu);
		return;
	}
	if (key) {
		out_literal(out, "key:");
		out_char(out, is_block ? '\n' : ' ');
		out_hex_rows(out, elem->key.bytes, key);
		if (value && !is_block && key + value <= 24)
			out_literal(out, "  ");
		else
			out_char(out, '\n');
	}
	if (value) {
		plain_value(out, elem, is_block);
		out_char(out, '\n');
	}
}

const struct schema elem_schema = {
	.name = "element",
	.fields = elem_fields,
	.n = sizeof(elem_fields) / sizeof(*elem_fields),
	.columns = "key,value",
	.plain = elem_plain,
	.have_at = offsetof(struct shown_elem, elem.have),
	.failed_at = -1,
};

enum elem_count_has {
	COUNT_HAS_MAX = 1,
};

struct elem_count {
	unsigned have;
	unsigned id;
	unsigned long long elements;
	unsigned max_entries;
	unsigned full_percent;
};

#define C struct elem_count

static const struct field count_fields[] = {
	FIELD(C, id, "id", "map id"),
	FIELD(C, elements, "elements", "elements in it; empty slots are not counted"),
	FIELD_IF(COUNT_HAS_MAX, C, max_entries, "max_entries", "most elements it can hold"),
	FIELD_IF(COUNT_HAS_MAX, C, full_percent, "full_percent", "how full it is, rounded down"),
};

const struct schema elem_count_schema = {
	.name = "count",
	.fields = count_fields,
	.n = sizeof(count_fields) / sizeof(*count_fields),
	.columns = "id,elements,max_entries,full_percent",
	.have_at = offsetof(struct elem_count, have),
	.failed_at = -1,
};

static void note(const struct elem_printer *printer, const char *text)
{
	if (printer->how->note)
		printer->how->note(printer->how->context, text);
}

static void shape_free(struct elem_shape *shape)
{
	if (!shape)
		return;
	elem_types_done(&shape->types);
	value_cell_done(&shape->cell);
	free(shape);
}

static enum walk_flavour flavour_of(const struct sink *sink)
{
	switch (sink->form) {
	case SINK_PLAIN:
		return WALK_PLAIN;
	case SINK_JSON:
		return WALK_JSON;
	case SINK_STRICT:
	case SINK_LINES:
	case SINK_TABLE:
	case SINK_TSV:
		break;
	}
	return WALK_STRICT;
}

/* bpftool shows bytes where a map has no BTF: its forms borrow types only when told so. */
static bool may_borrow(const struct elem_printer *printer)
{
	return printer->how->is_typed || flavour_of(printer->sink) == WALK_STRICT;
}

static void note_problem(const struct elem_printer *printer, const struct inspect_error *err)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s: shown as bytes", err->what);
	note(printer, text);
}

static void note_types(const struct elem_printer *printer, const struct inspect_map *map,
		       unsigned lender)
{
	char text[160];

	if (lender)
		snprintf(text, sizeof(text),
			 "map %u has no BTF: its types are those that program %u has for it",
			 map->id, lender);
	else
		snprintf(text, sizeof(text),
			 "map %u has no BTF, and no program that uses it has its types", map->id);
	note(printer, text);
}

/* Finds the types of a map's elements; without them the printer has no shape. */
static int open_types(struct elem_printer *printer, const struct inspect_map *map, bool is_quiet,
		      struct inspect_error *err)
{
	struct elem_shape *shape = calloc(1, sizeof(*shape));
	struct inspect_error problem = { 0 };

	if (!shape)
		return inspect_fail(err, ENOMEM, "map %u: read its types", map->id);

	int r = elem_types_init(&shape->types, printer->inspect, map, flavour_of(printer->sink),
				may_borrow(printer), &problem);
	if (r < 0 && !is_quiet)
		note_problem(printer, &problem);
	if (!is_quiet && (r > 0 ? shape->types.lender : !r && printer->how->is_typed))
		note_types(printer, map, shape->types.lender);
	if (r <= 0) {
		shape_free(shape);
		return r == -ENOMEM ? inspect_fail(err, ENOMEM, "%s", problem.what) : 0;
	}
	printer->shape = shape;
	return 0;
}

static void close_types(struct elem_printer *printer)
{
	shape_free(printer->shape);
	printer->shape = NULL;
}

int elem_printer_init(struct elem_printer *printer, struct inspect *inspect, struct sink *sink,
		      const struct print_elems *how, struct inspect_error *err)
{
	*printer = (struct elem_printer){ .inspect = inspect, .sink = sink, .how = how };
	return print_init(&printer->printer, sink,
			  how->count_only ? &elem_count_schema : &elem_schema, err);
}

int print_elem_prepare(struct elem_printer *printer, const struct inspect_map *map,
		       struct inspect_error *err)
{
	int r = printer->has_read_types ? 0 : open_types(printer, map, false, err);

	printer->has_read_types = !r;
	return r;
}

int print_elem_open(struct elem_printer *printer, const struct inspect_map *map, bool is_list,
		    struct inspect_error *err)
{
	int r = print_elem_prepare(printer, map, err);

	if (r < 0)
		return r;
	printer->is_document = printer->shape && printer->sink->form == SINK_PLAIN;
	printer->has_list = is_list || !(sink_is_compatible(printer->sink) || printer->is_document);
	if (printer->is_document)
		sink_begin_document(printer->sink);
	if (printer->has_list)
		sink_open_list(printer->sink, NULL);
	return 0;
}

void print_elem(struct elem_printer *printer, const struct inspect_elem *elem)
{
	struct shown_elem shown = { .elem = *elem, .shape = printer->shape };

	if (printer->shape) {
		shown.elem.have |= SHOWN_HAS_TYPES;
		if (!(elem->have & INSPECT_ELEM_HAS_REASON))
			shown.elem.have |= SHOWN_HAS_FORMATTED;
	}
	if (printer->is_document)
		put_formatted(printer->sink, NULL, &shown);
	else
		print_record(&printer->printer, &shown);
}

void print_elem_close(struct elem_printer *printer)
{
	if (printer->has_list)
		sink_close(printer->sink);
	printer->has_list = false;
	printer->has_read_types = false;
	close_types(printer);
}

/* What print_elems() carries from one map to the next. */
struct dump {
	struct inspect *inspect;
	struct sink *sink;
	const struct print_elems *how;
	struct elem_printer elems;
	bool is_single;
	bool is_late; /* nothing is opened before the one map is there */
	unsigned n_maps;
	bool some_missing; /* a value was withheld, or a map could not be read */
};

static void print_count(struct dump *dump, const struct inspect_map *map, uint64_t n)
{
	struct elem_count count = { .id = map->id, .elements = n };

	if (map->max_entries) {
		count.have |= COUNT_HAS_MAX;
		count.max_entries = map->max_entries;
		count.full_percent = (unsigned)(n * 100 / map->max_entries);
	}
	print_record(&dump->elems.printer, &count);
}

static int walk_elems(struct dump *dump, struct inspect_elems *elems, uint64_t *counted,
		      struct inspect_error *err)
{
	const struct print_elems *how = dump->how;
	struct inspect_elem elem;
	uint64_t seen = 0;
	int r = 0;

	while (!how->limit || seen < how->limit) {
		r = inspect_elems_next(elems, &elem, err);
		if (r <= 0)
			break;
		seen++;
		*counted += elem.slot != INSPECT_SLOT_EMPTY;
		if (elem.slot == INSPECT_SLOT_WITHHELD)
			dump->some_missing = true;
		if (how->count_only)
			continue;
		print_elem(&dump->elems, &elem);
		if (sink_error(dump->sink))
			break;
	}
	return r < 0 ? r : 0;
}

/* Do the elements of each map stand in a list of their own? */
static bool has_frame(const struct dump *dump)
{
	return !dump->how->count_only && !dump->is_single &&
	       (sink_is_compatible(dump->sink) || dump->elems.is_document);
}

/* What stands around the elements of one map, where several are dumped as bpftool does it. */
static void open_map(struct dump *dump, const struct inspect_map *map)
{
	struct sink *sink = dump->sink;

	if (dump->how->count_only || dump->is_single)
		return;
	if (sink->form == SINK_PLAIN && !dump->elems.is_document) {
		if (dump->n_maps)
			out_char(sink->out, '\n');
		print_map_header(sink->out, map);
	}
	if (!has_frame(dump))
		return;
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", map->id);
	const char *type = names_of(NAMES_MAP_TYPE, map->type, map->type_name);
	if (type)
		sink_string(sink, "type", type);
	else
		sink_u64(sink, "type", map->type);
	if (map->name[0])
		sink_string(sink, "name", map->name);
	sink_u64(sink, "flags", map->flags);
	sink_open_list(sink, "elements");
}

static void close_map(struct dump *dump)
{
	if (!has_frame(dump))
		return;
	sink_close(dump->sink);
	sink_close(dump->sink);
}

static void note_restart(const struct dump *dump, const struct inspect_map *map)
{
	char text[160];

	if (!dump->how->note)
		return;
	snprintf(text, sizeof(text),
		 "map %u changed while it was read, and the kernel began anew: elements may be "
		 "missing or there twice",
		 map->id);
	dump->how->note(dump->how->context, text);
}

/* One of several maps cannot be read: that is told in its place, and the others follow. */
static void tell_unreadable(struct dump *dump, const struct inspect_error *error)
{
	dump->some_missing = true;
	if (dump->how->fail)
		dump->how->fail(dump->how->context, error);
}

static int dump_elems(struct dump *dump, const struct inspect_map *map, struct inspect_error *err)
{
	struct inspect_elems *elems = NULL;
	uint64_t n = 0;

	open_map(dump, map);
	int r = inspect_elems_new(dump->inspect, map, &elems, err);
	if (!r)
		r = walk_elems(dump, elems, &n, err);
	bool is_told = r < 0 && !dump->is_single;
	if (is_told)
		tell_unreadable(dump, err);
	close_map(dump);
	if (elems && inspect_elems_was_restarted(elems))
		note_restart(dump, map);
	inspect_elems_free(elems);
	dump->n_maps++;
	if (r < 0)
		return is_told ? 0 : r;
	if (dump->how->count_only)
		print_count(dump, map, n);
	else if (dump->sink->form == SINK_PLAIN && !dump->elems.is_document)
		out_fmt(dump->sink->out, "Found %llu element%s\n", (unsigned long long)n,
			n == 1 ? "" : "s");
	return 0;
}

/* A dump is a list of elements even for one map, a count is one record. */
static void open_elems(struct dump *dump)
{
	if (dump->elems.is_document)
		sink_begin_document(dump->sink);
	print_open(&dump->elems.printer, dump->is_single && dump->how->count_only);
}

static int dump_map(struct dump *dump, const struct inspect_map *map, struct inspect_error *err)
{
	bool is_plain = dump->sink->form == SINK_PLAIN;
	int r = 0;

	if (map->failed)
		r = inspect_fail(err, map->failed, "map %u: open", map->id);
	else if (!dump->how->count_only)
		r = open_types(&dump->elems, map, false, err);
	if (dump->is_late) {
		dump->elems.is_document = is_plain && dump->elems.shape;
		open_elems(dump);
	}
	r = r < 0 ? r : dump_elems(dump, map, err);
	close_types(&dump->elems);
	return r;
}

/* Where the one map cannot be had, bpftool's JSON is the error alone. */
static int dump_maps(struct dump *dump, struct inspect_list *list, struct inspect_error *err)
{
	struct inspect_map map;
	int r;

	if (!dump->is_late)
		open_elems(dump);
	while ((r = inspect_list_next(list, &map, err)) > 0) {
		r = dump_map(dump, &map, err);
		inspect_map_done(&map);
		if (r < 0 || sink_error(dump->sink))
			break;
	}
	print_close(&dump->elems.printer, dump->is_single && dump->how->count_only);
	return r;
}

/* bpftool's plain output is JSON if each of several maps has types. */
static int find_document(struct dump *dump, const struct inspect_ref *ref,
			 struct inspect_error *err)
{
	struct inspect_list *list;
	struct inspect_map map;
	bool is_typed = true;
	unsigned n = 0;

	int r = inspect_list_new(dump->inspect, ref, 0, &list, err);
	if (r < 0)
		return r;
	while (!r && is_typed && inspect_list_next(list, &map, NULL) > 0) {
		r = open_types(&dump->elems, &map, true, err);
		is_typed = dump->elems.shape;
		n++;
		close_types(&dump->elems);
		inspect_map_done(&map);
	}
	inspect_list_free(list);
	dump->elems.is_document = n && is_typed;
	return r;
}

int print_elems(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		const struct print_elems *how, struct inspect_error *err)
{
	struct dump dump = { .inspect = inspect, .sink = sink, .how = how };
	struct inspect_list *list;

	ERROR_NEEDED(err);
	int r = elem_printer_init(&dump.elems, inspect, sink, how, err);
	if (r < 0)
		return r;
	r = inspect_list_new(inspect, ref, INSPECT_WANT_FD, &list, err);
	if (r < 0)
		return r;

	dump.is_single = inspect_list_is_single(list);
	dump.is_late = dump.is_single && (sink->form == SINK_PLAIN || sink->form == SINK_JSON);
	if (!dump.is_single && sink->form == SINK_PLAIN && !how->count_only)
		r = find_document(&dump, ref, err);
	if (!r)
		r = dump_maps(&dump, list, err);
	inspect_list_free(list);
	return r < 0 ? r : dump.some_missing;
}

static void read_more(struct inspect *inspect, unsigned want, void *record)
{
	if (want & PRINT_WANT_METADATA)
		metadata_read(inspect, record);
	if (want & PRINT_WANT_LINK_DETAILS)
		link_details_read(inspect, record);
}

int print_objects(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		  unsigned without, struct inspect_error *err)
{
	return print_list(inspect, sink, ref, without, read_more, err);
}
