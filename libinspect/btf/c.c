/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * c.c - types as the text of a C header
 *
 * The text of each type is libbpf's: it is what the world compiles. The frame, the order and what libbpf
 * gets to see are ours. It believes the types it is given, so nothing reaches it that btf/sound has
 * not looked through and btf/cblob has not written anew.
 */
#include "btf/c.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "btf/cblob.h"
#include "btf/crowd.h"
#include "btf/ctext.h"
#include "btf/libbpf_code.h"
#include "btf/sound.h"
#include "out/out.h"

#define NAME_MOST (CNAMES_MOST + 1) /* bytes of a name by which types are sorted */

static const char head_text[] =
	"#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
	"#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)\n"
	"#endif\n"
	"\n"
	"#ifndef __ksym\n"
	"#define __ksym __attribute__((section(\".ksyms\")))\n"
	"#endif\n"
	"\n"
	"#ifndef __weak\n"
	"#define __weak __attribute__((weak))\n"
	"#endif\n"
	"\n"
	"#ifndef __bpf_fastcall\n"
	"#if __has_attribute(bpf_fastcall)\n"
	"#define __bpf_fastcall __attribute__((bpf_fastcall))\n"
	"#else\n"
	"#define __bpf_fastcall\n"
	"#endif\n"
	"#endif\n"
	"\n";

static const char foot_text[] = "#ifndef BPF_NO_PRESERVE_ACCESS_INDEX\n"
				"#pragma clang attribute pop\n"
				"#endif\n"
				"\n";

struct header {
	const struct btf_reader *btf;
	const struct btf_c_options *options;
	struct btf_sound sound;
	struct btf_cblob blob;
	struct btf *types;
	struct btf_dump *dump;
	struct ctext text;
	struct inspect_error *err;
};

/* --- order ----------------------------------------------------------------- */

/*
 * Constants first, then names for numbers, then structs and unions and names for these, then
 * functions; each by name, and so much the same in the headers of two kernels.
 */
enum rank { RANK_CONSTANTS, RANK_ENUM, RANK_NUMBER, RANK_STRUCT, RANK_FUNCTION };

struct place {
	enum rank rank;
	uint32_t id;
	uint64_t begin; /* of the name, as a number that sorts like it */
	const char *name;
};

static enum rank rank_of(const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_ENUM:
	case KIND_ENUM64:
		return RANK_ENUM;
	case KIND_VOID:
	case KIND_INT:
	case KIND_FLOAT:
		return RANK_NUMBER;
	case KIND_FUNC_PROTO:
		return RANK_FUNCTION;
	default:
		return RANK_STRUCT;
	}
}

/* A constant's name stands for that of an enum without one. */
static const char *name_of(const struct btf_reader *btf, const struct btf_entry *type)
{
	bool is_enum = type->kind == KIND_ENUM || type->kind == KIND_ENUM64;

	if (!type->name[0] && is_enum && type->vlen)
		return btf_string(btf, btf_word(type->tail, 0));
	return type->name;
}

static bool is_reference(uint32_t kind)
{
	switch (kind) {
	case KIND_PTR:
	case KIND_TYPEDEF:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_TYPE_TAG:
	case KIND_ARRAY:
		return true;
	default:
		return false;
	}
}

/* A typedef has its own name, and the rank of what it is a name for. The types are sound. */
static struct place place_of(const struct btf_reader *btf, uint32_t id)
{
	struct place place = { .id = id };
	struct btf_entry type;

	btf_type(btf, id, &type);
	place.name = name_of(btf, &type);
	bool is_constants = type.kind == KIND_ENUM || type.kind == KIND_ENUM64;
	for (int depth = 0; is_reference(type.kind) && depth < SOUND_DEPTH; depth++) {
		uint32_t to = type.kind == KIND_ARRAY ? btf_word(type.tail, 0) : type.size_or_type;

		if (!btf_type(btf, to, &type))
			break; /* where reading stopped */
	}
	place.rank = type.name[0] || !is_constants ? rank_of(&type) : RANK_CONSTANTS;
	for (size_t i = 0; i < 8 && place.name[i]; i++)
		place.begin |= (uint64_t)(unsigned char)place.name[i] << (56 - 8 * i);
	return place;
}

static int compare_places(const void *one, const void *two)
{
	const struct place *a = one, *b = two;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	int r = strncmp(a->name, b->name, NAME_MOST);
	return r ? r : a->id < b->id ? -1 : a->id > b->id;
}

/* Does it make a line of its own? Of the rest only functions bring anything: declarations ahead. */
static bool has_text(const struct btf_entry *type)
{
	switch (type->kind) {
	case KIND_STRUCT:
	case KIND_UNION:
		return type->name[0];
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FWD:
	case KIND_TYPEDEF:
	case KIND_FUNC_PROTO:
		return true;
	default:
		return type->kind >= KINDS;
	}
}

