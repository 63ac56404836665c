/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * native_print.c - the machine code of programs to a sink
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "code/native.h"
#include "code/print.h"
#include "code/text.h"
#include "out/file.h"
#include "records/one.h"

enum {
	HAS_PROTO = 1,
	HAS_SOURCE = 2,
	HAS_FILE = 4,
	HAS_LINE = 8,
	HAS_COLUMN = 16,
	HAS_OPCODES = 32,
	HAS_TARGET = 64,
	HAS_TARGET_NAME = 128,
};

/* An instruction as a record. Texts are borrowed. */
struct shown_native {
	unsigned have;
	unsigned prog_id;
	unsigned pc;
	unsigned line_num;
	unsigned line_col;
	const char *proto;
	const char *function;
	const char *source;
	const char *file;
	const char *disasm;
	unsigned long long target;
	const char *target_name;
	struct inspect_bytes opcodes;
};

static void put_pc(struct sink *sink, const char *key, const void *member)
{
	const unsigned *pc = member;
	unsigned long long wide = *pc;

	if (sink_is_compatible(sink))
		native_put_address(sink, key, &wide);
	else
		sink_u64(sink, key, *pc);
}

static void put_operation(struct sink *sink, const char *key, const void *member)
{
	const char *text = *(const char *const *)member, *word;
	size_t n = jited_operation(&text, &word);

	sink_text(sink, key, word, n);
}

/* Where there are none, bpftool's list has null in it. */
static void put_operands(struct sink *sink, const char *key, const void *member)
{
	const char *text = *(const char *const *)member, *word;
	size_t n = jited_operation(&text, &word);

	sink_open_list(sink, key);
	if (!(n = jited_operand(&text, &word)) && sink_is_compatible(sink))
		sink_absent(sink, NULL);
	for (; n; n = jited_operand(&text, &word))
		sink_text(sink, NULL, word, n);
	sink_close(sink);
}

static void put_opcodes(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_bytes *bytes = member;

	sink_bytes(sink, key, bytes->bytes, bytes->size);
}

#define S struct shown_native

static const struct field native_fields[] = {
	FIELD(S, prog_id, "prog_id", "the program it belongs to", .flags = FIELD_STRICT,
	      .column = "prog"),
	FIELD_IF(HAS_PROTO, S, proto, "proto", "the function that begins here",
		 .flags = FIELD_STRICT),
	FIELD(S, function, "name", "the function, as the kernel lists it", .flags = FIELD_STRICT),
	FIELD_IF(HAS_SOURCE, S, source, "src", "the source line that begins here"),
	FIELD_IF(HAS_FILE, S, file, "file", "the file it is in (linum)"),
	FIELD_IF(HAS_LINE, S, line_num, "line_num", "its number (linum)", .column = "line"),
	FIELD_IF(HAS_COLUMN, S, line_col, "line_col", "the column in it (linum)"),
	FIELD_AS(FIELD_OWN, 0, S, pc, "pc", "bytes from the beginning of the function",
		 .own = put_pc, .shape = "u32"),
	FIELD(S, disasm, "disasm", "the instruction", .flags = FIELD_STRICT),
	FIELD_AS(FIELD_OWN, 0, S, disasm, "operation", "what it does", .own = put_operation,
		 .shape = "text"),
	FIELD_AS(FIELD_OWN, 0, S, disasm, "operands", "with what, each of them whole",
		 .own = put_operands, .shape = "[text]", .flags = FIELD_DOCUMENT),
	FIELD_AS(FIELD_OWN, HAS_OPCODES, S, opcodes, "opcodes", "its bytes (opcodes)",
		 .own = put_opcodes, .shape = "hex"),
	FIELD_AS(FIELD_OWN, HAS_TARGET, S, target, "target",
		 "address that it jumps to, calls, or reads", .own = native_put_address,
		 .shape = "text"),
	FIELD_IF(HAS_TARGET_NAME, S, target_name, "target_name", "what stands there"),
};

const struct schema native_schema = {
	.name = "machine_instruction",
	.fields = native_fields,
	.n = sizeof(native_fields) / sizeof(*native_fields),
	.columns = "prog_id,name,pc,disasm,target_name",
	.have_at = offsetof(struct shown_native, have),
	.failed_at = -1,
	.id_at = -1,
};

static int begin(struct walk *walk, const struct image *image, const struct inspect_prog *prog,
		 const struct btf_reader *btf)
{
	return native_begin(walk->context, walk, image, prog, btf);
}

static int want(struct walk *walk, const struct image *image)
{
	struct native *native = walk->context;

	return machine_want(&native->machine, image);
}

