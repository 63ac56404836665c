/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * command.h - the one table of commands
 *
 * A command is declared once. Dispatch, abbreviations, usage, help and completion read its entry.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "inspect.h"
#include "out/sink.h"
#include "stop.h"

#define CLI_ENOTBUILT (INSPECT_EUSAGE + 1) /* a command of bpftool's that bpflens lacks so far */

struct options {
	enum sink_form form;
	bool is_pretty;
	bool is_compatible_asked; /* -j or -p */
	bool is_output_asked;	  /* -o */
	bool wants_version;
	bool wants_help;
	bool wants_pins;
	bool no_mount;
	bool is_debug;
	bool use_loader;
	bool is_lenient;
	const char *base_btf;
	const char *columns;
};

/* What a command works with. */
struct cli {
	struct inspect *inspect;
	struct sink *sink;
	struct out *out;
	struct out *err;
	const char *program; /* the name in usage texts */
	bool is_bpftool;     /* called by that name, and behaving so */
	struct options options;
	struct stop stop;
	unsigned n_batches; /* around the command that runs */
	int told; /* the error of a command in a batch: it was reported, and counts for the status */
};

enum param_kind {
	PARAM_OBJECT,	/* struct inspect_ref: words that name an object */
	PARAM_COUNT,	/* unsigned long long: the word, then a number of at least 1 */
	PARAM_FLAG,	/* bool: the word alone */
	PARAM_NUMBER,	/* struct given_number: the word, then a number of at most max */
	PARAM_TEXT,	/* const char *: the word, then any other */
	PARAM_MAP_TYPE, /* the same, and the other is a type of map */
	PARAM_PATH,	/* const char *: a path */
	PARAM_BTF,	/* struct given_btf: the word, then a path, or "id" and an id */
	PARAM_IDS,	/* struct given_ids: the word, then an id; it may be there again */
	PARAM_TYPES,	/* struct inspect_btf_spec: words that name a source of types */
	PARAM_WORDS,	/* struct inspect_words: all that is left */
	PARAM_SOURCES,	/* the same: sources of types */
	PARAM_PATHS,	/* the same: paths, at least one, up to a word of the command's */
	PARAM_SECTION, /* const char *: the word, then what a section with a program may be called */
	PARAM_DEVICE,  /* const char *: the word, then the name of a network device */
	PARAM_REUSE,   /* struct given_reuse: the word, which map of an object, and a map */
	PARAM_HOOK,    /* struct inspect_words: a hook, its target and what goes with it */
	PARAM_CHOICE,  /* const char *: one of its keywords, which may be shortened; whole here */
};

struct given_number {
	bool is_there;
	unsigned long long value;
};

#define GIVEN_IDS 16

struct given_ids {
	unsigned n;
	unsigned ids[GIVEN_IDS];
};

#define GIVEN_REUSE 64

struct given_reuse {
	unsigned n;
	struct inspect_reuse reuse[GIVEN_REUSE];
};

struct given_btf {
	const char *file;
	unsigned id;
};

struct param {
	const char *word;  /* NULL: it has its place and no word */
	const char *value; /* what usage calls the value, or NULL */
	const char *help;
	size_t offset; /* in the command's argument struct */
	enum param_kind kind;
	enum inspect_kind object;
	bool is_optional;
	unsigned long long max;	    /* of a number; of files */
	const char *const *choices; /* PARAM_CHOICE: the words, and NULL behind them */
	const char *label;	    /* PARAM_WORDS: what help calls them */
	const char *keywords;	    /* what may stand there, parted by blanks; NULL: anything */
	/* PARAM_WORDS and PARAM_TEXT: offers what may come next, in place of the keywords; or NULL */
	void (*complete)(struct inspect *inspect, const struct inspect_words *words,
			 const char *typed, void (*offer)(void *context, const char *word),
			 void *context);
};

struct schema;

#define COMMAND_EMITS 3

struct command {
	const char *verb;
	const char *alias;
	const char *summary;
	const struct param *params;
	size_t n_params;
	size_t args_size;
	bool is_unambiguous; /* a shortened word must fit one alone, rather than the first */
	const struct schema *emits[COMMAND_EMITS]; /* the records that it puts out, if any */
	int (*run)(struct cli *cli, const void *args, struct inspect_error *err);
};

