/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_c.c - which types can be followed, and their text as C
 *
 * Whether the text compiles, and to the sizes that the types have, is for tests/live.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/note.h"
#include "btf/c.h"
#include "btf/reader.h"
#include "btf/sound.h"
#include "btf_maker.h"
#include "out/out.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_BTF AUTO(btf_done) struct btf_reader
#define AUTO_TEXT AUTO(buf_done) struct buf
#define KIND_FLAG (1u << 7) /* of the kind, as the maker takes it */

/* A struct's beginning; members follow. */
static void add_struct(struct maker *m, const char *name, uint32_t size, uint32_t vlen)
{
	maker_type(m, KIND_STRUCT, name ? maker_string(m, name) : 0, size, vlen);
}

static void add_member(struct maker *m, const char *name, uint32_t type, uint32_t bits_offset)
{
	maker_word(m, maker_string(m, name));
	maker_word(m, type);
	maker_word(m, bits_offset);
}

static void add_named(struct maker *m, uint32_t kind, const char *name, uint32_t to)
{
	maker_type(m, kind, maker_string(m, name), to, 0);
}

static void add_array(struct maker *m, uint32_t element, uint32_t n)
{
	maker_type(m, KIND_ARRAY, 0, 0, 0);
	maker_word(m, element);
	maker_word(m, element);
	maker_word(m, n);
}

static void open_made(struct maker *m, struct btf_reader *btf, const struct btf_reader *base)
{
	struct inspect_error err = { 0 };

	maker_finish(m);
	if (btf_init(btf, m->blob, m->size, base, &err))
		fail_msg("%s", err.what);
}

/* Notes, one behind the other. */
static void keep_note(void *context, const char *text)
{
	buf_add_text(context, text);
	buf_add_char(context, '\n');
}

static int print(const struct btf_reader *btf, const struct btf_c_options *options,
		 struct buf *text, struct buf *notes, struct inspect_error *err)
{
	const struct inspect_note note = { keep_note, notes };
	struct out out;

	out_init_memory(&out, text);
	int r = btf_c_print(&out, btf, options, notes ? &note : NULL, err);
	assert_int_equal(out_flush(&out), 0);
	buf_add_char(text, '\0');
	if (notes)
		buf_add_char(notes, '\0');
	return r;
}

static void assert_prints_with(struct maker *m, const struct btf_c_options *options,
			       struct buf *text)
{
	AUTO_BTF btf = { 0 };
	struct inspect_error err = { 0 };

	open_made(m, &btf, NULL);
	if (print(&btf, options, text, NULL, &err))
		fail_msg("%s", err.what);
}

static void assert_prints(struct maker *m, struct buf *text)
{
	assert_prints_with(m, &(struct btf_c_options){ 0 }, text);
}

static void assert_has(const struct buf *text, const char *part)
{
	if (!strstr(text->bytes, part))
		fail_msg("\"%s\" is not in:\n%s", part, text->bytes);
}

static void assert_has_not(const struct buf *text, const char *part)
{
	if (strstr(text->bytes, part))
		fail_msg("\"%s\" is in:\n%s", part, text->bytes);
}

static void assert_refused(struct maker *m, const char *words)
{
	AUTO_BTF btf = { 0 };
	AUTO_TEXT text = { 0 };
	struct inspect_error err = { 0 };

	open_made(m, &btf, NULL);
	assert_int_equal(print(&btf, &(struct btf_c_options){ 0 }, &text, NULL, &err), -EINVAL);
	assert_string_equal(text.bytes, "");
	if (strcmp(err.what, words) != 0)
		fail_msg("\"%s\" is not \"%s\"", err.what, words);
}

/* --- what is refused --- */

static void a_modifier_of_itself_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_type(&m, KIND_CONST, 0, 1, 0);
	assert_refused(&m, "type 1: is part of itself");
}

static void typedefs_in_a_circle_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	add_named(&m, KIND_TYPEDEF, "a", 2);
	add_named(&m, KIND_TYPEDEF, "b", 1);
	assert_refused(&m, "type 1 'a': is part of itself");
}

static void a_struct_that_contains_itself_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	add_struct(&m, "s", 4, 1);
	add_member(&m, "m", 1, 0);
	assert_refused(&m, "type 1 's': is part of itself");
}

static void an_array_of_itself_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	add_array(&m, 1, 2);
	assert_refused(&m, "type 1: is part of itself");
}

