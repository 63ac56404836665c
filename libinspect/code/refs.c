/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refs.c - names for what the instructions of loaded programs refer to
 *
 * The name under which the kernel lists a subprogram is made of its tag and its name of BTF: it is put together here
 * too, since reading the kernel's symbols to their end takes longer than all the rest.
 */
#include "code/refs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/note.h"
#include "base/num.h"
#include "base/text.h"
#include "kernel/ksyms.h"
#include "kernel/names.h"

#define TAIL_CALL 12 /* the helper's number */
#define CALL 0x85

struct refs_map {
	uint32_t id;
	bool is_known;
	char name[ABI_OBJ_NAME_ROOM];
};

void refs_done(struct refs *refs)
{
	free(refs->maps);
	buf_done(&refs->text);
	refs->maps = NULL;
	refs->n_maps = 0;
}

/* Does it take the kernel's symbols to tell what is called? Where addresses are hidden, all numbers are 0. */
static bool needs_symbol(const struct insn *insn)
{
	if (insn->kind != INSN_CALL || !insn->imm)
		return false;
	return insn->call == INSN_CALL_KFUNC ||
	       (insn->call == INSN_CALL_HELPER && !names_find(NAMES_HELPER, (unsigned)insn->imm));
}

int refs_want(struct refs *refs, const struct image *image)
{
	struct insn_stream stream = image_stream(image);
	struct insn insn;

	for (uint32_t i = 0; i < stream.count; i++) {
		if (image->insns[(size_t)i * INSN_BYTES] != CALL)
			continue;
		insn_decode(&stream, i, &insn);
		if (needs_symbol(&insn) && ksyms_want_call(&refs->inspect->ksyms, insn.imm))
			return -ENOMEM;
	}
	return 0;
}

static bool has_hidden_call(const struct image *image)
{
	struct insn_stream stream = image_stream(image);
	struct insn insn;

	for (uint32_t i = 0; i < stream.count; i++) {
		if (image->insns[(size_t)i * INSN_BYTES] != CALL)
			continue;
		insn_decode(&stream, i, &insn);
		if (insn.kind == INSN_CALL && !insn.imm && insn.call != INSN_CALL_SUBPROG)
			return true;
		if (image->is_hidden && insn.kind == INSN_CALL)
			return true;
	}
	return false;
}

int refs_begin(struct refs *refs, const struct image *image, const struct btf_reader *btf)
{
	refs->image = image;
	refs->btf = btf;
	int r = ksyms_read(&refs->inspect->ksyms, &refs->inspect->sys);
	if (r == -ENOMEM)
		return r;
	if (!refs->is_told && (r < 0 || has_hidden_call(image))) {
		refs->is_told = true;
		note_tell(refs->note, "names of called functions are hidden from this user: "
				      "CAP_SYSLOG is needed, or kernel.kptr_restrict 0");
	}
	return 0;
}

static const char *text_of(struct refs *refs)
{
	buf_add_char(&refs->text, '\0');
	return buf_failed(&refs->text) ? "?" : refs->text.bytes;
}

static void add_hex(struct buf *buf, uint64_t value)
{
	char digits[NUM_ROOM];

	buf_add_text(buf, "0x");
	buf_add(buf, digits, num_format_hex(digits, value));
}

static const char *func_name(const struct refs *refs, uint32_t func)
{
	if (!refs->btf || func >= refs->image->n_funcs)
		return NULL;
	return btf_func_name(refs->btf, refs->image->funcs[func].type_id);
}

const char *refs_func_name(const struct refs *refs, uint32_t slot)
{
	for (uint32_t i = 0; i < refs->image->n_funcs; i++)
		if (refs->image->funcs[i].insn_off == slot)
			return func_name(refs, i);
	return NULL;
}

bool refs_has_symbol(const struct refs *refs, const struct insn *insn)
{
	const struct image *image = refs->image;
	uint32_t func = (uint32_t)insn->imm;

	return insn->kind == INSN_CALL && insn->call == INSN_CALL_SUBPROG && image->is_jited &&
	       func < image->n_addresses && func < image->n_tags;
}

