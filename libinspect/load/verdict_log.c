/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_log.c - the verifier's log: text in, facts out
 *
 * A log goes along one path of the program, instruction by instruction, and ends where the verifier gave up:
 *
 *	; return packet[12] == 8; @ refused.c:59	the source (kernels before 6.8 name no file)
 *	1: (71) r1 = *(u8 *)(r1 +12)			the instruction; behind it what is in registers then
 *	R1 offset is outside of the packet		why
 *	processed 2 insns (limit 1000000) ...
 *
 * A kernel from 7.3 on adds a report between the last two, with indented parts under headings.
 */
#include "load/verdict_log.h"

#include <string.h>

#include "base/num.h"

#define WINDOW ((size_t)1 << 20) /* what is looked at, from the end */
#define LINES_BACK 20000	 /* how far registers and sources are searched */

/* Pieces of text */

static bool begins(struct log_text text, const char *with)
{
	size_t n = strlen(with);

	return text.size && text.size >= n && memcmp(text.at, with, n) == 0;
}

static struct log_text behind(struct log_text text, size_t n)
{
	if (n > text.size)
		n = text.size;
	if (!n)
		return text; /* which may be none */
	return (struct log_text){ text.at + n, text.size - n };
}

static struct log_text trimmed(struct log_text text)
{
	while (text.size && (*text.at == ' ' || *text.at == '\t'))
		text = behind(text, 1);
	while (text.size && strchr(" \t\r\n", text.at[text.size - 1]))
		text.size--;
	return text;
}

/* The first place of some words, or NULL. */
static const char *find(struct log_text in, const char *what, size_t n)
{
	if (!n)
		return in.at;
	return in.size ? memmem(in.at, in.size, what, n) : NULL;
}

bool log_number(struct log_text text, uint64_t *out)
{
	char room[NUM_ROOM + 1];

	if (!text.size || text.size > NUM_ROOM)
		return false;
	memcpy(room, text.at, text.size);
	room[text.size] = '\0';
	return num_parse(room, NUM_ANY, UINT64_MAX, out) == 0;
}

/* Digits at the beginning: how many, and what they say. */
static size_t leading_number(struct log_text text, uint32_t *out)
{
	uint64_t value = 0;
	size_t n = 0;

	while (n < text.size && n < 10 && text.at[n] >= '0' && text.at[n] <= '9')
		value = value * 10 + (uint64_t)(text.at[n++] - '0');
	if (value >= UINT32_MAX)
		return 0;
	*out = (uint32_t)value;
	return n;
}

bool log_match(struct log_text line, const char *pattern, struct log_text *stars, unsigned n)
{
	const char *from = line.at ? line.at : "", *end = from + line.size;
	bool is_fixed = *pattern == '^', is_star = false;
	unsigned found = 0;

	for (pattern += is_fixed; *pattern;) {
		size_t words = strcspn(pattern, "*");
		const char *at =
			find((struct log_text){ from, (size_t)(end - from) }, pattern, words);
		if (!words && is_star)
			at = end; /* a star at the end takes all that is left */
		if (!at || (is_fixed && at != from))
			return false;
		if (is_star && found < n)
			stars[found++] = (struct log_text){ from, (size_t)(at - from) };
		from = at + words;
		pattern += words;
		is_fixed = false;
		is_star = *pattern == '*';
		if (is_star && !*++pattern && found < n)
			stars[found++] = (struct log_text){ from, (size_t)(end - from) };
	}
	return true;
}

/* Lines */

static struct log_text line_at(const char *log, size_t at, size_t size)
{
	const char *end = memchr(log + at, '\n', size - at);

	return (struct log_text){ log + at, end ? (size_t)(end - log) - at : size - at };
}

/* Where the line in front of the one at @at begins; false at the first one of the window. */
static bool line_before(const char *log, size_t first, size_t *at)
{
	if (*at <= first)
		return false;
	const char *end = log + *at - 1;
	const char *newline =
		end == log + first ? NULL : memrchr(log + first, '\n', (size_t)(end - log) - first);

	*at = newline ? (size_t)(newline - log) + 1 : first;
	return true;
}

enum line_kind {
	LINE_EMPTY,
	LINE_INSN,
	LINE_SOURCE,
	LINE_STATE, /* registers, of the whole machine; the branch that is taken up again */
	LINE_NOISE, /* how the verifier goes about it */
	LINE_STATS,
	LINE_TIME,
	LINE_STACK,
	LINE_REPORT,
	LINE_OTHER,
};