struct noun {
	const char *word;
	const char *summary;
	const struct command *commands;
	size_t n;
	bool is_verbless; /* the word is the whole command: its only entry */
};

#define ARG(type, member, what, text)                                                              \
	{                                                                                          \
		.value = &#what[sizeof("INSPECT_") - 1], .help = (text),                           \
		.offset = offsetof(type, member), .kind = PARAM_OBJECT, .object = (what)           \
	}
#define ARG_OPTIONAL(type, member, what, text)                                                     \
	{                                                                                          \
		.value = &#what[sizeof("INSPECT_") - 1], .help = (text),                           \
		.offset = offsetof(type, member), .kind = PARAM_OBJECT, .object = (what),          \
		.is_optional = true                                                                \
	}
#define WORD_COUNT(type, member, name, text)                                                       \
	{                                                                                          \
		.word = (name), .value = "COUNT", .help = (text),                                  \
		.offset = offsetof(type, member), .kind = PARAM_COUNT, .is_optional = true         \
	}
#define WORD_FLAG(type, member, name, text)                                                        \
	{                                                                                          \
		.word = (name), .help = (text), .offset = offsetof(type, member),                  \
		.kind = PARAM_FLAG, .is_optional = true                                            \
	}
#define WORD_NUMBER(type, member, name, most, text)                                                \
	{                                                                                          \
		.word = (name), .value = "N", .help = (text), .offset = offsetof(type, member),    \
		.kind = PARAM_NUMBER, .is_optional = true, .max = (most)                           \
	}
/* A word and its value, of the kinds whose argument is text: PARAM_TEXT and those below it. */
#define WORD_VALUE(as, type, member, name, what, text)                                             \
	{                                                                                          \
		.word = (name), .value = (what), .help = (text), .offset = offsetof(type, member), \
		.kind = (as), .is_optional = true                                                  \
	}
/* A word behind which one of those in @words stands. */
#define WORD_OF(type, member, name, what, text, words)                                             \
	{                                                                                          \
		.word = (name), .value = (what), .help = (text), .offset = offsetof(type, member), \
		.kind = PARAM_TEXT, .is_optional = true, .keywords = (words)                       \
	}
#define WORD_BY(type, member, name, what, text, how)                                               \
	{                                                                                          \
		.word = (name), .value = (what), .help = (text), .offset = offsetof(type, member), \
		.kind = PARAM_TEXT, .is_optional = true, .complete = (how)                         \
	}
#define WORD_NEEDED(as, type, member, name, what, text)                                            \
	{                                                                                          \
		.word = (name), .value = (what), .help = (text), .offset = offsetof(type, member), \
		.kind = (as)                                                                       \
	}
#define WORD_OBJECT(type, member, name, what, text)                                                \
	{                                                                                          \
		.word = (name), .value = &#what[sizeof("INSPECT_") - 1], .help = (text),           \
		.offset = offsetof(type, member), .kind = PARAM_OBJECT, .object = (what),          \
		.is_optional = true                                                                \
	}
#define ARG_PATH(type, member, what, text)                                                         \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_PATH                                                                 \
	}
/* The same where a word of the command may stand in its place; that word is no path then. */
#define ARG_PATH_OPTIONAL(type, member, what, text)                                                \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_PATH, .is_optional = true                                            \
	}
#define ARG_TEXT(type, member, what, text)                                                         \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_TEXT                                                                 \
	}
/* The same; @words are offered by completion. */
#define ARG_TEXT_OF(type, member, what, text, words)                                               \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_TEXT, .keywords = (words)                                            \
	}
/* The same where a word of the command may stand in its place; @words are offered by completion. */
#define ARG_TEXT_OPTIONAL(type, member, what, text, words)                                         \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_TEXT, .is_optional = true, .keywords = (words)                       \
	}
/* A source of types; of files, @most may be named. */
#define ARG_TYPES_AS(type, member, what, most, text)                                               \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_TYPES, .max = (most)                                                 \
	}
