/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * c.h - types as the text of a C header
 */
#ifndef BTF_C_H
#define BTF_C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/reader.h"

struct out;

#define BTF_C_GUARD "__VMLINUX_H__"

struct btf_c_options {
	bool is_unsorted;      /* by id; else by rank and name */
	const uint32_t *roots; /* these types and what they need; NULL: all */
	size_t n_roots;
	const char *guard; /* the header's macro, an identifier; NULL: BTF_C_GUARD, and no others */
};

/*
 * Prints the types as a header that compiles; those of split BTF and of its base together, as bpftool
 * does, since neither part compiles without the other. What C has no words for is left out, and @note
 * is told (it may be NULL); names that are no identifiers are replaced, with the original in a comment.
 * With a guard each definition stands in an #ifndef of its own, so that headers of several objects can
 * be included together.
 *
 * Nothing is printed before all types have been found sound. While it runs, libbpf's messages are
 * turned off for the whole process. Takes about three times the blob's memory, beside the blob.
 *
 * Returns 0, -EINVAL (types that cannot be printed, and which is at fault), -ENOMEM, or what libbpf
 * says. A failure to write is in @out.
 */
int btf_c_print(struct out *out, const struct btf_reader *btf, const struct btf_c_options *options,
		const struct inspect_note *note, struct inspect_error *err);

#endif
