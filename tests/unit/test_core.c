/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_core.c - the rules of CO-RE relocations, each both ways
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf_maker.h"
#include "probe/core.h"

/* Types of one side: blobs of a few lines. */
struct side {
	struct maker m;
	struct btf_reader btf;
	struct core_types types;
	uint32_t n; /* types so far */
};

static void side_done(struct side *side)
{
	core_types_done(&side->types);
	btf_done(&side->btf);
	maker_done(&side->m);
}

static void finish(struct side *side)
{
	maker_finish(&side->m);
	assert_int_equal(btf_init(&side->btf, side->m.blob, side->m.size, NULL, NULL), 0);
	assert_int_equal(core_types_init(&side->types, &side->btf), 0);
}

static uint32_t text(struct side *side, const char *name)
{
	return maker_string(&side->m, name);
}

/* All return the new type's id. */
static uint32_t number(struct side *side, const char *name, unsigned bytes, unsigned encoding)
{
	maker_type(&side->m, KIND_INT, text(side, name), bytes, 0);
	maker_word(&side->m, encoding << 24 | bytes * 8);
	return ++side->n;
}

static uint32_t pointer(struct side *side, uint32_t to)
{
	maker_type(&side->m, KIND_PTR, 0, to, 0);
	return ++side->n;
}

static uint32_t array(struct side *side, uint32_t of, uint32_t n)
{
	maker_type(&side->m, KIND_ARRAY, 0, 0, 0);
	maker_word(&side->m, of);
	maker_word(&side->m, of);
	maker_word(&side->m, n);
	return ++side->n;
}

/* Most are no bit-fields, and say nothing of bits. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct member {
	const char *name;
	uint32_t type, byte;
	uint32_t bits;	 /* 0: it is no bit-field */
	uint32_t behind; /* bits, behind the byte */
};

static uint32_t composite(struct side *side, uint32_t kind, const char *name, uint32_t bytes,
			  const struct member *members, uint32_t n)
{
	uint32_t names[8], has_bits = 0;

	uint32_t own = text(side, name);
	for (uint32_t i = 0; i < n; i++)
		names[i] = text(side, members[i].name);
	for (uint32_t i = 0; i < n; i++)
		has_bits |= members[i].bits;
	maker_type(&side->m, kind | (has_bits ? 0x80u : 0), own, bytes, n);
	for (uint32_t i = 0; i < n; i++) {
		maker_word(&side->m, names[i]);
		maker_word(&side->m, members[i].type);
		maker_word(&side->m,
			   members[i].bits << 24 | (members[i].byte * 8 + members[i].behind));
	}
	return ++side->n;
}

#define STRUCT(side, name, bytes, ...)                                                             \
	composite(side, KIND_STRUCT, name, bytes, (const struct member[]){ __VA_ARGS__ },          \
		  sizeof((const struct member[]){ __VA_ARGS__ }) / sizeof(struct member))

static uint32_t enumeration(struct side *side, const char *name, const char *one, uint32_t value)
{
	uint32_t own = text(side, name), first = text(side, one);

	maker_type(&side->m, KIND_ENUM, own, 4, 1);
	maker_word(&side->m, first);
	maker_word(&side->m, value);
	return ++side->n;
}

/* The answer for one relocation; *value where it has one. */
static enum core_answer ask(struct side *here, struct side *there, uint32_t kind, uint32_t type,
			    const char *path, bool is_access, uint64_t *value, char *words)
{
	AUTO(buf_done) struct buf why = { 0 };
	struct ext_core relo = { .type_id = type, .kind = kind };
	struct core_result result;

	relo.access = text(here, path);
	finish(here);
	finish(there);
	struct core core = {
		.local = &here->btf, .sets = &there->types, .n_sets = 1, .steps = CORE_STEPS
	};
	core_resolve(&core, &relo, is_access, &result, &why);
	buf_add_char(&why, '\0');
	if (words)
		snprintf(words, 200, "%s", why.bytes);
	if (value && result.answer == CORE_RESOLVED)
		*value = result.value;
	return result.answer;
}

