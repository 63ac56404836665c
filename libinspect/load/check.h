/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * check.h - what can be told of an object before libbpf sees it
 */
#ifndef LOAD_CHECK_H
#define LOAD_CHECK_H

#include "code/object.h"
#include "inspect.h"

/* Words that do not go together, and a type that no section has. 0 or a negative error. */
int check_words(const struct inspect_load_spec *spec, struct inspect_error *err);

/*
 * Reads the file and opens it, and looks for what libbpf would refuse with fewer words or pass over. 0 or a negative
 * errno.
 */
int check_file(const struct inspect_load_spec *spec, struct object *out, struct inspect_error *err);

/* The known name of a section that is nearest to this one; NULL where none is near. Borrowed. */
const char *check_nearest_section(const char *section);

#endif
