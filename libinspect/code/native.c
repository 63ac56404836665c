/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * native.c - what is printed of a program's machine code, whichever way
 */
#include "code/native.h"

#include <string.h>

#include "base/note.h"
#include "base/num.h"
#include "code/proto.h"

int native_init(struct native *native, struct inspect *inspect)
{
	return machine_init(&native->machine, inspect);
}

void native_done(struct native *native)
{
	machine_done(&native->machine);
	buf_done(&native->proto);
	buf_done(&native->name);
}

int native_begin(struct native *native, struct walk *walk, const struct image *image,
		 const struct inspect_prog *prog, const struct btf_reader *btf)
{
	lines_init(&native->lines, image, btf);
	if (!inspect_has_disassembler() && !native->is_told)
		note_tell(walk->how->note, "this build has no disassembler for machine code, so it "
					   "is shown as bytes: build it with libbfd");
	native->is_told = true;
	return machine_begin(&native->machine, image, prog, btf);
}

const char *native_proto(struct native *native, uint32_t func)
{
	const struct image *image = native->machine.image;

	if (!native->lines.btf || func >= image->n_funcs ||
	    !proto_format(native->lines.btf, image->funcs[func].type_id, &native->proto))
		return NULL;
	return native->proto.bytes;
}

const char *native_name(struct native *native, uint32_t func)
{
	const char *name = machine_func_name(&native->machine, func);

	if (!name)
		return NULL;
	native->name.size = 0;
	buf_add(&native->name, name, strlen(name) + 1);
	return buf_failed(&native->name) ? NULL : native->name.bytes;
}

bool native_line(struct native *native, struct machine_func *func, uint32_t offset,
		 struct line *out)
{
	const struct image *image = native->machine.image;

	if (func->line == func->line_end || machine_line_offset(func, image, func->line) > offset)
		return false;
	return lines_get(&native->lines, func->line++, out);
}

uint32_t native_end(const struct native *native, const struct machine_func *func)
{
	if (inspect_has_disassembler() || func->line == func->line_end)
		return func->size;
	return machine_line_offset(func, native->machine.image, func->line);
}

void native_put_address(struct sink *sink, const char *key, const void *member)
{
	char text[NUM_ROOM + 2] = "0x";

	sink_text(sink, key, text,
		  2 + num_format_hex(text + 2, *(const unsigned long long *)member));
}

void native_put_insn(struct out *out, uint32_t offset, const struct jited_insn *insn)
{
	char digits[NUM_ROOM];
	size_t n = num_format_hex(digits, offset);

	if (n < 4)
		out_bytes(out, "    ", 4 - n);
	out_bytes(out, digits, n);
	out_literal(out, ":\t");
	out_bytes(out, insn->text, strlen(insn->text));
	out_char(out, '\n');
}

void native_put_bytes(struct out *out, const uint8_t *bytes, uint32_t size)
{
	char pair[3] = { 0, 0, ' ' };

	out_char(out, '\t');
	for (uint32_t i = 0; i < size; i++) {
		num_format_hex_pair(pair, bytes[i]);
		out_bytes(out, pair, sizeof(pair));
	}
	out_char(out, '\n');
}