static int find_places(const struct header *header, struct place **out, size_t *n)
{
	const struct btf_reader *btf = header->btf;
	struct btf_entry type;
	size_t found = 0;

	*out = malloc((size_t)btf_count(btf) * sizeof(**out));
	if (!*out)
		return inspect_fail(header->err, ENOMEM, "types: sort");
	for (uint32_t id = 1; id < btf_count(btf); id++)
		if (btf_type(btf, id, &type) && has_text(&type))
			(*out)[found++] = place_of(btf, id);
	qsort(*out, found, sizeof(**out), compare_places);
	*n = found;
	return 0;
}

/* --- types ----------------------------------------------------------------- */

static int print_type(const struct header *header, uint32_t id)
{
	int r = id ? btf_dump__dump_type(header->dump, id) : 0;

	if (r < 0)
		return inspect_fail(header->err, libbpf_code(-r), "type %u: print as C", id);
	return 0;
}

static int print_roots(const struct header *header)
{
	const struct btf_c_options *options = header->options;
	int r = 0;

	for (size_t i = 0; i < options->n_roots && r == 0; i++)
		r = print_type(header, options->roots[i]);
	return r;
}

static int print_unsorted(const struct header *header)
{
	int r = 0;

	struct btf_entry type;

	for (uint32_t id = 1; id < btf_count(header->btf) && r == 0; id++) {
		btf_type(header->btf, id, &type);
		/* One that became a typedef is printed where it is needed: an array's index is not. */
		if (type.kind != KIND_INT && type.kind != KIND_FLOAT)
			r = print_type(header, id);
	}
	return r;
}

static int print_sorted(const struct header *header)
{
	autofree struct place *places = NULL;
	size_t n = 0;

	int r = find_places(header, &places, &n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = print_type(header, places[i].id);
	return r;
}

/* --- kfuncs ---------------------------------------------------------------- */

struct kfunc {
	const char *name;
	uint32_t proto;
	bool is_fastcall;
};

static int compare_kfuncs(const void *one, const void *two)
{
	const struct kfunc *a = one, *b = two;

	return strncmp(a->name, b->name, NAME_MOST);
}

/* Marks functions that carry the tag @word with @bit, by id; are there any? */
static bool mark_tagged(const struct btf_reader *btf, const char *word, unsigned char bit,
			unsigned char *marks)
{
	struct btf_entry tag;
	bool any = false;

	for (uint32_t id = 1; id < btf_count(btf); id++) {
		btf_type(btf, id, &tag);
		if (tag.kind != KIND_DECL_TAG || strcmp(tag.name, word) != 0 ||
		    tag.size_or_type >= btf_count(btf))
			continue;
		marks[tag.size_or_type] |= bit;
		any = true;
	}
	return any;
}

#define TAG_KFUNC 1
#define TAG_FASTCALL 2

static size_t find_kfuncs(const struct btf_reader *btf, const unsigned char *marks,
			  struct kfunc *out)
{
	struct btf_entry type;
	size_t n = 0;

	for (uint32_t id = 1; id < btf_count(btf); id++) {
		unsigned char mark = marks[id];

		if (!(mark & TAG_KFUNC))
			continue;
		btf_type(btf, id, &type);
		if (type.kind != KIND_FUNC || !cname_is_good(type.name))
			continue;
		out[n++] = (struct kfunc){ type.name, type.size_or_type, mark & TAG_FASTCALL };
	}
	qsort(out, n, sizeof(*out), compare_kfuncs);
	return n;
}

static int print_kfunc(struct header *header, const struct kfunc *kfunc)
{
	DECLARE_LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = kfunc->name);

	ctext_fmt(&header->text, "extern %s", kfunc->is_fastcall ? "__bpf_fastcall " : "");
	int r = btf_dump__emit_type_decl(header->dump, kfunc->proto, &opts);
	if (r < 0)
		return inspect_fail(header->err, libbpf_code(-r), "type %u: print as C",
				    kfunc->proto);
	ctext_fmt(&header->text, " __weak __ksym;\n");
	return 0;
}

static bool has_functions(const struct btf_reader *btf)
{
	for (uint32_t id = 1; id < btf_count(btf); id++)
		if (btf_func_name(btf, id))
			return true;
	return false;
}

