/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.c - records to a sink, by their field tables
 */
#include "records/print.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "records/kind.h"
#include "records/owners.h"

static unsigned have_bits(const struct schema *schema, const void *record)
{
	unsigned have = ~0u;

	if (schema->have_at >= 0)
		memcpy(&have, (const char *)record + schema->have_at, sizeof(have));
	return have;
}

/* Is a field shown in this form at all? */
static bool is_shown(const struct sink *sink, const struct field *field)
{
	unsigned not_here = sink_is_compatible(sink) ? FIELD_STRICT : FIELD_COMPATIBLE;

	not_here |= sink_is_columns(sink) ? FIELD_DOCUMENT : FIELD_CELL;
	return !(field->flags & not_here);
}

static unsigned want_of(const struct sink *sink, const struct field *field)
{
	bool is_strict = sink->form == SINK_STRICT || sink->form == SINK_LINES;

	if (!sink_is_columns(sink) && field->flags & FIELD_CELL)
		return 0;
	if (field->flags & FIELD_STRICT && (sink->form == SINK_PLAIN || sink->form == SINK_JSON))
		return 0;
	return field->want | (is_strict ? field->strict_want : 0);
}

static bool is_known(const struct sink *sink, const struct field *field, unsigned have)
{
	unsigned needed = field->has | (sink_is_compatible(sink) ? field->compatible_has : 0);

	return (have & needed) == needed;
}

static void put_ids(struct sink *sink, const char *key, const struct inspect_ids *ids)
{
	sink_open_list(sink, key);
	for (unsigned i = 0; i < ids->n; i++)
		sink_u64(sink, NULL, ids->ids[i]);
	sink_close(sink);
}

void print_ids_or_none(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_ids *ids = member;

	if (!ids->n && sink_is_columns(sink)) {
		sink_absent(sink, key);
		return;
	}
	put_ids(sink, key, ids);
}

static void put_strings(struct sink *sink, const char *key, const struct inspect_strings *strings)
{
	sink_open_list(sink, key);
	for (unsigned i = 0; i < strings->n; i++)
		sink_string(sink, NULL, strings->strings[i]);
	sink_close(sink);
}

static void put_tag(struct sink *sink, const char *key, const unsigned char *tag)
{
	char text[16];

	num_format_hex_bytes(text, tag, 8);
	sink_text(sink, key, text, sizeof(text));
}

static void put_enum(struct sink *sink, const struct field *field, const void *record)
{
	unsigned value = *(const unsigned *)((const char *)record + field->offset);
	const char *found = NULL;

	if (field->name_at)
		memcpy(&found, (const char *)record + field->name_at, sizeof(found));
	const char *name = names_of(field->names, value, found);

	if (name)
		sink_string(sink, field->key, name);
	else if (sink_is_compatible(sink) || sink_is_columns(sink))
		sink_u64(sink, field->key, value);
}

/* Scripts get the number; a table is for eyes. */
static void put_time(struct sink *sink, const char *key, unsigned long long seconds)
{
	time_t time = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (sink->form == SINK_TABLE && localtime_r(&time, &tm))
		sink_text(sink, key, text, strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm));
	else
		sink_u64(sink, key, seconds);
}

/* Returns false when there is nothing to be said: the caller knows whether a cell needs filling. */
static bool put_field(struct sink *sink, const struct field *field, const void *record)
{
	const void *member = (const char *)record + field->offset;
	const char *key = field->key;

	switch (field->kind) {
	case FIELD_U32:
		sink_u64(sink, key, *(const unsigned *)member);
		return true;
	case FIELD_S32:
		sink_s64(sink, key, *(const int *)member);
		return true;
	case FIELD_U64:
		sink_u64(sink, key, *(const unsigned long long *)member);
		return true;
	case FIELD_BOOL:
		if (sink_is_compatible(sink) && field->flags & FIELD_AS_NUMBER)
			sink_u64(sink, key, *(const bool *)member);
		else
			sink_bool(sink, key, *(const bool *)member);
		return true;
	case FIELD_CHARS:
		if (!*(const char *)member)
			return false;
		sink_string(sink, key, member);
		return true;
	case FIELD_STRING:
		if (!*(const char *const *)member)
			return false;
		sink_string(sink, key, *(const char *const *)member);
		return true;
	case FIELD_BYTES: {
		const struct inspect_bytes *bytes = member;

		sink_bytes(sink, key, bytes->bytes, bytes->size);
		return true;
	}
	case FIELD_IDS:
		if (!((const struct inspect_ids *)member)->n)
			return false;
		put_ids(sink, key, member);
		return true;
	case FIELD_STRINGS:
		put_strings(sink, key, member);
		return true;
	case FIELD_TAG:
		put_tag(sink, key, member);
		return true;
	case FIELD_ENUM:
		put_enum(sink, field, record);
		return true;
	case FIELD_TIME:
		put_time(sink, key, *(const unsigned long long *)member);
		return true;
	case FIELD_OWN:
		field->own(sink, key, member);
		return true;
	}
	return false;
}

