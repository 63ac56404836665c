/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * encode_case.h - JSON to bytes and back, by types that a test declares
 */
#ifndef TESTS_ENCODE_CASE_H
#define TESTS_ENCODE_CASE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "types_case.h"
#include "value/encode.h"
#include "value/json_in.h"

/* Types that are finished, and the walk of one of them. */
struct typed {
	struct btf_reader btf;
	struct walk *walk;
};

#define AUTO_TYPED AUTO(typed_done) struct typed

static inline void typed_done(struct typed *typed)
{
	walk_free(typed->walk);
	btf_done(&typed->btf);
}

static inline void typed_init(struct typed *typed, struct types *t, uint32_t id)
{
	struct inspect_error err = { 0 };

	*typed = (struct typed){ 0 };
	maker_finish(&t->maker);
	assert_int_equal(btf_init(&typed->btf, t->maker.blob, t->maker.size, NULL, &err), 0);
	if (walk_new(&typed->btf, id, WALK_STRICT, &typed->walk, &err))
		fail_msg("%s", err.what);
}

/* Encodes into memory of exactly the size, which is returned; NULL where it is refused. */
static inline unsigned char *encode(const struct typed *typed, const char *text,
				    struct inspect_error *err)
{
	size_t size = walk_size(typed->walk);
	autofree unsigned char *bytes = malloc(size ? size : 1);
	AUTO(json_in_done) json_t *json = NULL;

	assert_non_null(bytes);
	memset(bytes, 0x5a, size);
	if (json_in_parse(text, strlen(text), &json, err))
		fail_msg("%s: %s", text, err->what);
	int r = encode_json(typed->walk, json, "value", bytes, size, err);
	if (!r)
		return take_ptr(&bytes);
	assert_int_equal(r, -EINVAL);
	assert_int_equal(err->code, EINVAL);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], 0x5a);
	return NULL;
}

/* The text of a walk, which the caller frees. */
static inline char *show(const struct typed *typed, const unsigned char *bytes)
{
	AUTO_CAPTURE capture;
	struct sink *sink = capture_begin(&capture, SINK_STRICT);

	sink->is_inline = true;
	walk_put(typed->walk, sink, NULL, bytes, walk_size(typed->walk));
	char *text = strdup(capture_end(&capture));
	assert_non_null(text);
	return text;
}

/* What is shown is read back to these bytes; with @is_loose, to bytes that are shown in the same way. */
static inline void check_inverse(const struct typed *typed, const unsigned char *bytes,
				 bool is_loose)
{
	struct inspect_error err = { 0 };
	autofree char *text = show(typed, bytes);
	autofree unsigned char *again = encode(typed, text, &err);

	if (!again)
		fail_msg("%s: %s", text, err.what);
	if (memcmp(again, bytes, walk_size(typed->walk)) == 0)
		return;
	autofree char *other = show(typed, again);
	if (is_loose && strcmp(text, other) == 0)
		return;

	size_t at = 0;
	while (again[at] == bytes[at])
		at++;
	fail_msg("byte %zu of %zu became %02x and not %02x: %s", at, walk_size(typed->walk),
		 again[at], bytes[at], text);
}

#endif
