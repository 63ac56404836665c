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
#include "code/refs.h"
#include "code/shown.h"
#include "code/text.h"
#include "code/walk.h"
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
	print_record(&dump->walk->printer, &shown);
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
