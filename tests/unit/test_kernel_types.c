/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_kernel_types.c - questions to the kernel's types, which are bytes that the test made
 *
 * The first questions are answered by a walk over the bytes, later ones by an index: each is asked until both have answered.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf_maker.h"
#include "fake_root.h"
#include "probe/probe.h"
#include "probe/struct_ops.h"

#define AUTO_MAKER AUTO(maker_done) struct maker
#define AUTO_PROBE AUTO(stop) struct asked
#define TIMES 5

struct asked {
	struct fake_root root;
	struct inspect inspect;
	struct probe probe;
};

static void write_types(const struct fake_root *root, const struct maker *m)
{
	char path[256];

	fake_root_write(root, "/sys/kernel/btf/vmlinux", "");
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", root->path);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(m->blob, 1, m->size, file), m->size);
	assert_int_equal(fclose(file), 0);
}

/* @m NULL: there are no types. */
static void start(struct asked *asked, const struct maker *m)
{
	fake_root_make(&asked->root);
	sys_init(&asked->inspect.sys);
	asked->inspect.sys.root = asked->root.path;
	asked->probe = (struct probe){ .inspect = &asked->inspect, .sys = &asked->inspect.sys };
	if (m)
		write_types(&asked->root, m);
}

static void stop(struct asked *asked)
{
	types_done(&asked->probe.types);
	fake_root_remove(&asked->root);
}

static void add_enum(struct maker *m, const char *name, const char *first, uint32_t value)
{
	maker_type(m, KIND_ENUM, name ? maker_string(m, name) : 0, 4, 1);
	maker_word(m, maker_string(m, first));
	maker_word(m, value);
}

static void add_member(struct maker *m, const char *name, uint32_t type, uint32_t bits)
{
	maker_word(m, name ? maker_string(m, name) : 0);
	maker_word(m, type);
	maker_word(m, bits);
}

/* 1 int, 2 union without a name, 3 inner, 4 task, 5 proto, 6 task (a function), 7 8 enums, 9 a tag, 10 typedef */
static void make_types(struct maker *m)
{
	maker_int(m, "int");
	maker_type(m, KIND_UNION, 0, 4, 1);
	add_member(m, "either", 1, 0);
	maker_type(m, KIND_STRUCT, maker_string(m, "inner"), 4, 1);
	add_member(m, "deep", 1, 0);
	maker_type(m, KIND_STRUCT, maker_string(m, "task"), 12, 3);
	add_member(m, "pid", 1, 0);
	add_member(m, NULL, 2, 32);
	add_member(m, "in", 3, 64);
	maker_type(m, KIND_FUNC_PROTO, 0, 0, 0);
	maker_type(m, KIND_FUNC, maker_string(m, "task_"), 5, 0);
	add_enum(m, "colour", "RED", 7);
	add_enum(m, NULL, "LOOSE", 9);
	maker_type(m, KIND_DECL_TAG, maker_string(m, "bpf_kfunc"), 6, 0);
	maker_word(m, UINT32_MAX);
	maker_type(m, KIND_TYPEDEF, maker_string(m, "task_t"), 4, 0);
	maker_finish(m);
}

static void types_are_found_by_kind_and_name_however_often_one_asks(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_PROBE asked;

	(void)state;
	make_types(&m);
	start(&asked, &m);
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(types_id(&asked.probe, KIND_STRUCT, "task"), 4);
		assert_int_equal(types_id(&asked.probe, KIND_FUNC, "task_"), 6);
		assert_int_equal(types_id(&asked.probe, KIND_FUNC, "task"), 0);
		assert_int_equal(types_id(&asked.probe, KIND_ENUM, "colour"), 7);
	}
}

static void a_name_is_a_whole_string(void **state)
{
	static const char *const parts[] = { "ask", "tas", "task_task", "", "olour", "nt" };
	AUTO_MAKER m = { 0 };

	(void)state;
	make_types(&m);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		AUTO_PROBE asked;

		start(&asked, &m);
		for (int n = 0; n < TIMES; n++)
			assert_int_equal(types_id(&asked.probe, KIND_STRUCT, parts[i]), 0);
	}
}

static void members_are_found_through_anonymous_ones_and_along_a_path(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_PROBE asked;

	(void)state;
	make_types(&m);
	start(&asked, &m);
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(types_member(&asked.probe, "task", "pid"), 1);
		assert_int_equal(types_member(&asked.probe, "task", "either"), 1);
		assert_int_equal(types_member(&asked.probe, "task", "in.deep"), 1);
		assert_int_equal(types_member(&asked.probe, "task_t", "in.deep"), 1);
		assert_int_equal(types_member(&asked.probe, "task", "deep"), 0);
		assert_int_equal(types_member(&asked.probe, "task", "in.pid"), 0);
		assert_int_equal(types_member(&asked.probe, "none", "pid"), 0);
	}
}

