/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_btf_types.c - the types of any bytes as text and JSON, and merged with themselves
 *
 * What is merged must be read again, and its text must be that of as many types at most.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "btf/merge.h"
#include "btf/raw.h"
#include "records/btf_types.h"
#include "records/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Every type in one form. */
static void print_all(const struct btf_reader *btf, enum sink_form form)
{
	static struct out out;
	AUTO(buf_done) struct buf text = { 0 };
	struct type_record record;
	struct printer printer;
	struct sink sink;

	out_init_memory(&out, &text);
	sink_init(&sink, &out, form, false, NULL);
	must(print_init(&printer, &sink, &btf_type_schema, NULL) == 0);
	sink_open_list(&sink, NULL);
	for (uint32_t id = 0; id < btf_count(btf); id++) {
		must(type_record_read(btf, id, &record));
		print_record(&printer, &record);
	}
	must(!type_record_read(btf, btf_count(btf), &record));
	sink_finish(&sink);
	sink_done(&sink);
	must(text.size >= btf_count(btf) * 2);
}

static void merge_with_itself(const struct btf_reader *btf)
{
	AUTO(btf_merge_done) struct btf_merge merge = { 0 };
	AUTO(btf_done) struct btf_reader merged = { 0 };
	autofree unsigned char *bytes = NULL;
	struct inspect_error err = { 0 };
	size_t length;

	if (btf_merge_add(&merge, btf, &err) || btf_merge_add(&merge, btf, &err) ||
	    btf_merge_finish(&merge, (struct inspect_bytes){ 0 }, &bytes, &length, &err)) {
		must(err.code && err.what[0] && err.code != ENOTRECOVERABLE);
		return;
	}
	must(btf_init(&merged, bytes, length, NULL, NULL) == 0);
	must(!merged.stopped_kind && btf_count(&merged) <= 2 * btf_count(btf) - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };

	if (btf_init(&btf, data, size, NULL, NULL))
		return 0;
	print_all(&btf, SINK_PLAIN);
	print_all(&btf, SINK_JSON);
	print_all(&btf, SINK_LINES);
	print_all(&btf, SINK_TSV);
	merge_with_itself(&btf);
	return 0;
}
