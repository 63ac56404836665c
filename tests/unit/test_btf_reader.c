/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_reader.c - the types in a blob of BTF, from any bytes
 *
 * Each blob lies in memory of exactly its size, so that the sanitizer sees a read beyond it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf/reader.h"
#include "btf_maker.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_BTF AUTO(btf_done) struct btf_reader

static int open_made(const struct maker *m, struct btf_reader *out, struct inspect_error *err)
{
	return btf_init(out, m->blob, m->size, NULL, err);
}

static void assert_refused(const struct maker *m, const char *words)
{
	AUTO_BTF btf = { 0 };
	struct inspect_error err = { 0 };

	assert_int_equal(open_made(m, &btf, &err), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	if (!strstr(err.what, words))
		fail_msg("\"%s\" does not say \"%s\"", err.what, words);
	assert_int_equal(btf_count(&btf), 0);
}

static void assert_opens(const struct maker *m, struct btf_reader *btf, uint32_t count)
{
	struct inspect_error err = { 0 };

	if (open_made(m, btf, &err))
		fail_msg("%s", err.what);
	assert_int_equal(btf_count(btf), count);
	assert_int_equal(btf->stopped_kind, 0);
}

static void assert_type(const struct btf_reader *btf, uint32_t id, uint32_t kind, const char *name)
{
	struct btf_entry type;

	assert_true(btf_type(btf, id, &type));
	assert_int_equal(type.kind, kind);
	assert_string_equal(type.name, name);
}

/* How long the kinds' tails are, said a second time: once, and for each element. */
static const struct tail {
	uint32_t kind;
	uint32_t once;
	uint32_t each;
	bool has_names;
} tails[] = {
	{ KIND_INT, 4, 0, false },	 { KIND_PTR, 0, 0, false },
	{ KIND_ARRAY, 12, 0, false },	 { KIND_STRUCT, 0, 12, true },
	{ KIND_UNION, 0, 12, true },	 { KIND_ENUM, 0, 8, true },
	{ KIND_FWD, 0, 0, false },	 { KIND_TYPEDEF, 0, 0, false },
	{ KIND_VOLATILE, 0, 0, false },	 { KIND_CONST, 0, 0, false },
	{ KIND_RESTRICT, 0, 0, false },	 { KIND_FUNC, 0, 0, false },
	{ KIND_FUNC_PROTO, 0, 8, true }, { KIND_VAR, 4, 0, false },
	{ KIND_DATASEC, 0, 12, false },	 { KIND_FLOAT, 0, 0, false },
	{ KIND_DECL_TAG, 4, 0, false },	 { KIND_TYPE_TAG, 0, 0, false },
	{ KIND_ENUM64, 0, 12, true },
};

#define N_TAILS (sizeof(tails) / sizeof(tails[0]))

static size_t tail_words(const struct tail *tail, uint32_t vlen)
{
	return (tail->once + (size_t)tail->each * vlen) / 4;
}

/* --- header --- */

static void a_header_alone_is_refused_as_empty(void **state)
{
	(void)state;
	AUTO_MAKER m = { .is_split = true };

	maker_finish(&m);
	assert_int_equal(m.size, HEADER_BYTES);
	AUTO_BTF btf = { 0 };
	struct inspect_error err;
	assert_int_equal(btf_init(&btf, m.blob, m.size, NULL, &err), -ENODATA);
	assert_string_equal(err.what, "empty: header only");
}

static void a_header_and_one_nul_hold_no_types(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	maker_finish(&m);
	assert_int_equal(m.size, HEADER_BYTES + 1);
	assert_opens(&m, &btf, 1);
	assert_string_equal(btf_string(&btf, 0), "");
}

static void a_header_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	struct inspect_error err;

	maker_finish(&m);
	for (size_t size = 0; size < HEADER_BYTES; size++) {
		AUTO_BTF btf = { 0 };
		autofree char *cut = malloc(size ? size : 1);

		memcpy(cut, m.blob, size);
		assert_int_equal(btf_init(&btf, cut, size, NULL, &err), -EINVAL);
		assert_non_null(strstr(err.what, size < 2 ? "not BTF" : "header: "));
	}
}

