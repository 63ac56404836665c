/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * error.h - how a failure is put into words
 *
 * A message is "object: operation". The error number's own text is added by whoever shows it, what
 * the user can do goes into the hint. Nothing here allocates, so a failure can always be told.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

#include "inspect.h"

#define ERROR_ENOTSUPP 524 /* kernel-private: the operation is not supported */
#define ERROR_FORMAT 4001  /* libbpf-private: the file is not of the expected format */

#define ERROR_IN_WORDS 10003 /* the message says all: no text of an errno behind it */

/*
 * For the beginning of a public function: the way up through inspect_hint() and inspect_context()
 * needs an error to stand in, also where the caller wants none.
 */
#define ERROR_NEEDED(err)                                                                          \
	struct inspect_error own_error;                                                            \
	if (!(err))                                                                                \
	(err) = &own_error

/* Fills in *err with @code (a positive errno) and words, and returns -code. err may be NULL. */
int inspect_fail(struct inspect_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts words and ": " in front of what is there; returns -code again. */
int inspect_context(struct inspect_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says what the user can do; replaces an earlier hint; returns -code again. */
int inspect_hint(struct inspect_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Words of ours for a number the C library has none for, else the C library's. The text is
 * constant, or lies in @room.
 */
const char *error_text(int code, char *room, size_t size);

/* The whole message, "what: errno text" (only "what" where the code has no text to add). */
void error_format(const struct inspect_error *err, char *out, size_t size);

#endif
