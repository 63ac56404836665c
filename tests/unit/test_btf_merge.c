/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_merge.c - the types of several blobs as one, and types as text
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf/merge.h"
#include "btf/raw.h"
#include "btf_maker.h"
#include "capture.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_BTF AUTO(btf_done) struct btf_reader
#define AUTO_MERGE AUTO(btf_merge_done) struct btf_merge

/* All types of a blob as text; it is the caller's. */
static const char *text_of(struct capture *capture, const struct btf_reader *btf)
{
	struct out *out = capture_out(capture);

	for (uint32_t id = btf->first_id; id < btf_count(btf); id++)
		btf_raw(out, btf, id);
	return capture_end(capture);
}

static void open_maker(struct maker *m, const struct btf_reader *base, struct btf_reader *out)
{
	maker_finish(m);
	assert_int_equal(btf_init(out, m->blob, m->size, base, NULL), 0);
}

/* A structure @name with a member n, an int. */
static void make_struct(struct maker *m, const char *name)
{
	maker_int(m, "int");
	maker_type(m, KIND_STRUCT, maker_string(m, name), 4, 1);
	maker_word(m, maker_string(m, "n"));
	maker_word(m, 1);
	maker_word(m, 0);
}

static void types_of_all_are_there_and_each_once(void **state)
{
	(void)state;
	AUTO_MAKER one = { 0 }, two = { 0 };
	AUTO_BTF first = { 0 }, second = { 0 }, merged = { 0 };
	AUTO_MERGE merge = { 0 };
	AUTO_CAPTURE capture;
	autofree unsigned char *bytes = NULL;
	size_t size;

	make_struct(&one, "a");
	make_struct(&two, "b");
	open_maker(&one, NULL, &first);
	open_maker(&two, NULL, &second);
	assert_int_equal(btf_merge_add(&merge, &first, NULL), 0);
	assert_int_equal(btf_merge_add(&merge, &second, NULL), 0);
	assert_int_equal(btf_merge_add(&merge, &first, NULL), 0);
	assert_int_equal(btf_merge_finish(&merge, (struct inspect_bytes){ 0 }, &bytes, &size, NULL),
			 0);
	assert_int_equal(btf_init(&merged, bytes, size, NULL, NULL), 0);
	assert_string_equal(text_of(&capture, &merged),
			    "[1] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=(none)\n"
			    "[2] STRUCT 'a' size=4 vlen=1\n\t'n' type_id=1 bits_offset=0\n"
			    "[3] STRUCT 'b' size=4 vlen=1\n\t'n' type_id=1 bits_offset=0\n");
}

static void what_the_base_has_is_left_out(void **state)
{
	(void)state;
	AUTO_MAKER below = { 0 }, split = { .is_split = true }, alone = { 0 };
	AUTO_BTF base = { 0 }, over = { 0 }, whole = { 0 }, merged = { 0 };
	AUTO_MERGE merge = { .base = &base };
	AUTO_CAPTURE capture;
	autofree unsigned char *bytes = NULL;
	size_t size;

	maker_int(&below, "int");
	open_maker(&below, NULL, &base);
	maker_type(&split, KIND_TYPEDEF, 5 + maker_string(&split, "number"), 1, 0);
	open_maker(&split, &base, &over);
	make_struct(&alone, "a");
	open_maker(&alone, NULL, &whole);
	assert_int_equal(btf_merge_add(&merge, &over, NULL), 0);
	assert_int_equal(btf_merge_add(&merge, &whole, NULL), 0);
	assert_int_equal(
		btf_merge_finish(&merge,
				 (struct inspect_bytes){ (const void *)below.blob, below.size },
				 &bytes, &size, NULL),
		0);
	assert_int_equal(btf_init(&merged, bytes, size, &base, NULL), 0);
	assert_string_equal(text_of(&capture, &merged),
			    "[2] TYPEDEF 'number' type_id=1\n"
			    "[3] STRUCT 'a' size=4 vlen=1\n\t'n' type_id=1 bits_offset=0\n");
}

static void assert_not_added(struct maker *m, const char *says)
{
	AUTO_BTF btf = { 0 };
	AUTO_MERGE merge = { 0 };
	struct inspect_error err;

	open_maker(m, NULL, &btf);
	assert_int_equal(btf_merge_add(&merge, &btf, &err), -EINVAL);
	assert_string_equal(err.what, says);
}

static void a_reference_to_no_type_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER pointer = { 0 }, array = { 0 }, member = { 0 };

	maker_type(&pointer, KIND_PTR, 0, 2, 0);
	assert_not_added(&pointer, "merge: type 1 refers to one that is not there");
	maker_type(&array, KIND_ARRAY, 0, 0, 0);
	maker_words(&array, 1, 1);
	maker_words(&array, UINT32_MAX, 1);
	maker_words(&array, 1, 1);
	assert_not_added(&array, "merge: type 1 refers to one that is not there");
	maker_int(&member, "int");
	maker_type(&member, KIND_FUNC_PROTO, 0, 1, 2);
	maker_words(&member, 0, 3);
	maker_word(&member, 3);
	assert_not_added(&member, "merge: type 2 refers to one that is not there");
}