static void what_is_not_btf_is_told_by_its_first_bytes(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_finish(&m);
	memcpy(m.blob, "\177E", 2);
	assert_refused(&m, "not BTF: begins with 7f 45");
}

static void the_other_byte_order_is_refused_by_name(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_finish(&m);
	char first = m.blob[0];
	m.blob[0] = m.blob[1];
	m.blob[1] = first;
	assert_refused(&m, "other byte order");
}

static void versions_and_flags_of_the_future_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_finish(&m);
	m.blob[MAKER_AT_VERSION] = 2;
	assert_refused(&m, "version 2");
	m.blob[MAKER_AT_VERSION] = 1;
	m.blob[MAKER_AT_FLAGS] = 4;
	assert_refused(&m, "flags 0x4");
}

static void a_longer_header_is_stepped_over_whatever_it_holds(void **state)
{
	(void)state;
	static const char unknown[24] = "\0\0\0\0\0\0\0\0one two three.!";

	/* Less than eight bytes are no place of a layout table; eight zeros say that there is none. */
	for (size_t size = 1; size <= sizeof(unknown); size++) {
		AUTO_MAKER m = { 0 };
		AUTO_BTF btf = { 0 };

		buf_add(&m.more_header, size < 8 ? unknown + 8 : unknown, size);
		maker_int(&m, "int");
		maker_finish(&m);
		assert_opens(&m, &btf, 2);
		assert_type(&btf, 1, KIND_INT, "int");
	}
}

static void a_header_shorter_than_24_or_longer_than_the_blob_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_finish(&m);
	const uint32_t wrong[] = { 0, 8, 23, (uint32_t)m.size + 1, 0x80000000, UINT32_MAX };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		maker_set(&m, MAKER_AT_HEADER_SIZE, wrong[i]);
		assert_refused(&m, "header: length");
	}
}

static void sections_outside_the_blob_are_refused(void **state)
{
	(void)state;
	static const size_t members[] = { MAKER_AT_TYPES_OFFSET, MAKER_AT_TYPES_SIZE,
					  MAKER_AT_STRINGS_OFFSET, MAKER_AT_STRINGS_SIZE };
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_finish(&m);
	uint32_t body = (uint32_t)m.size - HEADER_BYTES;
	const uint32_t wrong[] = { body + 1, 0x7fffffff, 0x80000000, UINT32_MAX - 23, UINT32_MAX };
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++) {
			maker_finish(&m);
			maker_set(&m, members[i], wrong[j]);
			assert_refused(&m, i < 2 ? "type section: " : "string section: ");
		}
	}
}

static void a_section_one_byte_too_long_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_finish(&m);
	maker_set(&m, MAKER_AT_STRINGS_SIZE, (uint32_t)m.strings.size + 1);
	assert_refused(&m, "string section: 6 bytes at offset 40, but there are 45 in all");
}

/* --- strings --- */

static void strings_that_do_not_begin_with_nul_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_finish(&m);
	m.blob[m.size - m.strings.size] = 'x';
	assert_refused(&m, "string section: does not begin with NUL");
}

static void strings_that_do_not_end_with_nul_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_finish(&m);
	m.blob[m.size - 1] = 'x';
	assert_refused(&m, "string section: does not end with NUL");
}

static void types_without_any_strings_are_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { .is_split = true };

	maker_type(&m, KIND_PTR, 0, 0, 0);
	maker_finish(&m);
	assert_refused(&m, "string section: empty");
}

static void string_offsets_are_found_up_to_the_last_byte(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	uint32_t name = maker_string(&m, "name");
	maker_finish(&m);
	assert_opens(&m, &btf, 1);
	assert_string_equal(btf_string(&btf, name), "name");
	assert_string_equal(btf_string(&btf, name + 3), "e");
	assert_string_equal(btf_string(&btf, name + 4), "");
	assert_null(btf_string(&btf, name + 5));
	assert_null(btf_string(&btf, UINT32_MAX));
}

