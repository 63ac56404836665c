/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_extern.c - what an object leaves to the kernel to define: functions, variables, options
 *
 * BTF says of each what it is, in .ksyms or .kconfig; the symbol says whether it is weak.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "base/text.h"
#include "btf/raw.h"
#include "btf/text.h"
#include "probe/kfunc.h"
#include "probe/requires.h"

/* Symbols without a place, by name. */
struct undefined {
	const struct elf_symbol **symbols;
	size_t n;
};

static void undefined_done(struct undefined *undefined)
{
	free(undefined->symbols);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct elf_symbol *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static int undefined_init(struct undefined *undefined, const struct elf_object *elf)
{
	undefined->symbols = calloc((size_t)elf->n_symbols + 1, sizeof(*undefined->symbols));
	if (!undefined->symbols)
		return -ENOMEM;
	for (uint32_t i = 1; i < elf->n_symbols; i++)
		if (elf->symbols[i].section == ELF_UNDEFINED && *elf->symbols[i].name)
			undefined->symbols[undefined->n++] = &elf->symbols[i];
	if (undefined->n)
		qsort(undefined->symbols, undefined->n, sizeof(*undefined->symbols),
		      compare_symbols);
	return 0;
}

static const struct elf_symbol *undefined_find(const struct undefined *undefined, const char *name)
{
	const struct elf_symbol key = { .name = name };
	const struct elf_symbol *wanted = &key, **found = NULL;

	if (undefined->n)
		found = bsearch(&wanted, undefined->symbols, undefined->n, sizeof(wanted),
				compare_symbols);
	return found ? *found : NULL;
}

/* What the loader makes of a file of types alone it would of the kernel's: there, the same. */
static void answer_type(struct finding *finding, struct need *need, enum against_answer answer,
			const char *detail)
{
	struct against *against = finding->requires->against;

	if (answer == AGAINST_UNKNOWN) {
		need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT, NULL);
		need->reason = INSPECT_REASON_NO_TYPES;
		return;
	}
	need_answer(finding, need, answer == AGAINST_YES ? INSPECT_YES : INSPECT_NO,
		    INSPECT_FOUND_BTF, detail);
	/* A module of another kernel may have it: there is no file of its types. A saved probe may know. */
	bool may_be_elsewhere = need->kind != NEED_KFUNC || kfunc_may_be_of_module(need->name);

	if (answer == AGAINST_NO && !against->is_live && !detail && may_be_elsewhere) {
		need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT,
			    "not in the kernel itself; types of its modules were not given");
		need->reason = INSPECT_REASON_NO_TYPES;
		need->is_answered = need->kind != NEED_KFUNC;
	}
}

/* The kernel's function must have parameters and a result of the same shape. */
static void answer_func(struct finding *finding, struct need *need, const struct btf_entry *func,
			const char *name)
{
	const struct btf_reader *in = NULL;
	uint32_t id = 0;
	struct btf_entry there;
	enum against_answer answer =
		against_find(finding->requires->against, KIND_FUNC, name, &in, &id);

	if (answer != AGAINST_YES) {
		answer_type(finding, need, answer, NULL);
		return;
	}
	bool fits = btf_type(in, id, &there) &&
		    core_types_fit(&finding->core, func->size_or_type, in, there.size_or_type);
	answer_type(finding, need, fits ? AGAINST_YES : AGAINST_NO,
		    fits ? NULL : "the kernel's function has other parameters");
}

/*
 * A variable with a type is in BTF, with such a type, and the kernel finds its address among its symbols. Where one of
 * these is not so, and it is in BTF, its being weak is no help: the loader, or the kernel, refuses whoever names it.
 */
static void answer_variable(struct finding *finding, struct need *need, uint32_t type_id)
{
	struct against *against = finding->requires->against;
	const struct btf_reader *in = NULL;
	uint32_t id = 0;
	struct btf_entry there;
	enum against_answer answer = against_find(against, KIND_VAR, need->name, &in, &id);

	if (answer != AGAINST_YES) {
		answer_type(finding, need, answer, NULL);
		return;
	}
	bool fits = btf_type(in, id, &there) &&
		    core_types_fit(&finding->core, type_id, in, there.size_or_type);
	need->is_typed = fits;
	if (fits && against->is_live)
		return; /* symbols are read for all that are left */
	answer_type(finding, need, fits ? AGAINST_YES : AGAINST_NO,
		    fits ? NULL : "the kernel's variable has another type");
	if (!fits) {
		need->must = NEED_MUST;
		need->reason = INSPECT_REASON_OTHER;
	}
}

