/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * reason.h - why it failed, in one sentence
 */
#ifndef LOAD_REASON_H
#define LOAD_REASON_H

#include "load/load.h"

/*
 * @failed: what the process said, or nothing; @ended: how it ended: 0, -ETIMEDOUT or -ENOTRECOVERABLE. Fills in @err
 * from these, from how far it came, and from libbpf's own words; returns a negative errno.
 */
int reason_find(struct loaded *loaded, const struct inspect_error *failed, int ended,
		struct inspect_error *err);

/*
 * The kernel may refuse an object's BTF, and take the object all the same: adds what it says is wrong with it, and a
 * NUL. False where there was nothing like that.
 */
bool reason_add_btf(const struct loaded *loaded, struct buf *out);

#endif
