/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_holders.c - which processes hold BPF objects, in a /proc that the test has made
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "fake_root.h"
#include "kernel/holders.h"

#define MAP "anon_inode:bpf-map"
#define PROG "anon_inode:bpf-prog"
#define LINK "anon_inode:bpf_link"
#define BTF "anon_inode:btf"

static void add_process(const struct fake_root *root, unsigned pid, const char *comm)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	fake_root_write(root, path, comm);
	snprintf(path, sizeof(path), "/proc/%u/fd/none", pid);
	fake_root_write(root, path, "");
}

static void add_fd(const struct fake_root *root, unsigned pid, unsigned fd, const char *link,
		   const char *fdinfo)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/fd/%u", pid, fd);
	fake_root_link(root, path, link);
	snprintf(path, sizeof(path), "/proc/%u/fdinfo/%u", pid, fd);
	fake_root_write(root, path, fdinfo);
}

static struct sys sys_at(const struct fake_root *root)
{
	return (struct sys){ .root = root->path, .fdinfo = -1 };
}

static void read_all(const struct fake_root *root, bool wants_details, struct holders *out)
{
	struct sys sys = sys_at(root);

	assert_int_equal(holders_read(&sys, wants_details, out), 0);
}

/* Who holds an object, as "COMM(PID) ..." */
static const char *owners_of(const struct holders *holders, enum inspect_kind kind, uint32_t id)
{
	static char text[512];
	size_t n, fill = 0;
	const struct holding *first = holders_find(holders, kind, id, &n);

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		fill += (size_t)snprintf(text + fill, sizeof(text) - fill, "%s%s(%u)", i ? " " : "",
					 holders->holders[first[i].holder].comm, first[i].pid);
	return text;
}

static void each_process_that_holds_an_object_is_found_once(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	add_process(&root, 30, "late\n");
	add_process(&root, 4, "early\n");
	add_fd(&root, 30, 3, MAP, "pos:\t0\nmap_type:\t2\nmap_id:\t77\nfrozen:\t0\n");
	add_fd(&root, 30, 4, MAP, "map_id:\t77\n");
	add_fd(&root, 4, 3, MAP, "map_id:\t77\n");
	add_fd(&root, 4, 5, PROG, "prog_type:\t6\nprog_id:\t77\n");
	read_all(&root, false, &holders);
	assert_string_equal(owners_of(&holders, INSPECT_MAP, 77), "early(4) late(30)");
	assert_string_equal(owners_of(&holders, INSPECT_PROG, 77), "early(4)");
	assert_string_equal(owners_of(&holders, INSPECT_MAP, 76), "");
	assert_string_equal(owners_of(&holders, INSPECT_LINK, 77), "");
	assert_int_equal(holders.n_holdings, 3);
	assert_int_equal(holders.n_holders, 2);
	assert_int_equal(holders.n_refused, 0);
	assert_int_equal(holders.n_seen, 3);
	assert_false(holders.is_hidden);
}

static void only_links_of_bpf_objects_are_looked_into(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };
	static const char *const others[] = { "/dev/null",	"anon_inode:[eventfd]",
					      "anon_inode:bpf", "socket:[1]",
					      "anon_inode:bp",	"/tmp/anon_inode:bpf-map" };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (i != 2) /* that one is looked into, and says nothing */
			add_fd(&root, 1, i, others[i], "map_id:\t5\n");
	add_fd(&root, 1, 2, others[2], "pos:\t0\n");
	read_all(&root, false, &holders);
	assert_int_equal(holders.n_holdings, 0);
	assert_int_equal(holders.n_holders, 0);
}

static void the_kind_is_told_by_the_objects_own_label(void **state)
{
	static const struct {
		const char *text;
		enum inspect_kind kind;
		uint32_t id;
	} cases[] = {
		{ "link_type:\txdp\nlink_id:\t3\nprog_tag:\tab\nprog_id:\t4\n", INSPECT_LINK, 3 },
		{ "prog_id:\t4\nlink_id:\t3\nmap_id:\t5\n", INSPECT_LINK, 3 },
		{ "map_id:\t4294967295\nowner_prog_type:\t6\n", INSPECT_MAP, UINT32_MAX },
		{ "prog_id:\t9\nbtf_id:\t2\n", INSPECT_PROG, 9 },
		{ "btf_id:\t2", INSPECT_BTF, 2 },
	};
	static const char *const none[] = { "",
					    "\n\n",
					    "map_id:",
					    "map_id:\t\n",
					    "map_id:\t-1\n",
					    "xmap_id:\t1\n",
					    "map_id:\t4294967296\n",
					    "map_id:\t99999999999999999999999999999\n",
					    "pos:\t0\n" };
	enum inspect_kind kind;
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(holders_parse_fdinfo(cases[i].text, &kind, &id));
		assert_int_equal(kind, cases[i].kind);
		assert_int_equal(id, cases[i].id);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(holders_parse_fdinfo(none[i], &kind, &id));
}

