/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * encode.h - JSON to the bytes of a type
 *
 * The inverse of walk_put() in WALK_STRICT. Beside what that writes, all is taken that can mean one
 * thing only; whatever else is an error that names the member.
 */
#ifndef VALUE_ENCODE_H
#define VALUE_ENCODE_H

#include <jansson.h>
#include <stddef.h>

#include "inspect.h"
#include "value/walk.h"

/*
 * Puts a value of @walk, which must be of WALK_STRICT, at @out, where there are @size bytes: as many as
 * the type has. With no @walk the value is of no known type, and its JSON is text of 2 * @size
 * hexadecimal digits. @name is what messages call the value.
 *
 * A record may leave members out: they are zero, as is what lies between members. Members that share
 * bytes (those of a union) must agree on them. A list has as many elements as the type says.
 *
 * Numbers are JSON's, or text in decimal, hexadecimal (0x) or octal (0); an enum takes its names; an
 * array of char takes text that is not longer; 4, 6 or 16 bytes that are no text take an address, in
 * the order of a packet.
 *
 * Returns 0, -EINVAL (which member, and why) or -ENOMEM; @out is written only on success.
 */
int encode_json(const struct walk *walk, json_t *json, const char *name, void *out, size_t size,
		struct inspect_error *err);

#endif
