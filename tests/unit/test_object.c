/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_object.c - compiled objects that are cut and changed; what names of sections and types say
 *
 * The objects are those that fuzzing begins with; the tests run where the source is.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "btf/swap.h"
#include "btf_maker.h"
#include "code/object_print.h"
#include "code/section_type.h"
#include "kernel/names.h"

#define CORPUS "tests/fuzz/corpus/elf_object/"

static const char *const objects[] = { "alone", "net", "old", "trace", "big-endian" };

static unsigned char *read_file(const char *name, size_t *size)
{
	char path[128];
	unsigned char *bytes = malloc(1 << 20);

	snprintf(path, sizeof(path), CORPUS "%s", name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_non_null(bytes);
	*size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

/* Shows and dumps it into memory; both have to say the same of whether all is there. */
static int print(const unsigned char *bytes, size_t size, struct buf *text)
{
	static struct out out;
	const struct print_code how = { .opcodes = true };
	struct inspect_error err = { 0 };
	struct object object;
	struct sink sink;

	char *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	int r = object_take(&object, copy, size, &err);
	if (r < 0) {
		assert_true(err.code == -r && err.what[0]);
		return r;
	}
	for (unsigned i = 0; i < 2; i++) {
		out_init_memory(&out, text);
		sink_init(&sink, &out, SINK_PLAIN, false, NULL);
		r = i ? object_dump(&sink, &object, "x", NULL, &how, &err)
		      : object_show(&sink, &object, "x", &err);
		assert_int_equal(sink_finish(&sink), 0);
		sink_done(&sink);
		out_flush(&out);
	}
	object_close(&object);
	return r;
}

static void whole_objects_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		AUTO(buf_done) struct buf text = { 0 };
		size_t size;

		autofree unsigned char *bytes = read_file(objects[i], &size);
		assert_int_equal(print(bytes, size, &text), 0);
		assert_true(text.size > 500);
	}
}

/* The table of sections is the last thing in a file of LLVM's. */
static void an_object_that_is_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		size_t size;
		autofree unsigned char *bytes = read_file(objects[i], &size);

		for (size_t cut = 0; cut < size; cut++) {
			AUTO(buf_done) struct buf text = { 0 };

			assert_int_equal(print(bytes, cut, &text), -EINVAL);
			assert_int_equal(text.size, 0);
		}
	}
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void an_object_with_turned_bits_is_read_or_refused(void **state)
{
	uint32_t random = 1;
	unsigned read = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		size_t size;
		autofree unsigned char *bytes = read_file(objects[i], &size);

		for (unsigned turn = 0; turn < 1500; turn++) {
			AUTO(buf_done) struct buf text = { 0 };
			autofree unsigned char *other = malloc(size);

			assert_non_null(other);
			memcpy(other, bytes, size);
			for (unsigned k = 0; k <= turn % 3; k++) {
				size_t at = next_random(&random) % size;

				other[at] ^= (unsigned char)(1u << (next_random(&random) & 7));
			}
			if (print(other, size, &text) < 0)
				refused++;
			else
				read++;
		}
	}
	assert_true(read > 100 && refused > 100);
}

/* --- names of sections --- */

static void a_section_has_the_types_of(const char *name, const char *prog, const char *attach)
{
	struct section_type type;

	assert_true(section_type_find(name, &type));
	assert_string_equal(type.prog_type, prog);
	if (attach)
		assert_string_equal(type.attach_type, attach);
	else
		assert_null(type.attach_type);
}

static void a_section_says_the_type_of_its_program(void **state)
{
	(void)state;
	a_section_has_the_types_of("xdp", "xdp", "xdp");
	a_section_has_the_types_of("xdp/devmap", "xdp", "xdp_devmap");
	a_section_has_the_types_of("xdp.frags/other", "xdp", "xdp");
	a_section_has_the_types_of("?kprobe/do_exit", "kprobe", NULL);
	a_section_has_the_types_of("fentry.s/x", "tracing", "trace_fentry");
	a_section_has_the_types_of("cgroup/connect4", "cgroup_sock_addr", "cgroup_inet4_connect");
	a_section_has_the_types_of("struct_ops/init", "struct_ops", NULL);
}