static void a_function_that_returns_its_own_type_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	add_named(&m, KIND_TYPEDEF, "f", 2);
	maker_type(&m, KIND_PTR, 0, 3, 0);
	maker_type(&m, KIND_FUNC_PROTO, 0, 1, 0);
	assert_refused(&m, "type 3: is part of itself");
}

static void an_array_of_void_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_type(&m, KIND_CONST, 0, 0, 0);
	add_array(&m, 1, 2);
	assert_refused(&m, "type 2: is an array of void");
}

static void an_array_larger_than_32_bits_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	add_array(&m, 1, UINT32_MAX);
	assert_refused(&m, "type 2: is an array of more than 4 GiB");
}

static void a_reference_to_no_type_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_type(&m, KIND_PTR, 0, 7, 0);
	assert_refused(&m, "type 1: refers to type 7, the last is 1");
}

static void a_member_that_is_a_function_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_type(&m, KIND_FUNC_PROTO, 0, 0, 0);
	add_named(&m, KIND_FUNC, "f", 1);
	add_struct(&m, "s", 4, 1);
	add_member(&m, "m", 2, 0);
	assert_refused(&m, "type 3: refers to type 2, which is of kind 12 and no type");
}

static void a_member_that_is_void_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	add_struct(&m, "s", 4, 1);
	add_member(&m, "m", 0, 0);
	assert_refused(&m, "type 1 's': has a member that is no value");
}

static void a_function_of_no_prototype_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	add_named(&m, KIND_FUNC, "f", 1);
	assert_refused(&m, "type 2: refers to type 1, which is of kind 1");
}

static void a_typedef_without_a_name_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_type(&m, KIND_TYPEDEF, 0, 1, 0);
	assert_refused(&m, "type 2: has no name");
}

static void types_deeper_than_any_real_ones_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	for (uint32_t id = 1; id < 3000; id++)
		maker_type(&m, KIND_PTR, 0, id, 0);
	assert_refused(&m, "type 258: has too many types one in another");
}

static void few_types_that_mean_endless_text_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	for (uint32_t id = 1; id < 60; id++) {
		maker_type(&m, KIND_UNION, 0, 4, 2);
		add_member(&m, "a", id, 0);
		add_member(&m, "b", id, 0);
	}
	add_named(&m, KIND_TYPEDEF, "t", 60);
	assert_refused(&m, "type 16: makes the text absurdly long");
}

static void few_types_with_endless_parts_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	char name[16] = "s0";

	add_struct(&m, "e", 0, 0);
	for (uint32_t id = 1; id < 60; id++) {
		name[0] = (char)('A' + id / 10);
		name[1] = (char)('0' + id % 10);
		add_struct(&m, name, 0, 2);
		add_member(&m, "a", id, 0);
		add_member(&m, "b", id, 0);
	}
	assert_refused(&m, "type 20 'B9': has absurdly many parts");
}

/* The names "AaAa...", of which each "Aa" may be "BB": 2^@pairs names of one hash. */
static void add_alike(struct maker *m, unsigned pairs, unsigned n)
{
	char name[64] = { 0 };

	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < pairs; k++)
			memcpy(name + (size_t)2 * k, i >> k & 1 ? "BB" : "Aa", 2);
		add_struct(m, name, 0, 0);
	}
}

static void names_that_were_made_to_have_one_hash_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	add_alike(&m, 15, 1u << 15);
	assert_refused(&m, "types: print as C: too many names have the same hash");
}

/*
 * Their hashes differ, and libbpf's table spreads these over its places by the upper bits of a product. The
 * numbers are made so that all products begin alike.
 */
static void names_that_were_made_for_one_place_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	uint64_t lowest = 0, factor = 11400714819323198485u, inverse = 1;
	unsigned n = 0;

	for (int k = 0; k < 14; k++) {
		inverse *= 2 - factor * inverse;
		lowest = lowest * 31 + 'A';
	}
	for (uint64_t low = 1; n < 1000; low++) {
		uint64_t rest = (((uint64_t)0x123 << 48) + low * 1000003) * inverse - lowest;
		char name[16] = { 0 };
		bool is_good = true;

		for (int k = 13; k >= 0; k--, rest /= 31) {
			name[k] = (char)('A' + rest % 31);
			is_good = is_good && rest % 31 < 26;
		}
		if (is_good && rest == 0) {
			add_struct(&m, name, 0, 0);
			n++;
		}
	}
	assert_refused(&m, "types: print as C: too many names have the same hash");
}

