/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_list.c - walks over the objects of a kernel that is a double
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

#include "base/buf.h"
#include "base/cleanup.h"
#include "fake_kernel.h"

#define OBJECTS(...)                                                                               \
	struct fake_object objects[] = { __VA_ARGS__ };                                            \
	struct inspect *inspect = fake_kernel_start(objects, sizeof(objects) / sizeof(*objects))

#define PROG(...)                                                                                  \
	{                                                                                          \
		.kind = INSPECT_PROG, __VA_ARGS__                                                  \
	}
#define MAP(...)                                                                                   \
	{                                                                                          \
		.kind = INSPECT_MAP, __VA_ARGS__                                                   \
	}

static const struct inspect_ref all_progs = { .kind = INSPECT_PROG, .by = INSPECT_BY_ALL };
static const struct inspect_ref all_maps = { .kind = INSPECT_MAP, .by = INSPECT_BY_ALL };

/*
 * The ids of a whole walk, one after the other, as "1 2! 3": the ! marks a record that could not be
 * read. What ends the walk stands behind it, unless it is 0.
 */
static const char *walk(struct inspect *inspect, const struct inspect_ref *ref,
			struct inspect_error *err)
{
	static char text[4096];
	struct inspect_list *list;
	struct inspect_prog prog;
	struct inspect_map map;
	void *record = ref->kind == INSPECT_PROG ? (void *)&prog : (void *)&map;
	size_t n = 0;
	int r;

	text[0] = '\0';
	assert_int_equal(inspect_list_new(inspect, ref, 0, &list, err), 0);
	while ((r = inspect_list_next(list, record, err)) > 0) {
		bool is_prog = ref->kind == INSPECT_PROG;
		int failed = is_prog ? prog.failed : map.failed;

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u%s", n ? " " : "",
				      is_prog ? prog.id : map.id, failed ? "!" : "");
		if (is_prog)
			inspect_prog_done(&prog);
		else
			inspect_map_done(&map);
	}
	if (r)
		snprintf(text + n, sizeof(text) - n, "%s%d", n ? " " : "", r);
	assert_int_equal(inspect_list_next(list, record, NULL) > 0, 0); /* the end is the end */
	inspect_list_free(list);
	return text;
}

static bool is_single(struct inspect *inspect, const struct inspect_ref *ref)
{
	struct inspect_list *list;

	assert_int_equal(inspect_list_new(inspect, ref, INSPECT_WANT_FD, &list, NULL), 0);
	bool single = inspect_list_is_single(list);
	inspect_list_free(list);
	assert_int_equal(fake_kernel_open_fds(), 0);
	return single;
}

static void objects_come_by_ascending_id_and_only_those_of_the_kind(void **state)
{
	OBJECTS(PROG(.id = 3), MAP(.id = 4), PROG(.id = 7), PROG(.id = 4294967295u), MAP(.id = 9));

	(void)state;
	assert_string_equal(walk(inspect, &all_progs, NULL), "3 7 4294967295");
	assert_string_equal(walk(inspect, &all_maps, NULL), "4 9");
	fake_kernel_stop();
}

static void a_kernel_without_objects_has_an_empty_list(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);

	(void)state;
	assert_string_equal(walk(inspect, &all_progs, NULL), "");
	fake_kernel_stop();
}

static void an_id_that_vanishes_before_it_is_opened_is_left_out(void **state)
{
	OBJECTS(PROG(.id = 1, .open_error = ENOENT), PROG(.id = 2),
		PROG(.id = 3, .open_error = ENOENT), PROG(.id = 4),
		PROG(.id = 5, .open_error = ENOENT));

	(void)state;
	assert_string_equal(walk(inspect, &all_progs, NULL), "2 4");
	fake_kernel_stop();
}