static int print_kfuncs(struct header *header)
{
	const struct btf_reader *btf = header->btf;
	size_t n_types = btf_count(btf), n = 0;
	autofree unsigned char *marks = calloc(n_types, 1);
	autofree struct kfunc *kfuncs = NULL;

	if (!marks)
		return inspect_fail(header->err, ENOMEM, "kfuncs: find");
	ctext_fmt(&header->text, "\n/* BPF kfuncs */\n#ifndef BPF_NO_KFUNC_PROTOTYPES\n");
	if (mark_tagged(btf, "bpf_kfunc", TAG_KFUNC, marks)) {
		mark_tagged(btf, "bpf_fastcall", TAG_FASTCALL, marks);
		kfuncs = calloc(n_types, sizeof(*kfuncs));
		if (!kfuncs)
			return inspect_fail(header->err, ENOMEM, "kfuncs: find");
		n = find_kfuncs(btf, marks, kfuncs);
	} else if (has_functions(btf)) {
		ctext_fmt(&header->text, "/* This BTF does not mark kfuncs. */\n");
	}
	for (size_t i = 0; i < n; i++) {
		int r = print_kfunc(header, &kfuncs[i]);
		if (r < 0)
			return r;
	}
	ctext_fmt(&header->text, "#endif\n\n");
	return 0;
}

/* --- the whole ------------------------------------------------------------- */

static const char *guard_of(const struct header *header)
{
	return header->options->guard ? header->options->guard : BTF_C_GUARD;
}

static int print_types(const struct header *header)
{
	if (header->options->roots)
		return print_roots(header);
	return header->options->is_unsorted ? print_unsorted(header) : print_sorted(header);
}

static int print_header(struct header *header)
{
	struct ctext *text = &header->text;

	ctext_fmt(text, "#ifndef %s\n#define %s\n\n", guard_of(header), guard_of(header));
	ctext_fmt(text, "%s", head_text);
	ctext_flush(text);
	text->is_guarded = header->options->guard != NULL;
	int r = print_types(header);
	text->is_guarded = false;
	if (r == 0 && !header->options->roots)
		r = print_kfuncs(header);
	if (r < 0)
		return r;
	ctext_fmt(text, "%s#endif /* %s */\n", foot_text, guard_of(header));
	return 0;
}

__attribute__((format(printf, 2, 0))) static void print_piece(void *text, const char *format,
							      va_list args)
{
	ctext_vfmt(text, format, args);
}

static int open_dump(struct header *header)
{
	header->types = btf__new(header->blob.bytes, (uint32_t)header->blob.size);
	if (!header->types)
		return inspect_fail(header->err, libbpf_code(errno), "types: print as C");
	free(take_ptr(&header->blob.bytes)); /* libbpf has its own copy */
	header->dump = btf_dump__new(header->types, print_piece, &header->text, NULL);
	if (!header->dump)
		return inspect_fail(header->err, libbpf_code(errno), "types: print as C");
	return 0;
}

static void header_done(struct header *header)
{
	btf_dump__free(header->dump);
	btf__free(header->types);
	ctext_done(&header->text);
	btf_cblob_done(&header->blob);
	btf_sound_done(&header->sound);
}

static int check_options(const struct header *header)
{
	const struct btf_c_options *options = header->options;

	if (options->guard && !cname_is_good(options->guard))
		return inspect_fail(header->err, EINVAL, "guard %s: not an identifier of C",
				    options->guard);
	for (size_t i = 0; i < options->n_roots; i++)
		if (options->roots[i] >= btf_count(header->btf))
			return inspect_fail(header->err, EINVAL,
					    "type %u: there is none, the last is %u",
					    options->roots[i], btf_count(header->btf) - 1);
	return 0;
}

static int check_names(const struct header *header)
{
	AUTO(btf_done) struct btf_reader made = { 0 };
	int r = btf_init(&made, header->blob.bytes, header->blob.size, NULL, header->err);

	return r < 0 ? r : btf_crowd_check(&made, header->err);
}

static void tell_left_out(const struct header *header, const struct inspect_note *note)
{
	const struct btf_sound *sound = &header->sound;

	if (sound->unknown_kind)
		note_tell(note, "kind %u is not known to this build: the C text leaves out types",
			  sound->unknown_kind);
	if (sound->n_left_out)
		note_tell(note,
			  "the C text leaves out %u types that C cannot lay out; the first is %u",
			  sound->n_left_out, sound->first_left_out);
}

static int silence(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static int print_all(struct header *header)
{
	libbpf_print_fn_t before = libbpf_set_print(silence);
	int r = open_dump(header);

	if (r == 0)
		r = print_header(header);
	ctext_flush(&header->text);
	libbpf_set_print(before);
	return r;
}

int btf_c_print(struct out *out, const struct btf_reader *btf, const struct btf_c_options *options,
		const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(header_done) struct header header = { .btf = btf, .options = options, .err = err };

	int r = check_options(&header);
	if (r < 0)
		return r;
	r = btf_sound_init(&header.sound, btf, err);
	if (r < 0)
		return r;
	r = btf_cblob_init(&header.blob, btf, &header.sound, err);
	if (r < 0)
		return r;
	r = check_names(&header);
	if (r < 0)
		return r;
	header.text.out = out;
	header.text.names = &header.blob.names;
	tell_left_out(&header, note);
	return print_all(&header);
}