/* Their identifiers come from a hash without a secret, too: these have its lowest 11 bits alike. */
static void names_that_are_no_identifiers_cannot_crowd_either(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	unsigned n = 0;

	for (unsigned i = 0; n < 600; i++) {
		uint32_t hash = 2166136261;
		char name[16];

		snprintf(name, sizeof(name), "a %x", i);
		for (const char *c = name; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 16777619;
		if (hash % 2048 == 5) {
			add_struct(&m, name, 0, 0);
			n++;
		}
	}
	assert_refused(&m, "types: print as C: too many names have the same hash");
}

static void a_name_may_be_there_many_times(void **state)
{
	(void)state;
	AUTO_TEXT text = { 0 };
	AUTO_MAKER m = { 0 };

	for (int i = 0; i < 1000; i++)
		add_struct(&m, "same", 0, 0);
	add_alike(&m, 6, 64);
	assert_prints(&m, &text);
	assert_has(&text, "struct same {");
	assert_has(&text, "struct same___1000 {");
	assert_has(&text, "struct AaAaAaAaAaAa {");
}

static void padding_of_4_gib_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	add_struct(&m, "s", UINT32_MAX - 3, 1);
	add_member(&m, "m", 1, 0);
	assert_refused(&m, "type 2 's': makes the text absurdly long");
}

/* --- what is not --- */

static void a_struct_may_point_to_itself(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	add_struct(&m, "s", 8, 1);
	add_member(&m, "next", 2, 0);
	maker_type(&m, KIND_PTR, 0, 3, 0);
	add_named(&m, KIND_TYPEDEF, "s_t", 1);
	assert_prints(&m, &text);
	assert_has(&text, "typedef struct s s_t;");
	assert_has(&text, "struct s {\n\ts_t *next;\n};");
}

static void types_as_deep_as_the_limit_are_printed(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_int(&m, "int");
	for (uint32_t id = 1; id < SOUND_DEPTH; id++)
		maker_type(&m, KIND_PTR, 0, id, 0);
	add_named(&m, KIND_TYPEDEF, "deep", SOUND_DEPTH);
	assert_prints(&m, &text);
	assert_has(&text, "typedef int ***");
}

static void members_in_another_order_are_sorted(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_int(&m, "int");
	add_struct(&m, "s", 12, 3);
	add_member(&m, "c", 1, 64);
	add_member(&m, "a", 1, 0);
	add_member(&m, "b", 1, 32);
	assert_prints(&m, &text);
	assert_has(&text, "struct s {\n\tint a;\n\tint b;\n\tint c;\n};");
}

static void a_member_without_a_name_is_written_out(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_int(&m, "int");
	add_struct(&m, "inner", 4, 1);
	add_member(&m, "a", 1, 0);
	add_struct(&m, "middle", 4, 1);
	add_member(&m, "", 2, 0);
	add_struct(&m, "outer", 8, 2);
	add_member(&m, "", 3, 0);
	add_member(&m, "b", 1, 32);
	assert_prints(&m, &text);
	assert_has(&text, "struct inner {\n\tint a;\n};");
	assert_has(&text, "struct outer {\n\tstruct {\n\t\tstruct {\n\t\t\tint a;\n\t\t};\n\t};\n"
			  "\tint b;\n};");
}

static void members_without_names_cannot_mean_endless_text(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	char name[] = "A0";

	maker_int(&m, "int");
	for (uint32_t id = 1; id < 60; id++) {
		name[0] = (char)('A' + id / 10);
		name[1] = (char)('0' + id % 10);
		maker_type(&m, KIND_UNION, maker_string(&m, name), 4, 2);
		add_member(&m, "", id, 0);
		add_member(&m, "", id, 0);
	}
	assert_refused(&m, "type 17 'B6': makes the text absurdly long");
}

/* --- what is left out --- */

static void what_holds_a_type_of_an_unknown_kind_is_declared_only(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_TEXT text = { 0 }, notes = { 0 };

	maker_int(&m, "int");
	add_struct(&m, "holds", 8, 1);
	add_member(&m, "m", 5, 0);
	add_struct(&m, "points", 8, 1);
	add_member(&m, "m", 4, 0);
	maker_type(&m, KIND_PTR, 0, 6, 0);
	maker_type(&m, 60, 0, 0, 0);
	open_made(&m, &btf, NULL);
	assert_int_equal(btf.stopped_kind, 60);
	assert_int_equal(print(&btf, &(struct btf_c_options){ 0 }, &text, &notes, NULL), 0);
	assert_has(&text, "struct holds;");
	assert_has_not(&text, "struct holds {");
	assert_has(&text, "struct points {\n\tstruct btf_left_out *m;\n};");
	assert_has(&notes, "kind 60 is not known to this build");
	assert_has(&notes, "leaves out 1 types that C cannot lay out; the first is 2");
}

