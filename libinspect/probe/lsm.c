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
	bool is_exclusive; /* only the first of these that was chosen becomes active */
	bool is_silent;	   /* it may work without being in the list: before 6.9 */
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
	{ "tomoyo", "CONFIG_SECURITY_TOMOYO", false, false },
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

/* The value of the last "lsm=" among the words of the kernel's command line, to be freed; NULL: there is none. */
static char *chosen_at_boot(const struct sys *sys)
{
	autofree char *bytes = NULL, *text = NULL;
	char *found = NULL, *rest, *word;
	char path[256];
	size_t size;

	snprintf(path, sizeof(path), "%s/proc/cmdline", sys->root);
	if (proc_read_file(path, CMDLINE_MOST, &bytes, &size, NULL))
		return NULL;
	text = strndup(bytes, size);
	rest = text;
	while (rest && (word = strsep(&rest, " \n")))
		if (strncmp(word, "lsm=", 4) == 0)
			found = word + 4;
	return found ? strdup(found) : NULL;
}

/* What was chosen is not what is active, but nothing that was not chosen is; but for one. */
static void read_choice(struct probe *probe, struct lsm_order *order)
{
	const char *value = NULL;

	order->names = chosen_at_boot(probe->sys);
	if (!order->names && config_has(probe, "CONFIG_LSM", &value) == 1)
		order->names = strdup(value);
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
	bool is_first = module && strcmp(module->name, "capability") == 0; /* needs no choice */

	if (is_built == 0 || (probe->lsm_order.names && !position && !is_first)) {
		answer_no(out, INSPECT_FOUND_CONFIG, 0, INSPECT_REASON_CONFIG);
		out->detail = is_built == 0 ? module->option
					    : "it is not among those that were chosen (lsm= at "
					      "boot, else CONFIG_LSM)";
		return;
	}
	if (is_built == 1 && !module->is_exclusive && !module->is_silent) {
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
