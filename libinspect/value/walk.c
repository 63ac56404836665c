/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * walk.c - runs the steps of a type over the bytes of a value
 *
 * compile.c has seen to it that no step reads beyond walk_size() bytes; that there are so many is the
 * one thing asked here. This runs for each of a million elements: nothing is looked up or allocated.
 */
#include "value/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "value/steps.h"

/* Where a run stands. */
struct run {
	struct sink *sink;
	const char *key;	    /* the root's */
	const unsigned char *bytes; /* the value, or an element in a loop */
	const struct walk *walk;
	unsigned depth;
	struct loop {
		const unsigned char *outer;
		uint32_t first; /* of its steps */
		uint32_t left;	/* elements, the one it stands on included */
	} loops[STEPS_DEPTH];
};

static unsigned __int128 mask_of(unsigned bits)
{
	return bits >= 128 ? ~(unsigned __int128)0 : ((unsigned __int128)1 << bits) - 1;
}

/* Bits are counted from the lowest of the first byte, where numbers begin with that; else from its highest. */
static unsigned __int128 load_bits(const struct step *step, const unsigned char *from)
{
	unsigned __int128 value = 0;
	unsigned shift = step->shift;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		shift = step->size * 8 - step->shift - step->bits;
	for (uint32_t i = 0; i < step->size; i++) {
		uint32_t at = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? i : step->size - 1 - i;

		value = value << 8 | from[at];
	}
	return value >> shift & mask_of(step->bits);
}

static uint64_t load(const struct step *step, const unsigned char *from)
{
	uint64_t value8;
	uint32_t value4;
	uint16_t value2;

	if (step->bits == step->size * 8) {
		switch (step->size) {
		case 1:
			return *from;
		case 2:
			memcpy(&value2, from, sizeof(value2));
			return value2;
		case 4:
			memcpy(&value4, from, sizeof(value4));
			return value4;
		case 8:
			memcpy(&value8, from, sizeof(value8));
			return value8;
		}
	}
	return (uint64_t)load_bits(step, from);
}

static int64_t extend(uint64_t value, unsigned bits)
{
	unsigned rest = 64 - bits;

	return (int64_t)(value << rest) >> rest;
}

