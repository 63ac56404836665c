/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_find.h - the sources of types that are searched
 */
#ifndef RECORDS_BTF_FIND_H
#define RECORDS_BTF_FIND_H

#include "base/buf.h"
#include "records/btf_source.h"

enum find_source_kind {
	FIND_KERNEL,
	FIND_MODULE, /* a file of the kernel's, which goes with the kernel's types */
	FIND_LOADED, /* BTF that a program brought along */
	FIND_NAMED,  /* what the user named */
};

struct find_source {
	enum find_source_kind kind;
	char *label; /* how the user knows it; of a module, its name */
	struct inspect_btf_spec spec;
};

/* All sources, and the kernel's types, which stay open. */
struct find_sources {
	struct inspect *inspect;
	struct buf list; /* struct find_source */
	struct btf_file kernel;
	bool has_kernel;
};

/* A source that is open. */
struct find_opened {
	struct btf_file module;
	struct btf_source source;
	const struct btf_reader *btf;
};

/*
 * Collects the sources. What the user may not see is left out, and @note hears of it; where there is no source at all,
 * it is an error.
 */
int find_sources_init(struct find_sources *sources, struct inspect *inspect,
		      const struct inspect_btf_find *find, const struct inspect_note *note,
		      struct inspect_error *err);
void find_sources_done(struct find_sources *sources);

static inline size_t find_sources_count(const struct find_sources *sources)
{
	return sources->list.size / sizeof(struct find_source);
}

static inline const struct find_source *find_source_at(const struct find_sources *sources, size_t i)
{
	return (const struct find_source *)(const void *)sources->list.bytes + i;
}

/* Opens the types of one. -ENOENT: what the kernel had is gone. */
int find_source_open(struct find_sources *sources, size_t i, struct find_opened *out,
		     const struct inspect_note *note, struct inspect_error *err);
void find_source_close(struct find_opened *opened);

#endif