static void names_are_given_as_they_are_however_long_and_odd(void **state)
{
	(void)state;
	static const char *const odd[] = { "a b<T>", "*int", "class", "\x1b[31m\n", "\xff\xfe" };
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	static char longest[70001];

	memset(longest, 'x', sizeof(longest) - 1);
	for (size_t i = 0; i < 5; i++)
		maker_type(&m, KIND_STRUCT, maker_string(&m, odd[i]), 0, 0);
	maker_type(&m, KIND_STRUCT, maker_string(&m, longest), 0, 0);
	maker_finish(&m);
	assert_opens(&m, &btf, 7);
	for (uint32_t i = 0; i < 5; i++)
		assert_type(&btf, i + 1, KIND_STRUCT, odd[i]);
	assert_type(&btf, 6, KIND_STRUCT, longest);
}

/* --- types --- */

static void id_0_is_void(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	maker_finish(&m);
	assert_opens(&m, &btf, 1);
	assert_type(&btf, 0, KIND_VOID, "");
}

static void ids_that_are_not_there_are_not_found(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	struct btf_entry type;

	maker_int(&m, "int");
	maker_finish(&m);
	assert_opens(&m, &btf, 2);
	assert_false(btf_type(&btf, 2, &type));
	assert_false(btf_type(&btf, 0x80000000, &type));
	assert_false(btf_type(&btf, UINT32_MAX, &type));
}

/* One type of the kind, with elements whose words are all 1, and an INT behind it. */
static void make_kind(struct maker *m, const struct tail *tail, uint32_t vlen)
{
	maker_done(m);
	maker_type(m, tail->kind, maker_string(m, "it"), 7, vlen);
	maker_words(m, 1, tail_words(tail, vlen));
	maker_int(m, "next");
	maker_finish(m);
}

static void every_kind_is_read_with_what_follows_it(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	assert_int_equal(N_TAILS, KINDS - 1);
	for (size_t i = 0; i < N_TAILS; i++) {
		for (uint32_t vlen = 0; vlen < 4; vlen++) {
			AUTO_BTF btf = { 0 };
			struct btf_entry type;

			make_kind(&m, &tails[i], vlen);
			assert_opens(&m, &btf, 3);
			assert_type(&btf, 1, tails[i].kind, "it");
			assert_type(&btf, 2, KIND_INT, "next");
			assert_true(btf_type(&btf, 1, &type));
			assert_int_equal(type.size_or_type, 7);
			assert_int_equal(type.vlen, vlen);
			assert_false(type.kind_flag);
			assert_int_equal(type.tail_size, 4 * tail_words(&tails[i], vlen));
			for (size_t at = 0; at < type.tail_size; at += 4)
				assert_int_equal(btf_word(type.tail, at), 1);
		}
	}
}

static void a_type_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	for (size_t i = 0; i < N_TAILS; i++) {
		for (uint32_t vlen = 0; vlen < 4; vlen++) {
			uint32_t whole = 12 + 4 * (uint32_t)tail_words(&tails[i], vlen);

			make_kind(&m, &tails[i], vlen);
			for (uint32_t size = 1; size < whole; size++) {
				maker_set(&m, MAKER_AT_TYPES_SIZE, size);
				assert_refused(&m, "cut off");
			}
		}
	}
}

static void a_blob_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	make_kind(&m, &tails[3], 2);
	for (size_t size = 0; size < m.size; size++) {
		AUTO_BTF btf = { 0 };
		autofree char *cut = malloc(size ? size : 1);

		memcpy(cut, m.blob, size);
		assert_int_equal(btf_init(&btf, cut, size, NULL, NULL), -EINVAL);
	}
}

static void a_record_cut_at_the_end_of_the_blob_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	make_kind(&m, &tails[1], 0);
	for (uint32_t size = 1; size < 12; size++) {
		AUTO_MAKER turned = { 0 };

		/* The strings first: behind the type there is nothing. */
		buf_add(&turned.strings, m.strings.bytes, m.strings.size);
		buf_add(&turned.strings, m.types.bytes, size);
		maker_finish(&turned);
		maker_set(&turned, MAKER_AT_STRINGS_SIZE, (uint32_t)m.strings.size);
		maker_set(&turned, MAKER_AT_TYPES_OFFSET, (uint32_t)m.strings.size);
		maker_set(&turned, MAKER_AT_TYPES_SIZE, size);
		assert_refused(&turned, "type 1 (cut off, at 0 of the type section)");
	}
}