static void links_and_btf_are_kept_apart(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	add_fd(&root, 1, 3, LINK, "link_id:\t6\nprog_id:\t7\n");
	add_fd(&root, 1, 4, BTF, "btf_id:\t8\n");
	read_all(&root, false, &holders);
	assert_string_equal(owners_of(&holders, INSPECT_LINK, 6), "init(1)");
	assert_string_equal(owners_of(&holders, INSPECT_BTF, 8), "init(1)");
	assert_string_equal(owners_of(&holders, INSPECT_PROG, 7), "");
}

static void a_name_of_any_bytes_is_kept_as_it_is(void **state)
{
	static const char *const names[] = { "a) (b\n", "two\nlines\n", "\033[2J\xff\n", "\n",
					     "no end" };
	static const char *const kept[] = { "a) (b", "two\nlines", "\033[2J\xff", "", "no end" };

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		AUTO_ROOT root;
		AUTO(holders_done) struct holders holders = { 0 };

		fake_root_make(&root);
		add_process(&root, 1, names[i]);
		add_fd(&root, 1, 3, MAP, "map_id:\t1\n");
		read_all(&root, false, &holders);
		assert_int_equal(holders.n_holders, 1);
		assert_string_equal(holders.holders[0].comm, kept[i]);
	}
}

static void a_process_that_goes_meanwhile_is_left_out(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	fake_root_write(&root, "/proc/2/stat", ""); /* no fd any more */
	fake_root_link(&root, "/proc/3/fd/3", MAP); /* no fdinfo any more */
	fake_root_link(&root, "/proc/4/fd/3", MAP); /* no comm any more */
	fake_root_write(&root, "/proc/4/fdinfo/3", "map_id:\t1\n");
	read_all(&root, false, &holders);
	assert_int_equal(holders.n_holdings, 0);
	assert_int_equal(holders.n_refused, 0);
}

static void a_process_that_may_not_be_looked_into_is_counted(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	fake_root_write(&root, "/proc/2/fd", ""); /* no folder: an error that is not "gone" */
	read_all(&root, false, &holders);
	assert_int_equal(holders.n_refused, 1);
}

static void processes_that_proc_hides_are_noticed(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1000, "mine\n");
	read_all(&root, false, &holders);
	assert_true(holders.is_hidden);
}

static void the_callers_own_process_is_left_out(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	add_process(&root, 55, "bpflens\n");
	add_fd(&root, 55, 3, MAP, "map_id:\t1\n");
	add_fd(&root, 1, 3, MAP, "map_id:\t1\n");
	fake_root_link(&root, "/proc/self", "55");
	read_all(&root, false, &holders);
	assert_string_equal(owners_of(&holders, INSPECT_MAP, 1), "init(1)");
}

static void a_machine_without_proc_is_an_error(void **state)
{
	AUTO_ROOT root;
	struct holders holders;

	(void)state;
	fake_root_make(&root);
	struct sys sys = sys_at(&root);
	assert_int_equal(holders_read(&sys, false, &holders), -ENOENT);
	assert_null(holders_find(&holders, INSPECT_MAP, 1, &(size_t){ 0 }));
	holders_done(&holders);
}

static void many_processes_shared_by_threads_are_all_found(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };
	char text[32];

	(void)state;
	fake_root_make(&root);
	for (unsigned pid = 1; pid <= 300; pid++) {
		add_process(&root, pid, "one of many\n");
		snprintf(text, sizeof(text), "map_id:\t%u\n", pid % 3);
		add_fd(&root, pid, 3, MAP, text);
	}
	read_all(&root, false, &holders);
	assert_int_equal(holders.n_seen, 300);
	assert_int_equal(holders.n_holdings, 300);
	for (uint32_t id = 0; id < 3; id++) {
		size_t n;
		const struct holding *first = holders_find(&holders, INSPECT_MAP, id, &n);

		assert_int_equal(n, 100);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(first[i].pid, 3 * i + (id ? id : 3));
			assert_int_equal(holders.holders[first[i].holder].pid, first[i].pid);
		}
	}
}