static void an_object_that_cannot_be_read_stands_in_its_place(void **state)
{
	OBJECTS(MAP(.id = 1), MAP(.id = 2, .open_error = EPERM), MAP(.id = 3, .info_error = EACCES),
		MAP(.id = 4));

	(void)state;
	assert_string_equal(walk(inspect, &all_maps, NULL), "1 2! 3! 4");
	fake_kernel_stop();
}

static void a_failed_record_has_its_id_and_the_reason_and_nothing_else(void **state)
{
	OBJECTS(PROG(.id = 2, .open_error = EPERM), PROG(.id = 3, .info_error = ENODEV));
	struct inspect_list *list;
	struct inspect_prog prog;

	(void)state;
	assert_int_equal(inspect_list_new(inspect, &all_progs, INSPECT_WANT_ALL, &list, NULL), 0);
	memset(&prog, 0xff, sizeof(prog));
	assert_int_equal(inspect_list_next(list, &prog, NULL), 1);
	assert_int_equal(prog.id, 2);
	assert_int_equal(prog.failed, EPERM);
	assert_int_equal(prog.have, 0);
	assert_int_equal(prog.fd, -1);
	assert_null(prog.map_ids.ids);
	assert_string_equal(prog.name, "");
	assert_int_equal(inspect_list_next(list, &prog, NULL), 1);
	assert_int_equal(prog.failed, ENODEV);
	inspect_prog_done(&prog);
	inspect_list_free(list);
	fake_kernel_stop();
}

static void who_may_list_nothing_gets_one_error_with_a_hint(void **state)
{
	OBJECTS(PROG(.id = 1));
	struct inspect_error err = { 0 };

	(void)state;
	fake_kernel.list_error = EPERM;
	assert_string_equal(walk(inspect, &all_progs, &err), "-1");
	assert_string_equal(err.what, "list programs");
	assert_int_equal(err.code, EPERM);
	assert_non_null(strstr(err.hint, "CAP_SYS_ADMIN"));
	fake_kernel_stop();
}

static void a_kernel_without_bpf_says_so(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	struct inspect_error err = { 0 };

	(void)state;
	fake_kernel.every_error = ENOSYS;
	assert_string_equal(walk(inspect, &all_maps, &err), "-38");
	assert_string_equal(err.what, "list maps");
	assert_non_null(strstr(err.hint, "seccomp"));
	fake_kernel_stop();
}

static void an_object_by_id_is_the_only_one(void **state)
{
	OBJECTS(MAP(.id = 1), MAP(.id = 2), MAP(.id = 3));
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 2 };

	(void)state;
	assert_true(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, NULL), "2");
	assert_int_equal(fake_kernel.n_calls[ABI_MAP_GET_NEXT_ID], 0);
	fake_kernel_stop();
}

static void an_id_that_is_not_there_is_an_error(void **state)
{
	OBJECTS(MAP(.id = 1), MAP(.id = 5, .open_error = EPERM), MAP(.id = 6, .info_error = EPERM));
	struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 4 };
	struct inspect_error err = { 0 };

	(void)state;
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_string_equal(err.what, "map 4: open");
	assert_int_equal(err.code, ENOENT);
	ref.id = 5;
	assert_string_equal(walk(inspect, &ref, &err), "-1");
	assert_string_equal(err.what, "map 5: open");
	assert_true(*err.hint);
	ref.id = 6;
	assert_string_equal(walk(inspect, &ref, &err), "-1");
	assert_string_equal(err.what, "map 6: read info");
	fake_kernel_stop();
}

static void the_result_is_the_same_without_an_error_to_fill_in(void **state)
{
	OBJECTS(MAP(.id = 1));
	const struct inspect_ref by_id = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 4 };
	const struct inspect_ref by_name = { .kind = INSPECT_MAP,
					     .by = INSPECT_BY_NAME,
					     .text = "a_name_longer_than_the_kernel_keeps" };
	const struct inspect_ref by_path = { .kind = INSPECT_MAP,
					     .by = INSPECT_BY_PATH,
					     .text = "/tmp" };

	(void)state;
	assert_string_equal(walk(inspect, &by_id, NULL), "-2");
	assert_string_equal(walk(inspect, &by_name, NULL), "-2");
	assert_string_equal(walk(inspect, &by_path, NULL), "-2");
	fake_kernel.list_error = ENOSYS;
	assert_string_equal(walk(inspect, &all_maps, NULL), "-38");
	fake_kernel_stop();
}