static int note_value(void *context, const char *name, uint64_t value)
{
	*(uint64_t *)context = value;
	assert_string_equal(name, "RED");
	return 0;
}

static void enumerators_have_numbers_and_numbers_enumerators(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_PROBE asked;
	uint64_t value = 0;

	(void)state;
	make_types(&m);
	start(&asked, &m);
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(types_value(&asked.probe, "colour", "RED", &value), 1);
		assert_int_equal(value, 7);
		assert_int_equal(types_value(&asked.probe, "colour", "LOOSE", &value), 0);
		assert_int_equal(types_value(&asked.probe, NULL, "LOOSE", &value), 1);
		assert_int_equal(value, 9);
		assert_string_equal(types_enumerator(&asked.probe, "colour", 7), "RED");
		assert_null(types_enumerator(&asked.probe, "colour", 8));
		assert_null(types_enumerator(&asked.probe, "task", 7));
		assert_int_equal(types_enumerators(&asked.probe, "colour", note_value, &value), 1);
		assert_int_equal(value, 7);
	}
}

static int note_id(void *context, const char *name, uint32_t id)
{
	*(uint32_t *)context = id;
	return *name == 't' ? 5 : 6;
}

static void what_has_a_tag_or_a_beginning_is_called_out(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_PROBE asked;
	uint32_t id = 0;

	(void)state;
	make_types(&m);
	start(&asked, &m);
	assert_int_equal(types_tagged(&asked.probe, "bpf_kfunc", note_id, &id), 5);
	assert_int_equal(id, 6);
	assert_int_equal(types_tagged(&asked.probe, "bpf_fastcall", note_id, &id), 0);
	assert_int_equal(types_each(&asked.probe, KIND_STRUCT, "in", note_id, &id), 6);
	assert_int_equal(id, 3);
	assert_int_equal(types_each(&asked.probe, KIND_STRUCT, "inx", note_id, &id), 0);
}

static void without_types_nothing_is_known(void **state)
{
	struct inspect_feature out = { 0 };
	AUTO_PROBE asked;
	uint64_t value;
	int error;

	(void)state;
	start(&asked, NULL);
	assert_int_equal(types_id(&asked.probe, KIND_STRUCT, "task"), -ENOENT);
	assert_int_equal(types_member(&asked.probe, "task", "pid"), -ENOENT);
	assert_int_equal(types_value(&asked.probe, NULL, "LOOSE", &value), -ENOENT);
	assert_int_equal(types_each(&asked.probe, KIND_STRUCT, "", note_id, NULL), -ENOENT);
	assert_null(types_reader(&asked.probe, &error));
	types_unknown(&out, error);
	assert_int_equal(out.answer, INSPECT_UNKNOWN);
	assert_int_equal(out.reason, INSPECT_REASON_NO_TYPES);
	assert_int_equal(out.code, ENOENT);
}

static void damaged_types_are_none(void **state)
{
	AUTO_MAKER m = { 0 };

	(void)state;
	make_types(&m);
	size_t whole = m.size;
	for (size_t size = 0; size < whole; size++) {
		AUTO_PROBE asked;

		m.size = size;
		start(&asked, &m);
		for (int i = 0; i < TIMES; i++)
			assert_true(types_id(&asked.probe, KIND_STRUCT, "task") < 0);
	}
}

/* Bytes of exactly that size: the sanitizer sees what is read beyond. */
static void cut_blobs_are_refused_by_a_walk_too(void **state)
{
	AUTO_MAKER m = { 0 };
	struct btf_sought found;

	(void)state;
	make_types(&m);
	for (size_t size = 0; size < m.size; size++) {
		autofree char *bytes = malloc(size ? size : 1);

		memcpy(bytes, m.blob, size);
		assert_true(btf_seek(&found, bytes, size, "task", 1u << KIND_STRUCT, NULL) < 0);
	}
	assert_int_equal(btf_seek(&found, m.blob, m.size, "task", 1u << KIND_STRUCT, NULL), 1);
	assert_int_equal(found.type.vlen, 3);
}