static void overlapping_members_are_left_out(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_TEXT text = { 0 }, notes = { 0 };

	maker_int(&m, "int");
	add_struct(&m, "s", 8, 2);
	add_member(&m, "a", 1, 0);
	add_member(&m, "b", 1, 16);
	open_made(&m, &btf, NULL);
	assert_int_equal(print(&btf, &(struct btf_c_options){ 0 }, &text, &notes, NULL), 0);
	assert_has(&text, "struct s;");
	assert_has_not(&text, "struct s {");
	assert_has(&notes, "leaves out 1 types");
}

/* --- names --- */

static void names_that_are_no_identifiers_are_replaced(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_int(&m, "int");
	add_struct(&m, "a b<T>", 4, 1);
	add_member(&m, "*int", 1, 0);
	add_struct(&m, "int", 0, 0);
	add_named(&m, KIND_TYPEDEF, "x */ y", 2);
	add_struct(&m, "class", 0, 0);
	assert_prints(&m, &text);
	assert_has(&text, " /* a b<T> */ {\n\tint _int__");
	assert_has(&text, " /* *int */;");
	assert_has(&text, "struct int__");
	assert_has(&text, " /* x *| y */;");
	assert_has(&text, "struct class {};");
}

static void the_same_name_is_replaced_by_the_same_identifier(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	add_struct(&m, "a b", 0, 0);
	maker_type(&m, KIND_PTR, 0, 1, 0);
	add_struct(&m, "a b", 8, 1);
	add_member(&m, "m", 2, 0);
	assert_prints(&m, &text);
	assert_has(&text, "struct a_b__");

	const char *second = strstr(text.bytes, "___2 /* a b */ {");
	const char *first = strstr(text.bytes, "struct a_b__");
	assert_non_null(second);
	assert_memory_equal(first, second - strlen("struct a_b__xxxxxxxx"),
			    strlen("struct a_b__xxxxxxxx"));
}

static void a_name_longer_than_a_line_is_cut(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };
	char name[2001];

	memset(name, 'q', sizeof(name));
	name[2000] = '\0';
	add_struct(&m, name, 0, 0);
	name[200] = '\0';
	add_struct(&m, name, 0, 0);
	assert_prints(&m, &text);
	assert_true(strlen(text.bytes) < 3000);
	name[0] = 'q';
	assert_has(&text, name);
}

static void numbers_with_names_of_other_languages_become_typedefs(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_type(&m, KIND_INT, maker_string(&m, "u64"), 8, 0);
	maker_word(&m, 64);
	add_struct(&m, "s", 8, 1);
	add_member(&m, "m", 1, 0);
	assert_prints(&m, &text);
	assert_has(&text, "typedef unsigned long long u64;");
	assert_has(&text, "\tu64 m;");
}

static void tags_hold_nothing_but_tags(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_int(&m, "int");
	add_named(&m, KIND_TYPE_TAG, "x\"))) evil(", 1);
	maker_type(&m, KIND_PTR, 0, 2, 0);
	add_named(&m, KIND_TYPEDEF, "t", 3);
	add_named(&m, KIND_TYPE_TAG | KIND_FLAG, "a) evil", 1);
	maker_type(&m, KIND_PTR, 0, 5, 0);
	add_named(&m, KIND_TYPEDEF, "u", 6);
	add_named(&m, KIND_TYPE_TAG | KIND_FLAG, "address_space(1)", 1);
	maker_type(&m, KIND_PTR, 0, 8, 0);
	add_named(&m, KIND_TYPEDEF, "v", 9);
	assert_prints(&m, &text);
	assert_has_not(&text, "evil(");
	assert_has_not(&text, ") evil");
	assert_has(&text, "__attribute__((address_space(1))) *v;");
}

/* --- what the header holds --- */

static void sorting_loses_no_type(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	add_struct(&m, "b", 0, 0);
	add_struct(&m, "a", 0, 0);
	assert_prints(&m, &text);
	assert_has(&text, "struct a {};\n\nstruct b {};");
}

