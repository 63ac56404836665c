/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * both.c - for each source line its eBPF instructions, and the machine code that they became
 *
 * The kernel tells of each line where its instructions and where its code begin: both go on to where the next
 * line's do. Without lines, a whole function is one part.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "code/native.h"
#include "code/print.h"
#include "code/refs.h"
#include "code/text.h"

enum {
	HAS_PROTO = 1,
	HAS_SOURCE = 2,
	HAS_FILE = 4,
	HAS_LINE = 8,
	HAS_COLUMN = 16,
};

struct both {
	struct native native;
	struct refs refs;
	struct insn_stream stream;
	struct buf text;
	bool has_opcodes;
	bool failed; /* no memory */
};

/* Instructions from one slot to another, or machine code from one offset to another. */
struct range {
	struct both *both;
	const struct machine_func *func;
	uint32_t from, to;
};

/* A source line as a record. Texts are borrowed. */
struct shown_part {
	unsigned have;
	unsigned prog_id;
	unsigned line_num;
	unsigned line_col;
	const char *proto;
	const char *function;
	const char *source;
	const char *file;
	struct range xlated;
	struct range jited;
};

static void both_done(struct both *both)
{
	native_done(&both->native);
	refs_done(&both->refs);
	buf_done(&both->text);
}

static void print_insn(struct both *both, const struct insn *insn)
{
	const struct insn_names names = refs_names(&both->refs);

	both->text.size = 0;
	insn_print(insn, INSN_KERNEL, &names, &both->text);
	both->failed = both->failed || buf_failed(&both->text);
}

static void put_xlated(struct sink *sink, const char *key, const void *member)
{
	const struct range *range = member;
	struct both *both = range->both;
	struct insn insn;

	sink_open_list(sink, key);
	for (uint32_t i = range->from; i < range->to && !both->failed; i += insn.length) {
		insn_decode(&both->stream, i, &insn);
		print_insn(both, &insn);
		sink_open_record(sink, NULL);
		sink_u64(sink, "insn", i);
		sink_text(sink, "disasm", both->text.bytes, both->text.size);
		if (both->has_opcodes)
			sink_bytes(sink, "opcodes", insn.bytes, (size_t)insn.length * INSN_BYTES);
		sink_close(sink);
	}
	sink_close(sink);
}

static void put_jited_insn(struct sink *sink, const struct range *range, uint32_t offset,
			   const struct jited_insn *insn)
{
	struct both *both = range->both;

	sink_open_record(sink, NULL);
	sink_u64(sink, "pc", offset);
	sink_string(sink, "disasm", insn->text);
	if (both->has_opcodes)
		sink_bytes(sink, "opcodes", range->func->code + offset, insn->size);
	if (insn->has_target) {
		unsigned long long target = insn->target;
		const char *name = machine_name(&both->native.machine, target);

		native_put_address(sink, "target", &target);
		if (name)
			sink_string(sink, "target_name", name);
	}
	sink_close(sink);
}

static void put_jited(struct sink *sink, const char *key, const void *member)
{
	const struct range *range = member;
	struct both *both = range->both;
	struct jited_insn insn;

	sink_open_list(sink, key);
	for (uint32_t at = range->from; at < range->to; at += insn.size) {
		if (!machine_insn(&both->native.machine, range->func, at, range->to, false,
				  &insn)) {
			both->failed = true;
			break;
		}
		put_jited_insn(sink, range, at, &insn);
	}
	sink_close(sink);
}

#define S struct shown_part

static const struct field part_fields[] = {
	FIELD(S, prog_id, "prog_id", "the program it belongs to", .column = "prog"),
	FIELD_IF(HAS_PROTO, S, proto, "proto", "the function that begins here"),
	FIELD(S, function, "name", "the function, as the kernel lists it"),
	FIELD_IF(HAS_SOURCE, S, source, "src", "the source line"),
	FIELD_IF(HAS_FILE, S, file, "file", "the file it is in"),
	FIELD_IF(HAS_LINE, S, line_num, "line_num", "its number", .column = "line"),
	FIELD_IF(HAS_COLUMN, S, line_col, "line_col", "the column in it"),
	FIELD_AS(FIELD_OWN, 0, S, xlated, "xlated", "its eBPF instructions", .own = put_xlated,
		 .shape = "[{insn:u32,disasm:text,opcodes?:hex}]", .flags = FIELD_DOCUMENT),
	FIELD_AS(FIELD_OWN, 0, S, jited, "jited", "the machine code that they became",
		 .own = put_jited,
		 .shape = "[{pc:u32,disasm:text,opcodes?:hex,target?:text,target_name?:text}]",
		 .flags = FIELD_DOCUMENT),
};

