/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_source.h - the types that a user named
 */
#ifndef RECORDS_BTF_SOURCE_H
#define RECORDS_BTF_SOURCE_H

#include "records/btf.h"
#include "records/inspect.h"

/*
 * Opened types. Zeroed, it is closed. Open, it must stay where it is.
 *
 * Where the types are split BTF, btf->base has the rest, and ids from btf->first_id on are the source's
 * own. Blobs are as the reader took them, and sound; base_blob.size is 0 where there is no base.
 */
struct btf_source {
	const struct btf_reader *btf;
	struct inspect_bytes blob;
	struct inspect_bytes base_blob;
	bool has_roots; /* only some of its types are meant: those that a map's key or value has */
	unsigned n_roots;
	uint32_t roots[2];

	/* What the above lies in. */
	struct btf_file base;
	struct btf_file file;
	unsigned char *bytes;
	struct btf_reader own;
};

/*
 * Opens what @spec names. @note, which may be NULL, hears which base was taken and which files were passed
 * over. Where reading stopped at a kind that is not known, btf->stopped_kind says so, and that is no failure.
 *
 * Cost: the bytes are read once, and held in memory once; so are those of the base.
 *
 * Returns 0 or a negative error: -ENOENT (no such object, or it has no BTF), -EINVAL (damaged), or another.
 * Then it is closed.
 */
int btf_source_open(struct btf_source *source, struct inspect *inspect,
		    const struct inspect_btf_spec *spec, const struct inspect_note *note,
		    struct inspect_error *err);

/*
 * Opens types that the kernel says are its own: @id as it numbers them, a module's or its own, or 0 where it
 * does not tell (before Linux 6.9), which means its own. Also who may not open BTF by id gets the kernel's own.
 */
int btf_source_open_kernel(struct btf_source *source, struct inspect *inspect, unsigned id,
			   struct inspect_error *err);
void btf_source_close(struct btf_source *source);

#endif
