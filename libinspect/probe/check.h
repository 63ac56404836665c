/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * check.h - what an object needs, held against a kernel
 */
#ifndef PROBE_CHECK_H
#define PROBE_CHECK_H

#include "load/load.h"
#include "probe/probe.h"
#include "probe/requires.h"
#include "probe/saved.h"

/* The kernel: the running one, or what files say of another. Zeroed, it is closed. Open, it must stay where it is. */
struct check {
	struct inspect *inspect;
	struct against against;
	bool has_btf; /* a file of types was given */
	bool has_saved;
	struct saved saved;
	struct probe probe; /* of the running kernel, where it is asked */
	bool is_probing;
};

/* @btf and @saved are files, or NULL. 0 or a negative error; check_close() has to follow. */
int check_open(struct check *check, struct inspect *inspect, const char *btf, const char *saved,
	       struct inspect_error *err);
void check_close(struct check *check);

static inline bool check_is_live(const struct check *check)
{
	return !check->has_btf && !check->has_saved;
}

/* An object, and what came of it. */
struct checked {
	const char *path;
	struct loaded loaded; /* its file, and what a trial left to say */
	struct requires requires;
	unsigned n_missing; /* that it cannot do without */
	unsigned n_unknown;
	unsigned n_unattached;	      /* missing, and needed to attach */
	unsigned n_attach_unknown;    /* the same, and cannot be told */
	unsigned n_optional;	      /* missing, and it can do without */
	bool was_tried;		      /* loaded, for trial */
	struct inspect_error refused; /* by that; code 0: it was not */
};

/*
 * Finds what the object needs, and an answer for each. Of the running kernel, that makes the calls on bpf(2) which the
 * answers take; of files, none. 0 or a negative error: the object cannot be read, names where. checked_done() in any case.
 */
int check_object(struct check *check, const char *path, struct checked *out,
		 struct inspect_error *err);
void checked_done(struct checked *checked);

/*
 * check_kernel.c: what the running kernel says of an object's own programs and maps, which differs from what it says of their types. False:
 * no more than that is to be had.
 */
bool check_ask_exact(struct check *check, const struct requires *requires, struct need *need);
/* The same for what was answered by type. */
void check_refine(struct check *check, const struct requires *requires, struct need *need);
/* The same for a target that types have. */
void check_try_target(struct check *check, const struct requires *requires, struct need *need);
/* An answer of whoever was asked. Without memory it has less to say. */
void check_take(struct need *need, const struct inspect_feature *answer);
/* What is known of helpers whatever the kernel, where files said that it has one. */
void check_ask_facts(const struct requires *requires, struct need *need);
/* Does it keep the object from loading, from being attached as its sections say, or from neither? */
bool check_counts(const struct need *need);

/* Loads it, which leaves nothing. What the kernel said is in checked->refused. */
void check_try(struct check *check, struct checked *checked);

/* The kind of a need, as a word; and its kind among questions, or INSPECT_FEATURE_KINDS where it is none. */
const char *check_kind_word(enum need_kind kind);
enum inspect_feature_kind check_feature_kind(enum need_kind kind);

#endif
