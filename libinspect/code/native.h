/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * native.h - what is printed of a program's machine code, whichever way
 */
#ifndef CODE_NATIVE_H
#define CODE_NATIVE_H

#include "base/buf.h"
#include "code/lines.h"
#include "code/machine.h"
#include "code/walk.h"

struct native {
	struct machine machine;
	struct lines lines;
	struct buf proto;
	struct buf name;
	bool is_told; /* that there is no disassembler */
};

/* 0 or -ENOMEM. */
int native_init(struct native *native, struct inspect *inspect);
void native_done(struct native *native);

/* What struct walk_ops says of begin. */
int native_begin(struct native *native, struct walk *walk, const struct image *image,
		 const struct inspect_prog *prog, const struct btf_reader *btf);

/* A function's prototype, or NULL. */
const char *native_proto(struct native *native, uint32_t func);

/* As the kernel lists it; NULL: no memory. */
const char *native_name(struct native *native, uint32_t func);

/*
 * The next of the function's source lines, if it begins at @offset or before. Several may begin at one place, of which
 * the last one has the code.
 */
bool native_line(struct native *native, struct machine_func *func, uint32_t offset,
		 struct line *out);

/* How far an instruction may reach: to the next line, where bytes stand for instructions. */
uint32_t native_end(const struct native *native, const struct machine_func *func);

/* Address of what an instruction refers to, as text. */
void native_put_address(struct sink *sink, const char *key, const void *member);

/* "  1f:\tcall   ..."; and its bytes, each with a blank behind it, the last one too. */
void native_put_insn(struct out *out, uint32_t offset, const struct jited_insn *insn);
void native_put_bytes(struct out *out, const uint8_t *bytes, uint32_t size);

#endif
