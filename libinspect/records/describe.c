/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * describe.c - what a field table says, for pages and JSON Schemas
 */
#include <string.h>

#include "records/print.h"

const char *field_shape(const struct field *field)
{
	switch (field->kind) {
	case FIELD_U32:
		return "u32";
	case FIELD_U64:
	case FIELD_TIME:
		return "u64";
	case FIELD_S32:
		return "s32";
	case FIELD_BOOL:
		return "bool";
	case FIELD_CHARS:
	case FIELD_STRING:
	case FIELD_ENUM:
		return "text";
	case FIELD_BYTES:
		return "hex";
	case FIELD_IDS:
		return "[u32]";
	case FIELD_STRINGS:
		return "[text]";
	case FIELD_TAG:
		return "tag";
	case FIELD_OWN:
		break;
	}
	return field->shape;
}

/* What JSON calls a value of this shape. */
static const char *json_type(const char *shape)
{
	switch (*shape) {
	case '[':
		return "array";
	case '{':
		return "object";
	case 'b':
		return "boolean";
	case 'a':
		return "any";
	case 'u':
	case 's':
		return "integer";
	default:
		return "string";
	}
}

/* Is it in every record of the strict forms that could be read? */
static bool is_always(const struct field *field)
{
	const char *shape = field_shape(field);

	if (field->has || field->flags & FIELD_OPTIONAL ||
	    (shape && *shape && shape[strlen(shape) - 1] == '?'))
		return false;
	return field->kind != FIELD_CHARS && field->kind != FIELD_IDS && field->kind != FIELD_ENUM;
}

static void put_forms(struct sink *sink, const struct field *field)
{
	unsigned flags = field->flags;

	sink_open_list(sink, "forms");
	if (!(flags & (FIELD_STRICT | FIELD_CELL)))
		sink_string(sink, NULL, "bpftool");
	if (!(flags & (FIELD_COMPATIBLE | FIELD_CELL)))
		sink_string(sink, NULL, "strict");
	if (!(flags & (FIELD_COMPATIBLE | FIELD_DOCUMENT)))
		sink_string(sink, NULL, "columns");
	sink_close(sink);
}

static void put_field(struct sink *sink, const struct field *field)
{
	const char *shape = field_shape(field);

	sink_open_record(sink, NULL);
	sink_string(sink, "key", field->key);
	if (field->column)
		sink_string(sink, "column", field->column);
	if (shape) {
		sink_string(sink, "type", json_type(shape));
		sink_string(sink, "shape", shape);
	}
	sink_string(sink, "help", field->help);
	put_forms(sink, field);
	sink_bool(sink, "always", is_always(field));
	if (field->kind == FIELD_ENUM)
		sink_string(sink, "names", names_enum(field->names));
	if (field->flags & FIELD_AS_NUMBER)
		sink_bool(sink, "number_in_bpftool", true);
	if (field->compatible_has)
		sink_bool(sink, "less_in_bpftool", true);
	sink_close(sink);
}

void print_schema(struct sink *sink, const char *key, const struct schema *schema)
{
	sink_open_record(sink, key);
	sink_string(sink, "name", schema->name);
	sink_bool(sink, "may_fail", schema->failed_at >= 0);
	if (schema->columns)
		sink_string(sink, "columns", schema->columns);
	sink_open_list(sink, "fields");
	for (size_t i = 0; i < schema->n; i++)
		put_field(sink, &schema->fields[i]);
	sink_close(sink);
	sink_close(sink);
}
