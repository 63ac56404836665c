/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc.c - kernel functions, for each type of programs
 *
 * The types tell which functions there are, and loads which programs may call them: that stands nowhere else. Nothing is concluded from
 * one type for another.
 */
#include "probe/kfunc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/crew.h"
#include "base/error.h"
#include "base/name_search.h"
#include "probe/answer.h"
#include "probe/helper.h"
#include "probe/name.h"
#include "probe/probe.h"

#define DETAIL_ROOM (MODULE_NAME_ROOM + 64)

/* All functions for one type. */
struct job {
	unsigned type;
	size_t first_shape, n_shapes;
	bool was_taken; /* one of the shapes, at least */
	uint8_t *verdicts;
	int16_t *codes;
};

/* All functions for all types. */
struct hunt {
	struct probe *probe;
	struct kfunc_list list;
	struct buf shapes; /* struct abi_prog_load_attr */
	struct job jobs[PROG_TYPES_MOST];
	unsigned n_jobs;
	unsigned next;	  /* job to be worked on */
	bool asks_singly; /* the verifier does not tell of several */
};

struct worker {
	struct hunt *hunt;
	char log[HELPER_LOG_ROOM];
};

static const struct abi_prog_load_attr *shape_at(const struct buf *shapes, size_t i)
{
	return (const struct abi_prog_load_attr *)(const void *)shapes->bytes + i;
}

static void hunt_done(struct hunt *hunt)
{
	for (unsigned i = 0; i < hunt->n_jobs; i++) {
		free(hunt->jobs[i].verdicts);
		free(hunt->jobs[i].codes);
	}
	kfunc_list_done(&hunt->list);
	buf_done(&hunt->shapes);
}

/* The more it says, the larger: one shape that may call it is enough, and one that is not known is more than one that may not. */
static unsigned weight(enum kfunc_verdict verdict)
{
	static const uint8_t weights[] = {
		[KFUNC_NOT_ASKED] = 0,	  [KFUNC_NOT_HERE] = 1, [KFUNC_NOT_FOR_TYPE] = 2,
		[KFUNC_NEEDS_DEVICE] = 3, [KFUNC_REFUSED] = 4,	[KFUNC_YES] = 5,
	};

	return weights[verdict];
}

static void keep_verdict(struct job *job, size_t i, enum kfunc_verdict verdict, int code)
{
	if (weight(verdict) <= weight(job->verdicts[i]))
		return;
	job->verdicts[i] = (uint8_t)verdict;
	job->codes[i] = (int16_t)code;
}

/* The need of a device is looked at before the type of the program, and all here are for the same one, or for none. */
static enum kfunc_verdict ask_singly(struct hunt *hunt, struct job *job,
				     const struct abi_prog_load_attr *shape, size_t i)
{
	struct kfunc *func = kfunc_at(&hunt->list, i);
	struct kfunc_said said = { .verdict = KFUNC_NEEDS_DEVICE, .code = EINVAL };

	if (!__atomic_load_n(&func->needs_device, __ATOMIC_RELAXED))
		kfunc_load(hunt->probe->sys, shape, &hunt->list, func, &said);
	if (said.verdict == KFUNC_NEEDS_DEVICE)
		__atomic_store_n(&func->needs_device, true, __ATOMIC_RELAXED);
	keep_verdict(job, i, said.verdict, said.code);
	return said.verdict;
}

/* Those that cannot be asked together: what it is that the verifier refuses at once, the next type needs not find out. */
static void part(struct hunt *hunt, struct job *job, const struct abi_prog_load_attr *shape,
		 const size_t *places, unsigned n)
{
	bool is_found = false;

	for (unsigned i = 0; i < n; i++) {
		enum kfunc_verdict verdict = ask_singly(hunt, job, shape, places[i]);

		if (verdict == KFUNC_YES || verdict == KFUNC_NOT_FOR_TYPE)
			continue;
		__atomic_store_n(&kfunc_at(&hunt->list, places[i])->is_apart, true,
				 __ATOMIC_RELAXED);
		is_found = true;
	}
	if (!is_found)
		__atomic_store_n(&hunt->asks_singly, true, __ATOMIC_RELAXED);
}