static void a_section_of_another_name_says_nothing(void **state)
{
	static const char *const names[] = {
		"",	"x",	 "xdp2",       "xdp.x", "kprobes/x",
		"tc/x", ".text", "kprobe.x/y", "?",	"cgroup/skb/x"
	};
	struct section_type type;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_false(section_type_find(names[i], &type));
}

/* libbpf's own, whose header is not for tests: the numbers are the kernel's. */
int libbpf_prog_type_by_name(const char *name, unsigned *prog_type, unsigned *attach_type);

static const char *const known[] = {
	"socket",
	"sk_reuseport",
	"sk_reuseport/migrate",
	"kprobe",
	"uprobe",
	"uprobe.s",
	"kretprobe",
	"uretprobe",
	"uretprobe.s",
	"kprobe.multi",
	"kretprobe.multi",
	"kprobe.session",
	"uprobe.multi",
	"uprobe.multi.s",
	"uretprobe.multi",
	"uretprobe.multi.s",
	"uprobe.session",
	"uprobe.session.s",
	"ksyscall",
	"kretsyscall",
	"usdt",
	"usdt.s",
	"tc/ingress",
	"tc/egress",
	"tcx/ingress",
	"tcx/egress",
	"tc",
	"classifier",
	"action",
	"netkit/primary",
	"netkit/peer",
	"tracepoint",
	"tracepoint.s",
	"tp",
	"tp.s",
	"raw_tracepoint",
	"raw_tracepoint.s",
	"raw_tracepoint.w",
	"raw_tp",
	"raw_tp.s",
	"raw_tp.w",
	"tp_btf",
	"tp_btf.s",
	"fentry",
	"fentry.s",
	"fmod_ret",
	"fmod_ret.s",
	"fexit",
	"fexit.s",
	"fsession",
	"fsession.s",
	"fentry.multi",
	"fentry.multi.s",
	"fexit.multi",
	"fexit.multi.s",
	"fsession.multi",
	"fsession.multi.s",
	"freplace",
	"lsm",
	"lsm.s",
	"lsm_cgroup",
	"iter",
	"iter.s",
	"syscall",
	"xdp.frags/devmap",
	"xdp/devmap",
	"xdp.frags/cpumap",
	"xdp/cpumap",
	"xdp.frags",
	"xdp",
	"perf_event",
	"lwt_in",
	"lwt_out",
	"lwt_xmit",
	"lwt_seg6local",
	"sockops",
	"sk_skb/stream_parser",
	"sk_skb/stream_verdict",
	"sk_skb/verdict",
	"sk_skb",
	"sk_msg",
	"lirc_mode2",
	"flow_dissector",
	"cgroup_skb/ingress",
	"cgroup_skb/egress",
	"cgroup/skb",
	"cgroup/sock_create",
	"cgroup/sock_release",
	"cgroup/sock",
	"cgroup/post_bind4",
	"cgroup/post_bind6",
	"cgroup/bind4",
	"cgroup/bind6",
	"cgroup/connect4",
	"cgroup/connect6",
	"cgroup/connect_unix",
	"cgroup/sendmsg4",
	"cgroup/sendmsg6",
	"cgroup/sendmsg_unix",
	"cgroup/recvmsg4",
	"cgroup/recvmsg6",
	"cgroup/recvmsg_unix",
	"cgroup/getpeername4",
	"cgroup/getpeername6",
	"cgroup/getpeername_unix",
	"cgroup/getsockname4",
	"cgroup/getsockname6",
	"cgroup/getsockname_unix",
	"cgroup/sysctl",
	"cgroup/getsockopt",
	"cgroup/setsockopt",
	"cgroup/dev",
	"struct_ops",
	"struct_ops.s",
	"sk_lookup",
	"netfilter",
};

