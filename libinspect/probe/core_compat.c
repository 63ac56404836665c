/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core_compat.c - do a type of an object and one of the kernel's go together?
 */
#include <string.h>

#include "btf/raw.h"
#include "btf/text.h"
#include "probe/core.h"

#define DEPTH_MOST 32 /* types inside types */

/* A type of each side. */
struct pair {
	struct core *core;
	const struct btf_reader *target;
	struct btf_entry here, there;
	uint32_t here_id, there_id;
};

static bool look(struct pair *pair, uint32_t local_id, uint32_t target_id)
{
	pair->here_id = local_id;
	pair->there_id = target_id;
	return core_take(pair->core, 1) &&
	       btf_resolve(pair->core->local, &pair->here_id, BTF_THROUGH_TYPEDEFS, NULL,
			   &pair->here) &&
	       btf_resolve(pair->target, &pair->there_id, BTF_THROUGH_TYPEDEFS, NULL, &pair->there);
}

static bool same_kind(const struct pair *pair)
{
	return pair->here.kind == pair->there.kind ||
	       (core_is_enum(pair->here.kind) && core_is_enum(pair->there.kind));
}

/* Old compilers told of bit-fields by numbers that begin at a bit. */
static bool are_whole(const struct pair *pair)
{
	return !BTF_INT_OFFSET(btf_word(pair->here.tail, 0)) &&
	       !BTF_INT_OFFSET(btf_word(pair->there.tail, 0));
}

/* What has no name goes with any. */
static bool names_fit(const struct pair *pair)
{
	return !*pair->here.name || !*pair->there.name ||
	       core_same_name(pair->here.name, pair->there.name);
}

bool core_fields_fit(struct core *core, uint32_t local_id, const struct btf_reader *target,
		     uint32_t target_id)
{
	struct pair pair = { .core = core, .target = target };

	for (unsigned depth = 0; depth < DEPTH_MOST; depth++) {
		if (!look(&pair, local_id, target_id))
			return false;
		if (core_is_composite(pair.here.kind) && core_is_composite(pair.there.kind))
			return true;
		if (!same_kind(&pair))
			return false;
		switch (pair.here.kind) {
		case KIND_PTR:
		case KIND_FLOAT:
			return true;
		case KIND_FWD:
		case KIND_ENUM:
		case KIND_ENUM64:
			return names_fit(&pair);
		case KIND_INT:
			return are_whole(&pair);
		case KIND_ARRAY:
			local_id = btf_word(pair.here.tail, 0);
			target_id = btf_word(pair.there.tail, 0);
			break;
		default:
			return false;
		}
	}
	return false;
}

typedef bool fit(struct core *core, uint32_t local_id, const struct btf_reader *target,
		 uint32_t target_id, unsigned depth);

/* Parameters are of 8 bytes: a name, a type. */
static bool protos_fit(const struct pair *pair, fit *fits, unsigned depth)
{
	if (pair->here.vlen != pair->there.vlen)
		return false;
	for (uint32_t i = 0; i < pair->here.vlen; i++)
		if (!fits(pair->core, btf_word(pair->here.tail, (size_t)i * 8 + 4), pair->target,
			  btf_word(pair->there.tail, (size_t)i * 8 + 4), depth + 1))
			return false;
	return fits(pair->core, pair->here.size_or_type, pair->target, pair->there.size_or_type,
		    depth + 1);
}

static bool types_fit(struct core *core, uint32_t local_id, const struct btf_reader *target,
		      uint32_t target_id, unsigned depth)
{
	struct pair pair = { .core = core, .target = target };

	if (depth > DEPTH_MOST || !look(&pair, local_id, target_id) || !same_kind(&pair))
		return false;
	switch (pair.here.kind) {
	case KIND_VOID:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FWD:
		return true;
	case KIND_INT:
		return are_whole(&pair);
	case KIND_PTR:
		return types_fit(core, pair.here.size_or_type, target, pair.there.size_or_type,
				 depth + 1);
	case KIND_ARRAY:
		return types_fit(core, btf_word(pair.here.tail, 0), target,
				 btf_word(pair.there.tail, 0), depth + 1);
	case KIND_FUNC_PROTO:
		return protos_fit(&pair, types_fit, depth);
	default:
		return false;
	}
}

bool core_types_fit(struct core *core, uint32_t local_id, const struct btf_reader *target,
		    uint32_t target_id)
{
	return types_fit(core, local_id, target, target_id, 0);
}

/* Types are alike as far as the rules ask; behind a pointer that is less. */
static bool match(struct core *core, uint32_t local_id, const struct btf_reader *target,
		  uint32_t target_id, bool is_behind, unsigned depth);

static bool match_whole(struct core *core, uint32_t local_id, const struct btf_reader *target,
			uint32_t target_id, unsigned depth)
{
	return match(core, local_id, target, target_id, false, depth);
}