/*
 * Functions are found by name up to "___"; variables without a type are symbols. One declared in several ways, each with
 * something behind its name, has an answer for each.
 */
static void add_symbol(struct finding *finding, const struct btf_entry *one,
		       const struct elf_symbol *symbol)
{
	bool is_func = one->kind == KIND_FUNC;
	enum need_must must = symbol->is_weak ? NEED_WEAK : NEED_MUST;
	struct btf_entry type = { 0 };
	uint32_t id = one->size_or_type;
	size_t n = core_name_length(one->name);

	buf_add(&finding->text, one->name, n);
	struct need *need = finding_add(finding, is_func ? NEED_KFUNC : NEED_SYMBOL, must,
					finding_text(finding, &finding->text), NULL,
					one->name[n] ? one->name : NULL);
	if (!need)
		return;
	finding->externs[symbol->index] = need->order + 1;
	if (is_func) {
		answer_func(finding, need, one, need->name);
		return;
	}
	bool has_type =
		btf_resolve(&finding->object->btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &type) &&
		type.kind != KIND_VOID;
	if (has_type)
		answer_variable(finding, need, one->size_or_type);
}

static void add_section(struct finding *finding, const struct undefined *undefined,
			const char *section)
{
	const struct btf_reader *btf = &finding->object->btf;
	bool is_options = strcmp(section, ".kconfig") == 0;
	struct btf_entry all, one;

	if (!object_find_datasec(finding->object, section, &all))
		return;
	for (uint32_t i = 0; i < all.vlen; i++) {
		if (!btf_type(btf, btf_word(all.tail, (size_t)i * 12), &one) || !*one.name)
			continue;
		const struct elf_symbol *symbol = undefined_find(undefined, one.name);

		if (symbol && is_options && one.kind == KIND_VAR)
			finding_option(finding, &one, symbol);
		else if (symbol && !is_options && (one.kind == KIND_VAR || one.kind == KIND_FUNC))
			add_symbol(finding, &one, symbol);
	}
}

/* What only the list of the kernel's symbols knows; types of another kernel may know it as well. */
static void answer_symbol(struct finding *finding, struct need *need, int error,
			  const struct against_symbol *symbol)
{
	struct against *against = finding->requires->against;

	if (!error && !symbol->is_there && need->is_typed) {
		need_answer(
			finding, need, INSPECT_NO, INSPECT_FOUND_FILE,
			"types know it, and the list of symbols, where its address is looked up, does not");
		need->must = NEED_MUST;
		return;
	}
	if (!error) {
		need_answer(finding, need, symbol->is_there ? INSPECT_YES : INSPECT_NO,
			    INSPECT_FOUND_FILE, NULL);
		return;
	}
	bool is_typed = against_find(against, KIND_FUNC, need->name, NULL, NULL) == AGAINST_YES ||
			against_find(against, KIND_VAR, need->name, NULL, NULL) == AGAINST_YES;
	if (is_typed) {
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
		return;
	}
	need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT,
		    "types do not tell of all symbols");
	need->reason = INSPECT_REASON_UNREADABLE;
}

/* What is looked for among symbols, or NULL. */
static const char *symbol_of(const struct need *need)
{
	if (need->is_answered)
		return NULL;
	return need->kind == NEED_SYMBOL ? need->name : need->wanted;
}

/* A function that programs are attached to. */
static void answer_target(struct finding *finding, struct need *need, int error,
			  const struct against_symbol *symbol)
{
	if (!error) {
		need_answer(finding, need, symbol->is_function ? INSPECT_YES : INSPECT_NO,
			    INSPECT_FOUND_FILE, NULL);
		return;
	}
	need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT, NULL);
	need->reason = INSPECT_REASON_UNREADABLE;
}

/* Those that are left are looked for in one reading. */
static int answer_symbols(struct finding *finding)
{
	uint32_t n = (uint32_t)(finding->list.size / sizeof(struct need));
	autofree struct against_symbol *symbols = calloc((size_t)n + 1, sizeof(*symbols));
	size_t n_symbols = 0;

	if (!symbols)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const char *wanted = symbol_of(finding_at(finding, i));

		if (wanted)
			symbols[n_symbols++] =
				(struct against_symbol){ .name = wanted,
							 .is_glob = name_is_glob(wanted) };
	}
	int error = against_find_symbols(finding->requires->against, symbols, n_symbols);
	for (uint32_t i = 0; i < n; i++) {
		struct need *need = finding_at(finding, i);

		const char *wanted = symbol_of(need);
		const struct against_symbol *symbol =
			wanted ? against_symbol_at(symbols, n_symbols, wanted) : NULL;

		if (symbol && need->kind == NEED_SYMBOL)
			answer_symbol(finding, need, error, symbol);
		else if (symbol)
			answer_target(finding, need, error, symbol);
	}
	return 0;
}

