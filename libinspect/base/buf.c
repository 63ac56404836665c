/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * buf.c - bytes that grow
 */
#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>

void buf_done(struct buf *buf)
{
	free(buf->bytes);
	*buf = (struct buf){ 0 };
}

char *buf_reserve(struct buf *buf, size_t more)
{
	if (buf->failed)
		return NULL;
	if (buf->bytes && more <= buf->room - buf->size)
		return buf->bytes + buf->size;

	size_t room = buf->room ? buf->room : 64;
	while (room - buf->size < more && room <= SIZE_MAX / 4)
		room *= 2;
	char *bytes = room - buf->size < more ? NULL : realloc(buf->bytes, room);
	if (!bytes) {
		buf->failed = true;
		return NULL;
	}
	buf->bytes = bytes;
	buf->room = room;
	return bytes + buf->size;
}
