/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cursor.c - JSON text, taken apart without a tree
 */
#include "value/cursor.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/num.h"
#include "base/text.h"

static int skip_value(struct cursor *cursor, unsigned depth, struct piece *out,
		      struct inspect_error *err);

static int fail(struct inspect_error *err, const char *what)
{
	return inspect_fail(err, EINVAL, "%s", what);
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' ||
					    *cursor->at == '\r' || *cursor->at == '\n'))
		cursor->at++;
}

/* Steps over blanks and this byte. */
static bool take(struct cursor *cursor, char c)
{
	skip_blanks(cursor);
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int skip_escape(struct cursor *cursor, struct inspect_error *err)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	size_t size = 2;

	if (left < 2 || !strchr("\"\\/bfnrtu", cursor->at[1]) || !cursor->at[1])
		return fail(err, "an escape that JSON does not have");
	if (cursor->at[1] == 'u')
		size = 6;
	for (size_t i = 2; i < size; i++)
		if (i >= left || !is_hex(cursor->at[i]))
			return fail(err, "'\\u' needs four hexadecimal digits");
	cursor->at += size;
	return 0;
}

static int skip_character(struct cursor *cursor, struct inspect_error *err)
{
	uint32_t code_point;

	if ((unsigned char)*cursor->at < 0x20)
		return fail(err, "a control character in a text");
	if ((unsigned char)*cursor->at < 0x80) {
		cursor->at++;
		return 0;
	}
	size_t n = text_decode(cursor->at, (size_t)(cursor->end - cursor->at), &code_point);
	if (!n)
		return fail(err, "text that is not UTF-8");
	cursor->at += n;
	return 0;
}

static int skip_text(struct cursor *cursor, struct piece *out, struct inspect_error *err)
{
	const char *begin = ++cursor->at;
	bool has_escapes = false;
	int r = 0;

	while (cursor->at < cursor->end && *cursor->at != '"') {
		bool is_escape = *cursor->at == '\\';

		has_escapes |= is_escape;
		r = is_escape ? skip_escape(cursor, err) : skip_character(cursor, err);
		if (r < 0)
			return r;
	}
	if (cursor->at == cursor->end)
		return fail(err, "a text without an end");
	*out = (struct piece){ PIECE_TEXT, begin, (size_t)(cursor->at - begin), has_escapes };
	cursor->at++;
	return 0;
}

static bool skip_digits(struct cursor *cursor)
{
	const char *begin = cursor->at;

	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')
		cursor->at++;
	return cursor->at > begin;
}

static bool is_at(const struct cursor *cursor, char one, char other)
{
	return cursor->at < cursor->end && (*cursor->at == one || *cursor->at == other);
}

static int skip_number(struct cursor *cursor, struct piece *out, struct inspect_error *err)
{
	const char *begin = cursor->at;

	if (is_at(cursor, '-', '-'))
		cursor->at++;
	bool is_zero = is_at(cursor, '0', '0');
	const char *digits = cursor->at;
	bool is_good = skip_digits(cursor) && !(is_zero && cursor->at > digits + 1);
	if (is_good && is_at(cursor, '.', '.')) {
		cursor->at++;
		is_good = skip_digits(cursor);
	}
	if (is_good && is_at(cursor, 'e', 'E')) {
		cursor->at++;
		if (is_at(cursor, '+', '-'))
			cursor->at++;
		is_good = skip_digits(cursor);
	}
	if (!is_good)
		return fail(err, "a number that JSON does not have");
	*out = (struct piece){ PIECE_NUMBER, begin, (size_t)(cursor->at - begin), false };
	return 0;
}

static int skip_word(struct cursor *cursor, struct piece *out, struct inspect_error *err)
{
	static const struct {
		const char *word;
		enum piece_kind kind;
	} words[] = { { "true", PIECE_TRUE }, { "false", PIECE_FALSE }, { "null", PIECE_NULL } };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].word);

		if ((size_t)(cursor->end - cursor->at) < n ||
		    memcmp(cursor->at, words[i].word, n) != 0)
			continue;
		*out = (struct piece){ words[i].kind, cursor->at, n, false };
		cursor->at += n;
		return 0;
	}
	return fail(err, "no JSON value");
}

