/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * lsm.c - security modules, in their order
 *
 * A module counts when it is built in and was chosen at boot. Programs of the type lsm can be loaded and attached
 * where `bpf` is not among the chosen ones, but then nothing ever runs them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/proc.h"
#include "kernel/securityfs.h"
#include "probe/answer.h"
#include "probe/attach_type.h"
#include "probe/config.h"
#include "probe/name.h"
#include "probe/probe.h"

#define CMDLINE_MOST 8192
#define PROGRAMS "programs" /* a record that is no module: can such programs be loaded? */

struct module {
	const char *name;
	const char *option;
	bool is_major; /* it may be chosen and not active, since another of these is: the first, or that of security= */
	bool is_silent; /* it may work without being in the list (before 6.9), or without being chosen (since) */
};

/* Those that kernels have. What else is active is told as well. */
static const struct module modules[] = {
	{ "capability", "CONFIG_SECURITY", false, false },
	{ "lockdown", "CONFIG_SECURITY_LOCKDOWN_LSM", false, false },
	{ "landlock", "CONFIG_SECURITY_LANDLOCK", false, false },
	{ "yama", "CONFIG_SECURITY_YAMA", false, false },
	{ "loadpin", "CONFIG_SECURITY_LOADPIN", false, false },
	{ "safesetid", "CONFIG_SECURITY_SAFESETID", false, false },
	{ "selinux", "CONFIG_SECURITY_SELINUX", true, false },
	{ "smack", "CONFIG_SECURITY_SMACK", true, false },
	{ "tomoyo", "CONFIG_SECURITY_TOMOYO", true, false },
	{ "apparmor", "CONFIG_SECURITY_APPARMOR", true, false },
	{ "bpf", "CONFIG_BPF_LSM", false, false },
	{ "ipe", "CONFIG_SECURITY_IPE", false, false },
	{ "integrity", "CONFIG_INTEGRITY", false, true },
	{ "ima", "CONFIG_IMA", false, true },
	{ "evm", "CONFIG_EVM", false, true },
	{ PROGRAMS, NULL, false, false },
};

#define N_MODULES (sizeof(modules) / sizeof(*modules))

void lsm_order_done(struct lsm_order *order)
{
	free(order->names);
	*order = (struct lsm_order){ 0 };
}

/* Copies name number @i of the list, which commas part; false behind the last one. */
static bool name_in_order(const struct lsm_order *order, unsigned i, char name[LSM_NAME_ROOM])
{
	const char *at = order->names;

	if (!at)
		return false;
	for (; i; i--) {
		at = strchr(at, ',');
		if (!at)
			return false;
		at++;
	}
	size_t n = strcspn(at, ",");
	if (n >= LSM_NAME_ROOM)
		n = LSM_NAME_ROOM - 1;
	memcpy(name, at, n);
	name[n] = '\0';
	return n > 0;
}

/* From 1 on; 0: it is not in the list. */
static unsigned position_of(const struct lsm_order *order, const char *name)
{
	char other[LSM_NAME_ROOM];

	for (unsigned i = 0; name_in_order(order, i, other); i++)
		if (strcmp(other, name) == 0)
			return i + 1;
	return 0;
}

/* The words of the kernel's command line, to be freed; NULL: they cannot be read. */
static char *read_words(const struct sys *sys)
{
	autofree char *bytes = NULL;
	char path[256];
	size_t size;

	snprintf(path, sizeof(path), "%s/proc/cmdline", sys->root);
	return proc_read_file(path, CMDLINE_MOST, &bytes, &size, NULL) ? NULL
								       : strndup(bytes, size);
}

/* The value of the last word "NAME=", to be freed; NULL: there is none. */
static char *find_word(const char *words, const char *name)
{
	const char *found = NULL;
	size_t n = strlen(name);

	for (const char *at = words; at && *at; at += strcspn(at, " \n")) {
		at += strspn(at, " \n");
		if (strncmp(at, name, n) == 0)
			found = at + n;
	}
	return found ? strndup(found, strcspn(found, " \n")) : NULL;
}

/* Adds a name to a list, behind what is there. */
static void add_name(struct lsm_order *order, const char *name)
{
	AUTO(buf_done) struct buf list = { 0 };

	buf_add(&list, order->names, strlen(order->names));
	buf_add_char(&list, ',');
	buf_add(&list, name, strlen(name) + 1);
	if (buf_failed(&list))
		return;
	free(order->names);
	order->names = take_ptr(&list.bytes);
}

/*
 * What was chosen is not what is active, but nothing that was not chosen is; but for one, and the silent ones. Without "lsm="
 * one more may be chosen by "security=".
 */
