/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * encode.c - JSON to the bytes of a type
 *
 * This follows the steps that walk.c runs, so that what is read and what is shown cannot be of two
 * minds about a type. JSON decides only which steps are gone through: its depth is bounded by theirs.
 */
#include "value/encode.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "value/encoder.h"

#define NEAREST_KEYS 4096u /* a record of more members is not searched for the nearest name */
#define NEAREST_BYTES 64u
#define PATH_ROOM 512
#define WORDS_ROOM 400

static int put_value(struct encoder *e, uint32_t at, size_t base, json_t *json);

static void format_path(const struct encoder *e, char *room, size_t size)
{
	size_t n = 0;

	for (unsigned i = 0; i < e->depth && n < size; i++) {
		const struct encode_crumb *crumb = &e->path[i];
		int r = crumb->key ? snprintf(room + n, size - n, ".%s", crumb->key)
				   : snprintf(room + n, size - n, "[%zu]", crumb->index);

		n += r > 0 ? (size_t)r : 0;
	}
	if (!e->depth)
		room[0] = '\0';
}

int encoder_fail(const struct encoder *e, const char *format, ...)
{
	char path[PATH_ROOM], words[WORDS_ROOM];
	va_list args;

	format_path(e, path, sizeof(path));
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return inspect_fail(e->err, EINVAL, "%s%s: %s", e->name, path, words);
}

int encoder_fail_kind(const struct encoder *e, const char *wanted, json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return encoder_fail(e, "%s is wanted, got a record", wanted);
	case JSON_ARRAY:
		return encoder_fail(e, "%s is wanted, got a list", wanted);
	case JSON_STRING:
		return encoder_fail(e, "%s is wanted, got '%s'", wanted, json_string_value(json));
	case JSON_INTEGER:
		return encoder_fail(e, "%s is wanted, got %lld", wanted,
				    (long long)json_integer_value(json));
	case JSON_REAL:
		return encoder_fail(e, "%s is wanted, got %#g", wanted, json_real_value(json));
	case JSON_TRUE:
	case JSON_FALSE:
		return encoder_fail(e, "%s is wanted, got %s", wanted,
				    json_is_true(json) ? "true" : "false");
	case JSON_NULL:
		break;
	}
	return encoder_fail(e, "%s is wanted, got null", wanted);
}

static int enter(struct encoder *e, const char *key, size_t index)
{
	if (e->depth == sizeof(e->path) / sizeof(*e->path))
		return encoder_fail(e, "nested too deep");
	e->path[e->depth++] = (struct encode_crumb){ key, index };
	return 0;
}

static void leave(struct encoder *e)
{
	e->depth--;
}

int encoder_put(struct encoder *e, size_t at, const void *bytes, const unsigned char *mask,
		size_t size)
{
	const unsigned char *from = bytes;

	for (size_t i = 0; i < size; i++) {
		unsigned char bits = mask ? mask[i] : 0xff;
		unsigned char *to = &e->bytes[at + i], *given = &e->given[at + i];

		if (*given & bits & (*to ^ from[i]))
			return encoder_fail(e, "it says something else than another member that "
					       "has the same bytes");
		*to = (unsigned char)(*to | (from[i] & bits));
		*given |= bits;
	}
	return 0;
}

/* The step behind a value. */
static uint32_t step_after(const struct walk *walk, uint32_t at)
{
	const struct step *step = &walk->steps[at];

	switch (step->kind) {
	case STEP_RECORD:
	case STEP_LIST:
		return step->end + 1;
	case STEP_CHARS:
		return step->end;
	default:
		return at + 1;
	}
}

/* Which member was meant, or NULL. */
static const char *find_nearest(const struct walk *walk, uint32_t at, const char *key)
{
	uint32_t end = walk->steps[at].end;
	size_t least = strlen(key) / 2 + 1;
	const char *nearest = NULL;

	if (strlen(key) > NEAREST_BYTES)
		return NULL;
	at++;
	for (unsigned n = 0; at < end && n < NEAREST_KEYS; n++, at = step_after(walk, at)) {
		const char *other = walk->steps[at].key;
		size_t distance = strlen(other) > NEAREST_BYTES ? least : text_distance(key, other);

		if (distance >= least)
			continue;
		least = distance;
		nearest = other;
	}
	return nearest;
}

static bool has_member(const struct walk *walk, uint32_t at, const char *key)
{
	uint32_t end = walk->steps[at].end;

	for (at++; at < end; at = step_after(walk, at))
		if (strcmp(walk->steps[at].key, key) == 0)
			return true;
	return false;
}

/* Some member of the JSON was not asked for: it is named. */
static int fail_unknown(struct encoder *e, uint32_t at, json_t *json)
{
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value)
	{
		if (has_member(e->walk, at, key))
			continue;
		int r = enter(e, key, 0);
		if (r < 0)
			return r;
		r = encoder_fail(e, "there is no such member");
		const char *nearest = find_nearest(e->walk, at, key);
		return nearest ? inspect_hint(e->err, "did you mean '%s'?", nearest) : r;
	}
	return 0;
}

