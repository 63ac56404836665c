/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * num.h - numbers from text and to text
 *
 * Reading is strict: no sign (but for floats), no blanks, nothing behind the number, and it must fit.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum num_base {
	NUM_ANY = 0, /* decimal, 0x hexadecimal, 0 octal */
	NUM_DECIMAL = 10,
	NUM_HEX = 16, /* with or without 0x */
};

#define NUM_ROOM 24 /* bytes that any 64-bit number needs in decimal, hexadecimal or octal */

/* 0, -EINVAL (not a number) or -ERANGE (larger than @max). */
int num_parse(const char *text, enum num_base base, uint64_t max, uint64_t *out);

/* Exactly @size bytes from 2 * @size hexadecimal digits: 0 or -EINVAL. */
int num_parse_hex_bytes(const char *text, uint8_t *out, size_t size);

/*
 * Write digits to @to (NUM_ROOM bytes are enough) and return how many; no NUL is added.
 */
size_t num_format_u64(char *to, uint64_t value);
size_t num_format_s64(char *to, int64_t value);
size_t num_format_hex(char *to, uint64_t value);

/* A finite number as JSON has them: 0, -EINVAL (not a number) or -ERANGE (larger than any). */
int num_parse_float(const char *text, double *out);

#define NUM_FLOAT_ROOM 40 /* bytes that any finite number needs, the NUL included */

/*
 * The fewest digits that give the same finite number again, as a double or as a float; the float also
 * where it is read as a double first, as most that read JSON do.
 */
size_t num_format_float(char *to, double value, bool is_single);

/* "000102...feff" */
extern const char num_hex_pairs[512];

static inline void num_format_hex_pair(char *to, uint8_t byte)
{
	memcpy(to, num_hex_pairs + 2 * byte, 2);
}

/* Two lower-case hexadecimal digits a byte; @to holds 2 * @size. */
void num_format_hex_bytes(char *to, const void *bytes, size_t size);

#endif