static bool match_behind(struct core *core, uint32_t local_id, const struct btf_reader *target,
			 uint32_t target_id, unsigned depth)
{
	return match(core, local_id, target, target_id, true, depth);
}

static bool has_member(const struct pair *pair, const struct btf_member *wanted, unsigned depth)
{
	const char *name = btf_string(pair->core->local, wanted->name);

	for (uint32_t i = 0; name && i < pair->there.vlen && core_take(pair->core, 1); i++) {
		struct btf_member member = btf_member_at(&pair->there, i);
		const char *other = btf_string(pair->target, member.name);

		if (other && core_same_name(name, other) &&
		    match(pair->core, wanted->type_id, pair->target, member.type_id, false,
			  depth + 1))
			return true;
	}
	return false;
}

static bool members_match(const struct pair *pair, unsigned depth)
{
	if (pair->here.vlen > pair->there.vlen)
		return false;
	for (uint32_t i = 0; i < pair->here.vlen; i++) {
		struct btf_member member = btf_member_at(&pair->here, i);

		if (!has_member(pair, &member, depth))
			return false;
	}
	return true;
}

static bool has_enumerator(const struct pair *pair, const char *name)
{
	for (uint32_t i = 0; i < pair->there.vlen && core_take(pair->core, 1); i++) {
		const char *other =
			btf_string(pair->target, btf_enumerator_at(&pair->there, i).name);

		if (name && other && core_same_name(name, other))
			return true;
	}
	return false;
}

static bool enums_match(const struct pair *pair)
{
	if (pair->here.size_or_type != pair->there.size_or_type ||
	    pair->here.vlen > pair->there.vlen)
		return false;
	for (uint32_t i = 0; i < pair->here.vlen; i++)
		if (!has_enumerator(pair, btf_string(pair->core->local,
						     btf_enumerator_at(&pair->here, i).name)))
			return false;
	return true;
}

static bool numbers_match(const struct pair *pair)
{
	uint32_t here = btf_word(pair->here.tail, 0), there = btf_word(pair->there.tail, 0);

	return BTF_INT_BITS(here) == BTF_INT_BITS(there) &&
	       (BTF_INT_ENCODING(here) & 1) == (BTF_INT_ENCODING(there) & 1) && are_whole(pair);
}

/* Behind a pointer a declaration stands for what it declares. */
static bool is_declared(const struct btf_entry *whole, const struct btf_entry *declaration)
{
	return declaration->kind == KIND_FWD &&
	       whole->kind == (declaration->kind_flag ? KIND_UNION : KIND_STRUCT);
}

/* Behind a pointer names and kinds are enough; so types that point to each other end. */
static bool composites_match(const struct pair *pair, bool is_behind, unsigned depth)
{
	if (is_behind)
		return same_kind(pair) || is_declared(&pair->here, &pair->there);
	return same_kind(pair) && members_match(pair, depth);
}

static bool declarations_match(const struct pair *pair, bool is_behind)
{
	if (same_kind(pair))
		return pair->here.kind_flag == pair->there.kind_flag;
	return is_behind && is_declared(&pair->there, &pair->here);
}

static bool match(struct core *core, uint32_t local_id, const struct btf_reader *target,
		  uint32_t target_id, bool is_behind, unsigned depth)
{
	struct pair pair = { .core = core, .target = target };

	if (depth > DEPTH_MOST || !look(&pair, local_id, target_id) ||
	    !core_same_name(pair.here.name, pair.there.name))
		return false;
	if (core_is_composite(pair.here.kind))
		return composites_match(&pair, is_behind, depth);
	if (pair.here.kind == KIND_FWD)
		return declarations_match(&pair, is_behind);
	if (!same_kind(&pair))
		return false;
	switch (pair.here.kind) {
	case KIND_VOID:
		return true;
	case KIND_ENUM:
	case KIND_ENUM64:
		return enums_match(&pair);
	case KIND_INT:
		return numbers_match(&pair);
	case KIND_PTR:
		return match_behind(core, pair.here.size_or_type, target, pair.there.size_or_type,
				    depth + 1);
	case KIND_ARRAY:
		return btf_word(pair.here.tail, 8) == btf_word(pair.there.tail, 8) &&
		       match(core, btf_word(pair.here.tail, 0), target,
			     btf_word(pair.there.tail, 0), is_behind, depth + 1);
	case KIND_FUNC_PROTO:
		return protos_fit(&pair, is_behind ? match_behind : match_whole, depth);
	default:
		return false;
	}
}

bool core_types_match(struct core *core, uint32_t local_id, const struct btf_reader *target,
		      uint32_t target_id)
{
	return match_whole(core, local_id, target, target_id, 0);
}
