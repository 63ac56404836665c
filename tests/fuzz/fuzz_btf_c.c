/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_btf_c.c - any bytes as BTF, and what is sound of it as a C header
 *
 * libbpf believes what it is handed; that nothing unsound reaches it is what this tries.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "btf/c.h"
#include "btf/reader.h"
#include "out/out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Balanced, and nothing in it that could only come from a name. */
static void check_text(const struct buf *text)
{
	int depth = 0;

	for (size_t i = 0; i < text->size; i++) {
		unsigned char c = (unsigned char)text->bytes[i];

		must(c == '\n' || c == '\t' || c >= 0x20);
		if (c == '/' && i + 1 < text->size && text->bytes[i + 1] == '*') {
			for (i += 3; text->bytes[i] != '/' || text->bytes[i - 1] != '*'; i++)
				must(i + 1 < text->size);
			continue;
		}
		depth += (c == '{') - (c == '}');
		must(depth >= 0);
	}
	must(depth == 0);
}

static void print(const struct btf_reader *btf, const struct btf_c_options *options)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct inspect_error err = { 0 };
	struct out out;

	out_init_memory(&out, &text);
	int r = btf_c_print(&out, btf, options, NULL, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0]));
	out_flush(&out);
	if (r == 0)
		check_text(&text);
}

static void print_all(const struct btf_reader *btf)
{
	const uint32_t last = btf_count(btf) - 1;

	print(btf, &(struct btf_c_options){ .is_unsorted = true });
	print(btf, &(struct btf_c_options){ .guard = "GUARD_H" });
	print(btf, &(struct btf_c_options){ .roots = &last, .n_roots = 1 });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader whole = { 0 }, split = { 0 };

	if (btf_init(&whole, data, size, NULL, NULL) < 0)
		return 0;
	print_all(&whole);
	if (!whole.stopped_kind && btf_init(&split, data, size, &whole, NULL) == 0)
		print_all(&split);
	return 0;
}
