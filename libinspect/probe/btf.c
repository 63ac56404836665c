/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.c - types and members of the kernel's
 */
#include <errno.h>

#include "base/error.h"
#include "probe/probe.h"

int btf_ask(struct probe *probe, const struct inspect_question *question, struct inspect_error *err)
{
	(void)probe;
	return inspect_fail(err, EOPNOTSUPP, "%s", question->name);
}
