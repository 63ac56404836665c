/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * merge.h - the types of several blobs as one
 */
#ifndef BTF_MERGE_H
#define BTF_MERGE_H

#include "base/buf.h"
#include "btf/reader.h"

/* Types of one blob behind those of another. Zeroed but for its base, it is empty. */
struct btf_merge {
	const struct btf_reader *base; /* of all of them, or NULL */
	uint32_t n;		       /* types so far */
	struct buf types;
	struct buf strings;
};

/*
 * Adds the types of @btf, which is over the same base or over none, and may be closed afterwards.
 * Returns 0, -EINVAL (a type of a kind in which references cannot be found, or a reference to a type
 * that is not there) or -ENOMEM.
 */
int btf_merge_add(struct btf_merge *merge, const struct btf_reader *btf, struct inspect_error *err);

/*
 * Makes a blob of what was added, each type once: one that the base has is left out. @base_blob: the
 * base's bytes, or of size 0. *bytes is to be freed. The work is done in a process of its own, which is
 * ended after 2 seconds of it and one more for each 10000 types. Returns 0, -E2BIG (it was),
 * -ENOTRECOVERABLE (libbpf crashed) or another negative errno.
 */
int btf_merge_finish(struct btf_merge *merge, struct inspect_bytes base_blob, unsigned char **bytes,
		     size_t *size, struct inspect_error *err);
void btf_merge_done(struct btf_merge *merge);

#endif