static const struct {
	const char *begin;
	enum line_kind kind;
} beginnings[] = {
	{ "; ", LINE_SOURCE },
	{ "from ", LINE_STATE },
	{ " frame", LINE_STATE },
	{ " R", LINE_STATE },
	{ "caller:", LINE_NOISE },
	{ "callee:", LINE_NOISE },
	{ "returning from callee:", LINE_STATE },
	{ "to caller at ", LINE_STATE },
	{ "returning to caller:", LINE_STATE },
	{ "cur state:", LINE_NOISE },
	{ "old state:", LINE_NOISE },
	{ "func#", LINE_NOISE },
	{ "mark_precise:", LINE_NOISE },
	{ "last_idx ", LINE_NOISE },
	{ "first_idx ", LINE_NOISE },
	{ "regs=", LINE_NOISE },
	{ "parent ", LINE_NOISE },
	{ "propagating ", LINE_NOISE },
	{ "Live regs before insn:", LINE_NOISE },
	{ "Live before insn:", LINE_NOISE },
	{ "Validating ", LINE_NOISE },
	{ "Func#", LINE_NOISE },
	{ "stack depth ", LINE_STACK },
	{ "verification time ", LINE_TIME },
	{ "processed ", LINE_STATS },
	{ "Verification failed: ", LINE_REPORT },
};

/* "16+8" tells of each function, "max 24" (Linux 7.3) of the deepest chain of calls. */
static struct log_text stack_depth(struct log_text rest)
{
	rest = trimmed(rest);
	return begins(rest, "max ") ? behind(rest, strlen("max ")) : rest;
}

/* "12: (61) ..." and, where the loader put its own words in, "12: <invalid ...". */
static enum line_kind kind_of_numbered(struct log_text rest)
{
	rest = trimmed(rest);
	if (rest.size >= 5 && rest.at[0] == '(' && rest.at[3] == ')' && rest.at[4] == ' ')
		return LINE_INSN;
	if (begins(rest, "<invalid"))
		return LINE_INSN;
	if (begins(rest, "R") || begins(rest, "frame") || begins(rest, "safe"))
		return LINE_STATE;
	return LINE_OTHER;
}

static enum line_kind kind_of(struct log_text line)
{
	uint32_t number;

	if (!trimmed(line).size)
		return LINE_EMPTY;
	size_t digits = leading_number(line, &number);
	if (digits && digits < line.size && line.at[digits] == ':')
		return kind_of_numbered(behind(line, digits + 1));
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
		if (begins(line, beginnings[i].begin))
			return beginnings[i].kind;
	return LINE_OTHER;
}

/* Instructions */

/* Where the text of an instruction ends: what registers hold is behind it, or a message that has no line of its own. */
static size_t insn_length(struct log_text text)
{
	const char *end = find(text, " ; ", 3);
	size_t n = end ? (size_t)(end - text.at) : text.size;
	const char *jump = find((struct log_text){ text.at, n }, "goto pc", 7);

	if (!jump)
		return n;
	n = (size_t)(jump - text.at) + 7;
	while (n < text.size && strchr("+-0123456789", text.at[n]))
		n++;
	return n;
}

static void take_insn(struct log_facts *out, struct log_text line)
{
	size_t digits = leading_number(line, &out->insn);
	struct log_text text = trimmed(behind(line, digits + 1));
	size_t n = insn_length(text);

	out->insn_text = trimmed((struct log_text){ text.at, n });
	out->n_messages = 0;

	struct log_text rest = trimmed(behind(text, n));
	/* "goto pc-5 BPF program is too large": the message follows in the same line. */
	if (rest.size && *rest.at != ';' && kind_of(rest) == LINE_OTHER)
		out->messages[out->n_messages++] = rest;
}

static void take_message(struct log_facts *out, struct log_text line)
{
	if (out->n_messages == LOG_MESSAGES) { /* the last ones say most */
		memmove(out->messages, out->messages + 1,
			(LOG_MESSAGES - 1) * sizeof(*out->messages));
		out->n_messages--;
	}
	out->messages[out->n_messages++] = trimmed(line);
}

/* What it says at the end */

static void take_stats(struct log_stats *out, struct log_text line)
{
	static const char pattern[] = "^processed * insns (limit *) max_states_per_insn * "
				      "total_states * peak_states * mark_read *";
	struct log_text stars[6];
	uint64_t *const to[6] = { &out->insns,	      &out->insn_limit,	 &out->max_states_per_insn,
				  &out->total_states, &out->peak_states, &out->mark_read };

	if (!log_match(line, pattern, stars, 6))
		return;
	out->has_counts = true;
	for (unsigned i = 0; i < 6; i++)
		out->has_counts = log_number(trimmed(stars[i]), to[i]) && out->has_counts;
}

