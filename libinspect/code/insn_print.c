/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * insn_print.c - eBPF instructions: facts to text
 *
 * Both syntaxes share their bones and differ in how numbers, places in memory and what is referred
 * to are written.
 */
#include <string.h>

#include "base/num.h"
#include "code/insn.h"
#include "code/pen.h"
#include "kernel/names.h"

static void put_register(struct pen *pen, unsigned number, bool is_32)
{
	put_char(pen, is_32 ? 'w' : 'r');
	if (number >= 10)
		put_char(pen, '1');
	put_char(pen, (char)('0' + number % 10));
}

static void put_operand(struct pen *pen, const struct insn *insn)
{
	if (insn->has_imm)
		put_imm(pen, insn->imm);
	else
		put_register(pen, insn->src, insn->is_32);
}

static void put_type(struct pen *pen, const struct insn *insn)
{
	static const char bits[][3] = { [1] = "8", [2] = "16", [4] = "32", [8] = "64" };

	put_char(pen, insn->is_signed ? 's' : 'u');
	put_word(pen, bits[insn->size]);
}

/* (r1 +8), or of the assembler (r1 + 0x8) */
static void put_address(struct pen *pen, unsigned number, int off)
{
	put_register(pen, number, false);
	put_char(pen, ' ');
	if (!pen->is_assembler) {
		put_signed_decimal(pen, off);
		return;
	}
	put_char(pen, off < 0 ? '-' : '+');
	put_char(pen, ' ');
	put_hex(pen, off < 0 ? -(uint64_t)off : (uint64_t)off);
}

/* (u64 *)(r1 +8) */
static void put_place(struct pen *pen, const struct insn *insn, unsigned number)
{
	put_char(pen, '(');
	put_type(pen, insn);
	put(pen, " *)(");
	put_address(pen, number, insn->off);
	put_char(pen, ')');
}

static void put_target(struct pen *pen, const struct insn *insn)
{
	const struct insn_names *names = pen->names;
	const char *label = NULL;

	if (!pen->is_assembler) {
		put(pen, "pc");
		put_signed_decimal(pen, insn->distance);
		return;
	}
	put_signed_hex(pen, insn->distance, true);
	if (names && names->label && insn->target != INSN_NO_TARGET)
		label = names->label(names->context, insn);
	if (label) {
		put(pen, " <");
		put_name(pen, label);
		put_char(pen, '>');
	}
}

static void put_alu(struct pen *pen, const struct insn *insn)
{
	static const char ops[][5] = { "+=",  "-=", "*=", "/=", "|=", "&=",  "<<=",
				       ">>=", "",   "%=", "^=", "=",  "s>>=" };

	put_register(pen, insn->dst, insn->is_32);
	put_char(pen, ' ');
	if (insn->is_signed)
		put_char(pen, 's');
	put_word(pen, ops[insn->code >> 4]);
	put_char(pen, ' ');
	put_operand(pen, insn);
}

static void put_move(struct pen *pen, const struct insn *insn)
{
	static const char types[][6] = { [0] = "", [1] = "(s8)", [2] = "(s16)", [4] = "(s32)" };

	put_register(pen, insn->dst, insn->is_32);
	put(pen, " = ");
	put_word(pen, types[insn->size]);
	put_operand(pen, insn);
}

static void put_negation(struct pen *pen, const struct insn *insn)
{
	put_register(pen, insn->dst, insn->is_32);
	put(pen, " = -");
	put_register(pen, insn->dst, insn->is_32);
}

static void put_swap(struct pen *pen, const struct insn *insn)
{
	static const char ways[][6] = {
		[INSN_TO_LE] = "le", [INSN_TO_BE] = "be", [INSN_SWAP_ALWAYS] = "bswap"
	};

	put_register(pen, insn->dst, false);
	put(pen, " = ");
	put_word(pen, ways[insn->swap]);
	put_decimal(pen, insn->size * 8);
	put_char(pen, ' ');
	put_register(pen, insn->dst, false);
}

static void put_cast(struct pen *pen, const struct insn *insn)
{
	uint32_t spaces = (uint32_t)insn->imm;

	put_register(pen, insn->dst, false);
	put(pen, " = addr_space_cast(");
	put_register(pen, insn->src, false);
	put(pen, ", ");
	put_imm(pen, spaces >> 16);
	put(pen, ", ");
	put_imm(pen, spaces & 0xffff);
	put_char(pen, ')');
}