static void a_kind_that_is_not_known_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER stopped = { 0 };

	maker_int(&stopped, "int");
	maker_type(&stopped, 25, 0, 0, 0);
	assert_not_added(&stopped, "merge: stops at type 2 of unknown kind 25");
}

static void what_libbpf_does_not_take_is_an_error(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_MERGE merge = { 0 };
	autofree unsigned char *bytes = NULL;
	struct inspect_error err;
	size_t size;

	maker_int(&m, "int");
	maker_type(&m, KIND_FUNC, maker_string(&m, "f"), 1,
		   0); /* of an int, and not of a prototype */
	open_maker(&m, NULL, &btf);
	assert_int_equal(btf_merge_add(&merge, &btf, NULL), 0);
	assert_true(btf_merge_finish(&merge, (struct inspect_bytes){ 0 }, &bytes, &size, &err) < 0);
	assert_string_equal(err.what, "merge: find types that are the same");
	assert_null(bytes);
}

/* libbpf takes the word for an id, of which it has no such. */
static void a_word_that_means_nothing_is_not_taken_for_an_id(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 }, merged = { 0 };
	AUTO_MERGE merge = { 0 };
	AUTO_CAPTURE capture;
	autofree unsigned char *bytes = NULL;
	size_t size;

	maker_type(&m, KIND_FWD, maker_string(&m, "later"), 0xff0000, 0);
	maker_int(&m, "int");
	maker_type(&m, KIND_ARRAY, 0, 0xff0000, 0);
	maker_words(&m, 2, 3);
	open_maker(&m, NULL, &btf);
	assert_int_equal(btf_merge_add(&merge, &btf, NULL), 0);
	assert_int_equal(btf_merge_finish(&merge, (struct inspect_bytes){ 0 }, &bytes, &size, NULL),
			 0);
	assert_int_equal(btf_init(&merged, bytes, size, NULL, NULL), 0);
	assert_string_equal(text_of(&capture, &merged),
			    "[1] FWD 'later' fwd_kind=struct\n"
			    "[2] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=(none)\n"
			    "[3] ARRAY '(anon)' type_id=2 index_type_id=2 nr_elems=2\n");
}

static void a_type_that_is_not_there_is_told_from_one_without_a_name(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_CAPTURE capture;

	maker_type(&m, KIND_DATASEC, maker_string(&m, ".data"), 8, 2);
	maker_words(&m, 0, 3);
	maker_word(&m, 9);
	maker_words(&m, 4, 2);
	maker_type(&m, 30, 0, 0, 0);
	open_maker(&m, NULL, &btf);
	struct out *out = capture_out(&capture);
	btf_raw(out, &btf, 1);
	btf_raw(out, &btf, 0);
	btf_raw(out, &btf, 5);
	assert_string_equal(capture_end(&capture),
			    "[1] DATASEC '.data' size=8 vlen=2\n"
			    "\ttype_id=0 offset=0 size=0 (UNKNOWN '(anon)')\n"
			    "\ttype_id=9 offset=4 size=4 (UNKNOWN '(invalid)')\n"
			    "[0] UNKNOWN '(anon)'\n[5] UNKNOWN '(anon)'\n");
}

static void numbers_without_a_word_are_told_from_those_with_one(void **state)
{
	(void)state;
	assert_string_equal(btf_linkage(0), "static");
	assert_string_equal(btf_linkage(2), "extern");
	assert_string_equal(btf_linkage(3), "(unknown)");
	assert_string_equal(btf_int_encoding(4), "BOOL");
	assert_string_equal(btf_int_encoding(3), "UNKN");
	assert_string_equal(btf_kind_name(KIND_ENUM64), "ENUM64");
	assert_null(btf_kind_name(KIND_VOID));
	assert_null(btf_kind_name(KINDS));
	for (uint32_t kind = KIND_INT; kind < KINDS; kind++)
		assert_non_null(btf_kind_name(kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_all_are_there_and_each_once),
		cmocka_unit_test(what_the_base_has_is_left_out),
		cmocka_unit_test(a_reference_to_no_type_is_refused),
		cmocka_unit_test(a_kind_that_is_not_known_is_refused),
		cmocka_unit_test(what_libbpf_does_not_take_is_an_error),
		cmocka_unit_test(a_word_that_means_nothing_is_not_taken_for_an_id),
		cmocka_unit_test(a_type_that_is_not_there_is_told_from_one_without_a_name),
		cmocka_unit_test(numbers_without_a_word_are_told_from_those_with_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
