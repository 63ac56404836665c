/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_owners.c - owners of objects: what a cgroup tells, every form of output, when they are read
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "capture.h"
#include "fake_kernel.h"
#include "records/owners.h"
#include "records/print.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ANOTHER "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void assert_unit(const char *cgroup, const char *expected)
{
	size_t size = 0;
	const char *unit = owners_find_unit(cgroup, &size);

	if (!unit)
		assert_null(expected);
	else if (!expected || strlen(expected) != size || memcmp(unit, expected, size) != 0)
		fail_msg("%s: %.*s", cgroup, (int)size, unit);
}

static void assert_container(const char *cgroup, const char *expected)
{
	size_t size = 0;
	const char *container = owners_find_container(cgroup, &size);

	if (!container)
		assert_null(expected);
	else if (!expected || size != 64 || memcmp(container, expected, size) != 0)
		fail_msg("%s: %.*s", cgroup, (int)size, container);
}

static void the_unit_is_the_innermost_service_or_scope(void **state)
{
	(void)state;
	assert_unit("/system.slice/a.service", "a.service");
	assert_unit("/user.slice/user-0.slice/session-1.scope", "session-1.scope");
	assert_unit("/user.slice/user@0.service/app.slice/b.service/below", "b.service");
	assert_unit("/system.slice/a.service/", "a.service");
	assert_unit("/system.slice", NULL);
	assert_unit("/.service/.scope", NULL);
	assert_unit("/a.services/b.scope2", NULL);
	assert_unit("/", NULL);
	assert_unit("", NULL);
}

static void the_container_is_found_in_the_paths_of_all_engines(void **state)
{
	(void)state;
	assert_container("/docker/" ID, ID);
	assert_container("/system.slice/docker-" ID ".scope", ID);
	assert_container("/machine.slice/libpod-" ID ".scope/container", ID);
	assert_container("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope", ID);
	assert_container("/kubepods.slice/crio-" ID ".scope", ID);
	assert_container("/kubepods-pod1.slice:cri-containerd:" ID, ID);
	assert_container("/kubepods/burstable/pod0a1b/" ID, ID);
	assert_container("/docker/" ANOTHER "/docker/" ID, ID);
}

static void what_is_no_container_is_not_taken_for_one(void **state)
{
	(void)state;
	assert_container("/machine.slice/libpod-conmon-" ID ".scope", NULL);
	assert_container("/docker/0" ID, NULL);
	assert_container("/docker/" ID "f", NULL);
	assert_container("/docker/" ID "x", NULL);
	assert_container("/docker/x" ID, NULL);
	assert_container("/docker/0123456789abcdef", NULL);
	assert_container("/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
			 NULL);
	assert_container("/", NULL);
	assert_container("", NULL);
}

static struct inspect_owner owners[] = {
	{ .pid = 4, .comm = "a) \n\033b", .has_uid = true, .uid = UINT32_MAX },
	{ .pid = 50,
	  .comm = "second",
	  .cgroup = "/system.slice/a.service",
	  .unit = "a.service",
	  .container = ID },
	{ .pid = 51, .comm = "", .unit = "a.service" },
};

static const char *printed(struct capture *capture, enum sink_form form, const char *columns,
			   unsigned n)
{
	struct sink *sink =
		columns ? capture_columns(capture, form, columns) : capture_begin(capture, form);
	const struct inspect_map map = {
		.have = INSPECT_MAP_HAS_INFO | INSPECT_MAP_HAS_OWNERS |
			(n ? INSPECT_MAP_HAS_OWNED : 0),
		.id = 9,
		.type = 2,
		.owners = { owners, n },
	};
	struct printer printer;

	assert_int_equal(print_init(&printer, sink, &map_schema, NULL), 0);
	print_open(&printer, true);
	print_record(&printer, &map);
	print_close(&printer, true);
	return capture_end(capture);
}

