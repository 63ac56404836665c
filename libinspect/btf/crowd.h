/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * crowd.h - do names crowd together in libbpf's tables?
 *
 * Its printer keeps names in two tables by a hash without a secret. Names that were made to have one
 * hash make each step a walk over all others: 1 MB of them takes seconds, 10 MB minutes.
 */
#ifndef BTF_CROWD_H
#define BTF_CROWD_H

#include "btf/reader.h"

#define CROWD_MOST 128 /* names in one place of a table; chance makes it 10 or so */

/*
 * Looks at the names of types and of enumerators, as libbpf will have them: a blob of btf/cblob.
 * Takes 16 bytes a name, and some 5 ms for a kernel's. 0, -EINVAL or -ENOMEM.
 */
int btf_crowd_check(const struct btf_reader *btf, struct inspect_error *err);

/* The error where names are crowded, here or in btf/cnames. */
int btf_crowd_fail(struct inspect_error *err);

#endif
