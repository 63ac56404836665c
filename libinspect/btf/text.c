/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * text.c - a type as C would declare it
 *
 * C writes a declaration around its name. The chain of pointers, arrays and functions that leads from
 * a type to what it is made of is collected first; what stands left of the name then comes by walking
 * it backwards, and what stands right of it by walking it forwards.
 */
#include "btf/text.h"

#include "base/num.h"

#define POINTER_BYTES 8u
#define NESTING 8u /* functions that take functions */
#define BUDGET_BASE 4096u
#define BUDGET_BYTE 4u /* steps for each byte of the blob; sound ones take a fraction of one */

void btf_budget_init(struct btf_budget *budget, const struct btf_reader *btf)
{
	budget->steps = BUDGET_BASE;
	for (; btf; btf = btf->base)
		budget->steps += (uint64_t)BUDGET_BYTE * btf->types_size;
}

bool btf_is_modifier(uint32_t kind)
{
	return kind == KIND_CONST || kind == KIND_VOLATILE || kind == KIND_RESTRICT ||
	       kind == KIND_TYPE_TAG;
}

const char *btf_kind_word(uint32_t kind)
{
	static const char *const words[KINDS] = {
		[KIND_VOID] = "void",	      [KIND_INT] = "int",
		[KIND_PTR] = "ptr",	      [KIND_ARRAY] = "array",
		[KIND_STRUCT] = "struct",     [KIND_UNION] = "union",
		[KIND_ENUM] = "enum",	      [KIND_FWD] = "fwd",
		[KIND_TYPEDEF] = "typedef",   [KIND_VOLATILE] = "volatile",
		[KIND_CONST] = "const",	      [KIND_RESTRICT] = "restrict",
		[KIND_FUNC] = "func",	      [KIND_FUNC_PROTO] = "func_proto",
		[KIND_VAR] = "var",	      [KIND_DATASEC] = "datasec",
		[KIND_FLOAT] = "float",	      [KIND_DECL_TAG] = "decl_tag",
		[KIND_TYPE_TAG] = "type_tag", [KIND_ENUM64] = "enum",
	};

	return kind < KINDS ? words[kind] : NULL;
}

static bool is_passed(uint32_t kind, unsigned through)
{
	return btf_is_modifier(kind) || (kind == KIND_ARRAY && through & BTF_THROUGH_ARRAYS) ||
	       (kind == KIND_TYPEDEF && through & BTF_THROUGH_TYPEDEFS);
}

bool btf_resolve(const struct btf_reader *btf, uint32_t *id, unsigned through, bool *is_array,
		 struct btf_entry *out)
{
	for (unsigned n = 0; n < BTF_CHAIN_MOST; n++) {
		if (!btf_type(btf, *id, out))
			return false;
		if (!is_passed(out->kind, through))
			return true;
		if (is_array && out->kind == KIND_ARRAY)
			*is_array = true;
		*id = out->kind == KIND_ARRAY ? btf_word(out->tail, 0) : out->size_or_type;
	}
	return false;
}

bool btf_size(const struct btf_reader *btf, uint32_t id, uint64_t *out)
{
	struct btf_entry type = { 0 };
	uint64_t times = 1;

	for (unsigned n = 0; n < BTF_CHAIN_MOST; n++) {
		if (!btf_type(btf, id, &type))
			return false;
		if (!is_passed(type.kind, BTF_THROUGH_TYPEDEFS | BTF_THROUGH_ARRAYS))
			break;
		if (type.kind == KIND_ARRAY &&
		    __builtin_mul_overflow(times, btf_word(type.tail, 8), &times))
			return false;
		id = type.kind == KIND_ARRAY ? btf_word(type.tail, 0) : type.size_or_type;
	}
	switch (type.kind) {
	case KIND_PTR:
		*out = POINTER_BYTES;
		break;
	case KIND_INT:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_FLOAT:
	case KIND_DATASEC:
	case KIND_ENUM64:
		*out = type.size_or_type;
		break;
	default: /* it has no size, or the chain does not end */
		return false;
	}
	return !__builtin_mul_overflow(*out, times, out);
}

