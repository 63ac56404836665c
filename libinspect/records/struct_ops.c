/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * struct_ops.c - operations of the kernel that programs carry out, as a record
 */
#include "records/struct_ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "records/print.h"

#define WRAPPER "bpf_struct_ops_"

void inspect_struct_ops_done(struct inspect_struct_ops *ops)
{
	free(ops->link_ids.ids);
	free(ops->prog_ids.ids);
	free(ops->pinned);
	*ops = (struct inspect_struct_ops){ 0 };
}

bool struct_ops_name_type(const struct btf_reader *btf, uint32_t type_id,
			  struct inspect_struct_ops *out)
{
	struct btf_entry wrapper;

	if (!btf_type(btf, type_id, &wrapper))
		return false;
	const char *name = wrapper.name;
	if (text_has_prefix(name, WRAPPER))
		name += strlen(WRAPPER);
	snprintf(out->type, sizeof(out->type), "%s", name);
	return true;
}

#define S struct inspect_struct_ops

static const struct field struct_ops_fields[] = {
	FIELD(S, id, "id", "map id"),
	FIELD(S, name, "name", "name of the map, at most 15 bytes"),
	FIELD(S, type, "kernel_struct_ops", "the kernel's struct that the programs fill",
	      .column = "type"),
	FIELD_IF(INSPECT_STRUCT_OPS_HAS_STATE, S, state, "state",
		 "init, ready (for a link), inuse (registered without one), or tobefree",
		 .want = STRUCT_OPS_WANT_VALUE),
	FIELD_IF(INSPECT_STRUCT_OPS_HAS_REGISTERED, S, is_registered, "registered",
		 "can the kernel use it?", .want = STRUCT_OPS_WANT_VALUE | STRUCT_OPS_WANT_LINKS),
	FIELD_IF(INSPECT_STRUCT_OPS_HAS_LINKS, S, link_ids, "link_ids",
		 "links that keep it registered", .column = "links", .want = STRUCT_OPS_WANT_LINKS),
	FIELD_IF(INSPECT_STRUCT_OPS_HAS_PROGS, S, prog_ids, "prog_ids",
		 "its programs, in the order of the struct", .column = "progs",
		 .want = STRUCT_OPS_WANT_VALUE),
	FIELD_IF(INSPECT_STRUCT_OPS_HAS_PINNED, S, pinned, "pinned",
		 "register: where the link is pinned"),
};

static void struct_ops_plain(struct out *out, const void *record)
{
	const struct inspect_struct_ops *ops = record;

	out_fmt(out, "%u: %-15s %-32s\n", ops->id, ops->name, ops->type);
}

const struct schema struct_ops_schema = {
	.name = "struct_ops",
	.fields = struct_ops_fields,
	.n = sizeof(struct_ops_fields) / sizeof(*struct_ops_fields),
	.columns = "id,name,kernel_struct_ops,state,registered,link_ids,prog_ids",
	.plain = struct_ops_plain,
	.have_at = offsetof(struct inspect_struct_ops, have),
	.failed_at = offsetof(struct inspect_struct_ops, failed),
	.id_at = offsetof(struct inspect_struct_ops, id),
};
