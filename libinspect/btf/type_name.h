/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * type_name.h - a type in a few words, and how large it is
 */
#ifndef BTF_TYPE_NAME_H
#define BTF_TYPE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"

/*
 * Adds a type as C would say it: "struct flow *", "__u32", "char[16]". What has no name is "struct {...}". Always
 * ends, also where types refer to themselves, and is never longer than names and a hundred bytes.
 */
void btf_add_type_name(const struct btf_reader *btf, uint32_t id, struct buf *out);

/* The type below typedefs and qualifiers; false where there is none, or they never end. */
bool btf_resolve(const struct btf_reader *btf, uint32_t id, struct btf_entry *out);

/* Bytes of a value; false where it has no size, or too large a one. */
bool btf_size(const struct btf_reader *btf, uint32_t id, uint32_t *out);

#endif