static void ask_together(struct hunt *hunt, struct job *job, const struct abi_prog_load_attr *shape,
			 const size_t *places, unsigned n, char *log)
{
	struct kfunc *funcs[KFUNC_TOGETHER] = { NULL };
	uint8_t verdicts[KFUNC_TOGETHER];

	for (unsigned i = 0; i < n; i++)
		funcs[i] = kfunc_at(&hunt->list, places[i]);
	if (!kfunc_load_together(hunt->probe->sys, shape, funcs, n, log, verdicts)) {
		part(hunt, job, shape, places, n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		if (verdicts[i] == KFUNC_NOT_ASKED)
			ask_singly(hunt, job, shape, places[i]);
		else
			keep_verdict(job, places[i], verdicts[i],
				     verdicts[i] == KFUNC_YES ? 0 : EACCES);
}

static bool is_asked_singly(const struct hunt *hunt, const struct kfunc *func)
{
	return func->module || __atomic_load_n(&func->is_apart, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&hunt->asks_singly, __ATOMIC_RELAXED);
}

/*
 * Another shape of the type has told it: it may be called, or it was refused before an instruction was looked at, which is for the
 * function and for the program's being bound to no device, and not for the shape. Types of struct_ops have a hundred shapes and more.
 */
static bool is_settled(const struct hunt *hunt, const struct job *job, size_t i)
{
	const struct kfunc *func = kfunc_at(&hunt->list, i);
	enum kfunc_verdict verdict = job->verdicts[i];

	if (verdict != KFUNC_NEEDS_DEVICE && verdict != KFUNC_REFUSED)
		return verdict == KFUNC_YES;
	return job->codes[i] == EINVAL && __atomic_load_n(&func->is_apart, __ATOMIC_RELAXED);
}

/* All that another shape has not told. */
static void ask_shape(struct hunt *hunt, struct job *job, const struct abi_prog_load_attr *shape,
		      char *log)
{
	size_t places[KFUNC_TOGETHER];
	unsigned n = 0;

	for (size_t i = 0; i < kfunc_list_count(&hunt->list); i++) {
		if (is_settled(hunt, job, i))
			continue;
		if (is_asked_singly(hunt, kfunc_at(&hunt->list, i))) {
			ask_singly(hunt, job, shape, i);
			continue;
		}
		places[n++] = i;
		if (n == KFUNC_TOGETHER) {
			ask_together(hunt, job, shape, places, n, log);
			n = 0;
		}
	}
	if (n)
		ask_together(hunt, job, shape, places, n, log);
}

static void work_on_shape(struct hunt *hunt, struct job *job,
			  const struct abi_prog_load_attr *shape, char *log)
{
	int r = kfunc_try_shape(hunt->probe->sys, shape);

	if (!r)
		return;
	job->was_taken = true;
	if (r > 0)
		ask_shape(hunt, job, shape, log);
	for (size_t i = 0; r < 0 && i < kfunc_list_count(&hunt->list); i++)
		keep_verdict(job, i, KFUNC_REFUSED, -r);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct hunt *hunt = worker->hunt;

	for (;;) {
		unsigned at = __atomic_fetch_add(&hunt->next, 1, __ATOMIC_RELAXED);

		if (at >= hunt->n_jobs)
			return NULL;
		struct job *job = &hunt->jobs[at];
		for (size_t i = 0; i < job->n_shapes; i++)
			work_on_shape(hunt, job, shape_at(&hunt->shapes, job->first_shape + i),
				      worker->log);
	}
}

/* What an extension may call is up to the program that it takes the place of. */
static bool is_asked(struct probe *probe, unsigned type)
{
	return type != ABI_PROG_TYPE_EXT && (!probe->ifindex || prog_type_is_for_devices(type)) &&
	       prog_type_answer(probe, type)->answer == INSPECT_YES;
}

static int add_job(struct hunt *hunt, unsigned type)
{
	size_t n = kfunc_list_count(&hunt->list) + 1;
	struct job *job = &hunt->jobs[hunt->n_jobs];

	*job = (struct job){
		.type = type,
		.first_shape = hunt->shapes.size / sizeof(struct abi_prog_load_attr),
		.verdicts = calloc(n, sizeof(*job->verdicts)),
		.codes = calloc(n, sizeof(*job->codes)),
	};
	hunt->n_jobs++;
	if (!job->verdicts || !job->codes)
		return -ENOMEM;
	int r = kfunc_shapes(hunt->probe, type, &hunt->shapes);
	job->n_shapes = hunt->shapes.size / sizeof(struct abi_prog_load_attr) - job->first_shape;
	return r;
}

/* The type with the most shapes first: nobody waits for it at the end. */
static int add_jobs(struct hunt *hunt)
{
	int r = 0;

	if (is_asked(hunt->probe, ABI_PROG_TYPE_STRUCT_OPS))
		r = add_job(hunt, ABI_PROG_TYPE_STRUCT_OPS);
	for (unsigned type = 1; !r && prog_type_is_named(hunt->probe, type); type++)
		if (type != ABI_PROG_TYPE_STRUCT_OPS && is_asked(hunt->probe, type))
			r = add_job(hunt, type);
	return r;
}

static int do_jobs(struct hunt *hunt)
{
	unsigned n = crew_size();
	autofree struct worker *workers = calloc(n, sizeof(*workers));

	if (!workers)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		workers[i].hunt = hunt;
	crew_work(workers, sizeof(*workers), n, work);
	return 0;
}

/* By what is known of the type alone. */
static void put_of_type(const struct inspect_feature *type, struct inspect_feature *out)
{
	out->answer = type->answer;
	out->code = type->code;
	out->reason = type->reason;
	out->detail = type->detail;
	out->found = INSPECT_FOUND_RULE;
	if (type->answer != INSPECT_YES)
		return;
	out->answer = INSPECT_UNKNOWN;
	out->reason = INSPECT_REASON_NEEDS_LOAD;
	out->detail = "it depends on what the program is for";
}

static void put_refused(struct probe *probe, const struct kfunc_list *list,
			const struct kfunc *func, const struct kfunc_said *said,
			struct inspect_feature *out)
{
	bool is_closed = func->module && kfunc_module_of(list, func)->fd < 0;

	answer_call_as(probe, out, is_closed ? ANSWER_BY_ID : ANSWER_PROG, out->of, said->code,
		       NULL);
	if (!out->detail && said->text[0])
		out->detail = said->text;
}

static void put_needs_device(bool is_xdp, int code, struct inspect_feature *out)
{
	if (!is_xdp) {
		answer_no(out, INSPECT_FOUND_PROBE, code, INSPECT_REASON_NOT_FOR_TYPE);
		return;
	}
	out->answer = INSPECT_UNKNOWN;
	out->reason = INSPECT_REASON_NEEDS_LOAD;
	out->code = code;
	out->found = INSPECT_FOUND_PROBE;
	out->detail = "only a program that is bound to a device may call it";
}

/* @detail: room for one. */
static void put_said(struct probe *probe, const struct kfunc_list *list, const struct kfunc *func,
		     unsigned type, const struct kfunc_said *said, char detail[DETAIL_ROOM],
		     struct inspect_feature *out)
{
	switch (said->verdict) {
	case KFUNC_YES:
		answer_yes(out, INSPECT_FOUND_PROBE);
		if (func->module) {
			snprintf(detail, DETAIL_ROOM, "of module %s",
				 kfunc_module_of(list, func)->name);
			out->detail = detail;
		}
		return;
	case KFUNC_NOT_FOR_TYPE:
		answer_no(out, INSPECT_FOUND_PROBE, said->code, INSPECT_REASON_NOT_FOR_TYPE);
		return;
	case KFUNC_NOT_HERE:
		answer_no(out, INSPECT_FOUND_PROBE, said->code, INSPECT_REASON_NOT_BUILT_IN);
		out->detail = "this kernel lets programs call none of its functions";
		return;
	case KFUNC_NEEDS_DEVICE:
		put_needs_device(type == ABI_PROG_TYPE_XDP, said->code, out);
		return;
	case KFUNC_NOT_ASKED:
		out->reason = INSPECT_REASON_OTHER;
		out->detail = "the kernel took no program of this type to try it with";
		return;
	case KFUNC_REFUSED:
		put_refused(probe, list, func, said, out);
	}
}

static const struct job *find_job(const struct hunt *hunt, unsigned type)
{
	for (unsigned i = 0; i < hunt->n_jobs; i++)
		if (hunt->jobs[i].type == type)
			return &hunt->jobs[i];
	return NULL;
}

static int tell_type(struct hunt *hunt, unsigned type)
{
	const struct inspect_feature *known = prog_type_answer(hunt->probe, type);
	const struct job *job = find_job(hunt, type);
	char detail[DETAIL_ROOM];
	int r = 0;

	for (size_t i = 0; !r && i < kfunc_list_count(&hunt->list); i++) {
		const struct kfunc *func = kfunc_at(&hunt->list, i);
		struct inspect_feature out = { .kind = INSPECT_FEATURE_KFUNC,
					       .name = func->name,
					       .of = known->name };

		if (job) {
			const struct kfunc_said said = { .verdict = job->verdicts[i],
							 .code = job->codes[i] };

			put_said(hunt->probe, &hunt->list, func, type, &said, detail, &out);
		} else {
			put_of_type(known, &out);
		}
		r = probe_tell(hunt->probe, &out);
	}
	return r;
}

/* Not in the types, or these cannot be had. */
static int tell_absent(struct probe *probe, const char *name, const char *of, int error)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_KFUNC, .name = name, .of = of };

	if (error)
		types_unknown(&out, error);
	else
		answer_no(&out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
	return probe_tell(probe, &out);
}

/* Of those that are known, what is not here. Both lists are in order. */
static int tell_missing(struct probe *probe, const struct kfunc_list *list, int error)
{
	AUTO(buf_done) struct buf known = { 0 };
	size_t at = 0;
	int r = kfunc_names(&known);

	for (size_t i = 0; !r && i < kfunc_names_count(&known); i++) {
		const char *name = kfunc_name_at(&known, i);

		while (at < kfunc_list_count(list) && strcmp(kfunc_at(list, at)->name, name) < 0)
			at++;
		if (at == kfunc_list_count(list) || strcmp(kfunc_at(list, at)->name, name) != 0)
			r = tell_absent(probe, name, NULL, error);
	}
	return r;
}

int kfunc_each(struct probe *probe, struct inspect_error *err)
{
	AUTO(hunt_done) struct hunt hunt = { .probe = probe };

	int r = kfunc_list_init(&hunt.list, probe);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "kfuncs");
	if (r < 0)
		return tell_missing(probe, &hunt.list, r);
	r = add_jobs(&hunt);
	if (!r)
		r = do_jobs(&hunt);
	if (r < 0)
		return inspect_fail(err, -r, "kfuncs");
	for (unsigned type = 1; !r && prog_type_is_named(probe, type); type++)
		if (!probe->ifindex || prog_type_is_for_devices(type))
			r = tell_type(&hunt, type);
	return r ? r : tell_missing(probe, &hunt.list, hunt.list.is_cut ? -EOPNOTSUPP : 0);
}

