/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link_type.c - types of links
 */
#include <errno.h>

#include "base/error.h"
#include "probe/probe.h"

int link_type_each(struct probe *probe, struct inspect_error *err)
{
	(void)probe;
	(void)err;
	return 0;
}

int link_type_ask(struct probe *probe, const struct inspect_question *question,
		  struct inspect_error *err)
{
	(void)probe;
	return inspect_fail(err, EOPNOTSUPP, "%s", question->name);
}