/* As the kernel lists machine code: bpf_prog_TAG_NAME. One without BTF is called F. */
static const char *symbol_of(struct refs *refs, const struct insn *insn)
{
	const struct image *image = refs->image;
	uint32_t func = (uint32_t)insn->imm;
	char tag[16];

	if (!image->is_jited)
		return NULL;
	refs->text.size = 0;
	if (!refs_has_symbol(refs, insn)) {
		add_hex(&refs->text, func < image->n_addresses ? image->addresses[func] : 0);
		return text_of(refs);
	}
	const char *name = func_name(refs, func);
	num_format_hex_bytes(tag, image->tags[func], sizeof(image->tags[func]));
	buf_add_text(&refs->text, "bpf_prog_");
	buf_add(&refs->text, tag, sizeof(tag));
	buf_add_char(&refs->text, '_');
	text_add_safe(&refs->text, name ? name : "F", name ? strlen(name) : 1);
	return text_of(refs);
}

const char *refs_call_name(struct refs *refs, const struct insn *insn)
{
	struct ksym symbol;
	uint64_t address;

	refs->text.size = 0;
	if (insn->call != INSN_CALL_KFUNC) {
		const char *known =
			names_find(NAMES_HELPER,
				   insn->call == INSN_CALL_TAIL ? TAIL_CALL : (unsigned)insn->imm);

		if (known) {
			buf_add_text(&refs->text, "bpf_");
			buf_add_text(&refs->text, known);
			return text_of(refs);
		}
	}
	if (!ksyms_find_call(&refs->inspect->ksyms, insn->imm, &address, &symbol))
		return NULL;
	text_add_safe(&refs->text, symbol.name, strlen(symbol.name));
	return text_of(refs);
}

/* For insn_print(): a function without a name is its address. */
static const char *name_call(void *context, const struct insn *insn)
{
	struct refs *refs = context;
	struct ksym symbol;
	uint64_t address;

	if (insn->call == INSN_CALL_SUBPROG)
		return symbol_of(refs, insn);
	const char *name = refs_call_name(refs, insn);
	if (name)
		return name;
	ksyms_find_call(&refs->inspect->ksyms, insn->imm, &address, &symbol);
	refs->text.size = 0;
	add_hex(&refs->text, address);
	return text_of(refs);
}

struct insn_names refs_names(struct refs *refs)
{
	return (struct insn_names){ .context = refs, .call = name_call };
}

uint32_t refs_map_id(const struct insn *insn)
{
	bool is_map = insn->kind == INSN_CONSTANT &&
		      (insn->src == INSN_CONSTANT_MAP_FD || insn->src == INSN_CONSTANT_MAP_VALUE);

	return is_map ? (uint32_t)insn->imm : 0;
}

static void read_map(const struct sys *sys, struct refs_map *map)
{
	struct abi_map_info info = { 0 };
	uint32_t length = sizeof(info);

	autoclose int fd = sys_open_id(sys, INSPECT_MAP, map->id);
	if (fd < 0 || sys_info(sys, fd, &info, &length))
		return;
	map->is_known = true;
	memcpy(map->name, info.name, sizeof(map->name) - 1);
}

/* The first map whose id is not below @id. */
static size_t map_at(const struct refs *refs, uint32_t id)
{
	size_t low = 0, high = refs->n_maps;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (refs->maps[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *refs_map_name(struct refs *refs, uint32_t id)
{
	size_t i = map_at(refs, id);

	if (i == refs->n_maps || refs->maps[i].id != id) {
		struct refs_map *more = realloc(refs->maps, (refs->n_maps + 1) * sizeof(*more));

		if (!more)
			return NULL;
		refs->maps = more;
		memmove(more + i + 1, more + i, (refs->n_maps - i) * sizeof(*more));
		refs->n_maps++;
		more[i] = (struct refs_map){ .id = id };
		read_map(&refs->inspect->sys, &more[i]);
	}
	return refs->maps[i].is_known ? refs->maps[i].name : NULL;
}
