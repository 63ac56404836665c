/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires.c - what an object asks of a kernel: the list
 *
 * While it is made, a need is one thing in one program with one way of doing without. At the end those of a thing become one, which
 * is the one that asks most.
 */
#include "probe/requires.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "code/lines.h"

static void need_done(struct need *need)
{
	free(need->name);
	free(need->detail);
	free(need->value);
	free(need->wanted);
	*need = (struct need){ 0 };
}

void requires_done(struct requires *requires)
{
	for (size_t i = 0; i < requires->n; i++)
		need_done(&requires->needs[i]);
	free(requires->needs);
	for (size_t i = 0; i < requires->n_shapes; i++)
		free(requires->shapes[i].target);
	free(requires->shapes);
	free(requires->maps);
	free(requires->license);
	*requires = (struct requires){ 0 };
}

void requires_drop_moot(struct requires *requires)
{
	size_t kept = 0;

	for (size_t i = 0; i < requires->n; i++) {
		struct need need = requires->needs[i];

		if (need.is_moot)
			need_done(&need);
		else
		requires->needs[kept++] = need;
	}
	requires->n = kept;
}

static uint32_t count(const struct finding *finding)
{
	return (uint32_t)(finding->list.size / sizeof(struct need));
}

struct need *finding_at(struct finding *finding, uint32_t index)
{
	return (struct need *)(void *)finding->list.bytes + index;
}

static void finding_done(struct finding *finding)
{
	for (uint32_t i = 0; i < count(finding); i++)
		need_done(finding_at(finding, i));
	buf_done(&finding->list);
	buf_done(&finding->text);
	buf_done(&finding->detail);
	free(finding->slots);
	free(finding->cores);
	free(finding->cores_at);
	free(finding->externs);
	free(finding->asked);
}

static uint32_t hash_text(uint32_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return (hash ^ 0xff) * 16777619u;
}

