/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * capture.c - runs a sink into memory and gives back its text
 */
#include "capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

struct out *capture_out(struct capture *capture)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);

	assert_true(fd >= 0);
	capture->text = NULL;
	capture->size = 0;
	capture->result = 0;
	capture->sink = (struct sink){ 0 };
	out_init(&capture->out, fd);
	return &capture->out;
}

static struct sink *begin(struct capture *capture, enum sink_form form, bool is_pretty,
			  const char *asked)
{
	capture_out(capture);
	sink_init(&capture->sink, &capture->out, form, is_pretty, asked);
	return &capture->sink;
}

struct sink *capture_begin(struct capture *capture, enum sink_form form)
{
	return begin(capture, form, false, NULL);
}

struct sink *capture_pretty(struct capture *capture, enum sink_form form)
{
	return begin(capture, form, true, NULL);
}

struct sink *capture_columns(struct capture *capture, enum sink_form form, const char *asked)
{
	return begin(capture, form, false, asked);
}

const char *capture_end(struct capture *capture)
{
	struct stat st;
	int fd = capture->out.fd;

	capture->result =
		capture->sink.ops ? sink_finish(&capture->sink) : out_flush(&capture->out);
	assert_int_equal(fstat(fd, &st), 0);
	capture->size = (size_t)st.st_size;
	capture->text = malloc(capture->size + 1);
	assert_non_null(capture->text);
	assert_int_equal(pread(fd, capture->text, capture->size, 0), capture->size);
	capture->text[capture->size] = '\0';
	return capture->text;
}

const char *capture_end_json(struct capture *capture)
{
	capture_end(capture);
	assert_true(is_json(capture->text, capture->size));
	return capture->text;
}

void capture_done(struct capture *capture)
{
	if (capture->sink.ops)
		sink_done(&capture->sink);
	close_fd(capture->out.fd);
	free(capture->text);
	capture->text = NULL;
}

bool is_json(const char *text, size_t size)
{
	json_error_t error;
	/* Its integers are signed, so large ones are read as real. */
	json_t *document = json_loadb(text, size,
				      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL |
					      JSON_DECODE_INT_AS_REAL,
				      &error);

	if (!document)
		print_message("%s at byte %d of: %.2000s\n", error.text, error.position, text);
	json_decref(document);
	return document;
}
