/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link.h - links of types that this build does not know
 */
#ifndef VALUE_LINK_H
#define VALUE_LINK_H

#include "inspect.h"

/*
 * Reads what the kernel tells of such a link, where its BTF says what that is; links of known types are left
 * as they are.
 */
void link_details_read(struct inspect *inspect, struct inspect_link *link);

#endif
