/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * map.c - commands on maps
 */
#include "command.h"

#include <string.h>

#include "base/error.h"
#include "pin.h"
#include "records/print.h"
#include "report.h"
#include "show.h"
#include "value/print.h"
#include "watch/print.h"

struct dump_args {
	struct inspect_ref map;
	unsigned long long limit;
	bool count;
	bool typed;
};

/* A verb that takes a map and words about an element. */
struct element_args {
	struct inspect_ref map;
	struct inspect_words words;
};

struct create_args {
	const char *path;
	const char *type;
	const char *name;
	struct given_number key;
	struct given_number value;
	struct given_number entries;
	struct given_number flags;
	const char *dev;
	const char *offload_dev;
	struct inspect_ref inner_map;
	struct given_btf btf;
	const char *key_type;
	const char *value_type;
	struct given_number map_extra;
	struct given_number numa;
};

struct event_args {
	struct inspect_ref map;
	struct given_number cpu;
	struct given_number index;
	const char *type;
	struct given_btf btf;
	unsigned long long count;
	unsigned long long seconds;
	bool replace;
	bool peek;
	bool consume;
};

static void fail(void *context, const struct inspect_error *error)
{
	report(context, error);
}

static int map_dump(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct dump_args *dump = args;
	const struct print_elems how = {
		.limit = dump->limit,
		.count_only = dump->count,
		.is_typed = dump->typed,
		.note = show_note,
		.fail = fail,
		.context = cli,
	};

	if (dump->count && dump->limit)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "map dump: 'limit' and 'count' exclude each other");
	int r = print_elems(cli->inspect, cli->sink, &dump->map, &how, err);
	return show_note_name(cli, &dump->map, r);
}

/* In a batch, what is read from standard input may be the batch's own lines. */
static int map_fill(struct cli *cli, const struct element_args *given,
		    const struct inspect_note *note, struct inspect_error *err)
{
	const struct inspect_words *words = &given->words;

	if (cli->n_batches && words->n > 1 && strcmp(words->words[1], "-") == 0)
		return inspect_fail(err, INSPECT_EUSAGE, "'from -' has no place in a batch");
	return print_fill(cli->inspect, cli->sink, &given->map, words, note, err);
}

static int map_update(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct element_args *given = args;
	const struct inspect_note note = { show_note_text, cli };

	int r = print_fill_begins(&given->words)
			? map_fill(cli, given, &note, err)
			: inspect_map_update(cli->inspect, &given->map, &given->words, &note, err);
	return show_note_name(cli, &given->map, r);
}

static int map_delete(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct element_args *given = args;

	int r = inspect_map_delete(cli->inspect, &given->map, &given->words, err);
	return show_note_name(cli, &given->map, r);
}

static int map_lookup(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct element_args *given = args;
	const struct inspect_note note = { show_note_text, cli };

	int r = print_lookup(cli->inspect, cli->sink, &given->map, &given->words, &note, err);
	return show_note_name(cli, &given->map, r);
}

static int map_getnext(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct element_args *given = args;
	const struct inspect_note note = { show_note_text, cli };

	int r = print_next_key(cli->inspect, cli->sink, &given->map, &given->words, &note, err);
	return show_note_name(cli, &given->map, r);
}

static int map_pop(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct element_args *given = args;
	const struct inspect_note note = { show_note_text, cli };

	int r = print_pop(cli->inspect, cli->sink, &given->map, &given->words, &note, err);
	return show_note_name(cli, &given->map, r);
}

static int map_freeze(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct show_args *given = args;

	int r = inspect_map_freeze(cli->inspect, &given->ref, err);
	return show_note_name(cli, &given->ref, r);
}

static int map_create(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct create_args *given = args;
	const struct inspect_note note = { show_note, cli };
	const struct inspect_map_spec spec = {
		.have = (given->numa.is_there ? INSPECT_SPEC_HAS_NUMA_NODE : 0) |
			(given->inner_map.by != INSPECT_BY_ALL ? INSPECT_SPEC_HAS_INNER : 0),
		.type = given->type,
		.name = given->name,
		.key_bytes = (unsigned)given->key.value,
		.value_bytes = (unsigned)given->value.value,
		.max_entries = (unsigned)given->entries.value,
		.flags = (unsigned)given->flags.value,
		.device = given->dev ? given->dev : given->offload_dev,
		.inner_map = given->inner_map,
		.btf_file = given->btf.file,
		.btf_id = given->btf.id,
		.key_type = given->key_type,
		.value_type = given->value_type,
		.map_extra = given->map_extra.value,
		.numa_node = (unsigned)given->numa.value,
	};

	if (!spec.type)
		return inspect_fail(err, INSPECT_EUSAGE, "map create: map type not specified");
	if (!spec.name)
		return inspect_fail(err, INSPECT_EUSAGE, "map create: map name not specified");
	if (given->dev && given->offload_dev)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "map create: offload device already specified");
	int r = inspect_map_create(cli->inspect, &spec, given->path, cli->options.no_mount, &note,
				   err);
	if (!r && strlen(spec.name) > INSPECT_MAP_NAME_BYTES)
		show_note_text(cli, "the kernel keeps the first 15 bytes of the map's name");
	return r;
}