static void users_and_cgroups_are_read_of_holders_when_asked_for(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders plain = { 0 }, full = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	add_fd(&root, 1, 3, MAP, "map_id:\t1\n");
	fake_root_write(
		&root, "/proc/1/status",
		"Name:\tUid:\nUmask:\t0022\nUid:\t1000\t4294967295\t0\t0\nGid:\t5\t5\t5\t5\n");
	fake_root_write(&root, "/proc/1/cgroup", "0::/user.slice/a.scope\n");
	read_all(&root, false, &plain);
	assert_false(plain.holders[0].has_uid);
	assert_null(plain.holders[0].cgroup);
	read_all(&root, true, &full);
	assert_true(full.holders[0].has_uid);
	assert_int_equal(full.holders[0].uid, UINT32_MAX);
	assert_string_equal(full.holders[0].cgroup, "/user.slice/a.scope");
}

static void details_that_are_not_to_be_had_leave_the_holder(void **state)
{
	AUTO_ROOT root;
	AUTO(holders_done) struct holders holders = { 0 };

	(void)state;
	fake_root_make(&root);
	add_process(&root, 1, "init\n");
	add_fd(&root, 1, 3, MAP, "map_id:\t1\n");
	fake_root_write(&root, "/proc/1/status", "Name:\tx\nUid:\tzero\n");
	read_all(&root, true, &holders);
	assert_string_equal(owners_of(&holders, INSPECT_MAP, 1), "init(1)");
	assert_false(holders.holders[0].has_uid);
	assert_null(holders.holders[0].cgroup);
}

static void assert_cgroup(const char *text, const char *expected)
{
	size_t size = 0;
	const char *found = holders_find_cgroup(text, &size);

	if (!expected) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_int_equal(size, strlen(expected));
	assert_memory_equal(found, expected, size);
}

static void the_cgroup_is_that_of_the_new_hierarchy_or_else_systemds(void **state)
{
	(void)state;
	assert_cgroup("0::/system.slice/a.service\n", "/system.slice/a.service");
	assert_cgroup("0::/\n", "/");
	assert_cgroup("12:pids:/p\n1:name=systemd:/old\n0::/new\n", "/new");
	assert_cgroup("12:pids:/p\n1:name=systemd:/old\n0::/\n", "/old");
	assert_cgroup("2:cpu,cpuacct:/c\n1:name=systemd:/old\n", "/old");
	assert_cgroup("0::/with:colons::/in\n", "/with:colons::/in");
	assert_cgroup("10::/not the new one\n", NULL);
	assert_cgroup("2:cpu:/c\n", NULL);
	assert_cgroup("0::/cut off in the mid", NULL);
	assert_cgroup("", NULL);
	assert_cgroup("0", NULL);
	assert_cgroup("0:\n0\n\n", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_that_holds_an_object_is_found_once),
		cmocka_unit_test(only_links_of_bpf_objects_are_looked_into),
		cmocka_unit_test(the_kind_is_told_by_the_objects_own_label),
		cmocka_unit_test(links_and_btf_are_kept_apart),
		cmocka_unit_test(a_name_of_any_bytes_is_kept_as_it_is),
		cmocka_unit_test(a_process_that_goes_meanwhile_is_left_out),
		cmocka_unit_test(a_process_that_may_not_be_looked_into_is_counted),
		cmocka_unit_test(processes_that_proc_hides_are_noticed),
		cmocka_unit_test(the_callers_own_process_is_left_out),
		cmocka_unit_test(a_machine_without_proc_is_an_error),
		cmocka_unit_test(many_processes_shared_by_threads_are_all_found),
		cmocka_unit_test(users_and_cgroups_are_read_of_holders_when_asked_for),
		cmocka_unit_test(details_that_are_not_to_be_had_leave_the_holder),
		cmocka_unit_test(the_cgroup_is_that_of_the_new_hierarchy_or_else_systemds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
