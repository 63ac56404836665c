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
#include "code/refs.h"
#include "code/shown.h"
#include "code/text.h"
#include "out/file.h"
#include "records/one.h"

#define S struct shown_insn

static const struct field insn_fields[] = {
	FIELD(S, prog_id, "prog_id", "the program it belongs to", .flags = FIELD_STRICT,
	      .column = "prog"),
	SHOWN_FIELDS,
	FIELD_IF(SHOWN_MAP, S, map_id, "map_id",
		 "the map whose address, or whose value's, it loads"),
	FIELD_IF(SHOWN_MAP_NAME, S, map_name, "map_name", "that map's name"),
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

static void find_map(struct dump *dump, const struct insn *insn, struct shown_insn *out)
{
	out->map_id = refs_map_id(insn);
	if (!out->map_id)
		return;
	out->have |= SHOWN_MAP;
	out->map_name = refs_map_name(&dump->refs, out->map_id);
	if (out->map_name && *out->map_name)
		out->have |= SHOWN_MAP_NAME;
}

static void print_text(struct dump *dump, const struct insn *insn)
{
	dump->text.size = 0;
	insn_print(insn, dump->how->syntax, &dump->names, &dump->text);
}

static void print_insn(struct dump *dump, const struct insn *insn)
{
	bool is_plain = dump->sink->form == SINK_PLAIN;
	struct shown_insn shown;

	shown_begin(&shown, insn, dump->how, &dump->lines, &dump->proto);
	shown.prog_id = dump->refs.image->prog_id;
	print_text(dump, insn);
	if (is_plain && dump->how->names)
		text_add_names(&dump->text, &dump->refs, insn, dump->how->syntax);
	buf_add_char(&dump->text, '\0');
	shown.disasm = buf_failed(&dump->text) ? "" : dump->text.bytes;
	if (is_plain) {
		shown_put(&shown, dump->how, dump->sink->out);
		return;
	}
	find_map(dump, insn, &shown);
	print_record(&dump->printer, &shown);
}

static void print_insns(struct dump *dump, const struct image *image)
{
	struct insn_stream stream = image_stream(image);
	struct insn insn;

	for (uint32_t i = 0; i < stream.count && !sink_error(dump->sink); i += insn.length) {
		insn_decode(&stream, i, &insn);
		print_insn(dump, &insn);
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