/* What is asked for, and what came of it. */
struct asking {
	struct probe *probe;
	const struct kfunc_list *list;
	const struct kfunc *func;
	struct kfunc_said said;
	char detail[DETAIL_ROOM];
};

/* A load for each shape until one may call it. A shape that is not taken at all says nothing. */
static int ask_shapes(struct asking *asking, unsigned type)
{
	AUTO(buf_done) struct buf shapes = { 0 };

	asking->said = (struct kfunc_said){ .verdict = KFUNC_NOT_ASKED };
	int r = kfunc_shapes(asking->probe, type, &shapes);
	for (size_t i = 0; i < shapes.size / sizeof(struct abi_prog_load_attr); i++) {
		const struct abi_prog_load_attr *shape = shape_at(&shapes, i);
		struct kfunc_said said;

		kfunc_load(asking->probe->sys, shape, asking->list, asking->func, &said);
		if (said.verdict == KFUNC_REFUSED && !answer_is_open(said.code) &&
		    kfunc_try_shape(asking->probe->sys, shape) == 0)
			continue;
		if (weight(said.verdict) > weight(asking->said.verdict))
			asking->said = said;
		if (said.verdict == KFUNC_YES)
			break;
	}
	return r;
}

static int ask_for_type(struct asking *asking, unsigned type, struct inspect_feature *out)
{
	struct probe *probe = asking->probe;

	int r = type == ABI_PROG_TYPE_EXT ? 0 : ask_shapes(asking, type);
	if (r == -ENOMEM)
		return r;
	if (type == ABI_PROG_TYPE_EXT || asking->said.verdict == KFUNC_NOT_ASKED ||
	    asking->said.verdict == KFUNC_REFUSED) {
		const struct inspect_feature *known = prog_type_answer(probe, type);

		if (type == ABI_PROG_TYPE_EXT || known->answer != INSPECT_YES) {
			put_of_type(known, out);
			return 0;
		}
	}
	put_said(probe, asking->list, asking->func, type, &asking->said, asking->detail, out);
	return 0;
}

