/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * proto.h - a function of BTF as one line of text, as dumps of programs have it
 */
#ifndef CODE_PROTO_H
#define CODE_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"

#define PROTO_MOST 1023 /* bytes: a longer one is left out */

/*
 * Puts it into @out, which it empties first, with a NUL behind. It is no C: each word of a type has a blank
 * behind it, and what points or counts stands behind what it points to. False where @func_id is no function,
 * a type in it is none, or the text would be too long; then @out holds "".
 */
bool proto_format(const struct btf_reader *btf, uint32_t func_id, struct buf *out);

#endif
