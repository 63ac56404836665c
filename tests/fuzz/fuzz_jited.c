/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_jited.c - any bytes as machine code, and what comes of them taken apart
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "code/jited.h"
#include "inspect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static const char *name(void *context, uint64_t address)
{
	return address & 1 ? context : NULL;
}

/* Parts lie in the text, one behind the other. */
static void check_parts(const char *text)
{
	const char *end = text + strlen(text), *before = text, *part;
	size_t n = jited_operation(&text, &part);

	must(part == before && part + n <= text && text <= end);
	while ((n = jited_operand(&text, &part))) {
		must(part >= before && part + n <= text && text <= end);
		before = text;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char word[] = "name";
	struct jited *jited = jited_new((struct jited_names){ name, word });
	struct jited_insn insn;

	if (!jited)
		return 0;
	for (size_t at = 0; at < size; at += insn.size) {
		if (!jited_decode(jited, data + at, size - at, 0xffffffffc0000000 + at, &insn))
			break;
		must(insn.size && insn.size <= size - at);
		for (const char *c = insn.text; *c; c++)
			must((*c >= ' ' && *c < 0x7f) || *c == '\t');
		check_parts(insn.text);
	}
	jited_free(jited);
	if (size && size < 256) {
		char *text = malloc(size + 1);

		if (!text)
			return 0;
		memcpy(text, data, size);
		text[size] = '\0';
		check_parts(text);
		free(text);
	}
	return 0;
}
