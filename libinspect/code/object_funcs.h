/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_funcs.h - the functions of an object, and which calls which
 */
#ifndef CODE_OBJECT_FUNCS_H
#define CODE_OBJECT_FUNCS_H

#include "code/object.h"

/* Fills in places and funcs. 0, -EINVAL (a symbol that points to no instructions) or -ENOMEM. */
int object_find_funcs(struct object *object, struct inspect_error *err);

/* Fills in what each calls. 0 or -ENOMEM. */
int object_count_calls(struct object *object, struct inspect_error *err);

#endif