/* May any type call it? The first that may is enough; one that is not known leaves it open. */
static int ask_for_any(struct asking *asking, struct inspect_feature *out)
{
	const struct inspect_feature empty = *out;

	answer_no(out, INSPECT_FOUND_PROBE, EACCES, INSPECT_REASON_NOT_FOR_TYPE);
	for (unsigned type = 1; prog_type_is_named(asking->probe, type); type++) {
		struct inspect_feature one = empty;

		if (type == ABI_PROG_TYPE_EXT ||
		    (asking->probe->ifindex && !prog_type_is_for_devices(type)))
			continue;
		one.of = name_of(asking->probe, NAMES_PROG_TYPE, type);
		int r = ask_for_type(asking, type, &one);
		if (r < 0)
			return r;
		if (asking->said.verdict == KFUNC_NOT_HERE) { /* whatever the type */
			*out = one;
			out->of = NULL;
			return 0;
		}
		if (one.answer == INSPECT_NO ||
		    (out->answer != INSPECT_NO && one.answer != INSPECT_YES))
			continue;
		*out = one;
		out->of = NULL;
		if (one.answer == INSPECT_YES) {
			snprintf(asking->detail, sizeof(asking->detail), "for %s", one.of);
			out->detail = asking->detail;
			return 0;
		}
		if (one.detail == asking->said.text) /* the next one would be written there */
			out->detail = NULL;
	}
	return 0;
}