static void put_enum(struct sink *sink, const char *key, const struct step *step, uint64_t value)
{
	const struct step_names *names = step->names;
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (names->rows[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < names->n && names->rows[low].value == value)
		sink_string(sink, key, names->rows[low].name);
	else if (names->is_signed)
		sink_s64(sink, key, extend(value, step->bits));
	else
		sink_u64(sink, key, value);
}

/* Bytes over 0x7f are code points: bpftool writes \u00NN. */
static void put_char(struct sink *sink, const char *key, unsigned char c)
{
	char text[2] = { (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) };

	if (c >= 0x80) {
		sink_text(sink, key, text, 2);
		return;
	}
	text[0] = (char)c;
	sink_text(sink, key, text, 1);
}

static void put_hex(struct sink *sink, const char *key, unsigned __int128 value)
{
	char text[2 + 32] = "0x", low[NUM_ROOM];
	size_t size = 2;

	if (value >> 64) {
		size_t n = num_format_hex(low, (uint64_t)value);

		size += num_format_hex(text + size, (uint64_t)(value >> 64));
		memset(text + size, '0', 16 - n);
		memcpy(text + size + 16 - n, low, n);
		size += 16;
	} else {
		size += num_format_hex(text + size, (uint64_t)value);
	}
	sink_text(sink, key, text, size);
}

/* As text: few who read JSON have numbers of that size. */
static void put_large(struct sink *sink, const char *key, const struct step *step,
		      unsigned __int128 value)
{
	char text[48], *at = text + sizeof(text);
	bool is_negative = step->is_signed && value >> (step->bits - 1) & 1;

	if (is_negative)
		value = -value & mask_of(step->bits);
	do {
		*--at = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value);
	if (is_negative)
		*--at = '-';
	sink_text(sink, key, at, (size_t)(text + sizeof(text) - at));
}

/* JSON has no words for what is no number: they are text. */
static void put_double(struct sink *sink, const char *key, double value, bool is_single)
{
	char digits[NUM_FLOAT_ROOM];

	if (value != value)
		sink_string(sink, key, "NaN");
	else if (value - value != 0)
		sink_string(sink, key, value < 0 ? "-Infinity" : "Infinity");
	else
		sink_number(sink, key, digits, num_format_float(digits, value, is_single));
}

static void put_float(struct sink *sink, const char *key, const struct step *step,
		      const unsigned char *from)
{
	double value;
	float single;

	if (step->size == sizeof(single)) {
		memcpy(&single, from, sizeof(single));
		put_double(sink, key, (double)single, true);
		return;
	}
	memcpy(&value, from, sizeof(value));
	put_double(sink, key, value, false);
}

static void put_pointer(struct sink *sink, const char *key, const struct step *step, uint64_t value)
{
	if (value)
		put_hex(sink, key, value);
	else if (step->kind == STEP_POINTER)
		sink_string(sink, key, "(nil)");
	else
		sink_absent(sink, key);
}

static bool is_zero(const unsigned char *bytes, uint32_t n)
{
	while (n && !bytes[n - 1])
		n--;
	return !n;
}

/* Text is what holds a NUL, and only printable characters in front of it. */
static bool put_chars(struct sink *sink, const char *key, const struct step *step,
		      const unsigned char *from, bool is_exact)
{
	uint32_t n = 0;

	while (n < step->count && from[n] >= 0x20 && from[n] < 0x7f)
		n++;
	if (n == step->count || from[n] || (is_exact && !is_zero(from + n, step->count - n)))
		return false;
	sink_text(sink, key, (const char *)from, n);
	return true;
}

/* The step to go on with; that of the end is skipped where there are no elements. */
static uint32_t begin_loop(struct run *run, const struct step *step, uint32_t at)
{
	if (!step->count)
		return step->end + 1;
	run->loops[run->depth++] = (struct loop){ run->bytes, at + 1, step->count };
	run->bytes += step->offset;
	return at + 1;
}

static uint32_t end_loop(struct run *run, const struct step *step, uint32_t at)
{
	struct loop *loop = &run->loops[run->depth - 1];

	if (--loop->left && !sink_error(run->sink)) {
		run->bytes += step->size;
		return loop->first;
	}
	run->bytes = loop->outer;
	run->depth--;
	return at + 1;
}

static void put_scalar(struct sink *sink, const char *key, const struct step *step,
		       const unsigned char *from)
{
	switch (step->kind) {
	case STEP_UNSIGNED:
		sink_u64(sink, key, load(step, from));
		break;
	case STEP_SIGNED:
		sink_s64(sink, key, extend(load(step, from), step->bits));
		break;
	case STEP_BOOL:
		sink_bool(sink, key, load_bits(step, from) != 0);
		break;
	case STEP_ENUM:
		put_enum(sink, key, step, load(step, from));
		break;
	case STEP_LARGE:
		put_large(sink, key, step, load_bits(step, from));
		break;
	case STEP_HEX:
		put_hex(sink, key, load_bits(step, from));
		break;
	case STEP_CHAR:
		put_char(sink, key, *from);
		break;
	case STEP_FLOAT:
		put_float(sink, key, step, from);
		break;
	case STEP_POINTER:
	case STEP_ADDRESS:
		put_pointer(sink, key, step, load(step, from));
		break;
	case STEP_BYTES:
		sink_bytes(sink, key, from, step->size);
		break;
	case STEP_RECORD:
	case STEP_LIST:
	case STEP_CLOSE:
	case STEP_CHARS:
	case STEP_LOOP:
	case STEP_AGAIN:
		break;
	}
}

/* Carries out one step; returns the one to go on with. */
static uint32_t run_step(struct run *run, const struct step *step, uint32_t at)
{
	const char *key = step->is_root ? run->key : step->key;
	const unsigned char *from = run->bytes + step->offset;

	switch (step->kind) {
	case STEP_RECORD:
		sink_open_record(run->sink, key);
		return at + 1;
	case STEP_LIST:
		sink_open_list(run->sink, key);
		return at + 1;
	case STEP_CLOSE:
		sink_close(run->sink);
		return at + 1;
	case STEP_CHARS:
		return put_chars(run->sink, key, step, from, run->walk->is_exact) ? step->end
										  : at + 1;
	case STEP_LOOP:
		return begin_loop(run, step, at);
	case STEP_AGAIN:
		return end_loop(run, step, at);
	case STEP_UNSIGNED:
	case STEP_SIGNED:
	case STEP_BOOL:
	case STEP_ENUM:
	case STEP_LARGE:
	case STEP_HEX:
	case STEP_CHAR:
	case STEP_FLOAT:
	case STEP_POINTER:
	case STEP_ADDRESS:
	case STEP_BYTES:
		break;
	}
	if (step->proto && run->walk->put_function)
		run->walk->put_function(run->walk->context, run->sink, key, step->proto,
					load(step, from));
	else
		put_scalar(run->sink, key, step, from);
	return at + 1;
}

void walk_put(const struct walk *walk, struct sink *sink, const char *key, const void *bytes,
	      size_t size)
{
	struct run run;

	run.sink = sink; /* the loops are set as they begin */
	run.key = key;
	run.bytes = bytes;
	run.walk = walk;
	run.depth = 0;
	if (size < walk->size) {
		sink_bytes(sink, key, bytes, size);
		return;
	}
	for (uint32_t at = 0; at < walk->n;)
		at = run_step(&run, &walk->steps[at], at);
}

void walk_be_exact(struct walk *walk)
{
	walk->is_exact = true;
}

void walk_set_functions(struct walk *walk, walk_function *put, void *context)
{
	walk->put_function = put;
	walk->context = context;
}

size_t walk_size(const struct walk *walk)
{
	return walk->size;
}

bool walk_is_scalar(const struct walk *walk)
{
	return walk->n == 1;
}

void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	while (walk->names) {
		struct step_names *next = walk->names->next;

		free(walk->names);
		walk->names = next;
	}
	free(walk->steps);
	free(walk);
}
