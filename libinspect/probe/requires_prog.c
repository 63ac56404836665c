/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_prog.c - what a program's section asks for: its type, how it attaches, and to what
 */
#include <stdlib.h>
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

#define OF_A_MODULE "not in the kernel itself; types of its modules were not given"

/* Modules have functions and tracepoints, and no hooks of the kernel's. */
static bool may_be_of_a_module(const struct hook *hook)
{
	return !*hook->prefix || hook->kind == KIND_TYPEDEF;
}

/* Functions of a module may be written "module:function"; patterns are the loader's to look through. */
static void add_hook(struct finding *finding, const struct hook *hook, const char *name,
		     const struct object_func *func, uint32_t shape)
{
	const char *colon = hook->kind == KIND_FUNC && !*hook->prefix ? strrchr(name, ':') : NULL;
	struct need *need = add(finding, NEED_TARGET, NEED_MUST, name, hook->attach_type, func);

	if (!need || need->uses > 1)
		return;
	need->shape = shape;
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
		if (!finding->requires->against->is_live && may_be_of_a_module(hook)) {
			need_answer(finding, need, INSPECT_UNKNOWN, INSPECT_FOUND_NOT, OF_A_MODULE);
			need->reason = INSPECT_REASON_NO_TYPES;
		}
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

/* The loader attaches by itself to what a section names; a device or a control group it has to be given. */
static void add_attach(struct finding *finding, const struct object_func *func,
		       const struct section_type *type, uint32_t shape)
{
	const struct hook *hook = find_hook(type->attach_type);
	enum need_must must = is_checked(type->prog_type) ? NEED_MUST
			      : *type->target		  ? NEED_ATTACHING
							  : NEED_BY_HAND;

	struct need *need = add(finding, NEED_ATTACH_TYPE, must, type->attach_type, NULL, func);
	if (need && need->uses == 1)
		need->shape = shape;
	if (hook)
		add_hook(finding, hook, type->target, func, shape);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), n_end = strlen(end);

	return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

/* What the kernel is told when it is loaded: attach types of others it takes as they come. */
static struct need_shape shape_of(struct finding *finding, const struct section_type *type)
{
	const struct hook *hook = type->attach_type ? find_hook(type->attach_type) : NULL;
	bool has_attach = type->attach_type &&
			  (is_checked(type->prog_type) || strcmp(type->prog_type, "kprobe") == 0);
	struct need_shape shape = {
		.prog_type = type->prog_type,
		.attach_type = has_attach ? type->attach_type : NULL,
		.is_sleepable = ends_with(type->name, ".s"),
		.has_frags = text_has_prefix(type->name, "xdp.frags"),
	};

	if (hook && *type->target && !strchr(type->target, ':')) {
		buf_add_text(&finding->text, hook->prefix);
		buf_add_text(&finding->text, type->target);
		shape.target = strdup(finding_text(finding, &finding->text));
		shape.target_kind = (uint8_t)hook->kind;
		if (!shape.target)
			finding->has_no_memory = true;
	}
	return shape;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The first that differs from it in what it is for alone; or, with its target, in nothing. */
static uint32_t find_shape(const struct requires *requires, const struct need_shape *shape,
			   bool is_of_target)
{
	for (size_t i = 0; i < requires->n_shapes; i++) {
		const struct need_shape *one = &requires->shapes[i];

		if (is_same(one->prog_type, shape->prog_type) &&
		    is_same(one->attach_type, shape->attach_type) &&
		    one->is_sleepable == shape->is_sleepable &&
		    one->has_frags == shape->has_frags &&
		    (!is_of_target || is_same(one->target, shape->target)))
			return (uint32_t)i + 1;
	}
	return 0;
}

/* Its number in the list; 0 without memory. */
static uint32_t add_shape(struct finding *finding, const struct section_type *type)
{
	struct requires *requires = finding->requires;
	struct need_shape shape = shape_of(finding, type);
	uint32_t known = find_shape(requires, &shape, true);

	struct need_shape *shapes =
		known ? NULL
		      : realloc(requires->shapes, (requires->n_shapes + 1) * sizeof(*shapes));
	if (!shapes) {
		free(shape.target);
		finding->has_no_memory |= !known;
		return known;
	}
	requires->shapes = shapes;
	shapes[requires->n_shapes++] = shape;
	return (uint32_t) requires->n_shapes;
}

/* Which member of which struct a struct_ops program is for, and so whether it may sleep, is for its map to say. */
static void add_flags(struct finding *finding, const struct object_func *func, uint32_t at)
{
	const struct need_shape *shape = &finding->requires->shapes[at - 1];
	const char *name = shape->has_frags ? "xdp_has_frags" : "sleepable";

	if (!shape->has_frags &&
	    (!shape->is_sleepable || strcmp(shape->prog_type, "struct_ops") == 0))
		return;
	struct need *need =
		finding_add(finding, NEED_PROG_FLAG, NEED_MUST, name, shape->prog_type, func->name);
	if (need)
		need->shape = at;
}

static bool needs_gpl(const char *prog_type)
{
	return strcmp(prog_type, "lsm") == 0 || strcmp(prog_type, "struct_ops") == 0;
}

uint32_t finding_prog(struct finding *finding, uint32_t func_index)
{
	const struct object *object = finding->object;
	const struct object_func *func = &object->funcs[func_index];
	const char *section = object->elf.parts[func->section].name;
	struct section_type type;

	if (!section_type_find(section, &type)) {
		add_stray(finding, func, section);
		return 0;
	}
	struct need *need = add(finding, NEED_PROG_TYPE, NEED_MUST, type.prog_type, NULL, func);
	if (need && !finding->requires->is_gpl && needs_gpl(type.prog_type))
		need_refuse_license(finding->requires, need, "programs", INSPECT_FOUND_RULE);
	uint32_t at = add_shape(finding, &type);
	if (!at)
		return 0;
	if (type.attach_type)
		add_attach(finding, func, &type, at);
	if (strcmp(type.prog_type, "ext") == 0)
		add_replaced(finding, func);
	add_flags(finding, func, at);
	return find_shape(finding->requires, &finding->requires->shapes[at - 1], false);
}
