/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc.c - kernel functions, for each type of programs
 */
#include <errno.h>

#include "base/error.h"
#include "probe/probe.h"

int kfunc_each(struct probe *probe, struct inspect_error *err)
{
	(void)probe;
	(void)err;
	return 0;
}

int kfunc_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err)
{
	(void)probe;
	return inspect_fail(err, EOPNOTSUPP, "%s", question->name);
}
