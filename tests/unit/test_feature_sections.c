/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_feature_sections.c - the three forms of bpftool, of kernels that the test makes up
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
#include "fake_root.h"
#include "kernel/abi.h"
#include "probe/print.h"
#include "records/inspect.h"

/* Kernels that refuse everything in one way. */
static long refuse(int code)
{
	errno = code;
	return -1;
}

static long has_no_call(int cmd, void *attr, unsigned size)
{
	(void)cmd, (void)attr, (void)size;
	return refuse(ENOSYS);
}

static long knows_nothing(int cmd, void *attr, unsigned size)
{
	(void)cmd, (void)attr, (void)size;
	return refuse(EINVAL);
}

static long permits_nothing(int cmd, void *attr, unsigned size)
{
	(void)cmd, (void)attr, (void)size;
	return refuse(EPERM);
}

struct shown {
	struct buf text;
	char note[256];
	int result;
};

static void shown_done(struct shown *shown)
{
	buf_done(&shown->text);
}

static void keep_note(void *context, const char *text)
{
	struct shown *shown = context;

	strncat(shown->note, text, sizeof(shown->note) - strlen(shown->note) - 1);
}

struct kernel {
	long (*bpf)(int cmd, void *attr, unsigned size);
	const char *option; /* the configuration, or NULL */
	const char *setting;
};

static void write_files(const struct kernel *kernel, const struct fake_root *root)
{
	static const char *const settings[] = {
		"kernel/unprivileged_bpf_disabled", "net/core/bpf_jit_enable",
		"net/core/bpf_jit_harden", "net/core/bpf_jit_kallsyms", "net/core/bpf_jit_limit"
	};
	char path[128];

	fake_root_write(root, "/proc/sys/kernel/ostype", "Linux\n");
	fake_root_write(root, "/proc/sys/net/core/dev_weight", "64\n");
	for (size_t i = 0; kernel->setting && i < 5; i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s", settings[i]);
		fake_root_write(root, path, kernel->setting);
	}
	if (kernel->option)
		fake_root_write(root, "/proc/config.gz", kernel->option);
}

static void show(const struct kernel *kernel, enum sink_form form, struct print_probe *how,
		 struct shown *shown)
{
	const struct inspect_note note = { keep_note, shown };
	struct inspect_error error;
	struct inspect *inspect;
	struct sink sink;
	AUTO_ROOT root;

	*shown = (struct shown){ 0 };
	struct out *out = malloc(sizeof(*out));
	assert_non_null(out);
	fake_root_make(&root);
	write_files(kernel, &root);
	assert_int_equal(inspect_open(&inspect, NULL), 0);
	inspect->sys.root = root.path;
	inspect->sys.bpf = kernel->bpf;
	how->probe.is_unprivileged = true; /* the test may have no capabilities */
	out_init_memory(out, &shown->text);
	sink_init(&sink, out, form, false, NULL);
	shown->result = print_features(inspect, &sink, how, &note, &error);
	sink_finish(&sink);
	out_flush(out);
	sink_done(&sink);
	buf_add_char(&shown->text, '\0');
	inspect_close(inspect);
	free(out);
}

#define AUTO_SHOWN AUTO(shown_done) struct shown

static void without_bpf_there_are_two_sections(void **state)
{
	const struct kernel kernel = { has_no_call, "CONFIG_HZ=100\n", "1\n" };
	struct print_probe plain = { 0 }, macros = { .is_macros = true, .prefix = "P_" };
	AUTO_SHOWN text, json, c;

	(void)state;
	show(&kernel, SINK_PLAIN, &plain, &text);
	assert_non_null(strstr(text.text.bytes,
			       "CONFIG_HZ is set to 100\n\nScanning system call availability...\n"
			       "bpf() syscall is NOT available\n\n"));
	assert_null(strstr(text.text.bytes, "Scanning eBPF"));
	show(&kernel, SINK_JSON, &plain, &json);
	assert_non_null(strstr(
		json.text.bytes,
		"\"CONFIG_HZ\":\"100\"},\"syscall_config\":{\"have_bpf_syscall\":false}}\n"));
	show(&kernel, SINK_PLAIN, &macros, &c);
	assert_string_equal(c.text.bytes, "/*** Misc kernel config items ***/\n"
					  "#define P_CONFIG_HZ 100\n"
					  "\n"
					  "/*** System call availability ***/\n"
					  "#define P_NO_HAVE_BPF_SYSCALL\n"
					  "\n");
}

