/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_probe_files.c - answers that rest on files of /proc and /sys: what they say, and what follows where they cannot be read
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_root.h"
#include "probe/probe.h"
#include "probe/requires.h"

static struct inspect *inspect;

/* The first answer, or one of another kind where there was none. */
static int take(void *context, const struct inspect_feature *feature)
{
	struct inspect_feature *out = context;

	*out = *feature;
	return 1;
}

static struct inspect_feature ask(const struct fake_root *root, enum inspect_feature_kind kind,
				  const char *name)
{
	const struct inspect_question question = { .kind = kind, .name = name };
	const struct inspect_probe asked = { .questions = &question, .n_questions = 1 };
	struct inspect_feature out = { .kind = INSPECT_FEATURE_PROBE };
	struct inspect_error err;

	inspect->sys.root = root->path;
	assert_int_equal(inspect_features_each(inspect, &asked, take, &out, &err), 1);
	assert_int_equal(out.kind, kind);
	return out;
}

static void assert_lsm(const struct fake_root *root, const char *name, enum inspect_answer answer)
{
	if (ask(root, INSPECT_FEATURE_LSM, name).answer != answer)
		fail_msg("%s", name);
}

#define CONFIG                                                                                     \
	"CONFIG_SECURITY=y\nCONFIG_IMA=y\nCONFIG_EVM=y\nCONFIG_INTEGRITY=y\n"                      \
	"CONFIG_SECURITY_SMACK=y\nCONFIG_SECURITY_TOMOYO=y\nCONFIG_SECURITY_YAMA=y\n"              \
	"CONFIG_LSM=\"yama,tomoyo\"\n"

/* They come last, chosen or not, or work without being in any list. */
static void modules_that_need_no_choice_are_not_called_missing(void **state)
{
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/config.gz", CONFIG);
	fake_root_write(&root, "/proc/cmdline", "quiet lsm=yama,bpf\n");
	assert_lsm(&root, "ima", INSPECT_UNKNOWN);
	assert_lsm(&root, "evm", INSPECT_UNKNOWN);
	assert_lsm(&root, "integrity", INSPECT_UNKNOWN);
	assert_lsm(&root, "yama", INSPECT_YES);
	assert_lsm(&root, "smack", INSPECT_NO);
	assert_lsm(&root, "landlock", INSPECT_NO);
	fake_root_write(&root, "/proc/config.gz", "CONFIG_SECURITY=y\n# CONFIG_IMA is not set\n");
	assert_lsm(&root, "ima", INSPECT_NO);
}

static void a_module_may_be_chosen_by_the_older_word(void **state)
{
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, "/proc/config.gz", CONFIG);
	fake_root_write(&root, "/proc/cmdline", "security=smack quiet\n");
	assert_lsm(&root, "smack", INSPECT_UNKNOWN);
	assert_lsm(&root, "tomoyo", INSPECT_UNKNOWN);
	assert_lsm(&root, "yama", INSPECT_YES);
	/* Beside "lsm=" it counts for nothing. */
	fake_root_write(&root, "/proc/cmdline", "security=smack lsm=yama\n");
	assert_lsm(&root, "smack", INSPECT_NO);
	/* The last one counts. */
	fake_root_write(&root, "/proc/cmdline", "lsm=smack lsm=landlock,yama");
	assert_lsm(&root, "smack", INSPECT_NO);
	assert_lsm(&root, "yama", INSPECT_YES);
}

/* A link to itself can be read by nobody, root or not. */
static void make_unreadable(const struct fake_root *root, const char *path)
{
	fake_root_link(root, path, strrchr(path, '/') + 1);
}

static void events_that_cannot_be_read_are_not_missing(void **state)
{
	static const char kprobe[] = "/sys/bus/event_source/devices/kprobe/type";
	static const char uprobe[] = "/sys/bus/event_source/devices/uprobe/type";
	static const char counter[] = "/sys/bus/event_source/devices/uprobe/format/ref_ctr_offset";
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	fake_root_write(&root, uprobe, "9\n");
	assert_int_equal(ask(&root, INSPECT_FEATURE_TRACING, "kprobe").answer, INSPECT_NO);
	assert_int_equal(ask(&root, INSPECT_FEATURE_TRACING, "uprobe").answer, INSPECT_YES);
	assert_int_equal(ask(&root, INSPECT_FEATURE_TRACING, "uprobe_semaphore").answer,
			 INSPECT_NO);
	fake_root_write(&root, "/sys/bus/event_source/devices/kprobe/other", "");
	make_unreadable(&root, kprobe);
	make_unreadable(&root, counter);
	struct inspect_feature events = ask(&root, INSPECT_FEATURE_TRACING, "kprobe");
	assert_int_equal(events.answer, INSPECT_UNKNOWN);
	assert_int_equal(events.reason, INSPECT_REASON_UNREADABLE);
	assert_int_equal(events.code, ELOOP);
	struct inspect_feature semaphore = ask(&root, INSPECT_FEATURE_TRACING, "uprobe_semaphore");
	assert_int_equal(semaphore.answer, INSPECT_UNKNOWN);
	assert_int_equal(semaphore.code, ELOOP);
}

