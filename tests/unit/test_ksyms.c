/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_ksyms.c - names for addresses, from a file that stands for /proc/kallsyms
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
#include "fake_root.h"
#include "kernel/ksyms.h"

static struct fake_root root;
static struct sys sys;

static const char SYMBOLS[] = "0000000000000000 A per_cpu_start\n"
			      "ffffffff81000000 T _stext\n"
			      "ffffffff81000100 t first\n"
			      "ffffffff81000100 T first_again\n"
			      "ffffffff81000200 T second\n"
			      "ffffffffc0000000 t in_module\t[mod_a]\n"
			      "ffffffffc0000400 t bpf_prog_0123\t[bpf]\n"
			      "ffffffff81000180 t out_of_order\n";

static int setup(void **state)
{
	(void)state;
	fake_root_make(&root);
	sys_init(&sys);
	sys.root = root.path;
	fake_root_write(&root, "/proc/kallsyms", SYMBOLS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_root_remove(&root);
	return 0;
}

static void want(struct ksyms *ksyms, uint64_t address, enum ksyms_match match)
{
	assert_int_equal(ksyms_want(ksyms, address, match), 0);
}

static void assert_symbol(const struct ksyms *ksyms, uint64_t address, uint64_t start,
			  const char *name, const char *module)
{
	struct ksym symbol;

	assert_true(ksyms_find(ksyms, address, &symbol));
	assert_string_equal(symbol.name, name);
	assert_int_equal(symbol.start, start);
	if (module)
		assert_string_equal(symbol.module, module);
	else
		assert_null(symbol.module);
}

static void an_address_gets_the_name_of_the_symbol_that_begins_there(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;

	(void)state;
	want(&ksyms, 0xffffffffc0000000, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000200, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000201, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000180, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_symbol(&ksyms, 0xffffffff81000200, 0xffffffff81000200, "second", NULL);
	assert_symbol(&ksyms, 0xffffffffc0000000, 0xffffffffc0000000, "in_module", "mod_a");
	assert_symbol(&ksyms, 0xffffffff81000180, 0xffffffff81000180, "out_of_order", NULL);
	assert_false(ksyms_find(&ksyms, 0xffffffff81000201, &symbol));
	assert_false(ksyms_find(&ksyms, 0xffffffff81000100, &symbol));
}

static void of_several_names_of_an_address_the_first_is_taken(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };

	(void)state;
	want(&ksyms, 0xffffffff81000100, KSYMS_EXACT);
	want(&ksyms, 0xffffffffffffffff, KSYMS_EXACT); /* so that all is read */
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_symbol(&ksyms, 0xffffffff81000100, 0xffffffff81000100, "first", NULL);
}

static void the_nearest_symbol_begins_at_an_address_or_before_it(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;

	(void)state;
	want(&ksyms, 0xffffffff80ffffff, KSYMS_NEAREST);
	want(&ksyms, 0xffffffff81000000, KSYMS_NEAREST);
	want(&ksyms, 0xffffffff8100017f, KSYMS_NEAREST);
	want(&ksyms, 0xffffffff81000181, KSYMS_NEAREST);
	want(&ksyms, 0xffffffff81000190, KSYMS_EXACT);
	want(&ksyms, 0xffffffff810001ff, KSYMS_NEAREST);
	want(&ksyms, 0xffffffffc0000abc, KSYMS_NEAREST);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_false(ksyms_find(&ksyms, 0xffffffff80ffffff, &symbol));
	assert_symbol(&ksyms, 0xffffffff81000000, 0xffffffff81000000, "_stext", NULL);
	assert_symbol(&ksyms, 0xffffffff8100017f, 0xffffffff81000100, "first", NULL);
	assert_symbol(&ksyms, 0xffffffff81000181, 0xffffffff81000180, "out_of_order", NULL);
	assert_symbol(&ksyms, 0xffffffff810001ff, 0xffffffff81000180, "out_of_order", NULL);
	assert_false(ksyms_find(&ksyms, 0xffffffff81000190, &symbol));
	assert_symbol(&ksyms, 0xffffffffc0000abc, 0xffffffffc0000400, "bpf_prog_0123", "bpf");
}

static void what_was_read_is_not_read_again(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };

	(void)state;
	want(&ksyms, 0xffffffff81000200, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000201, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	fake_root_write(&root, "/proc/kallsyms", "ffffffff81000200 T other\n");
	want(&ksyms, 0xffffffff81000200, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000200, KSYMS_NEAREST); /* its own symbol is the nearest */
	want(&ksyms, 0xffffffff81000201, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_symbol(&ksyms, 0xffffffff81000200, 0xffffffff81000200, "second", NULL);
}

static void a_later_wish_keeps_what_is_known(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym before;

	(void)state;
	want(&ksyms, 0xffffffff81000200, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000150, KSYMS_EXACT); /* has no name */
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_true(ksyms_find(&ksyms, 0xffffffff81000200, &before));
	want(&ksyms, 0xffffffff81000160, KSYMS_NEAREST); /* over a gap that was read */
	want(&ksyms, 0xffffffff81000201, KSYMS_NEAREST);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_symbol(&ksyms, 0xffffffff81000160, 0xffffffff81000100, "first", NULL);
	assert_symbol(&ksyms, 0xffffffff81000201, 0xffffffff81000200, "second", NULL);
	assert_symbol(&ksyms, 0xffffffff81000200, 0xffffffff81000200, "second", NULL);
	assert_string_equal(before.name, "second"); /* still there */
}

static void reading_stops_when_all_is_found(void **state)
{
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };

	(void)state;
	buf_add_text(&text, "ffffffff81000000 T wanted\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_add_text(&text, "ffffffff81000001 T filler\n");
	buf_add_text(&text, "ffffffff81000000 T wanted_no_more\n");
	buf_add_char(&text, '\0');
	fake_root_write(&root, "/proc/kallsyms", text.bytes);
	want(&ksyms, 0xffffffff81000000, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_symbol(&ksyms, 0xffffffff81000000, 0xffffffff81000000, "wanted", NULL);
}

static void a_line_that_stands_across_two_reads_is_whole(void **state)
{
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };

	(void)state;
	for (unsigned i = 0; i < 9000; i++) {
		char line[64];

		snprintf(line, sizeof(line), "ffffffff8%07x T symbol_%u\n", i * 16, i);
		buf_add_text(&text, line);
		want(&ksyms, 0xffffffff80000000 + i * 16, KSYMS_EXACT);
	}
	buf_add_char(&text, '\0');
	fake_root_write(&root, "/proc/kallsyms", text.bytes);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	for (unsigned i = 0; i < 9000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "symbol_%u", i);
		assert_symbol(&ksyms, 0xffffffff80000000 + i * 16, 0xffffffff80000000 + i * 16,
			      name, NULL);
	}
}

static void hidden_addresses_are_told_from_missing_ones(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	AUTO(ksyms_done) struct ksyms others = { 0 };
	struct ksym symbol;

	(void)state;
	fake_root_write(&root, "/proc/kallsyms",
			"0000000000000000 T _stext\n0000000000000000 t first\t[mod]\n");
	want(&ksyms, 0xffffffff81000000, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&ksyms, &sys), -EPERM);
	assert_false(ksyms_find(&ksyms, 0xffffffff81000000, &symbol));
	assert_int_equal(ksyms_read(&ksyms, &sys), -EPERM);
	fake_root_write(&root, "/proc/kallsyms", "ffffffff81000001 T _stext\n");
	want(&others, 0xffffffff81000000, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&others, &sys), 0);
}

