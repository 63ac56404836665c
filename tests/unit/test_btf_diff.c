/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_diff.c - what types consist of, and which of two blobs' differ
 *
 * What is found is written down in a few words a line, and the lines are compared.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf/diff.h"
#include "btf/index.h"
#include "btf_maker.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_BTF AUTO(btf_done) struct btf_reader
#define INT 1u		      /* every blob of these tests begins with it */
#define FLAG (1u << 31 >> 24) /* of a kind: bit-fields, or signed values */

static void element(struct maker *m, const char *name, uint32_t type, uint32_t offset)
{
	maker_word(m, *name ? maker_string(m, name) : 0);
	maker_word(m, type);
	maker_word(m, offset);
}

static void record(struct maker *m, uint32_t kind, const char *name, uint32_t size, uint32_t vlen)
{
	maker_type(m, kind, *name ? maker_string(m, name) : 0, size, vlen);
}

static void array(struct maker *m, uint32_t of, uint32_t n)
{
	maker_type(m, KIND_ARRAY, 0, 0, 0);
	maker_word(m, of);
	maker_word(m, INT);
	maker_word(m, n);
}

static void open_made(struct maker *m, struct btf_reader *btf)
{
	maker_finish(m);
	assert_int_equal(btf_init(btf, m->blob, m->size, NULL, NULL), 0);
}

struct lines {
	char text[2048];
	size_t n;
};

static void say(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct lines *lines, const char *format, ...)
{
	va_list words;

	va_start(words, format);
	lines->n += (size_t)vsnprintf(lines->text + lines->n, sizeof(lines->text) - lines->n,
				      format, words);
	va_end(words);
	assert_true(lines->n < sizeof(lines->text));
}

static void say_part(void *context, const struct btf_part *part)
{
	if (part->kind == BTF_ENUMERATOR)
		say(context, "%s=%lld", part->name, (long long)part->value);
	else
		say(context, "%s:%s@%llu", part->name, part->type,
		    (unsigned long long)part->bits_offset);
	if (part->bitfield_bits)
		say(context, "#%u", part->bitfield_bits);
	say(context, "\n");
}

static int list(const struct btf_reader *btf, uint32_t id, const char *path, struct lines *lines)
{
	struct btf_budget budget;
	AUTO(btf_parts_done) struct btf_parts parts = { .btf = btf, .budget = &budget };

	btf_budget_init(&budget, btf);
	if (path)
		return btf_parts_fit(&parts, id, path, say_part, lines, NULL);
	return btf_parts_all(&parts, id, say_part, lines, NULL);
}

static void assert_parts(const struct btf_reader *btf, uint32_t id, const char *path,
			 const char *wanted)
{
	struct lines lines = { 0 };

	assert_int_equal(list(btf, id, path, &lines), 0);
	assert_string_equal(lines.text, wanted);
}

/* struct outer { int a; union { int b; int c : 3; }; struct { int x; } in[2]; struct inner i; } */
static void make_outer(struct maker *m)
{
	maker_int(m, "int");			/* 1 */
	record(m, KIND_UNION | FLAG, "", 4, 2); /* 2 */
	element(m, "b", INT, 0);
	element(m, "c", INT, 3u << 24);
	record(m, KIND_STRUCT, "", 4, 1); /* 3 */
	element(m, "x", INT, 0);
	array(m, 3, 2);			       /* 4 */
	record(m, KIND_STRUCT, "inner", 8, 2); /* 5 */
	element(m, "y", INT, 0);
	element(m, "z", INT, 32);
	record(m, KIND_STRUCT, "outer", 24, 4); /* 6 */
	element(m, "a", INT, 0);
	element(m, "", 2, 32);
	element(m, "in", 4, 64);
	element(m, "i", 5, 128);
	maker_type(m, KIND_TYPEDEF, maker_string(m, "pair_t"), 3, 0);  /* 7: of an anonymous one */
	maker_type(m, KIND_TYPEDEF, maker_string(m, "outer_t"), 6, 0); /* 8 */
}

