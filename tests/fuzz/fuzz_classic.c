/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_classic.c - any bytes as a classic filter: as text, or raw
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "code/classic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check_insn(const struct classic *classic, uint32_t index, struct buf *text)
{
	struct classic_insn insn;

	classic_decode(classic, index, &insn);
	must(insn.yes == CLASSIC_NO_TARGET || (insn.yes > index && insn.yes < classic->count));
	must(insn.no == CLASSIC_NO_TARGET || (insn.no > index && insn.no < classic->count));
	must((insn.kind == CLASSIC_BAD) == !*insn.word);
	must(!classic_flaw_text(insn.flaw) == (insn.flaw == CLASSIC_SOUND));
	must(insn.yes == CLASSIC_NO_TARGET || classic->is_target[insn.yes]);
	text->size = 0;
	classic_print(&insn, text);
	must(buf_failed(text) || text->size);
	for (size_t i = 0; i < text->size; i++)
		must(text->bytes[i] >= ' ' && text->bytes[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(classic_done) struct classic classic = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct inspect_error err = { 0 };

	int r = classic_parse(&classic, data, size, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0] && !classic.ops));
	must(classic.n_behind < CLASSIC_BYTES);
	for (uint32_t i = 0; i < classic.count; i++)
		check_insn(&classic, i, &text);
	return 0;
}