static void unsorted_goes_by_id(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	add_struct(&m, "b", 0, 0);
	add_struct(&m, "a", 0, 0);
	assert_prints_with(&m, &(struct btf_c_options){ .is_unsorted = true }, &text);
	assert_has(&text, "struct b {};\n\nstruct a {};");
}

static void roots_print_what_they_need_and_no_functions(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };
	const uint32_t root = 3;

	add_struct(&m, "a", 0, 0);
	add_struct(&m, "b", 0, 0);
	add_struct(&m, "c", 0, 1);
	add_member(&m, "m", 1, 0);
	assert_prints_with(&m, &(struct btf_c_options){ .roots = &root, .n_roots = 1 }, &text);
	assert_has(&text, "struct a {};\n\nstruct c {\n\tstruct a m;\n};");
	assert_has_not(&text, "struct b");
	assert_has_not(&text, "kfuncs");
}

static void a_root_that_is_not_there_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_TEXT text = { 0 };
	struct inspect_error err = { 0 };
	const uint32_t root = 9;

	maker_int(&m, "int");
	open_made(&m, &btf, NULL);
	assert_int_equal(print(&btf, &(struct btf_c_options){ .roots = &root, .n_roots = 1 }, &text,
			       NULL, &err),
			 -EINVAL);
	assert_string_equal(err.what, "type 9: there is none, the last is 1");
}

static void the_guard_must_be_an_identifier(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	AUTO_TEXT text = { 0 };
	struct inspect_error err = { 0 };

	maker_int(&m, "int");
	open_made(&m, &btf, NULL);
	assert_int_equal(print(&btf, &(struct btf_c_options){ .guard = "A-H" }, &text, NULL, &err),
			 -EINVAL);
	assert_string_equal(err.what, "guard A-H: not an identifier of C");
}

static void a_guard_guards_each_definition(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	add_struct(&m, "a", 0, 0);
	add_named(&m, KIND_TYPEDEF, "t", 1);
	assert_prints_with(&m, &(struct btf_c_options){ .guard = "A_H" }, &text);
	assert_has(&text, "#ifndef A_H\n#define A_H\n");
	assert_has(&text, "#ifndef BTF_DEFINED_a_");
	assert_has(&text, "\nstruct a {};\n#endif\n");
	assert_has(&text, "\ntypedef struct a t;\n#endif\n");
	assert_has(&text, "#endif /* A_H */\n");
	assert_has_not(&text, "__VMLINUX_H__");
}

static void functions_that_are_marked_become_prototypes(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_int(&m, "int");
	maker_type(&m, KIND_FUNC_PROTO, 0, 1, 0);
	add_named(&m, KIND_FUNC, "second", 2);
	add_named(&m, KIND_FUNC, "first", 2);
	add_named(&m, KIND_FUNC, "other", 2);
	for (uint32_t id = 3; id <= 4; id++) {
		add_named(&m, KIND_DECL_TAG, "bpf_kfunc", id);
		maker_word(&m, UINT32_MAX);
	}
	add_named(&m, KIND_DECL_TAG, "bpf_fastcall", 3);
	maker_word(&m, UINT32_MAX);
	assert_prints(&m, &text);
	assert_has(&text, "#ifndef BPF_NO_KFUNC_PROTOTYPES\n"
			  "extern int first(void) __weak __ksym;\n"
			  "extern __bpf_fastcall int second(void) __weak __ksym;\n"
			  "#endif\n");
}

static void it_is_said_when_no_function_is_marked(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 }, without = { 0 };
	AUTO_TEXT text = { 0 }, other = { 0 };

	maker_type(&m, KIND_FUNC_PROTO, 0, 0, 0);
	add_named(&m, KIND_FUNC, "f", 1);
	assert_prints(&m, &text);
	assert_has(&text, "/* This BTF does not mark kfuncs. */");
	maker_int(&without, "int");
	assert_prints(&without, &other);
	assert_has_not(&other, "does not mark");
}

static void constants_of_64_bits_are_exact(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_TEXT text = { 0 };

	maker_type(&m, KIND_ENUM64, 0, 8, 1);
	maker_word(&m, maker_string(&m, "BIG"));
	maker_words(&m, UINT32_MAX, 2);
	maker_type(&m, KIND_ENUM64 | KIND_FLAG, 0, 8, 1);
	maker_word(&m, maker_string(&m, "LEAST"));
	maker_word(&m, 0);
	maker_word(&m, 1u << 31);
	assert_prints(&m, &text);
	assert_has(&text, "BIG = 18446744073709551615ULL,");
	assert_has(&text, "LEAST = -9223372036854775807LL - 1LL,");
}

