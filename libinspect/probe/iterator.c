/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * iterator.c - what iterators of BPF can walk over
 *
 * Each has a function bpf_iter_NAME in the kernel's types, which a program is loaded for, and a struct bpf_iter__NAME that
 * the program gets. Kernel functions by which programs loop have names that begin like the function, and no such struct.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name_search.h"
#include "btf/text.h"
#include "probe/answer.h"
#include "probe/name.h"
#include "probe/probe.h"
#include "probe/since_table.h"

#define FUNCTION "bpf_iter_"
#define CONTEXT "bpf_iter__"

#define KNOWN_MOST 64

/* Those of mainline; a kernel may have more. */
static struct name_rows known(void)
{
	const struct since_table table = since_table(INSPECT_FEATURE_ITERATOR);
	size_t n = table.n < KNOWN_MOST ? table.n : KNOWN_MOST;

	return (struct name_rows){ table.rows, n, sizeof(*table.rows) };
}

static const char *known_at(size_t i)
{
	return since_table(INSPECT_FEATURE_ITERATOR).rows[i].name;
}

static const uint64_t return_0[] = { 0xb7, 0x95 };

static int try_program(const struct probe *probe, uint32_t id)
{
	const struct abi_prog_load_attr attr = {
		.type = ABI_PROG_TYPE_TRACING,
		.insns = (uint64_t)(uintptr_t)return_0,
		.insn_cnt = 2,
		.license = (uint64_t)(uintptr_t) "GPL",
		.expected_attach_type = ABI_TRACE_ITER,
		.attach_btf_id = id,
	};

	autoclose int fd = sys_prog_load(probe->sys, &attr);
	return fd < 0 ? -fd : 0;
}

/* A function without the struct is none of an iterator's: 1, 0, or negative where that cannot be told. */
static int has_context(struct probe *probe, const char *name)
{
	char context[BTF_NAME_MOST];
	int n = snprintf(context, sizeof(context), CONTEXT "%s", name);

	return n > 0 && (size_t)n < sizeof(context) ? types_id(probe, KIND_STRUCT, context) : 0;
}

/* As programs call it that loop: without the struct, the name is all that tells it apart. */
static bool is_for_loops(const char *name)
{
	const char *verb = strrchr(name, '_');

	return verb && (strcmp(verb, "_new") == 0 || strcmp(verb, "_next") == 0 ||
			strcmp(verb, "_destroy") == 0);
}

/* What may not be tried is answered by the types. */
static int tell_present(struct probe *probe, const char *name, uint32_t id)
{
	static const int means_no[3] = { EINVAL };
	struct inspect_feature out = { .kind = INSPECT_FEATURE_ITERATOR, .name = name };

	int code = try_program(probe, id);
	if (code == 0 || code == EINVAL)
		answer_call_as(probe, &out, ANSWER_PROG, "tracing", code, means_no);
	else
		answer_yes(&out, INSPECT_FOUND_BTF);
	return probe_tell(probe, &out);
}

static int tell_absent(struct probe *probe, const char *name, int error)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_ITERATOR, .name = name };

	if (error)
		types_unknown(&out, error);
	else
		answer_no(&out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
	return probe_tell(probe, &out);
}

struct telling {
	struct probe *probe;
	bool seen[KNOWN_MOST];
};

static int take_function(void *context, const char *name, uint32_t id)
{
	struct telling *telling = context;

	name += strlen(FUNCTION);
	int has = *name == '_' ? 0 : has_context(telling->probe, name);
	if (!has || (has < 0 && is_for_loops(name)))
		return 0;
	int row = name_row(known(), name);
	if (row >= 0)
		telling->seen[row] = true;
	return has < 0 ? tell_absent(telling->probe, name, has)
		       : tell_present(telling->probe, name, id);
}

int iterator_each(struct probe *probe, struct inspect_error *err)
{
	struct telling telling = { .probe = probe };

	(void)err;
	int r = types_each(probe, KIND_FUNC, FUNCTION, take_function, &telling);
	if (r > 0)
		return r;
	int error = r;
	for (size_t i = 0; i < known().n; i++) {
		r = telling.seen[i] ? 0 : tell_absent(probe, known_at(i), error);
		if (r)
			return r;
	}
	return 0;
}

static int note_name(void *context, const char *name, uint32_t id)
{
	(void)id;
	name_search_try(context, name + strlen(CONTEXT));
	return 0;
}

/* A name that no kernel is known to have: the nearest of those that there are, or else it may be another kernel's. */
static int ask_unknown(struct probe *probe, const struct inspect_question *question,
		       struct inspect_error *err)
{
	struct name_search search;

	name_search_begin(&search, question->name);
	for (size_t i = 0; i < known().n; i++)
		name_search_try(&search, known_at(i));
	types_each(probe, KIND_STRUCT, CONTEXT, note_name, &search);
	if (search.nearest[0])
		return name_unknown_of(question, &search, err);
	return tell_absent(probe, question->name, 0);
}

int iterator_ask(struct probe *probe, const struct inspect_question *question,
		 struct inspect_error *err)
{
	char function[BTF_NAME_MOST];
	int n = snprintf(function, sizeof(function), FUNCTION "%s", question->name);

	if (n < 0 || (size_t)n >= sizeof(function))
		return inspect_fail(err, INSPECT_EUSAGE, "iterator '%s': the name is too long",
				    question->name);
	int id = types_id(probe, KIND_FUNC, function);
	if (id < 0)
		return tell_absent(probe, question->name, id);
	int has = id ? has_context(probe, question->name) : 0;
	if (has > 0)
		return tell_present(probe, question->name, (uint32_t)id);
	if (has < 0)
		return tell_absent(probe, question->name, has);
	if (name_row(known(), question->name) < 0)
		return ask_unknown(probe, question, err);
	return tell_absent(probe, question->name, 0);
}
