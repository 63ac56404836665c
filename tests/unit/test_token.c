/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_token.c - what mounts delegate, from lists of mounts that the test made
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fake_root.h"
#include "inspect.h"
#include "records/inspect.h"

static void add_words(struct buf *out, const char *name, const struct inspect_strings *words)
{
	buf_add_text(out, name);
	for (unsigned i = 0; i < words->n; i++) {
		buf_add_text(out, i ? ":" : "=");
		buf_add_text(out, words->strings[i]);
	}
	buf_add_char(out, ' ');
}

static int note(void *context, const struct inspect_token *token)
{
	struct buf *out = context;

	buf_add_text(out, token->directory);
	buf_add_char(out, ' ');
	add_words(out, "cmds", &token->cmds);
	add_words(out, "maps", &token->maps);
	add_words(out, "progs", &token->progs);
	add_words(out, "attachs", &token->attachs);
	buf_add_char(out, '|');
	return 0;
}

/* What the list of mounts @text delegates must read as @expected. */
static void check(const char *text, const char *expected)
{
	AUTO(buf_done) struct buf out = { 0 };
	struct inspect *inspect;
	AUTO_ROOT root;

	fake_root_make(&root);
	fake_root_write(&root, "/proc/self/mounts", text);
	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.root = root.path;
	assert_int_equal(inspect_tokens_each(inspect, note, &out, NULL), 0);
	buf_add_char(&out, '\0');
	assert_string_equal(out.bytes, expected);
	inspect_close(inspect);
}

static void each_option_has_its_words(void **state)
{
	(void)state;
	check("bpf /a bpf rw,delegate_cmds=prog_load:map_create,delegate_maps=any 0 0\n"
	      "bpf /b bpf rw,delegate_progs=xdp:0x80,delegate_attachs=xdp,mode=700 0 0\n",
	      "/a cmds=prog_load:map_create maps=any progs attachs |"
	      "/b cmds maps progs=xdp:0x80 attachs=xdp |");
}

static void a_mount_without_such_an_option_is_left_out(void **state)
{
	(void)state;
	check("bpf /a bpf rw,relatime,mode=700 0 0\n"
	      "x /b tmpfs rw,delegate_cmds=any 0 0\n"
	      "bpf /c bpf\n"
	      "bpf /d bpf rw,undelegate_cmds=any 0 0\n",
	      "");
}

static void odd_options_are_no_words(void **state)
{
	(void)state;
	check("bpf /a bpf delegate_cmds 0 0\n", "/a cmds maps progs attachs |");
	check("bpf /a bpf delegate_cmds= 0 0\n", "/a cmds maps progs attachs |");
	check("bpf /a bpf ,,delegate_cmds=::a::b:,, 0 0\n", "/a cmds=a:b maps progs attachs |");
	check("bpf /a bpf delegate_more=x,delegate_=y,delegate_maps=a=b 0 0\n",
	      "/a cmds maps=a=b progs attachs |");
}

static void of_an_option_that_is_there_twice_the_last_one_counts(void **state)
{
	(void)state;
	check("bpf /a bpf delegate_cmds=a:b,delegate_cmds=c 0 0\n",
	      "/a cmds=c maps progs attachs |");
}

static int stop(void *context, const struct inspect_token *token)
{
	(void)token;
	++*(unsigned *)context;
	return 7;
}

static void an_answer_ends_the_walk_and_no_list_is_an_error(void **state)
{
	struct inspect_error err = { 0 };
	struct inspect *inspect;
	unsigned n = 0;
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.root = root.path;
	assert_int_equal(inspect_tokens_each(inspect, stop, &n, &err), -ENOENT);
	assert_string_equal(err.what, "list the mounts");
	fake_root_write(&root, "/proc/self/mounts",
			"bpf /a bpf delegate_cmds=a 0 0\nbpf /b bpf delegate_cmds=b 0 0\n");
	assert_int_equal(inspect_tokens_each(inspect, stop, &n, &err), 7);
	assert_int_equal(n, 1);
	inspect_close(inspect);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_has_its_words),
		cmocka_unit_test(a_mount_without_such_an_option_is_left_out),
		cmocka_unit_test(odd_options_are_no_words),
		cmocka_unit_test(of_an_option_that_is_there_twice_the_last_one_counts),
		cmocka_unit_test(an_answer_ends_the_walk_and_no_list_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
