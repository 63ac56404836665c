/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_encode_inverse.c - any value of any type is shown and read back, byte for byte
 *
 * Types are made at random, and values of them by their own rules: what lies between members is zero, a
 * bool is 0 or 1, text ends in zeros, and of those that are no number there is one. That is what a walk
 * shows; the rest it does not tell. Nor does it tell which bit of a bool is set, where a union has other
 * members beside it that do not tell either: there, what is read back is shown in the same way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "encode_case.h"

#define TYPES 6000u
#define VALUES 4u
#define NODES 600u
#define CHILDREN 5u
#define DEPTH 5u

enum shape { NUMBER, YES, NAMES, LETTERS, LETTER, REAL, POINTER, NOTHING, LIST, RECORD, UNION };

/* A type as it was made: what the walk finds in BTF is held against this. */
struct node {
	enum shape shape;
	uint32_t id;
	uint32_t size;
	uint32_t n; /* elements, members */
	struct member {
		struct node *node;
		uint32_t at;   /* bits */
		uint32_t bits; /* of a bit-field, else 0 */
		bool is_nameless;
	} members[CHILDREN];
};

struct maker_state {
	struct types types;
	struct node nodes[NODES];
	unsigned n_nodes;
	unsigned n_names;
	unsigned unions; /* that the type at hand is in */
	bool is_loose;	 /* a true bool, or what is no number, may be told by members beside it */
	uint64_t seed;
};

static uint64_t next(struct maker_state *m)
{
	m->seed ^= m->seed << 13;
	m->seed ^= m->seed >> 7;
	m->seed ^= m->seed << 17;
	return m->seed;
}

static uint32_t pick(struct maker_state *m, uint32_t n)
{
	return (uint32_t)(next(m) >> 11) % n;
}

static struct node *make_type(struct maker_state *m, unsigned depth);

static uint32_t add_enum(struct maker_state *m, uint32_t size)
{
	bool is_signed = pick(m, 2);
	uint32_t id = add(&m->types, size == 8 ? KIND_ENUM64 : KIND_ENUM, "e", size, 3,
			  is_signed ? KIND_FLAG : 0);

	for (unsigned i = 0; i < 3; i++) {
		char name[16];

		snprintf(name, sizeof(name), "E%u", i);
		add_enumerator(&m->types, name, i == 2 ? (uint32_t)next(m) : i);
		if (size == 8)
			maker_word(&m->types.maker, i == 2 ? (uint32_t)next(m) : 0);
	}
	return id;
}

static void make_scalar(struct maker_state *m, struct node *node)
{
	static const char *const names[] = { "u", "s" };
	struct types *t = &m->types;
	uint32_t is_signed = pick(m, 2);

	node->shape = (enum shape)pick(m, LIST);
	m->is_loose |= m->unions && (node->shape == YES || node->shape == REAL);
	node->size = 1u << pick(m, node->shape == NUMBER ? 5 : 4);
	switch (node->shape) {
	case NUMBER:
		node->id = add_int(t, names[is_signed], node->size, is_signed);
		break;
	case YES:
		node->id = add_int(t, "bool", node->size, BOOL);
		break;
	case NAMES:
		node->id = add_enum(m, node->size);
		break;
	case LETTERS:
		node->size = 1 + pick(m, 20);
		node->id = add_int(t, is_signed ? "char" : "letter", 1, is_signed ? SIGNED : CHAR);
		node->id = add_array(t, node->id, node->size);
		break;
	case LETTER:
		node->size = 1;
		node->id = add_int(t, "letter", 1, CHAR);
		break;
	case REAL:
		node->size = pick(m, 2) ? 4 : 8;
		node->id = add(t, KIND_FLOAT, "f", node->size, 0, 0);
		break;
	case POINTER:
		node->size = 8;
		node->id = add(t, KIND_PTR, NULL, 0, 0, 0);
		break;
	default: /* a member of no known size is as large as there is room */
		node->shape = NOTHING;
		node->id = add(t, KIND_FWD, "gone", 0, 0, 0);
	}
}

static void make_list(struct maker_state *m, struct node *node, unsigned depth)
{
	node->shape = LIST;
	node->members[0].node = make_type(m, depth + 1);
	node->n = node->members[0].node->shape == NOTHING ? 0 : pick(m, 4);
	if (node->members[0].node->shape == NOTHING) { /* no list can be of that */
		*node = *node->members[0].node;
		return;
	}
	node->size = node->n * node->members[0].node->size;
	node->id = add_array(&m->types, node->members[0].node->id, node->n);
	if (node->members[0].node->shape == LETTER && node->n)
		node->shape = LETTERS;
}

static bool takes_bits(const struct node *node)
{
	return node->shape == NUMBER || node->shape == YES || node->shape == NAMES;
}

/* Where a member goes; returns the bit behind it. */
static uint32_t place_member(struct maker_state *m, struct member *member, uint32_t at)
{
	const struct node *node = member->node;

	member->bits = 0;
	if (takes_bits(node) && pick(m, 3) == 0)
		member->bits = 1 + pick(m, node->size * 8 < 128 ? node->size * 8 : 120);
	if (!member->bits)
		at = (at + 7) / 8 * 8 + 8 * pick(m, 3);
	if (node->shape == NAMES && member->bits)
		at += pick(m, 5);
	member->at = at;
	return at + (member->bits ? member->bits : node->size * 8);
}

static void add_members(struct maker_state *m, struct node *node)
{
	bool is_union = node->shape == UNION;

	node->id = add(&m->types, is_union ? KIND_UNION : KIND_STRUCT, "r", node->size, node->n,
		       KIND_FLAG);
	for (uint32_t i = 0; i < node->n; i++) {
		const struct member *member = &node->members[i];
		char name[16];

		snprintf(name, sizeof(name), "m%u", m->n_names++);
		add_member(&m->types, member->is_nameless ? NULL : name, member->node->id,
			   member->at, member->bits);
	}
}

