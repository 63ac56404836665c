/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.h - operations of the kernel that programs carry out, as a record
 */
#ifndef RECORDS_STRUCT_OPS_H
#define RECORDS_STRUCT_OPS_H

#include "btf/reader.h"
#include "inspect.h"

/* What reading costs beyond the map's info, and the kernel's types. */
#define STRUCT_OPS_WANT_VALUE 1u /* one look-up */
#define STRUCT_OPS_WANT_LINKS 2u /* all links, once a walk */

/* Writes the name of the struct, without that of its wrapper; false where there is no such type. */
bool struct_ops_name_type(const struct btf_reader *btf, uint32_t type_id,
			  struct inspect_struct_ops *out);

#endif
