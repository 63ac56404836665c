/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * saved.h - what was found out about some kernel, read from a file
 *
 * Two shapes are read: what `feature probe` writes with -o json and -o jsonl, and the object that it and
 * bpftool write with -j, which tells less.
 */
#ifndef PROBE_SAVED_H
#define PROBE_SAVED_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/probe.h"

struct saved {
	struct inspect_feature *rows; /* sorted by kind, name, and what it is for; each once */
	size_t n, room;
	char *name;	    /* for messages: the path, or "standard input" */
	bool is_compatible; /* bpftool's shape: what it does not list, it may not have known */
	bool is_limited; /* there: made without rights, as its answers show; no "no" of it is believed */
	bool has_lists; /* there: of helpers for each type, which can be believed */
	bool has_yes[INSPECT_FEATURE_KINDS]; /* does any row of the kind say so? */
	struct json_t *document;	     /* owns the texts */
};

/*
 * Reads a file; "-" is standard input. -EINVAL with the place where it is no JSON, is cut, of a newer format, or is
 * something else; -E2BIG, -ENOMEM, or what open or read said. saved_done() has to follow a success.
 */
int saved_open(const char *path, struct saved *out, struct inspect_error *err);

/* The same from memory; @name is for messages. */
int saved_parse(const char *name, const char *text, size_t size, struct saved *out,
		struct inspect_error *err);

/* The same from the running kernel, which is asked everything. */
int saved_collect(struct inspect *inspect, struct saved *out, struct inspect_error *err);

void saved_done(struct saved *saved);

/*
 * What the file says of a thing: true, and a copy of its answer, whose texts are valid until saved_done(). Without
 * question->of, of a kind whose things are for types: yes where any type has it; then name and of are of that record.
 * False where the file does not say: then *out is "unknown", with the question's own texts and a detail in words.
 * Names of helpers are found with and without bpf_.
 */
bool saved_find(const struct saved *saved, const struct inspect_question *question,
		struct inspect_feature *out);

/* Whether it has any answer of that kind, so that what is not among them can be told from what was not asked. */
bool saved_has_kind(const struct saved *saved, enum inspect_feature_kind kind);

/* The release of the kernel it is of, or NULL. */
const char *saved_release(const struct saved *saved);

/* The order of the rows: by kind, name, and type. */
int saved_compare(const struct inspect_feature *a, const struct inspect_feature *b);

#endif
