/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_text.c - a type as C would declare it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf/text.h"
#include "btf_maker.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_BTF AUTO(btf_done) struct btf_reader
#define INT 1u	  /* what make_base() makes */
#define RECORD 2u /* struct sk */
#define ANON 3u
#define FIRST 4u /* the first id of the test's own */

static void make_base(struct maker *m)
{
	maker_int(m, "int");
	maker_type(m, KIND_STRUCT, maker_string(m, "sk"), 8, 0);
	maker_type(m, KIND_UNION, 0, 8, 0);
}

static void array(struct maker *m, uint32_t of, uint32_t n)
{
	maker_type(m, KIND_ARRAY, 0, 0, 0);
	maker_word(m, of);
	maker_word(m, INT);
	maker_word(m, n);
}

static void param(struct maker *m, const char *name, uint32_t type)
{
	maker_word(m, *name ? maker_string(m, name) : 0);
	maker_word(m, type);
}

static void open_made(struct maker *m, struct btf_reader *btf)
{
	maker_finish(m);
	assert_int_equal(btf_init(btf, m->blob, m->size, NULL, NULL), 0);
}

static void assert_text(const struct btf_reader *btf, uint32_t id, const char *name,
			const char *wanted)
{
	AUTO(buf_done) struct buf text = { 0 };
	struct btf_budget budget;

	btf_budget_init(&budget, btf);
	btf_text_add(&text, btf, id, name, &budget);
	buf_add_char(&text, '\0');
	assert_false(buf_failed(&text));
	assert_string_equal(text.bytes, wanted);
}

static void names_have_their_kind_in_front(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_base(&m);
	maker_type(&m, KIND_ENUM, maker_string(&m, "e"), 4, 0);
	maker_type(&m, KIND_ENUM64, 0, 8, 0);
	maker_type(&m, KIND_TYPEDEF, maker_string(&m, "t"), INT, 0);
	maker_type(&m, KIND_FWD, maker_string(&m, "fwd"), 0, 0);
	maker_type(&m, KIND_FLOAT, maker_string(&m, "double"), 8, 0);
	open_made(&m, &btf);
	assert_text(&btf, 0, "", "void");
	assert_text(&btf, INT, "x", "int x");
	assert_text(&btf, RECORD, "x", "struct sk x");
	assert_text(&btf, ANON, "", "union {...}");
	assert_text(&btf, 4, "", "enum e");
	assert_text(&btf, 5, "", "enum {...}");
	assert_text(&btf, 6, "", "t");
	assert_text(&btf, 7, "", "struct fwd");
	assert_text(&btf, 8, "", "double");
}

static void pointers_and_arrays_stand_where_c_has_them(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_base(&m);
	maker_type(&m, KIND_PTR, 0, RECORD, 0); /* 4: struct sk * */
	array(&m, 4, 3);			/* 5: of those, 3 */
	maker_type(&m, KIND_PTR, 0, 5, 0);	/* 6: to that */
	array(&m, INT, 2);			/* 7 */
	array(&m, 7, 4);			/* 8: int [4][2] */
	maker_type(&m, KIND_PTR, 0, 4, 0);	/* 9 */
	open_made(&m, &btf);
	assert_text(&btf, 4, "p", "struct sk *p");
	assert_text(&btf, 5, "", "struct sk *[3]");
	assert_text(&btf, 5, "a", "struct sk *a[3]");
	assert_text(&btf, 6, "a", "struct sk *(*a)[3]");
	assert_text(&btf, 8, "", "int [4][2]");
	assert_text(&btf, 8, "grid", "int grid[4][2]");
	assert_text(&btf, 9, "", "struct sk **");
}

static void functions_have_their_parameters(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_base(&m);
	maker_type(&m, KIND_PTR, 0, RECORD, 0);	    /* 4 */
	maker_type(&m, KIND_FUNC_PROTO, 0, INT, 2); /* 5: int (struct sk *sk, ...) */
	param(&m, "sk", 4);
	param(&m, "", 0);
	maker_type(&m, KIND_FUNC, maker_string(&m, "f"), 5, 0); /* 6 */
	maker_type(&m, KIND_PTR, 0, 5, 0);			/* 7 */
	maker_type(&m, KIND_FUNC_PROTO, 0, 7, 0);		/* 8: returns such a pointer */
	maker_type(&m, KIND_FUNC, maker_string(&m, "g"), 8, 1); /* 9 */
	array(&m, 7, 2);					/* 10 */
	open_made(&m, &btf);
	assert_text(&btf, 6, "f", "int f(struct sk *sk, ...)");
	assert_text(&btf, 7, "op", "int (*op)(struct sk *, ...)");
	assert_text(&btf, 7, "", "int (*)(struct sk *, ...)");
	assert_text(&btf, 9, "g", "int (*g(void))(struct sk *, ...)");
	assert_text(&btf, 10, "ops", "int (*ops[2])(struct sk *, ...)");
}

