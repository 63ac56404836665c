/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * machine.h - the functions of a program's machine code, and names for what they refer to
 *
 *	for each program: machine_want(&machine, &image, ...)
 *	for each program: machine_begin(&machine, &image, ...), then machine_func() and machine_insn()
 *
 * Names of the kernel's functions are read once for all programs. A program's own functions need no reading: the name
 * under which the kernel lists one is made of its tag and its name.
 */
#ifndef CODE_MACHINE_H
#define CODE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "btf/reader.h"
#include "code/image.h"
#include "code/jited.h"
#include "records/inspect.h"

struct machine {
	struct inspect *inspect;
	struct jited *quiet; /* without names in its text */
	struct jited *named;
	const struct image *image;
	const struct inspect_prog *prog;
	const struct btf_reader *btf;
	struct buf name; /* of an address */
};

/* A function. */
struct machine_func {
	uint32_t index;
	uint64_t address; /* 0: not told */
	const uint8_t *code;
	uint32_t size;
	uint32_t line, line_end; /* its source lines, among those of the image */
};

/* 0 or -ENOMEM. */
int machine_init(struct machine *machine, struct inspect *inspect);
void machine_done(struct machine *machine);

/* Asks for the names of what the program calls. 0 or -ENOMEM. */
int machine_want(struct machine *machine, const struct image *image);

/* All are borrowed until the next one; @btf may be NULL. 0 or -ENOMEM. */
int machine_begin(struct machine *machine, const struct image *image,
		  const struct inspect_prog *prog, const struct btf_reader *btf);

uint32_t machine_n_funcs(const struct image *image);
void machine_func(const struct image *image, uint32_t index, struct machine_func *out);

/* As the kernel lists it, bpf_prog_TAG_NAME; safe for a terminal. Valid until the next name. */
const char *machine_func_name(struct machine *machine, uint32_t index);

/* What an address is called, and how far behind that it lies; NULL where that is not known. Valid as above. */
const char *machine_name(struct machine *machine, uint64_t address);

/*
 * The instruction at @offset of a function, which ends at @end at the latest; names of addresses stand in its text if
 * @has_names. False: no memory.
 */
bool machine_insn(struct machine *machine, const struct machine_func *func, uint32_t offset,
		  uint32_t end, bool has_names, struct jited_insn *out);

/* Where the code of a source line begins, from the beginning of its function. */
uint32_t machine_line_offset(const struct machine_func *func, const struct image *image,
			     uint32_t line);

#endif