static void read_choice(struct probe *probe, struct lsm_order *order)
{
	autofree char *words = read_words(probe->sys);
	const char *value = NULL;

	order->names = find_word(words, "lsm=");
	if (order->names || config_has(probe, "CONFIG_LSM", &value) != 1)
		return;
	order->names = strdup(value);
	autofree char *major = find_word(words, "security=");
	if (order->names && major && *major && !position_of(order, major))
		add_name(order, major);
}

static const struct lsm_order *read_order(struct probe *probe)
{
	struct lsm_order *order = &probe->lsm_order;

	if (order->was_read)
		return order;
	order->was_read = true;
	order->error = securityfs_read(probe->sys, "lsm", &order->names);
	if (order->error)
		read_choice(probe, order);
	return order;
}

/* The kernel's own list is at hand. */
static void answer_by_list(struct probe *probe, const struct module *module, unsigned position,
			   struct inspect_feature *out)
{
	if (position) {
		answer_yes(out, INSPECT_FOUND_FILE);
		return;
	}
	bool is_left_out = module && config_has(probe, module->option, NULL) == 0;
	if (module && module->is_silent && !is_left_out) {
		out->found = INSPECT_FOUND_FILE;
		out->reason = INSPECT_REASON_OTHER;
		out->detail = "before Linux 6.9 it works without being in the list of modules";
		return;
	}
	answer_no(out, INSPECT_FOUND_FILE, 0, INSPECT_REASON_CONFIG);
	out->detail = is_left_out ? module->option
				  : "it is not among those that are active (lsm= at boot)";
}

/* Only what was chosen at boot is known, or what the kernel was built to choose. */
static void answer_by_choice(struct probe *probe, const struct module *module, unsigned position,
			     struct inspect_feature *out)
{
	int is_built = module ? config_has(probe, module->option, NULL) : -1;
	/* The first needs no choice, nor do those that come last. */
	bool needs_choice =
		!module || (strcmp(module->name, "capability") != 0 && !module->is_silent);

	if (is_built == 0 || (probe->lsm_order.names && !position && needs_choice)) {
		answer_no(out, INSPECT_FOUND_CONFIG, 0, INSPECT_REASON_CONFIG);
		out->detail = is_built == 0 ? module->option
					    : "it is not among those that were chosen (lsm= at "
					      "boot, else CONFIG_LSM)";
		return;
	}
	if (is_built == 1 && !module->is_major && !module->is_silent) {
		answer_yes(out, INSPECT_FOUND_CONFIG);
		return;
	}
	out->reason = INSPECT_REASON_UNREADABLE;
	out->code = -probe->lsm_order.error;
	out->detail = "securityfs is not mounted, and nothing else tells which are active";
}

static const struct module *module_of(const char *name)
{
	int row = name_row(NAME_ROWS(modules), name);

	return row < 0 ? NULL : &modules[row];
}

static int tell(struct probe *probe, const char *name)
{
	const struct lsm_order *order = read_order(probe);
	const struct module *module = module_of(name);
	unsigned position = position_of(order, name);
	struct inspect_feature out = { .kind = INSPECT_FEATURE_LSM, .name = name };
	char value[NUM_ROOM];

	if (order->error)
		answer_by_choice(probe, module, position, &out);
	else
		answer_by_list(probe, module, position, &out);
	if (!order->error && position) {
		value[num_format_u64(value, position)] = '\0';
		out.value = value;
	}
	return probe_tell(probe, &out);
}

static int tell_programs(struct probe *probe)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_LSM, .name = PROGRAMS };

	attach_type_answer(probe, ABI_LSM_MAC, &out);
	const struct lsm_order *order = read_order(probe);
	if (out.answer == INSPECT_YES && !order->error && !position_of(order, "bpf"))
		out.detail = "they never run: bpf is not among the modules that are active";
	return probe_tell(probe, &out);
}

const char *lsm_name(unsigned i)
{
	return i < N_MODULES ? modules[i].name : NULL;
}

int lsm_each(struct probe *probe, struct inspect_error *err)
{
	const struct lsm_order *order = read_order(probe);
	char name[LSM_NAME_ROOM];
	int r = 0;

	(void)err;
	for (unsigned i = 0; !r && name_in_order(order, i, name); i++)
		r = tell(probe, name);
	for (size_t i = 0; !r && i < N_MODULES; i++)
		if (modules[i].option && !position_of(order, modules[i].name))
			r = tell(probe, modules[i].name);
	return r ? r : tell_programs(probe);
}

int lsm_ask(struct probe *probe, const struct inspect_question *question, struct inspect_error *err)
{
	if (strcmp(question->name, PROGRAMS) == 0)
		return tell_programs(probe);
	if (!module_of(question->name) && !position_of(read_order(probe), question->name))
		return name_unknown(question, NAME_ROWS(modules), err);
	return tell(probe, question->name);
}
