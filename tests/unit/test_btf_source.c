/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_btf_source.c - BTF objects of a kernel that is a double: listed, and opened as sources of types
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf_maker.h"
#include "fake_kernel.h"
#include "records/btf_source.h"

#define OLD_BTF_INFO 16 /* bytes of it before Linux 5.11 */

static struct maker base, module, own;
static char told[256];

static void tell(void *context, const char *text)
{
	(void)context;
	snprintf(told, sizeof(told), "%s", text);
}

static const struct inspect_note note = { tell, NULL };

static int make_blobs(void **state)
{
	(void)state;
	maker_int(&base, "int");
	maker_finish(&base);
	module.is_split = true;
	maker_type(&module, KIND_TYPEDEF, 5 + maker_string(&module, "of_the_module"), 1, 0);
	maker_finish(&module);
	maker_int(&own, "its_own");
	maker_finish(&own);
	return 0;
}

static int drop_blobs(void **state)
{
	(void)state;
	maker_done(&base);
	maker_done(&module);
	maker_done(&own);
	return 0;
}

static const struct abi_map_info used = { .btf_id = 3,
					  .btf_key_type_id = 1,
					  .btf_value_type_id = 2 };
static const struct abi_prog_info using = { .btf_id = 3 };

/* vmlinux 1, a module 2, a user's 3; maps 5 (with types) and 6, program 8. */
#define OBJECTS                                                                                    \
	struct fake_object objects[] = {                                                           \
		{ .kind = INSPECT_BTF,                                                             \
		  .id = 1,                                                                         \
		  .btf = base.blob,                                                                \
		  .btf_size = (uint32_t)base.size,                                                 \
		  .btf_name = "vmlinux" },                                                         \
		{ .kind = INSPECT_BTF,                                                             \
		  .id = 2,                                                                         \
		  .btf = module.blob,                                                              \
		  .btf_size = (uint32_t)module.size,                                               \
		  .btf_name = "mod" },                                                             \
		{ .kind = INSPECT_BTF, .id = 3, .btf = own.blob, .btf_size = (uint32_t)own.size }, \
		{ .kind = INSPECT_MAP, .id = 5, .info = &used },                                   \
		{ .kind = INSPECT_MAP, .id = 6 },                                                  \
		{ .kind = INSPECT_PROG, .id = 8, .info = &using },                                 \
		{ .kind = INSPECT_MAP, .id = 9, .info = &used },                                   \
	};                                                                                         \
	struct inspect *inspect = fake_kernel_start(objects, sizeof(objects) / sizeof(*objects));  \
	told[0] = '\0'

static void put_kernel_file(void)
{
	char path[512];
	FILE *file;

	fake_root_write(&fake_kernel.root, "/sys/kernel/btf/vmlinux", "");
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", fake_kernel.root.path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(base.blob, 1, base.size, file), base.size);
	fclose(file);
}

/* The name of the last type of a source, or how opening it failed. */
static const char *last_type(struct inspect *inspect, enum inspect_btf_by by, unsigned id,
			     enum inspect_btf_part part, struct btf_source *source)
{
	static const enum inspect_kind kinds[] = { INSPECT_BTF, INSPECT_PROG, INSPECT_MAP };
	static char text[1024];
	const struct inspect_btf_spec spec = {
		.by = by,
		.ref = { .kind = kinds[by], .by = INSPECT_BY_ID, .id = id },
		.part = part,
	};
	struct inspect_error err;
	struct btf_entry type;

	if (btf_source_open(source, inspect, &spec, &note, &err) < 0)
		return strcpy(text, err.what);
	assert_true(btf_type(source->btf, btf_count(source->btf) - 1, &type));
	return strcpy(text, type.name);
}

static void a_modules_types_are_over_those_of_the_kernel(void **state)
{
	(void)state;
	struct btf_source source;

	OBJECTS;
	put_kernel_file();
	assert_string_equal(last_type(inspect, INSPECT_BTF_BY_ID, 2, 0, &source), "of_the_module");
	assert_string_equal(told,
			    "valid base BTF was not specified with -B option, falling back to "
			    "standard base BTF (/sys/kernel/btf/vmlinux)");
	assert_int_equal(source.btf->first_id, 2);
	assert_int_equal(source.base_blob.size, base.size);
	btf_source_close(&source);
	btf_source_close(&source);
	fake_kernel_stop();
}

