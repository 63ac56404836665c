/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * buf.h - bytes that grow
 *
 * A failed allocation sticks: everything after it is dropped, and buf_failed() says so once at the
 * end. Zero bytes are a valid, empty buffer.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *bytes;
	size_t size;
	size_t room;
	bool failed;
};

void buf_done(struct buf *buf);

/* Makes room for @more bytes behind the end; NULL when there is no memory. */
char *buf_reserve(struct buf *buf, size_t more);

static inline void buf_add(struct buf *buf, const void *bytes, size_t size)
{
	char *to = buf_reserve(buf, size);

	if (!to)
		return;
	if (size)
		memcpy(to, bytes, size);
	buf->size += size;
}

static inline void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

static inline void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

static inline bool buf_failed(const struct buf *buf)
{
	return buf->failed;
}

#endif
