/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * place.h - places in programs and libraries, for probes
 */
#ifndef RECORDS_PLACE_H
#define RECORDS_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* "PATH:FUNC+OFFSET", "PATH:OFFSET" or "PATH:PROVIDER:NAME", taken apart. Zeroed, it is none. */
struct place_words {
	char *path;
	char *name;	/* of the function, or of the mark; NULL: an offset alone */
	char *provider; /* of a mark */
	uint64_t offset;
};

void place_words_done(struct place_words *words);

/* Reads what is typed: a function, or a mark. 0, -INSPECT_EUSAGE or -ENOMEM. */
int place_parse(const char *text, bool is_mark, struct place_words *out, struct inspect_error *err);

/* A place to probe. */
struct place {
	uint64_t offset;
	uint64_t semaphore; /* 0: there is none */
};

/* Some of one file. Zeroed, there are none. */
struct places {
	char *typed; /* what was typed for the file */
	char *path;  /* as the kernel is to open it */
	struct place *places;
	size_t n;
	size_t room;
};

void places_done(struct places *places);

/*
 * Adds what the words mean: one place, all functions that a glob fits where @takes_globs, or all places of a mark. A
 * path without a slash is looked for where programs and libraries are. 0; -ENOENT with the nearest name; or another
 * negative error.
 */
int places_find(const struct place_words *words, bool takes_globs, struct places *out,
		struct inspect_error *err);

#endif
