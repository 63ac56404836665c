/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_code.c - what an object's code needs: helpers, functions, members of types, instructions
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "code/lines.h"
#include "kernel/names.h"
#include "probe/requires.h"

/* A function, on behalf of a program. */
struct coding {
	struct finding *finding;
	const struct object_func *func;
	const char *prog; /* its name */
	const char *type; /* its type; NULL where the section says none */
	uint32_t shape;
	uint32_t prog_number;
	struct lines lines;
	bool is_seen; /* the instruction at hand is come to */
};

/* A use of something: the first one says where. */
static struct need *add(struct coding *coding, enum need_kind kind, enum need_must must,
			const char *name, const char *of, const struct insn *insn)
{
	struct need *need = finding_add(coding->finding, kind, must, name, of, coding->prog);
	struct line line;

	if (!need || need->uses > 1)
		return need;
	if (kind == NEED_HELPER || kind == NEED_KFUNC)
		need->shape = coding->shape;
	need->is_guarded = coding->finding->is_unsure;
	need->has_insn = true;
	need->insn = insn->index;
	need->section = coding->func->section;
	if (lines_find_around(&coding->lines, coding->func->first, insn->index, &line)) {
		need->file = line.file;
		need->line = line.number;
	}
	return need;
}

static enum need_must must_of(const struct coding *coding)
{
	return coding->is_seen ? NEED_MUST : NEED_UNREACHED;
}

static void add_helper(struct coding *coding, const struct insn *insn)
{
	struct buf *text = &coding->finding->text;
	const char *name = names_find(NAMES_HELPER, (unsigned)insn->imm);
	char digits[NUM_ROOM];

	if (name) {
		buf_add_text(text, "bpf_");
		buf_add_text(text, name);
	} else {
		buf_add(text, digits, num_format_u64(digits, (uint32_t)insn->imm));
	}
	struct need *need = add(coding, NEED_HELPER, must_of(coding),
				finding_text(coding->finding, text), coding->type, insn);
	if (need)
		need->number = (uint32_t)insn->imm;
}

/* The kernel takes a function for some types of programs alone. */
static void add_kfunc(struct coding *coding, const struct insn *insn,
		      const struct elf_symbol *symbol)
{
	struct finding *finding = coding->finding;
	uint32_t at = finding->externs[symbol->index];

	buf_add(&finding->text, symbol->name, core_name_length(symbol->name));
	bool is_there = at && finding_at(finding, at - 1)->answer == INSPECT_YES;
	/* The kernel looks at the licence wherever the call stands. */
	bool is_refused = is_there && !finding->requires->is_gpl;
	struct need *need = add(coding, NEED_KFUNC, is_refused ? NEED_MUST : must_of(coding),
				finding_text(finding, &finding->text), coding->type, insn);
	const struct need *known = at ? finding_at(finding, at - 1) : NULL;
	if (need && is_refused && need->uses == 1) {
		need_refuse_license(finding->requires, need, "kernel functions",
				    INSPECT_FOUND_RULE);
		need->is_guarded = false;
	}
	if (!need || !known || need->uses > 1 || known->answer == INSPECT_YES)
		return;
	need_answer(finding, need, known->answer, known->found, known->detail);
	need->reason = known->reason;
	need->is_answered = known->is_answered;
	/* That it is looked for first could not be followed, but it is. */
	need->is_guarded |= finding->asked[symbol->index] == coding->prog_number + 1;
}

static void add_call(struct coding *coding, const struct insn *insn)
{
	struct object_target target;
	bool is_extern =
		object_find_target(coding->finding->object, coding->func->section, insn, &target) &&
		target.symbol && target.section == ELF_UNDEFINED;

	if (is_extern)
		add_kfunc(coding, insn, target.symbol);
	else if (insn->call == INSN_CALL_HELPER && !target.reloc)
		add_helper(coding, insn);
}

static void note_asked(struct coding *coding, const struct insn *insn)
{
	struct object_target target;

	if (insn->kind == INSN_CONSTANT &&
	    object_find_target(coding->finding->object, coding->func->section, insn, &target) &&
	    target.symbol && target.section == ELF_UNDEFINED)
		coding->finding->asked[target.symbol->index] = coding->prog_number + 1;
}

#define INSNS_MOST 1000000u /* since Linux 5.2 */

enum { CLASS_JMP32 = 6, OP_DIVIDE = 3, OP_LESS = 10 };

