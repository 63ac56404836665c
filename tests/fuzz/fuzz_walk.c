/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_walk.c - any bytes as a value, any bytes as its types
 *
 * An input is one byte that says how much of the rest is BTF, in 256ths; what is behind is the value.
 * Types are tried in every flavour. The value lies in memory of its own, of exactly the size that the
 * walk asks for, and once one byte short.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "value/walk.h"

#define TYPES_MOST 16u /* from the first on, and the last: all would take too long for one input */
#define VALUE_MOST 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* A value of @size bytes that repeats the input's. */
static uint8_t *make_value(const uint8_t *from, size_t n, size_t size)
{
	uint8_t *value = malloc(size ? size : 1);

	must(value != NULL);
	for (size_t i = 0; i < size; i++)
		value[i] = n ? from[i % n] : 0;
	return value;
}

static void put(const struct walk *walk, struct out *out, enum walk_flavour flavour,
		const uint8_t *bytes, size_t n, size_t size)
{
	static const enum sink_form forms[] = {
		[WALK_PLAIN] = SINK_PLAIN, [WALK_JSON] = SINK_JSON, [WALK_STRICT] = SINK_STRICT
	};
	AUTO(buf_done) struct buf text = { 0 };
	autofree uint8_t *value = make_value(bytes, n, size);
	struct sink sink;

	out_init_memory(out, &text);
	sink_init(&sink, out, forms[flavour], false, NULL);
	sink_begin_document(&sink);
	sink_open_list(&sink, NULL);
	walk_put(walk, &sink, NULL, value, size);
	must(!sink.error && sink.depth == 1 && !sink.is_empty);
	sink_close(&sink);
	must(sink_finish(&sink) == 0 && text.size > 2);
	sink_done(&sink);
}

static void walk_type(const struct btf_reader *btf, uint32_t id, enum walk_flavour flavour,
		      struct out *out, const uint8_t *bytes, size_t n)
{
	struct inspect_error err = { 0 };
	struct walk *walk;

	int r = walk_new(btf, id, flavour, &walk, &err);
	must(!r || ((r == -EINVAL || r == -E2BIG) && err.code == -r && err.what[0]));
	if (r)
		return;
	if (walk_size(walk) <= VALUE_MOST)
		put(walk, out, flavour, bytes, n, walk_size(walk));
	if (walk_size(walk) && walk_size(walk) <= VALUE_MOST)
		put(walk, out, flavour, bytes, n, walk_size(walk) - 1);
	walk_free(walk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };

	if (size < 1)
		return 0;
	size_t blob = (size - 1) * data[0] / 255;
	if (btf_init(&btf, data + 1, blob, NULL, NULL))
		return 0;

	autofree struct out *out = malloc(sizeof(*out));
	must(out != NULL);
	for (uint32_t id = 0; id <= btf_count(&btf); id++) {
		if (id >= TYPES_MOST && id + 1 < btf_count(&btf))
			id = btf_count(&btf) - 1;
		for (unsigned flavour = WALK_PLAIN; flavour <= WALK_STRICT; flavour++)
			walk_type(&btf, id, (enum walk_flavour)flavour, out, data + 1 + blob,
				  size - 1 - blob);
	}
	return 0;
}
