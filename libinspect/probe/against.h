/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * against.h - the kernel that an object is held against: its types, and its symbols
 *
 * The running one, or one of which there is a file of types. Modules' types are read when something is not
 * among the kernel's own.
 */
#ifndef PROBE_AGAINST_H
#define PROBE_AGAINST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "probe/core.h"
#include "records/btf.h"
#include "records/inspect.h"

/* Of the machine's bytes, as far as it is known. */
enum against_order { AGAINST_ANY_ORDER, AGAINST_LITTLE, AGAINST_BIG };

/* Zeroed, it is closed. Open, it must stay where it is. */
struct against {
	struct inspect *inspect;
	bool is_live;
	enum against_order order;
	int types_error; /* negative: its types cannot be had, and why */
	struct btf_file kernel;
	bool has_modules; /* they were asked for, and are in @sets */
	bool lacks_some;  /* one of them could not be read: what was not found may be there */
	struct btf_file *modules;
	unsigned n_modules;
	struct core_types *sets; /* the kernel's own first */
	unsigned n_sets;
	bool has_tracefs; /* it was looked for */
	char *tracefs; /* where it is mounted, or NULL: what tracefs_find() said is in @tracefs_error */
	struct inspect_error tracefs_error;
	bool has_refused; /* the list of functions that take no kprobe was looked for, and is in @refused where it can be read */
	char *refused;
	unsigned n_readings; /* of symbols; the second one is kept, for a run of several objects */
	struct buf kept; /* a letter and a name each, with a 0 behind it; empty: none was kept */
};

/*
 * @path: a file of types, or NULL: the running kernel. Without types it is open all the same, and against->types_error says
 * so; a file that cannot be read is an error. 0 or a negative error; against_close() has to follow.
 */
int against_open(struct against *against, struct inspect *inspect, const char *path,
		 struct inspect_error *err);

/* requires_object.c: of a machine as uname(2) names it. */
enum against_order against_order_of(const char *machine);

/* One that has no types. */
void against_open_none(struct against *against);
void against_close(struct against *against);

enum against_answer { AGAINST_UNKNOWN, AGAINST_NO, AGAINST_YES };

/* Is there such a type, in the kernel or a module? @in and @id, which may be NULL, say where. */
enum against_answer against_find(struct against *against, enum btf_reader_kind kind,
				 const char *name, const struct btf_reader **in, uint32_t *id);

/* Does an enum of the kernel's have an enumerator of this number? */
enum against_answer against_has_number(struct against *against, const char *enumeration,
				       uint64_t number);

/* Is it among the kernel's own? No module is looked at. */
enum against_answer against_find_own(struct against *against, enum btf_reader_kind kind,
				     const char *name);

/* Is there a function whose name the glob fits, in the types of the kernel or a module? */
enum against_answer against_find_glob(struct against *against, const char *glob);

/* Does the running kernel say that this function takes no kprobe? False where its list cannot be read; nothing is mounted for it. */
bool against_refuses_kprobe(struct against *against, const char *function);

/* Has the running kernel this event, "CATEGORY/NAME"? Unknown: its tracefs cannot be read, against->tracefs_error says why. */
enum against_answer against_find_event(struct against *against, const char *name);

/* Has a struct of the kernel's own a member of that name? */
enum against_answer against_has_member(struct against *against, const char *structure,
				       const char *member);

/* Was this type of programs ("xdp") built in? */
enum against_answer against_has_prog_type(struct against *against, const char *type);

/* Makes the modules' types part of @sets; what cannot be read is left out, and then nothing is missing for sure. */
void against_open_modules(struct against *against);

/* Names that are looked for among the running kernel's symbols. */
struct against_symbol {
	const char *name;
	bool is_glob; /* one that fits is enough, and only functions are meant */
	bool is_there;
	bool is_function; /* a function is */
};

/* Sorts them and looks for all of them, in one reading: 0 or a negative errno. */
int against_find_symbols(struct against *against, struct against_symbol *symbols, size_t n);

/* The one of that name, or that glob, among sorted ones. */
struct against_symbol *against_symbol_at(struct against_symbol *symbols, size_t n,
					 const char *name);

#endif
