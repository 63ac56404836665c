/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * print.h - what the kernel can do, to a sink
 */
#ifndef PROBE_PRINT_H
#define PROBE_PRINT_H

#include "records/print.h"

extern const struct schema feature_schema;

/* The words of the records, and what they stand for; of other words, what says least. */
const char *print_answer_word(enum inspect_answer answer);
const char *print_reason_word(enum inspect_reason reason); /* or NULL */
const char *print_found_word(enum inspect_found found);	   /* or NULL */
enum inspect_answer print_find_answer(const char *word);
enum inspect_reason print_find_reason(const char *word);
enum inspect_found print_find_found(const char *word);

/* Words of `feature probe`. */
struct print_probe {
	struct inspect_probe probe;
	struct inspect_question *questions; /* owned */
	bool is_macros;
	const char *prefix; /* of macros, or NULL */
};

/*
 * Reads the words: kernel, dev NAME, full, unprivileged, macros [prefix PREFIX], which may be shortened; and questions: a kind, a name and,
 * for what is for a type, "for" and the type. -INSPECT_EUSAGE or -ENOMEM; print_probe_done() has to follow.
 */
int print_probe_words(const struct inspect_words *words, struct print_probe *out,
		      struct inspect_error *err);
void print_probe_done(struct print_probe *probe);

#define PRINT_CANNOT_TELL 3

/*
 * Asks, and prints the answers: everything, in plain text and bpftool's JSON, as bpftool shows it. Returns 0; for questions 1 where one of the things is not there, else PRINT_CANNOT_TELL where one is not
 * known; or a negative error.
 */
int print_features(struct inspect *inspect, struct sink *sink, const struct print_probe *how,
		   const struct inspect_note *note, struct inspect_error *err);

extern const struct schema feature_difference_schema;

/* The kinds that can be asked for, as probe_kinds[] has them. */
#define PRINT_KIND_WORDS                                                                           \
	"kernel setting config command prog_type map_type helper misc instruction attach_type "    \
	"link_type map_flag batch kfunc struct_ops iterator btf_kind module facility "             \
	"tracing lsm"

/* What is compared with what: files, as saved_open() takes them. */
struct print_diff {
	const char *old;
	const char *new;  /* NULL: the running kernel */
	const char *kind; /* only things of this kind, or NULL */
	const char *of;	  /* only what is for this type, or NULL */
};

/*
 * Prints in what two kernels differ. Returns 0, 1 where they do, PRINT_CANNOT_TELL where they may, since one of them
 * does not tell, or a negative error.
 */
int print_feature_diff(struct inspect *inspect, struct sink *sink, const struct print_diff *how,
		       struct inspect_error *err);

extern const struct schema feature_need_schema;

/* Objects, and the kernel that they are held against: the running one, or what files say of another. */
struct print_check {
	const struct inspect_words *objects; /* paths */
	const char *btf;		     /* its types, or NULL */
	const char *saved;		     /* a saved probe of it, or NULL */
	bool tries;			     /* load them after that */
	bool is_all;			     /* for people: also what is there */
	struct out *people; /* why a trial failed, in the forms that are for people */
};

/*
 * Prints what objects need of a kernel, and whether it is there. Nothing is loaded but by a trial, which leaves nothing; with files no
 * call on bpf(2) is made. Returns 0, 1 where something is not there that an object cannot do without, else
 * PRINT_CANNOT_TELL where one such thing is not known, or a negative error: an object that cannot be read.
 */
int print_check(struct inspect *inspect, struct sink *sink, const struct print_check *how,
		struct inspect_error *err);
extern const struct schema builtin_schema;

/*
 * Prints the names of a list: "prog_types", "map_types", "attach_types", "link_types", "helpers" or "kfuncs", which may be
 * shortened. 0 or a negative error.
 */
int print_builtins(struct inspect *inspect, struct sink *sink, const char *list,
		   struct inspect_error *err);

#endif
