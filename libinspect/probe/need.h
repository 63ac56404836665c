/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need.h - which rights the kernel asks for what
 */
#ifndef PROBE_NEED_H
#define PROBE_NEED_H

#include "probe/answer.h"

struct need {
	uint32_t caps; /* enum caps_bit; CAP_SYS_ADMIN counts as CAP_BPF and CAP_PERFMON */
	bool is_free;  /* anyone may, where unprivileged_bpf_disabled is 0 */
};

/* @type of the program or map, or NULL: then all that any type needs. */
struct need need_of(enum answer_act act, const char *type);

/* The type that an answer is of or for, to be given to need_of(); NULL: none is told. */
const char *need_type(const struct inspect_feature *feature);

/* Capabilities without which the kernel may hide a helper from any program; 0: it does not. */
uint32_t need_of_helper(const char *name);

/* Does lockdown hide it? The integrity alone does where @is_integrity. */
bool need_helper_unlocked(const char *name, bool is_integrity);

#endif
