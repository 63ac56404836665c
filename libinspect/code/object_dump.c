/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_dump.c - the instructions of a compiled object, with names for what the loader fills in
 *
 * Slots are counted from the beginning of a section, as all tools for objects do: that is what relocations and
 * other tables of the file mean.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "base/text.h"
#include "code/lines.h"
#include "code/object_print.h"
#include "code/print.h"
#include "code/shown.h"
#include "records/print.h"

#define S struct shown_insn

static const struct field insn_fields[] = {
	FIELD(S, section, "section", "the section it is in"),
	FIELD_IF(SHOWN_FUNC, S, func, "func", "the program or function; left out without a symbol"),
	SHOWN_FIELDS,
	FIELD_IF(SHOWN_SYMBOL, S, symbol, "symbol",
		 "what it refers to: a map, a variable, a function"),
	FIELD_IF(SHOWN_RELOC, S, reloc, "reloc", "type of the relocation, if there is one"),
	FIELD_IF(SHOWN_CORE, S, core, "core",
		 "CO-RE relocation: its kind, and which part of a type it asks for"),
};

const struct schema object_insn_schema = {
	.name = "object_instruction",
	.fields = insn_fields,
	.n = sizeof(insn_fields) / sizeof(*insn_fields),
	.columns = "section,func,insn,disasm,target,symbol",
	.have_at = offsetof(struct shown_insn, have),
	.failed_at = -1,
	.id_at = -1,
};

struct dump {
	const struct object *object;
	struct printer printer;
	const struct print_code *how;
	const struct ext_section *ext;
	struct insn_stream stream;
	struct lines lines;
	uint32_t section;
	struct btf_budget budget;
	bool is_single;
	bool has_any;
	struct buf proto, text, symbol, core, label;
};

static void dump_done(struct dump *dump)
{
	buf_done(&dump->proto);
	buf_done(&dump->text);
	buf_done(&dump->symbol);
	buf_done(&dump->core);
	buf_done(&dump->label);
}

static bool has_failed(const struct dump *dump)
{
	return buf_failed(&dump->proto) || buf_failed(&dump->text) || buf_failed(&dump->symbol) ||
	       buf_failed(&dump->core) || buf_failed(&dump->label);
}

/* Names come from a file, and become a part of lines for a terminal. */
static const char *safe_text(const struct dump *dump, struct buf *text)
{
	if (dump->printer.sink->form == SINK_PLAIN) {
		AUTO(buf_done) struct buf raw = *text;

		*text = (struct buf){ 0 };
		text_add_safe(text, raw.bytes, raw.size);
	}
	buf_add_char(text, '\0');
	return buf_failed(text) ? "?" : text->bytes;
}

static const char *symbol_name(void *context, const struct insn *insn)
{
	const struct dump *dump = context;

	(void)insn;
	return dump->symbol.size ? dump->symbol.bytes : NULL;
}

/* The place a jump leads to: "f+0x10". */
static const char *label_name(void *context, const struct insn *insn)
{
	struct dump *dump = context;
	uint64_t offset = (uint64_t)insn->target * INSN_BYTES;
	const struct elf_symbol *symbol;
	char digits[NUM_ROOM];

	if (insn->target == INSN_NO_TARGET)
		return NULL;
	symbol = object_symbol_before(dump->object, dump->section, offset);
	if (!symbol)
		return NULL;
	dump->label.size = 0;
	buf_add_text(&dump->label, symbol->name);
	if (offset != symbol->value) {
		buf_add_text(&dump->label, "+0x");
		buf_add(&dump->label, digits, num_format_hex(digits, offset - symbol->value));
	}
	return safe_text(dump, &dump->label);
}

/* What the loader will make of an instruction; a flaw that this explains is none. */
static void link_insn(const struct dump *dump, const struct object_target *target,
		      struct insn *insn)
{
	const struct object_func *func = NULL;
	uint64_t slot = target->offset / INSN_BYTES;
	bool is_call = insn->kind == INSN_CALL;

