/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * out.c - one buffer in front of one descriptor
 */
#include "out/out.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/text.h"
#include "out/wait.h"

#define PATIENCE_MS 1000 /* how long a reader may rest when an end is wanted */

void out_init(struct out *out, int fd)
{
	out->fd = fd;
	out->memory = NULL;
	out->error = 0;
	out->fill = 0;
	out->has_output = false;
	out->is_tty = isatty(fd) == 1;
	out->has_colour = false;
	out->until = NULL;
}

void out_init_memory(struct out *out, struct buf *memory)
{
	out_init(out, -1);
	out->memory = memory;
}

static void write_memory(struct out *out, const char *bytes, size_t size)
{
	buf_add(out->memory, bytes, size);
	if (buf_failed(out->memory))
		out->error = -ENOMEM;
}

/*
 * With signals blocked nothing would interrupt a write to a pipe that nobody empties. How much can be written without
 * waiting: of a pipe that has room, PIPE_BUF.
 */
static size_t wait_for_room(struct out *out, size_t size)
{
	if (!out->until)
		return size;
	int r = wait_for(out->fd, POLLOUT, out->until, -1);
	if (r == WAIT_ENDED)
		r = wait_for(out->fd, POLLOUT, NULL, PATIENCE_MS);
	if (r == WAIT_READY)
		return size < PIPE_BUF ? size : PIPE_BUF;
	out->error = r < 0 ? r : -EINTR;
	return 0;
}

static void write_all(struct out *out, const char *bytes, size_t size)
{
	if (out->memory) {
		write_memory(out, bytes, size);
		return;
	}
	while (size && !out->error) {
		size_t most = wait_for_room(out, size);
		ssize_t n = most ? write(out->fd, bytes, most) : 0;

		if (n < 0 && errno != EINTR)
			out->error = -errno;
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
}

int out_flush(struct out *out)
{
	if (out->fill)
		out->has_output = true;
	write_all(out, out->bytes, out->fill);
	out->fill = 0;
	return out->error;
}

void out_bytes_slow(struct out *out, const void *bytes, size_t size)
{
	out_flush(out);
	if (size >= OUT_ROOM) {
		out->has_output = true;
		write_all(out, bytes, size);
		return;
	}
	memcpy(out->bytes, bytes, size);
	out->fill = size;
}

void out_safe(struct out *out, const char *text, size_t size)
{
	size_t i = text_plain(text, size);

	while (i < size && text[i] >= 0x20 && text[i] < 0x7f)
		i++;
	if (i == size) {
		out_bytes(out, text, size);
		return;
	}

	struct buf safe = { 0 };
	text_add_safe(&safe, text, size);
	if (buf_failed(&safe))
		out->error = out->error ? out->error : -ENOMEM;
	out_bytes(out, safe.bytes, safe.size);
	buf_done(&safe);
}

struct spec {
	char pad;
	size_t width;
	bool is_left; /* what fills the width stands behind it */
	bool is_long; /* 64 bits: both l and z are on what we run on, as ll is */
};

static const char *parse_spec(const char *at, struct spec *spec)
{
	*spec = (struct spec){ .pad = ' ' };
	if (*at == '-') {
		spec->is_left = true;
		at++;
	} else if (*at == '0') {
		spec->pad = '0';
		at++;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		spec->width = spec->width * 10 + (size_t)(*at - '0');
	for (; *at == 'l' || *at == 'z'; at++)
		spec->is_long = *at == 'z' || sizeof(long) == 8 || at[-1] == 'l';
	return at;
}

static void put_number(struct out *out, const struct spec *spec, const char *digits, size_t n)
{
	if (spec->is_left)
		out_bytes(out, digits, n);
	for (size_t i = n; i < spec->width; i++)
		out_char(out, spec->pad);
	if (!spec->is_left)
		out_bytes(out, digits, n);
}

void out_fmt(struct out *out, const char *format, ...)
{
	char digits[NUM_ROOM];
	struct spec spec;
	va_list args;

	va_start(args, format);
	for (const char *at = format; *at; at++) {
		const char *plain = at;

		while (*at && *at != '%')
			at++;
		out_bytes(out, plain, (size_t)(at - plain));
		if (!*at)
			break;
		at = parse_spec(at + 1, &spec);
		switch (*at) {
		case 's': {
			const char *text = va_arg(args, const char *);

			out_safe(out, text, strlen(text));
			break;
		}
		case 'u':
		case 'x': {
			uint64_t value = spec.is_long ? va_arg(args, unsigned long long)
						      : va_arg(args, unsigned);

			put_number(out, &spec, digits,
				   *at == 'u' ? num_format_u64(digits, value)
					      : num_format_hex(digits, value));
			break;
		}
		case 'd': {
			int64_t value = spec.is_long ? va_arg(args, long long) : va_arg(args, int);

			put_number(out, &spec, digits, num_format_s64(digits, value));
			break;
		}
		case 'c':
			out_char(out, (char)va_arg(args, int));
			break;
		default:
			out_char(out, '%');
			break;
		}
	}
	va_end(args);
}

void out_hex_rows(struct out *out, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	while (size) {
		size_t n = size < 16 ? size : 16;
		char *to = out_reserve(out, 64), *begin = to;

		for (size_t i = 0; i < n; i++) {
			if (i)
				*to++ = ' ';
			if (i == 8)
				*to++ = ' ';
			num_format_hex_pair(to, from[i]);
			to += 2;
		}
		from += n;
		size -= n;
		if (size)
			*to++ = '\n';
		out_advance(out, (size_t)(to - begin));
	}
}
