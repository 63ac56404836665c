/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * explain.c - a load that failed, explained where the form has a place for it; and what verifying took
 */
#include "load/explain.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "load/verdict.h"
#include "load/verdict_print.h"
#include "out/file.h"

/* The section of a program, from the file: libbpf told of none where it failed. */
static const char *section_of(const struct object *file, const char *program)
{
	for (uint32_t i = 0; program && i < file->n_funcs; i++) {
		const struct object_func *func = &file->funcs[i];

		if (!func->is_subprog && strcmp(func->name, program) == 0)
			return file->elf.parts[func->section].name;
	}
	return NULL;
}

static struct verdict_case case_of(const struct loaded *loaded, const struct load_log *log,
				   int code)
{
	return (struct verdict_case){
		.program = log ? log->prog : NULL,
		.section = log ? section_of(&loaded->file, log->prog) : NULL,
		.code = code,
		.log = log ? log->text : NULL,
		.log_size = log ? log->size : 0,
		.said = loaded->warned.bytes,
		.said_size = loaded->warned.size,
		.object = &loaded->file,
	};
}

/* A record beside the error, whole or not at all: "-j" has one document, in which the error comes last. */
static void put_failure(struct sink *sink, struct out *people,
			const struct inspect_verdict *verdict)
{
	switch (sink->form) {
	case SINK_JSON:
		sink_open_record(sink, NULL);
		sink_open_record(sink, "verdict");
		print_fields(sink, &verdict_schema, verdict, NULL);
		sink_close(sink);
		break;
	case SINK_STRICT:
	case SINK_LINES:
		sink_open_list(sink, NULL);
		sink_open_record(sink, NULL);
		print_fields(sink, &verdict_schema, verdict, NULL);
		sink_close(sink);
		sink_close(sink);
		break;
	case SINK_PLAIN:
	case SINK_TABLE:
	case SINK_TSV:
		if (people)
			verdict_print(people, verdict);
		break;
	}
}

static void read_refusal(struct refusal *out)
{
	AUTO(sys_done) struct sys sys;

	sys_init(&sys);
	refusal_read(&sys, out);
}

int explain_failure(const struct loaded *loaded, struct sink *sink, struct out *people,
		    struct inspect_error *err)
{
	AUTO(inspect_verdict_done) struct inspect_verdict verdict = { 0 };
	const struct load_log *log = loaded_failure(loaded);
	struct verdict_case from = case_of(loaded, log, err->code);

	if (loaded->step != LOAD_OPEN && loaded->step != LOAD_LOAD)
		return -err->code;
	if (err->code == EPERM)
		read_refusal(&from.refusal);
	/* What has no program of its own is told by the error, unless it is one of the known causes. */
	if (verdict_find(&from, &verdict) || (!log && !verdict.message && err->code != EPERM))
		return -err->code;
	put_failure(sink, people, &verdict);
	if (verdict.hint && (log || !err->hint[0]))
		return inspect_hint(err, "%s", verdict.hint);
	return -err->code;
}

static bool read_counts(const struct loaded *loaded, const struct load_log *log,
			struct inspect_verdict *out)
{
	struct verdict_case from = case_of(loaded, log, 0);

	return !verdict_find(&from, out) && out->have & INSPECT_VERDICT_HAS_COUNTS;
}

bool explain_counts(const struct loaded *loaded, const char *program, struct inspect_verdict *out)
{
	for (unsigned i = 0; i < loaded->n_logs; i++) {
		const struct load_log *log = &loaded->logs[i];

		if (log->prog && strcmp(log->prog, program) == 0)
			return read_counts(loaded, log, out);
	}
	return false;
}

void explain_print_counts(const struct loaded *loaded, struct out *people)
{
	for (unsigned i = 0; people && i < loaded->n_logs; i++) {
		AUTO(inspect_verdict_done) struct inspect_verdict verdict = { 0 };

		if (read_counts(loaded, &loaded->logs[i], &verdict))
			verdict_print_counts(people, &verdict);
	}
}

int explain_save(const struct loaded *loaded, const char *path, struct inspect_error *err)
{
	AUTO(buf_done) struct buf text = { 0 };

	for (unsigned i = 0; i < loaded->n_logs; i++) {
		const struct load_log *log = &loaded->logs[i];

		if (loaded->n_logs > 1) {
			buf_add_text(&text, "== ");
			buf_add_text(&text, log->prog ? log->prog : "");
			buf_add_text(&text, "\n");
		}
		buf_add(&text, log->text ? log->text : "", log->text ? log->size : 0);
	}
	if (buf_failed(&text))
		return inspect_fail(err, ENOMEM, "%s: write the log", path);
	return file_replace(path, text.bytes, text.size, err);
}