static void put_percpu(struct pen *pen, const struct insn *insn)
{
	put_register(pen, insn->dst, false);
	put(pen, " = &(void __percpu *)(");
	put_register(pen, insn->src, false);
	put_char(pen, ')');
}

/* The assembler names halves where a value has at most 32 bits, unless its sign is extended to 64. */
static bool is_half(const struct pen *pen, const struct insn *insn)
{
	return pen->is_assembler && insn->size < 8 && !insn->is_signed;
}

static void put_load(struct pen *pen, const struct insn *insn)
{
	put_register(pen, insn->dst, is_half(pen, insn));
	put(pen, " = *");
	put_place(pen, insn, insn->src);
}

static void put_store(struct pen *pen, const struct insn *insn)
{
	put_char(pen, '*');
	put_place(pen, insn, insn->dst);
	put(pen, " = ");
	if (insn->has_imm)
		put_imm(pen, insn->imm);
	else
		put_register(pen, insn->src, is_half(pen, insn));
}

/* The assembler has no number beside the register. It would be lost, so it is shown where there is one. */
static void put_packet(struct pen *pen, const struct insn *insn)
{
	put(pen, "r0 = *(");
	put_type(pen, insn);
	put(pen, " *)skb[");
	if (!insn->has_imm)
		put_register(pen, insn->src, false);
	if (!insn->has_imm && (insn->imm || !pen->is_assembler))
		put(pen, " + ");
	if (insn->has_imm || insn->imm || !pen->is_assembler)
		put_imm(pen, insn->imm);
	put_char(pen, ']');
}

static void put_comma_register(struct pen *pen, unsigned number, bool is_32)
{
	put(pen, ", ");
	put_register(pen, number, is_32);
}

static void put_atomic_plain(struct pen *pen, const struct insn *insn)
{
	put(pen, "lock *");
	put_place(pen, insn, insn->dst);
	put_word(pen, insn->imm == INSN_ATOMIC_ADD   ? " += "
		      : insn->imm == INSN_ATOMIC_OR  ? " |= "
		      : insn->imm == INSN_ATOMIC_AND ? " &= "
						     : " ^= ");
	put_register(pen, insn->src, is_half(pen, insn));
}

static const char *fetch_word(int32_t imm)
{
	switch (imm & ~INSN_ATOMIC_FETCH) {
	case INSN_ATOMIC_ADD:
		return "fetch_add";
	case INSN_ATOMIC_OR:
		return "fetch_or";
	case INSN_ATOMIC_AND:
		return "fetch_and";
	case INSN_ATOMIC_XOR:
		return "fetch_xor";
	case INSN_ATOMIC_XCHG & ~INSN_ATOMIC_FETCH:
		return "xchg";
	}
	return "cmpxchg";
}

/* r2 = atomic64_fetch_add((u64 *)(r1 +8), r2); the assembler: r2 = atomic_fetch_add((u64 *)(r1 + 0x8), r2) */
static void put_atomic_fetch(struct pen *pen, const struct insn *insn)
{
	bool is_compare = insn->imm == INSN_ATOMIC_CMPXCHG;
	bool is_w = is_half(pen, insn);

	put_register(pen, is_compare ? 0 : insn->src, is_w);
	put_word(pen, insn->is_32 || pen->is_assembler ? " = atomic_" : " = atomic64_");
	put_word(pen, fetch_word(insn->imm));
	put_char(pen, '(');
	put_place(pen, insn, insn->dst);
	if (is_compare)
		put_comma_register(pen, 0, is_w);
	put_comma_register(pen, insn->src, is_w);
	put_char(pen, ')');
}

/* The assembler's r2 = xchg_64(r1 + 0x8, r2) and w0 = cmpxchg32_32(r1 + 0x8, w0, w2) */
static void put_exchange(struct pen *pen, const struct insn *insn)
{
	bool is_compare = insn->imm == INSN_ATOMIC_CMPXCHG;

	put_register(pen, is_compare ? 0 : insn->src, insn->is_32);
	put_word(pen, is_compare ? " = cmpxchg" : " = xchg");
	put_word(pen, insn->is_32 ? "32_32(" : "_64(");
	put_address(pen, insn->dst, insn->off);
	if (is_compare)
		put_comma_register(pen, 0, insn->is_32);
	put_comma_register(pen, insn->src, insn->is_32);
	put_char(pen, ')');
}

