/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * error.c - how a failure is put into words
 *
 * An argument may be 131,071 bytes long and a message is not: what does not fit is cut in the
 * middle, so that both the object's name and the operation stay readable.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char gap[] = " [...] ";

/* Formats into @room; keeps head and tail of what is longer. */
__attribute__((format(printf, 3, 0))) static void format_cut(char *room, size_t size,
							     const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	int n = vsnprintf(room, size, format, args);
	if (n < 0)
		room[0] = '\0';
	if (n < 0 || (size_t)n < size) {
		va_end(again);
		return;
	}

	size_t tail = size / 3;
	char *whole = NULL;
	if (vasprintf(&whole, format, again) >= 0) {
		char *from = room + size - tail - sizeof(gap);

		memcpy(from, gap, sizeof(gap) - 1);
		memcpy(from + sizeof(gap) - 1, whole + n - tail, tail + 1);
		free(whole);
	}
	va_end(again);
}

int inspect_fail(struct inspect_error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return -code;
	err->code = code;
	err->hint[0] = '\0';
	va_start(args, format);
	format_cut(err->what, sizeof(err->what), format, args);
	va_end(args);
	return -code;
}

__attribute__((format(printf, 3, 4))) static void put_cut(char *room, size_t size,
							  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_cut(room, size, format, args);
	va_end(args);
}

int inspect_context(struct inspect_error *err, const char *format, ...)
{
	char old[sizeof(err->what)], front[sizeof(err->what) / 2];
	va_list args;

	if (!err)
		return -EIO;
	va_start(args, format);
	format_cut(front, sizeof(front), format, args);
	va_end(args);
	memcpy(old, err->what, sizeof(old));
	put_cut(err->what, sizeof(err->what), "%s: %s", front, old);
	return -err->code;
}

int inspect_hint(struct inspect_error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -EIO;
	va_start(args, format);
	vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return -err->code;
}

const char *error_text(int code, char *room, size_t size)
{
	switch (code) {
	case ERROR_ENOTSUPP:
		return "Operation not supported by the kernel (524)";
	case ERROR_FORMAT:
		return "Bad file format (4001)";
	default:
		return strerror_r(code, room, size);
	}
}

void error_format(const struct inspect_error *err, char *out, size_t size)
{
	char room[128];

	if (err->code >= INSPECT_EUSAGE || !err->code)
		snprintf(out, size, "%s", err->what);
	else if (!err->what[0])
		snprintf(out, size, "%s", error_text(err->code, room, sizeof(room)));
	else
		snprintf(out, size, "%s: %s", err->what, error_text(err->code, room, sizeof(room)));
}