/* Those of the later sets of instructions, clang's -mcpu=v2 to v4; NULL for what the first one has. */
static const char *set_of(const struct insn *insn)
{
	unsigned class = insn->code & 7, op = insn->code >> 4;

	if (insn->kind == INSN_JUMP && class == CLASS_JMP32)
		return "gotol";
	if (insn->kind == INSN_SWAP && insn->swap == INSN_SWAP_ALWAYS)
		return "bswap";
	if (insn->kind == INSN_MOVE && insn->size)
		return "movsx";
	if (insn->kind == INSN_LOAD && insn->is_signed)
		return "ldsx";
	if (insn->kind == INSN_ALU && insn->is_signed)
		return op == OP_DIVIDE ? "sdiv" : "smod";
	if (insn->kind == INSN_JUMP_IF && class == CLASS_JMP32)
		return "jmp32";
	return insn->kind == INSN_JUMP_IF && op >= OP_LESS ? "jlt" : NULL;
}

/* The first one, an addition that tells nothing, is as old as the kernel's interpreter. */
static const char *atomic_of(const struct insn *insn)
{
	switch (insn->imm) {
	case INSN_ATOMIC_AND:
		return "atomic_and";
	case INSN_ATOMIC_OR:
		return "atomic_or";
	case INSN_ATOMIC_XOR:
		return "atomic_xor";
	case INSN_ATOMIC_ADD | INSN_ATOMIC_FETCH:
		return "atomic_fetch_add";
	case INSN_ATOMIC_AND | INSN_ATOMIC_FETCH:
		return "atomic_fetch_and";
	case INSN_ATOMIC_OR | INSN_ATOMIC_FETCH:
		return "atomic_fetch_or";
	case INSN_ATOMIC_XOR | INSN_ATOMIC_FETCH:
		return "atomic_fetch_xor";
	case INSN_ATOMIC_XCHG:
		return "atomic_xchg";
	case INSN_ATOMIC_CMPXCHG:
		return "atomic_cmpxchg";
	case INSN_ATOMIC_LOAD:
		return "load_acquire";
	case INSN_ATOMIC_STORE:
		return "store_release";
	default:
		return NULL;
	}
}

/* As probe/instruction.c calls it; NULL for what needs no asking. */
static const char *instruction_of(const struct insn *insn)
{
	switch ((enum insn_kind)insn->kind) {
	case INSN_MAY_GOTO:
		return "may_goto";
	case INSN_CAST:
		return "addr_space_cast";
	case INSN_JUMP_REG:
		return "gotox";
	case INSN_ATOMIC:
		return atomic_of(insn);
	default:
		return set_of(insn);
	}
}

static void add_instruction(struct coding *coding, const struct insn *insn)
{
	const char *name = instruction_of(insn);

	if (name)
		add(coding, NEED_INSTRUCTION, must_of(coding), name, NULL, insn);
}

/* What libbpf refuses whatever the code does with it, it refuses also out of reach. */
static bool is_refused(const struct core_result *result)
{
	return result->answer == CORE_DISAGREE || result->answer == CORE_BROKEN ||
	       result->answer == CORE_TOO_FAR;
}

static enum need_must core_must(const struct coding *coding, const struct ext_core *core,
				const struct core_result *result)
{
	if (is_refused(result))
		return NEED_MUST;
	if (core_is_question(core->kind))
		return NEED_ASKS;
	return must_of(coding);
}

static void answer_core(struct finding *finding, struct need *need, const struct ext_core *core,
			const struct core_result *result, bool is_access)
{
	struct core_result again;

	if (finding->requires->against->types_error) {
		need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT, NULL);
		need->reason = INSPECT_REASON_NO_TYPES;
		return;
	}
	bool is_there =
		result->answer == CORE_RESOLVED && (!core_is_question(core->kind) || result->value);
	if (is_there) {
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
		return;
	}
	/* Words are made for those few that need them. */
	finding->core.sets = finding->requires->against->sets;
	finding->core.n_sets = finding->requires->against->n_sets;
	core_resolve(&finding->core, core, is_access, &again, &finding->detail);
	bool is_unknown = again.answer == CORE_TOO_MUCH;
	need_answer(finding, need, is_unknown ? INSPECT_UNKNOWN : INSPECT_NO,
		    is_unknown ? INSPECT_FOUND_NOT : INSPECT_FOUND_BTF,
		    finding_text(finding, &finding->detail));
	if (result->answer != CORE_MISSING)
		need->reason = INSPECT_REASON_OTHER;
	if (core_is_question(core->kind))
		need->reason = INSPECT_REASON_NOT_BUILT_IN;
}