static void put_acquire(struct pen *pen, const struct insn *insn)
{
	put_register(pen, insn->dst, is_half(pen, insn));
	put(pen, " = load_acquire(");
	put_place(pen, insn, insn->src);
	put_char(pen, ')');
}

static void put_release(struct pen *pen, const struct insn *insn)
{
	put(pen, "store_release(");
	put_place(pen, insn, insn->dst);
	put_comma_register(pen, insn->src, is_half(pen, insn));
	put_char(pen, ')');
}

static void put_atomic(struct pen *pen, const struct insn *insn)
{
	if (insn->imm == INSN_ATOMIC_LOAD)
		put_acquire(pen, insn);
	else if (insn->imm == INSN_ATOMIC_STORE)
		put_release(pen, insn);
	else if (!(insn->imm & INSN_ATOMIC_FETCH))
		put_atomic_plain(pen, insn);
	else if (pen->is_assembler &&
		 (insn->imm == INSN_ATOMIC_XCHG || insn->imm == INSN_ATOMIC_CMPXCHG))
		put_exchange(pen, insn);
	else
		put_atomic_fetch(pen, insn);
}

static void put_jump(struct pen *pen, const struct insn *insn)
{
	if (insn->code == 0x06)
		put(pen, "gotol ");
	else
		put(pen, "goto ");
	put_target(pen, insn);
}

static void put_jump_if(struct pen *pen, const struct insn *insn)
{
	static const char ops[][4] = { "",    "==", ">", ">=", "&",  "!=", "s>",
				       "s>=", "",   "",	 "<",  "<=", "s<", "s<=" };

	put(pen, "if ");
	put_register(pen, insn->dst, insn->is_32);
	put_char(pen, ' ');
	put_word(pen, ops[insn->code >> 4]);
	put_char(pen, ' ');
	if (insn->has_imm && !pen->is_assembler)
		put_hex(pen, (uint32_t)insn->imm);
	else
		put_operand(pen, insn);
	put(pen, " goto ");
	put_target(pen, insn);
}

static const char *call_name(const struct pen *pen, const struct insn *insn)
{
	const struct insn_names *names = pen->names;

	return names && names->call ? names->call(names->context, insn) : NULL;
}

#define TAIL_CALL 12 /* the helper's number */

static int32_t called_number(const struct insn *insn)
{
	return insn->call == INSN_CALL_TAIL ? TAIL_CALL : insn->imm;
}

/* The name, and behind # the number. */
static void put_helper(struct pen *pen, const struct insn *insn)
{
	bool is_kfunc = insn->call == INSN_CALL_KFUNC;
	unsigned number = (unsigned)called_number(insn);
	const char *known = is_kfunc ? NULL : names_find(NAMES_HELPER, number);
	const char *name = known ? known : call_name(pen, insn);

	if (known)
		put(pen, "bpf_");
	if (name)
		put_name(pen, name);
	else
		put(pen, "unknown");
	put_char(pen, '#');
	put_decimal(pen, called_number(insn));
}

static void put_call(struct pen *pen, const struct insn *insn)
{
	const char *name;

	put(pen, "call ");
	if (!pen->is_assembler && insn->call != INSN_CALL_SUBPROG) {
		put_helper(pen, insn);
		return;
	}
	name = call_name(pen, insn);
	if (name && insn->is_elsewhere) {
		put_name(pen, name);
		return;
	}
	if (pen->is_assembler) {
		if (name)
			put_name(pen, name);
		else
			put_signed_hex(pen, called_number(insn), false);
		return;
	}
	put_target(pen, insn);
	if (name) {
		put_char(pen, '#');
		put_name(pen, name);
	}
}

static void put_constant_kernel(struct pen *pen, const struct insn *insn)
{
	int32_t high = (int32_t)(insn->imm64 >> 32);

	switch (insn->src) {
	case INSN_CONSTANT_MAP_FD:
	case INSN_CONSTANT_MAP_VALUE:
		put(pen, "map[id:");
		put_decimal(pen, insn->imm);
		put_char(pen, ']');
		if (insn->src == INSN_CONSTANT_MAP_FD)
			return;
		put(pen, "[0]+");
		put_decimal(pen, high);
		return;
	case INSN_CONSTANT_MAP_INDEX_VALUE:
		put(pen, "map[idx:");
		put_decimal(pen, insn->imm);
		put(pen, "]+");
		put_decimal(pen, high);
		return;
	case INSN_CONSTANT_FUNC:
		put(pen, "subprog[");
		put_signed_decimal(pen, insn->imm);
		put_char(pen, ']');
		return;
	default:
		put_hex(pen, insn->imm64);
		return;
	}
}