static void take_time(struct log_stats *out, struct log_text line)
{
	struct log_text star;

	if (log_match(line, "^verification time * usec", &star, 1))
		out->has_time = log_number(star, &out->time_us);
}

/* The report of newer kernels: a heading at the left, and what belongs to it further right. */
static struct log_text *report_part(struct log_facts *out, struct log_text line)
{
	if (begins(line, "Reason:"))
		return &out->reason;
	if (begins(line, "At:"))
		return &out->place;
	if (begins(line, "Suggestion:"))
		return &out->suggestion;
	return NULL;
}

struct reading {
	struct log_facts *out;
	bool is_report;
	struct log_text *part; /* of the report, which the lines belong to */
};

static void take_report(struct reading *reading, struct log_text line)
{
	if (line.size && *line.at != ' ') {
		reading->part = report_part(reading->out, line);
		if (reading->part)
			*reading->part = (struct log_text){ 0 };
		return;
	}
	if (!reading->part)
		return;
	if (!reading->part->at)
		reading->part->at = line.at;
	reading->part->size = (size_t)(line.at + line.size - reading->part->at);
}

static void begin_report(struct reading *reading, struct log_text line)
{
	reading->is_report = true;
	reading->part = NULL;
	reading->out->kind = trimmed(behind(line, strlen("Verification failed: ")));
}

/* Lines of the report that look like others are none. */
static enum line_kind kind_here(const struct reading *reading, struct log_text line)
{
	enum line_kind kind = kind_of(line);

	if (!reading->is_report)
		return kind;
	return kind == LINE_STATS || kind == LINE_TIME || kind == LINE_STACK ? kind : LINE_REPORT;
}

static void take_line(struct reading *reading, struct log_text line, size_t at)
{
	struct log_facts *out = reading->out;

	switch (kind_here(reading, line)) {
	case LINE_INSN:
		take_insn(out, line);
		out->insn_at = at;
		break;
	case LINE_STATS:
		take_stats(&out->stats, line);
		break;
	case LINE_TIME:
		take_time(&out->stats, line);
		break;
	case LINE_STACK:
		out->stats.stack_depth = stack_depth(behind(line, strlen("stack depth ")));
		break;
	case LINE_REPORT:
		if (reading->is_report)
			take_report(reading, line);
		else
			begin_report(reading, line);
		break;
	case LINE_OTHER:
		take_message(out, line);
		break;
	case LINE_EMPTY:
	case LINE_SOURCE:
	case LINE_STATE:
	case LINE_NOISE:
		break;
	}
}

/* Sources */

static void take_source(struct log_source *out, struct log_text line)
{
	struct log_text stars[2];

	*out = (struct log_source){ .text = trimmed(behind(line, 1)) };
	/* The file is behind the last " @ ": the line itself may have such, too. */
	for (size_t i = line.size; i >= 3; i--) {
		struct log_text tail = { line.at + i - 3, line.size - i + 3 };
		uint64_t number;

		if (!begins(tail, " @ "))
			continue;
		if (!log_match(tail, "^ @ *:*", stars, 2) || !log_number(stars[1], &number) ||
		    number >= UINT32_MAX)
			return;
		out->text = trimmed((struct log_text){ line.at + 1, i - 4 });
		out->file = stars[0];
		out->line = (uint32_t)number;
		return;
	}
}

/* The source line that the instruction at @at belongs to: the last one before it. */
static bool source_before(const struct log_facts *facts, const char *log, size_t size, size_t at,
			  struct log_source *out)
{
	for (unsigned n = 0; n < LINES_BACK && line_before(log, facts->window, &at); n++) {
		struct log_text line = line_at(log, at, size);

		if (kind_of(line) == LINE_SOURCE) {
			take_source(out, line);
			return true;
		}
	}
	return false;
}

bool log_find_source(const struct log_facts *facts, const char *log, uint32_t insn,
		     struct log_source *out)
{
	size_t at = facts->insn_at, size = facts->insn_at;
	uint32_t number;

	for (unsigned n = 0; n < LINES_BACK && line_before(log, facts->window, &at); n++) {
		struct log_text line = line_at(log, at, size);

		if (kind_of(line) == LINE_INSN && leading_number(line, &number) && number == insn)
			return source_before(facts, log, size, at, out);
	}
	return false;
}