static void a_module_without_the_kernels_types_is_an_error_that_names_them(void **state)
{
	(void)state;
	struct btf_source source;

	OBJECTS;
	assert_non_null(strstr(last_type(inspect, INSPECT_BTF_BY_ID, 2, 0, &source),
			       "/sys/kernel/btf/vmlinux: open"));
	fake_kernel_stop();
}

/* The name of a type of a BTF object that is kept, or NULL. */
static const char *kept_type(struct inspect *inspect, uint32_t object, uint32_t id)
{
	const struct btf_reader *btf = inspect_btf_cached(inspect, object);
	static struct btf_entry type;

	return btf && btf_type(btf, id, &type) ? type.name : NULL;
}

static void a_module_that_is_kept_has_its_own_types_behind_the_kernels(void **state)
{
	(void)state;

	OBJECTS;
	assert_null(kept_type(inspect, 2, 1)); /* the kernel's own cannot be read */
	put_kernel_file();
	for (int i = 0; i < 2; i++) {
		assert_string_equal(kept_type(inspect, 2, 1), "int");
		assert_string_equal(kept_type(inspect, 2, 2), "of_the_module");
		assert_null(kept_type(inspect, 2, 3));
		assert_string_equal(kept_type(inspect, 3, 1), "its_own");
		assert_null(kept_type(inspect, 3, 2));
	}
	fake_kernel_stop();
}

static void others_need_no_base_and_the_kernel_is_not_read_for_them(void **state)
{
	(void)state;
	struct btf_source source;

	OBJECTS;
	assert_string_equal(last_type(inspect, INSPECT_BTF_BY_ID, 1, 0, &source), "int");
	assert_int_equal(source.base_blob.size, 0);
	btf_source_close(&source);
	assert_string_equal(last_type(inspect, INSPECT_BTF_BY_PROG, 8, 0, &source), "its_own");
	assert_false(source.has_roots);
	btf_source_close(&source);
	assert_string_equal(told, "");
	fake_kernel_stop();
}

static void a_map_chooses_its_types(void **state)
{
	(void)state;
	static const struct {
		enum inspect_btf_part part;
		unsigned n;
		uint32_t roots[2];
	} cases[] = {
		{ INSPECT_BTF_KEY_AND_VALUE, 2, { 1, 2 } },
		{ INSPECT_BTF_KEY, 1, { 1 } },
		{ INSPECT_BTF_VALUE, 1, { 2 } },
		{ INSPECT_BTF_ALL, 0, { 0 } },
	};
	struct btf_source source;

	OBJECTS;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(
			last_type(inspect, INSPECT_BTF_BY_MAP, 5, cases[i].part, &source),
			"its_own");
		assert_int_equal(source.has_roots, cases[i].n > 0);
		assert_int_equal(source.n_roots, cases[i].n);
		assert_memory_equal(source.roots, cases[i].roots, sizeof(source.roots));
		btf_source_close(&source);
	}
	assert_string_equal(last_type(inspect, INSPECT_BTF_BY_MAP, 6, 0, &source),
			    "map 6: its BTF");
	fake_kernel_stop();
}

/* The facts of one BTF object of a listing. */
static struct inspect_btf one_of_list(struct inspect *inspect, unsigned id, unsigned want)
{
	const struct inspect_ref all = { .kind = INSPECT_BTF, .by = INSPECT_BY_ALL };
	struct inspect_btf btf, found = { .fd = -1 };
	struct inspect_list *list;
	unsigned last = 0;

	assert_int_equal(inspect_list_new(inspect, &all, want, &list, NULL), 0);
	while (inspect_list_next(list, &btf, NULL) > 0) {
		assert_true(btf.id > last);
		last = btf.id;
		if (btf.id == id)
			found = btf;
		else
			inspect_btf_done(&btf);
	}
	inspect_list_free(list);
	assert_int_equal(found.id, id);
	return found;
}