/*
 * Where the loader has to fill in what is loaded, the assembler has an instruction of its own, which
 * knows the lower half alone. The upper one is shown behind it where it says anything.
 */
static void put_pseudo(struct pen *pen, const struct insn *insn)
{
	put(pen, "ld_pseudo\t");
	put_register(pen, insn->dst, false);
	put(pen, ", ");
	put_hex(pen, insn->src);
	put(pen, ", ");
	put_hex(pen, (uint32_t)insn->imm);
	if (insn->imm64 >> 32) {
		put(pen, ", ");
		put_hex(pen, insn->imm64 >> 32);
	}
}

static void put_constant(struct pen *pen, const struct insn *insn)
{
	const struct insn_names *names = pen->names;
	const char *name = NULL;

	if (names && names->constant)
		name = names->constant(names->context, insn);
	if (!name && pen->is_assembler && insn->src) {
		put_pseudo(pen, insn);
		return;
	}
	put_register(pen, insn->dst, false);
	put(pen, " = ");
	if (name)
		put_name(pen, name);
	else if (pen->is_assembler)
		put_signed_hex(pen, (int64_t)insn->imm64, false);
	else
		put_constant_kernel(pen, insn);
	if (pen->is_assembler)
		put(pen, " ll");
}

static void put_with_register(struct pen *pen, const char *word, const struct insn *insn)
{
	put_word(pen, word);
	put_register(pen, insn->dst, false);
}

static void put_body(struct pen *pen, const struct insn *insn)
{
	switch ((enum insn_kind)insn->kind) {
	case INSN_BAD:
		break;
	case INSN_ALU:
		put_alu(pen, insn);
		break;
	case INSN_NEG:
		put_negation(pen, insn);
		break;
	case INSN_MOVE:
		put_move(pen, insn);
		break;
	case INSN_SWAP:
		put_swap(pen, insn);
		break;
	case INSN_CAST:
		put_cast(pen, insn);
		break;
	case INSN_PERCPU:
		put_percpu(pen, insn);
		break;
	case INSN_LOAD:
		put_load(pen, insn);
		break;
	case INSN_STORE:
		put_store(pen, insn);
		break;
	case INSN_PACKET:
		put_packet(pen, insn);
		break;
	case INSN_ATOMIC:
		put_atomic(pen, insn);
		break;
	case INSN_NOSPEC:
		put(pen, "nospec");
		break;
	case INSN_JUMP:
		put_jump(pen, insn);
		break;
	case INSN_JUMP_IF:
		put_jump_if(pen, insn);
		break;
	case INSN_MAY_GOTO:
		put(pen, "may_goto ");
		put_target(pen, insn);
		break;
	case INSN_JUMP_REG:
		put_with_register(pen, "gotox ", insn);
		break;
	case INSN_CALL:
		put_call(pen, insn);
		break;
	case INSN_CALL_REG:
		put_with_register(pen, "callx ", insn);
		break;
	case INSN_EXIT:
		put(pen, "exit");
		break;
	case INSN_CONSTANT:
		put_constant(pen, insn);
		break;
	}
}

static void put_flaw(struct pen *pen, const struct insn *insn)
{
	if (insn->kind != INSN_BAD)
		put_char(pen, ' ');
	put_char(pen, '<');
	put_word(pen, insn_flaw_text(insn->flaw));
	put_char(pen, ':');
	for (size_t i = 0; i < (size_t)insn->length * INSN_BYTES; i++) {
		put_char(pen, ' ');
		num_format_hex_pair(pen->at, insn->bytes[i]);
		pen->at += 2;
	}
	put_char(pen, '>');
}

void insn_print(const struct insn *insn, enum insn_syntax syntax, const struct insn_names *names,
		struct buf *out)
{
	struct pen pen;

	pen.buf = out;
	pen.is_assembler = syntax == INSN_ASSEMBLER;
	pen.names = names;
	pen_begin(&pen);
	if (syntax == INSN_KERNEL) {
		put_char(&pen, '(');
		num_format_hex_pair(pen.at, insn->code);
		pen.at += 2;
		put(&pen, ") ");
	}
	if (insn->is_probe && insn->kind != INSN_BAD)
		put(&pen, "probe ");
	put_body(&pen, insn);
	if (insn->flaw != INSN_SOUND)
		put_flaw(&pen, insn);
	pen_end(&pen);
}