bool log_place_source(const struct log_facts *facts, struct log_text *func, struct log_source *out)
{
	struct log_text stars[4];
	uint64_t line, column;

	if (!facts->place.size)
		return false;
	struct log_text first = trimmed(line_at(facts->place.at, 0, facts->place.size));
	if (!log_match(first, "^* @ *:*:*", stars, 4) || !log_number(stars[2], &line) ||
	    !log_number(stars[3], &column) || line >= UINT32_MAX || column >= UINT32_MAX)
		return false;
	*func = stars[0];
	*out = (struct log_source){ .file = stars[1],
				    .line = (uint32_t)line,
				    .column = (uint32_t)column };
	return true;
}

void log_add_unfolded(struct buf *out, struct log_text text)
{
	bool is_blank = true;

	text = trimmed(text);
	for (size_t i = 0; i < text.size; i++) {
		bool is_space = text.at[i] == ' ' || text.at[i] == '\n' || text.at[i] == '\t';

		if (!is_space || !is_blank)
			buf_add_char(out, is_space ? ' ' : text.at[i]);
		is_blank = is_space;
	}
}

/* Registers */

/* The number in "r7", "w10", "R0" at this place, and how long it is; 0: there is none. */
static size_t register_at(struct log_text text, size_t at, const char *letters, uint32_t *out)
{
	if (!strchr(letters, text.at[at]) || text.at[at] == '\0')
		return 0;
	if (at && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789",
			 text.at[at - 1]))
		return 0;
	size_t n = leading_number(behind(text, at + 1), out);
	if (!n || *out >= LOG_REGS)
		return 0;
	return n + 1;
}

static void add_reg(struct log_facts *out, uint32_t number)
{
	for (unsigned i = 0; i < out->n_regs; i++)
		if (out->regs[i].number == number)
			return;
	out->regs[out->n_regs++] =
		(struct log_reg){ .number = (uint8_t)number, .lost_at = LOG_NO_INSN };
}

static void add_regs(struct log_facts *out, struct log_text text, const char *letters)
{
	for (size_t i = 0; i < text.size; i++) {
		uint32_t number;
		size_t n = register_at(text, i, letters, &number);

		if (n)
			add_reg(out, number);
		i += n ? n - 1 : 0;
	}
}

/* The register that an instruction writes alone ("r1 = ..."), or LOG_NO_INSN; @rest is what it is made of. */
static uint32_t written(struct log_text text, struct log_text *rest)
{
	uint32_t number;

	*rest = text;
	if (text.size < 6 || *text.at != '(')
		return LOG_NO_INSN;
	text = behind(text, 5);
	size_t n = register_at(text, 0, "rw", &number);
	if (!n || !begins(behind(text, n), " = "))
		return LOG_NO_INSN;
	*rest = behind(text, n + 3);
	return number;
}

/* Any register that it changes, also "r1 += r2". */
static bool changes(struct log_text text, uint32_t number)
{
	uint32_t first;

	if (text.size < 6 || *text.at != '(')
		return false;
	text = behind(text, 5);
	size_t n = register_at(text, 0, "rw", &first);
	return n && first == number;
}

static bool is_call(struct log_text text)
{
	return begins(text, "(85) call") || begins(text, "(8d) callx");
}

/* Which registers the last instruction reads, as its text and the messages say. */
static void find_regs(struct log_facts *out)
{
	struct log_text rest;

	for (unsigned i = 0; i < out->n_messages; i++)
		add_regs(out, out->messages[i], "R");
	if (is_call(out->insn_text)) {
		bool is_named = out->n_regs;

		for (uint32_t number = 1; number <= 5 && !is_named; number++)
			add_reg(out, number);
		return;
	}
	if (begins(out->insn_text, "(95) exit"))
		return;
	written(out->insn_text, &rest);
	add_regs(out, rest, "rw");
}

/* The frame that a line of registers is about: 0, or what "frame1:" says. */
static uint32_t frame_of(struct log_text line)
{
	const char *at = find(line, "frame", 5);
	uint32_t frame = 0;

	if (at)
		leading_number(behind(line, (size_t)(at - line.at) + 5), &frame);
	return frame;
}

/* How long "scalar(umax=3,var_off=(0x0; 0x3))" is: up to the blank outside of brackets. */
static size_t state_length(struct log_text text)
{
	unsigned depth = 0;
	size_t n = 0;

	for (; n < text.size && (depth || text.at[n] != ' '); n++) {
		depth += text.at[n] == '(';
		depth -= depth && text.at[n] == ')';
	}
	return n;
}