static int skip_list(struct cursor *cursor, unsigned depth, struct piece *out,
		     struct inspect_error *err)
{
	const char *begin = cursor->at++;
	struct piece element;

	if (!take(cursor, ']')) {
		do {
			int r = skip_value(cursor, depth + 1, &element, err);

			if (r < 0)
				return r;
		} while (take(cursor, ','));
		if (!take(cursor, ']'))
			return fail(err, "neither ',' nor ']' in a list");
	}
	*out = (struct piece){ PIECE_LIST, begin, (size_t)(cursor->at - begin), false };
	return 0;
}

static int skip_member(struct cursor *cursor, unsigned depth, struct inspect_error *err)
{
	struct piece piece;

	skip_blanks(cursor);
	if (!is_at(cursor, '"', '"'))
		return fail(err, "a member without a name in quotes");
	int r = skip_text(cursor, &piece, err);
	if (r < 0)
		return r;
	if (!take(cursor, ':'))
		return fail(err, "no ':' behind the name of a member");
	return skip_value(cursor, depth + 1, &piece, err);
}

static int skip_record(struct cursor *cursor, unsigned depth, struct piece *out,
		       struct inspect_error *err)
{
	const char *begin = cursor->at++;

	if (!take(cursor, '}')) {
		do {
			int r = skip_member(cursor, depth, err);

			if (r < 0)
				return r;
		} while (take(cursor, ','));
		if (!take(cursor, '}'))
			return fail(err, "neither ',' nor '}' in a record");
	}
	*out = (struct piece){ PIECE_RECORD, begin, (size_t)(cursor->at - begin), false };
	return 0;
}

/* @depth is limited, so the calls are too. */
static int skip_value(struct cursor *cursor, unsigned depth, struct piece *out,
		      struct inspect_error *err)
{
	skip_blanks(cursor);
	if (cursor->at == cursor->end)
		return fail(err, "a value is missing");
	if (depth > CURSOR_DEPTH)
		return inspect_fail(err, E2BIG, "lists and records are nested more than %d deep",
				    CURSOR_DEPTH);
	switch (*cursor->at) {
	case '"':
		return skip_text(cursor, out, err);
	case '[':
		return skip_list(cursor, depth, out, err);
	case '{':
		return skip_record(cursor, depth, out, err);
	case '-':
	case '0' ... '9':
		return skip_number(cursor, out, err);
	default:
		return skip_word(cursor, out, err);
	}
}

int cursor_value(struct cursor *cursor, struct piece *out, struct inspect_error *err)
{
	return skip_value(cursor, 0, out, err);
}

int cursor_finish(struct cursor *cursor, struct inspect_error *err)
{
	skip_blanks(cursor);
	return cursor->at == cursor->end ? 0 : fail(err, "text behind the end");
}

void cursor_enter(struct cursor *cursor, const struct piece *piece)
{
	*cursor = (struct cursor){ piece->text + 1, piece->text + piece->size - 1 };
}

int cursor_next_element(struct cursor *cursor, struct piece *value)
{
	take(cursor, ',');
	skip_blanks(cursor);
	return cursor->at < cursor->end && !skip_value(cursor, 0, value, NULL);
}

int cursor_next_member(struct cursor *cursor, struct piece *name, struct piece *value)
{
	take(cursor, ',');
	skip_blanks(cursor);
	if (cursor->at == cursor->end || skip_text(cursor, name, NULL) || !take(cursor, ':'))
		return 0;
	return !skip_value(cursor, 0, value, NULL);
}

bool piece_is(const struct piece *piece, const char *text)
{
	return strlen(text) == piece->size && memcmp(piece->text, text, piece->size) == 0;
}

int piece_number(const struct piece *piece, uint64_t max, uint64_t *out)
{
	char digits[NUM_ROOM];

	if (piece->kind != PIECE_NUMBER || !piece->size)
		return -EINVAL;
	if (piece->size >= sizeof(digits))
		return -ERANGE;
	memcpy(digits, piece->text, piece->size);
	digits[piece->size] = '\0';
	return num_parse(digits, NUM_DECIMAL, max, out);
}