int finding_externs(struct finding *finding)
{
	AUTO(undefined_done) struct undefined undefined = { 0 };
	size_t n = (size_t)finding->object->elf.n_symbols + 1;

	finding->externs = calloc(n, sizeof(*finding->externs));
	finding->asked = calloc(n, sizeof(*finding->asked));
	if (!finding->externs || !finding->asked ||
	    undefined_init(&undefined, &finding->object->elf))
		return -ENOMEM;
	add_section(finding, &undefined, ".ksyms");
	add_section(finding, &undefined, ".kconfig");
	return finding->has_no_memory ? -ENOMEM : answer_symbols(finding);
}

/* What the loader puts in the place of a symbol: an address, or 0 where there is none. */
static struct reach_value extern_value(struct finding *finding, const struct elf_symbol *symbol)
{
	uint32_t at = finding->externs[symbol->index];
	const struct need *need = at ? finding_at(finding, at - 1) : NULL;
	struct reach_value out = { .kind = REACH_ANY };

	if (!need)
		return out;
	out.is_blurred = need->must == NEED_WEAK;
	if (need->kind == NEED_CONFIG)
		return (struct reach_value){ .kind = REACH_ADDRESS,
					     .place = REACH_SYMBOL | symbol->index };
	if (need->answer == INSPECT_YES)
		out.kind = REACH_NOT_ZERO;
	else if (need->answer == INSPECT_NO)
		out.kind = REACH_NUMBER;
	else
		finding->is_unsure = true;
	return out;
}

static bool relocated(struct finding *finding, uint32_t section, const struct insn *insn,
		      struct reach_value *out)
{
	const struct object *object = finding->object;
	struct object_target target;

	if (insn->kind != INSN_CONSTANT || !object_find_target(object, section, insn, &target))
		return false;
	if (target.symbol && target.section == ELF_UNDEFINED)
		*out = extern_value(finding, target.symbol);
	else if (target.section < object->elf.image.n_sections)
		*out = (struct reach_value){ .kind = REACH_ADDRESS,
					     .place = target.section,
					     .number = target.offset };
	else
		*out = (struct reach_value){ .kind = REACH_ANY };
	return true;
}

/* Where a member is, and a type's number, no code takes for an answer. */
static bool is_asked_for(uint32_t kind)
{
	return kind != CORE_FIELD_BYTE_OFFSET && kind != CORE_TYPE_ID_TARGET &&
	       kind != CORE_TYPE_ID_LOCAL;
}

bool finding_constant(void *context, uint32_t section, const struct insn *insn,
		      struct reach_value *out)
{
	struct finding *finding = context;
	const struct ext_section *ext = object_ext(finding->object, section);
	const struct ext_core *core = ext ? ext_find_core(ext, insn->index) : NULL;

	if (!core)
		return relocated(finding, section, insn, out);
	const struct core_result *result =
		&finding->cores[finding->cores_at[section] + (uint32_t)(core - ext->cores)];
	bool is_known = result->answer == CORE_RESOLVED;
	bool is_whole = (insn->kind == INSN_MOVE && insn->has_imm) || insn->kind == INSN_CONSTANT;

	*out = (struct reach_value){ .kind = REACH_ANY };
	if (is_whole && is_known)
		*out = (struct reach_value){ REACH_NUMBER, 0, result->value,
					     is_asked_for(core->kind) };
	return true;
}

void finding_load(void *context, const struct reach_value *address, unsigned size,
		  struct reach_value *out)
{
	struct finding *finding = context;
	const struct object *object = finding->object;

	if (address->place & REACH_SYMBOL) {
		if (!address->number)
			need_option_value(
				finding_at(finding,
					   finding->externs[address->place & ~REACH_SYMBOL] - 1),
				size, out);
		finding->is_unsure |= out->kind == REACH_ANY;
		return;
	}
	const struct elf_part *part = &object->elf.parts[address->place];
	if (!text_has_prefix(part->name, ".rodata") || elf_part_is_empty(part) ||
	    object->relocs[address->place].n || size > 8 || size > part->size ||
	    address->number > part->size - size)
		return;
	*out = (struct reach_value){
		REACH_NUMBER, 0,
		elf_number(&object->elf, object->bytes + part->offset + address->number, size), true
	};
}
