/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * answer.c - what a call's errno says, and what it does not
 */
#include "probe/answer.h"

#include <errno.h>

void answer_call_as(struct probe *probe, struct inspect_feature *out, enum answer_act act,
		    const char *type, int code, const int means_no[3])
{
	(void)probe;
	(void)act;
	(void)type;
	out->code = code;
	out->found = INSPECT_FOUND_PROBE;
	if (code == 0) {
		out->answer = INSPECT_YES;
		return;
	}
	for (unsigned i = 0; means_no && i < 3 && means_no[i]; i++)
		if (means_no[i] == code) {
			answer_no(out, INSPECT_FOUND_PROBE, code, INSPECT_REASON_NOT_BUILT_IN);
			return;
		}
	out->answer = code == EPERM ? INSPECT_NOT_PERMITTED : INSPECT_UNKNOWN;
	out->reason = code == EPERM ? INSPECT_REASON_CAPABILITY : INSPECT_REASON_OTHER;
}

void answer_call(struct probe *probe, struct inspect_feature *out, enum answer_act act, int code,
		 const int means_no[3])
{
	answer_call_as(probe, out, act, NULL, code, means_no);
}

bool answer_may(struct probe *probe, enum answer_act act, struct inspect_feature *out)
{
	(void)probe;
	(void)act;
	(void)out;
	return true;
}

void answer_review(struct probe *probe, struct inspect_feature *feature)
{
	(void)probe;
	(void)feature;
}
