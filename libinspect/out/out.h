/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * out.h - one buffer in front of one descriptor
 *
 * Writers return nothing: the first failure sticks, and out_flush() returns it.
 */
#ifndef OUT_OUT_H
#define OUT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OUT_ROOM 16384 /* the program has two of them on a stack that may be small */

struct buf;
struct inspect_until;

struct out {
	int fd;
	struct buf *memory; /* what is written goes there, or NULL */
	int error;	    /* a negative errno: the first write that failed */
	bool is_tty;	    /* whole lines are shown as soon as they are there */
	bool has_colour;    /* headings and errors may be coloured */
	bool has_output;    /* anything was ever put out */
	/* While that is wanted, output that nobody takes is given up with -EINTR; NULL: it is waited for. */
	const struct inspect_until *until;
	size_t fill;
	char bytes[OUT_ROOM];
};

void out_init(struct out *out, int fd);

/* The same into memory. */
void out_init_memory(struct out *out, struct buf *memory);

/* Writes what is buffered; returns 0 or the first failure. */
int out_flush(struct out *out);

/* Space for @size <= OUT_ROOM bytes; the caller writes there and calls out_advance(). */
static inline char *out_reserve(struct out *out, size_t size)
{
	if (OUT_ROOM - out->fill < size)
		out_flush(out);
	return out->bytes + out->fill;
}

static inline void out_advance(struct out *out, size_t size)
{
	out->fill += size;
}

void out_bytes_slow(struct out *out, const void *bytes, size_t size);

static inline void out_bytes(struct out *out, const void *bytes, size_t size)
{
	if (size > OUT_ROOM - out->fill) {
		out_bytes_slow(out, bytes, size);
		return;
	}
	memcpy(out->bytes + out->fill, bytes, size);
	out->fill += size;
}

static inline void out_char(struct out *out, char c)
{
	*out_reserve(out, 1) = c;
	out->fill++;
}

#define out_literal(out, text) out_bytes(out, "" text, sizeof(text) - 1)

/* Text from outside, made safe for a terminal. */
void out_safe(struct out *out, const char *text, size_t size);

/*
 * A subset of printf: %s (made safe) with an optional - and a width in bytes (to the left); %u %d %x with optional l, ll, z,
 * width, 0 and - (to the left); %c and %%.
 */
void out_fmt(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* out_fmt() when @condition holds; the arguments are looked at only then. */
#define out_if(out, condition, ...)                                                                \
	do {                                                                                       \
		if (condition)                                                                     \
			out_fmt(out, __VA_ARGS__);                                                 \
	} while (0)

/* Bytes as bpftool shows them: two digits each, 16 a row, two blanks in the middle of a row. */
void out_hex_rows(struct out *out, const void *bytes, size_t size);

/* Rows of offset, 16 bytes in pairs, and the same as text where it is ASCII: as hexdump and bpftool show data. */
void out_hex_dump(struct out *out, const void *bytes, size_t size);

#endif
