/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * elem_parse.c - an element as JSON to the bytes of its key and value
 *
 * Bytes without a type are read right here, from text of two hexadecimal digits each or from bpftool's
 * list of "0x.." texts. Both mean bytes also where there is a type, if the type has no other use for
 * them. Everything else is for encode_json() to make sense of.
 */
#include "value/elem_parse.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "value/cursor.h"
#include "value/encode.h"
#include "value/json_in.h"
#include "value/kinds.h"
#include "value/steps.h"

enum member {
	MEMBER_KEY,
	MEMBER_VALUE,
	MEMBER_VALUES,
	MEMBER_MAP_ID,
	MEMBER_INNER_MAP_ID,
	MEMBER_PROG_ID,
	MEMBER_ERROR,
	MEMBER_FORMATTED, /* bpftool's: the same once more */
	MEMBER_IS_SEARCHED,
	MEMBERS,
};

static const char *const member_names[MEMBERS] = {
	[MEMBER_KEY] = "key",
	[MEMBER_VALUE] = "value",
	[MEMBER_VALUES] = "values",
	[MEMBER_MAP_ID] = "map_id",
	[MEMBER_INNER_MAP_ID] = "inner_map_id",
	[MEMBER_PROG_ID] = "prog_id",
	[MEMBER_ERROR] = "error",
	[MEMBER_FORMATTED] = "formatted",
	[MEMBER_IS_SEARCHED] = "key_is_searched",
};

/* An element while it is read; a member that is not there has no text. */
struct reading {
	const struct elem_parser *parser;
	struct piece members[MEMBERS];
	const char *at; /* what is being looked at */
	struct inspect_error *err;
};

#define SHOWN 40 /* bytes of the file that a message shows */

static int shown(const struct piece *piece)
{
	return (int)(piece->size < SHOWN ? piece->size : SHOWN);
}

/* "a text", "a list": what there is in place of what should be. */
static const char *kind_of(const struct piece *piece)
{
	static const char *const words[] = {
		[PIECE_TEXT] = "a text",     [PIECE_NUMBER] = "a number", [PIECE_LIST] = "a list",
		[PIECE_RECORD] = "a record", [PIECE_TRUE] = "true",	  [PIECE_FALSE] = "false",
		[PIECE_NULL] = "null",
	};

	return words[piece->kind];
}

/* --- bytes --- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Are these @size bytes, two digits each? */
static bool read_hex(const char *text, size_t n, unsigned char *out, size_t size)
{
	if (n != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* Is it bpftool's list of @size texts, each "0x" and two digits? */
static bool read_byte_list(const struct piece *piece, unsigned char *out, size_t size)
{
	struct cursor cursor;
	struct piece byte;
	size_t n = 0;

	cursor_enter(&cursor, piece);
	for (; cursor_next_element(&cursor, &byte); n++)
		if (n == size || byte.kind != PIECE_TEXT || byte.size != 4 ||
		    memcmp(byte.text, "0x", 2) != 0 || !read_hex(byte.text + 2, 2, out + n, 1))
			return false;
	return n == size;
}

static int fail_bytes(const struct piece *piece, size_t size, struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "bytes are wanted, got %s", kind_of(piece));
	if (piece->kind == PIECE_TEXT && piece->size != 2 * size)
		return inspect_hint(err, "%zu bytes are %zu hexadecimal digits: there are %zu",
				    size, 2 * size, piece->size);
	return inspect_hint(err, "%zu bytes are a text of %zu hexadecimal digits", size, 2 * size);
}

/* JSON once more, with a tree: only where there is a type. */
static int encode(const struct walk *walk, const struct piece *piece, const char *name,
		  unsigned char *out, size_t size, struct inspect_error *err)
{
	bool is_text = piece->kind == PIECE_TEXT; /* its quotes belong to it here */
	AUTO(json_in_done) json_t *json = NULL;

	int r = json_in_parse(piece->text - is_text, piece->size + 2 * is_text, &json, err);
	if (r < 0)
		return inspect_context(err, "%s", name);
	return encode_json(walk, json, name, out, size, err);
}

/* Is it of a type that no dump shows as text? Then text is bytes, also where its digits are all decimal. */
static bool is_plain_number(const struct walk *walk)
{
	return walk && walk->n == 1 &&
	       (walk->steps->kind == STEP_UNSIGNED || walk->steps->kind == STEP_SIGNED ||
		walk->steps->kind == STEP_BOOL);
}

/* A key or a value; @walk is NULL where it has no type. */
static int read_bytes(const struct walk *walk, const struct piece *piece, const char *name,
		      unsigned char *out, size_t size, struct inspect_error *err)
{
	if (piece->kind == PIECE_LIST && read_byte_list(piece, out, size))
		return 0;
	bool may_be_hex = piece->kind == PIECE_TEXT && piece->size == 2 * size;

	if (may_be_hex && (!walk || is_plain_number(walk)) &&
	    read_hex(piece->text, piece->size, out, size))
		return 0;
	if (!walk) {
		fail_bytes(piece, size, err);
		return inspect_context(err, "%s", name);
	}
	int r = encode(walk, piece, name, out, size, err);
	if (r == -EINVAL && may_be_hex && read_hex(piece->text, piece->size, out, size))
		return 0;
	return r;
}

/* --- members --- */

static int fail_member(const struct reading *reading, enum member member, const char *why)
{
	return inspect_fail(reading->err, EINVAL, "%s: %s", member_names[member], why);
}

static bool has(const struct reading *reading, enum member member)
{
	return reading->members[member].text;
}

static int fail_unknown(const struct piece *name, struct inspect_error *err)
{
	char word[SHOWN + 1];
	const char *nearest = NULL;
	size_t least = 4;

	memcpy(word, name->text, (size_t)shown(name));
	word[shown(name)] = '\0';
	inspect_fail(err, EINVAL, "an element has no member '%s'", word);
	if (strcmp(word, "elements") == 0)
		return inspect_hint(err, "the dump of several maps: take the list of one");
	for (size_t i = 0; i < MEMBERS; i++) {
		size_t distance = text_distance(member_names[i], word);

		if (distance < least) {
			least = distance;
			nearest = member_names[i];
		}
	}
	return nearest ? inspect_hint(err, "did you mean '%s'?", nearest) : -EINVAL;
}

static int take_member(struct reading *reading, const struct piece *name, const struct piece *value)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		if (!piece_is(name, member_names[i]))
			continue;
		if (reading->members[i].text)
			return inspect_fail(reading->err, EINVAL, "'%s' is there twice",
					    member_names[i]);
		reading->members[i] = *value;
		return 0;
	}
	return fail_unknown(name, reading->err);
}

