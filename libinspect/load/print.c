/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.c - loading as a command does it: load, pin, and tell
 */
#include "load/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "code/insn.h"
#include "code/text.h"
#include "load/explain.h"
#include "load/load.h"
#include "load/pin.h"
#include "load/reason.h"

enum loaded_has {
	LOADED_ID = 1,
	LOADED_TYPE_NAME = 2,
	LOADED_PINNED = 4,
	LOADED_SECTION = 8,
	LOADED_REUSED = 16,
	LOADED_COUNTS = 32,
	LOADED_TIME = 64,
};

struct loaded_fact {
	unsigned have;
	const char *object; /* "program" */
	const char *name;
	const char *type;
	unsigned type_id;
	unsigned id;
	const char *section;
	bool is_reused;
	struct inspect_strings pinned;
	unsigned long long insns_processed, total_states, peak_states, mark_read;
	unsigned long long verification_time_us;
	const char *stack_depth;
};

#define L struct loaded_fact

static const struct field loaded_fields[] = {
	FIELD(L, object, "object", "program, map or link"),
	FIELD_IF(LOADED_ID, L, id, "id", "its id"),
	FIELD(L, name, "name", "in the object file; a link has its program's"),
	FIELD_IF(LOADED_TYPE_NAME, L, type, "type", "its type"),
	FIELD(L, type_id, "type_id", "the same as the kernel numbers it"),
	FIELD_IF(LOADED_SECTION, L, section, "section", "the section that a program was in"),
	FIELD_IF(LOADED_REUSED, L, is_reused, "reused", "was the map there before?"),
	FIELD_IF(LOADED_PINNED, L, pinned, "pinned", "where it was pinned"),
	FIELD_IF(LOADED_COUNTS, L, insns_processed, "insns_processed",
		 "instructions that the verifier went through, on all paths (-d)"),
	FIELD_IF(LOADED_COUNTS, L, total_states, "total_states", "states that it looked at (-d)"),
	FIELD_IF(LOADED_COUNTS, L, peak_states, "peak_states", "states that it kept, at most (-d)"),
	FIELD_IF(LOADED_COUNTS, L, mark_read, "mark_read",
		 "marks of registers that were read (-d)"),
	FIELD_IF(LOADED_TIME, L, verification_time_us, "verification_time_us",
		 "how long that took, microseconds (-d)"),
	FIELD(L, stack_depth, "stack_depth",
	      "bytes of stack, of each function, or of the deepest chain of calls (-d)",
	      .flags = FIELD_OPTIONAL),
};

const struct schema loaded_schema = {
	.name = "loaded",
	.fields = loaded_fields,
	.n = sizeof(loaded_fields) / sizeof(*loaded_fields),
	.columns = "object,id,name,type,section,pinned",
	.have_at = offsetof(struct loaded_fact, have),
	.failed_at = -1,
	.id_at = -1,
};

/* What is told of, one after the other. */
struct telling {
	struct inspect *inspect;
	struct printer printer;
	const struct pinning *pinning;
	const char **paths; /* room for all pins */
	bool has_counts;    /* what verifying took was asked for */
};

static unsigned id_of(const struct telling *telling, int fd)
{
	struct {
		uint32_t type, id;
		unsigned char more[504]; /* of any kind of object */
	} info = { 0 };
	uint32_t length = sizeof(info);

	return fd < 0 || sys_info(&telling->inspect->sys, fd, &info, &length) ? 0 : info.id;
}

static unsigned link_type_of(const struct telling *telling, int fd)
{
	struct abi_link_info info = { 0 };
	uint32_t length = sizeof(info);

	return sys_info(&telling->inspect->sys, fd, &info, &length) ? 0 : info.type;
}

/* Where what has this descriptor was pinned. */
static void find_pins(const struct telling *telling, int fd, struct loaded_fact *fact)
{
	unsigned n = 0;

	for (unsigned i = 0; i < telling->pinning->n; i++)
		if (telling->pinning->pins[i].fd == fd)
			telling->paths[n++] = telling->pinning->pins[i].path;
	fact->pinned = (struct inspect_strings){ telling->paths, n };
	fact->have |= n ? LOADED_PINNED : 0;
}

