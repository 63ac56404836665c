/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * since_table.h - the tables of first releases, each sorted by name
 *
 * The source of a row is the commit of mainline that added the thing; since.c tells how to check it. What a batch
 * command is for follows its name behind a slash, where that has a release of its own.
 */
#ifndef PROBE_SINCE_TABLE_H
#define PROBE_SINCE_TABLE_H

#include <stddef.h>

#include "probe/since.h"

struct since {
	const char *name;
	const char *release; /* "5.17" */
	const char *source;
};

struct since_table {
	const struct since *rows;
	size_t n;
};

#define SINCE_TABLE(table)                                                                         \
	{                                                                                          \
		.rows = (table), .n = sizeof(table) / sizeof(*(table))                             \
	}

extern const struct since_table since_prog_types, since_map_types, since_attach_types,
	since_link_types, since_commands, since_map_flags, since_batches, since_iterators,
	since_struct_ops, since_btf_kinds, since_miscs, since_instructions, since_facilities,
	since_helpers, since_kfuncs;

/* The table of a kind, of no rows where there is none. */
struct since_table since_table(enum inspect_feature_kind kind);

/* Which of two releases came first: negative, 0 or positive. */
int since_compare(const char *a, const char *b);

#endif