static void without_the_file_nothing_has_a_name(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;

	(void)state;
	sys.root = "/nowhere";
	want(&ksyms, 0xffffffff81000000, KSYMS_NEAREST);
	assert_int_equal(ksyms_read(&ksyms, &sys), -ENOENT);
	assert_false(ksyms_find(&ksyms, 0xffffffff81000000, &symbol));
}

static void what_nobody_wants_is_not_read(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;

	(void)state;
	sys.root = "/nowhere";
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_false(ksyms_find(&ksyms, 0, &symbol));
}

static void lines_that_are_no_symbols_are_passed_over(void **state)
{
	AUTO(buf_done) struct buf text = { 0 };
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;

	(void)state;
	buf_add_text(&text, "\n \nffffffff81000000\nffffffff81000000 T\nffffffff81000000 T \n"
			    "ffffffff81000000T name\nnonsense T name\n");
	for (unsigned i = 0; i < 70000; i++)
		buf_add_char(&text, 'x');
	buf_add_text(&text, "\n81000100 T short_address\t[\nffffffff81000300 T last_line");
	buf_add_char(&text, '\0');
	fake_root_write(&root, "/proc/kallsyms", text.bytes);
	want(&ksyms, 0xffffffff81000000, KSYMS_EXACT);
	want(&ksyms, 0x81000100, KSYMS_EXACT);
	want(&ksyms, 0xffffffff81000300, KSYMS_EXACT);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_false(ksyms_find(&ksyms, 0xffffffff81000000, &symbol));
	assert_symbol(&ksyms, 0x81000100, 0x81000100, "short_address", NULL);
	assert_false(ksyms_find(&ksyms, 0xffffffff81000300, &symbol));
}

