/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * mark.c - the records by which a saved probe can be told
 */
#include "probe/mark.h"

#include "base/error.h"
#include "base/num.h"
#include "probe/answer.h"
#include "probe/probe.h"

static struct inspect_feature mark(const char *name, const char *value)
{
	struct inspect_feature out = {
		.kind = INSPECT_FEATURE_PROBE,
		.name = name,
		.value = value,
	};

	answer_yes(&out, INSPECT_FOUND_NOT);
	return out;
}

static void put_number(struct printer *printer, const char *name, size_t number)
{
	char digits[NUM_ROOM + 1] = { 0 };
	struct inspect_feature out = mark(name, digits);

	num_format_u64(digits, number);
	print_record(printer, &out);
}

bool mark_is_wanted(const struct sink *sink, const struct inspect_probe *asked)
{
	return !asked->n_questions && (sink->form == SINK_STRICT || sink->form == SINK_LINES);
}

void mark_begin(struct printer *printer, const struct inspect_probe *asked)
{
	put_number(printer, MARK_FORMAT_NAME, MARK_FORMAT);
	if (asked->dev) {
		struct inspect_feature out = mark(MARK_DEV_NAME, asked->dev);

		print_record(printer, &out);
	}
	if (asked->is_unprivileged) {
		struct inspect_feature out = mark(MARK_UNPRIVILEGED_NAME, NULL);

		print_record(printer, &out);
	}
}

void mark_end(struct printer *printer, size_t n_answers)
{
	put_number(printer, MARK_END_NAME, n_answers);
}

int mark_ask(struct probe *probe, const struct inspect_question *question,
	     struct inspect_error *err)
{
	(void)probe;
	inspect_fail(err, INSPECT_EUSAGE, "probe %s: cannot be asked for",
		     question->name ? question->name : "");
	return inspect_hint(err, "it stands in what -o json and -o jsonl write of a whole probe");
}