/* "R1=pkt(r=0)", with marks between number and "=" in some kernels ("R1_w="). */
static bool state_in(struct log_text line, uint32_t number, struct log_text *out)
{
	for (size_t i = 0; i + 1 < line.size; i++) {
		uint32_t found;
		size_t n = register_at(line, i, "R", &found);

		if (!n || found != number)
			continue;
		struct log_text rest = behind(line, i + n);
		while (rest.size && (*rest.at == '_' || (*rest.at >= 'a' && *rest.at <= 'z')))
			rest = behind(rest, 1);
		if (!rest.size || *rest.at != '=')
			continue;
		rest = behind(rest, 1);
		*out = (struct log_text){ rest.at, state_length(rest) };
		return true;
	}
	return false;
}

/* The part of a line that tells of registers. */
static struct log_text states_of(struct log_text line, enum line_kind kind)
{
	if (kind != LINE_INSN)
		return line;
	const char *at = find(line, " ; ", 3);
	struct log_text text = trimmed(behind(line, 1));

	if (at)
		return behind(line, (size_t)(at - line.at) + 3);
	/* "if r1 != 0x0 goto pc+1 15: R0=1": the state is that of the other branch. */
	at = find(text, "goto pc", 7);
	return at ? behind(text, (size_t)(at - text.at)) : (struct log_text){ 0 };
}

struct search {
	struct log_reg *reg;
	uint32_t frame;
	bool is_over;
};

static void search_insn(struct search *search, struct log_text line, struct log_text states)
{
	uint32_t number = 0;
	size_t digits = leading_number(line, &number);
	struct log_text text = trimmed(behind(line, digits + 1));

	if (states.size && frame_of(states) != search->frame)
		return;
	if (is_call(text) && search->reg->number >= 1 && search->reg->number <= 5) {
		search->reg->lost_at = number;
		search->is_over = true;
	} else if (changes(text, search->reg->number)) {
		search->is_over = true; /* and this kernel does not say what of */
	}
}

static void search_line(struct search *search, struct log_text line)
{
	enum line_kind kind = kind_of(line);

	if (kind != LINE_INSN && kind != LINE_STATE)
		return;
	struct log_text states = states_of(line, kind);
	bool is_here = frame_of(states) == search->frame;

	if (is_here && state_in(states, search->reg->number, &search->reg->state))
		search->is_over = true;
	else if (kind == LINE_INSN)
		search_insn(search, line, states);
	else if (is_here && begins(line, "from "))
		search->is_over = true; /* all that was known is in that line */
}

/* The frame that the last instruction runs in: what the last line with registers says. */
static uint32_t find_frame(const struct log_facts *facts, const char *log, size_t size)
{
	size_t at = facts->insn_at;

	for (unsigned n = 0; n < 64 && line_before(log, facts->window, &at); n++) {
		struct log_text line = line_at(log, at, size);
		enum line_kind kind = kind_of(line);
		struct log_text states = states_of(line, kind);

		if ((kind == LINE_INSN || kind == LINE_STATE) && states.size)
			return frame_of(states);
	}
	return 0;
}

/* Kernels before 5.16 tell some states alone, in a line behind the instruction: what was when it failed. */
static void search_behind(struct search *search, const struct log_facts *facts, const char *log,
			  size_t size)
{
	size_t at = facts->insn_at + line_at(log, facts->insn_at, size).size + 1;

	if (at < size && (log[at] == ' ') && kind_of(line_at(log, at, size)) == LINE_STATE)
		search_line(search, line_at(log, at, size));
}

static void find_states(struct log_facts *out, const char *log, size_t size)
{
	uint32_t frame = find_frame(out, log, size);

	for (unsigned i = 0; i < out->n_regs; i++) {
		struct search search = { .reg = &out->regs[i], .frame = frame };
		size_t at = out->insn_at;

		search_behind(&search, out, log, size);

		for (unsigned n = 0;
		     n < LINES_BACK && !search.is_over && line_before(log, out->window, &at); n++)
			search_line(&search, line_at(log, at, size));
	}
}

void log_read(struct log_facts *out, const char *log, size_t size)
{
	struct reading reading = { .out = out };

	*out = (struct log_facts){ .insn = LOG_NO_INSN };
	if (size > WINDOW) {
		out->window = size - WINDOW;
		const char *line = memchr(log + out->window, '\n', WINDOW);
		out->window = line ? (size_t)(line - log) + 1 : out->window;
	}
	for (size_t at = out->window; at < size;) {
		struct log_text line = line_at(log, at, size);

		take_line(&reading, line, at);
		at += line.size + 1;
	}
	if (out->insn == LOG_NO_INSN)
		return;
	source_before(out, log, size, out->insn_at, &out->source);
	find_regs(out);
	find_states(out, log, size);
}
