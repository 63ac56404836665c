/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * note.h - what is to be told beside the output, and is no failure
 */
#ifndef BASE_NOTE_H
#define BASE_NOTE_H

#include "inspect.h"

/* Hands words to @note, which may be NULL or have nobody to tell. */
void note_tell(const struct inspect_note *note, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
