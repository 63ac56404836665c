/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * insn.h - eBPF instructions: bytes to facts, facts to text
 *
 * An instruction is one slot of 8 bytes, or two where it loads a 64-bit constant; indexes and jump
 * distances count slots. Streams are not believed: what is no instruction is told as such, and the
 * next slot is looked at as if nothing had been. Nothing here allocates but the text itself.
 */
#ifndef CODE_INSN_H
#define CODE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define INSN_BYTES 8
#define INSN_NO_TARGET UINT32_MAX

struct insn_stream {
	const void *bytes; /* borrowed */
	uint32_t count;	   /* slots; what is behind the last whole one is the caller's to tell */
	bool is_big_endian;
	/*
	 * The kernel compiled the program: it then keeps the distance of a call to a subprogram in 16
	 * bits, and the subprogram's number beside it. With the slots where subprograms begin, in that
	 * order, targets are right where 16 bits are too few.
	 */
	bool is_jited;
	const uint32_t *starts; /* borrowed; may be NULL */
	uint32_t n_starts;
};

/* The same, for @size bytes as this machine's kernel has them. */
struct insn_stream insn_stream_of(const void *bytes, size_t size);

enum insn_kind {
	INSN_BAD,      /* no instruction: flaw says why */
	INSN_ALU,      /* dst op= operand */
	INSN_NEG,      /* dst = -dst */
	INSN_MOVE,     /* dst = operand; with size: sign-extended from so many bytes */
	INSN_SWAP,     /* dst = swap dst; size is its bytes, swap which way */
	INSN_CAST,     /* dst = src as pointer of another address space; imm is both of them */
	INSN_PERCPU,   /* dst = address of this CPU's copy of what src points to */
	INSN_LOAD,     /* dst = *(src + off) */
	INSN_STORE,    /* *(dst + off) = operand */
	INSN_PACKET,   /* r0 = packet[imm] or packet[src + imm] */
	INSN_ATOMIC,   /* on *(dst + off) with src; imm is one of INSN_ATOMIC_ */
	INSN_NOSPEC,   /* barrier against speculation */
	INSN_JUMP,     /* always, to target */
	INSN_JUMP_IF,  /* to target if dst op operand */
	INSN_MAY_GOTO, /* to target when the kernel has had enough of the loop */
	INSN_JUMP_REG, /* to where dst says */
	INSN_CALL,     /* call says what of */
	INSN_CALL_REG, /* the function that dst points to */
	INSN_EXIT,     /* return */
	INSN_CONSTANT, /* dst = imm64, two slots; src is one of INSN_CONSTANT_ */
};

enum insn_flaw {
	INSN_SOUND,
	INSN_RESERVED_CODE,  /* INSN_BAD: code, or what belongs to it, is not given out yet */
	INSN_CUT,	     /* INSN_BAD: half a wide instruction */
	INSN_RESERVED_FIELD, /* a field that must be zero is not, or has no meaning known here */
	INSN_NO_REGISTER,    /* there is no register of that number */
	INSN_TARGET_OUTSIDE, /* jumps or calls out of the stream */
	INSN_TARGET_INSIDE,  /* jumps or calls into the middle of a wide instruction */
};

enum insn_swap {
	INSN_TO_LE,
	INSN_TO_BE,
	INSN_SWAP_ALWAYS,
};

enum insn_call {
	INSN_CALL_HELPER,  /* imm: its number; in a loaded program the distance of its address */
	INSN_CALL_SUBPROG, /* to target */
	INSN_CALL_KFUNC,   /* imm: BTF id; in a loaded program the distance of its address */
	INSN_CALL_TAIL,	   /* the kernel's own form of the helper bpf_tail_call() */
};

