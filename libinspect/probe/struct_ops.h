/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.h - the structs of the kernel's that programs can implement
 */
#ifndef PROBE_STRUCT_OPS_H
#define PROBE_STRUCT_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "btf/reader.h"

#define STRUCT_OPS_PREFIX "bpf_struct_ops_" /* of the name of what a map holds */

/* Is type @id what a map of the type struct_ops holds? *value is its record, *data the id of the struct that is implemented. */
bool struct_ops_value(const struct btf_reader *btf, uint32_t id, struct btf_entry *value,
		      uint32_t *data);

#endif
