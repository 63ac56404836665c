/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_spec.c - words for a source of types
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "inspect.h"

#define N(words) (sizeof(words) / sizeof(*(words)))
#define PARSE(out, most, err, ...)                                                                 \
	inspect_btf_spec_parse((const char *const[]){ __VA_ARGS__ },                               \
			       N(((const char *const[]){ __VA_ARGS__ })), most, out, err)

#define ASSERT_REFUSED(text, ...)                                                                  \
	do {                                                                                       \
		struct inspect_error refused = { 0 };                                              \
		struct inspect_btf_spec kept = { .n_files = 77 };                                  \
		assert_int_equal(PARSE(&kept, 2, &refused, __VA_ARGS__), -INSPECT_EUSAGE);         \
		assert_string_equal(refused.what, text);                                           \
		assert_int_equal(kept.n_files, 77);                                                \
	} while (0)

static void an_id_stands_alone_or_behind_its_word(void **state)
{
	(void)state;
	struct inspect_btf_spec spec;

	assert_int_equal(PARSE(&spec, 64, NULL, "id", "7", "format"), 2);
	assert_int_equal(spec.by, INSPECT_BTF_BY_ID);
	assert_int_equal(spec.ref.kind, INSPECT_BTF);
	assert_int_equal(spec.ref.id, 7);
	assert_int_equal(PARSE(&spec, 64, NULL, "i", "0x10"), 2);
	assert_int_equal(spec.ref.id, 16);
	assert_int_equal(PARSE(&spec, 64, NULL, "9", "id"), 1);
	assert_int_equal(spec.ref.id, 9);
}

static void a_program_goes_by_any_of_its_handles(void **state)
{
	(void)state;
	struct inspect_btf_spec spec;

	assert_int_equal(PARSE(&spec, 64, NULL, "prog", "name", "x", "root_id"), 3);
	assert_int_equal(spec.by, INSPECT_BTF_BY_PROG);
	assert_int_equal(spec.ref.by, INSPECT_BY_NAME);
	assert_int_equal(PARSE(&spec, 64, NULL, "p", "12"), 2);
	assert_int_equal(spec.ref.id, 12);
}

static void of_a_map_the_word_behind_it_says_which_types(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		enum inspect_btf_part part;
		int used;
	} cases[] = {
		{ "key", INSPECT_BTF_KEY, 4 },
		{ "k", INSPECT_BTF_KEY, 4 },
		{ "value", INSPECT_BTF_VALUE, 4 },
		{ "v", INSPECT_BTF_VALUE, 4 },
		{ "kv", INSPECT_BTF_KEY_AND_VALUE, 4 },
		{ "all", INSPECT_BTF_ALL, 4 },
		{ "a", INSPECT_BTF_ALL, 4 },
		{ "format", INSPECT_BTF_KEY_AND_VALUE, 3 },
		{ "", INSPECT_BTF_KEY_AND_VALUE, 3 },
		{ "keys", INSPECT_BTF_KEY_AND_VALUE, 3 },
	};

	for (size_t i = 0; i < N(cases); i++) {
		struct inspect_btf_spec spec;

		assert_int_equal(PARSE(&spec, 64, NULL, "map", "id", "1", cases[i].word),
				 cases[i].used);
		assert_int_equal(spec.by, INSPECT_BTF_BY_MAP);
		assert_int_equal(spec.part, cases[i].part);
	}
}

static void files_may_be_several(void **state)
{
	(void)state;
	struct inspect_btf_spec spec;

	assert_int_equal(PARSE(&spec, 64, NULL, "file", "a", "f", "b", "format"), 4);
	assert_int_equal(spec.by, INSPECT_BTF_BY_FILE);
	assert_int_equal(spec.n_files, 2);
	assert_string_equal(spec.files[1], "b");
	assert_int_equal(PARSE(&spec, 64, NULL, "./a", "file", "b"), 3);
	assert_string_equal(spec.files[0], "./a");
	assert_int_equal(spec.n_files, 2);
	assert_null(spec.base);
}

static void where_one_file_may_be_named_the_next_begins_another_source(void **state)
{
	(void)state;
	struct inspect_btf_spec spec;

	assert_int_equal(PARSE(&spec, 1, NULL, "file", "a", "file", "b"), 2);
	assert_int_equal(spec.n_files, 1);
	assert_int_equal(PARSE(&spec, 1, NULL, "/a", "/b"), 1);
}

static void more_than_64_files_are_refused(void **state)
{
	(void)state;
	const char *words[2 * (INSPECT_BTF_FILES + 1)];
	struct inspect_btf_spec spec;
	struct inspect_error err;

	for (size_t i = 0; i < N(words); i++)
		words[i] = i % 2 ? "x" : "file";
	assert_int_equal(inspect_btf_spec_parse(words, N(words) - 2, 1000, &spec, &err),
			 N(words) - 2);
	assert_int_equal(inspect_btf_spec_parse(words, N(words), 1000, &spec, &err),
			 -INSPECT_EUSAGE);
	assert_string_equal(err.what, "too many BTF files (max 64)");
}

static void what_is_no_source_is_refused_with_a_reason(void **state)
{
	(void)state;
	struct inspect_btf_spec spec;

	ASSERT_REFUSED("unrecognized BTF source specifier: 'x'", "x");
	ASSERT_REFUSED("unrecognized BTF source specifier: ''", "", "1");
	ASSERT_REFUSED("'file' needs a path", "file");
	ASSERT_REFUSED("'file' needs a path", "file", "");
	ASSERT_REFUSED("'file' needs a path", "/a", "file");
	ASSERT_REFUSED("too many BTF files (max 2)", "file", "a", "file", "b", "file", "c");
	ASSERT_REFUSED("'id' needs a value", "id");
	ASSERT_REFUSED("can't parse '1x' as ID", "1x");
	ASSERT_REFUSED("can't parse '4294967296' as ID", "id", "4294967296");
	ASSERT_REFUSED("expected 'id', 'name', 'pinned', an id or a path", "map");
	ASSERT_REFUSED("expected 'id', 'tag', 'name', 'pinned', an id or a path", "prog");
	assert_int_equal(inspect_btf_spec_parse(NULL, 0, 1, &spec, NULL), -INSPECT_EUSAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_stands_alone_or_behind_its_word),
		cmocka_unit_test(a_program_goes_by_any_of_its_handles),
		cmocka_unit_test(of_a_map_the_word_behind_it_says_which_types),
		cmocka_unit_test(files_may_be_several),
		cmocka_unit_test(where_one_file_may_be_named_the_next_begins_another_source),
		cmocka_unit_test(more_than_64_files_are_refused),
		cmocka_unit_test(what_is_no_source_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