static void a_listing_says_who_uses_what(void **state)
{
	(void)state;
	OBJECTS;
	AUTO(inspect_btf_done) struct inspect_btf btf = one_of_list(inspect, 3, INSPECT_WANT_USERS);

	assert_int_equal(btf.have, INSPECT_BTF_HAS_NAME | INSPECT_BTF_HAS_USERS);
	assert_false(btf.is_kernel);
	assert_string_equal(btf.name, "");
	assert_int_equal(btf.size_bytes, own.size);
	assert_int_equal(btf.prog_ids.n, 1);
	assert_int_equal(btf.prog_ids.ids[0], 8);
	assert_int_equal(btf.map_ids.n, 2);
	assert_int_equal(btf.map_ids.ids[0], 5);
	assert_int_equal(btf.map_ids.ids[1], 9);
	assert_int_equal(fake_kernel.n_calls[ABI_MAP_GET_FD_BY_ID], 3);

	AUTO(inspect_btf_done)
	struct inspect_btf kernel = one_of_list(inspect, 1, INSPECT_WANT_USERS);
	assert_true(kernel.is_kernel);
	assert_string_equal(kernel.name, "vmlinux");
	assert_int_equal(kernel.prog_ids.n, 0);
	assert_true(kernel.have & INSPECT_BTF_HAS_USERS);
	fake_kernel_stop();
}

static void users_that_nobody_wants_are_not_asked_for(void **state)
{
	(void)state;
	OBJECTS;
	AUTO(inspect_btf_done) struct inspect_btf btf = one_of_list(inspect, 3, 0);

	assert_int_equal(btf.have, INSPECT_BTF_HAS_NAME);
	assert_int_equal(fake_kernel.n_calls[ABI_MAP_GET_NEXT_ID], 0);
	assert_int_equal(fake_kernel.n_calls[ABI_PROG_GET_NEXT_ID], 0);
	fake_kernel_stop();
}

static void a_user_that_cannot_be_asked_makes_users_unknown(void **state)
{
	(void)state;
	OBJECTS;

	objects[3].info_error = EPERM;
	AUTO(inspect_btf_done) struct inspect_btf btf = one_of_list(inspect, 3, INSPECT_WANT_USERS);
	assert_false(btf.have & INSPECT_BTF_HAS_USERS);
	objects[3].info_error = ENODEV; /* it uses nothing any more */
	AUTO(inspect_btf_done)
	struct inspect_btf again = one_of_list(inspect, 3, INSPECT_WANT_USERS);
	assert_true(again.have & INSPECT_BTF_HAS_USERS);
	assert_int_equal(again.map_ids.n, 1);
	fake_kernel_stop();
}

static void a_kernel_that_knows_no_names_is_asked_for_none(void **state)
{
	(void)state;
	OBJECTS;

	objects[2].info_size = OLD_BTF_INFO;
	AUTO(inspect_btf_done) struct inspect_btf btf = one_of_list(inspect, 3, 0);
	assert_int_equal(btf.have, 0);
	assert_int_equal(btf.size_bytes, own.size);
	fake_kernel_stop();
}

static void a_name_that_is_too_long_is_cut(void **state)
{
	(void)state;
	char name[200];
	OBJECTS;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	objects[1].btf_name = name;
	AUTO(inspect_btf_done) struct inspect_btf btf = one_of_list(inspect, 2, 0);
	assert_int_equal(strlen(btf.name), sizeof(btf.name) - 1);
	assert_true(btf.is_kernel);
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_modules_types_are_over_those_of_the_kernel),
		cmocka_unit_test(a_module_without_the_kernels_types_is_an_error_that_names_them),
		cmocka_unit_test(a_module_that_is_kept_has_its_own_types_behind_the_kernels),
		cmocka_unit_test(others_need_no_base_and_the_kernel_is_not_read_for_them),
		cmocka_unit_test(a_map_chooses_its_types),
		cmocka_unit_test(a_listing_says_who_uses_what),
		cmocka_unit_test(users_that_nobody_wants_are_not_asked_for),
		cmocka_unit_test(a_user_that_cannot_be_asked_makes_users_unknown),
		cmocka_unit_test(a_kernel_that_knows_no_names_is_asked_for_none),
		cmocka_unit_test(a_name_that_is_too_long_is_cut),
	};

	return cmocka_run_group_tests(tests, make_blobs, drop_blobs);
}
