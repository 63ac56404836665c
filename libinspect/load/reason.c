/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reason.c - why it failed, in one sentence
 *
 * libbpf tells the cause first, and then, on the way up, that one thing after the other failed for it.
 */
#include "load/reason.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "btf/libbpf_code.h"
#include "kernel/caps.h"
#include "load/check.h"
#include "load/kconfig.h"

#define LINE_MOST 400 /* bytes of libbpf's words in a message */

/* A line of text in memory, without its end. */
struct line {
	const char *text;
	size_t size;
};

/* The next line of @text from *at on: false at the end. */
static bool next_line(const struct buf *text, size_t *at, struct line *out)
{
	if (*at >= text->size)
		return false;
	const char *stop = memchr(text->bytes + *at, '\n', text->size - *at);
	size_t end = stop ? (size_t)(stop - text->bytes) : text->size;

	*out = (struct line){ text->bytes + *at, end - *at };
	*at = end + 1;
	return true;
}

static bool has(const struct line *line, const char *words)
{
	return memmem(line->text, line->size, words, strlen(words)) != NULL;
}

/* These say no more than that something failed, or that it is no failure. */
static bool says_little(const struct line *line)
{
	static const char *const words[] = {
		"Retrying without BTF",	     "BTF is optional",	  "failed to load object",
		"Error loading .BTF",	     "BTF loading error", "Failed to bump RLIMIT_MEMLOCK",
		"bpf_object__probe_loading",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (has(line, words[i]))
			return true;
	return !line->size;
}

/* Of what libbpf warned of, the first line that says something; an option's value is in the line behind its trouble. */
static struct line first_words(const struct loaded *loaded)
{
	struct line line, next;
	bool is_log = false;
	size_t at = 0;

	while (next_line(&loaded->warned, &at, &line)) {
		if (has(&line, "-- BEGIN BTF LOAD LOG"))
			is_log = true;
		if (!is_log && !says_little(&line)) {
			bool is_more = next_line(&loaded->warned, &at, &next) &&
				       has(&line, "failed to parse '") &&
				       has(&next, "extern (kcfg)");
			return is_more ? next : line;
		}
		if (has(&line, "-- END BTF LOAD LOG"))
			is_log = false;
	}
	return (struct line){ 0 };
}

/* The last line of the kernel's log about BTF: "[2] STRUCT a b size=4 vlen=1 Invalid name". */
static struct line last_of_btf(const struct loaded *loaded)
{
	struct line line, last = { 0 };
	bool is_log = false;
	size_t at = 0;

	while (next_line(&loaded->warned, &at, &line)) {
		if (has(&line, "-- END BTF LOAD LOG"))
			return last;
		if (is_log && line.size)
			last = line;
		if (has(&line, "-- BEGIN BTF LOAD LOG"))
			is_log = true;
	}
	return (struct line){ 0 };
}

bool reason_add_btf(const struct loaded *loaded, struct buf *out)
{
	struct line line = last_of_btf(loaded);
	const char *end = line.size && *line.text == '[' ? memchr(line.text, ']', line.size) : NULL;

	if (!line.size)
		return false;
	buf_add_text(out, "kernel rejected BTF: ");
	if (end) {
		buf_add_text(out, "type ");
		text_add_safe(out, line.text + 1, (size_t)(end - line.text - 1));
		line.size -= (size_t)(end + 1 - line.text);
		line.text = end + 1;
	}
	text_add_safe(out, line.text, line.size < LINE_MOST ? line.size : LINE_MOST);
	buf_add_char(out, '\0');
	return !buf_failed(out);
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

static int hint_said(const struct loaded *loaded, struct inspect_error *err)
{
	AUTO(buf_done) struct buf btf = { 0 };

	if (strstr(err->what, "extern 'CONFIG_") && strstr(err->what, "(strong): not resolved"))
		return kconfig_hint(&loaded->file, err);
	if (strstr(err->what, "bpf_struct_ops_") && strstr(err->what, "is not found in kernel BTF"))
		return inspect_hint(
			err, "this kernel has no such structure of functions: it may be "
			     "too old, or built without it: 'feature check' of the file tells");
	if (err->code == EINVAL && strstr(err->what, "failed to create: "))
		return inspect_hint(
			err, "this kernel may be too old for the map's type or flags, a "
			     "struct_ops link among them: 'feature check' of the file tells");
	if (err->code != EPERM && reason_add_btf(loaded, &btf))
		return inspect_hint(err, "%s", btf.bytes);
	return caps_hint(err, CAPS_LOAD);
}

static int fail_said(const struct loaded *loaded, int code, struct inspect_error *err)
{
	struct line line = first_words(loaded);
	int size = line.size > LINE_MOST ? LINE_MOST : (int)line.size;
	const char *words = libbpf_code_words(code);

	code = libbpf_code(code);
	if (!size)
		inspect_fail(err, code, "libbpf%s%s", words ? ": " : "", words ? words : "");
	else
		inspect_fail(err, code, "%.*s", size, line.text);
	return hint_said(loaded, err);
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

static void take_failed(const struct inspect_error *failed, struct inspect_error *err)
{
	*err = *failed;
	err->code = libbpf_code(failed->code);
}

int reason_find(struct loaded *loaded, const struct inspect_error *failed, int ended,
		struct inspect_error *err)
{
	struct load_log *log = loaded->n_logs ? &loaded->logs[loaded->n_logs - 1] : NULL;
	int code = failed->code ? failed->code : EINVAL;

	if (log && log->code)
		log->code = libbpf_code(code);
	if (ended)
		fail_ended(ended, err);
	else if (*failed->what)
		take_failed(failed, err);
	else if (log && log->code)
		fail_refused(log, err);
	else
		fail_said(loaded, code, err);
	const char *words = step_words(loaded->step);
	return words ? inspect_context(err, "%s", words) : -err->code;
}