#define ARG_TYPES(type, member, most, text) ARG_TYPES_AS(type, member, "SRC", most, text)
/* One word of several: in a place of its own, or behind another. */
#define ARG_CHOICE(type, member, what, text, words)                                                \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_CHOICE, .choices = (words)                                           \
	}
#define ARG_CHOICE_OPTIONAL(type, member, what, text, words)                                       \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_CHOICE, .choices = (words), .is_optional = true                      \
	}
#define WORD_CHOICE(type, member, name, what, text, words)                                         \
	{                                                                                          \
		.word = (name), .value = (what), .help = (text), .offset = offsetof(type, member), \
		.kind = PARAM_CHOICE, .choices = (words), .is_optional = true                      \
	}
/* All words that are left; @name is what help calls them, @what their usage, @words those that completion offers. */
#define ARG_WORDS(type, member, name, what, text, words)                                           \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_WORDS, .label = (name), .keywords = (words)                          \
	}
/* The same, where @how offers what may come next. */
#define ARG_WORDS_BY(type, member, name, what, text, how)                                          \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_WORDS, .label = (name), .complete = (how)                            \
	}
#define ARG_HOOK(type, member, what, text)                                                         \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_HOOK                                                                 \
	}
#define ARG_SOURCES(type, member, what, text)                                                      \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_SOURCES                                                              \
	}
#define ARG_PATHS(type, member, what, text)                                                        \
	{                                                                                          \
		.value = (what), .help = (text), .offset = offsetof(type, member),                 \
		.kind = PARAM_PATHS                                                                \
	}
#define PARAMS(type, table)                                                                        \
	.params = (table), .n_params = sizeof(table) / sizeof(*(table)), .args_size = sizeof(type)

/* A command that bpftool has and bpflens will have: its abbreviations are taken already. */
#define NOT_BUILT(name, text)                                                                      \
	{                                                                                          \
		.verb = (name), .summary = (text)                                                  \
	}
#define HELP_COMMAND                                                                               \
	{                                                                                          \
		.verb = "help", .summary = "show this"                                             \
	}

/* The whole table, in the order in which abbreviations are held against it. */
extern const struct noun nouns[];
extern const size_t n_nouns;

/* Each cmd/NOUN.c ends with its array. */
#define BATCH_COMMANDS 2
#define PROG_COMMANDS 12
#define MAP_COMMANDS 17
#define LINK_COMMANDS 5
#define BTF_COMMANDS 5
#define OBJECT_COMMANDS 3
#define STRUCT_OPS_COMMANDS 5
#define ITER_COMMANDS 3
#define FEATURE_COMMANDS 5
#define TOKEN_COMMANDS 2
#define PIN_COMMANDS 3
#define VERSION_COMMANDS 1
extern const struct command batch_commands[BATCH_COMMANDS];
extern const struct command prog_commands[PROG_COMMANDS];
extern const struct command map_commands[MAP_COMMANDS];
extern const struct command link_commands[LINK_COMMANDS];
extern const struct command btf_commands[BTF_COMMANDS];
extern const struct command object_commands[OBJECT_COMMANDS];
extern const struct command struct_ops_commands[STRUCT_OPS_COMMANDS];
extern const struct command iter_commands[ITER_COMMANDS];
extern const struct command feature_commands[FEATURE_COMMANDS];
extern const struct command token_commands[TOKEN_COMMANDS];
extern const struct command pin_commands[PIN_COMMANDS];
extern const struct command version_commands[VERSION_COMMANDS];

/* The entry that a word means: exactly, or shortened. NULL when it means none. */
const struct noun *command_find_noun(const char *word);
const struct command *command_find_verb(const struct noun *noun, const char *word);

/* Is the entry the "help" of its noun? */
bool command_is_help(const struct command *command);

/* Carries out a command line without its options. 0, 1 (see print.h) or a negative error. */
int command_run(struct cli *cli, const char *const *words, size_t n, struct inspect_error *err);

/* Usage of everything, of a noun, or of one command. */
void help_all(const struct cli *cli, struct out *out);
void help_noun(const struct cli *cli, struct out *out, const struct noun *noun);

/* Shows help that was asked for: text, and one JSON document where that was asked for too. */
int help_show(struct cli *cli, const struct noun *noun);

#endif
