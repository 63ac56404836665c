/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_print.h - an object that is open to a sink
 *
 * Both return as the functions in print.h that open the file too; @path is what it is called.
 */
#ifndef CODE_OBJECT_PRINT_H
#define CODE_OBJECT_PRINT_H

#include "code/object.h"
#include "code/print.h"

int object_show(struct sink *sink, struct object *object, const char *path,
		struct inspect_error *err);
int object_dump(struct sink *sink, const struct object *object, const char *path, const char *name,
		const struct print_code *how, struct inspect_error *err);

#endif