static void tell(struct telling *telling, struct loaded_fact *fact, enum names_set set, int fd)
{
	struct inspect *inspect = telling->inspect;

	fact->id = id_of(telling, fd);
	fact->type = names_get(&inspect->names, &inspect->sys, set, fact->type_id);
	fact->have |= (fact->id ? LOADED_ID : 0) | (fact->type ? LOADED_TYPE_NAME : 0);
	find_pins(telling, fd, fact);
	print_record(&telling->printer, fact);
}

static void tell_link(struct telling *telling, const char *name, int fd)
{
	struct loaded_fact fact = {
		.object = "link",
		.name = name,
		.type_id = link_type_of(telling, fd),
	};

	tell(telling, &fact, NAMES_LINK_TYPE, fd);
}

static void add_counts(struct loaded_fact *fact, const struct inspect_verdict *counts)
{
	if (counts->have & INSPECT_VERDICT_HAS_COUNTS)
		fact->have |= LOADED_COUNTS;
	if (counts->have & INSPECT_VERDICT_HAS_TIME)
		fact->have |= LOADED_TIME;
	fact->insns_processed = counts->insns_processed;
	fact->total_states = counts->total_states;
	fact->peak_states = counts->peak_states;
	fact->mark_read = counts->mark_read;
	fact->verification_time_us = counts->verification_time_us;
	fact->stack_depth = counts->stack_depth;
}

static void tell_prog(struct telling *telling, const struct loaded *loaded,
		      const struct loaded_prog *prog)
{
	AUTO(inspect_verdict_done) struct inspect_verdict counts = { 0 };
	struct loaded_fact fact = {
		.have = LOADED_SECTION,
		.object = "program",
		.name = prog->name,
		.type_id = prog->type,
		.section = prog->section,
	};

	if (prog->fd < 0)
		return;
	if (telling->has_counts && explain_counts(loaded, prog->name, &counts))
		add_counts(&fact, &counts);
	tell(telling, &fact, NAMES_PROG_TYPE, prog->fd);
	if (prog->link_fd >= 0)
		tell_link(telling, prog->name, prog->link_fd);
}

static void tell_map(struct telling *telling, const struct loaded_map *map)
{
	struct loaded_fact fact = {
		.have = LOADED_REUSED,
		.object = "map",
		.name = map->name,
		.type_id = map->type,
		.is_reused = map->is_reused,
	};

	if (map->fd >= 0)
		tell(telling, &fact, NAMES_MAP_TYPE, map->fd);
}

static int tell_all(struct inspect *inspect, struct sink *sink, const struct print_load *how,
		    const struct loaded *loaded, const struct pinning *pinning,
		    struct inspect_error *err)
{
	autofree const char **paths = calloc(pinning->n + 1, sizeof(*paths));
	struct telling telling = {
		.inspect = inspect, .pinning = pinning, .paths = paths, .has_counts = how->debug
	};

	if (sink->form == SINK_PLAIN || sink->form == SINK_JSON) {
		explain_print_counts(loaded, how->debug);
		return 0;
	}
	if (!paths)
		return inspect_fail(err, ENOMEM, "tell what was loaded");
	int r = print_init(&telling.printer, sink, &loaded_schema, err);
	if (r < 0)
		return r;
	print_open(&telling.printer, false);
	for (unsigned i = 0; i < loaded->n_progs; i++)
		tell_prog(&telling, loaded, &loaded->progs[i]);
	for (unsigned i = 0; i < loaded->n_maps; i++)
		tell_map(&telling, &loaded->maps[i]);
	print_close(&telling.printer, false);
	return 0;
}

