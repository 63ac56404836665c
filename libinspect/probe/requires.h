/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires.h - what an object asks of a kernel
 *
 * A list of needs: things, where the object needs them, and whether it can do without. That depends on the kernel too:
 * code that asks first is not come to where the answer is no. So types, symbols and the configuration are looked
 * up while the list is made, and what is then left is for whoever knows of program types, helpers and so on.
 */
#ifndef PROBE_REQUIRES_H
#define PROBE_REQUIRES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "code/object.h"
#include "probe/against.h"
#include "probe/reach.h"
#include "records/inspect.h"

enum need_kind {
	NEED_OBJECT, /* what the file itself lacks: only told where it does */
	NEED_PROG_TYPE,
	NEED_ATTACH_TYPE,
	NEED_PROG_FLAG, /* that it may sleep, that it takes packets in pieces */
	NEED_PROG_SIZE, /* more instructions than any kernel takes */
	NEED_TARGET,	/* a function, tracepoint or hook that a program is for */
	NEED_TRACING,	/* a way to trace, as probe/tracing.c calls it */
	NEED_MAP_TYPE,
	NEED_MAP_FLAG,
	NEED_MAP, /* its type, sizes and flags together */
	NEED_STRUCT_OPS,
	NEED_HELPER,
	NEED_KFUNC,
	NEED_SYMBOL, /* a variable or function of the kernel's by its name */
	NEED_CONFIG,
	NEED_CORE, /* what a CO-RE relocation is for */
	NEED_INSTRUCTION,
	NEED_KINDS,
};

/* Whether the object can do without. */
enum need_must {
	NEED_MUST,
	NEED_ASKS,	/* it only asks whether it is there */
	NEED_WEAK,	/* a weak extern */
	NEED_UNREACHED, /* this kernel does not come to the code that uses it */
	NEED_ATTACHING, /* loading does without, attaching to what the section says does not */
	NEED_BY_HAND,	/* only attaching needs it, and the section does not say to what */
	NEED_ELSEWHERE, /* a thing of the other machine, and not of its kernel */
};

/* A program as the kernel is told of it: what it may call depends on more than its type. */
struct need_shape {
	const char *prog_type;
	const char *attach_type; /* NULL: none */
	uint8_t target_kind;	 /* enum btf_reader_kind of what it is loaded for; 0: nothing */
	char *target;		 /* its name, as types have it; owned */
	bool is_sleepable, has_frags; /* by the section's name */
};

/* A map, as the object wants it. */
struct need_map {
	const char *name;
	uint32_t type, key_bytes, value_bytes, max_entries, flags, numa_node;
	uint64_t extra;
	bool has_key, has_value, has_inner;
};

struct need {
	enum need_kind kind;
	enum need_must must;
	char *name;	  /* of the thing; owned */
	const char *of;	  /* the type of programs that it is for, or NULL */
	const char *by;	  /* the program, function or map that needs it; NULL: the object */
	const char *file; /* of the source; NULL: not known */
	unsigned line;
	bool has_insn;
	unsigned section, insn; /* the instruction in its section */
	unsigned uses;		/* in how many places it is needed */
	uint32_t number;	/* of types, flags and helpers: the kernel's */
	uint32_t order;		/* as they were found */
	uint32_t shape;		/* 1 + the place of the program's in the list; 0: not of one */
	uint32_t map;		/* the same of maps */
	char *wanted; /* owned: the function, or a glob, that is looked for among symbols; NULL: none */
	bool is_typed; /* types have it, and only symbols are left to ask */
	bool is_moot;  /* another one says it: it is left out */
	bool is_guarded; /* reached, but the same program asks whether it is there, or for what nobody told */

	enum inspect_answer answer;
	bool is_answered;
	enum inspect_reason reason;
	enum inspect_found found;
	int code;
	char *detail; /* owned, or NULL */
	char *value;  /* owned: of an option of the configuration */
	const char *since;
};

struct requires
{
	const struct object *object;
	struct against *against;
	struct need *needs; /* by kind, each thing once */
	size_t n;
	bool is_cut; /* the object is too large: some may be missing */
	struct need_shape *shapes;
	size_t n_shapes;
	struct need_map *maps;
	size_t n_maps;
	char *license; /* what the kernel will be told; "" where the object says nothing */
	bool is_gpl;   /* the kernel takes it for one compatible with the GPL */
};

