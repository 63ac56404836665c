/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * note.c - what is to be told beside the output, and is no failure
 */
#include "base/note.h"

#include <stdarg.h>
#include <stdio.h>

void note_tell(const struct inspect_note *note, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!note || !note->tell)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	note->tell(note->context, text);
}