/* The text at hand. */
struct writer {
	struct buf *out;
	const struct btf_reader *btf;
	struct btf_budget *budget;
	size_t most; /* size of @out at which it is too long */
	bool is_cut;
};

static void cut(struct writer *w)
{
	if (!w->is_cut)
		buf_add_text(w->out, "...");
	w->is_cut = true;
}

static void add_bytes(struct writer *w, const char *text, size_t size)
{
	if (w->is_cut)
		return;
	if (w->out->size + size > w->most) {
		cut(w);
		return;
	}
	buf_add(w->out, text, size);
}

static void add(struct writer *w, const char *text)
{
	add_bytes(w, text, strlen(text));
}

static void add_number(struct writer *w, uint32_t number)
{
	char text[NUM_ROOM];

	add_bytes(w, text, num_format_u64(text, number));
}

static void add_name(struct writer *w, const char *name)
{
	add_bytes(w, name, strnlen(name, BTF_NAME_MOST));
}

/* A word behind whatever stands there. */
static void add_blank(struct writer *w)
{
	if (w->is_cut || !w->out->size)
		return;

	char last = w->out->bytes[w->out->size - 1];
	if (last != '*' && last != '(' && last != ' ')
		add(w, " ");
}

/* From a type (the first) to what it is made of (behind the last). */
struct chain {
	struct btf_entry types[BTF_CHAIN_MOST];
	unsigned n;
	struct btf_entry base;
	uint32_t base_id;
	bool has_base;
};

static bool is_link(uint32_t kind)
{
	return kind == KIND_PTR || kind == KIND_ARRAY || kind == KIND_FUNC_PROTO ||
	       kind == KIND_FUNC || btf_is_modifier(kind);
}

static void collect(struct writer *w, struct chain *chain, uint32_t id)
{
	chain->n = 0;
	chain->has_base = false;
	while (chain->n < BTF_CHAIN_MOST && btf_budget_take(w->budget, 1)) {
		struct btf_entry *type = &chain->types[chain->n];

		chain->base_id = id;
		if (!btf_type(w->btf, id, type))
			return;
		if (!is_link(type->kind)) {
			chain->base = *type;
			chain->has_base = true;
			return;
		}
		id = type->kind == KIND_ARRAY ? btf_word(type->tail, 0) : type->size_or_type;
		/* Tags say nothing here, and a function's declaration is its prototype's. */
		chain->n += type->kind != KIND_TYPE_TAG && type->kind != KIND_FUNC;
	}
	cut(w);
}

static void add_modifier(struct writer *w, uint32_t kind)
{
	add_blank(w);
	add(w, kind == KIND_RESTRICT ? "restrict" : btf_kind_word(kind));
}

/* What a chain is made of: a name in C, or what is there in its place. */
static void add_base(struct writer *w, const struct chain *chain)
{
	const struct btf_entry *base = &chain->base;
	const char *word = "";

	if (!chain->has_base) {
		add(w, "(no type ");
		add_number(w, chain->base_id);
		add(w, ")");
		return;
	}
	switch (base->kind) {
	case KIND_VOID:
		add(w, "void");
		return;
	case KIND_FWD:
		word = base->kind_flag ? "union" : "struct";
		break;
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_ENUM64:
		word = btf_kind_word(base->kind);
		break;
	case KIND_INT:
	case KIND_FLOAT:
	case KIND_TYPEDEF:
		break;
	default: /* nothing that may stand here */
		add(w, "(kind ");
		add_number(w, base->kind);
		add(w, ")");
		return;
	}
	add(w, word);
	add(w, *word ? " " : "");
	if (*base->name)
		add_name(w, base->name);
	else
		add(w, "{...}");
}

