/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * answer.h - what a call's errno says, and what it does not
 */
#ifndef PROBE_ANSWER_H
#define PROBE_ANSWER_H

#include <errno.h>

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

/* What was tried: each needs other rights, and is another command to a filter. */
enum answer_act {
	ANSWER_CALL,   /* bpf(2) at all */
	ANSWER_MAP,    /* make a map */
	ANSWER_PROG,   /* load a program */
	ANSWER_BTF,    /* load types */
	ANSWER_ATTACH, /* make a link, or attach without one */
	ANSWER_READ,   /* a file of /proc or /sys */
	ANSWER_ELEM,   /* look up, update, delete or walk elements of a map of our own */
	ANSWER_BATCH,  /* the same, many at once */
	ANSWER_BY_ID,  /* list ids, open by id */
	ANSWER_INFO,   /* read info of an object of our own */
	ANSWER_RUN,    /* run a program of our own */
	ANSWER_TOKEN,  /* make a token */
	ANSWER_PERF, /* perf_event_open(2): answer_may() alone, whoever calls it explains the rest */
	ANSWER_ACTS,
};

/*
 * A call on the kernel that needs the thing ended with @code: a positive errno, or 0: it went well. @out has its kind, name
 * and (where it is for a type) of filled in: rights differ by the type of a program or map. @means_no are the errnos by
 * which the kernel says that it does not know the thing, parted by the caller's knowledge of the call: up to three, 0
 * behind them; NULL: none. EPERM, and what else this process' rights explain, is "not permitted" with its reason, even
 * where it is in @means_no; anything else is unknown. ENOSYS of bpf(2) itself is "no" or a filter, and need not be in
 * @means_no.
 *
 * out->detail belongs to @probe, and is valid until its run ends.
 */
void answer_call(struct probe *probe, struct inspect_feature *out, enum answer_act act, int code,
		 const int means_no[3]);

/*
 * The same where the program or map that was tried is of another type than @out tells: @type is its name, "kprobe", or
 * NULL.
 */
void answer_call_as(struct probe *probe, struct inspect_feature *out, enum answer_act act,
		    const char *type, int code, const int means_no[3]);

/*
 * Does it come of this process, or of the moment: too many files, no memory, a signal? A call that ended so says nothing of what
 * was asked for, and another of the same kind may end otherwise.
 */
bool answer_passes(int code);

/* The same, or the call was refused: what was asked for may be there. */
static inline bool answer_is_open(int code)
{
	return code == EPERM || code == EACCES || answer_passes(code);
}

/*
 * Can the act be tried at all? False: bpf(2) is not there, or a filter stands before it; @out then says which, so that
 * nothing more needs to be tried. One harmless call for each act and run, which cannot do anything, whatever the kernel.
 * Where a filter is on it is made in a child, because a filter may also kill. That it is true does not say that it is
 * permitted.
 */
bool answer_may(struct probe *probe, enum answer_act act, struct inspect_feature *out);

/*
 * Before a record is told: a "no" of the verifier that this process' rights may have made is none, and a "no" to what the
 * kernel's configuration left out says so. probe_tell() calls it for every kind.
 */
void answer_review(struct probe *probe, struct inspect_feature *feature);

#endif
