/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_btf_diff.c - any bytes as two blobs of types that are compared, searched and written out
 *
 * An input is one byte that says how much of the rest is the first blob, in 256ths; the second is what is behind, or the first
 * again where there is nothing. What holds for every pair: a blob does not differ from itself, and what is only on one side in one
 * direction is only on the other in the other.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "btf/closure.h"
#include "btf/diff.h"
#include "btf/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Reads all that is told, so that the sanitizer sees what is not there. */
static void read_text(const char *text)
{
	must(strlen(text) < 1u << 20);
}

static void read_part(void *context, const struct btf_part *part)
{
	(void)context;
	read_text(part->name);
	read_text(part->type);
}

static void read_difference(void *context, const struct btf_difference *difference)
{
	(void)context;
	must(difference->old.id || difference->new.id);
	read_text(difference->old.text);
	read_text(difference->new.text);
	for (size_t i = 0; i < difference->n; i++) {
		must(difference->changes[i].old || difference->changes[i].new);
		if (difference->changes[i].old)
			read_part(NULL, difference->changes[i].old);
		if (difference->changes[i].new)
			read_part(NULL, difference->changes[i].new);
	}
}

static int diff(const struct btf_reader *old, const struct btf_reader *new,
		struct btf_diff_counts *counts)
{
	struct inspect_error err = { 0 };

	int r = btf_diff(old, new, NULL, read_difference, NULL, counts, &err);
	must(!r || (r == -E2BIG && err.what[0]));
	return r;
}

static void walk_types(const struct btf_reader *btf)
{
	struct btf_budget budget;
	AUTO(btf_parts_done) struct btf_parts parts = { .btf = btf, .budget = &budget };
	uint64_t digest, again;

	btf_budget_init(&budget, btf);
	for (uint32_t id = 0; id <= btf_count(btf); id++) {
		btf_parts_fit(&parts, id, "*.?*", read_part, NULL, NULL);
		int r = btf_digest(&parts, id, &digest, NULL);
		if (!r && budget.steps > 1u << 16)
			must(!btf_digest(&parts, id, &again, NULL) && digest == again);
	}
	must(!btf_nearest_name(btf, "int", true) || btf_count(btf) > 1);
}

/* What is in a closure stays as it is when it is closed again. */
static void close_types(const struct btf_reader *btf)
{
	AUTO(btf_set_done) struct btf_set set = { 0 };

	must(btf_set_init(&set, btf, NULL) == 0);
	btf_set_add_names(&set, btf, "*[a-s]");
	must(btf_close(&set, btf, NULL) == 0);
	for (uint32_t id = 1; id < btf_count(btf); id++) {
		AUTO(btf_set_done) struct btf_set one = { 0 };

		if (!btf_set_has(&set, id) || id > 64)
			continue;
		must(btf_set_init(&one, btf, NULL) == 0);
		must(btf_set_add(&one, id) && btf_close(&one, btf, NULL) == 0);
		for (uint32_t other = 0; other < btf_count(btf); other++)
			must(!btf_set_has(&one, other) || btf_set_has(&set, other));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(btf_done) struct btf_reader old = { 0 }, new = { 0 };
	struct btf_diff_counts there, back;

	if (size < 1)
		return 0;
	size_t first = (size - 1) * data[0] / 255;
	if (btf_init(&old, data + 1, first, NULL, NULL))
		return 0;
	walk_types(&old);
	close_types(&old);
	if (!diff(&old, &old, &there))
		must(!there.added && !there.removed && !there.changed);
	if (btf_init(&new, data + 1 + first, size - 1 - first, NULL, NULL))
		return 0;
	if (!diff(&old, &new, &there) && !diff(&new, &old, &back))
		must(there.added == back.removed && there.removed == back.added &&
		     there.changed == back.changed && there.same == back.same);
	return 0;
}