static int take_members(struct reading *reading, const struct piece *record)
{
	struct piece name, value;
	struct cursor cursor;

	cursor_enter(&cursor, record);
	while (cursor_next_member(&cursor, &name, &value)) {
		reading->at = name.text;
		int r = take_member(reading, &name, &value);
		if (r < 0)
			return r;
	}
	reading->at = record->text;
	return 0;
}

/* The id in a member that may be left out: 1 where it is there. */
static int read_id(struct reading *reading, enum member member, unsigned *out)
{
	const struct piece *piece = &reading->members[member];
	uint64_t id;

	if (!has(reading, member))
		return 0;
	reading->at = piece->text;
	if (piece_number(piece, UINT32_MAX, &id))
		return fail_member(reading, member, "an id is a whole number of 32 bits");
	*out = (unsigned)id;
	return 1;
}

/* --- values --- */

/* The value is an id: it may stand there as one, as bytes, or as both. */
static int read_reference(struct reading *reading, enum member member, unsigned char *value)
{
	const struct elem_parser *parser = reading->parser;
	const struct piece *piece = &reading->members[MEMBER_VALUE];
	unsigned id = 0, same;

	int is_there = read_id(reading, member, &id);
	if (is_there < 0)
		return is_there;
	if (!has(reading, MEMBER_VALUE)) {
		if (!is_there)
			return fail_member(reading, member, "it is missing");
		memcpy(value, &id, sizeof(id));
		return 0;
	}
	reading->at = piece->text;
	int r = read_bytes(parser->types->value, piece, "value", value, parser->map->value_bytes,
			   reading->err);
	if (r < 0)
		return r;
	memcpy(&same, value, sizeof(same));
	if (is_there && same != id)
		return inspect_fail(reading->err, EINVAL, "value: it is %u, and %s is %u", same,
				    member_names[member], id);
	return 0;
}

/* {"cpu": N, "value": ...}: its value, and the place of its CPU. */
static int read_cpu(struct reading *reading, const struct piece *record, unsigned *place,
		    struct piece *value)
{
	const struct elem_parser *parser = reading->parser;
	struct piece name, member, cpu = { 0 };
	struct cursor cursor;
	uint64_t number;

