/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_saved.c - any bytes as a saved probe, which is then asked and compared with itself
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "probe/diff.h"
#include "probe/saved.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Each row is found by its own name, and says the same. */
static void ask(const struct saved *saved)
{
	for (size_t i = 0; i < saved->n; i++) {
		const struct inspect_feature *row = &saved->rows[i];
		const struct inspect_question question = { row->kind, row->name, row->of };
		struct inspect_feature out;

		must(!i || saved_compare(&saved->rows[i - 1], row) < 0);
		must(saved_find(saved, &question, &out));
		must(!row->of || out.answer == row->answer);
		must(saved_has_kind(saved, row->kind));
	}
}

static void ask_for_others(const struct saved *saved)
{
	for (unsigned kind = 0; kind < INSPECT_FEATURE_KINDS; kind++) {
		const struct inspect_question question = { kind, "none of them", "xdp" };
		struct inspect_feature out;

		must(!saved_find(saved, &question, &out) || out.answer != INSPECT_YES);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct diff_which which = { .kind = INSPECT_FEATURE_KINDS };
	AUTO(saved_done) struct saved saved = { 0 };
	AUTO(diff_done) struct diff diff = { 0 };
	struct inspect_error err = { 0 };

	int r = saved_parse("input", (const char *)data, size, &saved, &err);
	must(r <= 0);
	if (r < 0) {
		must(err.code == -r && err.what[0]);
		return 0;
	}
	ask(&saved);
	ask_for_others(&saved);
	must(diff_run(&saved, &saved, &which, &diff, &err) == 0);
	must(diff.n == 0);
	return 0;
}
