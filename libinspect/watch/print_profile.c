/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print_profile.c - what happens while programs run, to a sink
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "out/wait.h"
#include "watch/print.h"
#include "watch/profile.h"

enum profile_record_has {
	RECORD_HAS_SEVERAL = 1, /* programs */
};

/* One metric of one program. */
struct profile_record {
	unsigned have;
	unsigned prog_id;
	const char *name;
	const char *metric;
	unsigned long long run_cnt;
	unsigned long long value;
	unsigned long long enabled;
	unsigned long long running;
};

#define R struct profile_record

static const struct field profile_fields[] = {
	FIELD(R, prog_id, "prog_id", "of which program", .flags = FIELD_STRICT),
	FIELD(R, name, "name", "its name", .flags = FIELD_STRICT),
	FIELD(R, metric, "metric", "what was counted"),
	FIELD(R, run_cnt, "run_cnt", "runs of the program that began and ended meanwhile"),
	FIELD(R, value, "value", "how much was counted, in the kernel, during these runs"),
	FIELD(R, enabled, "enabled", "nanoseconds in which it was to be counted"),
	FIELD(R, running, "running",
	      "nanoseconds in which it was; less where counters were too few, and took turns"),
	FIELD_IF(RECORD_HAS_SEVERAL, R, prog_id, "prog_id",
		 "of which program, where there are several", .flags = FIELD_COMPATIBLE),
};

const struct schema profile_schema = {
	.name = "profile",
	.fields = profile_fields,
	.n = sizeof(profile_fields) / sizeof(*profile_fields),
	.columns = "prog_id,name,metric,run_cnt,value,enabled,running",
	.have_at = offsetof(struct profile_record, have),
	.failed_at = -1,
};

/* A quotient with two digits behind the point, rounded; no floats are needed for that. */
static void put_quotient(struct out *out, unsigned long long value, unsigned scale,
			 unsigned long long base, unsigned width)
{
	unsigned __int128 hundredths = ((unsigned __int128)value * scale * 100 + base / 2) / base;
	unsigned long long whole = (unsigned long long)(hundredths / 100);
	char digits[NUM_ROOM];
	size_t n = num_format_u64(digits, whole);

	for (size_t i = n + 3; i < width; i++)
		out_char(out, ' ');
	out_fmt(out, "%llu.%02u", whole, (unsigned)(hundredths % 100));
}

/* The total of another metric of the same program; 0 where it was not counted. */
static unsigned long long base_of(const struct profile *profile, const struct profiled *it,
				  int metric)
{
	for (unsigned i = 0; i < profile->n_metrics; i++)
		if ((int)profile->metrics[i] == metric)
			return it->totals[i].counter;
	return 0;
}

/* As wide as a column at least. */
static void put_left(struct out *out, const char *text, size_t width)
{
	out_fmt(out, "%s", text);
	for (size_t i = strlen(text); i < width; i++)
		out_char(out, ' ');
}

static void plain_metric(struct out *out, const struct profile *profile, const struct profiled *it,
			 unsigned i)
{
	const struct metric *metric = &metrics[profile->metrics[i]];
	const struct reading *total = &it->totals[i];
	unsigned long long base = base_of(profile, it, metric->ratio_to);

	out_fmt(out, "%18llu ", (unsigned long long)total->counter);
	put_left(out, metric->name, 20);
	if (base) {
		out_literal(out, "# ");
		put_quotient(out, total->counter, metric->scale, base, 8);
		out_char(out, ' ');
		put_left(out, metric->ratio_text, 30);
	} else {
		put_left(out, "", 41);
	}
	if (total->running_ns < total->enabled_ns) {
		out_char(out, '(');
		put_quotient(out, total->running_ns, 100, total->enabled_ns, 0);
		out_literal(out, "%)");
	}
	out_char(out, '\n');
}

void profile_plain(struct out *out, const struct profile *profile, const struct profiled *it)
{
	out_char(out, '\n');
	if (profile->n_progs > 1)
		print_prog_header(out, &it->prog);
	out_fmt(out, "%18llu ", it->runs);
	put_left(out, "run_cnt", 20);
	out_char(out, '\n');
	for (unsigned i = 0; i < profile->n_metrics; i++)
		plain_metric(out, profile, it, i);
}

static void print_program(struct printer *printer, const struct profile *profile,
			  const struct profiled *it)
{
	for (unsigned i = 0; i < profile->n_metrics; i++) {
		const struct profile_record record = {
			.have = profile->n_progs > 1 ? RECORD_HAS_SEVERAL : 0,
			.prog_id = it->prog.id,
			.name = it->prog.name,
			.metric = metrics[profile->metrics[i]].name,
			.run_cnt = it->runs,
			.value = it->totals[i].counter,
			.enabled = it->totals[i].enabled_ns,
			.running = it->totals[i].running_ns,
		};

		print_record(printer, &record);
	}
}

