/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * answer.h - what a call's errno says, and what it does not
 */
#ifndef PROBE_ANSWER_H
#define PROBE_ANSWER_H

#include "probe/probe.h"

static inline void answer_yes(struct inspect_feature *out, enum inspect_found found)
{
	out->answer = INSPECT_YES;
	out->found = found;
}

static inline void answer_no(struct inspect_feature *out, enum inspect_found found, int code,
			     enum inspect_reason reason)
{
	out->answer = INSPECT_NO;
	out->found = found;
	out->code = code;
	out->reason = reason;
}

/* What was tried: each needs other rights. */
enum answer_act {
	ANSWER_CALL, /* bpf(2) at all */
	ANSWER_MAP,
	ANSWER_PROG,
	ANSWER_BTF, /* load it */
	ANSWER_ATTACH,
	ANSWER_READ, /* a file of /proc or /sys */
};

/*
 * A call on the kernel that needs the thing ended with @code: a positive errno, or 0: it went well. @means_no are the errnos by which
 * the kernel says that it does not know the thing, parted by the caller's knowledge of the call: up to three, 0 behind
 * them. EPERM and EACCES that rights explain are "not permitted", each with its reason; anything else is unknown.
 */
void answer_call(struct probe *probe, struct inspect_feature *out, enum answer_act act, int code,
		 const int means_no[3]);

#endif
