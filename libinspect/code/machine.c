/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * machine.c - the functions of a program's machine code, and names for what they refer to
 */
#include "code/machine.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "kernel/ksyms.h"

#define NEAR                                                                                       \
	((uint64_t)16                                                                              \
	 << 20) /* bytes: where the kernel puts other programs, more likely than itself */

static const char *name_of(void *context, uint64_t address)
{
	return machine_name(context, address);
}

int machine_init(struct machine *machine, struct inspect *inspect)
{
	*machine = (struct machine){ .inspect = inspect };
	machine->quiet = jited_new((struct jited_names){ 0 });
	machine->named = jited_new((struct jited_names){ .name = name_of, .context = machine });
	return machine->quiet && machine->named ? 0 : -ENOMEM;
}

void machine_done(struct machine *machine)
{
	jited_free(machine->quiet);
	jited_free(machine->named);
	buf_done(&machine->name);
	*machine = (struct machine){ 0 };
}

/* What is not told in parts is one function. */
uint32_t machine_n_funcs(const struct image *image)
{
	return image->n_sizes ? image->n_sizes : 1;
}

static bool is_within(const struct machine_func *func, uint64_t address)
{
	return address >= func->address && address - func->address < func->size;
}

/* Lines are in the order of functions, but for those of a kernel that does not tell where they begin. */
static void find_lines(const struct image *image, struct machine_func *func)
{
	uint32_t i = 0;

	while (i < image->n_line_addresses && !is_within(func, image->line_addresses[i]))
		i++;
	func->line = i;
	while (i < image->n_line_addresses && is_within(func, image->line_addresses[i]))
		i++;
	func->line_end = i;
}

void machine_func(const struct image *image, uint32_t index, struct machine_func *out)
{
	uint32_t at = 0, left;

	for (uint32_t i = 0; i < index && i < image->n_sizes; i++)
		at += image->sizes[i] < image->code_size - at ? image->sizes[i]
							      : image->code_size - at;
	left = image->code_size - at;
	*out = (struct machine_func){
		.index = index,
		.address = index < image->n_addresses ? image->addresses[index] : 0,
		.code = image->code + at,
		.size = index < image->n_sizes && image->sizes[index] < left ? image->sizes[index]
									     : left,
	};
	find_lines(image, out);
}

uint32_t machine_line_offset(const struct machine_func *func, const struct image *image,
			     uint32_t line)
{
	return (uint32_t)(image->line_addresses[line] - func->address);
}

/* The function that an address is in. */
static bool find_func(const struct image *image, uint64_t address, struct machine_func *out)
{
	for (uint32_t i = 0; i < image->n_addresses && i < image->n_sizes; i++) {
		*out = (struct machine_func){
			.index = i,
			.address = image->addresses[i],
			.size = image->sizes[i],
		};
		if (out->address && is_within(out, address))
			return true;
	}
	return false;
}

/* Other programs are jumped into behind their beginning, and the kernel called at the beginning of a function. */
static enum ksyms_match match_of(const struct machine_func *func, uint64_t address)
{
	uint64_t distance =
		address > func->address ? address - func->address : func->address - address;

	return distance < NEAR ? KSYMS_NEAREST : KSYMS_EXACT;
}

static int want_func(struct machine *machine, const struct image *image,
		     const struct machine_func *func)
{
	struct machine_func own;
	struct jited_insn insn;

	for (uint32_t at = 0; at < func->size; at += insn.size) {
		if (!machine_insn(machine, func, at, func->size, false, &insn))
			return -ENOMEM;
		if (!insn.has_target || is_within(func, insn.target) ||
		    find_func(image, insn.target, &own))
			continue;
		if (ksyms_want(&machine->inspect->ksyms, insn.target, match_of(func, insn.target)))
			return -ENOMEM;
	}
	return 0;
}

int machine_want(struct machine *machine, const struct image *image)
{
	struct machine_func func;
	int r = 0;

	if (!inspect_has_disassembler())
		return 0;
	for (uint32_t i = 0; !r && i < machine_n_funcs(image); i++) {
		machine_func(image, i, &func);
		r = want_func(machine, image, &func);
	}
	return r;
}

int machine_begin(struct machine *machine, const struct image *image,
		  const struct inspect_prog *prog, const struct btf_reader *btf)
{
	machine->image = image;
	machine->prog = prog;
	machine->btf = btf;
	/* Without names there are addresses. */
	return ksyms_read(&machine->inspect->ksyms, &machine->inspect->sys) == -ENOMEM ? -ENOMEM
										       : 0;
}

static const char *name_done(struct machine *machine)
{
	buf_add_char(&machine->name, '\0');
	return buf_failed(&machine->name) ? NULL : machine->name.bytes;
}

static void add_func_name(struct machine *machine, uint32_t index)
{
	const struct image *image = machine->image;
	const unsigned char *digest = index ? NULL : machine->prog->tag;
	const char *name = NULL;
	char tag[16];

	if (index && index < image->n_tags)
		digest = image->tags[index];
	if (machine->btf && index < image->n_funcs)
		name = btf_func_name(machine->btf, image->funcs[index].type_id);
	if (!name)
		name = index ? "F" : machine->prog->kernel_name;
	if (!digest)
		return;
	num_format_hex_bytes(tag, digest, sizeof(tag) / 2);
	buf_add_text(&machine->name, "bpf_prog_");
	buf_add(&machine->name, tag, sizeof(tag));
	if (!*name)
		return;
	buf_add_char(&machine->name, '_');
	text_add_safe(&machine->name, name, strlen(name));
}

/* 16 digits, as bpftool has an address without a name. */
static void add_address(struct buf *buf, uint64_t address)
{
	char digits[NUM_ROOM];
	size_t n = num_format_hex(digits, address);

	buf_add_text(buf, "0x");
	buf_add(buf, "0000000000000000", 16 - n);
	buf_add(buf, digits, n);
}

const char *machine_func_name(struct machine *machine, uint32_t index)
{
	const struct image *image = machine->image;

	machine->name.size = 0;
	add_func_name(machine, index);
	if (!machine->name.size)
		add_address(&machine->name,
			    index < image->n_addresses ? image->addresses[index] : 0);
	return name_done(machine);
}

static void add_distance(struct buf *buf, uint64_t distance)
{
	char digits[NUM_ROOM];

	if (!distance)
		return;
	buf_add_text(buf, "+0x");
	buf_add(buf, digits, num_format_hex(digits, distance));
}

const char *machine_name(struct machine *machine, uint64_t address)
{
	struct machine_func own;
	struct ksym symbol;

	machine->name.size = 0;
	if (machine->image && find_func(machine->image, address, &own)) {
		add_func_name(machine, own.index);
		add_distance(&machine->name, address - own.address);
	} else if (ksyms_find(&machine->inspect->ksyms, address, &symbol)) {
		text_add_safe(&machine->name, symbol.name, strlen(symbol.name));
		add_distance(&machine->name, address - symbol.start);
	}
	return machine->name.size ? name_done(machine) : NULL;
}

bool machine_insn(struct machine *machine, const struct machine_func *func, uint32_t offset,
		  uint32_t end, bool has_names, struct jited_insn *out)
{
	return jited_decode(has_names ? machine->named : machine->quiet, func->code + offset,
			    end - offset, func->address + offset, out);
}