static void print_totals(struct printer *printer, const struct profile *profile)
{
	struct sink *sink = printer->sink;

	if (sink->form != SINK_PLAIN)
		print_open(printer, false);
	for (unsigned i = 0; i < profile->n_progs; i++) {
		if (sink->form == SINK_PLAIN)
			profile_plain(sink->out, profile, &profile->progs[i]);
		else
			print_program(printer, profile, &profile->progs[i]);
	}
}

/* What stands behind the first program. */
struct words {
	uint64_t seconds;
	bool is_wanted[METRICS];
	const char *const *words;
	size_t n;
};

static int fail_metric(const char *word, struct inspect_error *err)
{
	if (word)
		inspect_fail(err, INSPECT_EUSAGE, "unknown metric '%s'", word);
	else
		inspect_fail(err, INSPECT_EUSAGE, "a metric is missing");
	return inspect_hint(err, "there are cycles, instructions, l1d_loads, llc_misses, "
				 "itlb_misses, dtlb_misses, cpu_clock, task_clock, page_faults, "
				 "context_switches and cpu_migrations");
}

static int take_seconds(struct words *words, struct inspect_error *err)
{
	if (words->n < 2)
		return inspect_fail(err, INSPECT_EUSAGE, "'duration' needs a value");
	if (words->seconds)
		return inspect_fail(err, INSPECT_EUSAGE, "'duration' is there twice");
	if (num_parse(words->words[1], NUM_ANY, UINT32_MAX, &words->seconds) || !words->seconds)
		return inspect_fail(
			err, INSPECT_EUSAGE,
			"'duration' needs a whole number of seconds of at least 1, got: '%s'",
			words->words[1]);
	return 2;
}

/* Metrics may be shortened, so that only a whole word begins another program. */
static bool is_program(const char *word)
{
	static const char *const begins[] = { "id", "tag", "name", "pinned" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (strcmp(word, begins[i]) == 0)
			return true;
	return strchr(word, '/') || (*word >= '0' && *word <= '9');
}

/* Takes the next word, and what belongs to it: a program goes to @add. */
static int take_word(struct words *words, struct profile *profile, bool is_adding,
		     struct inspect_error *err)
{
	const char *word = words->words[0];
	struct inspect_ref ref;

	if (is_program(word)) {
		int used = inspect_ref_parse(INSPECT_PROG, words->words, words->n, &ref, err);
		int r = used > 0 && is_adding ? profile_add(profile, &ref, err) : 0;

		return r < 0 ? r : used;
	}
	if (*word && text_has_prefix("duration", word))
		return is_adding ? 2 : take_seconds(words, err);
	int metric = metric_find(word);
	if (metric < 0)
		return fail_metric(word, err);
	words->is_wanted[metric] = true;
	return 1;
}

/* Once to see what is wanted and that it is right, and again to add the programs. */
static int take_words(const struct inspect_words *given, struct words *words,
		      struct profile *profile, bool is_adding, struct inspect_error *err)
{
	words->words = given->words;
	words->n = given->n;
	while (words->n) {
		int used = take_word(words, profile, is_adding, err);

		if (used < 0)
			return used;
		words->words += used;
		words->n -= (size_t)used;
	}
	return 0;
}

static int begin(struct profile *profile, const struct inspect_ref *ref, struct words *words,
		 const struct inspect_words *given, struct inspect_error *err)
{
	int r = take_words(given, words, profile, false, err);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < METRICS; i++)
		if (words->is_wanted[i])
			profile->metrics[profile->n_metrics++] = i;
	if (!profile->n_metrics)
		return fail_metric(NULL, err);
	r = profile_open(profile, err);
	if (!r)
		r = profile_add(profile, ref, err);
	return r < 0 ? r : take_words(given, words, profile, true, err);
}

int print_profile(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		  const struct inspect_words *given, const struct inspect_until *until,
		  const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(profile_done) struct profile profile = { .inspect = inspect, .note = note };
	struct words words = { 0 };
	struct printer printer;

	int r = print_init(&printer, sink, &profile_schema, err);
	if (!r)
		r = begin(&profile, ref, &words, given, err);
	if (r < 0)
		return r;
	bool is_endless = !words.seconds || words.seconds > INT_MAX / 1000;
	r = wait_for(-1, 0, until, is_endless ? -1 : (int)words.seconds * 1000);
	if (r < 0)
		return inspect_fail(err, -r, "profile: wait");
	r = profile_end(&profile, err);
	if (!r)
		print_totals(&printer, &profile);
	return r;
}
