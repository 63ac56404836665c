/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - loading as a command does it: load, pin, and tell
 */
#ifndef LOAD_PRINT_H
#define LOAD_PRINT_H

#include "inspect.h"
#include "out/sink.h"
#include "records/print.h"

struct print_load {
	const struct inspect_load_spec *spec;
	const char *path;     /* where to pin the first program; NULL: nowhere */
	const char *maps_dir; /* where to pin maps, or NULL */
	bool is_all;	      /* @path is a directory, for all programs */
	bool no_mount;
	const char *log_file; /* where the verifier's logs go; NULL: nowhere */
	struct out *people;   /* why it failed, in the forms that are for people */
	struct out *debug;    /* where libbpf's words and the verifier's go; NULL: nowhere */
	const struct inspect_note *note;
};

/*
 * Loads and pins all, or nothing. bpftool's forms have no word about success; the others have a record for each
 * program, map and link. Where a loader program was asked for and @debug, its instructions are printed.
 * Returns 0 or a negative error: then nothing is left.
 */
int print_load(struct inspect *inspect, struct sink *sink, const struct print_load *how,
	       struct inspect_error *err);

extern const struct schema loaded_schema, verdict_schema;

#endif