static void a_member_is_found_by_its_name_wherever_it_stands(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };
	uint64_t value = 0;

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
	STRUCT(&there, "s", 12, { "a", theirs, 0 }, { "c", theirs, 4 }, { "b", theirs, 8 });
	assert_int_equal(
		ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, &value, NULL),
		CORE_RESOLVED);
	assert_int_equal(value, 8);
}

static void a_member_that_is_not_there_is_named(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };
	char words[200];

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
	STRUCT(&there, "s", 4, { "a", theirs, 0 });
	assert_int_equal(
		ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, words),
		CORE_MISSING);
	assert_string_equal(words, "struct s has no member b");
}

static void a_question_for_a_member_is_always_answered(void **state)
{
	(void)state;
	for (unsigned is_there = 0; is_there < 2; is_there++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 7;

		uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		STRUCT(&there, "s", 4, { is_there ? "b" : "a", theirs, 0 });
		assert_int_equal(
			ask(&here, &there, CORE_FIELD_EXISTS, type, "0:0", false, &value, NULL),
			CORE_RESOLVED);
		assert_int_equal(value, is_there);
	}
}

static void members_without_a_name_are_looked_through(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };
	uint64_t value = 0;

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
	uint32_t inner = STRUCT(&there, "", 8, { "a", theirs, 0 }, { "b", theirs, 4 });
	STRUCT(&there, "s", 16, { "x", theirs, 0 }, { "", inner, 8 });
	assert_int_equal(
		ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, &value, NULL),
		CORE_RESOLVED);
	assert_int_equal(value, 12);
}

static void what_is_behind_three_underscores_of_a_name_does_not_count(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s___old", 4, { "b", ours, 0 });
	STRUCT(&there, "s", 4, { "b", theirs, 0 });
	assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, NULL),
			 CORE_RESOLVED);
	assert_int_equal(core_name_length("s___old"), 1);
	assert_int_equal(core_name_length("___old"), 6);
	assert_int_equal(core_name_length("s__old"), 6);
	assert_int_equal(core_name_length("s____old"), 8);
}

static void a_number_goes_with_a_number_and_not_with_a_pointer(void **state)
{
	(void)state;
	for (unsigned is_pointer = 0; is_pointer < 2; is_pointer++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "long", 8, 1);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		theirs = is_pointer ? pointer(&there, 0) : theirs;
		STRUCT(&there, "s", 8, { "b", theirs, 0 });
		assert_int_equal(
			ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, NULL),
			is_pointer ? CORE_MISSING : CORE_RESOLVED);
	}
}

static void a_read_of_another_size_goes_without_a_sign_alone(void **state)
{
	(void)state;
	for (unsigned sign = 0; sign < 2; sign++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = number(&here, "n", 4, sign), theirs = number(&there, "n", 8, sign);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		STRUCT(&there, "s", 8, { "b", theirs, 0 });
		assert_int_equal(
			ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", true, NULL, NULL),
			sign ? CORE_MISSING : CORE_RESOLVED);
	}
}

static void a_bit_field_of_one_side_alone_is_not_read_as_it_is(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 4; bits++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = number(&here, "n", 4, 0), theirs = number(&there, "n", 4, 0);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0, bits & 1 ? 9 : 0, 0 });
		STRUCT(&there, "s", 8, { "b", theirs, 4, bits & 2 ? 9 : 0, 0 });
		assert_int_equal(
			ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", true, NULL, NULL),
			bits == 1 || bits == 2 ? CORE_MISSING : CORE_RESOLVED);
	}
}

static void a_bit_field_that_no_read_has_as_a_whole_is_broken(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };

	(void)state;
	uint32_t ours = number(&here, "n", 8, 0), theirs = number(&there, "n", 8, 0);
	uint32_t type = STRUCT(&here, "s", 8, { "b", ours, 0, 40, 0 });
	STRUCT(&there, "s", 16, { "b", theirs, 7, 40, 7 });
	assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_SIZE, type, "0:0", false, NULL, NULL),
			 CORE_BROKEN);
}

static void what_is_too_far_behind_is_not_read_by_one_instruction(void **state)
{
	(void)state;
	for (unsigned is_access = 0; is_access < 2; is_access++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		char words[200];

		uint32_t ours = number(&here, "n", 4, 0), theirs = number(&there, "n", 4, 0);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		STRUCT(&there, "s", 40004, { "b", theirs, 40000 });
		assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", is_access,
				     NULL, words),
				 is_access ? CORE_TOO_FAR : CORE_RESOLVED);
		assert_string_equal(
			words,
			is_access
				? "struct s.b is too far behind for the instruction that reads or writes it"
				: "");
	}
}