static void anonymous_members_stand_among_the_others(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_outer(&m);
	open_made(&m, &btf);
	assert_parts(&btf, 6, NULL,
		     "a:int@0\nb:int@32\nc:int@32#3\nin:struct {...} [2]@64\nin[].x:int@64\n"
		     "i:struct inner@128\n");
	assert_parts(&btf, 7, NULL, "x:int@0\n");
	assert_parts(&btf, 8, NULL, "");
	assert_parts(&btf, INT, NULL, "");
	assert_parts(&btf, 99, NULL, "");
}

static void a_path_leads_into_members_by_globs(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_outer(&m);
	open_made(&m, &btf);
	assert_parts(&btf, 6, "a", "a:int@0\n");
	assert_parts(&btf, 6, "c", "c:int@32#3\n");
	assert_parts(&btf, 6, "i.z", "i.z:int@160\n");
	assert_parts(&btf, 6, "in.x", "in[].x:int@64\n");
	assert_parts(&btf, 6, "i*.?", "in[].x:int@64\ni.y:int@128\ni.z:int@160\n");
	assert_parts(&btf, 8, "i.y", "i.y:int@128\n");
	assert_parts(&btf, 6, "q", "");
	assert_parts(&btf, 6, "a.q", "");
	assert_parts(&btf, 6, "", "");
	assert_parts(&btf, 6, "i.", "");
}

static void enumerators_have_their_values(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	maker_int(&m, "int");
	record(&m, KIND_ENUM | FLAG, "e", 4, 2);
	maker_word(&m, maker_string(&m, "LOW"));
	maker_word(&m, 0xffffffff);
	maker_word(&m, maker_string(&m, "ONE"));
	maker_word(&m, 1);
	record(&m, KIND_ENUM64, "big", 8, 1);
	element(&m, "HUGE", 1, 2);
	open_made(&m, &btf);
	assert_parts(&btf, 2, NULL, "LOW=-1\nONE=1\n");
	assert_parts(&btf, 2, "O*", "ONE=1\n");
	assert_parts(&btf, 3, NULL, "HUGE=8589934593\n");
}

static void what_grows_beyond_all_bounds_is_an_error(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	struct lines lines = { 0 };

	(void)state;
	maker_int(&m, "int");
	for (uint32_t id = 2; id < 40; id++) {
		record(&m, KIND_STRUCT, "", 4, 2); /* has twice the one behind it */
		element(&m, "", id + 1, 0);
		element(&m, "", id + 1, 0);
	}
	record(&m, KIND_STRUCT, "", 4, 1); /* 40: has itself */
	element(&m, "", 40, 0);
	open_made(&m, &btf);
	assert_int_equal(list(&btf, 2, NULL, &lines), -E2BIG);
	assert_int_equal(list(&btf, 40, NULL, &lines), -E2BIG);
	assert_string_equal(lines.text, "");
}

static void say_difference(void *context, const struct btf_difference *difference)
{
	const struct btf_side *old = &difference->old, *new = &difference->new;

	say(context, "%c%s %s",
	    !old->id   ? '+'
	    : !new->id ? '-'
		       : '*',
	    btf_kind_word(difference->kind), difference->name);
	if (old->id && new->id && old->head.size != new->head.size)
		say(context, " %llu>%llu", (unsigned long long)old->head.size,
		    (unsigned long long)new->head.size);
	if (old->id && new->id && strcmp(old->text, new->text) != 0)
		say(context, " '%s'>'%s'", old->text, new->text);
	say(context, "\n");
	for (size_t i = 0; i < difference->n; i++) {
		if (difference->changes[i].old) {
			say(context, " <");
			say_part(context, difference->changes[i].old);
		}
		if (difference->changes[i].new) {
			say(context, " >");
			say_part(context, difference->changes[i].new);
		}
	}
}

static void assert_diff(const struct btf_reader *old, const struct btf_reader *new,
			const char *glob, const char *wanted, struct btf_diff_counts *counts)
{
	struct lines lines = { 0 };

	assert_int_equal(btf_diff(old, new, glob, say_difference, &lines, counts, NULL), 0);
	assert_string_equal(lines.text, wanted);
}