static void maps_are_opened_for_reading_alone(void **state)
{
	OBJECTS(MAP(.id = 1, .path = "/pin"));
	const struct inspect_ref ref = { .kind = INSPECT_MAP,
					 .by = INSPECT_BY_PATH,
					 .text = "/pin" };

	(void)state;
	assert_string_equal(walk(inspect, &all_maps, NULL), "1");
	assert_int_equal(fake_kernel.rights_asked, ABI_F_RDONLY);
	assert_string_equal(walk(inspect, &ref, NULL), "1");
	assert_int_equal(fake_kernel.rights_asked, ABI_F_RDONLY);
	fake_kernel_stop();
}

static void a_name_fits_none_one_or_several(void **state)
{
	struct abi_map_info x = { .name = "x" }, y = { .name = "y" };
	OBJECTS(MAP(.id = 1, .info = &x), MAP(.id = 2, .info = &y), MAP(.id = 3, .info = &x),
		MAP(.id = 4), MAP(.id = 5, .info = &x));
	struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_NAME, .text = "x" };
	struct inspect_error err = { 0 };

	(void)state;
	assert_false(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, NULL), "1 3 5");
	ref.text = "y";
	assert_true(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, NULL), "2");
	ref.text = "z";
	assert_true(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.what, "map name z");
	fake_kernel_stop();
}

static void asking_whether_it_is_single_loses_no_object(void **state)
{
	struct abi_map_info x = { .name = "x" };
	OBJECTS(MAP(.id = 1, .info = &x), MAP(.id = 2, .info = &x), MAP(.id = 3, .info = &x));
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_NAME, .text = "x" };
	struct inspect_list *list;
	struct inspect_map map;

	(void)state;
	assert_int_equal(inspect_list_new(inspect, &ref, INSPECT_WANT_FD, &list, NULL), 0);
	assert_false(inspect_list_is_single(list));
	assert_false(inspect_list_is_single(list));
	for (unsigned id = 1; id <= 3; id++) {
		assert_int_equal(inspect_list_next(list, &map, NULL), 1);
		assert_int_equal(map.id, id);
		assert_true(map.fd >= 0);
		inspect_map_done(&map);
	}
	assert_int_equal(inspect_list_next(list, &map, NULL), 0);
	inspect_list_free(list);
	fake_kernel_stop();
}

static void an_error_read_ahead_is_told_in_its_place(void **state)
{
	OBJECTS(PROG(.id = 1));
	const struct inspect_ref ref = { .kind = INSPECT_PROG, .by = INSPECT_BY_NAME, .text = "x" };
	struct inspect_error err = { 0 };
	struct inspect_list *list;
	struct inspect_prog prog;

	(void)state;
	fake_kernel.list_error = EPERM;
	assert_int_equal(inspect_list_new(inspect, &ref, 0, &list, NULL), 0);
	assert_true(inspect_list_is_single(list));
	assert_int_equal(inspect_list_next(list, &prog, &err), -EPERM);
	assert_string_equal(err.what, "list programs");
	inspect_list_free(list);
	fake_kernel_stop();
}