	if (!target->reloc)
		return;
	insn->flaw = insn->kind == INSN_BAD ? insn->flaw : INSN_SOUND;
	if (!is_call && insn->kind != INSN_CONSTANT)
		return;
	insn->target = INSN_NO_TARGET;
	insn->is_elsewhere = is_call;
	if (is_call)
		insn->call = INSN_CALL_SUBPROG;
	if (target->section == dump->section && slot < dump->stream.count)
		func = object_find_func(dump->object, target->section, (uint32_t)slot);
	if (!func)
		return;
	insn->target = (uint32_t)slot;
	insn->distance = (int32_t)(insn->target - (insn->index + 1));
	insn->is_elsewhere = false;
}

static void find_symbol(struct dump *dump, const struct object_target *target,
			struct shown_insn *shown)
{
	dump->symbol.size = 0;
	object_add_target(dump->object, target, &dump->symbol);
	shown->symbol = safe_text(dump, &dump->symbol);
	shown->have |= SHOWN_SYMBOL;
	if (!target->reloc)
		return;
	shown->reloc = elf_reloc_name(target->reloc->type);
	shown->have |= shown->reloc ? SHOWN_RELOC : 0;
}

static void find_core(struct dump *dump, uint32_t slot, struct shown_insn *shown)
{
	const struct ext_core *core = dump->ext ? ext_find_core(dump->ext, slot) : NULL;
	const char *kind;

	if (!core)
		return;
	kind = ext_core_kind(core->kind);
	dump->core.size = 0;
	buf_add_text(&dump->core, kind ? kind : "unknown");
	buf_add_char(&dump->core, ' ');
	ext_add_core(core, &dump->object->btf, &dump->budget, &dump->core);
	shown->core = safe_text(dump, &dump->core);
	shown->have |= SHOWN_CORE;
}

static void print_text(struct dump *dump, const struct insn *insn)
{
	bool is_asm = dump->how->syntax == INSN_ASSEMBLER;
	const struct insn_names names = {
		.context = dump,
		.call = is_asm ? NULL : symbol_name,
		.constant = is_asm ? NULL : symbol_name,
		.label = is_asm ? label_name : NULL,
	};

	dump->text.size = 0;
	insn_print(insn, dump->how->syntax, &names, &dump->text);
}

static void add_comment(struct dump *dump, const char *before, const char *text)
{
	buf_add_text(&dump->text, before);
	buf_add_text(&dump->text, text);
}

/* In text, what the instruction itself does not say follows it. */
static void add_comments(struct dump *dump, const struct insn *insn, const struct shown_insn *shown)
{
	bool is_said = dump->how->syntax == INSN_KERNEL &&
		       (insn->kind == INSN_CALL || insn->kind == INSN_CONSTANT);

	if (shown->have & SHOWN_SYMBOL && !is_said)
		add_comment(dump, "  ; ", shown->symbol);
	if (shown->have & SHOWN_CORE)
		add_comment(dump, "  ; CO-RE ", shown->core);
}

static void print_insn(struct dump *dump, const struct object_func *func, struct insn *insn)
{
	struct sink *sink = dump->printer.sink;
	struct object_target target;
	struct shown_insn shown;

	dump->symbol.size = 0;
	bool has_target = object_find_target(dump->object, dump->section, insn, &target);
	struct insn linked = *insn;
	if (has_target)
		link_insn(dump, &target, &linked);
	shown_begin(&shown, &linked, dump->how, &dump->lines, &dump->proto);
	shown.section = dump->object->elf.parts[dump->section].name;
	shown.func = func->name;
	shown.have |= *func->name ? SHOWN_FUNC : 0;
	if (has_target)
		find_symbol(dump, &target, &shown);
	find_core(dump, insn->index, &shown);
	insn->flaw = linked.flaw;
	print_text(dump, dump->how->syntax == INSN_KERNEL ? &linked : insn);
	if (sink->form == SINK_PLAIN)
		add_comments(dump, insn, &shown);
	buf_add_char(&dump->text, '\0');
	shown.disasm = buf_failed(&dump->text) ? "" : dump->text.bytes;
	if (sink->form == SINK_PLAIN)
		shown_put(&shown, dump->how, sink->out);
	else
		print_record(&dump->printer, &shown);
}