static void make_old(struct maker *m)
{
	maker_int(m, "int");		      /* 1 */
	maker_type(m, KIND_PTR, 0, INT, 0);   /* 2 */
	record(m, KIND_STRUCT, "same", 4, 1); /* 3 */
	element(m, "x", INT, 0);
	record(m, KIND_STRUCT, "s", 12, 3); /* 4 */
	element(m, "gone", INT, 0);
	element(m, "moved", INT, 32);
	element(m, "typed", INT, 64);
	record(m, KIND_ENUM, "e", 4, 1); /* 5 */
	maker_word(m, maker_string(m, "ONE"));
	maker_word(m, 1);
	record(m, KIND_FUNC_PROTO, "", INT, 1); /* 6 */
	maker_word(m, maker_string(m, "a"));
	maker_word(m, INT);
	maker_type(m, KIND_FUNC, maker_string(m, "f"), 6, 0);	   /* 7 */
	maker_type(m, KIND_TYPEDEF, maker_string(m, "t"), INT, 0); /* 8 */
	record(m, KIND_UNION, "old_only", 4, 0);		   /* 9 */
}

/* The same with other ids. */
static void make_new(struct maker *m)
{
	maker_int(m, "int");		    /* 1 */
	record(m, KIND_STRUCT, "s", 16, 3); /* 2 */
	element(m, "added", INT, 0);
	element(m, "moved", INT, 64);
	element(m, "typed", 4, 64);
	maker_type(m, KIND_CONST, 0, INT, 0); /* 3 */
	maker_type(m, KIND_PTR, 0, INT, 0);   /* 4 */
	record(m, KIND_STRUCT, "same", 4, 1); /* 5 */
	element(m, "x", INT, 0);
	record(m, KIND_ENUM64, "e", 8, 2); /* 6 */
	element(m, "ONE", 1, 1);
	element(m, "TWO", 2, 0);
	record(m, KIND_FUNC_PROTO, "", INT, 1); /* 7 */
	maker_word(m, maker_string(m, "a"));
	maker_word(m, 4);
	maker_type(m, KIND_FUNC, maker_string(m, "f"), 7, 0);	     /* 8 */
	maker_type(m, KIND_TYPEDEF, maker_string(m, "t"), 4, 0);     /* 9 */
	maker_type(m, KIND_FUNC, maker_string(m, "new_only"), 7, 0); /* 10 */
}

static void each_difference_is_told_with_what_changed(void **state)
{
	AUTO_MAKER a = { 0 }, b = { 0 };
	AUTO_BTF old = { 0 }, new = { 0 };
	struct btf_diff_counts counts;

	(void)state;
	make_old(&a);
	make_new(&b);
	open_made(&a, &old);
	open_made(&b, &new);
	assert_diff(&old, &new, NULL,
		    "*enum e 4>8\n <ONE=1\n >ONE=4294967297\n >TWO=2\n"
		    "*func f 'int f(int a)'>'int f(int *a)'\n"
		    "+func new_only\n"
		    "-union old_only\n"
		    "*struct s 12>16\n <gone:int@0\n <moved:int@32\n >moved:int@64\n"
		    " <typed:int@64\n >typed:int *@64\n >added:int@0\n"
		    "*typedef t 4>8 'int'>'int *'\n",
		    &counts);
	assert_int_equal(counts.added, 1);
	assert_int_equal(counts.removed, 1);
	assert_int_equal(counts.changed, 4);
	assert_int_equal(counts.same, 2); /* int and struct same */
}

static void a_glob_says_which_types_are_compared(void **state)
{
	AUTO_MAKER a = { 0 }, b = { 0 };
	AUTO_BTF old = { 0 }, new = { 0 };
	struct btf_diff_counts counts;

	(void)state;
	make_old(&a);
	make_new(&b);
	open_made(&a, &old);
	open_made(&b, &new);
	assert_diff(&old, &new, "*_only", "+func new_only\n-union old_only\n", &counts);
	assert_int_equal(counts.changed + counts.same, 0);
}

static void a_blob_does_not_differ_from_itself(void **state)
{
	AUTO_MAKER a = { 0 };
	AUTO_BTF btf = { 0 };
	struct btf_diff_counts counts;

	(void)state;
	make_outer(&a);
	open_made(&a, &btf);
	assert_diff(&btf, &btf, NULL, "", &counts);
	assert_int_equal(counts.same, 5);
}