static void modifiers_belong_to_what_they_modify(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_base(&m);
	maker_type(&m, KIND_CONST, 0, INT, 0);				/* 4 */
	maker_type(&m, KIND_PTR, 0, 4, 0);				/* 5: const int * */
	maker_type(&m, KIND_CONST, 0, 5, 0);				/* 6: const int *const */
	maker_type(&m, KIND_RESTRICT, 0, 5, 0);				/* 7 */
	maker_type(&m, KIND_TYPE_TAG, maker_string(&m, "rcu"), INT, 0); /* 8 */
	maker_type(&m, KIND_PTR, 0, 8, 0);				/* 9: the tag is left out */
	maker_type(&m, KIND_PTR, 0, 6, 0);				/* 10 */
	open_made(&m, &btf);
	assert_text(&btf, 5, "p", "const int *p");
	assert_text(&btf, 6, "p", "const int *const p");
	assert_text(&btf, 7, "", "const int *restrict");
	assert_text(&btf, 9, "", "int *");
	assert_text(&btf, 10, "", "const int *const *");
}

static void what_is_wrong_is_said_in_place_of_a_name(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_base(&m);
	maker_type(&m, KIND_PTR, 0, 99, 0);			   /* 4 */
	maker_type(&m, KIND_PTR, 0, 6, 0);			   /* 5 */
	maker_type(&m, KIND_DATASEC, maker_string(&m, "s"), 0, 0); /* 6 */
	maker_type(&m, KIND_PTR, 0, 7, 0);			   /* 7: itself */
	open_made(&m, &btf);
	assert_text(&btf, 4, "", "(no type 99) *");
	assert_text(&btf, 5, "", "(kind 15) *");
	assert_text(&btf, 7, "", "...");
}

/* Each function takes the one behind it eight times: written out there are eight to the power of the depth. */
static void functions_that_take_functions_have_an_end(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO(buf_done) struct buf text = { 0 };
	struct btf_budget budget;

	(void)state;
	make_base(&m);
	for (uint32_t id = FIRST; id < FIRST + 40; id += 2) {
		maker_type(&m, KIND_FUNC_PROTO, 0, INT, 8);
		for (unsigned i = 0; i < 8; i++)
			param(&m, "", id + 1);
		maker_type(&m, KIND_PTR, 0, id + 2, 0);
	}
	open_made(&m, &btf);
	btf_budget_init(&budget, &btf);
	btf_text_add(&text, &btf, FIRST, "", &budget);
	assert_true(text.size > 3 && text.size <= BTF_TEXT_MOST + 3);
	assert_memory_equal(text.bytes + text.size - 3, "...", 3);
}

static void sizes_are_those_of_values(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	uint64_t size = 0;

	(void)state;
	make_base(&m);
	maker_type(&m, KIND_TYPEDEF, maker_string(&m, "t"), INT, 0); /* 4 */
	array(&m, 4, 3);					     /* 5 */
	array(&m, 5, 5);					     /* 6 */
	maker_type(&m, KIND_CONST, 0, 6, 0);			     /* 7 */
	maker_type(&m, KIND_PTR, 0, 7, 0);			     /* 8 */
	array(&m, 10, 0xffffffff);				     /* 9 */
	array(&m, 11, 0xffffffff);				     /* 10 */
	array(&m, INT, 0xffffffff);				     /* 11 */
	array(&m, 12, 1);					     /* 12: of itself */
	open_made(&m, &btf);
	assert_true(btf_size(&btf, 7, &size));
	assert_int_equal(size, 60);
	assert_true(btf_size(&btf, 8, &size));
	assert_int_equal(size, 8);
	assert_false(btf_size(&btf, 0, &size));
	assert_false(btf_size(&btf, 9, &size)); /* more than 64 bits */
	assert_false(btf_size(&btf, 12, &size));
	assert_false(btf_size(&btf, 99, &size));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_their_kind_in_front),
		cmocka_unit_test(pointers_and_arrays_stand_where_c_has_them),
		cmocka_unit_test(functions_have_their_parameters),
		cmocka_unit_test(modifiers_belong_to_what_they_modify),
		cmocka_unit_test(what_is_wrong_is_said_in_place_of_a_name),
		cmocka_unit_test(functions_that_take_functions_have_an_end),
		cmocka_unit_test(sizes_are_those_of_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