static void put_heading(struct dump *dump, const struct object_func *func)
{
	struct sink *sink = dump->printer.sink;
	const char *section = dump->object->elf.parts[func->section].name;

	if (sink->form != SINK_PLAIN || dump->is_single)
		return;
	out_if(sink->out, dump->has_any, "\n");
	dump->has_any = true;
	out_if(sink->out, *func->name, "%s (section %s):\n", func->name, section);
	out_if(sink->out, !*func->name, "section %s, without a name:\n", section);
}

static void begin_section(struct dump *dump, uint32_t section)
{
	static const struct image nothing = { 0 };

	dump->section = section;
	dump->stream = object_stream(dump->object, section);
	dump->ext = object_ext(dump->object, section);
	lines_init(&dump->lines, dump->ext ? &dump->ext->image : &nothing,
		   dump->object->has_btf ? &dump->object->btf : NULL);
}

static void dump_func(struct dump *dump, const struct object_func *func)
{
	struct insn insn;

	if (func->section != dump->section)
		begin_section(dump, func->section);
	put_heading(dump, func);
	for (uint32_t i = func->first; i < func->end; i += insn.length) {
		if (sink_error(dump->printer.sink) || has_failed(dump))
			return;
		insn_decode(&dump->stream, i, &insn);
		print_insn(dump, func, &insn);
	}
}

static int fail_no_prog(const struct dump *dump, const char *path, const char *name,
			struct inspect_error *err)
{
	AUTO(buf_done) struct buf names = { 0 };

	for (uint32_t i = 0; i < dump->object->n_funcs; i++) {
		if (!*dump->object->funcs[i].name)
			continue;
		buf_add_text(&names, names.size ? ", " : "there are ");
		buf_add_text(&names, dump->object->funcs[i].name);
	}
	buf_add_char(&names, '\0');
	inspect_fail(err, ENOENT, "%s: program '%s'", path, name);
	return inspect_hint(err, "%s",
			    names.size > 1 && !buf_failed(&names) ? names.bytes : "there are none");
}

static bool is_asked(const struct object_func *func, const char *name)
{
	return name ? strcmp(func->name, name) == 0 : !func->is_alias;
}

static int dump_funcs(struct dump *dump, const char *path, const char *name,
		      struct inspect_error *err)
{
	const struct object *object = dump->object;
	uint32_t n = 0;

	for (uint32_t i = 0; i < object->n_funcs; i++)
		n += is_asked(&object->funcs[i], name);
	if (name && !n)
		return fail_no_prog(dump, path, name, err);
	dump->is_single = name && n == 1;
	print_open(&dump->printer, false);
	for (uint32_t i = 0; i < object->n_funcs; i++)
		if (is_asked(&object->funcs[i], name))
			dump_func(dump, &object->funcs[i]);
	print_close(&dump->printer, false);
	return 0;
}

int object_dump(struct sink *sink, const struct object *object, const char *path, const char *name,
		const struct print_code *how, struct inspect_error *err)
{
	AUTO(dump_done) struct dump dump = { .how = how, .object = object };

	int r = print_init(&dump.printer, sink, &object_insn_schema, err);
	btf_budget_init(&dump.budget, &object->btf);
	if (!r)
		r = dump_funcs(&dump, path, name, err);
	return r < 0 ? r : object_end(object, has_failed(&dump), err);
}

int print_object_code(struct sink *sink, const char *path, const char *name,
		      const struct print_code *how, struct inspect_error *err)
{
	AUTO(object_close) struct object object = { 0 };

	ERROR_NEEDED(err);
	int r = object_open(&object, path, err);
	return r < 0 ? r : object_dump(sink, &object, path, name, how, err);
}