/* A name of a parameter is none of its type; a tag has no layout. */
static void what_is_no_matter_of_structure_is_no_difference(void **state)
{
	AUTO_MAKER a = { 0 }, b = { 0 };
	AUTO_BTF old = { 0 }, new = { 0 };
	struct btf_diff_counts counts;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct maker *m = i ? &b : &a;

		maker_int(m, "int");
		maker_type(m, KIND_TYPE_TAG, maker_string(m, "user"), INT, 0); /* 2 */
		maker_type(m, KIND_PTR, 0, i ? 2 : INT, 0);		       /* 3 */
		record(m, KIND_FUNC_PROTO, "", INT, 1);			       /* 4 */
		maker_word(m, maker_string(m, i ? "q" : "p"));
		maker_word(m, 3);
		maker_type(m, KIND_FUNC, maker_string(m, "f"), 4, 0);
		open_made(m, i ? &new : &old);
	}
	assert_diff(&old, &new, NULL, "", &counts);
}

/* Two of the same name on one side, in the other order on the other, and one that has another size there. */
static void types_that_share_a_name_are_paired_by_structure(void **state)
{
	AUTO_MAKER a = { 0 }, b = { 0 };
	AUTO_BTF old = { 0 }, new = { 0 };
	struct btf_diff_counts counts;

	(void)state;
	maker_int(&a, "int");
	maker_int(&b, "int");
	record(&a, KIND_STRUCT, "s", 1, 0);
	record(&a, KIND_STRUCT, "s", 2, 0);
	record(&a, KIND_STRUCT, "s", 3, 0);
	record(&b, KIND_STRUCT, "s", 3, 0);
	record(&b, KIND_STRUCT, "s", 4, 0);
	record(&b, KIND_STRUCT, "s", 1, 0);
	record(&b, KIND_STRUCT, "s", 5, 0);
	open_made(&a, &old);
	open_made(&b, &new);
	assert_diff(&old, &new, "s", "*struct s 2>4\n+struct s\n", &counts);
	assert_int_equal(counts.same, 2);
}

static void of_split_btf_its_own_types_are_compared(void **state)
{
	AUTO_MAKER a = { 0 }, b = { 0 }, base_maker = { 0 };
	AUTO_BTF old = { 0 }, new = { 0 }, base = { 0 };
	struct btf_diff_counts counts;

	(void)state;
	make_outer(&base_maker);
	open_made(&base_maker, &base);
	a.is_split = b.is_split = true;
	maker_type(&a, KIND_VOLATILE, 0, 5, 0);
	maker_type(&b, KIND_PTR, 0, 5, 0);
	maker_finish(&a);
	maker_finish(&b);
	assert_int_equal(btf_init(&old, a.blob, a.size, &base, NULL), 0);
	assert_int_equal(btf_init(&new, b.blob, b.size, &base, NULL), 0);
	assert_diff(&old, &new, NULL, "", &counts);
	assert_int_equal(counts.same, 0);
	assert_diff(&base, &new, "outer", "-struct outer\n", &counts);
}

static void the_nearest_name_is_found_among_types_and_enumerators(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	(void)state;
	make_old(&m);
	open_made(&m, &btf);
	assert_string_equal(btf_nearest_name(&btf, "old_olny", false), "old_only");
	assert_null(btf_nearest_name(&btf, "nothing_like_it", true));
	assert_null(btf_nearest_name(&btf, "ONF", false));
	assert_string_equal(btf_nearest_name(&btf, "ONF", true), "ONE");
	assert_null(btf_nearest_name(&btf, "", true));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(anonymous_members_stand_among_the_others),
		cmocka_unit_test(a_path_leads_into_members_by_globs),
		cmocka_unit_test(enumerators_have_their_values),
		cmocka_unit_test(what_grows_beyond_all_bounds_is_an_error),
		cmocka_unit_test(each_difference_is_told_with_what_changed),
		cmocka_unit_test(a_glob_says_which_types_are_compared),
		cmocka_unit_test(a_blob_does_not_differ_from_itself),
		cmocka_unit_test(what_is_no_matter_of_structure_is_no_difference),
		cmocka_unit_test(types_that_share_a_name_are_paired_by_structure),
		cmocka_unit_test(of_split_btf_its_own_types_are_compared),
		cmocka_unit_test(the_nearest_name_is_found_among_types_and_enumerators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