static void an_element_has_to_lie_in_the_array(void **state)
{
	(void)state;
	for (unsigned n = 2; n < 5; n++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 0;

		uint32_t ours = array(&here, number(&here, "int", 4, 1), 9);
		uint32_t theirs = array(&there, number(&there, "int", 4, 1), n);
		uint32_t type = STRUCT(&here, "s", 36, { "b", ours, 0 });
		STRUCT(&there, "s", 36, { "b", theirs, 0 });
		assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0:3", false,
				     &value, NULL),
				 n > 3 ? CORE_RESOLVED : CORE_MISSING);
		assert_int_equal(value, n > 3 ? 12 : 0);
	}
}

static void an_array_without_a_length_at_the_end_has_all_elements(void **state)
{
	(void)state;
	for (unsigned is_last = 0; is_last < 2; is_last++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = array(&here, number(&here, "int", 4, 1), 9);
		uint32_t item = number(&there, "int", 4, 1), theirs = array(&there, item, 0);
		uint32_t type = STRUCT(&here, "s", 36, { "b", ours, 0 });
		if (is_last)
			STRUCT(&there, "s", 4, { "a", item, 0 }, { "b", theirs, 4 });
		else
			STRUCT(&there, "s", 4, { "b", theirs, 0 }, { "a", item, 0 });
		assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0:3", false,
				     NULL, NULL),
				 is_last ? CORE_RESOLVED : CORE_MISSING);
	}
}

static void an_array_without_a_length_may_be_the_last_of_a_member_without_a_name(void **state)
{
	(void)state;
	for (unsigned is_last = 0; is_last < 2; is_last++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 0;

		uint32_t ours = array(&here, number(&here, "int", 4, 1), 0);
		uint32_t item = number(&there, "int", 4, 1), theirs = array(&there, item, 0);
		uint32_t type = STRUCT(&here, "s", 0, { "b", ours, 0 });
		uint32_t inner =
			is_last ? STRUCT(&there, "", 0, { "e", theirs, 0 }, { "b", theirs, 0 })
				: STRUCT(&there, "", 0, { "b", theirs, 0 }, { "e", theirs, 0 });
		STRUCT(&there, "s", 8, { "a", item, 0 }, { "", inner, 8 });
		assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0:3", false,
				     &value, NULL),
				 is_last ? CORE_RESOLVED : CORE_MISSING);
		assert_int_equal(value, is_last ? 20 : 0);
	}
}

static void what_the_objects_own_type_lacks_is_broken(void **state)
{
	static const struct {
		const char *path;
		uint32_t kind;
	} rows[] = {
		{ "0:0:4", CORE_FIELD_BYTE_OFFSET }, /* behind the end */
		{ "0:0:4", CORE_FIELD_EXISTS },
		{ "0:0:1", CORE_FIELD_SIGNED }, /* which no element is asked for */
		{ "0:0:1", CORE_FIELD_LSHIFT },
		{ "0:0:1", CORE_FIELD_RSHIFT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = array(&here, number(&here, "int", 4, 1), 4);
		uint32_t theirs = array(&there, number(&there, "int", 4, 1), 9);
		uint32_t type = STRUCT(&here, "s", 16, { "b", ours, 0 });
		STRUCT(&there, "s", 36, { "b", theirs, 0 });
		assert_int_equal(
			ask(&here, &there, rows[i].kind, type, rows[i].path, false, NULL, NULL),
			CORE_BROKEN);
	}
}

static void a_bit_field_is_read_as_the_whole_that_has_it(void **state)
{
	/* Of 31 bits behind 30 others. */
	static const struct {
		uint32_t kind;
		uint64_t value;
	} rows[] = {
		{ CORE_FIELD_BYTE_OFFSET, 0 }, { CORE_FIELD_BYTE_SIZE, 8 },
		{ CORE_FIELD_LSHIFT, 3 },      { CORE_FIELD_RSHIFT, 33 },
		{ CORE_FIELD_SIGNED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 77;

		uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "n", 4, 0);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0, 3, 0 });
		STRUCT(&there, "s", 8, { "a", theirs, 0, 30, 0 }, { "b", theirs, 0, 31, 30 });
		assert_int_equal(ask(&here, &there, rows[i].kind, type, "0:0", false, &value, NULL),
				 CORE_RESOLVED);
		assert_int_equal(value, rows[i].value);
	}
}

