/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * capture.h - runs a sink into memory and gives back its text
 *
 *	AUTO_CAPTURE capture;
 *	struct sink *sink = capture_begin(&capture, SINK_JSON);
 *	... sink_u64(sink, NULL, 1) ...
 *	assert_string_equal(capture_end(&capture), "1\n");
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "out/sink.h"

struct capture {
	struct out out;
	struct sink sink;
	char *text; /* ends with NUL, which size does not count */
	size_t size;
	int result; /* of sink_finish() */
};

#define AUTO_CAPTURE AUTO(capture_done) struct capture

/* An output alone, without a sink. */
struct out *capture_out(struct capture *capture);

struct sink *capture_begin(struct capture *capture, enum sink_form form);
struct sink *capture_pretty(struct capture *capture, enum sink_form form);
struct sink *capture_columns(struct capture *capture, enum sink_form form, const char *asked);

/* Finishes and reads back what was written; the text belongs to @capture. */
const char *capture_end(struct capture *capture);
void capture_done(struct capture *capture);

/* The same for a document of JSON, which jansson must read: no key may come twice. */
const char *capture_end_json(struct capture *capture);

/* Does jansson read @text as one document? The reason why not is printed. */
bool is_json(const char *text, size_t size);

#endif
