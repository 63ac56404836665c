/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * misc.c - what the verifier takes: size, loops, sets of instructions
 */
#include <errno.h>

#include "base/error.h"
#include "probe/probe.h"

int misc_each(struct probe *probe, struct inspect_error *err)
{
	(void)probe;
	(void)err;
	return 0;
}

int misc_ask(struct probe *probe, const struct inspect_question *question,
	     struct inspect_error *err)
{
	(void)probe;
	return inspect_fail(err, EOPNOTSUPP, "%s", question->name);
}
