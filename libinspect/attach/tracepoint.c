/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * tracepoint.c - programs on events of the kernel
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/hook.h"
#include "base/cleanup.h"
#include "base/error.h"

int attach_raw_tracepoint(const struct attach_job *job, struct inspect_attachments *out,
			  struct inspect_error *err)
{
	int fd = sys_raw_tracepoint_open(&job->inspect->sys, job->prog.fd, job->targets.words[0],
					 job->values[HOOK_COOKIE].number);

	if (fd < 0)
		return attach_fail(job, -fd, err);
	return attach_keep(job, fd, true, out, err);
}