static void a_name_outside_the_strings_is_refused_with_the_type_id(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	for (size_t i = 0; i < N_TAILS; i++) {
		make_kind(&m, &tails[i], 1);
		maker_set(&m, HEADER_BYTES, (uint32_t)m.strings.size);
		assert_refused(&m, "type 1 (");
		maker_set(&m, HEADER_BYTES, UINT32_MAX);
		assert_refused(&m, "name outside the strings, offset 4294967295");
	}
}

static void a_name_at_the_last_byte_is_the_empty_one(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	make_kind(&m, &tails[0], 0);
	maker_set(&m, HEADER_BYTES, (uint32_t)m.strings.size - 1);
	assert_opens(&m, &btf, 3);
	assert_type(&btf, 1, KIND_INT, "");
}

static void names_of_all_elements_are_checked_and_nothing_else_of_them(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	for (size_t i = 0; i < N_TAILS; i++) {
		make_kind(&m, &tails[i], 3);
		for (size_t word = 0; word < tail_words(&tails[i], 3); word++) {
			AUTO_BTF btf = { 0 };
			size_t at = HEADER_BYTES + 12 + 4 * word;
			bool is_name = tails[i].has_names && 4 * word % tails[i].each == 0;

			maker_set(&m, at, (uint32_t)m.strings.size);
			if (is_name)
				assert_refused(&m, "element's name outside the strings");
			else
				assert_opens(&m, &btf, 3);
			maker_set(&m, at, 1);
		}
	}
}

static void more_elements_than_16_bits_can_count_are_read(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	struct btf_entry type;

	make_kind(&m, &tails[5], 70000);
	assert_opens(&m, &btf, 3);
	assert_true(btf_type(&btf, 1, &type));
	assert_int_equal(type.vlen, 70000);
	assert_type(&btf, 2, KIND_INT, "next");
}

static void the_kind_flag_is_told_apart_from_the_kind(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	struct btf_entry type;

	maker_type(&m, 0x80 | KIND_FWD, maker_string(&m, "u"), 0, 0);
	maker_finish(&m);
	assert_opens(&m, &btf, 2);
	assert_true(btf_type(&btf, 1, &type));
	assert_int_equal(type.kind, KIND_FWD);
	assert_true(type.kind_flag);
}

static void a_record_of_kind_0_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	maker_int(&m, "int");
	maker_type(&m, KIND_VOID, 0, 0, 0);
	maker_finish(&m);
	assert_refused(&m, "type 2 (void, at 16 of the type section)");
}

static void types_that_refer_to_themselves_or_to_nothing_are_legal_records(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	maker_type(&m, KIND_CONST, 0, 1, 0);
	maker_type(&m, KIND_TYPEDEF, maker_string(&m, "a"), 3, 0);
	maker_type(&m, KIND_TYPEDEF, maker_string(&m, "b"), 2, 0);
	maker_type(&m, KIND_STRUCT, 0, 4, 1);
	maker_word(&m, 0);
	maker_word(&m, 4);
	maker_word(&m, 0);
	maker_type(&m, KIND_ARRAY, 0, 0, 0);
	maker_words(&m, 5, 3);
	maker_type(&m, KIND_PTR, 0, UINT32_MAX, 0);
	maker_finish(&m);
	assert_opens(&m, &btf, 7);
	assert_type(&btf, 6, KIND_PTR, "");
}

static void a_blob_need_not_be_aligned(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	make_kind(&m, &tails[3], 2);
	autofree char *room = malloc(m.size + 1);
	memcpy(room + 1, m.blob, m.size);
	assert_int_equal(btf_init(&btf, room + 1, m.size, NULL, NULL), 0);
	assert_type(&btf, 2, KIND_INT, "next");
}