/* Finds out about options of the configuration: fills in answer, value and what goes with them. */
typedef void requires_ask(void *context, struct need *need);

/*
 * Makes the list. @ask is called for each option. Returns 0, -EINVAL (the object makes no sense: what and where) or -ENOMEM.
 */
int requires_find(struct requires *requires, const struct object *object, struct against *against,
		  requires_ask *ask, void *context, struct inspect_error *err);
/* Leaves out what is_moot. */
void requires_drop_moot(struct requires *requires);
void requires_done(struct requires *requires);

/* While the list is made: for the files that do so. */
struct finding {
	struct requires *requires;
	const struct object *object;
	struct buf list;   /* struct need */
	uint32_t *slots;   /* of a table by what a need is: 1 + its place in the list */
	uint32_t n_slots;  /* a power of 2 */
	struct buf text;   /* for names */
	struct buf detail; /* for words on them */
	struct core core;
	struct core_result *cores; /* of all sections, one after the other */
	uint32_t *cores_at;	   /* by section: where its own begin */
	uint32_t *externs; /* by symbol: 1 + the place in the list of an extern's need; 0: none */
	uint32_t *
		asked; /* by symbol: 1 + the program that looked whether it is there, the last one */
	struct btf_budget budget;
	bool is_unsure; /* what code the program comes to hangs on a thing that nobody told */
	bool has_no_memory;
	requires_ask *ask;
	void *context;
	struct inspect_error *err;
};

/*
 * Adds a need, or another use of one that is there with all these the same: then need->uses is more than 1. Valid until the
 * next one; NULL without memory.
 */
struct need *finding_add(struct finding *finding, enum need_kind kind, enum need_must must,
			 const char *name, const char *of, const char *by);
struct need *finding_at(struct finding *finding, uint32_t index);

/* The text that was put together in finding->text or finding->detail, which is empty then. */
const char *finding_text(struct finding *finding, struct buf *text);

/* @detail may be NULL; it is copied. */
void need_answer(struct finding *finding, struct need *need, enum inspect_answer answer,
		 enum inspect_found found, const char *detail);

/* requires_target.c: what programs are attached to by the names of their sections. */
void finding_targets(struct finding *finding);

/* Programs whose section begins with ? are not loaded; those in .text are others' functions, or nobody's if one stands there alone. */
bool finding_is_loaded(const struct object *object, const struct object_func *func);

/* requires_license.c */
int finding_license(struct finding *finding);

/* The thing is there, and not for an object with such a licence: @whose are "helpers" or so. */
void need_refuse_license(const struct requires *requires, struct need *need, const char *whose,
			 enum inspect_found found);

/* requires_object.c: the file itself. */
void finding_object(struct finding *finding);
/* requires_reloc.c: what is referred to and cannot be found; after finding_externs(). */
void finding_relocs(struct finding *finding);
/* requires_extern.c: symbols and options. 0 or a negative error. */
int finding_externs(struct finding *finding);
/* requires_option.c: an option of the configuration, and what the loader writes into its variable. */
void finding_option(struct finding *finding, const struct btf_entry *var,
		    const struct elf_symbol *symbol);
/* LINUX_KERNEL_VERSION as the loader takes it, from what distributions tell of their kernels or else from uname(2): false where neither is one. */
bool option_kernel_version(const struct sys *sys, const struct utsname *host, uint32_t *out);
void need_option_value(const struct need *need, unsigned size, struct reach_value *out);
/* What a weak extern, an option, or data that stays as it is has: for code that asks. */
bool finding_constant(void *context, uint32_t section, const struct insn *insn,
		      struct reach_value *out);
void finding_load(void *context, const struct reach_value *address, unsigned size,
		  struct reach_value *out);
/* The word for a flag of maps by its bit's number; NULL for one that is not known here. */
const char *need_flag_name(unsigned bit);
/* requires_map.c: maps, and what struct_ops maps implement. */
int finding_maps(struct finding *finding);
/* requires_prog.c: a program, and where it attaches. Its shape, as in struct need, or 0. */
uint32_t finding_prog(struct finding *finding, uint32_t func);
/* requires_code.c: what the code of all programs needs. */
int finding_code(struct finding *finding);

#endif
