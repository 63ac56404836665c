/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sections.h - what the kernel can do, as bpftool shows it: in plain text, JSON, or macros for C
 */
#ifndef PROBE_SECTIONS_H
#define PROBE_SECTIONS_H

#include "probe/print.h"

/*
 * Asks what these sections have, and puts them into a sink of form SINK_PLAIN or SINK_JSON. What is neither "yes" nor "no" is
 * shown as not available, as bpftool does; @note hears how many such answers there are. 0 or a negative error.
 */
int sections_print(struct inspect *inspect, struct sink *sink, const struct print_probe *how,
		   const struct inspect_note *note, struct inspect_error *err);

/*
 * Is it loaded for one function of the kernel's, to which the program has to be bound? What libbpf cannot ask of bpftool's
 * behalf stays so in these forms: they list no helpers for such types.
 */
bool sections_lack_helpers(const char *type);

#endif
