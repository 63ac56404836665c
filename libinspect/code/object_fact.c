/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_fact.c - what there is to be said of an object, and how it is shown
 */
#include "code/object_fact.h"

#include "code/print.h"
#include "records/print.h"

#define F struct object_fact

static const struct field fact_fields[] = {
	FIELD(F, what, "what",
	      "file, program, subprogram, code, map, data, variable, extern, section, btf, "
	      "relocation, or core: a CO-RE relocation"),
	FIELD_IF(FACT_NAME, F, name, "name", "its name; code has none"),
	FIELD_IF(FACT_SECTION, F, section, "section",
		 "the section it is in, or that is relocated; of what is extern, the one that BTF "
		 "says"),
	FIELD_IF(FACT_TYPE, F, type, "type",
		 "program type by the section's name, map type, C type, type of section or "
		 "relocation, kind of extern or CO-RE relocation"),
	FIELD_IF(FACT_ATTACH_TYPE, F, attach_type, "attach_type",
		 "attach type by the section's name"),
	FIELD_IF(FACT_OFFSET, F, offset, "offset",
		 "bytes from the section's beginning, or the file's"),
	FIELD_IF(FACT_SIZE, F, size, "size", "bytes"),
	FIELD_IF(FACT_INSN, F, insn, "insn", "number of the instruction in the section",
		 .flags = FIELD_DOCUMENT),
	FIELD_IF(FACT_INSNS, F, insns, "insns",
		 "number of instructions; one of 16 bytes counts twice"),
	FIELD_IF(FACT_SUBPROGS, F, subprogs, "subprogs",
		 "number of functions that it calls, and those call"),
	FIELD_IF(FACT_KEY, F, key_bytes, "bytes_key", "size of a key, bytes", .column = "key"),
	FIELD_IF(FACT_VALUE, F, value_bytes, "bytes_value", "size of a value, bytes",
		 .column = "value"),
	FIELD_IF(FACT_ENTRIES, F, max_entries, "max_entries", "most elements", .column = "entries"),
	FIELD_IF(FACT_KEY_TYPE, F, key_type, "key_type", "C type of a key"),
	FIELD_IF(FACT_VALUE_TYPE, F, value_type, "value_type", "C type of a value"),
	FIELD_IF(FACT_FLAGS, F, flags, "flags", "flags of the map"),
	FIELD_IF(FACT_EXTRA, F, extra, "map_extra", "its meaning is the map type's"),
	FIELD_IF(FACT_NODE, F, numa_node, "numa_node", "where its memory is"),
	FIELD_IF(FACT_PINNING, F, pinning, "pinning", "none or by_name"),
	FIELD_IF(FACT_WEAK, F, is_weak, "weak", "need not be there"),
	FIELD_IF(FACT_STATIC, F, is_static, "static", "known in its own file alone"),
	FIELD_IF(FACT_TARGET, F, target, "target",
		 "what a relocation refers to; of a CO-RE relocation, the part of a type"),
	FIELD_IF(FACT_ACCESS, F, access, "access",
		 "the same as numbers, as the file has them: an index, then members"),
	FIELD_IF(FACT_ORDER, F, byte_order, "byte_order", "little-endian or big-endian"),
	FIELD_IF(FACT_LICENSE, F, license, "license", "what the kernel will be told"),
	FIELD_IF(FACT_VERSION, F, version, "version", "kernel version that very old ones want"),
	FIELD_IF(FACT_TYPES, F, types, "types", "number of types in BTF"),
	FIELD_IF(FACT_CORES, F, funcs, "func_infos", "number of functions that BTF tells of"),
	FIELD_IF(FACT_CORES, F, lines, "line_infos", "number of source lines"),
	FIELD_IF(FACT_CORES, F, cores, "core_relos", "number of CO-RE relocations"),
};

static void put_text(struct out *out, const struct object_fact *fact, unsigned has, const char *key,
		     const char *text)
{
	out_if(out, fact->have & has, "  %s %s", key, text);
}

static void put_number(struct out *out, const struct object_fact *fact, unsigned has,
		       const char *key, unsigned long long number)
{
	out_if(out, fact->have & has, "  %s %llu", key, number);
}

static void put_map(struct out *out, const struct object_fact *fact)
{
	put_number(out, fact, FACT_KEY, "key", fact->key_bytes);
	out_if(out, fact->have & FACT_KEY, "B");
	put_text(out, fact, FACT_KEY_TYPE, "key_type", fact->key_type);
	put_number(out, fact, FACT_VALUE, "value", fact->value_bytes);
	out_if(out, fact->have & FACT_VALUE, "B");
	put_text(out, fact, FACT_VALUE_TYPE, "value_type", fact->value_type);
	put_number(out, fact, FACT_ENTRIES, "max_entries", fact->max_entries);
	out_if(out, fact->have & FACT_FLAGS, "  flags 0x%x", fact->flags);
	out_if(out, fact->have & FACT_EXTRA, "  map_extra 0x%llx", fact->extra);
	put_number(out, fact, FACT_NODE, "numa_node", fact->numa_node);
	put_text(out, fact, FACT_PINNING, "pinning", fact->pinning);
}

/* A line for each; all of one kind stand below their heading. */
static void fact_plain(struct out *out, const void *record)
{
	const struct object_fact *fact = record;

	bool has_name = fact->have & FACT_NAME;

	out_fmt(out, "\t%s", has_name ? fact->name : fact->section);
	out_if(out, !has_name && fact->have & FACT_INSN, "  insn %u", fact->insn);
	put_text(out, fact, FACT_ORDER, "byte order", fact->byte_order);
	put_text(out, fact, FACT_LICENSE, "license", fact->license);
	out_if(out, fact->have & FACT_VERSION, "  version 0x%x", fact->version);
	put_text(out, fact, FACT_TYPE, "type", fact->type);
	put_text(out, fact, FACT_ATTACH_TYPE, "attach_type", fact->attach_type);
	put_text(out, fact, has_name ? FACT_SECTION : 0, "section", fact->section);
	out_if(out, fact->have & FACT_OFFSET, "  offset 0x%llx", fact->offset);
	put_number(out, fact, FACT_SIZE, "size", fact->size);
	out_if(out, fact->have & FACT_SIZE, "B");
	put_number(out, fact, FACT_INSNS, "insns", fact->insns);
	put_number(out, fact, FACT_SUBPROGS, "subprogs", fact->subprogs);
	put_map(out, fact);
	put_text(out, fact, FACT_TARGET, "target", fact->target);
	put_text(out, fact, FACT_ACCESS, "access", fact->access);
	put_number(out, fact, FACT_TYPES, "types", fact->types);
	put_number(out, fact, FACT_CORES, "func_infos", fact->funcs);
	put_number(out, fact, FACT_CORES, "line_infos", fact->lines);
	put_number(out, fact, FACT_CORES, "core_relos", fact->cores);
	out_if(out, fact->have & FACT_WEAK && fact->is_weak, "  weak");
	out_if(out, fact->have & FACT_STATIC && fact->is_static, "  static");
	out_char(out, '\n');
}

const struct schema object_schema = {
	.name = "object",
	.fields = fact_fields,
	.n = sizeof(fact_fields) / sizeof(*fact_fields),
	.columns = "what,name,section,type,attach_type,size,target",
	.plain = fact_plain,
	.have_at = offsetof(struct object_fact, have),
	.failed_at = -1,
	.id_at = -1,
};
