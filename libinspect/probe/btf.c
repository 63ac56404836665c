/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf.c - types and members of the kernel's
 *
 * A name is looked for among the kernel's own types, then among enumerators, then among the types of modules. There is no list of
 * names to hold a wrong one against: what is nowhere is "no".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "btf/parts.h"
#include "btf/raw.h"
#include "probe/answer.h"
#include "probe/module.h"
#include "probe/probe.h"

#define BIT(kind) (1u << (kind))
#define ENUMS (BIT(KIND_ENUM) | BIT(KIND_ENUM64))
/* Those that define something: a forward says that there is a type, and not what it is. */
#define ALL                                                                                        \
	(BIT(KIND_INT) | BIT(KIND_FLOAT) | BIT(KIND_STRUCT) | BIT(KIND_UNION) | ENUMS |            \
	 BIT(KIND_TYPEDEF) | BIT(KIND_FUNC) | BIT(KIND_VAR) | BIT(KIND_DATASEC))
#define DETAIL_ROOM 384

/* What is looked for, and what was found. */
struct wanted {
	struct probe *probe;
	char type[BTF_NAME_MOST + 1];
	const char *path; /* of a member, or NULL */
	uint32_t kinds;
	char detail[DETAIL_ROOM];
	char value[24]; /* of an enumerator */
	bool is_type;	/* the type is there, though not the member */
};

static uint32_t kinds_of(const char **name)
{
	static const struct {
		const char *word;
		uint32_t kinds;
	} words[] = {
		{ "struct ", BIT(KIND_STRUCT) },
		{ "union ", BIT(KIND_UNION) },
		{ "enum ", ENUMS },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!text_has_prefix(*name, words[i].word))
			continue;
		*name += strlen(words[i].word);
		return words[i].kinds;
	}
	return ALL;
}

/* Letters, digits, underscores: dots part a type from its members, and sections have one in front. */
static bool is_name(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.";

	size_t n = strlen(text);
	return n && !text[strspn(text, letters)] && text[n - 1] != '.' && !strstr(text, "..");
}

static int read_question(const struct inspect_question *question, struct wanted *out,
			 struct inspect_error *err)
{
	const char *name = question->name;

	out->kinds = kinds_of(&name);
	if (!is_name(name))
		return inspect_fail(err, INSPECT_EUSAGE, "btf '%s': is not the name of a type",
				    question->name);
	const char *dot = strchr(name + 1, '.');
	size_t length = dot ? (size_t)(dot - name) : strlen(name);
	if (length > BTF_NAME_MOST)
		return inspect_fail(err, INSPECT_EUSAGE, "btf '%s': the name is too long",
				    question->name);
	memcpy(out->type, name, length);
	out->path = dot ? dot + 1 : NULL;
	return 0;
}

static void describe_part(void *context, const struct btf_part *part)
{
	struct wanted *wanted = context;
	unsigned long long bits = part->bits_offset;

	if (part->kind == BTF_ENUMERATOR)
		snprintf(wanted->detail, sizeof(wanted->detail), "enumerator");
	else if (part->kind == BTF_VARIABLE)
		snprintf(wanted->detail, sizeof(wanted->detail), "variable of type %s", part->type);
	else if (part->bitfield_bits)
		snprintf(wanted->detail, sizeof(wanted->detail),
			 "member of type %s, %u bits at bit %llu", part->type, part->bitfield_bits,
			 bits);
	else
		snprintf(wanted->detail, sizeof(wanted->detail), "member of type %s at byte %llu",
			 part->type, bits / 8);
	if (part->kind == BTF_ENUMERATOR)
		snprintf(wanted->value, sizeof(wanted->value), part->is_signed ? "%lld" : "%llu",
			 (long long)part->value);
}

static bool has_size(uint32_t kind)
{
	return ALL >> kind & 1 && kind != KIND_TYPEDEF && kind != KIND_FUNC && kind != KIND_VAR;
}

static void describe_type(struct wanted *wanted, const struct btf_entry *type)
{
	const char *word = btf_kind_word(type->kind == KIND_ENUM64 ? KIND_ENUM : type->kind);

	if (!word)
		word = "type";
	if (has_size(type->kind))
		snprintf(wanted->detail, sizeof(wanted->detail), "%s of %u bytes", word,
			 type->size_or_type);
	else
		snprintf(wanted->detail, sizeof(wanted->detail), "%s", word);
}

static void describe_enumerator(struct wanted *wanted, const struct btf_entry *type, uint64_t value)
{
	snprintf(wanted->detail, sizeof(wanted->detail),
		 *type->name ? "enumerator of %.128s" : "enumerator", type->name);
	snprintf(wanted->value, sizeof(wanted->value), type->kind_flag ? "%lld" : "%llu",
		 (long long)value);
}