/* Text of several lines, each safe for a terminal. */
static void put_lines(struct out *out, const char *mark, const char *text, size_t size)
{
	while (size) {
		const char *stop = memchr(text, '\n', size);
		size_t n = stop ? (size_t)(stop - text) : size;

		out_fmt(out, "%s", mark);
		for (const char *at = text; at < text + n;) {
			const char *tab = memchr(at, '\t', (size_t)(text + n - at));
			size_t part = (size_t)((tab ? tab : text + n) - at);

			out_safe(out, at, part);
			if (tab)
				out_char(out, '\t');
			at += part + (tab ? 1 : 0);
		}
		out_char(out, '\n');
		text += n + (stop ? 1 : 0);
		size -= n + (stop ? 1 : 0);
	}
}

static void put_debug(struct out *out, const struct loaded *loaded)
{
	put_lines(out, "libbpf: ", loaded->said.bytes, loaded->said.size);
	for (unsigned i = 0; i < loaded->n_logs; i++) {
		const struct load_log *log = &loaded->logs[i];

		out_fmt(out, "prog '%s': -- BEGIN PROG LOAD LOG --\n", log->prog);
		put_lines(out, "", log->text, log->size);
		out_fmt(out, "-- END PROG LOAD LOG --\n");
	}
}

/* The instructions of the program that did the loading, as a dump of translated ones has them. */
static void put_loader(struct out *out, const struct buf *loader)
{
	struct insn_stream stream = insn_stream_of(loader->bytes, loader->size);
	AUTO(buf_done) struct buf text = { 0 };
	struct insn_names names = { 0 };
	struct insn insn;

	for (uint32_t i = 0; i < stream.count && !buf_failed(&text); i += insn.length) {
		insn_decode(&stream, i, &insn);
		text.size = 0;
		insn_print(&insn, INSN_KERNEL, &names, &text);
		text_put_index(out, i);
		out_safe(out, text.bytes, text.size);
		out_char(out, '\n');
	}
}

/* A log that cannot be written is an error of its own, unless there is one. */
static int save_log(const struct print_load *how, const struct loaded *loaded, int r,
		    struct inspect_error *err)
{
	struct inspect_error own = { 0 };

	if (!how->log_file || loaded->step < LOAD_LOAD)
		return r;
	int saved = explain_save(loaded, how->log_file, r < 0 ? &own : err);
	if (r < 0 && saved < 0)
		note_tell(how->note, "%s: the log was not written", how->log_file);
	return r < 0 ? r : saved;
}

/* The log is written before anything is pinned: where that fails, nothing is left. */
static int load_and_pin(struct inspect *inspect, const struct print_load *how,
			const struct pin_spec *pins, struct loaded *loaded, struct pinning *pinning,
			struct inspect_error *err)
{
	int r = load_begin(how->spec, loaded, err);
	if (!r)
		r = pin_check(pins, &loaded->file, err);
	if (!r)
		r = load_object(inspect, how->spec, loaded, err);
	r = save_log(how, loaded, r, err);
	return r ? r : pin_loaded(inspect, pins, loaded, how->note, pinning, err);
}

int print_load(struct inspect *inspect, struct sink *sink, const struct print_load *how,
	       struct inspect_error *err)
{
	const struct pin_spec pins = {
		.path = how->path,
		.maps_dir = how->maps_dir,
		.is_all = how->is_all,
		.no_mount = how->no_mount,
	};
	AUTO(loaded_done) struct loaded loaded = { 0 };
	AUTO(pinning_done) struct pinning pinning = { 0 };
	AUTO(buf_done) struct buf btf = { 0 };

	ERROR_NEEDED(err);
	int r = load_and_pin(inspect, how, &pins, &loaded, &pinning, err);
	if (!r && reason_add_btf(&loaded, &btf))
		note_tell(how->note, "%s", btf.bytes);
	if (how->debug)
		put_debug(how->debug, &loaded);
	if (how->debug && sink->form == SINK_PLAIN && loaded.loader.size)
		put_loader(sink->out, &loaded.loader);
	if (r < 0)
		explain_failure(&loaded, sink, how->people, err);
	return r ? r : tell_all(inspect, sink, how, &loaded, &pinning, err);
}
