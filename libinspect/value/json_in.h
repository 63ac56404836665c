/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * json_in.h - JSON from outside
 */
#ifndef VALUE_JSON_IN_H
#define VALUE_JSON_IN_H

#include <jansson.h>
#include <stddef.h>

#include "inspect.h"

/* Drops a reference at the end of a scope, see AUTO(). */
static inline void json_in_done(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

/*
 * Reads one JSON value of @size bytes, which need not end in a NUL: any value, at any depth that is no
 * danger, no key twice in a record. An integer that jansson has no room for, and "-0", become text of
 * the same digits, so that no digit is lost.
 *
 * Returns 0, -EINVAL with what is wrong and near to what, or -ENOMEM.
 */
int json_in_parse(const char *text, size_t size, json_t **out, struct inspect_error *err);

#endif