	if (record->kind != PIECE_RECORD)
		return fail_member(reading, MEMBER_VALUES,
				   "a record of 'cpu' and 'value' is wanted");
	*value = (struct piece){ 0 };
	cursor_enter(&cursor, record);
	while (cursor_next_member(&cursor, &name, &member)) {
		struct piece *to = piece_is(&name, "cpu") ? &cpu : value;

		if ((to == value && !piece_is(&name, "value")) || to->text)
			return inspect_fail(reading->err, EINVAL,
					    "values: '%.*s' is not wanted here", shown(&name),
					    name.text);
		*to = member;
	}
	if (!cpu.text || !value->text || piece_number(&cpu, UINT32_MAX, &number))
		return fail_member(reading, MEMBER_VALUES,
				   "'cpu', a number, and 'value' are wanted");
	for (*place = 0; *place < parser->n_cpus; (*place)++)
		if (parser->cpus[*place] == number)
			return 0;
	inspect_fail(reading->err, EINVAL, "values: there is no CPU %llu",
		     (unsigned long long)number);
	return inspect_hint(reading->err, "/sys/devices/system/cpu/possible lists those that may "
					  "ever be");
}

static int fail_missing_cpu(struct reading *reading, const unsigned char *is_given)
{
	const struct elem_parser *parser = reading->parser;
	unsigned i = 0;

	while (i + 1 < parser->n_cpus && is_given[i])
		i++;
	inspect_fail(reading->err, EINVAL, "values: that of CPU %u is missing", parser->cpus[i]);
	return inspect_hint(reading->err,
			    "the map has a value for each of %u CPUs; 'value' alone "
			    "is for all of them",
			    parser->n_cpus);
}

static int read_cpu_value(struct reading *reading, const struct piece *record,
			  unsigned char *is_given, unsigned char *value)
{
	const struct elem_parser *parser = reading->parser;
	size_t stride = parser->value_size / parser->n_cpus;
	struct piece piece;
	unsigned place = 0;

	reading->at = record->text;
	int r = read_cpu(reading, record, &place, &piece);
	if (r < 0)
		return r;
	if (is_given[place])
		return inspect_fail(reading->err, EINVAL, "values: CPU %u is there twice",
				    parser->cpus[place]);
	is_given[place] = 1;
	r = read_bytes(parser->types->value, &piece, "value", value + place * stride,
		       parser->map->value_bytes, reading->err);
	return r < 0 ? inspect_context(reading->err, "values: CPU %u", parser->cpus[place]) : 0;
}

static int read_cpu_values(struct reading *reading, unsigned char *value)
{
	const struct piece *list = &reading->members[MEMBER_VALUES];
	unsigned n_cpus = reading->parser->n_cpus, n = 0;
	struct cursor cursor;
	struct piece record;

	if (list->kind != PIECE_LIST)
		return fail_member(reading, MEMBER_VALUES, "a list is wanted");
	autofree unsigned char *is_given = calloc(1, n_cpus);
	if (!is_given)
		return inspect_fail(reading->err, ENOMEM, "values");
	cursor_enter(&cursor, list);
	for (; cursor_next_element(&cursor, &record); n++) {
		int r = read_cpu_value(reading, &record, is_given, value);

		if (r < 0)
			return r;
	}
	return n < n_cpus ? fail_missing_cpu(reading, is_given) : 0;
}

/* One value for all CPUs. */
static int spread(struct reading *reading, unsigned char *value)
{
	const struct elem_parser *parser = reading->parser;
	size_t stride = parser->value_size / parser->n_cpus;

	int r = read_bytes(parser->types->value, &reading->members[MEMBER_VALUE], "value", value,
			   parser->map->value_bytes, reading->err);
	for (unsigned i = 1; !r && i < parser->n_cpus; i++)
		memcpy(value + i * stride, value, parser->map->value_bytes);
	return r;
}

/* Which member has the value is a matter of the map; the others may not be there. */
static int check_members(struct reading *reading, unsigned flags)
{
	bool is_per_cpu = flags & ELEMS_PER_CPU;

	if (has(reading, MEMBER_INNER_MAP_ID) && !(flags & ELEMS_MAP_ID))
		return fail_member(reading, MEMBER_INNER_MAP_ID, "the map does not hold maps");
	if (has(reading, MEMBER_PROG_ID) && !(flags & ELEMS_PROG_ID))
		return fail_member(reading, MEMBER_PROG_ID, "the map does not hold programs");
	if (has(reading, MEMBER_VALUES) && !is_per_cpu)
		return fail_member(reading, MEMBER_VALUES, "the map has one value for all CPUs");
	if (has(reading, MEMBER_VALUES) && has(reading, MEMBER_VALUE))
		return fail_member(reading, MEMBER_VALUES, "it does not go with 'value'");
	if (has(reading, MEMBER_IS_SEARCHED) &&
	    reading->members[MEMBER_IS_SEARCHED].kind != PIECE_FALSE)
		return fail_member(reading, MEMBER_IS_SEARCHED,
				   "the value is that of another key, which was not told");
	return 0;
}

