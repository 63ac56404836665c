/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print_fill.c - "from FILE": many elements, and how many it were
 */
#include "base/error.h"
#include "base/text.h"
#include "kernel/abi.h"
#include "value/print.h"

#define F struct inspect_filled

static const struct field filled_fields[] = {
	FIELD(F, map_id, "map_id", "of which map"),
	FIELD(F, elements, "elements", "elements that were written"),
	FIELD_IF(INSPECT_FILLED_HAS_EMPTY, F, empty_slots, "empty_slots",
		 "elements of the file that have no value to write: empty slots"),
};

static void filled_plain(struct out *out, const void *record)
{
	const struct inspect_filled *filled = record;

	out_fmt(out, "Wrote %llu element%s\n", filled->elements, filled->elements == 1 ? "" : "s");
	out_if(out, filled->empty_slots, "Left out %llu without a value\n", filled->empty_slots);
}

const struct schema filled_schema = {
	.name = "filled",
	.fields = filled_fields,
	.n = sizeof(filled_fields) / sizeof(*filled_fields),
	.columns = "map_id,elements",
	.plain = filled_plain,
	.have_at = offsetof(struct inspect_filled, have),
	.failed_at = -1,
};

static bool is_word(const char *word, const char *begins)
{
	return *begins && text_has_prefix(word, begins);
}

bool print_fill_begins(const struct inspect_words *words)
{
	return words->n && is_word("from", words->words[0]);
}

/* The one word that may follow the file. */
static int parse_flag(const struct inspect_words *words, unsigned *flag, struct inspect_error *err)
{
	static const struct {
		const char *word;
		unsigned flag;
	} flags[] = { { "any", ABI_ANY }, { "noexist", ABI_NOEXIST }, { "exist", ABI_EXIST } };

	for (size_t i = 0; words->n == 3 && i < sizeof(flags) / sizeof(*flags); i++) {
		if (!is_word(flags[i].word, words->words[2]))
			continue;
		*flag = flags[i].flag;
		return 0;
	}
	inspect_fail(err, INSPECT_EUSAGE, "what is '%s'?", words->words[words->n == 3 ? 2 : 3]);
	return inspect_hint(err, "behind 'from FILE' may stand any, exist or noexist");
}

int print_fill(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	       const struct inspect_words *words, const struct inspect_note *note,
	       struct inspect_error *err)
{
	struct inspect_fill how = { 0 };
	struct inspect_filled filled;
	struct printer printer;

	if (words->n < 2)
		return inspect_fail(err, INSPECT_EUSAGE, "'from' needs a FILE");
	how.path = words->words[1];
	int r = words->n > 2 ? parse_flag(words, &how.flag, err) : 0;
	if (!r)
		r = print_init(&printer, sink, &filled_schema, err);
	if (!r)
		r = inspect_map_fill(inspect, ref, &how, note, &filled, err);
	if (r < 0)
		return r;
	print_open(&printer, true);
	print_record(&printer, &filled);
	print_close(&printer, true);
	return 0;
}
