/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_kernel.h - a double for bpf(2) and /proc, with objects that the test declares
 *
 *	struct fake_object objects[] = { { .kind = INSPECT_MAP, .id = 7, .info = &info, ... } };
 *	struct inspect *inspect = fake_kernel_start(objects, 1);
 *	...
 *	fake_kernel_stop();
 *
 * Descriptors are real ones, and stopping fails the test when one was not closed.
 */
#ifndef TESTS_FAKE_KERNEL_H
#define TESTS_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_map.h"
#include "fake_root.h"
#include "inspect.h"
#include "kernel/abi.h"
#include "records/inspect.h"

/* A program's code, as the kernel gives it. */
struct fake_code {
	const uint64_t *insns; /* slots, each a number */
	uint32_t n_insns;
	const void *funcs, *lines; /* records */
	uint32_t n_funcs, n_lines;
	uint32_t func_bytes, line_bytes; /* of one record */
	const uint64_t *addresses;
	const uint8_t (*tags)[8];
	uint32_t n_addresses, n_tags;
	bool is_hidden;	 /* no addresses are given */
	bool is_blinded; /* nor instructions */
	bool shrinks;	 /* there is one record less of everything when it is copied */
};

struct fake_object {
	enum inspect_kind kind;
	uint32_t id;
	const void *info;     /* its info struct; NULL: only the id is in it */
	uint32_t info_size;   /* how much of it this kernel knows; 0: all */
	int open_error;	      /* of opening it by id: an errno, or 0 */
	int info_error;	      /* of the info call */
	const char *path;     /* where it is pinned, or NULL */
	const char *fdinfo;   /* the text; NULL: there is nothing in it */
	const uint32_t *maps; /* a program's */
	uint32_t n_maps;
	uint32_t func_type_id; /* of a program's first function, or 0 */
	const struct fake_code *code;
	const void *btf; /* the bytes of a BTF object */
	uint32_t btf_size;
	const char *btf_name; /* of BTF of the kernel's own, or NULL */
	struct fake_map *map; /* the elements of a map, or NULL */
	const char *text;     /* of a link: what its name is */
	const uint64_t
		*numbers; /* of a link with many functions: its arrays, one behind the other */
	int detach_error; /* of a link */
};

struct fake_kernel {
	struct fake_root root;
	struct inspect *inspect;
	struct fake_object *objects; /* by ascending id */
	size_t n;
	int list_error;	       /* of asking for the next id */
	int every_error;       /* of every call */
	unsigned n_calls[64];  /* by command */
	uint32_t rights_asked; /* flags of the last opening */
	void (*before)(int cmd, uint32_t id);
};

extern struct fake_kernel fake_kernel;

struct inspect *fake_kernel_start(struct fake_object *objects, size_t n);
void fake_kernel_stop(void);

/* How many descriptors of objects are open. */
unsigned fake_kernel_open_fds(void);

/* An open map record of an object, as a list would give it. */
void fake_kernel_open_map(uint32_t id, struct inspect_map *out);

#endif
