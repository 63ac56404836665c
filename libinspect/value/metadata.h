/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * metadata.h - what a program says of itself: its variables bpf_metadata_*
 */
#ifndef VALUE_METADATA_H
#define VALUE_METADATA_H

#include "inspect.h"

/*
 * Reads the metadata of a program whose map ids are known, where it has some; what cannot be had is
 * left out. It belongs to the program, and is valid until inspect_close().
 */
void metadata_read(struct inspect *inspect, struct inspect_prog *prog);

#endif
