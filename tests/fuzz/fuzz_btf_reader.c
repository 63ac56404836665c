/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_btf_reader.c - any bytes as BTF: by itself, split on itself, and split on a small base
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "btf/reader.h"

/* A base of one INT: header, type, strings. */
static const struct {
	uint32_t header[6];
	uint32_t type[4];
	char strings[8];
} small_base = {
	.header = { 0x0001eb9f, 24, 0, 16, 16, 8 },
	.type = { 1, 1u << 24, 4, 32 },
	.strings = "\0int\0ab",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Reads every byte that the reader hands out. */
static uint32_t read_all(const struct btf_reader *btf)
{
	uint32_t sum = 0;

	for (uint32_t id = 0; id < btf_count(btf); id++) {
		struct btf_entry type;

		must(btf_type(btf, id, &type));
		must(!id == (type.kind == KIND_VOID));
		sum += (uint32_t)strlen(type.name);
		for (size_t at = 0; at + 4 <= type.tail_size; at += 4) {
			const char *text = btf_string(btf, btf_word(type.tail, at));

			sum += text ? (uint8_t)*text : 0;
		}
		for (size_t at = 0; at < type.tail_size; at++)
			sum += type.tail[at];

		const char *name = btf_func_name(btf, id);
		must(!name == (type.kind != KIND_FUNC) && (!name || name == type.name));
	}
	must(!btf_func_name(btf, btf_count(btf)) && !btf_func_name(btf, UINT32_MAX));

	uint32_t strings = btf->first_string + btf->strings_size;
	must(!btf_string(btf, strings) && !btf_string(btf, UINT32_MAX));
	if (strings)
		must(!*btf_string(btf, strings - 1));
	return sum;
}

/* Looked for without opening, a type is one that opening finds, too. */
static void seek(const uint8_t *data, size_t size, const struct btf_reader *btf)
{
	struct btf_sought found;
	struct btf_entry type;

	for (uint32_t id = 1; id < btf_count(btf) && id < 9; id++) {
		must(btf_type(btf, id, &type));
		if (type.kind >= KINDS || !*type.name)
			continue;
		int r = btf_seek(&found, data, size, type.name, 1u << type.kind, NULL);
		if (r <= 0)
			continue; /* the string is there twice */
		must(btf_type(btf, found.id, &type) && type.kind == found.type.kind &&
		     strcmp(type.name, found.type.name) == 0 && type.tail == found.type.tail &&
		     type.tail_size == found.type.tail_size);
	}
}

static void open_on(const uint8_t *data, size_t size, const struct btf_reader *base)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };
	struct inspect_error err = { 0 };

	int r = btf_init(&btf, data, size, base, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0] && !btf.offsets));
	if (r)
		return;
	must(btf_count(&btf) - btf.first_id <= size / 12);
	read_all(&btf);
	if (!base)
		seek(data, size, &btf);
	if (!base && !btf.stopped_kind)
		open_on(data, size, &btf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader base = { 0 };

	must(btf_init(&base, &small_base, sizeof(small_base), NULL, NULL) == 0);
	struct btf_sought found;
	int r = btf_seek(&found, data, size, "int", UINT32_MAX, NULL);
	must(r <= 1);
	open_on(data, size, NULL);
	open_on(data, size, &base);
	return 0;
}
