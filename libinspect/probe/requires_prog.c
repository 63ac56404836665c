/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_prog.c - what a program's section asks for: its type, how it attaches, and to what
 */
#include <string.h>

#include "base/text.h"
#include "code/section_type.h"
#include "kernel/names.h"
#include "probe/requires.h"

/* How the kernel's types name what programs attach to, by the attach type. */
struct hook {
	const char *attach_type;
	enum btf_reader_kind kind;
	const char *prefix;
};

static const struct hook hooks[] = {
	{ "trace_fentry", KIND_FUNC, "" },
	{ "trace_fexit", KIND_FUNC, "" },
	{ "trace_fsession", KIND_FUNC, "" },
	{ "modify_return", KIND_FUNC, "" },
	{ "trace_raw_tp", KIND_TYPEDEF, "btf_trace_" },
	{ "lsm_mac", KIND_FUNC, "bpf_lsm_" },
	{ "lsm_cgroup", KIND_FUNC, "bpf_lsm_" },
	{ "trace_iter", KIND_FUNC, "bpf_iter_" },
};

/* Types of programs that the kernel loads only for an attach type that it knows; others learn it when they are attached. */
static const char *const checked[] = {
	"cgroup_sock",	  "cgroup_sock_addr", "cgroup_skb",
	"cgroup_sockopt", "sk_lookup",	      "sk_reuseport",
	"netfilter",	  "tracing",	      "lsm",
};

static bool is_checked(const char *type)
{
	for (size_t i = 0; i < sizeof(checked) / sizeof(*checked); i++)
		if (strcmp(checked[i], type) == 0)
			return true;
	return false;
}

static const struct hook *find_hook(const char *attach_type)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (strcmp(hooks[i].attach_type, attach_type) == 0)
			return &hooks[i];
	return NULL;
}

/* The number of a word; UINT32_MAX where no kernel that is known here has it. */
static uint32_t number_of(enum names_set set, const char *word)
{
	const char *name;

	for (unsigned i = 0; i < 256; i++)
		if ((name = names_find(set, i)) && strcmp(name, word) == 0)
			return i;
	return UINT32_MAX;
}

static struct need *add(struct finding *finding, enum need_kind kind, enum need_must must,
			const char *name, const char *of, const struct object_func *func)
{
	struct need *need = finding_add(finding, kind, must, name, of, func->name);

	if (need && need->uses == 1 && kind == NEED_PROG_TYPE)
		need->number = number_of(NAMES_PROG_TYPE, name);
	else if (need && need->uses == 1 && kind == NEED_ATTACH_TYPE)
		need->number = number_of(NAMES_ATTACH_TYPE, name);
	return need;
}

/* Functions of a module may be written "module:function"; patterns are the loader's to look through. */
static void add_hook(struct finding *finding, const struct hook *hook, const char *name,
		     const struct object_func *func)
{
	const char *colon = hook->kind == KIND_FUNC && !*hook->prefix ? strrchr(name, ':') : NULL;
	struct need *need = add(finding, NEED_TARGET, NEED_MUST, name, hook->attach_type, func);

	if (!need || need->uses > 1)
		return;
	if (!*name) {
		need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT,
			    "the section does not say to what it attaches");
		need->reason = INSPECT_REASON_OTHER;
		return;
	}
	buf_add_text(&finding->text, hook->prefix);
	buf_add_text(&finding->text, colon ? colon + 1 : name);
	const char *wanted = finding_text(finding, &finding->text);
	switch (against_find(finding->requires->against, hook->kind, wanted, NULL, NULL)) {
	case AGAINST_YES:
		need_answer(finding, need, INSPECT_YES, INSPECT_FOUND_BTF, NULL);
		break;
	case AGAINST_NO:
		need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_BTF, NULL);
		break;
	case AGAINST_UNKNOWN:
		need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT, NULL);
		need->reason = INSPECT_REASON_NO_TYPES;
		break;
	}
}

/* What replaces a function of another program needs that program when it is loaded. */
static void add_replaced(struct finding *finding, const struct object_func *func)
{
	struct need *need = add(finding, NEED_TARGET, NEED_MUST, "a loaded program", "ext", func);

	if (!need || need->uses > 1)
		return;
	need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT,
		    "it is for a function of a program that the loader has to be given");
	need->reason = INSPECT_REASON_NEEDS_LOAD;
}

static void add_stray(struct finding *finding, const struct object_func *func, const char *section)
{
	struct need *need = add(finding, NEED_PROG_TYPE, NEED_MUST, section, NULL, func);

	if (!need || need->uses > 1)
		return;
	need_answer(finding, need, INSPECT_NO, INSPECT_FOUND_RULE,
		    "the section's name says no type of programs");
	need->reason = INSPECT_REASON_OTHER;
}

static void add_attach(struct finding *finding, const struct object_func *func, const char *section,
		       const struct section_type *type)
{
	const struct hook *hook = find_hook(type->attach_type);
	enum need_must must = is_checked(type->prog_type) ? NEED_MUST : NEED_ATTACHING;
	const char *slash = strchr(section, '/');

	add(finding, NEED_ATTACH_TYPE, must, type->attach_type, NULL, func);
	if (hook)
		add_hook(finding, hook, slash ? slash + 1 : "", func);
}

const char *finding_prog(struct finding *finding, uint32_t func_index)
{
	const struct object *object = finding->object;
	const struct object_func *func = &object->funcs[func_index];
	const char *section = object->elf.parts[func->section].name;
	struct section_type type;

	if (!section_type_find(section, &type)) {
		add_stray(finding, func, section);
		return NULL;
	}
	/* A number of the kernel's has one name there; this one is a raw tracepoint with a writable context. */
	add(finding, NEED_PROG_TYPE, NEED_MUST, type.prog_type, NULL, func);
	if (type.attach_type)
		add_attach(finding, func, section, &type);
	if (strcmp(type.prog_type, "ext") == 0)
		add_replaced(finding, func);
	return type.prog_type;
}