static void an_enumerator_goes_by_its_name_and_has_the_kernels_number(void **state)
{
	(void)state;
	for (unsigned is_there = 0; is_there < 2; is_there++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 0;

		uint32_t type = enumeration(&here, "e", "ONE", 5);
		enumeration(&there, "e", is_there ? "ONE" : "TWO", 9);
		assert_int_equal(
			ask(&here, &there, CORE_ENUMVAL_VALUE, type, "0", false, &value, NULL),
			is_there ? CORE_RESOLVED : CORE_MISSING);
		assert_int_equal(value, is_there ? 9 : 0);
	}
}

static void several_types_of_one_name_have_to_agree(void **state)
{
	(void)state;
	for (unsigned at = 0; at < 8; at += 4) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		STRUCT(&there, "s", 8, { "b", theirs, 0 });
		STRUCT(&there, "s", 8, { "b", theirs, at });
		assert_int_equal(
			ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, NULL),
			at ? CORE_DISAGREE : CORE_RESOLVED);
	}
}

static void types_of_one_name_agree_if_the_instruction_is_the_same(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
	STRUCT(&there, "s", 8, { "b", theirs, 4, 0, 0 });
	STRUCT(&there, "s", 8, { "b", theirs, 4, 5, 0 });
	assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, NULL),
			 CORE_RESOLVED);
}

static void a_type_of_one_name_that_does_not_fit_is_passed_over(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
	STRUCT(&there, "s", 8, { "a", theirs, 0 });
	STRUCT(&there, "s", 8, { "b", theirs, 4 });
	assert_int_equal(ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, NULL),
			 CORE_RESOLVED);
}

static void a_type_exists_if_one_of_its_kind_has_its_name(void **state)
{
	(void)state;
	for (unsigned is_there = 0; is_there < 2; is_there++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 7;

		uint32_t type = STRUCT(&here, "s", 4, { "b", number(&here, "int", 4, 1), 0 });
		composite(&there, is_there ? KIND_STRUCT : KIND_UNION, "s", 4, NULL, 0);
		assert_int_equal(
			ask(&here, &there, CORE_TYPE_EXISTS, type, "0", false, &value, NULL),
			CORE_RESOLVED);
		assert_int_equal(value, is_there);
	}
}

static void a_type_matches_if_it_has_all_members_with_their_types(void **state)
{
	(void)state;
	for (unsigned bytes = 4; bytes <= 8; bytes += 4) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		uint64_t value = 7;

		uint32_t ours = number(&here, "int", 4, 1),
			 theirs = number(&there, "int", bytes, 1);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		STRUCT(&there, "s", 16, { "a", theirs, 0 }, { "b", theirs, 8 });
		assert_int_equal(
			ask(&here, &there, CORE_TYPE_MATCHES, type, "0", false, &value, NULL),
			CORE_RESOLVED);
		assert_int_equal(value, bytes == 4);
	}
}

/* What a member of a type to match is, on each side, and whether that matches. */
enum shape { INT, CHAR, BEHIND_ENUM, BEHIND_STRUCT, BEHIND_ARRAY };

static uint32_t shape(struct side *side, enum shape shape, bool is_other)
{
	switch (shape) {
	case INT:
		return number(side, is_other ? "n" : "int", 4, 1);
	case CHAR:
		return number(side, is_other ? "bool" : "char", 1, is_other ? 4 : 0);
	case BEHIND_ENUM:
		return pointer(side, enumeration(side, "e", is_other ? "TWO" : "ONE", 1));
	case BEHIND_STRUCT:
		return pointer(side, STRUCT(side, "in", 4, { is_other ? "a" : "b", 0, 0 }));
	case BEHIND_ARRAY:
		return pointer(
			side,
			array(side, STRUCT(side, "in", 4, { is_other ? "a" : "b", 0, 0 }), 2));
	}
	return 0;
}