enum {
	INSN_CONSTANT_PLAIN = 0,
	INSN_CONSTANT_MAP_FD = 1,	   /* low half: descriptor; the kernel says the map's id */
	INSN_CONSTANT_MAP_VALUE = 2,	   /* high half: offset in its value */
	INSN_CONSTANT_BTF_ID = 3,	   /* low half: variable; high half: BTF object */
	INSN_CONSTANT_FUNC = 4,		   /* target */
	INSN_CONSTANT_MAP_INDEX = 5,	   /* low half: index in a list of descriptors */
	INSN_CONSTANT_MAP_INDEX_VALUE = 6, /* high half: offset in its value */
};

enum {
	INSN_ATOMIC_ADD = 0x00,
	INSN_ATOMIC_OR = 0x40,
	INSN_ATOMIC_AND = 0x50,
	INSN_ATOMIC_XOR = 0xa0,
	INSN_ATOMIC_FETCH = 0x01, /* with one of the above: src becomes the old value */
	INSN_ATOMIC_XCHG = 0xe1,
	INSN_ATOMIC_CMPXCHG = 0xf1,
	INSN_ATOMIC_LOAD = 0x100,  /* load-acquire: dst = *(src + off) */
	INSN_ATOMIC_STORE = 0x110, /* store-release: *(dst + off) = src */
};

struct insn {
	const uint8_t *bytes; /* in the stream: 8 * length of them */
	uint32_t index;
	uint32_t
		target; /* slot that is jumped to or called, else INSN_NO_TARGET; never out of the stream */
	uint64_t imm64; /* of INSN_CONSTANT */
	int32_t imm;
	int32_t distance; /* of what has a target, whether that is right or not; from the next slot */
	int16_t off;
	uint8_t length; /* slots: 1 or 2 */
	uint8_t code;
	uint8_t dst, src;
	uint8_t kind;	   /* enum insn_kind */
	uint8_t flaw;	   /* enum insn_flaw */
	uint8_t size;	   /* bytes that are read, written, swapped or extended */
	uint8_t swap;	   /* enum insn_swap */
	uint8_t call;	   /* enum insn_call */
	bool is_32;	   /* on the lower halves of registers */
	bool has_imm;	   /* the operand is imm, not src */
	bool is_signed;	   /* division, or the load extends the sign */
	bool is_elsewhere; /* what is called is not in the stream: its name alone says what it is */
	bool is_probe;	   /* an address that is not there reads as 0: the kernel's own forms */
};

/*
 * What stands at slot @index, which is below @stream->count. Returns how many slots it takes, so that
 * index + that is the next one.
 */
uint32_t insn_decode(const struct insn_stream *stream, uint32_t index, struct insn *out);

/* Is @index a slot at which an instruction begins? One look, whatever the stream's length. */
bool insn_is_start(const struct insn_stream *stream, uint32_t index);

/* A few words; NULL for INSN_SOUND. */
const char *insn_flaw_text(enum insn_flaw flaw);

enum insn_syntax {
	INSN_KERNEL, /* the verifier's: (07) r1 += 5 */
	INSN_ASSEMBLER, /* the assembler's: r1 += 0x5, 32-bit loads and stores naming the halves (w1) */
};

/*
 * Names for what an instruction refers to. Each function may be NULL, and may return NULL for "no
 * name"; texts are read before the next call of any of them. They are copied as they are.
 */
struct insn_names {
	void *context;
	/* What is called: asked for all but helpers whose number is known. */
	const char *(*call)(void *context, const struct insn *insn);
	/* What INSN_CONSTANT loads, instead of its number: "map[id:7]", "counters". */
	const char *(*constant)(void *context, const struct insn *insn);
	/* The place that a jump leads to (assembler alone): "f+0x10", put between < and >. */
	const char *(*label)(void *context, const struct insn *insn);
};

/*
 * Adds the text of one instruction, without index and newline. @names may be NULL. A flaw follows in
 * <>, with the bytes: whoever has a reason to accept it (a relocation) clears insn->flaw before.
 */
void insn_print(const struct insn *insn, enum insn_syntax syntax, const struct insn_names *names,
		struct buf *out);

#endif