static int read_value(struct reading *reading, unsigned char *value)
{
	const struct elem_parser *parser = reading->parser;
	unsigned flags = elems_kind_get(parser->map->type)->flags;

	if (flags & ELEMS_MAP_ID)
		return read_reference(reading, MEMBER_INNER_MAP_ID, value);
	if (flags & ELEMS_PROG_ID)
		return read_reference(reading, MEMBER_PROG_ID, value);
	if (has(reading, MEMBER_VALUES)) {
		reading->at = reading->members[MEMBER_VALUES].text;
		return read_cpu_values(reading, value);
	}
	if (!has(reading, MEMBER_VALUE))
		return fail_member(reading, flags & ELEMS_PER_CPU ? MEMBER_VALUES : MEMBER_VALUE,
				   "it is missing");
	reading->at = reading->members[MEMBER_VALUE].text;
	if (flags & ELEMS_PER_CPU)
		return spread(reading, value);
	return read_bytes(parser->types->value, &reading->members[MEMBER_VALUE], "value", value,
			  parser->map->value_bytes, reading->err);
}

static int read_key(struct reading *reading, unsigned char *key)
{
	const struct elem_parser *parser = reading->parser;
	const struct piece *piece = &reading->members[MEMBER_KEY];

	if (!has(reading, MEMBER_KEY))
		return parser->map->key_bytes ? fail_member(reading, MEMBER_KEY, "it is missing")
					      : 0;
	reading->at = piece->text;
	if (!parser->map->key_bytes && piece->kind == PIECE_NULL)
		return 0;
	return read_bytes(parser->types->key, piece, "key", key, parser->map->key_bytes,
			  reading->err);
}

/* What a dump says in place of a value: bpftool has it inside of that. */
static bool find_reason(const struct reading *reading, struct piece *out)
{
	const struct piece *value = &reading->members[MEMBER_VALUE];
	struct cursor cursor;
	struct piece name, more;

	if (has(reading, MEMBER_ERROR) && !has(reading, MEMBER_VALUE)) {
		*out = reading->members[MEMBER_ERROR];
		return out->kind == PIECE_TEXT;
	}
	if (!has(reading, MEMBER_VALUE) || value->kind != PIECE_RECORD ||
	    reading->parser->types->value) /* whose record it may be */
		return false;
	cursor_enter(&cursor, value);
	return cursor_next_member(&cursor, &name, out) && piece_is(&name, "error") &&
	       out->kind == PIECE_TEXT && !cursor_next_member(&cursor, &name, &more);
}

/* 1 where the slot was empty. What was withheld cannot be put back. */
static int read_reason(struct reading *reading)
{
	struct piece reason;

	if (!find_reason(reading, &reason))
		return has(reading, MEMBER_ERROR)
			       ? fail_member(reading, MEMBER_ERROR, "it does not go with a value")
			       : 0;
	if (piece_is(&reason, "no entry") || piece_is(&reason, "No such file or directory"))
		return 1;
	reading->at = reason.text;
	inspect_fail(reading->err, EINVAL, "the value is missing: '%.*s'", shown(&reason),
		     reason.text);
	return inspect_hint(reading->err, "the kernel did not give it out when the map was dumped");
}

static int read_element(struct reading *reading, struct cursor *cursor, unsigned char *key,
			unsigned char *value, struct parsed_elem *out)
{
	unsigned flags = elems_kind_get(reading->parser->map->type)->flags;
	struct piece record;

	int r = cursor_value(cursor, &record, reading->err);
	if (!r)
		r = cursor_finish(cursor, reading->err);
	reading->at = cursor->at;
	if (!r && record.kind != PIECE_RECORD)
		r = inspect_fail(reading->err, EINVAL, "a record is wanted, got %s",
				 kind_of(&record));
	if (!r)
		r = take_members(reading, &record);
	if (!r)
		r = read_id(reading, MEMBER_MAP_ID, &out->map_id);
	if (r < 0)
		return r;
	out->has_map_id = r;
	r = check_members(reading, flags);
	if (!r)
		r = read_key(reading, key);
	if (!r)
		r = read_reason(reading);
	out->is_empty_slot = r > 0;
	return r ? r : read_value(reading, value);
}

int elem_parse(const struct elem_parser *parser, const char *text, size_t size, unsigned char *key,
	       unsigned char *value, struct parsed_elem *out, struct inspect_error *err)
{
	struct reading reading = { .parser = parser, .at = text, .err = err };
	struct cursor cursor = { text, text + size };

	*out = (struct parsed_elem){ 0 };
	int r = read_element(&reading, &cursor, key, value, out);
	for (const char *at = text; r < 0 && at < reading.at && at < text + size; at++)
		out->line += *at == '\n';
	return r < 0 ? r : 0;
}
