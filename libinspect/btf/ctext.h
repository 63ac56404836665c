/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ctext.h - C text as it comes, piece by piece, on its way out
 */
#ifndef BTF_CTEXT_H
#define BTF_CTEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/cnames.h"
#include "out/out.h"

/*
 * Zeroed but for the first three it is ready. Text waits in a buffer: for a good many lines, or, where
 * definitions are guarded, for the end of the one that has begun.
 */
struct ctext {
	struct out *out;
	const struct cnames *names; /* what identifiers stand for; told in comments */
	bool is_guarded;	    /* each definition stands in an #ifndef of its own */
	struct buf text;
	size_t seen; /* of the text, by what looks for the end of a definition */
	int depth;   /* of braces and parentheses there */
	bool is_quoted;
};

/* printf, with just what libbpf asks for; anything else is left to the C library. */
__attribute__((format(printf, 2, 0))) void ctext_vfmt(struct ctext *text, const char *format,
						      va_list args);
void ctext_fmt(struct ctext *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts out what waits. A failure is in the out: ENOMEM, or that of writing. */
void ctext_flush(struct ctext *text);
void ctext_done(struct ctext *text);

#endif