static void the_plain_line_of_owners_is_safe_for_a_terminal(void **state)
{
	AUTO_CAPTURE some, none;

	(void)state;
	assert_non_null(strstr(printed(&some, SINK_PLAIN, NULL, 3),
			       "\n\tpids a) \\x0a\\x1bb(4), second(50), (51)\n"));
	assert_null(strstr(printed(&none, SINK_PLAIN, NULL, 0), "pids"));
}

static void bpftools_json_has_pid_and_comm_alone(void **state)
{
	AUTO_CAPTURE some, none;

	(void)state;
	assert_non_null(strstr(printed(&some, SINK_JSON, NULL, 3),
			       ",\"pids\":[{\"pid\":4,\"comm\":\"a) \\n\\u001bb\"},"
			       "{\"pid\":50,\"comm\":\"second\"},{\"pid\":51,\"comm\":\"\"}]"));
	assert_null(strstr(printed(&none, SINK_JSON, NULL, 0), "pids"));
}

static void the_strict_form_has_all_that_is_known_and_an_empty_list_for_none(void **state)
{
	AUTO_CAPTURE some, none;

	(void)state;
	assert_non_null(strstr(printed(&some, SINK_STRICT, NULL, 3),
			       "\"pids\":[{\"pid\":4,\"comm\":\"a) \\n\\u001bb\","
			       "\"uid\":4294967295},{\"pid\":50,\"comm\":\"second\","
			       "\"cgroup\":\"/system.slice/a.service\",\"unit\":\"a.service\","
			       "\"container\":\"" ID "\"},"
			       "{\"pid\":51,\"comm\":\"\",\"unit\":\"a.service\"}]"));
	assert_non_null(strstr(printed(&none, SINK_STRICT, NULL, 0), "\"pids\":[]"));
}

static void columns_show_owners_and_each_unit_and_container_once(void **state)
{
	AUTO_CAPTURE some, none, keyed;

	(void)state;
	assert_string_equal(printed(&some, SINK_TSV, "owners,units,containers", 3),
			    "owners\tunits\tcontainers\n"
			    "a) \\x0a\\x1bb(4),second(50),(51)\ta.service\t" ID "\n");
	assert_string_equal(printed(&none, SINK_TSV, "id,owners,units", 0),
			    "id\towners\tunits\n9\t\t\n");
	assert_string_equal(printed(&keyed, SINK_TSV, "pids", 0), "owners\n\n");
}

/* --- from a kernel and a /proc that are doubles --- */

#define OBJECTS(...)                                                                               \
	struct fake_object objects[] = { __VA_ARGS__ };                                            \
	struct inspect *inspect = fake_kernel_start(objects, sizeof(objects) / sizeof(*objects))

static void add_holder(const char *id)
{
	const struct fake_root *root = &fake_kernel.root;

	fake_root_write(root, "/proc/1/comm", "init\n");
	fake_root_link(root, "/proc/1/fd/3", "anon_inode:bpf-map");
	fake_root_write(root, "/proc/1/fdinfo/3", id);
	fake_root_write(root, "/proc/1/cgroup", "0::/docker/" ID "\n");
}

static void read_map(struct inspect *inspect, unsigned want, struct inspect_map *out)
{
	const struct inspect_ref ref = { .kind = INSPECT_MAP, .by = INSPECT_BY_ID, .id = 7 };
	struct inspect_list *list;

	assert_int_equal(inspect_list_new(inspect, &ref, want, &list, NULL), 0);
	assert_int_equal(inspect_list_next(list, out, NULL), 1);
	inspect_list_free(list);
}