static uint32_t hash_of(const struct need *need)
{
	uint32_t hash = 2166136261u ^ (uint32_t)need->kind << 8 ^ (uint32_t)need->must;

	hash = hash_text(hash_text(hash, need->name), need->of);
	hash = hash_text(hash, need->by);
	return hash ^ hash >> 16;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_need(const struct need *a, const struct need *b)
{
	return a->kind == b->kind && a->must == b->must && same_text(a->name, b->name) &&
	       same_text(a->of, b->of) && same_text(a->by, b->by);
}

/* Where it is in the table, or would be. */
static uint32_t *find_slot(struct finding *finding, const struct need *need)
{
	uint32_t i = hash_of(need);

	for (;; i++) {
		uint32_t *slot = &finding->slots[i & (finding->n_slots - 1)];

		if (!*slot || same_need(finding_at(finding, *slot - 1), need))
			return slot;
	}
}

static bool make_room(struct finding *finding)
{
	uint32_t n = count(finding);

	if (finding->n_slots > n * 2)
		return true;
	finding->n_slots = finding->n_slots ? finding->n_slots * 4 : 256;
	free(finding->slots);
	finding->slots = calloc(finding->n_slots, sizeof(*finding->slots));
	for (uint32_t i = 0; finding->slots && i < n; i++)
		*find_slot(finding, finding_at(finding, i)) = i + 1;
	return finding->slots;
}

static struct need *fail_memory(struct finding *finding)
{
	finding->has_no_memory = true;
	return NULL;
}

struct need *finding_add(struct finding *finding, enum need_kind kind, enum need_must must,
			 const char *name, const char *of, const char *by)
{
	struct need need = { .kind = kind, .must = must, .of = of, .by = by, .uses = 1 };

	need.name = strdup(name);
	if (!need.name || finding->has_no_memory || !make_room(finding)) {
		need_done(&need);
		return fail_memory(finding);
	}
	uint32_t *slot = find_slot(finding, &need);
	if (*slot) {
		need_done(&need);
		struct need *known = finding_at(finding, *slot - 1);
		known->uses++;
		return known;
	}
	need.order = count(finding);
	buf_add(&finding->list, &need, sizeof(need));
	if (buf_failed(&finding->list)) {
		need_done(&need);
		return fail_memory(finding);
	}
	*slot = count(finding);
	return finding_at(finding, *slot - 1);
}

const char *finding_text(struct finding *finding, struct buf *text)
{
	buf_add_char(text, '\0');
	if (buf_failed(text)) {
		finding->has_no_memory = true;
		return "?";
	}
	text->size = 0;
	return text->bytes;
}

void need_answer(struct finding *finding, struct need *need, enum inspect_answer answer,
		 enum inspect_found found, const char *detail)
{
	need->is_answered = true;
	need->answer = answer;
	need->found = found;
	if (answer == INSPECT_NO)
		need->reason = INSPECT_REASON_NOT_BUILT_IN;
	free(need->detail);
	need->detail = detail ? strdup(detail) : NULL;
	if (detail && !need->detail)
		finding->has_no_memory = true;
}

static void begin_core(struct finding *finding)
{
	struct against *against = finding->requires->against;

	finding->core = (struct core){
		.local = &finding->object->btf,
		.sets = against->sets,
		.n_sets = against->n_sets,
		.is_big = finding->object->elf.image.is_big,
		.steps = CORE_STEPS,
	};
}

/* Does the instruction read or write the member itself? */
static bool is_access(const struct object *object, uint32_t section, uint32_t slot)
{
	struct insn_stream stream = object_stream(object, section);
	struct insn insn;

	if (slot >= stream.count)
		return false;
	insn_decode(&stream, slot, &insn);
	return insn.kind == INSN_LOAD || insn.kind == INSN_STORE || insn.kind == INSN_ATOMIC;
}

/* A module is asked where the kernel knows no type of that name: then all are opened. */
static void resolve(struct finding *finding, const struct ext_core *core, bool is_access_,
		    struct core_result *out)
{
	struct against *against = finding->requires->against;

	finding->detail.size = 0;
	core_resolve(&finding->core, core, is_access_, out, &finding->detail);
	bool is_found =
		out->answer == CORE_RESOLVED && !(core_is_question(core->kind) && !out->value);
	if (is_found || against->has_modules || !against->is_live)
		return;
	against_open_modules(against);
	finding->core.sets = against->sets;
	finding->core.n_sets = against->n_sets;
	finding->detail.size = 0;
	core_resolve(&finding->core, core, is_access_, out, &finding->detail);
}

static int resolve_cores(struct finding *finding)
{
	const struct ext *ext = &finding->object->ext;
	uint32_t n = 0;

	begin_core(finding);
	finding->cores = calloc((size_t)ext->n_cores + 1, sizeof(*finding->cores));
	finding->cores_at = calloc((size_t)ext->n_sections + 1, sizeof(*finding->cores_at));
	if (!finding->cores || !finding->cores_at)
		return -ENOMEM;
	for (uint32_t i = 0; i < ext->n_sections; i++) {
		const struct ext_section *section = &ext->sections[i];

		finding->cores_at[i] = n;
		for (uint32_t k = 0; k < section->n_cores && n < ext->n_cores; k++, n++)
			if (!finding->requires->against->types_error)
				resolve(finding, &section->cores[k],
					is_access(finding->object, i, section->cores[k].slot),
					&finding->cores[n]);
	}
	return 0;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Of a thing, what must be there stands first, and first of that, what must be for certain. */
static int compare_things(const void *a, const void *b)
{
	const struct need *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	int order = compare_text(left->name, right->name);
	if (!order)
		order = compare_text(left->of, right->of);
	if (order)
		return order;
	if (left->shape != right->shape)
		return left->shape < right->shape ? -1 : 1;
	if (left->must != right->must)
		return left->must < right->must ? -1 : 1;
	if (left->is_guarded != right->is_guarded)
		return left->is_guarded ? 1 : -1;
	return left->order < right->order ? -1 : 1;
}

static int compare_order(const void *a, const void *b)
{
	const struct need *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

static bool same_thing(const struct need *a, const struct need *b)
{
	return a->kind == b->kind && same_text(a->name, b->name) && same_text(a->of, b->of) &&
	       a->shape == b->shape;
}

/*
 * A kfunc that is declared, and one that a program calls: where both must be there, one line says it. Of a name, the
 * declaration stands first, since it is for no type.
 */
static void drop_declarations(struct requires *requires)
{
	size_t kept = 0;

	for (size_t i = 0; i < requires->n; i++) {
		struct need *need = &requires->needs[i], *next = need + 1;
		bool is_said_again = i + 1 < requires->n && need->kind == NEED_KFUNC && !need->of &&
				     next->kind == NEED_KFUNC && next->must == need->must &&
				     same_text(need->name, next->name);

		if (is_said_again) {
			need_done(need);
			continue;
		}
		struct need moved = *need;
		requires->needs[kept++] = moved;
	}
	requires->n = kept;
}

/* What the same program asks for may be behind that question, though it was not seen to be. */
static void merge(struct requires *requires)
{
	size_t kept = 0;

	qsort(requires->needs, requires->n, sizeof(*requires->needs), compare_things);
	for (size_t i = 0; i < requires->n; i++) {
		struct need *need = &requires->needs[i];
		struct need *last = kept ? &requires->needs[kept - 1] : NULL;

		if (!last || !same_thing(last, need)) {
			struct need moved = *need;
			requires->needs[kept++] = moved;
			continue;
		}
		last->is_guarded |= need->must == NEED_ASKS && same_text(need->by, last->by);
		last->uses += need->uses;
		need_done(need);
	}
	requires->n = kept;
	drop_declarations(requires);
	qsort(requires->needs, requires->n, sizeof(*requires->needs), compare_order);
}

static int find_all(struct finding *finding)
{
	begin_core(finding);
	finding_object(finding);
	int r = finding_license(finding);

	if (!r) {
		finding_targets(finding);
		r = finding_externs(finding);
	}
	if (!r)
		finding_relocs(finding);
	if (!r)
		r = resolve_cores(finding);
	if (!r)
		r = finding_code(finding);
	if (!r)
		r = finding_maps(finding);
	bool has_no_memory = finding->has_no_memory || buf_failed(&finding->text) ||
			     buf_failed(&finding->detail);
	return !r && has_no_memory ? -ENOMEM : r;
}

int requires_find(struct requires *requires, const struct object *object, struct against *against,
		  requires_ask *ask, void *context, struct inspect_error *err)
{
	AUTO(finding_done)
	struct finding finding = {
		.requires = requires,
		.object = object,
		.ask = ask,
		.context = context,
		.err = err,
	};

	*requires = (struct requires){ .object = object, .against = against };
	btf_budget_init(&finding.budget, &object->btf);
	int r = find_all(&finding);
	if (r == -ENOMEM)
		return inspect_fail(err, ENOMEM, "what the object needs");
	if (r < 0)
		return r;
	requires->n = count(&finding);
	requires->needs = (void *)take_ptr(&finding.list.bytes);
	finding.list.size = 0;
	if (requires->n)
		merge(requires);
	return 0;
}
