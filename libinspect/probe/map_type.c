/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map_type.c - types of maps
 */
#include <errno.h>

#include "base/error.h"
#include "probe/probe.h"

int map_type_each(struct probe *probe, struct inspect_error *err)
{
	(void)probe;
	(void)err;
	return 0;
}

int map_type_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err)
{
	(void)probe;
	return inspect_fail(err, EOPNOTSUPP, "%s", question->name);
}