static void a_name_that_may_be_one_of_an_unreadable_object_says_so(void **state)
{
	struct abi_prog_info x = { .name = "x" };
	OBJECTS(PROG(.id = 1, .open_error = EPERM), PROG(.id = 2, .info = &x),
		PROG(.id = 3, .info_error = EPERM), PROG(.id = 4, .open_error = ENOENT));
	struct inspect_ref ref = { .kind = INSPECT_PROG, .by = INSPECT_BY_NAME, .text = "y" };
	struct inspect_error err = { 0 };

	(void)state;
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_string_equal(err.what, "prog name y");
	assert_string_equal(err.hint, "2 programs could not be read");
	ref.text = "x";
	assert_string_equal(walk(inspect, &ref, &err), "2 -1");
	assert_string_equal(err.what, "2 programs could not be read, and may be meant too");
	fake_kernel_stop();
}

static void a_maps_long_name_is_held_against_the_15_bytes_that_the_kernel_keeps(void **state)
{
	struct abi_map_info cut = { .name = "fifteen_bytes_l" };
	OBJECTS(MAP(.id = 1, .info = &cut));
	struct inspect_ref ref = { .kind = INSPECT_MAP,
				   .by = INSPECT_BY_NAME,
				   .text = "fifteen_bytes_long" };
	struct inspect_error err = { 0 };

	(void)state;
	assert_string_equal(walk(inspect, &ref, &err), "1");
	ref.text = "fifteen_bytes_l";
	assert_string_equal(walk(inspect, &ref, NULL), "1");
	ref.text = "fifteen_bytes_";
	assert_string_equal(walk(inspect, &ref, NULL), "-2");
	ref.text = "another_name_of_more";
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_non_null(strstr(err.hint, "15 bytes"));
	fake_kernel_stop();
}

static void a_tag_finds_every_program_that_has_it(void **state)
{
	struct abi_prog_info a = { .tag = { 1, 2, 3, 4, 5, 6, 7, 8 } };
	struct abi_prog_info b = { .tag = { 1, 2, 3, 4, 5, 6, 7, 9 } };
	OBJECTS(PROG(.id = 1, .info = &a), PROG(.id = 2, .info = &b), PROG(.id = 3, .info = &a));
	struct inspect_ref ref = { .kind = INSPECT_PROG,
				   .by = INSPECT_BY_TAG,
				   .tag = { 1, 2, 3, 4, 5, 6, 7, 8 } };
	struct inspect_error err = { 0 };

	(void)state;
	assert_false(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, NULL), "1 3");
	ref.tag[7] = 9;
	assert_true(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, NULL), "2");
	ref.tag[7] = 0xab;
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_string_equal(err.what, "prog tag 01020304050607ab");
	fake_kernel_stop();
}

static void a_path_is_opened_and_must_hold_the_right_kind(void **state)
{
	OBJECTS(MAP(.id = 1, .path = "/m"), PROG(.id = 2, .path = "/p"),
		{ .kind = INSPECT_LINK, .id = 3, .path = "/l" });
	struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_PATH, .text = "/m" };
	struct inspect_error err = { 0 };

	(void)state;
	assert_true(is_single(inspect, &ref));
	assert_string_equal(walk(inspect, &ref, NULL), "1");
	ref.text = "/p";
	assert_string_equal(walk(inspect, &ref, &err), "-22");
	assert_string_equal(err.what, "/p: open as map");
	assert_non_null(strstr(err.hint, "prog"));
	ref.text = "/l";
	assert_string_equal(walk(inspect, &ref, &err), "-22");
	assert_non_null(strstr(err.hint, "link"));
	ref.text = "/m";
	ref.kind = INSPECT_PROG;
	assert_string_equal(walk(inspect, &ref, &err), "-22");
	assert_string_equal(err.what, "/m: open as prog");
	assert_int_equal(fake_kernel_open_fds(), 0);
	fake_kernel_stop();
}