static void split_types_are_printed_with_their_base(void **state)
{
	(void)state;
	AUTO_MAKER whole = { 0 }, part = { .is_split = true };
	AUTO_BTF base = { 0 }, btf = { 0 };
	AUTO_TEXT text = { 0 };
	struct inspect_error err = { 0 };

	maker_int(&whole, "int");
	add_struct(&whole, "in base", 4, 1);
	add_member(&whole, "m", 1, 0);
	open_made(&whole, &base, NULL);
	maker_type(&part, KIND_STRUCT, maker_string(&part, "own") + base.strings_size, 4, 1);
	maker_word(&part, maker_string(&part, "of base") + base.strings_size);
	maker_word(&part, 2);
	maker_word(&part, 0);
	open_made(&part, &btf, &base);
	if (print(&btf, &(struct btf_c_options){ 0 }, &text, NULL, &err))
		fail_msg("%s", err.what);
	assert_has(&text, "/* in base */ {\n\tint m;\n};");
	assert_has(&text, "struct own {\n\tstruct in_base__");
	assert_has(&text, " /* of base */;\n};");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_modifier_of_itself_is_refused),
		cmocka_unit_test(typedefs_in_a_circle_are_refused),
		cmocka_unit_test(a_struct_that_contains_itself_is_refused),
		cmocka_unit_test(an_array_of_itself_is_refused),
		cmocka_unit_test(a_function_that_returns_its_own_type_is_refused),
		cmocka_unit_test(an_array_of_void_is_refused),
		cmocka_unit_test(an_array_larger_than_32_bits_is_refused),
		cmocka_unit_test(a_reference_to_no_type_is_refused),
		cmocka_unit_test(a_member_that_is_a_function_is_refused),
		cmocka_unit_test(a_member_that_is_void_is_refused),
		cmocka_unit_test(a_function_of_no_prototype_is_refused),
		cmocka_unit_test(a_typedef_without_a_name_is_refused),
		cmocka_unit_test(types_deeper_than_any_real_ones_are_refused),
		cmocka_unit_test(few_types_that_mean_endless_text_are_refused),
		cmocka_unit_test(few_types_with_endless_parts_are_refused),
		cmocka_unit_test(names_that_were_made_to_have_one_hash_are_refused),
		cmocka_unit_test(names_that_were_made_for_one_place_are_refused),
		cmocka_unit_test(names_that_are_no_identifiers_cannot_crowd_either),
		cmocka_unit_test(a_name_may_be_there_many_times),
		cmocka_unit_test(padding_of_4_gib_is_refused),
		cmocka_unit_test(a_struct_may_point_to_itself),
		cmocka_unit_test(types_as_deep_as_the_limit_are_printed),
		cmocka_unit_test(members_in_another_order_are_sorted),
		cmocka_unit_test(a_member_without_a_name_is_written_out),
		cmocka_unit_test(members_without_names_cannot_mean_endless_text),
		cmocka_unit_test(what_holds_a_type_of_an_unknown_kind_is_declared_only),
		cmocka_unit_test(overlapping_members_are_left_out),
		cmocka_unit_test(names_that_are_no_identifiers_are_replaced),
		cmocka_unit_test(the_same_name_is_replaced_by_the_same_identifier),
		cmocka_unit_test(a_name_longer_than_a_line_is_cut),
		cmocka_unit_test(numbers_with_names_of_other_languages_become_typedefs),
		cmocka_unit_test(tags_hold_nothing_but_tags),
		cmocka_unit_test(sorting_loses_no_type),
		cmocka_unit_test(unsorted_goes_by_id),
		cmocka_unit_test(roots_print_what_they_need_and_no_functions),
		cmocka_unit_test(a_root_that_is_not_there_is_refused),
		cmocka_unit_test(the_guard_must_be_an_identifier),
		cmocka_unit_test(a_guard_guards_each_definition),
		cmocka_unit_test(functions_that_are_marked_become_prototypes),
		cmocka_unit_test(it_is_said_when_no_function_is_marked),
		cmocka_unit_test(constants_of_64_bits_are_exact),
		cmocka_unit_test(split_types_are_printed_with_their_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
