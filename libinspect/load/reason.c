/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reason.c - why it failed, in one sentence
 *
 * libbpf tells the cause first, and then, on the way up, that one thing after the other failed for it.
 */
#include "load/reason.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "kernel/caps.h"
#include "load/check.h"

#define LINE_MOST 400 /* bytes of libbpf's words in a message */

/* Beginnings of lines that say no more than that something failed, or that it is no failure. */
static bool says_little(const char *line, size_t size)
{
	static const char *const words[] = {
		"Retrying without BTF", "BTF is optional", "failed to load object",
		"Error loading .BTF",	"failed to open",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memmem(line, size, words[i], strlen(words[i])))
			return true;
	return false;
}

/* The first line of libbpf's that says something; 0 bytes where there is none. */
static struct inspect_bytes first_words(const struct loaded *loaded)
{
	const char *at = loaded->said.bytes, *end = at + loaded->said.size;

	while (at && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);

		if (size && !says_little(at, size))
			return (struct inspect_bytes){ (const unsigned char *)at, size };
		at += size + 1;
	}
	return (struct inspect_bytes){ 0 };
}

static int fail_ended(int ended, struct inspect_error *err)
{
	if (ended == -ETIMEDOUT) {
		inspect_fail(err, ETIMEDOUT, "libbpf came to no end with it");
		return inspect_hint(err, "the object is damaged, or made to do that");
	}
	inspect_fail(err, EINVAL, "libbpf crashed over it");
	return inspect_hint(err, "the object is damaged, or made to do that; nothing was loaded");
}

static int fail_refused(const struct load_log *log, struct inspect_error *err)
{
	inspect_fail(err, log->code, "program '%s'", log->prog);
	return caps_hint(err, CAPS_LOAD);
}

static int fail_said(const struct loaded *loaded, int code, struct inspect_error *err)
{
	struct inspect_bytes line = first_words(loaded);
	int size = line.size > LINE_MOST ? LINE_MOST : (int)line.size;

	if (!size)
		inspect_fail(err, code, "libbpf");
	else
		inspect_fail(err, code, "%.*s", size, (const char *)line.bytes);
	return caps_hint(err, CAPS_LOAD);
}

static const char *step_words(enum load_step step)
{
	switch (step) {
	case LOAD_READ:
	case LOAD_OPEN:
		return "failed to open object file";
	case LOAD_LOAD:
		return "failed to load object file";
	case LOAD_SET:
	case LOAD_ATTACH:
	case LOAD_DONE:
		break;
	}
	return NULL;
}

int reason_find(struct loaded *loaded, const struct inspect_error *failed, int ended,
		struct inspect_error *err)
{
	struct load_log *log = loaded->n_logs ? &loaded->logs[loaded->n_logs - 1] : NULL;
	int code = failed->code ? failed->code : EINVAL;

	if (log && log->code)
		log->code = code;
	if (ended)
		fail_ended(ended, err);
	else if (*failed->what)
		*err = *failed;
	else if (log && log->code)
		fail_refused(log, err);
	else
		fail_said(loaded, code, err);
	const char *words = step_words(loaded->step);
	return words ? inspect_context(err, "%s", words) : -err->code;
}