/*
 * That nothing could be tried does not take away what the types say: where they tag such functions, they tag all, and
 * then every other function is none.
 */
static int settle_by_types(struct asking *asking, struct inspect_feature *out)
{
	AUTO(kfunc_list_done) struct kfunc_list all = { 0 };
	bool has_tags = false, is_tagged = false;

	if (out->answer == INSPECT_YES || out->answer == INSPECT_NO)
		return 0;
	int r = kfunc_list_init(&all, asking->probe);
	for (size_t i = 0; !r && i < kfunc_list_count(&all); i++) {
		const struct kfunc *func = kfunc_at(&all, i);

		has_tags |= func->is_tagged;
		is_tagged |= func->is_tagged && strcmp(func->name, asking->func->name) == 0;
	}
	if (r || !has_tags)
		return r == -ENOMEM ? r : 0;
	*out = (struct inspect_feature){ .kind = out->kind, .name = out->name };
	if (is_tagged)
		answer_yes(out, INSPECT_FOUND_BTF);
	else
		answer_no(out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
	out->detail = is_tagged ? "for which types was not found out"
				: "a function of the kernel's, which programs may not call";
	return 0;
}

/* A name that no kernel is known to have: the nearest of those that there are, or else it may be some module's. */
static int ask_absent(struct probe *probe, const struct inspect_question *question,
		      struct inspect_error *err)
{
	AUTO(buf_done) struct buf known = { 0 };
	struct name_search search;

	if (kfunc_names(&known))
		return inspect_fail(err, ENOMEM, "kfunc %s", question->name);
	if (kfunc_is_known(&known, question->name))
		return tell_absent(probe, question->name, question->of, 0);
	name_search_begin(&search, question->name);
	for (size_t i = 0; i < kfunc_names_count(&known); i++)
		name_search_try(&search, kfunc_name_at(&known, i));
	if (search.nearest[0])
		return name_unknown_of(question, &search, err);
	return tell_absent(probe, question->name, question->of, 0);
}

static int ask_present(struct asking *asking, unsigned type, struct inspect_feature *out,
		       struct inspect_error *err)
{
	int r = 0;

	if (!answer_may(asking->probe, ANSWER_PROG, out))
		r = type ? 0 : settle_by_types(asking, out);
	else if (type)
		r = ask_for_type(asking, type, out);
	else
		r = ask_for_any(asking, out);
	if (!r && !type)
		r = settle_by_types(asking, out);
	if (r < 0)
		return inspect_fail(err, -r, "kfunc %s", out->name);
	return probe_tell(asking->probe, out);
}

int kfunc_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err)
{
	AUTO(kfunc_list_done) struct kfunc_list list = { 0 };
	struct inspect_feature out = { .kind = INSPECT_FEATURE_KFUNC, .name = question->name };
	struct asking asking = { .probe = probe, .list = &list };
	unsigned type = 0;
	int r = 0;

	if (question->of)
		r = name_number(probe, NAMES_PROG_TYPE, 1, question->of, "prog_type", &type, err);
	if (r < 0)
		return r;
	out.of = type ? name_of(probe, NAMES_PROG_TYPE, type) : NULL;
	r = kfunc_list_find(&list, probe, question->name);
	if (r < 0)
		return tell_absent(probe, question->name, out.of, r);
	if (!r)
		return ask_absent(probe, question, err);
	asking.func = kfunc_at(&list, 0);
	return ask_present(&asking, type, &out, err);
}
