/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_held.c - which links and programs hold an object
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "fake_kernel.h"
#include "records/held.h"

static const struct abi_link_info links[] = {
	{ .type = ABI_LINK_TYPE_XDP, .id = 3, .prog_id = 1 },
	{ .type = ABI_LINK_TYPE_XDP, .id = 4, .prog_id = 2 },
	{ .type = ABI_LINK_TYPE_XDP, .id = 6, .prog_id = 1 },
};
static const struct abi_prog_info progs[] = { { .type = 6, .id = 1 }, { .type = 6, .id = 2 } };
static const struct abi_map_info map = { .type = 1, .id = 9 };
static const uint32_t both[] = { 8, 9 }, one[] = { 9 };

static struct fake_object objects[] = {
	{ .kind = INSPECT_PROG, .id = 1, .info = &progs[0], .maps = both, .n_maps = 2 },
	{ .kind = INSPECT_PROG, .id = 2, .info = &progs[1], .maps = one, .n_maps = 1 },
	{ .kind = INSPECT_LINK, .id = 3, .info = &links[0] },
	{ .kind = INSPECT_LINK, .id = 4, .info = &links[1] },
	{ .kind = INSPECT_LINK, .id = 6, .info = &links[2] },
	{ .kind = INSPECT_MAP, .id = 9, .info = &map },
};

static struct inspect *start(void)
{
	return fake_kernel_start(objects, sizeof(objects) / sizeof(*objects));
}

static void assert_ids(const struct inspect_ids *ids, unsigned n, const unsigned *expected)
{
	assert_int_equal(ids->n, n);
	if (n)
		assert_memory_equal(ids->ids, expected, n * sizeof(*expected));
}

static void links_hold_programs_and_programs_hold_maps(void **state)
{
	const unsigned of_first[] = { 3, 6 }, of_map[] = { 1, 2 };
	AUTO(held_done) struct held held = { 0 };
	struct inspect *inspect = start();

	(void)state;
	held_add(&held, INSPECT_MAP, 9);
	held_add(&held, INSPECT_PROG, 1);
	held_add(&held, INSPECT_MAP, 9); /* of a second pin */
	held_add(&held, INSPECT_LINK, 3);
	assert_int_equal(held_read(inspect, &held), 0);
	assert_true(held.has_links && held.has_progs);
	assert_int_equal(held.objects.size, 3 * sizeof(struct held_object));
	assert_ids(&held_find(&held, INSPECT_PROG, 1)->link_ids, 2, of_first);
	assert_ids(&held_find(&held, INSPECT_MAP, 9)->prog_ids, 2, of_map);
	assert_ids(&held_find(&held, INSPECT_LINK, 3)->link_ids, 0, NULL);
	assert_null(held_find(&held, INSPECT_PROG, 2));
	fake_kernel_stop();
}

static void without_a_map_no_program_is_looked_at(void **state)
{
	AUTO(held_done) struct held held = { 0 };
	struct inspect *inspect = start();

	(void)state;
	held_add(&held, INSPECT_PROG, 2);
	assert_int_equal(held_read(inspect, &held), 0);
	assert_true(held.has_links);
	assert_false(held.has_progs);
	assert_int_equal(fake_kernel.n_calls[ABI_PROG_GET_NEXT_ID], 0);
	fake_kernel_stop();
}

static void what_cannot_be_listed_is_unknown(void **state)
{
	AUTO(held_done) struct held held = { 0 };
	struct inspect *inspect = start();

	(void)state;
	fake_kernel.list_error = EPERM;
	held_add(&held, INSPECT_MAP, 9);
	assert_int_equal(held_read(inspect, &held), 0);
	assert_false(held.has_links || held.has_progs);
	assert_int_equal(held_is_there(inspect, INSPECT_MAP, 9), -EPERM);
	fake_kernel_stop();
}

static void an_object_that_is_there_is_found_without_opening_it(void **state)
{
	struct inspect *inspect = start();

	(void)state;
	assert_int_equal(held_is_there(inspect, INSPECT_MAP, 9), 1);
	assert_int_equal(held_is_there(inspect, INSPECT_MAP, 8), 0);
	assert_int_equal(held_is_there(inspect, INSPECT_MAP, 10), 0);
	assert_int_equal(held_is_there(inspect, INSPECT_MAP, 0), 0);
	assert_int_equal(held_is_there(inspect, INSPECT_LINK, 4), 1);
	assert_int_equal(held_is_there(inspect, INSPECT_LINK, 5), 0);
	assert_int_equal(fake_kernel.n_calls[ABI_MAP_GET_FD_BY_ID], 0);
	fake_kernel_stop();
}

static void nothing_is_asked_of_no_objects(void **state)
{
	AUTO(held_done) struct held held = { 0 };
	struct inspect *inspect = start();

	(void)state;
	assert_int_equal(held_read(inspect, &held), 0);
	assert_null(held_find(&held, INSPECT_PROG, 1));
	assert_int_equal(fake_kernel.n_calls[ABI_LINK_GET_NEXT_ID], 0);
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_hold_programs_and_programs_hold_maps),
		cmocka_unit_test(without_a_map_no_program_is_looked_at),
		cmocka_unit_test(what_cannot_be_listed_is_unknown),
		cmocka_unit_test(an_object_that_is_there_is_found_without_opening_it),
		cmocka_unit_test(nothing_is_asked_of_no_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