/* Has this type the member? 1, 0 or a negative errno. */
static int match_path(struct wanted *wanted, const struct btf_reader *btf, uint32_t id)
{
	AUTO(btf_parts_done) struct btf_parts parts = { .btf = btf };
	struct btf_budget budget;

	btf_budget_init(&budget, btf);
	parts.budget = &budget;
	int r = btf_parts_fit(&parts, id, wanted->path, describe_part, wanted, NULL);
	return r < 0 ? r : wanted->detail[0] != '\0';
}

static int match(struct wanted *wanted, const struct btf_reader *btf, uint32_t id,
		 const struct btf_entry *type)
{
	wanted->is_type = true;
	if (wanted->path)
		return match_path(wanted, btf, id);
	describe_type(wanted, type);
	return 1;
}

/* Several types may have the name, each of another kind. */
static int look_in(struct wanted *wanted, const struct btf_reader *btf, uint32_t first)
{
	struct btf_entry type;
	int r = 0;

	for (uint32_t id = first; r == 0 && btf_type(btf, id, &type); id++)
		if (type.kind < KINDS && wanted->kinds >> type.kind & 1 &&
		    strcmp(type.name, wanted->type) == 0)
			r = match(wanted, btf, id, &type);
	return r;
}

static int look_in_kernel(struct wanted *wanted)
{
	struct btf_sought found;

	int r = types_find(wanted->probe, wanted->kinds, wanted->type, &found);
	if (r <= 0)
		return r;
	if (!wanted->path)
		return match(wanted, NULL, found.id, &found.type);
	const struct btf_reader *btf = types_reader(wanted->probe, &r);
	return btf ? look_in(wanted, btf, found.id) : r;
}

static bool has_enumerator(struct wanted *wanted, const struct btf_reader *btf,
			   const struct btf_entry *type)
{
	for (uint32_t i = 0; i < type->vlen; i++) {
		struct btf_enumerator at = btf_enumerator_at(type, i);
		const char *name = btf_string(btf, at.name);

		if (!name || strcmp(name, wanted->type) != 0)
			continue;
		describe_enumerator(wanted, type, at.value);
		return true;
	}
	return false;
}

/* Of any enum, also of one without a name. */
static int look_for_enumerator(struct wanted *wanted, const struct btf_reader *btf)
{
	struct btf_entry type;

	for (uint32_t id = btf->first_id; btf_type(btf, id, &type); id++)
		if (type.kind < KINDS && ENUMS >> type.kind & 1 &&
		    has_enumerator(wanted, btf, &type))
			return 1;
	return 0;
}

static int look_in_all(struct wanted *wanted, const struct btf_reader *btf, uint32_t first)
{
	int r = look_in(wanted, btf, first);

	return r || wanted->path || wanted->kinds != ALL ? r : look_for_enumerator(wanted, btf);
}

static int look_in_module(void *context, const char *name, const struct btf_reader *btf)
{
	struct wanted *wanted = context;
	int r = look_in_all(wanted, btf, btf->first_id);

	if (r > 0) {
		size_t n = strlen(wanted->detail);

		snprintf(wanted->detail + n, sizeof(wanted->detail) - n, " of module %s", name);
	}
	return r;
}

static int look(struct wanted *wanted)
{
	int r = look_in_kernel(wanted);

	if (r || wanted->is_type)
		return r;
	const struct btf_reader *btf = types_reader(wanted->probe, &r);
	if (!btf)
		return r;
	if (!wanted->path && wanted->kinds == ALL)
		r = look_for_enumerator(wanted, btf);
	return r ? r : module_each_types(wanted->probe, look_in_module, wanted);
}

int btf_ask(struct probe *probe, const struct inspect_question *question, struct inspect_error *err)
{
	struct inspect_feature out = { .kind = INSPECT_FEATURE_BTF, .name = question->name };
	struct wanted wanted = { .probe = probe };

	int r = read_question(question, &wanted, err);
	if (r < 0)
		return r;
	r = look(&wanted);
	if (r < 0)
		types_unknown(&out, r);
	else if (r)
		answer_yes(&out, INSPECT_FOUND_BTF);
	else
		answer_no(&out, INSPECT_FOUND_BTF, 0, INSPECT_REASON_NOT_BUILT_IN);
	if (r == 0 && wanted.is_type)
		out.detail = "the type is there, such a member is not";
	else
		out.detail = wanted.detail[0] ? wanted.detail : NULL;
	out.value = wanted.value[0] ? wanted.value : NULL;
	return probe_tell(probe, &out);
}
