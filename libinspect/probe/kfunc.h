/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc.h - the kernel functions that there are, and what the verifier says of them
 */
#ifndef PROBE_KFUNC_H
#define PROBE_KFUNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KFUNC_TAG "bpf_kfunc" /* by which a declaration tag tells such a function */

#include "base/buf.h"
#include "kernel/abi.h"
#include "kernel/sys.h"
#include "probe/module.h"

struct probe;

/* Names that are known, in order, added to @out: pointers that last. 0 or -ENOMEM. */
int kfunc_names(struct buf *out);

static inline size_t kfunc_names_count(const struct buf *names)
{
	return names->size / sizeof(const char *);
}

static inline const char *kfunc_name_at(const struct buf *names, size_t i)
{
	return ((const char *const *)(const void *)names->bytes)[i];
}

bool kfunc_is_known(const struct buf *names, const char *name);

/* The same of one name, without a list. */
bool kfunc_has_name(const char *name);

/* May a module of some kernel have it? Of names that are not known, any may. */
bool kfunc_may_be_of_module(const char *name);

struct kfunc {
	char *name;
	uint32_t id;	   /* in the types of the kernel's, or of the module's */
	uint32_t module;   /* place in the list's descriptors; 0: it is the kernel's own */
	uint32_t n_params; /* as the types have it */
	bool is_tagged;	   /* the types say that programs may call it */
	bool is_fastcall;
	bool needs_fewer;  /* registers than all that hold arguments: it was seen */
	bool needs_device; /* as KFUNC_NEEDS_DEVICE: it was seen */
	bool is_apart; /* with it, the verifier refuses a whole program before it looks at the instructions */
};

struct kfunc_module {
	char name[MODULE_NAME_ROOM];
	int fd; /* or a negative errno */
};

/* All that there are, by name; places of modules begin with 1. Zeroed, it is empty. */
struct kfunc_list {
	struct buf funcs;   /* struct kfunc */
	struct buf modules; /* struct kfunc_module */
	bool is_cut;	    /* the types go on with what this build cannot read */
};

/* Reads the types: 0 or a negative errno. */
int kfunc_list_init(struct kfunc_list *list, struct probe *probe);

/* The same for one name: 1, 0: there is no such function, or a negative errno. */
int kfunc_list_find(struct kfunc_list *list, struct probe *probe, const char *name);
void kfunc_list_done(struct kfunc_list *list);

static inline size_t kfunc_list_count(const struct kfunc_list *list)
{
	return list->funcs.size / sizeof(struct kfunc);
}

static inline struct kfunc *kfunc_at(const struct kfunc_list *list, size_t i)
{
	return (struct kfunc *)(void *)list->funcs.bytes + i;
}

static inline const struct kfunc_module *kfunc_module_of(const struct kfunc_list *list,
							 const struct kfunc *func)
{
	return (const struct kfunc_module *)(const void *)list->modules.bytes + func->module - 1;
}

enum kfunc_verdict {
	KFUNC_NOT_ASKED,
	KFUNC_YES,
	KFUNC_NOT_FOR_TYPE,
	KFUNC_NOT_HERE,	    /* this kernel lets programs call no function of its own */
	KFUNC_NEEDS_DEVICE, /* only programs that are bound to one */
	KFUNC_REFUSED,	    /* for something else, which says nothing of the function */
};

#define KFUNC_SAID_ROOM 128

struct kfunc_said {
	enum kfunc_verdict verdict;
	bool sleeps; /* KFUNC_YES: and this program may not */
	int code;
	char text[KFUNC_SAID_ROOM]; /* what the verifier wrote first */
};

/* Does the verifier look at the instructions of a program of this shape? 1, 0, or a negative errno: that cannot be told. One load. */
int kfunc_try_shape(const struct sys *sys, const struct abi_prog_load_attr *shape);

/* One function in a program of this shape: one load. */
void kfunc_load(const struct sys *sys, const struct abi_prog_load_attr *shape,
		const struct kfunc_list *list, const struct kfunc *func, struct kfunc_said *out);

/*
 * Several by one load, where the verifier prints which registers instructions need (Linux 6.15): KFUNC_YES, KFUNC_NOT_FOR_TYPE, or
 * KFUNC_NOT_ASKED where that does not tell. False: it tells of none. All are the kernel's own, and none is apart. @log: HELPER_LOG_ROOM bytes.
 */
#define KFUNC_TOGETHER                                                                             \
	24 /* more cost more each: the kernel sorts them anew for each that it meets */
bool kfunc_load_together(const struct sys *sys, const struct abi_prog_load_attr *shape,
			 struct kfunc *const funcs[], unsigned n, char *log, uint8_t verdicts[]);

/* The shapes of programs of a type that differ in what they may call, each an abi_prog_load_attr, added to @out. 0 or a negative errno. */
int kfunc_shapes(struct probe *probe, unsigned type, struct buf *out);

#endif
