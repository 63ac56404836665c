/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * xlated.c - the translated instructions of programs to a sink
 *
 * Several programs are gone through twice: the names that all of them need are known before the first one is
 * printed, so that the kernel's symbols are read once.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "code/cfg.h"
#include "code/graph.h"
#include "code/image.h"
#include "code/lines.h"
#include "code/print.h"
#include "code/proto.h"
#include "code/refs.h"
#include "code/text.h"
#include "code/walk.h"
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
	HAS_MAP = 128,
	HAS_MAP_NAME = 256,
};

/* An instruction as a record. Texts are borrowed. */
struct shown_insn {
	unsigned have;
	unsigned prog_id;
	unsigned index;
	unsigned target;
	unsigned line_num;
	unsigned line_col;
	unsigned map_id;
	const char *proto;
	const char *source;
	const char *file;
	const char *disasm;
	const char *map_name;
	struct inspect_bytes opcodes;
};

static void put_byte(struct sink *sink, const char *key, uint8_t byte)
{
	char text[4] = "0x";

	num_format_hex_pair(text + 2, byte);
	sink_text(sink, key, text, sizeof(text));
}

static void put_register(struct sink *sink, const char *key, unsigned number)
{
	const char text[3] = { '0', 'x', "0123456789abcdef"[number & 0xf] };

	sink_text(sink, key, text, sizeof(text));
}

/* bpftool's JSON has them in parts, of which imm goes on into the second slot. */
static void put_opcodes(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_bytes *bytes = member;

	if (!sink_is_compatible(sink)) {
		sink_bytes(sink, key, bytes->bytes, bytes->size);
		return;
	}
	sink_open_record(sink, key);
	put_byte(sink, "code", bytes->bytes[0]);
	put_register(sink, "src_reg", bytes->bytes[1] >> 4);
	put_register(sink, "dst_reg", bytes->bytes[1]);
	sink_bytes(sink, "off", bytes->bytes + 2, 2);
	sink_bytes(sink, "imm", bytes->bytes + 4, bytes->size - 4);
	sink_close(sink);
}

#define S struct shown_insn

static const struct field insn_fields[] = {
	FIELD(S, prog_id, "prog_id", "the program it belongs to", .flags = FIELD_STRICT,
	      .column = "prog"),
	FIELD_IF(HAS_PROTO, S, proto, "proto", "the function that begins here"),
	FIELD_IF(HAS_SOURCE, S, source, "src", "the source line that begins here"),
	FIELD_IF(HAS_FILE, S, file, "file", "the file it is in (linum)"),
	FIELD_IF(HAS_LINE, S, line_num, "line_num", "its number (linum)", .column = "line"),
	FIELD_IF(HAS_COLUMN, S, line_col, "line_col", "the column in it (linum)"),
	FIELD(S, disasm, "disasm", "the instruction"),
	FIELD_AS(FIELD_OWN, HAS_OPCODES, S, opcodes, "opcodes", "its bytes (opcodes)",
		 .own = put_opcodes, .shape = "hex"),
	FIELD(S, index, "insn", "its number; an instruction of 16 bytes counts twice"),
	FIELD_IF(HAS_TARGET, S, target, "target",
		 "number of the instruction that it jumps to, calls, or loads the address of"),
	FIELD_IF(HAS_MAP, S, map_id, "map_id", "the map whose address, or whose value's, it loads"),
	FIELD_IF(HAS_MAP_NAME, S, map_name, "map_name", "that map's name"),
};

const struct schema insn_schema = {
	.name = "instruction",
	.fields = insn_fields,
	.n = sizeof(insn_fields) / sizeof(*insn_fields),
	.columns = "prog_id,insn,disasm,target,map_name",
	.have_at = offsetof(struct shown_insn, have),
	.failed_at = -1,
	.id_at = -1,
};

struct dump {
	struct inspect *inspect;
	struct sink *sink;
	const struct print_code *how;
	struct walk *walk; /* NULL: a graph is drawn */
	struct refs refs;
	struct insn_names names;
	struct lines lines;
	struct buf proto;
	struct buf text;
};

static void dump_done(struct dump *dump)
{
	refs_done(&dump->refs);
	buf_done(&dump->proto);
	buf_done(&dump->text);
}

static void find_line(struct dump *dump, uint32_t slot, struct shown_insn *out)
{
	struct line line;

	if (!lines_find(&dump->lines, slot, &line))
		return;
	out->have |= HAS_SOURCE;
	out->source = line.text;
	if (!dump->how->lines)
		return;
	out->have |= HAS_FILE | (line.number ? HAS_LINE : 0) | (line.column ? HAS_COLUMN : 0);
	out->file = line.file;
	out->line_num = line.number;
	out->line_col = line.column;
}

static void find_proto(struct dump *dump, uint32_t slot, struct shown_insn *out)
{
	uint32_t type = lines_find_func(&dump->lines, slot);

	if (!type || !proto_format(dump->lines.btf, type, &dump->proto))
		return;
	out->have |= HAS_PROTO;
	out->proto = dump->proto.bytes;
}

static void find_map(struct dump *dump, const struct insn *insn, struct shown_insn *out)
{
	out->map_id = refs_map_id(insn);
	if (!out->map_id)
		return;
	out->have |= HAS_MAP;
	out->map_name = refs_map_name(&dump->refs, out->map_id);
	if (out->map_name && *out->map_name)
		out->have |= HAS_MAP_NAME;
}

static void print_text(struct dump *dump, const struct insn *insn)
{
	dump->text.size = 0;
	insn_print(insn, dump->how->syntax, &dump->names, &dump->text);
}

