/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_closure.c - some types, and all that they depend on
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf/closure.h"
#include "btf_maker.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_BTF AUTO(btf_done) struct btf_reader
#define AUTO_SET AUTO(btf_set_done) struct btf_set

static void open_made(struct maker *m, struct btf_reader *btf)
{
	maker_finish(m);
	assert_int_equal(btf_init(btf, m->blob, m->size, NULL, NULL), 0);
}

/* The ids, each followed by a blank. */
static void assert_set(const struct btf_set *set, const char *wanted)
{
	char text[256] = "";
	size_t n = 0;

	for (uint32_t id = 0; id < set->end + 8; id++)
		if (btf_set_has(set, id))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%u ", id);
	assert_string_equal(text, wanted);
}

static void assert_closed(const struct btf_reader *btf, uint32_t root, const char *wanted)
{
	AUTO_SET set = { 0 };

	assert_int_equal(btf_set_init(&set, btf, NULL), 0);
	assert_true(btf_set_add(&set, root));
	assert_int_equal(btf_close(&set, btf, NULL), 0);
	assert_set(&set, wanted);
}

/* A type of each kind that refers to others. */
static void make_all(struct maker *m)
{
	maker_int(m, "int");					   /* 1 */
	maker_type(m, KIND_PTR, 0, 3, 0);			   /* 2 */
	maker_type(m, KIND_STRUCT, maker_string(m, "node"), 8, 1); /* 3 */
	maker_word(m, maker_string(m, "next"));
	maker_words(m, 2, 1);
	maker_word(m, 0);
	maker_type(m, KIND_ARRAY, 0, 0, 0); /* 4: struct node [2] by int */
	maker_word(m, 3);
	maker_word(m, 1);
	maker_word(m, 2);
	maker_type(m, KIND_TYPEDEF, maker_string(m, "nodes"), 4, 0); /* 5 */
	maker_type(m, KIND_FUNC_PROTO, 0, 1, 1);		     /* 6: int (nodes) */
	maker_word(m, 0);
	maker_word(m, 5);
	maker_type(m, KIND_FUNC, maker_string(m, "f"), 6, 0); /* 7 */
	maker_type(m, KIND_VAR, maker_string(m, "v"), 1, 0);  /* 8 */
	maker_word(m, 1);
	maker_type(m, KIND_DATASEC, maker_string(m, ".bss"), 4, 1); /* 9 */
	maker_word(m, 8);
	maker_word(m, 0);
	maker_word(m, 4);
	maker_type(m, KIND_DECL_TAG, maker_string(m, "tag"), 7, 0); /* 10 */
	maker_word(m, 0xffffffff);
	maker_type(m, KIND_CONST, 0, 11, 0);	 /* 11: itself */
	maker_type(m, KIND_VOLATILE, 0, 999, 0); /* 12: nothing */
}

static void everything_that_is_referred_to_is_added(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_all(&m);
	open_made(&m, &btf);
	assert_closed(&btf, 1, "1 ");
	assert_closed(&btf, 3, "2 3 ");
	assert_closed(&btf, 4, "1 2 3 4 ");
	assert_closed(&btf, 7, "1 2 3 4 5 6 7 ");
	assert_closed(&btf, 9, "1 8 9 ");
	assert_closed(&btf, 10, "1 2 3 4 5 6 7 10 ");
}

static void circles_and_ids_that_are_not_there_do_no_harm(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_all(&m);
	open_made(&m, &btf);
	assert_closed(&btf, 11, "11 ");
	assert_closed(&btf, 12, "12 ");
}

static void names_are_matched_as_globs(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_SET set = { 0 };

	(void)state;
	make_all(&m);
	open_made(&m, &btf);
	assert_int_equal(btf_set_init(&set, &btf, NULL), 0);
	assert_int_equal(btf_set_add_names(&set, &btf, "no*"), 2);
	assert_set(&set, "3 5 ");
	assert_int_equal(btf_set_add_names(&set, &btf, "node"), 0); /* it is there */
	assert_int_equal(btf_set_add_names(&set, &btf, "*"), 5); /* those without a name are not */
	assert_set(&set, "1 3 5 7 8 9 10 ");
}

static void an_id_that_is_not_there_cannot_be_added(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_SET set = { 0 };

	(void)state;
	make_all(&m);
	open_made(&m, &btf);
	assert_int_equal(btf_set_init(&set, &btf, NULL), 0);
	assert_false(btf_set_add(&set, 13));
	assert_false(btf_set_add(&set, UINT32_MAX));
	assert_true(btf_set_add(&set, 12));
	assert_false(btf_set_add(&set, 12));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_is_referred_to_is_added),
		cmocka_unit_test(circles_and_ids_that_are_not_there_do_no_harm),
		cmocka_unit_test(names_are_matched_as_globs),
		cmocka_unit_test(an_id_that_is_not_there_cannot_be_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
