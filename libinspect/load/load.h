/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * load.h - an object file to programs, maps and links of the kernel
 *
 * libbpf does it, in a process of its own; what it made comes from there as descriptors. Nothing is pinned here.
 */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <stdbool.h>

#include "base/buf.h"
#include "code/object.h"
#include "records/inspect.h"

/* How far it came. */
enum load_step {
	LOAD_READ,   /* the file, by ourselves */
	LOAD_OPEN,   /* libbpf reads it */
	LOAD_SET,    /* types of programs, maps to use */
	LOAD_LOAD,   /* into the kernel */
	LOAD_ATTACH, /* programs, and struct_ops maps */
	LOAD_DONE,
};

struct loaded_prog {
	char *name;
	char *section;
	unsigned type;		/* as the kernel numbers them */
	unsigned expected_type; /* of attaching, when it was loaded */
	int fd;			/* -1: its section says that it is not to be loaded */
	int link_fd;		/* -1: not attached */
	bool has_no_hook;	/* it was to be attached, and its section does not say where */
	bool is_attached;	/* maybe by what has no descriptor that can be pinned */
};

struct loaded_map {
	char *name;	/* of the object's, in full */
	char *pin_path; /* where the object wants it to be pinned, or NULL */
	unsigned type;
	int fd;		  /* -1: not made */
	int link_fd;	  /* of a struct_ops map that was registered with a link, or -1 */
	bool is_internal; /* data of the object */
	bool is_reused;
};

/* What the kernel's verifier wrote about a program. */
struct load_log {
	char *prog;
	char *text; /* in full, as the kernel wrote it; ends with NUL */
	size_t size;
	int code; /* a positive errno: why it was not loaded; 0: it was */
};

/* Filled in as far as it came, also where it failed. Descriptors are owned. Zeroed, there is nothing. */
struct loaded {
	struct object
		file; /* the same bytes that were loaded; opened, and to be asked for source lines and so on */
	enum load_step step;
	struct loaded_prog *progs; /* in the object's order */
	unsigned n_progs;
	struct loaded_map *maps;
	unsigned n_maps;
	struct load_log *logs; /* the last one is of the program that failed, if one did */
	unsigned n_logs;
	struct buf said;   /* libbpf's own words, a line each; no NUL behind the last */
	struct buf warned; /* the warnings among them */
	struct buf
		loader; /* instructions of the program that did the loading, where it was asked for */
};

/*
 * Reads the file and looks through it: what load_object() begins with, for whoever wants to see loaded->file before
 * anything is made. *out is zeroed. 0 or a negative error; loaded_done() has to follow in any case.
 */
int load_begin(const struct inspect_load_spec *spec, struct loaded *out, struct inspect_error *err);

/*
 * Loads the programs of an object, and attaches them where that is asked for. Return: 0, or a negative errno: then no
 * program, map or link is left, and *out has the facts. *out is zeroed, or begun. loaded_done() has to follow in any case.
 */
int load_object(struct inspect *inspect, const struct inspect_load_spec *spec, struct loaded *out,
		struct inspect_error *err);
void loaded_done(struct loaded *loaded);

/* The log of the program that was refused; NULL where it was something else that failed. */
const struct load_log *loaded_failure(const struct loaded *loaded);

#endif
