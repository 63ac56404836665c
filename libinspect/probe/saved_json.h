/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * saved_json.h - both shapes of a saved probe to rows
 */
#ifndef PROBE_SAVED_JSON_H
#define PROBE_SAVED_JSON_H

#include <jansson.h>

#include "probe/saved.h"

/*
 * Reads all JSON that @text is: one document, or a record a line, which become an array. -EINVAL with line and column,
 * or that it ends too early.
 */
int saved_json_load(const char *name, const char *text, size_t size, json_t **out,
		    struct inspect_error *err);

/* What else someone may have saved: text for people, answers to a few questions. */
#define SAVED_JSON_HINT "save one with: bpflens -o json feature probe > FILE"

/* Adds the rows of a document to saved->rows, unsorted; their texts are the document's. */
int saved_json_records(struct saved *saved, json_t *document, struct inspect_error *err);
int saved_json_compatible(struct saved *saved, json_t *document, struct inspect_error *err);

/* Is it the object that bpftool writes? */
bool saved_json_is_compatible(const json_t *document);

/* Does it list any helper for that type of programs? */
bool saved_json_lists_helpers(const json_t *document, const char *type);

/* The texts of an answer in memory of their own, to be kept with json_decref(); NULL where there is none. */
json_t *saved_json_keep(struct inspect_feature *row);

/* Makes room for one more row and adds it: 0 or -ENOMEM. */
int saved_add(struct saved *saved, const struct inspect_feature *row, struct inspect_error *err);

#endif
