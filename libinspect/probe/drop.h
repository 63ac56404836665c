/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * drop.h - to be without this process' capabilities for a while
 */
#ifndef PROBE_DROP_H
#define PROBE_DROP_H

#include <stddef.h>

/* Zeroed, nothing was given up. */
struct drop {
	void *before; /* libcap's */
};

/*
 * From now on the calling thread does without the four capabilities that BPF asks for. They stay permitted, so that
 * drop_done() can take them back. 0 or a negative errno.
 */
int drop_begin(struct drop *drop);
void drop_done(struct drop *drop);

/*
 * Those of the four that this process lacks, "CAP_BPF, CAP_PERFMON", in @text (64 bytes are enough). Returns how many.
 */
unsigned drop_missing(char *text, size_t size);

#endif