static void the_name_of_a_function_is_found_and_of_nothing_else(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };

	maker_type(&m, KIND_FUNC_PROTO, 0, 0, 0);
	maker_type(&m, KIND_FUNC, maker_string(&m, "xdp_a_very_long_program_name"), 1, 1);
	maker_type(&m, KIND_STRUCT, maker_string(&m, "s"), 0, 0);
	maker_finish(&m);
	assert_opens(&m, &btf, 4);
	assert_string_equal(btf_func_name(&btf, 2), "xdp_a_very_long_program_name");
	assert_null(btf_func_name(&btf, 0));
	assert_null(btf_func_name(&btf, 1));
	assert_null(btf_func_name(&btf, 3));
	assert_null(btf_func_name(&btf, 4));
}

/* --- kinds that this build does not know --- */

#define NEW_KIND 25

static const unsigned char rows[NEW_KIND + 1][4] = {
	[KIND_INT] = { 4 },	   [KIND_ARRAY] = { 12 },      [KIND_STRUCT] = { 0, 12 },
	[KIND_UNION] = { 0, 12 },  [KIND_ENUM] = { 0, 8 },     [KIND_FUNC_PROTO] = { 0, 8 },
	[KIND_VAR] = { 4 },	   [KIND_DATASEC] = { 0, 12 }, [KIND_DECL_TAG] = { 4 },
	[KIND_ENUM64] = { 0, 12 }, [NEW_KIND] = { 8, 4 },
};

static void make_unknown(struct maker *m)
{
	maker_int(m, "first");
	maker_type(m, NEW_KIND, maker_string(m, "new"), 1, 3);
	maker_words(m, UINT32_MAX, 2 + 3);
	maker_int(m, "last");
}

static void assert_stops(const struct maker *m)
{
	AUTO_BTF btf = { 0 };
	struct btf_entry type;

	assert_int_equal(open_made(m, &btf, NULL), 0);
	assert_int_equal(btf.stopped_kind, NEW_KIND);
	assert_int_equal(btf_count(&btf), 2);
	assert_type(&btf, 1, KIND_INT, "first");
	assert_true(btf_type(&btf, 1, &type));
	assert_int_equal(type.tail_size, 4);
	assert_false(btf_type(&btf, 2, &type));
}

static void reading_stops_before_an_unknown_kind_and_keeps_what_came(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	make_unknown(&m);
	maker_finish(&m);
	assert_stops(&m);
}

static void an_unknown_kind_is_kept_where_the_layout_tells_its_length(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	struct btf_entry type;

	make_unknown(&m);
	maker_layout(&m, rows, sizeof(rows));
	maker_finish(&m);
	assert_opens(&m, &btf, 4);
	assert_type(&btf, 2, NEW_KIND, "new");
	assert_type(&btf, 3, KIND_INT, "last");
	assert_true(btf_type(&btf, 2, &type));
	assert_int_equal(type.vlen, 3);
	assert_int_equal(type.tail_size, 8 + 3 * 4);
}

static void an_unknown_kind_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	make_unknown(&m);
	maker_layout(&m, rows, sizeof(rows));
	maker_finish(&m);
	for (uint32_t size = 1; size < 12 + 8 + 3 * 4; size++) {
		maker_set(&m, MAKER_AT_TYPES_SIZE, 16 + size);
		assert_refused(&m, "type 2 (");
	}
}

static void a_layout_that_is_too_short_for_the_kind_is_of_no_help(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	make_unknown(&m);
	maker_layout(&m, rows, sizeof(rows) - 4);
	maker_finish(&m);
	assert_stops(&m);
}

/* With byte @at of the table changed, and @more bytes behind it. */
static void assert_layout_is_not_used(size_t at, uint32_t more)
{
	AUTO_MAKER m = { 0 };
	unsigned char other[sizeof(rows) + 3] = { 0 };

	memcpy(other, rows, sizeof(rows));
	other[at]++;
	make_unknown(&m);
	maker_layout(&m, other, (uint32_t)sizeof(rows) + more);
	maker_finish(&m);
	assert_stops(&m);
}

