/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * saved_load.c - the JSON of a saved probe, whole or a record a line
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "probe/saved_json.h"

/* Where in the text it is; lines before @at count from 0. */
struct reader {
	const char *name;
	const char *text;
	size_t size, at, line;
};

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->size && strchr(" \t\r\n", reader->text[reader->at]) &&
	       reader->text[reader->at])
		reader->line += reader->text[reader->at++] == '\n';
}

static int fail_at(const struct reader *reader, const json_error_t *error,
		   struct inspect_error *err)
{
	switch (json_error_code(error)) {
	case json_error_out_of_memory:
		return inspect_fail(err, ENOMEM, "%s: read", reader->name);
	case json_error_premature_end_of_input:
		inspect_fail(err, EINVAL, "%s: is cut: it ends inside its JSON", reader->name);
		return inspect_hint(err, "save the probe again, and look whether there is room");
	default:
		inspect_fail(err, EINVAL, "%s: line %zu, column %d: not JSON: %s", reader->name,
			     reader->line + (size_t)error->line, error->column, error->text);
		return inspect_hint(err, SAVED_JSON_HINT);
	}
}

/* One value; what is behind it is left. */
static int read_value(struct reader *reader, json_t **out, struct inspect_error *err)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK;
	const char *begin = reader->text + reader->at;
	json_error_t error;

	*out = json_loadb(begin, reader->size - reader->at, flags, &error);
	if (!*out)
		return fail_at(reader, &error, err);
	size_t n = (size_t)error.position;
	for (size_t i = 0; i < n; i++)
		reader->line += begin[i] == '\n';
	reader->at += n;
	skip_blanks(reader);
	return 0;
}

/* What begins as one record may be the first of many. */
static int read_more(struct reader *reader, json_t **document, struct inspect_error *err)
{
	json_t *all = json_array();
	json_t *value = *document;
	int r = 0;

	*document = all;
	while (!r && value) {
		if (json_array_append_new(all, value))
			return inspect_fail(err, ENOMEM, "%s: read", reader->name);
		value = NULL;
		if (reader->at < reader->size)
			r = read_value(reader, &value, err);
	}
	return r;
}

int saved_json_load(const char *name, const char *text, size_t size, json_t **out,
		    struct inspect_error *err)
{
	struct reader reader = { .name = name, .text = text, .size = size };

	*out = NULL;
	skip_blanks(&reader);
	if (reader.at == reader.size)
		return inspect_fail(err, EINVAL, "%s: is empty", name);
	int r = read_value(&reader, out, err);
	if (r < 0)
		return r;
	if (json_is_object(*out) && !saved_json_is_compatible(*out))
		r = read_more(&reader, out, err);
	else if (reader.at < size)
		r = inspect_fail(err, EINVAL, "%s: line %zu: there is more behind the JSON", name,
				 reader.line + 1);
	if (r < 0) {
		json_decref(*out);
		*out = NULL;
	}
	return r;
}
