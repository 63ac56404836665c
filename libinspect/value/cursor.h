/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cursor.h - JSON text, taken apart without a tree
 *
 * Every function steps behind what it reads, and returns a negative error where that is no JSON: its
 * words say what is wrong, @at is where.
 */
#ifndef VALUE_CURSOR_H
#define VALUE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect.h"

#define CURSOR_DEPTH 64

struct cursor {
	const char *at;
	const char *end;
};

enum piece_kind {
	PIECE_TEXT,
	PIECE_NUMBER,
	PIECE_LIST,
	PIECE_RECORD,
	PIECE_TRUE,
	PIECE_FALSE,
	PIECE_NULL,
};

/* A value as it stands in the text; of PIECE_TEXT without its quotes. */
struct piece {
	enum piece_kind kind;
	const char *text;
	size_t size;
	bool has_escapes;
};

/* Any value, looked through to its end. */
int cursor_value(struct cursor *cursor, struct piece *out, struct inspect_error *err);

/* Only blanks may be left. */
int cursor_finish(struct cursor *cursor, struct inspect_error *err);

/*
 * Walks over what is in a record or a list that cursor_value() has looked through, so that nothing can
 * be wrong with it. 1 with the next value, 0 at the end.
 */
void cursor_enter(struct cursor *cursor, const struct piece *piece);
int cursor_next_member(struct cursor *cursor, struct piece *name, struct piece *value);
int cursor_next_element(struct cursor *cursor, struct piece *value);

bool piece_is(const struct piece *piece, const char *text);

/* A whole number of 0 to @max: 0, -EINVAL or -ERANGE. */
int piece_number(const struct piece *piece, uint64_t max, uint64_t *out);

#endif