static int map_event_pipe(struct cli *cli, const void *args, struct inspect_error *err)
{
	const struct event_args *given = args;
	const struct inspect_note note = { show_note_text, cli };
	const struct print_events how = {
		.has_slot = given->cpu.is_there,
		.cpu = (unsigned)given->cpu.value,
		.index = (unsigned)given->index.value,
		.may_replace = given->replace,
		.is_look = given->peek,
		.is_take = given->consume,
		.type = given->type,
		.btf_file = given->btf.file,
		.btf_id = given->btf.id,
		.count = given->count,
		.seconds = given->seconds,
		.until = &cli->stop.until,
		.note = &note,
	};

	if (given->cpu.is_there != given->index.is_there)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "cpu and index must be specified together");
	int r = stop_begin(cli, err);
	if (r < 0)
		return r;
	r = print_events(cli->inspect, cli->sink, &given->map, &how, err);
	return show_note_name(cli, &given->map, stop_end(cli, r));
}

static const struct param show_params[] = {
	ARG_OPTIONAL(struct show_args, ref, INSPECT_MAP, "only these maps"),
	WORD_FLAG(struct show_args, no_owners, "no-owners",
		  "do not look for the processes that hold them"),
};

static const struct param dump_params[] = {
	ARG(struct dump_args, map, INSPECT_MAP,
	    "the map to read; of one name there may be several"),
	WORD_COUNT(struct dump_args, limit, "limit", "stop after COUNT elements"),
	WORD_FLAG(struct dump_args, count, "count", "print only how many elements there are"),
	WORD_FLAG(struct dump_args, typed, "typed",
		  "show a map without BTF by the types that a program has for it"),
};

#define E struct element_args
#define DATA_TEXT "[hex] BYTE..., or u32=5, @FILE, an address, JSON"

static const struct param update_params[] = {
	ARG(E, map, INSPECT_MAP, "the map; a name must fit one alone"),
	ARG_WORDS(
		E, words, "DATA",
		"[typed] [key DATA] [value DATA|MAP|PROG] [from FILE] [any|exist|noexist] [cpu N]",
		DATA_TEXT "; cpu N: one value; FILE: a dump",
		"key value hex from any noexist exist cpu typed"),
};

static const struct param lookup_params[] = {
	ARG(E, map, INSPECT_MAP, "the map; a name must fit one alone"),
	ARG_WORDS(E, words, "DATA", "[typed] [key DATA] [value DATA] [cpu N]",
		  DATA_TEXT "; a value for filters", "key value hex cpu typed"),
};

static const struct param key_params[] = {
	ARG(E, map, INSPECT_MAP, "the map; a name must fit one alone"),
	ARG_WORDS(E, words, "DATA", "[typed] [key DATA]", DATA_TEXT, "key hex typed"),
};

static const struct param delete_params[] = {
	ARG(E, map, INSPECT_MAP, "the map; a name must fit one alone"),
	ARG_WORDS(E, words, "DATA", "[typed] key DATA", DATA_TEXT, "key hex typed"),
};

static const struct param freeze_params[] = {
	ARG(struct show_args, ref, INSPECT_MAP, "the map; a name must fit one alone"),
};

static const struct param pin_params[] = {
	ARG(struct pin_args, ref, INSPECT_MAP, "the map; a name must fit one alone"),
	ARG_PATH(struct pin_args, path, "FILE", "the new path, in a BPF file system"),
};

#define P struct event_args

static const struct param event_params[] = {
	ARG(P, map, INSPECT_MAP, "a perf event array or a ring buffer; a name must fit one alone"),
	WORD_NUMBER(P, cpu, "cpu", 0x7fffffff, "perf event arrays: events of this CPU alone"),
	WORD_NUMBER(P, index, "index", 0xffffffff, "the slot of the map that they come through"),
	WORD_VALUE(PARAM_TEXT, P, type, "type", "TYPE", "show events as this type has them"),
	WORD_VALUE(PARAM_BTF, P, btf, "btf", "FILE|id ID",
		   "where the type is, if not in a program that uses the map"),
	WORD_COUNT(P, count, "count", "end after COUNT events"),
	WORD_VALUE(PARAM_COUNT, P, seconds, "duration", "SECONDS", "end after so many seconds"),
	WORD_FLAG(P, replace, "replace",
		  "perf event arrays: take slots that others read, who get nothing any more"),
	WORD_FLAG(P, peek, "peek", "ring buffers: leave the records in it"),
	WORD_FLAG(P, consume, "consume",
		  "take records out of a ring buffer also where others have it"),
};

