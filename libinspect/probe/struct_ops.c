/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - what struct_ops maps may implement
 */
#include <errno.h>

#include "base/error.h"
#include "probe/probe.h"

int struct_ops_each(struct probe *probe, struct inspect_error *err)
{
	(void)probe;
	(void)err;
	return 0;
}

int struct_ops_ask(struct probe *probe, const struct inspect_question *question,
		   struct inspect_error *err)
{
	(void)probe;
	return inspect_fail(err, EOPNOTSUPP, "%s", question->name);
}