static void
numbers_match_by_name_too_and_members_of_structs_behind_a_pointer_do_not_count(void **state)
{
	static const bool matches[] = { false, false, false, true, true };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };
		bool is_other = i % 2;
		uint64_t value = 7;

		uint32_t ours = shape(&here, i / 2, false);
		uint32_t theirs = shape(&there, i / 2, is_other);
		uint32_t type = STRUCT(&here, "s", 8, { "b", ours, 0 });
		STRUCT(&there, "s", 8, { "b", theirs, 0 });
		assert_int_equal(
			ask(&here, &there, CORE_TYPE_MATCHES, type, "0", false, &value, NULL),
			CORE_RESOLVED);
		assert_int_equal(value, !is_other || matches[i / 2]);
	}
}

static void paths_that_make_no_sense_are_broken(void **state)
{
	static const char *const paths[] = {
		"", "x", "0:", "0:1", "0:0:0", "0:4294967296", "0::0"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		AUTO(side_done) struct side here = { 0 }, there = { 0 };

		uint32_t ours = number(&here, "int", 4, 1), theirs = number(&there, "int", 4, 1);
		uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
		STRUCT(&there, "s", 4, { "b", theirs, 0 });
		enum core_answer answer = ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, paths[i],
					      false, NULL, NULL);
		assert_int_equal(answer, strcmp(paths[i], "0:") == 0 ? CORE_RESOLVED : CORE_BROKEN);
	}
}

static void types_that_are_part_of_themselves_end(void **state)
{
	AUTO(side_done) struct side here = { 0 }, there = { 0 };

	(void)state;
	uint32_t ours = number(&here, "int", 4, 1);
	uint32_t type = STRUCT(&here, "s", 4, { "b", ours, 0 });
	/* Its members without a name are itself, twice: without an end to the work, 2^32 of them. */
	STRUCT(&there, "s", 4, { "", 1, 0 }, { "", 1, 0 }, { "x", 1, 0 });
	assert_int_not_equal(
		ask(&here, &there, CORE_FIELD_BYTE_OFFSET, type, "0:0", false, NULL, NULL),
		CORE_RESOLVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_is_found_by_its_name_wherever_it_stands),
		cmocka_unit_test(a_member_that_is_not_there_is_named),
		cmocka_unit_test(a_question_for_a_member_is_always_answered),
		cmocka_unit_test(members_without_a_name_are_looked_through),
		cmocka_unit_test(what_is_behind_three_underscores_of_a_name_does_not_count),
		cmocka_unit_test(a_number_goes_with_a_number_and_not_with_a_pointer),
		cmocka_unit_test(a_read_of_another_size_goes_without_a_sign_alone),
		cmocka_unit_test(a_bit_field_of_one_side_alone_is_not_read_as_it_is),
		cmocka_unit_test(a_bit_field_that_no_read_has_as_a_whole_is_broken),
		cmocka_unit_test(what_is_too_far_behind_is_not_read_by_one_instruction),
		cmocka_unit_test(an_element_has_to_lie_in_the_array),
		cmocka_unit_test(an_array_without_a_length_at_the_end_has_all_elements),
		cmocka_unit_test(
			an_array_without_a_length_may_be_the_last_of_a_member_without_a_name),
		cmocka_unit_test(what_the_objects_own_type_lacks_is_broken),
		cmocka_unit_test(a_bit_field_is_read_as_the_whole_that_has_it),
		cmocka_unit_test(an_enumerator_goes_by_its_name_and_has_the_kernels_number),
		cmocka_unit_test(several_types_of_one_name_have_to_agree),
		cmocka_unit_test(types_of_one_name_agree_if_the_instruction_is_the_same),
		cmocka_unit_test(a_type_of_one_name_that_does_not_fit_is_passed_over),
		cmocka_unit_test(a_type_exists_if_one_of_its_kind_has_its_name),
		cmocka_unit_test(a_type_matches_if_it_has_all_members_with_their_types),
		cmocka_unit_test(
			numbers_match_by_name_too_and_members_of_structs_behind_a_pointer_do_not_count),
		cmocka_unit_test(paths_that_make_no_sense_are_broken),
		cmocka_unit_test(types_that_are_part_of_themselves_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