static void make_record(struct maker_state *m, struct node *node, unsigned depth)
{
	uint32_t end = 0, most = 0;

	node->shape = pick(m, 3) ? RECORD : UNION;
	node->n = pick(m, CHILDREN + 1);
	m->unions += node->shape == UNION;
	for (uint32_t i = 0; i < node->n; i++) {
		struct member *member = &node->members[i];

		member->node = make_type(m, depth + 1);
		end = place_member(m, member, node->shape == UNION ? 0 : end);
		member->is_nameless = member->node->shape >= RECORD && pick(m, 2);
		if (end > most)
			most = end;
	}
	m->unions -= node->shape == UNION;
	node->size = (most + 7) / 8 + pick(m, 3);
	add_members(m, node);
}

static struct node *make_type(struct maker_state *m, unsigned depth)
{
	assert_true(m->n_nodes < NODES);
	struct node *node = &m->nodes[m->n_nodes++];
	bool is_full = depth == DEPTH || m->n_nodes > NODES / 4;

	*node = (struct node){ 0 };
	if (is_full || pick(m, 3) == 0)
		make_scalar(m, node);
	else if (pick(m, 3) == 0)
		make_list(m, node, depth);
	else
		make_record(m, node, depth);
	if (node->shape == NOTHING)
		node->size = 0;
	return node;
}

static void set_bits(unsigned char *bytes, uint32_t at, uint32_t n, const unsigned char *from)
{
	for (uint32_t i = 0; i < n; i++)
		if (from[i / 8] >> i % 8 & 1)
			bytes[(at + i) / 8] |= (unsigned char)(1u << (at + i) % 8);
}

static void fill_letters(struct maker_state *m, const struct node *node, unsigned char *bytes)
{
	bool is_text = pick(m, 2);
	uint32_t n = is_text ? pick(m, node->size) : node->size;

	for (uint32_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(is_text ? 0x20 + pick(m, 0x5f) : 1 + pick(m, 255));
	if (!is_text && pick(m, 2))
		bytes[0] = 0x80;
	else if (!is_text)
		bytes[node->size - 1] = 0x7f;
}

/* All zeros, all ones, or any; a number that is none is the usual one. */
static void fill_scalar(struct maker_state *m, const struct node *node, unsigned char *bytes)
{
	const double none = __builtin_nan("");
	const float none_single = __builtin_nanf("");
	double value;
	float single;

	for (uint32_t i = 0; i < node->size; i++)
		bytes[i] = (unsigned char)next(m);
	if (pick(m, 4) == 0)
		memset(bytes, pick(m, 2) ? 0xff : 0, node->size);
	if (node->shape == NAMES && pick(m, 2)) {
		memset(bytes, 0, node->size);
		bytes[0] = (unsigned char)pick(m, 2);
	}
	memcpy(&single, bytes, sizeof(single));
	memcpy(&value, bytes, sizeof(value));
	if (node->shape == REAL && node->size == 4 && single != single)
		memcpy(bytes, &none_single, sizeof(single));
	if (node->shape == REAL && node->size == 8 && value != value)
		memcpy(bytes, &none, sizeof(value));
}

static void fill(struct maker_state *m, const struct node *node, unsigned char *bytes);

static void fill_member(struct maker_state *m, const struct member *member, unsigned char *bytes)
{
	unsigned char scalar[16] = { 0 };

	if (!member->bits) {
		fill(m, member->node, bytes + member->at / 8);
	} else if (member->node->shape == YES) {
		scalar[0] = (unsigned char)pick(m, 2);
		set_bits(bytes, member->at, member->bits, scalar);
	} else {
		fill_scalar(m, member->node, scalar);
		set_bits(bytes, member->at, member->bits, scalar);
	}
}

/* A union has the value of one member. */
static void fill(struct maker_state *m, const struct node *node, unsigned char *bytes)
{
	switch (node->shape) {
	case LIST:
		for (uint32_t i = 0; i < node->n; i++)
			fill(m, node->members[0].node, bytes + i * node->members[0].node->size);
		break;
	case RECORD:
		for (uint32_t i = 0; i < node->n; i++)
			fill_member(m, &node->members[i], bytes);
		break;
	case UNION:
		if (node->n)
			fill_member(m, &node->members[pick(m, node->n)], bytes);
		break;
	case LETTERS:
		fill_letters(m, node, bytes);
		break;
	case YES:
		bytes[0] = (unsigned char)pick(m, 2);
		break;
	case NOTHING:
		break;
	default:
		fill_scalar(m, node, bytes);
	}
}

static void check_type(struct maker_state *m)
{
	AUTO_TYPED typed = { 0 };
	struct node *root = make_type(m, 0);

	if (root->shape == NOTHING) /* it is no type of a value */
		return;
	typed_init(&typed, &m->types, root->id);
	assert_int_equal(walk_size(typed.walk), root->size);
	for (unsigned i = 0; i < VALUES; i++) {
		autofree unsigned char *bytes = calloc(1, root->size + 16);

		assert_non_null(bytes);
		fill(m, root, bytes);
		check_inverse(&typed, bytes, m->is_loose);
	}
}

static void what_is_shown_is_read_back_byte_for_byte(void **state)
{
	struct maker_state *m = malloc(sizeof(*m));

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < TYPES; i++) {
		m->types = (struct types){ 0 };
		m->n_nodes = m->n_names = m->unions = 0;
		m->is_loose = false;
		m->seed = 0x9e3779b97f4a7c15 * (i + 1);
		check_type(m);
		types_done(&m->types);
	}
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_shown_is_read_back_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
