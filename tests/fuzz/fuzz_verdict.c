/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_verdict.c - any bytes as the verifier's log, or as libbpf's words: always a verdict, in a record and as text
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "load/verdict.h"
#include "load/verdict_log.h"
#include "load/verdict_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static int is_inside(struct log_text text, const char *log, size_t size)
{
	return !text.size || (text.at >= log && text.at + text.size <= log + size);
}

static void check_log(const char *log, size_t size)
{
	struct log_source source = { 0 };
	struct log_text function = { 0 };
	struct log_facts facts;

	log_read(&facts, log, size);
	must(facts.n_messages <= LOG_MESSAGES && facts.n_regs <= LOG_REGS);
	must(is_inside(facts.insn_text, log, size) && is_inside(facts.source.text, log, size));
	for (unsigned i = 0; i < facts.n_messages; i++)
		must(is_inside(facts.messages[i], log, size));
	for (unsigned i = 0; i < facts.n_regs; i++)
		must(facts.regs[i].number < LOG_REGS && is_inside(facts.regs[i].state, log, size));
	must(is_inside(facts.reason, log, size) && is_inside(facts.place, log, size));
	if (log_find_source(&facts, log, size ? (unsigned char)log[0] : 0, &source))
		must(is_inside(source.text, log, size) && is_inside(source.file, log, size));
	if (log_place_source(&facts, &function, &source))
		must(is_inside(function, log, size) && is_inside(source.file, log, size));
}

/* What a terminal would act on is not in the text. */
static void check_text(const struct inspect_verdict *verdict)
{
	static struct out out;
	AUTO(buf_done) struct buf memory = { 0 };

	out_init_memory(&out, &memory);
	verdict_print(&out, verdict);
	verdict_print_counts(&out, verdict);
	out_flush(&out);
	must(memory.size > 0);
	for (size_t i = 0; i < memory.size; i++)
		must((unsigned char)memory.bytes[i] >= ' ' || memory.bytes[i] == '\n');
}

static void check_record(const struct inspect_verdict *verdict)
{
	static struct out out;
	AUTO(buf_done) struct buf memory = { 0 };
	struct sink sink;

	out_init_memory(&out, &memory);
	sink_init(&sink, &out, SINK_STRICT, false, NULL);
	sink_open_record(&sink, NULL);
	print_fields(&sink, &verdict_schema, verdict, NULL);
	must(sink_finish(&sink) == 0);
	sink_done(&sink);
	must(memory.size > 2 && memory.bytes[0] == '{');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_done) struct buf log = { 0 };
	static const int codes[] = { EACCES, EPERM, EINVAL, E2BIG };

	buf_add(&log, data, size);
	buf_add_char(&log, '\0');
	if (buf_failed(&log))
		return 0;
	check_log(log.bytes, size);
	for (unsigned i = 0; i < 2 * sizeof(codes) / sizeof(*codes); i++) {
		AUTO(inspect_verdict_done) struct inspect_verdict verdict = { 0 };
		struct verdict_case from = {
			.program = "program",
			.code = codes[i / 2],
			.log = i & 1 ? NULL : log.bytes,
			.log_size = i & 1 ? 0 : size,
			.said = i & 1 ? log.bytes : NULL,
			.said_size = i & 1 ? size : 0,
		};

		if (verdict_find(&from, &verdict))
			continue;
		must(verdict.cause && verdict.verdict);
		check_text(&verdict);
		check_record(&verdict);
	}
	return 0;
}