const struct schema part_schema = {
	.name = "source_line",
	.fields = part_fields,
	.n = sizeof(part_fields) / sizeof(*part_fields),
	.columns = "prog_id,name,file,line_num,src",
	.have_at = offsetof(struct shown_part, have),
	.failed_at = -1,
	.id_at = -1,
};

static int want(struct walk *walk, const struct image *image)
{
	struct both *both = walk->context;

	return refs_want(&both->refs, image) || machine_want(&both->native.machine, image) ? -ENOMEM
											   : 0;
}

static int begin(struct walk *walk, const struct image *image, const struct inspect_prog *prog,
		 const struct btf_reader *btf)
{
	struct both *both = walk->context;

	both->stream = image_stream(image);
	return refs_begin(&both->refs, image, btf) ||
			       native_begin(&both->native, walk, image, prog, btf)
		       ? -ENOMEM
		       : 0;
}

static int compare_slots(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Where functions begin: what is called, and addresses that are taken of functions. Sorted, each once. */
static uint32_t find_called(const struct insn_stream *stream, uint32_t *starts)
{
	uint32_t n = 1, kept = 0;
	struct insn insn;

	starts[0] = 0;
	for (uint32_t i = 0; i < stream->count; i += insn.length) {
		insn_decode(stream, i, &insn);
		if (insn.target != INSN_NO_TARGET && insn.kind == INSN_CALL)
			starts[n++] = insn.target;
		else if (insn.target != INSN_NO_TARGET && insn.kind == INSN_CONSTANT)
			starts[n++] = insn.target;
	}
	qsort(starts, n, sizeof(*starts), compare_slots);
	for (uint32_t i = 0; i < n; i++)
		if (!kept || starts[kept - 1] != starts[i])
			starts[kept++] = starts[i];
	return kept;
}

/*
 * The slots where functions begin, and where the last one ends. Where that cannot be told, the first one has them
 * all. NULL: no memory. To be freed.
 */
static uint32_t *find_starts(const struct both *both)
{
	const struct image *image = both->native.machine.image;
	uint32_t n_funcs = machine_n_funcs(image), count = both->stream.count, n;
	uint32_t *starts = calloc((size_t)(count > n_funcs ? count : n_funcs) + 2, sizeof(*starts));

	if (!starts)
		return NULL;
	if (image->n_funcs == n_funcs) {
		memcpy(starts, image->starts, n_funcs * sizeof(*starts));
		n = n_funcs;
	} else {
		n = find_called(&both->stream, starts);
	}
	for (uint32_t i = 0; i <= n_funcs; i++)
		if (i >= n || n != n_funcs || starts[i] > count)
			starts[i] = i ? count : 0;
	return starts;
}

static void set_line(struct shown_part *part, const struct line *line)
{
	part->have |= HAS_SOURCE | HAS_FILE | (line->number ? HAS_LINE : 0) |
		      (line->column ? HAS_COLUMN : 0);
	part->source = line->text;
	part->file = line->file;
	part->line_num = line->number;
	part->line_col = line->column;
}

static void put_insns(struct both *both, struct out *out, const struct range *range)
{
	struct insn insn;

	for (uint32_t i = range->from; i < range->to && !both->failed; i += insn.length) {
		insn_decode(&both->stream, i, &insn);
		text_put_index(out, i);
		print_insn(both, &insn);
		out_bytes(out, both->text.bytes, both->text.size);
		out_char(out, '\n');
		if (!both->has_opcodes)
			continue;
		out_literal(out, "       ");
		text_put_bytes(out, insn.bytes, (size_t)insn.length * INSN_BYTES);
		out_char(out, '\n');
	}
}

/* A tab farther to the right, so that the two can be told apart. */
static void put_code(struct both *both, struct out *out, const struct range *range)
{
	struct jited_insn insn;

	for (uint32_t at = range->from; at < range->to; at += insn.size) {
		if (!machine_insn(&both->native.machine, range->func, at, range->to, true, &insn)) {
			both->failed = true;
			return;
		}
		out_char(out, '\t');
		native_put_insn(out, at, &insn);
		if (!both->has_opcodes)
			continue;
		out_char(out, '\t');
		native_put_bytes(out, range->func->code + at, insn.size);
	}
}

static void print_part(struct walk *walk, const struct shown_part *part, const struct line *line)
{
	struct both *both = walk->context;
	struct out *out = walk->sink->out;

	if (walk->sink->form != SINK_PLAIN) {
		print_record(&walk->printer, part);
		return;
	}
	if (line)
		text_put_line(out, line, walk->how->lines);
	put_insns(both, out, &part->xlated);
	put_code(both, out, &part->jited);
}

/* Ranges begin where the last ones ended. Lines are not believed to be in order. */
static void end_at(struct range *range, uint32_t place, uint32_t most)
{
	range->from = range->to;
	range->to = place < range->from ? range->from : place > most ? most : place;
}

/* Where the code of a line, and its instructions, begin; behind the last one, where the function ends. */
static void end_part(struct shown_part *part, const struct image *image,
		     const struct machine_func *func, uint32_t line, uint32_t slots_end)
{
	bool is_last = line >= func->line_end || line >= image->n_lines;

	end_at(&part->xlated, is_last ? slots_end : image->lines[line].insn_off, slots_end);
	end_at(&part->jited, is_last ? func->size : machine_line_offset(func, image, line),
	       func->size);
}

static bool is_empty(const struct shown_part *part)
{
	return part->xlated.from == part->xlated.to && part->jited.from == part->jited.to;
}

static void print_parts(struct walk *walk, struct machine_func *func, uint32_t slot,
			uint32_t slots_end, const char *proto)
{
	struct both *both = walk->context;
	const struct image *image = both->native.machine.image;
	struct shown_part part = {
		.prog_id = both->native.machine.prog->id,
		.proto = proto,
		.have = proto ? HAS_PROTO : 0,
		.function = both->native.name.bytes,
		.xlated = { both, func, slot, slot },
		.jited = { both, func, 0, 0 },
	};
	uint32_t end = both->native.lines.btf ? func->line_end : func->line;
	struct line line;

	func->line_end = end;
	end_part(&part, image, func, func->line, slots_end);
	if (!is_empty(&part)) {
		print_part(walk, &part, NULL);
		part.have &= ~(unsigned)HAS_PROTO;
	}
	for (uint32_t i = func->line; i < end && !both->failed && !sink_error(walk->sink); i++) {
		if (!lines_get(&both->native.lines, i, &line))
			continue;
		part.have &= HAS_PROTO;
		set_line(&part, &line);
		end_part(&part, image, func, i + 1, slots_end);
		print_part(walk, &part, &line);
		part.have &= ~(unsigned)HAS_PROTO;
	}
}

static int print_func(struct walk *walk, uint32_t index, const uint32_t *starts)
{
	struct both *both = walk->context;
	const char *proto = native_proto(&both->native, index);
	const char *name = native_name(&both->native, index);
	struct out *out = walk->sink->out;
	struct machine_func func;

	if (!name)
		return -ENOMEM;
	machine_func(both->native.machine.image, index, &func);
	if (walk->sink->form == SINK_PLAIN) {
		out_if(out, proto, "%s:\n", proto);
		out_fmt(out, "%s:\n", name);
	}
	print_parts(walk, &func, starts[index], starts[index + 1], proto);
	if (walk->sink->form == SINK_PLAIN)
		out_char(out, '\n');
	return both->failed ? -ENOMEM : 0;
}

static int print(struct walk *walk)
{
	struct both *both = walk->context;
	autofree uint32_t *starts = find_starts(both);
	uint32_t n = machine_n_funcs(both->native.machine.image);
	int r = starts ? 0 : -ENOMEM;

	for (uint32_t i = 0; !r && i < n && !sink_error(walk->sink); i++)
		r = print_func(walk, i, starts);
	return r;
}

int print_both(struct inspect *inspect, struct sink *sink, const struct inspect_ref *ref,
	       const struct print_code *how, struct inspect_error *err)
{
	static const struct walk_ops ops = { &part_schema, image_read_jited, want, begin, print };
	AUTO(both_done)
	struct both both = {
		.refs = { .inspect = inspect, .note = how->note },
		.has_opcodes = how->opcodes,
	};
	struct walk walk = {
		.ops = &ops,
		.context = &both,
		.inspect = inspect,
		.sink = sink,
		.how = how,
	};

	ERROR_NEEDED(err);
	if (native_init(&both.native, inspect))
		return inspect_fail(err, ENOMEM, "prog dump");
	return walk_run(&walk, ref, err);
}