/* Is the link at @i, an array or a function, what a pointer points to? */
static bool is_pointed_to(const struct chain *chain, unsigned i)
{
	while (i && btf_is_modifier(chain->types[i - 1].kind))
		i--;
	return i && chain->types[i - 1].kind == KIND_PTR;
}

/* A modifier belongs to the pointer that follows it in the chain, or else to the base. */
static bool is_of_pointer(const struct chain *chain, unsigned i)
{
	while (i < chain->n && btf_is_modifier(chain->types[i].kind))
		i++;
	return i < chain->n && chain->types[i].kind == KIND_PTR;
}

static void add_left(struct writer *w, const struct chain *chain)
{
	for (unsigned i = 0; i < chain->n; i++)
		if (btf_is_modifier(chain->types[i].kind) && !is_of_pointer(chain, i)) {
			add(w, chain->types[i].kind == KIND_RESTRICT
				       ? "restrict"
				       : btf_kind_word(chain->types[i].kind));
			add(w, " ");
		}
	add_base(w, chain);
	for (unsigned i = chain->n; i-- > 0;) {
		uint32_t kind = chain->types[i].kind;

		if (kind == KIND_PTR) {
			add_blank(w);
			add(w, "*");
		} else if (btf_is_modifier(kind)) {
			if (is_of_pointer(chain, i))
				add_modifier(w, kind);
		} else if (is_pointed_to(chain, i)) {
			add_blank(w);
			add(w, "(");
		}
	}
}

static void add_declaration(struct writer *w, uint32_t id, const char *name, unsigned depth);

/* A last parameter without name and type stands for any more. */
static void add_params(struct writer *w, const struct btf_entry *proto, bool has_names,
		       unsigned depth)
{
	add(w, "(");
	for (uint32_t i = 0; i < proto->vlen && !w->is_cut; i++) {
		uint32_t type = btf_word(proto->tail, (size_t)i * 8 + 4);
		const char *name =
			has_names ? btf_string(w->btf, btf_word(proto->tail, (size_t)i * 8)) : "";

		add(w, i ? ", " : "");
		if (!type)
			add(w, "...");
		else if (depth < NESTING)
			add_declaration(w, type, name, depth + 1);
		else
			cut(w);
	}
	add(w, proto->vlen ? ")" : "void)");
}

static void add_right(struct writer *w, const struct chain *chain, bool is_function, unsigned depth)
{
	for (unsigned i = 0; i < chain->n; i++) {
		const struct btf_entry *type = &chain->types[i];

		if (type->kind != KIND_ARRAY && type->kind != KIND_FUNC_PROTO)
			continue;
		if (is_pointed_to(chain, i))
			add(w, ")");
		if (type->kind == KIND_ARRAY) {
			add(w, "[");
			add_number(w, btf_word(type->tail, 8));
			add(w, "]");
		} else {
			/* Only of a function itself the names of parameters say something. */
			add_params(w, type, is_function && !i, depth);
		}
	}
}

static void add_declaration(struct writer *w, uint32_t id, const char *name, unsigned depth)
{
	struct chain chain;
	struct btf_entry type;

	bool is_function = btf_type(w->btf, id, &type) && type.kind == KIND_FUNC;
	collect(w, &chain, id);
	if (w->is_cut)
		return;
	add_left(w, &chain);
	if (*name) {
		add_blank(w);
		add_name(w, name);
	} else if (chain.n &&
		   (chain.types[0].kind == KIND_ARRAY || chain.types[0].kind == KIND_FUNC_PROTO)) {
		add_blank(w);
	}
	add_right(w, &chain, is_function, depth);
}

void btf_text_add(struct buf *out, const struct btf_reader *btf, uint32_t id, const char *name,
		  struct btf_budget *budget)
{
	struct writer w = {
		.out = out,
		.btf = btf,
		.budget = budget,
		.most = out->size + BTF_TEXT_MOST,
	};

	add_declaration(&w, id, name, 0);
}