static void a_layout_that_cannot_be_one_is_not_used(void **state)
{
	(void)state;

	for (uint32_t more = 1; more < 4; more++)
		assert_layout_is_not_used(0, more); /* no whole rows */
	for (size_t kind = KIND_INT; kind < KINDS; kind++) {
		assert_layout_is_not_used(4 * kind,
					  0); /* not as long as this kind is known to be */
		assert_layout_is_not_used(4 * kind + 1, 0);
	}
}

static void a_layout_outside_the_blob_is_refused(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };

	make_unknown(&m);
	maker_layout(&m, rows, sizeof(rows));
	maker_finish(&m);
	maker_set(&m, HEADER_BYTES + 4, sizeof(rows) + 1);
	assert_refused(&m, "layout section: 105 bytes");
	maker_set(&m, HEADER_BYTES, UINT32_MAX);
	assert_refused(&m, "layout section: ");
}

/* --- split BTF --- */

static void make_base(struct maker *m)
{
	maker_int(m, "int");
	maker_type(m, KIND_PTR, 0, 1, 0);
	maker_finish(m);
}

static void ids_and_strings_of_split_btf_go_on_where_the_base_ends(void **state)
{
	(void)state;
	AUTO_MAKER below = { 0 };
	AUTO_MAKER above = { .is_split = true };
	AUTO_BTF base = { 0 };
	AUTO_BTF btf = { 0 };

	make_base(&below);
	uint32_t own = (uint32_t)below.strings.size + maker_string(&above, "own");
	maker_type(&above, KIND_STRUCT, own, 0, 0);
	maker_type(&above, KIND_TYPEDEF, 1, 3, 0);
	maker_finish(&above);

	assert_opens(&below, &base, 3);
	assert_int_equal(btf_init(&btf, above.blob, above.size, &base, NULL), 0);
	assert_int_equal(btf_count(&btf), 5);
	assert_type(&btf, 0, KIND_VOID, "");
	assert_type(&btf, 1, KIND_INT, "int");
	assert_type(&btf, 2, KIND_PTR, "");
	assert_type(&btf, 3, KIND_STRUCT, "own");
	assert_type(&btf, 4, KIND_TYPEDEF, "int"); /* named by a string of the base */
	assert_string_equal(btf_string(&btf, own), "own");
	assert_null(btf_string(&btf, own + 4));
	assert_int_equal(btf_count(&base), 3);
}

static void split_btf_may_have_no_strings_of_its_own(void **state)
{
	(void)state;
	AUTO_MAKER below = { 0 };
	AUTO_MAKER above = { .is_split = true };
	AUTO_BTF base = { 0 };
	AUTO_BTF btf = { 0 };

	make_base(&below);
	maker_type(&above, KIND_TYPEDEF, 1, 3, 0);
	maker_finish(&above);
	assert_opens(&below, &base, 3);
	assert_int_equal(btf_init(&btf, above.blob, above.size, &base, NULL), 0);
	assert_type(&btf, 3, KIND_TYPEDEF, "int");
	assert_null(btf_string(&btf, (uint32_t)below.strings.size));

	maker_set(&above, HEADER_BYTES, (uint32_t)below.strings.size);
	btf_done(&btf);
	assert_int_equal(btf_init(&btf, above.blob, above.size, &base, NULL), -EINVAL);
}

static void split_btf_may_be_split_again(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF base = { 0 };
	AUTO_BTF middle = { 0 };
	AUTO_BTF top = { 0 };

	make_base(&m);
	uint32_t strings = (uint32_t)m.strings.size;
	assert_opens(&m, &base, 3);
	assert_int_equal(btf_init(&middle, m.blob, m.size, &base, NULL), 0);
	assert_int_equal(btf_init(&top, m.blob, m.size, &middle, NULL), 0);
	assert_int_equal(btf_count(&top), 7);
	for (uint32_t id = 1; id < 7; id++)
		assert_type(&top, id, id % 2 ? KIND_INT : KIND_PTR, id % 2 ? "int" : "");
	for (uint32_t i = 0; i < 3; i++)
		assert_string_equal(btf_string(&top, i * strings + 1), "int");
	assert_null(btf_string(&top, 3 * strings));
}

