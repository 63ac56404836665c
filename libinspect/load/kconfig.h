/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kconfig.h - the kernel's configuration, which objects may ask for
 */
#ifndef LOAD_KCONFIG_H
#define LOAD_KCONFIG_H

#include "code/object.h"
#include "inspect.h"

/*
 * An option that an object must have is not there: hints at where the configuration was looked for, and which options
 * must have it. Returns -err->code.
 */
int kconfig_hint(const struct object *file, struct inspect_error *err);

#endif