static void settings_have_a_sentence_for_each_value(void **state)
{
	static const char *const cases[][2] = {
		{ "0\n",
		  "bpf() syscall for unprivileged users is enabled\n"
		  "JIT compiler is disabled\n"
		  "JIT compiler hardening is disabled\n"
		  "JIT compiler kallsyms exports are disabled\n"
		  "Global memory limit for JIT compiler for unprivileged users is 0 bytes\n" },
		{ "1\n",
		  "bpf() syscall restricted to privileged users (without recovery)\n"
		  "JIT compiler is enabled\n"
		  "JIT compiler hardening is enabled for unprivileged users\n"
		  "JIT compiler kallsyms exports are enabled for root\n"
		  "Global memory limit for JIT compiler for unprivileged users is 1 bytes\n" },
		{ "2\n",
		  "bpf() syscall restricted to privileged users (admin can change)\n"
		  "JIT compiler is enabled with debugging traces in kernel logs\n"
		  "JIT compiler hardening is enabled for all users\n"
		  "JIT kallsyms exports status has unknown value 2\n"
		  "Global memory limit for JIT compiler for unprivileged users is 2 bytes\n" },
		{ "-5\n",
		  "bpf() syscall restriction has unknown value -5\n"
		  "JIT-compiler status has unknown value -5\n"
		  "JIT hardening status has unknown value -5\n"
		  "JIT kallsyms exports status has unknown value -5\n"
		  "Global memory limit for JIT compiler for unprivileged users is -5 bytes\n" },
		{ "x\n",
		  "Unable to retrieve required privileges for bpf() syscall\n"
		  "Unable to retrieve JIT-compiler status\n"
		  "Unable to retrieve JIT hardening status\n"
		  "Unable to retrieve JIT kallsyms export status\n"
		  "Unable to retrieve global memory limit for JIT compiler for unprivileged users\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct kernel kernel = { has_no_call, NULL, cases[i][0] };
		struct print_probe plain = { 0 };
		AUTO_SHOWN shown;

		show(&kernel, SINK_PLAIN, &plain, &shown);
		const char *begins = "Scanning system configuration...\n";
		assert_memory_equal(shown.text.bytes, begins, strlen(begins));
		assert_memory_equal(shown.text.bytes + strlen(begins), cases[i][1],
				    strlen(cases[i][1]));
	}
}

static void without_a_configuration_no_option_is_shown_and_a_note_says_so(void **state)
{
	const struct kernel kernel = { has_no_call, NULL, "1\n" };
	struct print_probe plain = { 0 };
	AUTO_SHOWN shown;

	(void)state;
	show(&kernel, SINK_JSON, &plain, &shown);
	assert_null(strstr(shown.text.bytes, "CONFIG_"));
	assert_string_equal(shown.note,
			    "skipping kernel config, can't open file: No such file or directory");
}

static void a_kernel_that_knows_nothing_has_nothing_and_leaves_no_doubt_of_types(void **state)
{
	const struct kernel kernel = { knows_nothing, "CONFIG_BPF=y\n", "0\n" };
	struct print_probe plain = { 0 };
	AUTO_SHOWN shown;

	(void)state;
	show(&kernel, SINK_PLAIN, &plain, &shown);
	assert_int_equal(shown.result, 0);
	assert_non_null(strstr(shown.text.bytes, "eBPF program_type xdp is NOT available\n"));
	assert_non_null(strstr(shown.text.bytes, "eBPF map_type hash is NOT available\n"));
	assert_null(strstr(shown.text.bytes, "_type xdp is available\n"));
	assert_non_null(strstr(shown.text.bytes, "supported for program type xdp:\n"
						 "\tProgram type not supported\n"));
}

static void what_is_not_permitted_is_shown_as_not_there_and_counted(void **state)
{
	const struct kernel kernel = { permits_nothing, "CONFIG_BPF=y\n", "2\n" };
	struct print_probe plain = { 0 };
	AUTO_SHOWN shown;

	(void)state;
	show(&kernel, SINK_JSON, &plain, &shown);
	assert_non_null(strstr(shown.text.bytes, "\"have_xdp_prog_type\":false"));
	assert_non_null(strstr(shown.text.bytes, "\"xdp_available_helpers\":[]"));
	assert_non_null(strstr(shown.note, "shown as not available"));
}

static void macros_have_a_line_for_each_helper_but_those_that_log(void **state)
{
	const struct kernel kernel = { knows_nothing, NULL, "0\n" };
	struct print_probe few = { .is_macros = true },
			   all = { .is_macros = true, .probe.is_full = true };
	AUTO_SHOWN less, more;

	(void)state;
	show(&kernel, SINK_PLAIN, &few, &less);
	show(&kernel, SINK_PLAIN, &all, &more);
	assert_non_null(strstr(less.text.bytes, "#define BPF__PROG_TYPE_xdp__HELPER_bpf_loop 0\n"));
	assert_null(strstr(less.text.bytes, "HELPER_bpf_trace_printk"));
	assert_non_null(
		strstr(more.text.bytes, "#define BPF__PROG_TYPE_xdp__HELPER_bpf_trace_printk 0\n"));
	assert_non_null(strstr(less.text.bytes,
			       "#define HAVE_PROG_TYPE_HELPER(prog_type, helper)\t\\\n"
			       "\tBPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_bpf_there_are_two_sections),
		cmocka_unit_test(settings_have_a_sentence_for_each_value),
		cmocka_unit_test(without_a_configuration_no_option_is_shown_and_a_note_says_so),
		cmocka_unit_test(
			a_kernel_that_knows_nothing_has_nothing_and_leaves_no_doubt_of_types),
		cmocka_unit_test(what_is_not_permitted_is_shown_as_not_there_and_counted),
		cmocka_unit_test(macros_have_a_line_for_each_helper_but_those_that_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
