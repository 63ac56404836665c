/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * scan.c - the records in a file of JSON, one after the other
 */
#include "value/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define CHUNK ((size_t)64 << 10)
#define AT_END 256 /* no byte */

void scan_done(struct scan *scan)
{
	free(scan->bytes);
	scan->bytes = NULL;
}

static int fail_at(const struct scan *scan, const char *what, struct inspect_error *err)
{
	return inspect_fail(err, EINVAL, "line %llu: %s", scan->line + 1, what);
}

/* Room behind what is there; only what is in front of the record at hand may go. */
static int make_room(struct scan *scan, struct inspect_error *err)
{
	size_t kept = scan->fill - scan->start;

	if (scan->start) {
		memmove(scan->bytes, scan->bytes + scan->start, kept);
		scan->at -= scan->start;
		scan->fill = kept;
		scan->start = 0;
	}
	if (scan->room - scan->fill >= CHUNK)
		return 0;
	size_t room = scan->room ? 2 * scan->room : 2 * CHUNK;
	char *bytes = realloc(scan->bytes, room);
	if (!bytes)
		return inspect_fail(err, ENOMEM, "line %llu: room for an element", scan->line + 1);
	scan->bytes = bytes;
	scan->room = room;
	return 0;
}

/* 1 when there are more bytes, 0 at the end of the file. */
static int read_more(struct scan *scan, struct inspect_error *err)
{
	if (scan->is_at_end)
		return 0;
	int r = make_room(scan, err);
	if (r < 0)
		return r;
	ssize_t n;
	do
		n = read(scan->fd, scan->bytes + scan->fill, scan->room - scan->fill);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return inspect_fail(err, errno, "read");
	scan->is_at_end = !n;
	scan->fill += (size_t)n;
	return n > 0;
}

/* The next byte that is no blank, which stays; AT_END, or a negative error. */
static int next_byte(struct scan *scan, struct inspect_error *err)
{
	for (;;) {
		for (; scan->at < scan->fill; scan->at++) {
			char c = scan->bytes[scan->at];

			if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
				return (unsigned char)c;
			scan->line += c == '\n';
		}
		scan->start = scan->at;
		int r = read_more(scan, err);
		if (r <= 0)
			return r < 0 ? r : AT_END;
	}
}

/* How far a record has been looked through. */
struct ahead {
	size_t size;
	size_t depth;
	unsigned long long lines;
	bool is_text;
	bool is_escaped;
};

static void step_in_text(struct ahead *ahead, char c)
{
	if (ahead->is_escaped)
		ahead->is_escaped = false;
	else if (c == '\\')
		ahead->is_escaped = true;
	else if (c == '"')
		ahead->is_text = false;
}

/* Is the record over with this byte? */
static bool step(struct ahead *ahead, char c)
{
	ahead->size++;
	if (ahead->is_text) {
		step_in_text(ahead, c);
		ahead->lines += c == '\n'; /* it is not allowed there, and the reader says so */
		return false;
	}
	switch (c) {
	case '"':
		ahead->is_text = true;
		return false;
	case '{':
	case '[':
		ahead->depth++;
		return false;
	case '}':
	case ']':
		return !--ahead->depth;
	case '\n':
		ahead->lines++;
		return false;
	default:
		return false;
	}
}

static int fail_cut(const struct scan *scan, struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "line %llu: element %llu has no end", scan->line + 1,
		     scan->n + 1);
	return inspect_hint(err, "the file ends in the middle of it");
}

static int fail_long(const struct scan *scan, struct inspect_error *err)
{
	inspect_fail(err, E2BIG, "line %llu: element %llu", scan->line + 1, scan->n + 1);
	return inspect_hint(err, "an element of this map may have %zu bytes of text", scan->limit);
}

/* The record that begins at @at. */
static int take_record(struct scan *scan, struct scan_record *out, struct inspect_error *err)
{
	struct ahead ahead = { 0 };
	bool is_over = false;

	scan->start = scan->at;
	while (!is_over) {
		while (!is_over && scan->start + ahead.size < scan->fill)
			is_over = step(&ahead, scan->bytes[scan->start + ahead.size]);
		if (ahead.size > scan->limit)
			return fail_long(scan, err);
		if (is_over)
			break;
		int r = read_more(scan, err);
		if (r <= 0)
			return r < 0 ? r : fail_cut(scan, err);
	}
	*out = (struct scan_record){
		.text = scan->bytes + scan->start,
		.size = ahead.size,
		.number = ++scan->n,
		.line = scan->line + 1,
	};
	scan->at = scan->start + ahead.size;
	scan->line += ahead.lines;
	return 1;
}

static int fail_no_record(const struct scan *scan, struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "line %llu: element %llu is no record", scan->line + 1,
		     scan->n + 1);
	return inspect_hint(err, "'{' must stand where '%c' does", scan->bytes[scan->at]);
}

static int fail_open_list(const struct scan *scan, struct inspect_error *err)
{
	inspect_fail(err, EINVAL, "line %llu: the list has no end", scan->line + 1);
	return inspect_hint(err, "the file ends behind element %llu; the list began in line %llu",
			    scan->n, scan->list_line);
}

static int begin(struct scan *scan, int c, struct scan_record *out, struct inspect_error *err)
{
	if (c == '{') {
		scan->where = SCAN_LINES;
		return take_record(scan, out, err);
	}
	if (c != '[') {
		fail_at(scan, "no element", err);
		return inspect_hint(err, "a file of elements is a list of records, or has a record "
					 "a line, as 'map dump' with -o json or -o jsonl writes");
	}
	scan->where = SCAN_LIST;
	scan->list_line = scan->line + 1;
	scan->at++;
	c = next_byte(scan, err);
	if (c == ']')
		return 0;
	if (c < 0 || c == AT_END)
		return c < 0 ? c : fail_open_list(scan, err);
	return c == '{' ? take_record(scan, out, err) : fail_no_record(scan, err);
}

static int go_on_in_list(struct scan *scan, int c, struct scan_record *out,
			 struct inspect_error *err)
{
	if (c == ']')
		return 0;
	if (c == AT_END)
		return fail_open_list(scan, err);
	if (c != ',')
		return fail_at(scan, "neither ',' nor ']' behind an element", err);
	scan->at++;
	c = next_byte(scan, err);
	if (c < 0 || c == AT_END)
		return c < 0 ? c : fail_open_list(scan, err);
	return c == '{' ? take_record(scan, out, err) : fail_no_record(scan, err);
}

/* Behind the list there may be nothing. */
static int end_list(struct scan *scan, struct inspect_error *err)
{
	scan->where = SCAN_OVER;
	scan->at++;
	int c = next_byte(scan, err);
	if (c < 0)
		return c;
	return c == AT_END ? 0 : fail_at(scan, "text behind the end of the list", err);
}

int scan_next(struct scan *scan, struct scan_record *out, struct inspect_error *err)
{
	if (scan->where == SCAN_OVER)
		return 0;
	int c = next_byte(scan, err);
	if (c < 0)
		return c;
	switch (scan->where) {
	case SCAN_START:
		if (c == AT_END)
			break;
		c = begin(scan, c, out, err);
		return c || scan->where != SCAN_LIST ? c : end_list(scan, err);
	case SCAN_LIST:
		c = go_on_in_list(scan, c, out, err);
		return c ? c : end_list(scan, err);
	case SCAN_LINES:
		if (c == AT_END)
			break;
		return c == '{' ? take_record(scan, out, err) : fail_no_record(scan, err);
	case SCAN_OVER:
		break;
	}
	scan->where = SCAN_OVER;
	return 0;
}
