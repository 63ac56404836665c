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
#include "base/note.h"
#include "base/num.h"
#include "code/cfg.h"
#include "code/graph.h"
#include "code/image.h"
#include "code/lines.h"
#include "code/print.h"
#include "code/proto.h"
#include "code/refs.h"
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
	struct printer printer;
	struct refs refs;
	struct insn_names names;
	struct lines lines;
	struct buf proto;
	struct buf text;
	bool is_single;
	bool some_failed;
	unsigned n_progs;
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
	print_record(&dump->printer, &shown);
}

static void put_index(struct out *out, uint32_t index)
{
	char digits[NUM_ROOM];
	size_t n = num_format_u64(digits, index);

	if (n < 4)
		out_bytes(out, "    ", 4 - n);
	out_bytes(out, digits, n);
	out_literal(out, ": ");
}

static void put_source(struct out *out, const struct print_code *how, const struct line *line)
{
	out_literal(out, "; ");
	text_put_source(out, line->text);
	if (how->lines) {
		out_fmt(out, " [file:%s line_num:%u line_col:%u]", line->file, line->number,
			line->column);
	}
	out_char(out, '\n');
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
		put_source(out, dump->how, &line);
	put_index(out, insn->index);
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

static bool has_frame(const struct dump *dump)
{
	return !dump->is_single && sink_is_compatible(dump->sink);
}

/* What stands in front of one program's instructions, where several are dumped as bpftool does it. */
static void open_prog(struct dump *dump, const struct inspect_prog *prog)
{
	struct out *out = dump->sink->out;

	if (!dump->is_single && dump->sink->form == SINK_PLAIN) {
		if (dump->n_progs)
			out_char(out, '\n');
		print_prog_header(out, prog);
	}
	dump->n_progs++;
	if (!has_frame(dump))
		return;
	sink_open_record(dump->sink, NULL);
	print_fields(dump->sink, &prog_schema, prog, "recursion_misses");
	sink_open_list(dump->sink, "insns");
}

static void close_prog(struct dump *dump)
{
	if (!has_frame(dump))
		return;
	sink_close(dump->sink);
	sink_close(dump->sink);
}

static int read_image(struct dump *dump, const struct inspect_prog *prog, struct image *image,
		      struct inspect_error *err)
{
	if (prog->failed)
		return inspect_fail(err, prog->failed, "prog %u: open", prog->id);
	return image_read(dump->inspect, prog, image, err);
}

static bool needs_symbols(const struct print_code *how)
{
	return how->syntax == INSN_KERNEL || how->names;
}

/* Makes ready for printing the instructions of an image, which stays the caller's. */
static int begin_image(struct dump *dump, const struct image *image, struct inspect_error *err)
{
	const struct btf_reader *btf =
		image->btf_id ? inspect_btf_cached(dump->inspect, image->btf_id) : NULL;

	if (image->btf_id && !btf)
		note_tell(dump->how->note,
			  "prog %u: its types could not be read: no prototypes and source lines",
			  image->prog_id);
	if (dump->how->syntax == INSN_KERNEL)
		dump->names = refs_names(&dump->refs);
	lines_init(&dump->lines, image, btf);
	if ((needs_symbols(dump->how) && refs_want(&dump->refs, image)) ||
	    refs_begin(&dump->refs, image, btf))
		return inspect_fail(err, ENOMEM, "prog %u", image->prog_id);
	return 0;
}

static int dump_prog(struct dump *dump, const struct inspect_prog *prog, struct inspect_error *err)
{
	AUTO(image_done) struct image image = { 0 };

	int r = read_image(dump, prog, &image, err);
	if (!r)
		r = begin_image(dump, &image, err);
	if (r < 0 && dump->is_single)
		return r;
	if (dump->is_single)
		print_open(&dump->printer, false);
	open_prog(dump, prog);
	if (!r) {
		print_insns(dump, &image);
	} else {
		dump->some_failed = true;
		if (dump->how->fail)
			dump->how->fail(dump->how->context, err);
	}
	close_prog(dump);
	if (dump->is_single)
		print_close(&dump->printer, false);
	return buf_failed(&dump->text) ? inspect_fail(err, ENOMEM, "prog %u", prog->id) : 0;
}

/* Asks for the names that several programs need. */
static int want_all(struct dump *dump, const struct inspect_ref *ref, struct inspect_error *err)
{
	struct inspect_list *list;
	struct inspect_prog prog;

	int r = inspect_list_new(dump->inspect, ref, INSPECT_WANT_FD, &list, err);
	if (r < 0)
		return r;
	while (!r && inspect_list_next(list, &prog, NULL) > 0) {
		struct image image = { 0 };

		if (!read_image(dump, &prog, &image, NULL) && refs_want(&dump->refs, &image))
			r = inspect_fail(err, ENOMEM, "prog %u", prog.id);
		image_done(&image);
		inspect_prog_done(&prog);
	}
	inspect_list_free(list);
	return r;
}

static int dump_progs(struct dump *dump, struct inspect_list *list, struct inspect_error *err)
{
	struct inspect_prog prog;
	int r;

	if (!dump->is_single)
		print_open(&dump->printer, false);
	while ((r = inspect_list_next(list, &prog, err)) > 0) {
		r = dump_prog(dump, &prog, err);
		inspect_prog_done(&prog);
		if (r < 0 || sink_error(dump->sink))
			break;
	}
	if (!dump->is_single)
		print_close(&dump->printer, false);
	return r < 0 ? r : 0;
}

int print_xlated(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
		 const struct print_code *how, struct inspect_error *err)
{
	AUTO(dump_done)
	struct dump dump = {
		.inspect = inspect,
		.sink = sink,
		.how = how,
		.refs = { .inspect = inspect, .note = how->note },
	};
	struct inspect_list *list;

	ERROR_NEEDED(err);
	int r = print_init(&dump.printer, sink, &insn_schema, err);
	if (r < 0)
		return r;
	r = inspect_list_new(inspect, ref, INSPECT_WANT_FD | INSPECT_WANT_FULL_NAME, &list, err);
	if (r < 0)
		return r;
	dump.is_single = inspect_list_is_single(list);
	if (!dump.is_single && needs_symbols(how))
		r = want_all(&dump, ref, err);
	if (!r)
		r = dump_progs(&dump, list, err);
	inspect_list_free(list);
	return r < 0 ? r : dump.some_failed;
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
	if (!r)
		r = begin_image(&dump, &image, err);
	return r ? r : draw(&dump, &image, kind, err);
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