static const char *column_name(const struct field *field)
{
	return field->column ? field->column : field->key;
}

static bool is_named(const struct field *field, const char *name, size_t size)
{
	return (strlen(field->key) == size && memcmp(field->key, name, size) == 0) ||
	       (field->column && strlen(field->column) == size &&
		memcmp(field->column, name, size) == 0);
}

static int hint_columns(const struct printer *printer, struct inspect_error *err)
{
	AUTO(buf_done) struct buf names = { 0 };

	for (size_t i = 0; i < printer->schema->n; i++) {
		if (!is_shown(printer->sink, &printer->schema->fields[i]))
			continue;
		buf_add_text(&names, names.size ? ", " : "there are ");
		buf_add_text(&names, column_name(&printer->schema->fields[i]));
	}
	buf_add_char(&names, '\0');
	return inspect_hint(err, "%s", buf_failed(&names) ? "" : names.bytes);
}

static int fail_no_column(const struct printer *printer, const char *name, size_t size,
			  struct inspect_error *err)
{
	const struct schema *schema = printer->schema;
	const char *nearest = NULL;
	size_t least = size < 4 ? size : 4;
	char word[64];
	size_t n = size < sizeof(word) - 1 ? size : sizeof(word) - 1;

	memcpy(word, name, n);
	word[n] = '\0';
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *field = &schema->fields[i];
		const char *names[] = { column_name(field), field->key };

		for (size_t k = 0; k < 2 && is_shown(printer->sink, field); k++) {
			size_t distance = text_distance(names[k], word);

			if (distance < least) {
				least = distance;
				nearest = names[k];
			}
		}
	}
	inspect_fail(err, INSPECT_EUSAGE, "no column '%s' in a list of %ss", word, schema->name);
	if (nearest)
		return inspect_hint(err, "did you mean '%s'?", nearest);
	return hint_columns(printer, err);
}

static int find_columns(struct printer *printer, const char *asked, struct inspect_error *err)
{
	const struct schema *schema = printer->schema;

	do {
		size_t size = strcspn(asked, ","), i = 0;

		while (i < schema->n && (!is_named(&schema->fields[i], asked, size) ||
					 !is_shown(printer->sink, &schema->fields[i])))
			i++;
		if (i == schema->n)
			return fail_no_column(printer, asked, size, err);
		if (printer->n == PRINT_COLUMNS)
			return inspect_fail(err, INSPECT_EUSAGE, "too many columns");
		printer->columns[printer->n++] = (unsigned char)i;
		asked += size;
	} while (*asked++ == ',');
	return 0;
}

int print_init(struct printer *printer, struct sink *sink, const struct schema *schema,
	       struct inspect_error *err)
{
	const char *headings[PRINT_COLUMNS];

	*printer = (struct printer){ .sink = sink, .schema = schema };
	if (!sink_is_columns(sink)) {
		for (size_t i = 0; i < schema->n; i++)
			printer->want |= want_of(sink, &schema->fields[i]);
		return 0;
	}
	int r = find_columns(printer, sink->asked ? sink->asked : schema->columns, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < printer->n; i++) {
		const struct field *field = &schema->fields[printer->columns[i]];

		headings[i] = column_name(field);
		printer->want |= want_of(sink, field);
	}
	sink_headings(sink, headings, printer->n);
	return 0;
}

void print_open(struct printer *printer, bool is_single)
{
	if (!is_single || !sink_is_compatible(printer->sink))
		sink_open_list(printer->sink, NULL);
}

void print_close(struct printer *printer, bool is_single)
{
	if (!is_single || !sink_is_compatible(printer->sink))
		sink_close(printer->sink);
}