static const char WITH_BASE[] = "ffffffff81000100 t before\n"
				"ffffffff81000200 t another\n"
				"ffffffff81001000 T __bpf_call_base\n"
				"ffffffff81001000 T not_the_base\n"
				"ffffffff81002000 T behind\n"
				"ffffffffc0000000 t in_module\t[mod_a]\n";

static void assert_call(const struct ksyms *ksyms, int32_t distance, const char *name)
{
	struct ksym symbol;
	uint64_t address;

	assert_true(ksyms_find_call(ksyms, distance, &address, &symbol));
	assert_int_equal(address, 0xffffffff81001000 + (uint64_t)(int64_t)distance);
	assert_string_equal(symbol.name, name);
}

static void calls_are_found_before_and_behind_the_base_in_one_reading(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;
	uint64_t address;

	(void)state;
	fake_root_write(&root, "/proc/kallsyms", WITH_BASE);
	for (unsigned i = 0; i < 2000; i++) {
		assert_int_equal(ksyms_want_call(&ksyms, -0xf00), 0);
		assert_int_equal(ksyms_want_call(&ksyms, 0x1000), 0);
		assert_int_equal(ksyms_want_call(&ksyms, 0x3efff000), 0);
		assert_int_equal(ksyms_want_call(&ksyms, 0x1234), 0);
	}
	want(&ksyms, 0xffffffff81000200, KSYMS_EXACT);
	assert_in_range(ksyms.calls_room, 1, 512);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_call(&ksyms, -0xf00, "before");
	assert_call(&ksyms, 0x1000, "behind");
	assert_call(&ksyms, 0x3efff000, "in_module");
	assert_symbol(&ksyms, 0xffffffff81000200, 0xffffffff81000200, "another", NULL);
	assert_false(ksyms_find_call(&ksyms, 0x1234, &address, &symbol));
	assert_int_equal(address, 0xffffffff81002234);
}

static void calls_that_are_wanted_later_use_the_base_that_is_known(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };

	(void)state;
	fake_root_write(&root, "/proc/kallsyms", WITH_BASE);
	assert_int_equal(ksyms_want_call(&ksyms, 0x1000), 0);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_int_equal(ksyms_want_call(&ksyms, -0xe00), 0);
	assert_int_equal(ksyms_want_call(&ksyms, 0x1000), 0);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_call(&ksyms, -0xe00, "another");
	assert_call(&ksyms, 0x1000, "behind");
}

static void without_a_base_calls_have_no_names_and_it_is_sought_once(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;
	uint64_t address;

	(void)state;
	fake_root_write(&root, "/proc/kallsyms", SYMBOLS);
	assert_int_equal(ksyms_want_call(&ksyms, 16), 0);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_false(ksyms_find_call(&ksyms, 16, &address, &symbol));
	assert_int_equal(address, 16);
	fake_root_write(&root, "/proc/kallsyms", WITH_BASE);
	assert_int_equal(ksyms_want_call(&ksyms, 0x1000), 0);
	assert_int_equal(ksyms_read(&ksyms, &sys), 0);
	assert_false(ksyms_find_call(&ksyms, 0x1000, &address, &symbol));
}

static void hidden_addresses_are_no_base(void **state)
{
	AUTO(ksyms_done) struct ksyms ksyms = { 0 };
	struct ksym symbol;
	uint64_t address;

	(void)state;
	fake_root_write(&root, "/proc/kallsyms", "0000000000000000 T __bpf_call_base\n");
	assert_int_equal(ksyms_want_call(&ksyms, 16), 0);
	assert_int_equal(ksyms_read(&ksyms, &sys), -EPERM);
	assert_false(ksyms_find_call(&ksyms, 16, &address, &symbol));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(calls_are_found_before_and_behind_the_base_in_one_reading),
		TEST(calls_that_are_wanted_later_use_the_base_that_is_known),
		TEST(without_a_base_calls_have_no_names_and_it_is_sought_once),
		TEST(hidden_addresses_are_no_base),
		TEST(an_address_gets_the_name_of_the_symbol_that_begins_there),
		TEST(of_several_names_of_an_address_the_first_is_taken),
		TEST(the_nearest_symbol_begins_at_an_address_or_before_it),
		TEST(what_was_read_is_not_read_again),
		TEST(a_later_wish_keeps_what_is_known),
		TEST(reading_stops_when_all_is_found),
		TEST(a_line_that_stands_across_two_reads_is_whole),
		TEST(hidden_addresses_are_told_from_missing_ones),
		TEST(without_the_file_nothing_has_a_name),
		TEST(what_nobody_wants_is_not_read),
		TEST(lines_that_are_no_symbols_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