static void split_btf_that_is_a_header_alone_is_refused_as_empty(void **state)
{
	(void)state;
	AUTO_MAKER below = { 0 };
	AUTO_MAKER above = { .is_split = true };
	AUTO_BTF base = { 0 };
	AUTO_BTF btf = { 0 };
	struct inspect_error err;

	make_base(&below);
	maker_finish(&above);
	assert_opens(&below, &base, 3);
	assert_int_equal(btf_init(&btf, above.blob, above.size, &base, &err), -ENODATA);
	assert_string_equal(err.what, "empty: header only");
}

static void what_stopped_at_an_unknown_kind_cannot_be_a_base(void **state)
{
	(void)state;
	AUTO_MAKER below = { 0 };
	AUTO_MAKER above = { .is_split = true };
	AUTO_BTF base = { 0 };
	AUTO_BTF btf = { 0 };
	struct inspect_error err;

	make_unknown(&below);
	maker_finish(&below);
	maker_type(&above, KIND_PTR, 0, 1, 0);
	maker_finish(&above);
	assert_int_equal(open_made(&below, &base, NULL), 0);
	assert_int_equal(btf_init(&btf, above.blob, above.size, &base, &err), -EINVAL);
	assert_string_equal(err.what, "base: stops at type 2 of unknown kind 25");
}

/* --- damage at random, a closed reader, the kernel's own --- */

static uint32_t sum_all(const struct btf_reader *btf)
{
	uint32_t sum = 0;

	for (uint32_t id = 0; id < btf_count(btf); id++) {
		struct btf_entry type;

		assert_true(btf_type(btf, id, &type));
		sum += (uint32_t)strlen(type.name);
		for (size_t at = 0; at < type.tail_size; at++)
			sum += type.tail[at];
	}
	return sum;
}

static void any_flipped_bit_is_refused_or_read_within_bounds(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	volatile uint32_t sum = 0; /* so that the reading is not left out */
	size_t opened = 0;

	for (size_t i = 0; i < N_TAILS; i++) {
		maker_type(&m, tails[i].kind, maker_string(&m, "t"), 1, 2);
		maker_words(&m, 1, tail_words(&tails[i], 2));
	}
	maker_layout(&m, rows, sizeof(rows));
	maker_finish(&m);
	for (size_t bit = 0; bit < 8 * m.size; bit++) {
		AUTO_BTF btf = { 0 };
		char mask = (char)(1 << bit % 8);

		m.blob[bit / 8] ^= mask;
		if (!open_made(&m, &btf, NULL)) {
			sum = sum + sum_all(&btf);
			opened++;
		}
		m.blob[bit / 8] ^= mask;
	}
	assert_true(opened > 0 && opened < 8 * m.size);
}

static void a_closed_reader_has_nothing_and_may_be_closed_again(void **state)
{
	(void)state;
	AUTO_MAKER m = { 0 };
	AUTO_BTF btf = { 0 };
	struct btf_entry type;

	make_base(&m);
	assert_opens(&m, &btf, 3);
	btf_done(&btf);
	btf_done(&btf);
	assert_int_equal(btf_count(&btf), 0);
	assert_false(btf_type(&btf, 0, &type));
	assert_false(btf_type(&btf, 1, &type));
	assert_null(btf_string(&btf, 0));
	assert_null(btf_func_name(&btf, 1));
}

static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;

	size_t room = (size_t)64 << 20;
	char *bytes = malloc(room);
	assert_non_null(bytes);
	*size = fread(bytes, 1, room, file);
	fclose(file);
	assert_true(*size < room);
	return bytes;
}

