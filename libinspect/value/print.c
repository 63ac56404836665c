/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.c - the elements of maps to a sink
 *
 * bpftool's forms set the elements of several maps apart, by a header or in a list of their own; in
 * all other forms each element says of which map it is, and they follow each other.
 */
#include "value/print.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

static void put_cpu_values(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_cpu_values *values = member;

	sink_open_list(sink, key);
	for (unsigned i = 0; i < values->n; i++) {
		sink_open_record(sink, NULL);
		sink_u64(sink, "cpu", values->cpus[i]);
		sink_bytes(sink, "value", values->bytes + i * values->stride, values->size);
		sink_close(sink);
	}
	sink_close(sink);
}

/* bpftool's place for the reason is where the value would be. */
static void put_reason_record(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_elem *elem = member;

	sink_open_record(sink, key);
	sink_string(sink, "error",
		    elem->slot == INSPECT_SLOT_EMPTY ? "No such file or directory" : elem->reason);
	sink_close(sink);
}

static void put_reason(struct sink *sink, const char *key, const void *member)
{
	sink_string(sink, key, ((const struct inspect_elem *)member)->reason);
}

/* A row has one cell for the value: the element's, those of all CPUs, or why there is none. */
static void put_cell(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_elem *elem = member;

	if (elem->have & INSPECT_ELEM_HAS_PER_CPU)
		put_cpu_values(sink, key, &elem->per_cpu);
	else if (elem->have & INSPECT_ELEM_HAS_VALUE)
		sink_bytes(sink, key, elem->value.bytes, elem->value.size);
	else
		put_reason(sink, key, elem);
}

#define E struct inspect_elem

static const struct field elem_fields[] = {
	FIELD(E, map_id, "map_id", "of which map", .flags = FIELD_STRICT),
	FIELD(E, key, "key", "the key"),
	FIELD_IF(INSPECT_ELEM_HAS_VALUE, E, value, "value", "the value", .flags = FIELD_DOCUMENT),
	FIELD_AS(FIELD_OWN, 0, E, have, "value", "the value", .own = put_cell, .flags = FIELD_CELL),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_REASON, E, have, "value", "why there is none",
		 .own = put_reason_record, .flags = FIELD_COMPATIBLE),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_PER_CPU, E, per_cpu, "values",
		 "the value of each possible CPU", .own = put_cpu_values),
	FIELD_IF(INSPECT_ELEM_HAS_INNER_MAP, E, inner_map_id, "inner_map_id",
		 "the value as the id of a map"),
	FIELD_IF(INSPECT_ELEM_HAS_PROG, E, prog_id, "prog_id", "the value as the id of a program"),
	FIELD_AS(FIELD_OWN, INSPECT_ELEM_HAS_REASON, E, have, "error", "why there is no value",
		 .own = put_reason, .flags = FIELD_STRICT),
};

_Static_assert(offsetof(struct inspect_elem, have) == 0, "FIELD_OWN of it gets the whole element");

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
	const struct inspect_elem *elem = record;
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
	.have_at = offsetof(struct inspect_elem, have),
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

int elem_printer_init(struct elem_printer *printer, struct inspect *inspect, struct sink *sink,
		      const struct print_elems *how, struct inspect_error *err)
{
	*printer = (struct elem_printer){ .inspect = inspect, .sink = sink, .how = how };
	return print_init(&printer->printer, sink,
			  how->count_only ? &elem_count_schema : &elem_schema, err);
}

int print_elem_open(struct elem_printer *printer, const struct inspect_map *map, bool is_list,
		    struct inspect_error *err)
{
	(void)map;
	(void)err;
	printer->is_single = !is_list;
	print_open(&printer->printer, printer->is_single);
	return 0;
}

void print_elem(struct elem_printer *printer, const struct inspect_elem *elem)
{
	print_record(&printer->printer, elem);
}

void print_elem_close(struct elem_printer *printer)
{
	print_close(&printer->printer, printer->is_single);
}

/* What print_elems() carries from one map to the next. */
struct dump {
	struct inspect *inspect;
	struct sink *sink;
	const struct print_elems *how;
	struct elem_printer elems;
	bool is_single;
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

/* What stands around the elements of one map, where several are dumped as bpftool does it. */
static void open_map(struct dump *dump, const struct inspect_map *map)
{
	struct sink *sink = dump->sink;

	if (dump->how->count_only || dump->is_single)
		return;
	if (sink->form == SINK_PLAIN) {
		if (dump->n_maps)
			out_char(sink->out, '\n');
		print_map_header(sink->out, map);
	}
	if (!sink_is_compatible(sink))
		return;
	sink_open_record(sink, NULL);
	sink_u64(sink, "id", map->id);
	const char *type = names_find(NAMES_MAP_TYPE, map->type);
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
	if (dump->how->count_only || dump->is_single || !sink_is_compatible(dump->sink))
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

static int dump_map(struct dump *dump, const struct inspect_map *map, struct inspect_error *err)
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
	else if (dump->sink->form == SINK_PLAIN)
		out_fmt(dump->sink->out, "Found %llu element%s\n", (unsigned long long)n,
			n == 1 ? "" : "s");
	return 0;
}

/*
 * A dump is a list of elements even for one map, a count is one record. Where the one map cannot be
 * had, bpftool's JSON is the error alone.
 */
static int dump_maps(struct dump *dump, struct inspect_list *list, struct inspect_error *err)
{
	bool is_record = dump->is_single && dump->how->count_only;
	bool is_late = dump->is_single && sink_is_compatible(dump->sink);
	struct inspect_map map;
	int r;

	if (!is_late)
		print_open(&dump->elems.printer, is_record);
	while ((r = inspect_list_next(list, &map, err)) > 0) {
		if (is_late)
			print_open(&dump->elems.printer, is_record);
		r = map.failed ? inspect_fail(err, map.failed, "map %u: open", map.id)
			       : dump_map(dump, &map, err);
		inspect_map_done(&map);
		if (r < 0 || sink_error(dump->sink))
			break;
	}
	print_close(&dump->elems.printer, is_record);
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
	r = dump_maps(&dump, list, err);
	inspect_list_free(list);
	return r < 0 ? r : dump.some_missing;
}