static int put_members(struct encoder *e, uint32_t at, size_t base, json_t *json)
{
	const struct walk *walk = e->walk;
	uint32_t end = walk->steps[at].end;
	size_t found = 0;

	for (uint32_t i = at + 1; i < end; i = step_after(walk, i)) {
		json_t *value = json_object_get(json, walk->steps[i].key);
		int r = value ? enter(e, walk->steps[i].key, 0) : 0;

		if (!value)
			continue;
		found++;
		r = r < 0 ? r : put_value(e, i, base, value);
		if (r < 0)
			return r;
		leave(e);
	}
	return found < json_object_size(json) ? fail_unknown(e, at, json) : 0;
}

static int put_record(struct encoder *e, uint32_t at, size_t base, json_t *json)
{
	const struct step *step = &e->walk->steps[at];

	if (json_is_object(json))
		return put_members(e, at, base, json);
	int r = encoder_put_packed(e, base + step->offset, step->size, json);
	if (r)
		return r < 0 ? r : 0;
	return encoder_fail_kind(e, "a record", json);
}

static int put_elements(struct encoder *e, uint32_t at, size_t base, json_t *json)
{
	const struct step *loop = &e->walk->steps[at];
	size_t n = json_array_size(json), size = e->walk->steps[loop->end].size;

	if (n != loop->count)
		return encoder_fail(e, "a list of %u is wanted, got one of %zu", loop->count, n);
	base += loop->offset;
	for (size_t i = 0; i < n; i++) {
		int r = enter(e, NULL, i);

		if (!r)
			r = put_value(e, at + 1, base + i * size, json_array_get(json, i));
		if (r < 0)
			return r;
		leave(e);
	}
	return 0;
}

/* @at: a STEP_LIST; behind it is a STEP_LOOP. */
static int put_list(struct encoder *e, uint32_t at, size_t base, json_t *json)
{
	const struct step *step = &e->walk->steps[at];

	if (json_is_array(json))
		return put_elements(e, at + 1, base, json);
	int r = encoder_put_packed(e, base + step->offset, step->size, json);
	if (r)
		return r < 0 ? r : 0;
	char wanted[40];
	snprintf(wanted, sizeof(wanted), "a list of %u", e->walk->steps[at + 1].count);
	return encoder_fail_kind(e, wanted, json);
}

/* Text ends with the first NUL: what is behind it is not told. */
static int put_chars(struct encoder *e, uint32_t at, size_t base, json_t *json)
{
	const struct step *step = &e->walk->steps[at];
	size_t n = json_string_length(json);

	if (json_is_array(json))
		return put_list(e, at + 1, base, json);
	if (!json_is_string(json))
		return encoder_fail_kind(e, "text, or a list of its bytes,", json);
	if (n > step->count)
		return encoder_fail(e, "text of %zu bytes, there is room for %u", n, step->count);
	int r = encoder_put(e, base + step->offset, json_string_value(json), NULL, n);
	return r < 0 || n == step->count ? r : encoder_put(e, base + step->offset + n, "", NULL, 1);
}

static int put_value(struct encoder *e, uint32_t at, size_t base, json_t *json)
{
	const struct step *step = &e->walk->steps[at];

	switch (step->kind) {
	case STEP_RECORD:
		return put_record(e, at, base, json);
	case STEP_LIST:
		return put_list(e, at, base, json);
	case STEP_CHARS:
		return put_chars(e, at, base, json);
	default:
		return encoder_put_scalar(e, step, base, json);
	}
}

static int put_untyped(json_t *json, const char *name, void *out, size_t size,
		       struct inspect_error *err)
{
	const char *text = json_string_value(json);

	if (!text || strlen(text) != json_string_length(json) || strlen(text) != 2 * size)
		return inspect_fail(err, EINVAL, "%s: text of %zu hexadecimal digits is wanted",
				    name, 2 * size);
	autofree unsigned char *bytes = malloc(size ? size : 1);
	if (!bytes)
		return inspect_fail(err, ENOMEM, "%s", name);
	if (num_parse_hex_bytes(text, bytes, size))
		return inspect_fail(err, EINVAL, "%s: '%s' has other than hexadecimal digits", name,
				    text);
	memcpy(out, bytes, size);
	return 0;
}

int encode_json(const struct walk *walk, json_t *json, const char *name, void *out, size_t size,
		struct inspect_error *err)
{
	struct encoder e;

	if (!walk)
		return put_untyped(json, name, out, size, err);
	if (walk->size != size)
		return inspect_fail(err, EINVAL, "%s: its type has %zu bytes and not %zu", name,
				    walk->size, size);
	autofree unsigned char *room = calloc(2, size ? size : 1);
	if (!room)
		return inspect_fail(err, ENOMEM, "%s", name);
	e.walk = walk; /* the path is set as it grows */
	e.name = name;
	e.bytes = room;
	e.given = room + size;
	e.has_loose = false;
	e.is_second = false;
	e.depth = 0;
	e.err = err;
	int r = put_value(&e, 0, 0, json);
	if (!r && e.has_loose) {
		e.is_second = true;
		r = put_value(&e, 0, 0, json);
	}
	if (!r)
		memcpy(out, room, size);
	return r;
}