static void a_path_that_cannot_be_opened_says_why(void **state)
{
	struct inspect *inspect = fake_kernel_start(NULL, 0);
	struct inspect_ref ref = { .kind = INSPECT_MAP,
				   .by = INSPECT_BY_PATH,
				   .text = "/nonexistent" };
	struct inspect_error err = { 0 };

	(void)state;
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_string_equal(err.what, "/nonexistent: open");
	ref.text = "/tmp";
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_non_null(strstr(err.hint, "directory"));
	ref.text = "/dev/null";
	assert_string_equal(walk(inspect, &ref, &err), "-2");
	assert_non_null(strstr(err.hint, "bpffs"));
	fake_kernel.every_error = EACCES;
	ref.text = "/nonexistent";
	assert_string_equal(walk(inspect, &ref, &err), "-13");
	assert_non_null(strstr(err.hint, "permission on its path"));
	fake_kernel_stop();
}

static void a_descriptor_is_kept_only_for_who_wants_it(void **state)
{
	OBJECTS(PROG(.id = 1), PROG(.id = 2));
	struct inspect_list *list;
	struct inspect_prog prog;

	(void)state;
	assert_int_equal(inspect_list_new(inspect, &all_progs, INSPECT_WANT_FD, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, &prog, NULL), 1);
	assert_true(prog.fd >= 0);
	assert_int_equal(fake_kernel_open_fds(), 1);
	inspect_prog_done(&prog);
	assert_int_equal(fake_kernel_open_fds(), 0);
	inspect_prog_done(&prog); /* twice is allowed */
	inspect_list_free(list);
	assert_int_equal(inspect_list_new(inspect, &all_progs, 0, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, &prog, NULL), 1);
	assert_int_equal(prog.fd, -1);
	assert_int_equal(fake_kernel_open_fds(), 0);
	inspect_list_free(list);
	inspect_list_free(NULL);
	fake_kernel_stop();
}

static void a_walk_that_is_given_up_leaves_nothing_open(void **state)
{
	struct abi_map_info x = { .name = "x" };
	OBJECTS(MAP(.id = 1, .info = &x), MAP(.id = 2, .info = &x));
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_NAME, .text = "x" };
	struct inspect_list *list;

	(void)state;
	assert_int_equal(inspect_list_new(inspect, &ref, INSPECT_WANT_FD, &list, NULL), 0);
	assert_false(inspect_list_is_single(list));
	assert_int_equal(fake_kernel_open_fds(), 2);
	inspect_list_free(list);
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_come_by_ascending_id_and_only_those_of_the_kind),
		cmocka_unit_test(a_kernel_without_objects_has_an_empty_list),
		cmocka_unit_test(an_id_that_vanishes_before_it_is_opened_is_left_out),
		cmocka_unit_test(an_object_that_cannot_be_read_stands_in_its_place),
		cmocka_unit_test(a_failed_record_has_its_id_and_the_reason_and_nothing_else),
		cmocka_unit_test(who_may_list_nothing_gets_one_error_with_a_hint),
		cmocka_unit_test(a_kernel_without_bpf_says_so),
		cmocka_unit_test(an_object_by_id_is_the_only_one),
		cmocka_unit_test(an_id_that_is_not_there_is_an_error),
		cmocka_unit_test(the_result_is_the_same_without_an_error_to_fill_in),
		cmocka_unit_test(maps_are_opened_for_reading_alone),
		cmocka_unit_test(a_name_fits_none_one_or_several),
		cmocka_unit_test(asking_whether_it_is_single_loses_no_object),
		cmocka_unit_test(an_error_read_ahead_is_told_in_its_place),
		cmocka_unit_test(a_name_that_may_be_one_of_an_unreadable_object_says_so),
		cmocka_unit_test(
			a_maps_long_name_is_held_against_the_15_bytes_that_the_kernel_keeps),
		cmocka_unit_test(a_tag_finds_every_program_that_has_it),
		cmocka_unit_test(a_path_is_opened_and_must_hold_the_right_kind),
		cmocka_unit_test(a_path_that_cannot_be_opened_says_why),
		cmocka_unit_test(a_descriptor_is_kept_only_for_who_wants_it),
		cmocka_unit_test(a_walk_that_is_given_up_leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
