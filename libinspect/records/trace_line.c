/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trace_line.c - a line of the trace pipe in its parts
 *
 *	            nano-15403   [001] ...21  2190.608865: bpf_trace_printk: h1 nanosleep 5
 *	            nano-15403   (  15400) [001] ...21  2190.608865: sys_nanosleep <-...
 *	CPU:1 [LOST 14 EVENTS]
 *
 * A task may be called "x-1 [000] 1.0: y". But its name has 15 bytes at most and is filled up to 16 columns, so the
 * dash behind it has its place.
 */
#include "records/trace_line.h"

#include <string.h>

#include "base/num.h"

#define DASH 16

struct cursor {
	const char *at;
	const char *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at == ' ')
		cursor->at++;
}

static bool take_char(struct cursor *cursor, char c)
{
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static bool take_literal(struct cursor *cursor, const char *literal)
{
	size_t size = strlen(literal);

	if ((size_t)(cursor->end - cursor->at) < size || memcmp(cursor->at, literal, size) != 0)
		return false;
	cursor->at += size;
	return true;
}

static bool take_number(struct cursor *cursor, uint64_t max, uint64_t *out)
{
	char digits[NUM_ROOM];
	size_t n = 0;

	while (cursor->at < cursor->end && is_digit(*cursor->at) && n + 1 < sizeof(digits))
		digits[n++] = *cursor->at++;
	digits[n] = '\0';
	return num_parse(digits, NUM_DECIMAL, max, out) == 0;
}

static bool take_u32(struct cursor *cursor, unsigned *out)
{
	uint64_t value;

	if (!take_number(cursor, UINT32_MAX, &value))
		return false;
	*out = (unsigned)value;
	return true;
}

/* Up to the next blank. */
static struct trace_text take_word(struct cursor *cursor)
{
	struct trace_text word = { cursor->at, 0 };

	while (cursor->at < cursor->end && *cursor->at != ' ')
		cursor->at++;
	word.size = (size_t)(cursor->at - word.at);
	return word;
}

static bool take_task(struct cursor *cursor, struct trace_line *out)
{
	struct cursor name = { cursor->at, cursor->at + DASH };

	if (cursor->end - cursor->at <= DASH || cursor->at[DASH] != '-')
		return false;
	skip_blanks(&name);
	out->task = (struct trace_text){ name.at, (size_t)(name.end - name.at) };
	cursor->at += DASH + 1;
	return take_u32(cursor, &out->pid);
}

/* "(  15400)", or dashes where it is not known; only there with the option record-tgid. */
static bool take_tgid(struct cursor *cursor, struct trace_line *out)
{
	if (!take_char(cursor, '('))
		return true;
	skip_blanks(cursor);
	if (take_u32(cursor, &out->tgid))
		out->have |= TRACE_LINE_HAS_TGID;
	else
		while (take_char(cursor, '-'))
			;
	return take_char(cursor, ')');
}

static bool take_cpu(struct cursor *cursor, struct trace_line *out)
{
	return take_char(cursor, '[') && take_u32(cursor, &out->cpu) && take_char(cursor, ']');
}

/* "2190.608865:", or a count of another clock. */
static bool is_timestamp(const struct trace_text *word)
{
	size_t n = 0;

	while (n < word->size && (is_digit(word->at[n]) || (n && word->at[n] == '.')))
		n++;
	return n && n + 1 == word->size && word->at[n] == ':';
}

static bool take_flags_and_time(struct cursor *cursor, struct trace_line *out)
{
	skip_blanks(cursor);
	struct trace_text word = take_word(cursor);

	if (!is_timestamp(&word)) {
		out->flags = word;
		out->have |= TRACE_LINE_HAS_FLAGS;
		skip_blanks(cursor);
		word = take_word(cursor);
	}
	if (!is_timestamp(&word))
		return false;
	out->timestamp = (struct trace_text){ word.at, word.size - 1 };
	return take_char(cursor, ' ');
}

/* "bpf_trace_printk: ", where one word stands so in front of the text. */
static void take_function(struct cursor *cursor, struct trace_line *out)
{
	struct cursor ahead = *cursor;
	struct trace_text word = take_word(&ahead);

	if (word.size < 2 || word.at[word.size - 1] != ':')
		return;
	out->function = (struct trace_text){ word.at, word.size - 1 };
	out->have |= TRACE_LINE_HAS_FUNCTION;
	take_char(&ahead, ' ');
	*cursor = ahead;
}

static bool parse_event(struct cursor cursor, struct trace_line *out)
{
	if (!take_task(&cursor, out))
		return false;
	skip_blanks(&cursor);
	if (!take_tgid(&cursor, out))
		return false;
	skip_blanks(&cursor);
	if (!take_cpu(&cursor, out) || !take_flags_and_time(&cursor, out))
		return false;
	take_function(&cursor, out);
	out->text = (struct trace_text){ cursor.at, (size_t)(cursor.end - cursor.at) };
	out->have |= TRACE_LINE_HAS_PARTS | TRACE_LINE_HAS_CPU | TRACE_LINE_HAS_TEXT;
	return true;
}

/* A count, or no more than that there were some: then it stays a line. */
static bool parse_lost(struct cursor cursor, struct trace_line *out)
{
	uint64_t lost;

	if (!take_literal(&cursor, "CPU:") || !take_u32(&cursor, &out->cpu) ||
	    !take_literal(&cursor, " [LOST ") || !take_number(&cursor, UINT64_MAX, &lost) ||
	    !take_literal(&cursor, " EVENTS]"))
		return false;
	out->lost = lost;
	out->have |= TRACE_LINE_HAS_LOST | TRACE_LINE_HAS_CPU;
	return cursor.at == cursor.end;
}

void trace_line_parse(const char *line, size_t size, struct trace_line *out)
{
	const struct cursor cursor = { line, line + size };

	*out = (struct trace_line){ 0 };
	if (parse_event(cursor, out))
		return;
	*out = (struct trace_line){ 0 };
	if (parse_lost(cursor, out))
		return;
	*out = (struct trace_line){ .have = TRACE_LINE_HAS_TEXT, .text = { line, size } };
}