/* A record of which nothing but the id is known. */
static void print_failed(struct printer *printer, unsigned id, int code)
{
	struct sink *sink = printer->sink;
	bool has_text = false;
	char room[128];
	const char *text = error_text(code, room, sizeof(room));

	if (sink->form == SINK_PLAIN) {
		out_fmt(sink->out, "%u: error: %s%s\n", id, text,
			code == ENODEV ? " (orphaned)" : "");
		return;
	}
	sink_open_record(sink, NULL);
	if (!sink_is_columns(sink)) {
		sink_u64(sink, "id", id);
		if (code == ENODEV)
			sink_bool(sink, "orphaned", true);
		sink_string(sink, "error", text);
	}
	for (size_t i = 0; i < printer->n; i++) {
		const char *key = printer->schema->fields[printer->columns[i]].key;

		if (strcmp(key, "id") == 0) {
			sink_u64(sink, key, id);
		} else if (!has_text) {
			sink_string(sink, key, text);
			has_text = true;
		} else {
			sink_absent(sink, key);
		}
	}
	sink_close(sink);
}

static void print_row(struct printer *printer, const void *record, unsigned have)
{
	struct sink *sink = printer->sink;

	for (size_t i = 0; i < printer->n; i++) {
		const struct field *field = &printer->schema->fields[printer->columns[i]];

		if (!is_known(sink, field, have) || !put_field(sink, field, record))
			sink_absent(sink, field->key);
	}
}

void print_fields(struct sink *sink, const struct schema *schema, const void *record,
		  const char *last)
{
	unsigned have = have_bits(schema, record);

	for (size_t i = 0; i < schema->n; i++) {
		const struct field *field = &schema->fields[i];

		if (is_shown(sink, field) && is_known(sink, field, have))
			put_field(sink, field, record);
		if (last && strcmp(field->key, last) == 0)
			return;
	}
}

void print_record(struct printer *printer, const void *record)
{
	const struct schema *schema = printer->schema;
	struct sink *sink = printer->sink;
	unsigned have = have_bits(schema, record);
	int failed = 0;

	if (schema->failed_at >= 0)
		memcpy(&failed, (const char *)record + schema->failed_at, sizeof(failed));
	if (failed) {
		unsigned id;

		memcpy(&id, (const char *)record + schema->id_at, sizeof(id));
		print_failed(printer, id, failed);
		return;
	}
	if (sink->form == SINK_PLAIN && schema->plain) {
		schema->plain(sink->out, record);
		return;
	}
	sink_open_record(sink, NULL);
	if (sink_is_columns(sink)) {
		print_row(printer, record, have);
	} else {
		print_fields(sink, schema, record, NULL);
	}
	sink_close(sink);
}

static const struct schema *schema_of(enum inspect_kind kind)
{
	switch (kind) {
	case INSPECT_PROG:
		return &prog_schema;
	case INSPECT_MAP:
		return &map_schema;
	case INSPECT_LINK:
		return &link_schema;
	case INSPECT_BTF:
		break;
	}
	return &btf_schema;
}

int print_list(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	       unsigned without,
	       void (*read_more)(struct inspect *inspect, unsigned want, void *record),
	       struct inspect_error *err)
{
	const struct kind *kind = kind_get(ref->kind);
	struct inspect_list *list;
	struct printer printer;
	bool some_failed = false;

	int r = print_init(&printer, sink, schema_of(ref->kind), err);
	if (r < 0)
		return r;
	r = inspect_list_new(inspect, ref, printer.want & ~without, &list, err);
	if (r < 0)
		return r;

	AUTO(buf_done) struct buf record = { 0 };
	void *at = buf_reserve(&record, kind->size);
	bool is_single = inspect_list_is_single(list);
	r = at ? 0 : inspect_fail(err, ENOMEM, "list %s", kind->plural);
	if (!r)
		print_open(&printer, is_single);
	while (at && (r = inspect_list_next(list, at, err)) > 0) {
		int failed;

		memcpy(&failed, (char *)at + kind->failed_at, sizeof(failed));
		some_failed = some_failed || failed;
		if (read_more && !failed)
			read_more(inspect, printer.want & ~without, at);
		print_record(&printer, at);
		kind->done(at);
		if (sink_error(sink))
			break;
	}
	print_close(&printer, is_single);
	inspect_list_free(list);
	if (r >= 0)
		r = owners_check(inspect, err);
	return r < 0 ? r : some_failed;
}