static void add_core(struct coding *coding, const struct insn *insn)
{
	struct finding *finding = coding->finding;
	const struct ext_section *ext = object_ext(finding->object, coding->func->section);
	const struct ext_core *core = ext ? ext_find_core(ext, insn->index) : NULL;

	if (!core || core->kind == CORE_TYPE_ID_LOCAL)
		return;
	const struct core_result *result =
		&finding->cores[finding->cores_at[coding->func->section] +
				(uint32_t)(core - ext->cores)];
	bool is_access =
		insn->kind == INSN_LOAD || insn->kind == INSN_STORE || insn->kind == INSN_ATOMIC;

	finding->text.size = finding->detail.size = 0;
	ext_add_core(core, &finding->object->btf, &finding->budget, &finding->text);
	struct need *need = add(coding, NEED_CORE, core_must(coding, core, result),
				finding_text(finding, &finding->text), NULL, insn);
	if (need && (!need->is_answered || need->answer == INSPECT_YES))
		answer_core(finding, need, core, result, is_access);
	if (need && is_refused(result))
		need->is_guarded = false;
}

static void scan_func(struct coding *coding, const struct reach *reach, uint32_t index)
{
	struct finding *finding = coding->finding;
	const struct object_func *func = &finding->object->funcs[index];
	const struct ext_section *ext = object_ext(finding->object, func->section);
	struct insn_stream stream = object_stream(finding->object, func->section);
	static const struct image none;
	struct insn insn;

	coding->func = func;
	lines_init(&coding->lines, ext ? &ext->image : &none,
		   finding->object->has_btf ? &finding->object->btf : NULL);
	for (uint32_t i = func->first; i < func->end && !finding->has_no_memory; i += insn.length) {
		insn_decode(&stream, i, &insn);
		coding->is_seen = reach_is_seen(reach, index, i);
		note_asked(coding, &insn);
		if (insn.kind == INSN_CALL)
			add_call(coding, &insn);
		add_instruction(coding, &insn);
		add_core(coding, &insn);
	}
}

/* The kernel counts the functions that a program calls as its own. */
static void add_size(struct coding *coding, const struct reach *reach, const struct object *object)
{
	struct finding *finding = coding->finding;
	char digits[NUM_ROOM];
	uint64_t size = 0;

	for (uint32_t k = 0; k < reach->n_funcs; k++)
		size += object->funcs[reach->funcs[k]].end - object->funcs[reach->funcs[k]].first;
	if (size <= INSNS_MOST)
		return;
	buf_add(&finding->text, digits, num_format_u64(digits, size));
	struct need *need = finding_add(finding, NEED_PROG_SIZE, NEED_MUST,
					finding_text(finding, &finding->text), NULL, coding->prog);
	if (!need)
		return;
	need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_RULE,
		    "kernels take 1000000 instructions, those of called functions too");
	need->reason = INSPECT_REASON_OTHER;
}

bool finding_is_loaded(const struct object *object, const struct object_func *func)
{
	const char *section = object->elf.parts[func->section].name;

	return *func->name && !func->is_subprog && !func->is_alias && *section != '?' &&
	       strcmp(section, ".text") != 0;
}

int finding_code(struct finding *finding)
{
	const struct object *object = finding->object;
	const struct reach_facts facts = { finding, finding_constant, finding_load };
	AUTO(reach_done) struct reach reach = { 0 };
	struct coding coding = { .finding = finding };

	int r = reach_init(&reach, object, &facts);
	for (uint32_t i = 0; !r && i < object->n_funcs && !finding->has_no_memory; i++) {
		if (!finding_is_loaded(object, &object->funcs[i]))
			continue;
		coding.prog = object->funcs[i].name;
		coding.prog_number = i;
		coding.shape = finding_prog(finding, i);
		coding.type =
			coding.shape ? finding->requires->shapes[coding.shape - 1].prog_type : NULL;
		finding->is_unsure = false;
		r = reach_follow(&reach, i);
		finding->is_unsure |= reach_is_unsure(&reach);
		/* What took too long to follow is too long to look through, program by program. */
		for (uint32_t k = 0; !r && reach.steps && k < reach.n_funcs; k++)
			scan_func(&coding, &reach, reach.funcs[k]);
		if (!r && reach.steps)
			add_size(&coding, &reach, object);
	}
	finding->requires->is_cut = !reach.steps;
	return r;
}