static void owners_are_read_when_they_are_wanted_and_else_not(void **state)
{
	AUTO(inspect_map_done) struct inspect_map without = { .fd = -1 }, with = { .fd = -1 };
	OBJECTS({ .kind = INSPECT_MAP, .id = 7 });

	(void)state;
	add_holder("map_id:\t7\n");
	read_map(inspect, 0, &without);
	assert_false(without.have & INSPECT_MAP_HAS_OWNERS);
	assert_false(inspect->owners.is_read);
	assert_null(inspect_owners_note(inspect));
	read_map(inspect, INSPECT_WANT_OWNERS, &with);
	assert_true(with.have & INSPECT_MAP_HAS_OWNERS && with.have & INSPECT_MAP_HAS_OWNED);
	assert_int_equal(with.owners.n, 1);
	assert_int_equal(with.owners.owners[0].pid, 1);
	assert_null(with.owners.owners[0].cgroup);
	assert_null(inspect_owners_note(inspect));
	fake_kernel_stop();
}

static void details_are_read_for_who_asks_later(void **state)
{
	AUTO(inspect_map_done) struct inspect_map plain = { .fd = -1 }, full = { .fd = -1 };
	OBJECTS({ .kind = INSPECT_MAP, .id = 7 });

	(void)state;
	add_holder("map_id:\t7\n");
	read_map(inspect, INSPECT_WANT_OWNERS, &plain);
	read_map(inspect, INSPECT_WANT_OWNERS | INSPECT_WANT_OWNER_DETAILS, &full);
	assert_string_equal(full.owners.owners[0].cgroup, "/docker/" ID);
	assert_string_equal(full.owners.owners[0].container, ID);
	assert_null(full.owners.owners[0].unit);
	fake_kernel_stop();
}

static void that_nobody_holds_an_object_is_known_when_all_were_asked(void **state)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	OBJECTS({ .kind = INSPECT_MAP, .id = 7 });

	(void)state;
	add_holder("map_id:\t8\n");
	read_map(inspect, INSPECT_WANT_OWNERS, &map);
	assert_true(map.have & INSPECT_MAP_HAS_OWNERS);
	assert_false(map.have & INSPECT_MAP_HAS_OWNED);
	fake_kernel_stop();
}

static void what_hinders_is_told_once(void **state)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	OBJECTS({ .kind = INSPECT_MAP, .id = 7 });

	(void)state;
	add_holder("map_id:\t8\n");
	fake_root_write(&fake_kernel.root, "/proc/2/fd", "no folder");
	read_map(inspect, INSPECT_WANT_OWNERS, &map);
	assert_false(map.have & INSPECT_MAP_HAS_OWNERS);
	assert_non_null(strstr(inspect_owners_note(inspect), "may be more"));
	assert_null(inspect_owners_note(inspect));
	fake_kernel_stop();
}

static void a_proc_without_processes_is_told(void **state)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	OBJECTS({ .kind = INSPECT_MAP, .id = 7 });

	(void)state;
	fake_root_write(&fake_kernel.root, "/proc/nothing", "");
	read_map(inspect, INSPECT_WANT_OWNERS, &map);
	assert_int_equal(map.owners.n, 0);
	assert_non_null(strstr(inspect_owners_note(inspect), "/proc cannot be read"));
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_unit_is_the_innermost_service_or_scope),
		cmocka_unit_test(the_container_is_found_in_the_paths_of_all_engines),
		cmocka_unit_test(what_is_no_container_is_not_taken_for_one),
		cmocka_unit_test(the_plain_line_of_owners_is_safe_for_a_terminal),
		cmocka_unit_test(bpftools_json_has_pid_and_comm_alone),
		cmocka_unit_test(the_strict_form_has_all_that_is_known_and_an_empty_list_for_none),
		cmocka_unit_test(columns_show_owners_and_each_unit_and_container_once),
		cmocka_unit_test(owners_are_read_when_they_are_wanted_and_else_not),
		cmocka_unit_test(details_are_read_for_who_asks_later),
		cmocka_unit_test(that_nobody_holds_an_object_is_known_when_all_were_asked),
		cmocka_unit_test(what_hinders_is_told_once),
		cmocka_unit_test(a_proc_without_processes_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