static void set_line(const struct walk *walk, const struct line *line, struct shown_native *out)
{
	out->have &= ~(unsigned)(HAS_FILE | HAS_LINE | HAS_COLUMN); /* of a line before */
	out->have |= HAS_SOURCE;
	out->source = line->text;
	if (!walk->how->lines)
		return;
	out->have |= HAS_FILE | (line->number ? HAS_LINE : 0) | (line->column ? HAS_COLUMN : 0);
	out->file = line->file;
	out->line_num = line->number;
	out->line_col = line->column;
}

static void print_as_record(struct walk *walk, const struct machine_func *func, uint32_t offset,
			    const struct jited_insn *insn, struct shown_native *shown)
{
	struct native *native = walk->context;

	shown->prog_id = native->machine.prog->id;
	shown->function = native->name.bytes;
	shown->pc = offset;
	shown->disasm = insn->text;
	shown->opcodes = (struct inspect_bytes){ func->code + offset, insn->size };
	shown->have |= walk->how->opcodes ? HAS_OPCODES : 0;
	if (insn->has_target) {
		shown->target = insn->target;
		shown->target_name = machine_name(&native->machine, insn->target);
		shown->have |= HAS_TARGET | (shown->target_name ? HAS_TARGET_NAME : 0);
	}
	print_record(&walk->printer, shown);
}

static int print_records(struct walk *walk, struct machine_func *func, const char *proto)
{
	struct native *native = walk->context;
	struct jited_insn insn;
	struct line line;

	for (uint32_t at = 0; at < func->size && !sink_error(walk->sink); at += insn.size) {
		struct shown_native shown = { .have = !at && proto ? HAS_PROTO : 0,
					      .proto = proto };

		while (native_line(native, func, at, &line))
			set_line(walk, &line, &shown);
		if (!machine_insn(&native->machine, func, at, native_end(native, func), false,
				  &insn))
			return -ENOMEM;
		print_as_record(walk, func, at, &insn, &shown);
	}
	return 0;
}

static int print_lines(struct walk *walk, struct machine_func *func)
{
	struct native *native = walk->context;
	struct out *out = walk->sink->out;
	struct jited_insn insn;
	struct line line;

	for (uint32_t at = 0; at < func->size && !sink_error(walk->sink); at += insn.size) {
		while (native_line(native, func, at, &line))
			text_put_line(out, &line, walk->how->lines);
		if (!machine_insn(&native->machine, func, at, native_end(native, func), true,
				  &insn))
			return -ENOMEM;
		native_put_insn(out, at, &insn);
		if (walk->how->opcodes)
			native_put_bytes(out, func->code + at, insn.size);
	}
	out_char(out, '\n');
	return 0;
}

static int print_func(struct walk *walk, struct machine_func *func)
{
	struct native *native = walk->context;
	struct sink *sink = walk->sink;
	const char *proto = native_proto(native, func->index);
	const char *name = native_name(native, func->index);

	if (!name)
		return -ENOMEM;
	if (sink->form == SINK_PLAIN) {
		out_if(sink->out, proto, "%s:\n", proto);
		out_fmt(sink->out, "%s:\n", name);
		return print_lines(walk, func);
	}
	if (!sink_is_compatible(sink))
		return print_records(walk, func, proto);
	sink_open_record(sink, NULL);
	if (proto)
		sink_string(sink, "proto", proto);
	sink_string(sink, "name", name);
	sink_open_list(sink, "insns");
	int r = print_records(walk, func, NULL);
	sink_close(sink);
	sink_close(sink);
	return r;
}

static int print(struct walk *walk)
{
	struct native *native = walk->context;
	const struct image *image = native->machine.image;
	struct machine_func func;
	int r = 0;

	for (uint32_t i = 0; !r && i < machine_n_funcs(image) && !sink_error(walk->sink); i++) {
		machine_func(image, i, &func);
		r = print_func(walk, &func);
	}
	return r;
}

int print_jited(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		const struct print_code *how, struct inspect_error *err)
{
	static const struct walk_ops ops = { &native_schema, image_read_jited, want, begin, print };
	AUTO(native_done) struct native native = { 0 };
	struct walk walk = {
		.ops = &ops,
		.context = &native,
		.inspect = inspect,
		.sink = sink,
		.how = how,
	};

	ERROR_NEEDED(err);
	if (native_init(&native, inspect))
		return inspect_fail(err, ENOMEM, "prog dump");
	return walk_run(&walk, ref, err);
}

int save_jited(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
	       struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	AUTO(image_done) struct image image = { 0 };

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &prog, err);
	if (!r)
		r = image_read_jited(inspect, &prog, &image, err);
	return r ? r : file_replace(path, image.code, image.code_size, err);
}
