/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * text.h - text from elsewhere: is it UTF-8, is it safe on a terminal, which known word is nearest
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The character at @at (there is at least one byte): its length in bytes and its code point, or 0
 * where the bytes are not UTF-8 (overlong forms, surrogates and values over 0x10ffff are not).
 */
size_t text_decode(const char *at, size_t size, uint32_t *code_point);

/* Would a terminal act on this character, or show text in another order than it is written? */
bool text_is_unsafe(uint32_t code_point);

/*
 * Adds text in a form a terminal only shows: C0 and C1 controls, DEL, bidirectional overrides and
 * bytes that are not UTF-8 become \xNN or \uNNNN. Backslashes stay as they are.
 */
void text_add_safe(struct buf *out, const char *text, size_t size);

/*
 * How many bytes at the beginning are printable ASCII but for quotes and backslashes: neither terminals nor
 * JSON mind them. Eight at a time, since most text is nothing else.
 */
size_t text_plain(const char *text, size_t size);

/* How many columns of a terminal the text takes, one a character. @text is safe already. */
size_t text_width(const char *text, size_t size);

/* Does @word begin with @prefix? */
bool text_has_prefix(const char *word, const char *prefix);

/* How many single-character edits (swapped neighbours count as one) turn @a into @b. */
size_t text_distance(const char *a, const char *b);

#endif
