/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_elf_object.c - any bytes as a compiled object: shown, and its instructions dumped, in several forms
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "code/object_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* What is shown is all of it, or an error says what is missing. */
static void print(struct object *object, enum sink_form form, enum insn_syntax syntax)
{
	static struct out out;
	const struct print_code how = { .opcodes = true, .lines = true, .syntax = syntax };
	AUTO(buf_done) struct buf memory = { 0 };
	struct inspect_error err = { 0 };
	struct sink sink;

	for (unsigned i = 0; i < 2; i++) {
		out_init_memory(&out, &memory);
		sink_init(&sink, &out, form, false, NULL);
		int r = i ? object_dump(&sink, object, "x", NULL, &how, &err)
			  : object_show(&sink, object, "x", &err);
		must(r == 0 || (r < 0 && err.code == -r && err.what[0]));
		sink_finish(&sink);
		sink_done(&sink);
		out_flush(&out);
		memory.size = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inspect_error err = { 0 };
	struct object object;

	char *bytes = malloc(size ? size : 1);
	must(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	int r = object_take(&object, bytes, size, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0]));
	if (!r) {
		print(&object, SINK_PLAIN, INSN_KERNEL);
		print(&object, SINK_STRICT, INSN_ASSEMBLER);
		object_close(&object);
	}
	return 0;
}