#define C struct create_args

static const struct param create_params[] = {
	ARG_PATH(C, path, "FILE", "where to pin it, in a BPF file system"),
	WORD_NEEDED(PARAM_MAP_TYPE, C, type, "type", "TYPE", "type of the map"),
	WORD_NEEDED(PARAM_TEXT, C, name, "name", "NAME", "its name, of which 15 bytes are kept"),
	WORD_NUMBER(C, key, "key", 0xffffffff, "bytes of a key"),
	WORD_NUMBER(C, value, "value", 0xffffffff, "bytes of a value"),
	WORD_NUMBER(C, entries, "entries", 0xffffffff, "most elements it can hold"),
	WORD_NUMBER(C, flags, "flags", 0xffffffff, "flags, as the kernel numbers them"),
	WORD_VALUE(PARAM_DEVICE, C, dev, "dev", "IFNAME", "older word for offload_dev"),
	WORD_VALUE(PARAM_DEVICE, C, offload_dev, "offload_dev", "IFNAME",
		   "the network device to keep it on"),
	WORD_OBJECT(C, inner_map, "inner_map", INSPECT_MAP,
		    "a map like those that a map of maps is to hold"),
	WORD_VALUE(PARAM_BTF, C, btf, "btf", "FILE|id ID", "where the types below are"),
	WORD_VALUE(PARAM_TEXT, C, key_type, "key_type", "TYPE",
		   "type of a key: a name or a number"),
	WORD_VALUE(PARAM_TEXT, C, value_type, "value_type", "TYPE", "type of a value"),
	WORD_NUMBER(C, map_extra, "map_extra", 0xffffffffffffffff,
		    "what the type defines, such as a bloom filter's number of hashes"),
	WORD_NUMBER(C, numa, "numa", 0xffffffff, "the NUMA node whose memory to use"),
};

const struct command map_commands[MAP_COMMANDS] = {
	{
		.verb = "show",
		.alias = "list",
		.summary = "show maps",
		PARAMS(struct show_args, show_params),
		.emits = { &map_schema },
		.run = show_run,
	},
	HELP_COMMAND,
	{
		.verb = "dump",
		.summary = "print the elements of a map",
		PARAMS(struct dump_args, dump_params),
		.emits = { &elem_schema, &elem_count_schema },
		.run = map_dump,
	},
	{
		.verb = "update",
		.summary = "add or change an element",
		PARAMS(E, update_params),
		.emits = { &filled_schema },
		.run = map_update,
	},
	{
		.verb = "lookup",
		.summary = "print one element",
		PARAMS(E, lookup_params),
		.emits = { &elem_schema },
		.run = map_lookup,
	},
	{
		.verb = "getnext",
		.summary = "print the key after a key, or the first one",
		PARAMS(E, key_params),
		.emits = { &next_key_schema },
		.run = map_getnext,
	},
	{
		.verb = "delete",
		.summary = "delete an element",
		PARAMS(E, delete_params),
		.run = map_delete,
	},
	{
		.verb = "pin",
		.summary = "pin a map",
		PARAMS(struct pin_args, pin_params),
		.run = pin_run,
	},
	{
		.verb = "event_pipe",
		.summary = "print the events that come through a map",
		PARAMS(P, event_params),
		.emits = { &event_schema },
		.run = map_event_pipe,
	},
	{
		.verb = "create",
		.summary = "create a map and pin it",
		PARAMS(C, create_params),
		.run = map_create,
	},
	{
		.verb = "peek",
		.summary = "print the next element of a queue or a stack",
		PARAMS(E, lookup_params),
		.emits = { &elem_schema },
		.run = map_lookup,
	},
	{
		.verb = "push",
		.summary = "add an element to a stack",
		PARAMS(E, update_params),
		.emits = { &filled_schema },
		.run = map_update,
	},
	{
		.verb = "enqueue",
		.summary = "add an element to a queue",
		PARAMS(E, update_params),
		.emits = { &filled_schema },
		.run = map_update,
	},
	{
		.verb = "pop",
		.summary = "print and remove the next element of a stack",
		PARAMS(E, key_params),
		.emits = { &elem_schema },
		.run = map_pop,
	},
	{
		.verb = "dequeue",
		.summary = "print and remove the next element of a queue",
		PARAMS(E, key_params),
		.emits = { &elem_schema },
		.run = map_pop,
	},
	{
		.verb = "freeze",
		.summary = "make a map read-only for system calls, for ever",
		PARAMS(struct show_args, freeze_params),
		.run = map_freeze,
	},
	UNPIN_COMMAND(map, "remove a pin of a map"),
};