static void behind_a_kind_that_is_not_known_nothing_is_missing(void **state)
{
	AUTO_MAKER m = { 0 };
	AUTO_PROBE asked;

	(void)state;
	maker_int(&m, "before");
	maker_type(&m, 99, maker_string(&m, "new"), 0, 0);
	maker_int(&m, "behind");
	maker_finish(&m);
	start(&asked, &m);
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(types_id(&asked.probe, KIND_INT, "before"), 1);
		assert_int_equal(types_id(&asked.probe, KIND_INT, "behind"), -EOPNOTSUPP);
	}
}

struct told {
	unsigned n_unknown; /* of iterators that are "task" */
	unsigned n_other;   /* of such as no table has */
};

static int note_iterator(void *context, const struct inspect_feature *feature)
{
	struct told *told = context;

	assert_int_equal(feature->answer, INSPECT_UNKNOWN);
	assert_int_equal(feature->reason, INSPECT_REASON_NO_TYPES);
	assert_string_not_equal(feature->name, "num_new");
	told->n_unknown += strcmp(feature->name, "task") == 0;
	told->n_other += strcmp(feature->name, "of_a_vendor") == 0;
	return 0;
}

/* Their functions are seen, and their structs would stand behind what is not understood. */
static void an_iterator_whose_struct_cannot_be_looked_for_is_unknown(void **state)
{
	static const struct inspect_probe nothing;
	static const struct inspect_question task = { INSPECT_FEATURE_ITERATOR, "task", NULL };
	struct told told = { 0 };
	AUTO_MAKER m = { 0 };
	AUTO_PROBE asked;

	(void)state;
	maker_type(&m, KIND_FUNC_PROTO, 0, 0, 0);
	maker_type(&m, KIND_FUNC, maker_string(&m, "bpf_iter_task"), 1, 0);
	maker_type(&m, KIND_FUNC, maker_string(&m, "bpf_iter_num_new"), 1, 0);
	maker_type(&m, KIND_FUNC, maker_string(&m, "bpf_iter_of_a_vendor"), 1, 0);
	maker_type(&m, 99, maker_string(&m, "new"), 0, 0);
	maker_type(&m, KIND_STRUCT, maker_string(&m, "bpf_iter__task"), 0, 0);
	maker_finish(&m);
	start(&asked, &m);
	asked.probe.asked = &nothing;
	asked.probe.each = note_iterator;
	asked.probe.context = &told;
	assert_int_equal(iterator_ask(&asked.probe, &task, NULL), 0);
	assert_int_equal(iterator_each(&asked.probe, NULL), 0);
	assert_int_equal(told.n_unknown, 2);
	assert_int_equal(told.n_other, 1);
}

static void a_value_of_struct_ops_holds_the_struct_of_its_name(void **state)
{
	AUTO(btf_done) struct btf_reader btf = { 0 };
	AUTO_MAKER m = { 0 };
	struct btf_entry value;
	uint32_t data = 0;

	(void)state;
	maker_int(&m, "int");
	maker_type(&m, KIND_STRUCT, maker_string(&m, "my_ops"), 4, 0);
	maker_type(&m, KIND_STRUCT, maker_string(&m, "bpf_struct_ops_my_ops"), 8, 1);
	add_member(&m, "data", 2, 0);
	maker_type(&m, KIND_STRUCT, maker_string(&m, "bpf_struct_ops_desc"), 8, 1);
	add_member(&m, "data", 2, 0);
	maker_finish(&m);
	assert_int_equal(btf_init(&btf, m.blob, m.size, NULL, NULL), 0);
	assert_true(struct_ops_value(&btf, 3, &value, &data));
	assert_int_equal(data, 2);
	assert_false(struct_ops_value(&btf, 2, &value, &data));
	assert_false(struct_ops_value(&btf, 4, &value, &data));
	assert_false(struct_ops_value(&btf, 99, &value, &data));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_found_by_kind_and_name_however_often_one_asks),
		cmocka_unit_test(a_name_is_a_whole_string),
		cmocka_unit_test(members_are_found_through_anonymous_ones_and_along_a_path),
		cmocka_unit_test(enumerators_have_numbers_and_numbers_enumerators),
		cmocka_unit_test(what_has_a_tag_or_a_beginning_is_called_out),
		cmocka_unit_test(without_types_nothing_is_known),
		cmocka_unit_test(damaged_types_are_none),
		cmocka_unit_test(cut_blobs_are_refused_by_a_walk_too),
		cmocka_unit_test(behind_a_kind_that_is_not_known_nothing_is_missing),
		cmocka_unit_test(an_iterator_whose_struct_cannot_be_looked_for_is_unknown),
		cmocka_unit_test(a_value_of_struct_ops_holds_the_struct_of_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