/* True where libbpf knows the name, and says the same. It has attach type 0 where there is none. */
static bool is_as_in_libbpf(const char *name)
{
	struct section_type type = { 0 };
	unsigned prog = 0, attach = 0;
	bool is_known = section_type_find(name, &type);

	if (libbpf_prog_type_by_name(name, &prog, &attach) < 0)
		return false;
	if (!is_known)
		fail_msg("section %s: libbpf knows it", name);
	assert_string_equal(type.prog_type, names_find(NAMES_PROG_TYPE, prog));
	if (type.attach_type &&
	    strcmp(type.attach_type, names_find(NAMES_ATTACH_TYPE, attach)) != 0)
		fail_msg("section %s: %s, not attach type %u", name, type.attach_type, attach);
	if (!type.attach_type)
		assert_int_equal(attach, 0);
	return true;
}

/* A libbpf of the system may be older than the table. */
static void names_of_sections_mean_what_they_mean_to_libbpf(void **state)
{
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		char longer[64];

		snprintf(longer, sizeof(longer), "%s/more", known[i]);
		n += is_as_in_libbpf(known[i]);
		is_as_in_libbpf(longer);
		snprintf(longer, sizeof(longer), "%smore", known[i]);
		is_as_in_libbpf(longer);
	}
	assert_true(n > 80);
}

/* --- types --- */

static void make_types(struct maker *m)
{
	maker_type(m, KIND_INT, maker_string(m, "int"), 4, 0);
	maker_word(m, 32);
	maker_type(m, KIND_STRUCT, maker_string(m, "s"), 24, 0);
	maker_type(m, KIND_PTR, 0, 2, 0);
	maker_finish(m);
}

static uint32_t turned(uint32_t word)
{
	return word >> 24 | (word >> 8 & 0xff00) | (word << 8 & 0xff0000) | word << 24;
}

/* The other order, made word by word: header, types; strings are bytes. */
static void turn(char *blob, size_t types_end)
{
	char first = blob[0];

	blob[0] = blob[1];
	blob[1] = first;
	for (size_t at = 4; at + 4 <= types_end; at += 4) {
		uint32_t word;

		memcpy(&word, blob + at, 4);
		word = turned(word);
		memcpy(blob + at, &word, 4);
	}
}

static void btf_of_the_other_byte_order_is_turned(void **state)
{
	AUTO(maker_done) struct maker m = { 0 };

	(void)state;
	make_types(&m);
	autofree char *other = malloc(m.size);
	assert_non_null(other);
	memcpy(other, m.blob, m.size);
	turn(other, HEADER_BYTES + m.types.size);
	assert_false(btf_is_swapped(m.blob, m.size));
	assert_true(btf_is_swapped(other, m.size));
	btf_swap(other, m.size);
	assert_memory_equal(other, m.blob, m.size);
}

static void btf_that_is_cut_can_be_turned_too(void **state)
{
	AUTO(maker_done) struct maker m = { 0 };

	(void)state;
	make_types(&m);
	turn(m.blob, HEADER_BYTES + m.types.size);
	for (size_t size = 0; size < m.size; size++) {
		AUTO(btf_done) struct btf_reader btf = { 0 };
		autofree char *cut = malloc(size ? size : 1);

		assert_non_null(cut);
		memcpy(cut, m.blob, size);
		btf_swap(cut, size);
		assert_true(btf_init(&btf, cut, size, NULL, NULL) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_objects_are_read),
		cmocka_unit_test(an_object_that_is_cut_anywhere_is_refused),
		cmocka_unit_test(an_object_with_turned_bits_is_read_or_refused),
		cmocka_unit_test(a_section_says_the_type_of_its_program),
		cmocka_unit_test(a_section_of_another_name_says_nothing),
		cmocka_unit_test(names_of_sections_mean_what_they_mean_to_libbpf),
		cmocka_unit_test(btf_of_the_other_byte_order_is_turned),
		cmocka_unit_test(btf_that_is_cut_can_be_turned_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
