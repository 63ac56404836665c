/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sink.h - events to text
 *
 * Whoever has something to say opens lists and records, gives values, and closes; which text comes
 * of it is the sink's business. A key is given inside a record and NULL inside a list.
 *
 * Closing may be forgotten: sink_finish() closes what is open, and the outermost list or record
 * stays open until then, so that an error that comes last still has a place in the document.
 */
#ifndef OUT_SINK_H
#define OUT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect.h"
#include "out/out.h"

#define SINK_DEPTH 64 /* what is nested deeper is an error: -E2BIG */

enum sink_form {
	SINK_PLAIN,  /* for people: bpftool's layouts, or lines of key and value */
	SINK_JSON,   /* bpftool's JSON */
	SINK_STRICT, /* JSON of one shape: documented, always an array */
	SINK_LINES,  /* the same, a record a line */
	SINK_TABLE,  /* aligned columns */
	SINK_TSV,    /* columns parted by tabs, for scripts */
};

struct sink;

struct sink_ops {
	void (*open)(struct sink *sink, const char *key, char bracket); /* '[' or '{' */
	void (*close)(struct sink *sink);
	void (*u64)(struct sink *sink, const char *key, uint64_t value);
	void (*s64)(struct sink *sink, const char *key, int64_t value);
	void (*boolean)(struct sink *sink, const char *key, bool value);
	void (*number)(struct sink *sink, const char *key, const char *digits, size_t size);
	void (*text)(struct sink *sink, const char *key, const char *text, size_t size);
	void (*bytes)(struct sink *sink, const char *key, const void *bytes, size_t size);
	void (*absent)(struct sink *sink, const char *key);
	void (*flush)(struct sink *sink); /* what waits goes to the output's buffer; or NULL */
	void (*finish)(struct sink *sink);
};

struct columns;

struct sink {
	struct out *out;
	const struct sink_ops *ops;
	enum sink_form form;
	bool is_pretty;
	bool is_empty;	      /* nothing yet in the innermost open list or record */
	bool is_inline;	      /* SINK_STRICT: all on one line, for what stands in a cell */
	bool is_document;     /* SINK_PLAIN: JSON is written until the outermost bracket closes */
	int error;	      /* a negative errno of the sink's own */
	unsigned base;	      /* those around the part that is written, see sink_begin_part() */
	const char *part_key; /* of the part, until something is written in it */
	unsigned depth;	      /* open lists and records */
	const char *asked;    /* the columns that were asked for, or NULL */
	struct columns *columns;
	unsigned too_deep;		/* opened below the limit: nothing in there is written */
	const struct sink_ops *resting; /* the operations meanwhile */
	char open[SINK_DEPTH];		/* their brackets */
};

/* @asked: names parted by commas for SINK_TABLE and SINK_TSV, or NULL. Borrowed. */
void sink_init(struct sink *sink, struct out *out, enum sink_form form, bool is_pretty,
	       const char *asked);
void sink_done(struct sink *sink);

/*
 * What bpftool's plain output shows as pretty JSON: in SINK_PLAIN the list or record that is opened next
 * is written so. It ends with a new line as soon as it is closed, since errors have no place in it. In
 * all other forms this does nothing.
 */
void sink_begin_document(struct sink *sink);

void sink_open_list(struct sink *sink, const char *key);
void sink_open_record(struct sink *sink, const char *key);
void sink_close(struct sink *sink);

static inline void sink_u64(struct sink *sink, const char *key, uint64_t value)
{
	sink->ops->u64(sink, key, value);
}

static inline void sink_s64(struct sink *sink, const char *key, int64_t value)
{
	sink->ops->s64(sink, key, value);
}

static inline void sink_bool(struct sink *sink, const char *key, bool value)
{
	sink->ops->boolean(sink, key, value);
}

/* A number that is written out already, as JSON has them. */
static inline void sink_number(struct sink *sink, const char *key, const char *digits, size_t size)
{
	sink->ops->number(sink, key, digits, size);
}

static inline void sink_text(struct sink *sink, const char *key, const char *text, size_t size)
{
	sink->ops->text(sink, key, text, size);
}

static inline void sink_string(struct sink *sink, const char *key, const char *text)
{
	sink->ops->text(sink, key, text, strlen(text));
}

/* Raw bytes: bpftool's JSON has an array of "0x01", the other forms one hexadecimal text. */
static inline void sink_bytes(struct sink *sink, const char *key, const void *bytes, size_t size)
{
	sink->ops->bytes(sink, key, bytes, size);
}

/* Known to be unknown: null, or an empty cell. */
static inline void sink_absent(struct sink *sink, const char *key)
{
	sink->ops->absent(sink, key);
}

/* May a walk stop? The first failure to write, or 0. */
static inline int sink_error(const struct sink *sink)
{
	return sink->error ? sink->error : sink->out->error;
}

/* Are records to have bpftool's shapes, rather than one shape for all? */
static inline bool sink_is_compatible(const struct sink *sink)
{
	return sink->form == SINK_JSON;
}

static inline bool sink_is_columns(const struct sink *sink)
{
	return sink->form == SINK_TABLE || sink->form == SINK_TSV;
}

/* Is the output no JSON document, so that other text may stand in it? */
static inline bool sink_is_text(const struct sink *sink)
{
	return sink->form == SINK_PLAIN || sink_is_columns(sink);
}

/* Puts an error message where the document stands: an element, a member, or all there is. */
void sink_fail(struct sink *sink, const char *message, const char *hint);

/*
 * A document inside the document: what is written until sink_end_part() stands under @key of the
 * record that is open, as if it were a document of its own; null when it is nothing. Parts nest:
 * what sink_begin_part() returns is handed to sink_end_part().
 */
unsigned sink_begin_part(struct sink *sink, const char *key);
void sink_end_part(struct sink *sink, unsigned before);

/*
 * Behind an event of a stream: all that was said reaches the reader now. What is open stays open. A table has its
 * widths from then on. A record of at most PIPE_BUF bytes is one write, so that a line of SINK_LINES is there whole or not at all.
 */
void sink_flush(struct sink *sink);

/* Closes what is open and writes everything; 0 or the first failure. */
int sink_finish(struct sink *sink);

/* For the implementations. */
void sink_json_init(struct sink *sink);
void sink_plain_init(struct sink *sink);
void sink_columns_init(struct sink *sink);
void sink_columns_done(struct sink *sink);

/* SINK_TABLE, SINK_TSV: the headings, before the first record. Borrowed until sink_done(). */
void sink_headings(struct sink *sink, const char *const *headings, size_t n);

#endif
