/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * cblob.h - the same types once more, as a blob of which every record can be said in C
 *
 * Ids stay. What libbpf gets to see is: one blob, base and split part together; a plain header; names
 * that are identifiers; and in the place of each type that is left out a forward declaration.
 */
#ifndef BTF_CBLOB_H
#define BTF_CBLOB_H

#include "btf/cnames.h"
#include "btf/reader.h"
#include "btf/sound.h"

struct btf_cblob {
	char *bytes;
	size_t size;
	struct cnames names; /* those that were replaced; they point into what the reader reads */
};

/*
 * @btf has been found sound. Takes about as many bytes as the blobs have. 0, -EINVAL (too many names have
 * the same hash), -EFBIG or -ENOMEM.
 */
int btf_cblob_init(struct btf_cblob *out, const struct btf_reader *btf,
		   const struct btf_sound *sound, struct inspect_error *err);
void btf_cblob_done(struct btf_cblob *blob);

#endif
