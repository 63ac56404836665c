/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_value_json.c - any JSON as a value of any type
 *
 * An input is one byte that says how much of the rest is BTF, in 256ths; what is behind is the JSON.
 * What is taken is shown and read back, and must then be shown in the same way.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "value/encode.h"
#include "value/json_in.h"

#define TYPES_MOST 16u /* from the first on, and the last: all would take too long for one input */
#define VALUE_MOST 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* The bytes, in memory of exactly that size; NULL where it is refused. */
static unsigned char *encode(const struct walk *walk, json_t *json)
{
	size_t size = walk_size(walk);
	autofree unsigned char *bytes = malloc(size ? size : 1);
	struct inspect_error err = { 0 };

	must(bytes != NULL);
	memset(bytes, 0x5a, size);
	int r = encode_json(walk, json, "value", bytes, size, &err);
	must(!r || (r == -EINVAL && err.code == EINVAL && err.what[0]));
	for (size_t i = 0; r && i < size; i++)
		must(bytes[i] == 0x5a);
	return r ? NULL : take_ptr(&bytes);
}

static void show(const struct walk *walk, struct out *out, const unsigned char *bytes,
		 struct buf *text)
{
	struct sink sink;

	out_init_memory(out, text);
	sink_init(&sink, out, SINK_STRICT, false, NULL);
	walk_put(walk, &sink, NULL, bytes, walk_size(walk));
	must(sink_finish(&sink) == 0);
	sink_done(&sink);
}

/* Names that JSON cannot have, or that come twice, cannot be read back. */
static void read_back(const struct walk *walk, struct out *out, const unsigned char *bytes)
{
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(buf_done) struct buf other = { 0 };
	AUTO(json_in_done) json_t *json = NULL;

	show(walk, out, bytes, &text);
	if (json_in_parse(text.bytes, text.size, &json, NULL))
		return;
	autofree unsigned char *again = encode(walk, json);
	if (!again)
		return;
	show(walk, out, again, &other);
	must(text.size == other.size && memcmp(text.bytes, other.bytes, text.size) == 0);
}

static void try_type(const struct btf_reader *btf, uint32_t id, struct out *out, json_t *json)
{
	struct walk *walk;

	if (walk_new(btf, id, WALK_STRICT, &walk, NULL))
		return;
	if (walk_size(walk) <= VALUE_MOST) {
		autofree unsigned char *bytes = encode(walk, json);

		if (bytes)
			read_back(walk, out, bytes);
	}
	walk_free(walk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };
	AUTO(json_in_done) json_t *json = NULL;
	unsigned char untyped[4];

	if (size < 1)
		return 0;
	size_t blob = (size - 1) * data[0] / 255;
	if (json_in_parse((const char *)data + 1 + blob, size - 1 - blob, &json, NULL))
		return 0;
	must(encode_json(NULL, json, "value", untyped, sizeof(untyped), NULL) <= 0);
	if (btf_init(&btf, data + 1, blob, NULL, NULL))
		return 0;

	autofree struct out *out = malloc(sizeof(*out));
	must(out != NULL);
	for (uint32_t id = 0; id <= btf_count(&btf); id++) {
		if (id >= TYPES_MOST && id + 1 < btf_count(&btf))
			id = btf_count(&btf) - 1;
		try_type(&btf, id, out, json);
	}
	return 0;
}