/* The kernel's types by a walk of our own over its bytes, and each compared with the reader's. */
static void the_running_kernels_types_are_the_ones_that_a_plain_walk_sees(void **state)
{
	(void)state;
	AUTO_BTF btf = { 0 };
	size_t size = 0;

	autofree char *bytes = read_file("/sys/kernel/btf/vmlinux", &size);
	if (!bytes)
		skip();
	assert_int_equal(btf_init(&btf, bytes, size, NULL, NULL), 0);

	uint32_t header[6], id = 1;
	memcpy(header, bytes, sizeof(header));
	const char *at = bytes + header[1] + header[2], *end = at + header[3];
	while (at < end) {
		uint32_t record[3], kind;

		memcpy(record, at, sizeof(record));
		kind = record[1] >> 24 & 0x1f;
		if (!kind || kind > N_TAILS)
			break; /* newer than this table, and than the reader's */
		assert_type(&btf, id, kind, bytes + header[1] + header[4] + record[0]);
		at += 12 + 4 * tail_words(&tails[kind - 1], record[1] & 0xffff);
		id++;
	}
	assert_true(id > 1000);
	assert_int_equal(btf_count(&btf), id);
	assert_true(at == end || btf.stopped_kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_alone_is_refused_as_empty),
		cmocka_unit_test(a_header_and_one_nul_hold_no_types),
		cmocka_unit_test(a_header_cut_at_any_byte_is_refused),
		cmocka_unit_test(what_is_not_btf_is_told_by_its_first_bytes),
		cmocka_unit_test(the_other_byte_order_is_refused_by_name),
		cmocka_unit_test(versions_and_flags_of_the_future_are_refused),
		cmocka_unit_test(a_longer_header_is_stepped_over_whatever_it_holds),
		cmocka_unit_test(a_header_shorter_than_24_or_longer_than_the_blob_is_refused),
		cmocka_unit_test(sections_outside_the_blob_are_refused),
		cmocka_unit_test(a_section_one_byte_too_long_is_refused),
		cmocka_unit_test(strings_that_do_not_begin_with_nul_are_refused),
		cmocka_unit_test(strings_that_do_not_end_with_nul_are_refused),
		cmocka_unit_test(types_without_any_strings_are_refused),
		cmocka_unit_test(string_offsets_are_found_up_to_the_last_byte),
		cmocka_unit_test(names_are_given_as_they_are_however_long_and_odd),
		cmocka_unit_test(id_0_is_void),
		cmocka_unit_test(ids_that_are_not_there_are_not_found),
		cmocka_unit_test(every_kind_is_read_with_what_follows_it),
		cmocka_unit_test(a_type_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_blob_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_record_cut_at_the_end_of_the_blob_is_refused),
		cmocka_unit_test(a_name_outside_the_strings_is_refused_with_the_type_id),
		cmocka_unit_test(a_name_at_the_last_byte_is_the_empty_one),
		cmocka_unit_test(names_of_all_elements_are_checked_and_nothing_else_of_them),
		cmocka_unit_test(more_elements_than_16_bits_can_count_are_read),
		cmocka_unit_test(the_kind_flag_is_told_apart_from_the_kind),
		cmocka_unit_test(a_record_of_kind_0_is_refused),
		cmocka_unit_test(types_that_refer_to_themselves_or_to_nothing_are_legal_records),
		cmocka_unit_test(a_blob_need_not_be_aligned),
		cmocka_unit_test(the_name_of_a_function_is_found_and_of_nothing_else),
		cmocka_unit_test(reading_stops_before_an_unknown_kind_and_keeps_what_came),
		cmocka_unit_test(an_unknown_kind_is_kept_where_the_layout_tells_its_length),
		cmocka_unit_test(an_unknown_kind_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_layout_that_is_too_short_for_the_kind_is_of_no_help),
		cmocka_unit_test(a_layout_that_cannot_be_one_is_not_used),
		cmocka_unit_test(a_layout_outside_the_blob_is_refused),
		cmocka_unit_test(ids_and_strings_of_split_btf_go_on_where_the_base_ends),
		cmocka_unit_test(split_btf_may_have_no_strings_of_its_own),
		cmocka_unit_test(split_btf_may_be_split_again),
		cmocka_unit_test(split_btf_that_is_a_header_alone_is_refused_as_empty),
		cmocka_unit_test(what_stopped_at_an_unknown_kind_cannot_be_a_base),
		cmocka_unit_test(any_flipped_bit_is_refused_or_read_within_bounds),
		cmocka_unit_test(a_closed_reader_has_nothing_and_may_be_closed_again),
		cmocka_unit_test(the_running_kernels_types_are_the_ones_that_a_plain_walk_sees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