/* --- completion --- */

static const char *wanted_word;
static unsigned n_offered, n_wanted;

static void count(void *context, const char *word)
{
	(void)context;
	n_offered++;
	n_wanted += strcmp(word, wanted_word) == 0;
}

static void assert_offers(const char *kind, const char *name, bool is_offered)
{
	const char *words[] = { kind };
	const struct inspect_words given = { words, 1 };

	wanted_word = name;
	n_offered = n_wanted = 0;
	inspect_probe_complete(inspect, &given, "", count, NULL);
	if (n_wanted != is_offered)
		fail_msg("%s %s: %u times", kind, name, n_wanted);
}

static void completion_offers_names_of_tables_and_modules_that_are_there(void **state)
{
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	inspect->sys.root = root.path;
	assert_offers("module", "vmlinux", false);
	assert_int_equal(n_offered, 0);
	fake_root_write(&root, "/sys/kernel/btf/vmlinux", "");
	fake_root_write(&root, "/sys/kernel/btf/nf_conntrack", "");
	assert_offers("module", "nf_conntrack", true);
	assert_int_equal(n_offered, 1);
	assert_offers("instruction", "atomic_add", true);
	assert_offers("instruction", "pseudo_kfunc_call", true);
	assert_offers("facility", "spin_lock", true);
	assert_offers("facility", "test_rnd_hi32", true);
	assert_offers("tracing", "uprobe_multi", true);
	assert_offers("lsm", "programs", true);
}

#define VERSION(a, b, c) (((uint32_t)(a) << 16) + ((b) << 8) + (c))
#define SIGNATURE "/proc/version_signature"

static uint32_t version_of(const struct fake_root *root, const char *release, const char *version)
{
	struct utsname host = { 0 };
	const struct sys sys = { .root = root->path };
	uint32_t out;

	snprintf(host.release, sizeof(host.release), "%s", release);
	snprintf(host.version, sizeof(host.version), "%s", version);
	return option_kernel_version(&sys, &host, &out) ? out : 0;
}

/* As distributions have them, whose uname(2) leaves out what they took over from later releases. */
static void the_version_is_that_of_the_kernel_that_a_distribution_began_with(void **state)
{
	static const char debian[] = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)";
	static const char *const others[] = { "", "Ubuntu", "Ubuntu 5.15.0-91.101-generic",
					      "Ubuntu 5.15.0-91.101-generic 5.15\n",
					      "Ubuntu 5.15.0-91.101-generic none" };
	AUTO_ROOT root;

	(void)state;
	fake_root_make(&root);
	assert_int_equal(version_of(&root, "6.12.3-x", "#1 SMP"), VERSION(6, 12, 3));
	assert_int_equal(version_of(&root, "6.12-rc1", "#1 SMP"), VERSION(6, 12, 0));
	assert_int_equal(version_of(&root, "4.14.336", "#1 SMP"), VERSION(4, 14, 255));
	assert_int_equal(version_of(&root, "next", "#1 SMP"), 0);
	assert_int_equal(version_of(&root, "6.1.0-13-amd64", debian), VERSION(6, 1, 55));
	fake_root_write(&root, SIGNATURE, "Ubuntu 5.15.0-91.101-generic 5.15.131\n");
	assert_int_equal(version_of(&root, "5.15.0-91-generic", "#101-Ubuntu SMP"),
			 VERSION(5, 15, 131));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		fake_root_write(&root, SIGNATURE, others[i]);
		assert_int_equal(version_of(&root, "6.1.0-13-amd64", debian), VERSION(6, 1, 55));
		assert_int_equal(version_of(&root, "5.15.0-91-generic", "#101-Ubuntu SMP"),
				 VERSION(5, 15, 0));
	}
}

static int open_inspect(void **state)
{
	(void)state;
	return inspect_open(&inspect, NULL);
}

static int close_inspect(void **state)
{
	(void)state;
	inspect_close(inspect);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_that_need_no_choice_are_not_called_missing),
		cmocka_unit_test(a_module_may_be_chosen_by_the_older_word),
		cmocka_unit_test(events_that_cannot_be_read_are_not_missing),
		cmocka_unit_test(completion_offers_names_of_tables_and_modules_that_are_there),
		cmocka_unit_test(the_version_is_that_of_the_kernel_that_a_distribution_began_with),
	};

	return cmocka_run_group_tests(tests, open_inspect, close_inspect);
}