static void print_as_record(struct dump *dump, const struct insn *insn)
{
	struct shown_insn shown = {
		.prog_id = dump->refs.image->prog_id,
		.index = insn->index,
		.target = insn->target,
		.opcodes = { insn->bytes, (size_t)insn->length * INSN_BYTES },
	};

	find_proto(dump, insn->index, &shown);
	find_line(dump, insn->index, &shown);
	find_map(dump, insn, &shown);
	shown.have |= dump->how->opcodes ? HAS_OPCODES : 0;
	shown.have |= insn->target != INSN_NO_TARGET ? HAS_TARGET : 0;
	print_text(dump, insn);
	buf_add_char(&dump->text, '\0');
	shown.disasm = buf_failed(&dump->text) ? "" : dump->text.bytes;
	print_record(&dump->walk->printer, &shown);
}

static void put_bytes(struct out *out, const struct insn *insn)
{
	out_literal(out, "       ");
	text_put_bytes(out, insn);
	out_char(out, '\n');
}

static void print_as_lines(struct dump *dump, const struct insn *insn)
{
	struct out *out = dump->sink->out;
	uint32_t type = lines_find_func(&dump->lines, insn->index);
	struct line line;

	if (type && proto_format(dump->lines.btf, type, &dump->proto))
		out_fmt(out, "%s:\n", dump->proto.bytes);
	if (lines_find(&dump->lines, insn->index, &line))
		text_put_line(out, &line, dump->how->lines);
	text_put_index(out, insn->index);
	print_text(dump, insn);
	if (dump->how->names)
		text_add_names(&dump->text, &dump->refs, insn, dump->how->syntax);
	out_bytes(out, dump->text.bytes, dump->text.size);
	out_char(out, '\n');
	if (dump->how->opcodes)
		put_bytes(out, insn);
}

static void print_insns(struct dump *dump, const struct image *image)
{
	struct insn_stream stream = image_stream(image);
	bool is_plain = dump->sink->form == SINK_PLAIN;
	struct insn insn;

	for (uint32_t i = 0; i < stream.count && !sink_error(dump->sink); i += insn.length) {
		insn_decode(&stream, i, &insn);
		if (is_plain)
			print_as_lines(dump, &insn);
		else
			print_as_record(dump, &insn);
		if (buf_failed(&dump->text))
			return;
	}
}

static bool needs_symbols(const struct print_code *how)
{
	return how->syntax == INSN_KERNEL || how->names;
}

static int begin(struct dump *dump, const struct image *image, const struct btf_reader *btf)
{
	if (dump->how->syntax == INSN_KERNEL)
		dump->names = refs_names(&dump->refs);
	lines_init(&dump->lines, image, btf);
	return refs_begin(&dump->refs, image, btf);
}

static int want_names(struct walk *walk, const struct image *image)
{
	struct dump *dump = walk->context;

	return needs_symbols(walk->how) ? refs_want(&dump->refs, image) : 0;
}

static int begin_prog(struct walk *walk, const struct image *image, const struct inspect_prog *prog,
		      const struct btf_reader *btf)
{
	(void)prog;
	return begin(walk->context, image, btf);
}

static int print_prog(struct walk *walk)
{
	struct dump *dump = walk->context;

	print_insns(dump, dump->refs.image);
	return buf_failed(&dump->text) ? -ENOMEM : 0;
}

static const struct walk_ops xlated_ops = { &insn_schema, image_read, want_names, begin_prog,
					    print_prog };

int print_xlated(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct print_code *how, struct inspect_error *err)
{
	struct walk walk = {
		.ops = &xlated_ops,
		.inspect = inspect,
		.sink = sink,
		.how = how,
	};
	AUTO(dump_done)
	struct dump dump = {
		.inspect = inspect,
		.sink = sink,
		.how = how,
		.walk = &walk,
		.refs = { .inspect = inspect, .note = how->note },
	};

	ERROR_NEEDED(err);
	walk.context = &dump;
	return walk_run(&walk, ref, err);
}

static int draw(struct dump *dump, const struct image *image, enum print_graph kind,
		struct inspect_error *err)
{
	struct insn_stream stream = image_stream(image);
	AUTO(cfg_done) struct cfg cfg = { 0 };
	const struct graph graph = {
		.kind = kind,
		.how = dump->how,
		.stream = &stream,
		.cfg = &cfg,
		.lines = &dump->lines,
		.refs = &dump->refs,
		.names = dump->names,
		.out = dump->sink->out,
	};

	int r = cfg_init(&cfg, &stream, err);
	if (r < 0)
		return r;
	return graph_draw(&graph) ? inspect_fail(err, ENOMEM, "prog %u", image->prog_id) : 0;
}

int print_xlated_graph(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		       enum print_graph kind, const struct print_code *how,
		       struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	AUTO(image_done) struct image image = { 0 };
	AUTO(dump_done)
	struct dump dump = {
		.inspect = inspect,
		.sink = sink,
		.how = how,
		.refs = { .inspect = inspect, .note = how->note },
	};

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &prog, err);
	if (!r)
		r = image_read(inspect, &prog, &image, err);
	if (r < 0)
		return r;
	const struct btf_reader *btf = walk_types(inspect, &image, how->note);
	if ((needs_symbols(how) && refs_want(&dump.refs, &image)) || begin(&dump, &image, btf))
		return inspect_fail(err, ENOMEM, "prog %u", prog.id);
	return draw(&dump, &image, kind, err);
}

int save_xlated(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
		struct inspect_error *err)
{
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	AUTO(image_done) struct image image = { 0 };

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &prog, err);
	if (!r)
		r = image_read(inspect, &prog, &image, err);
	return r ? r : file_replace(path, image.insns, image.size, err);
}
