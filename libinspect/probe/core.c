/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core.c - a CO-RE relocation on another kernel's types
 */
#include "probe/core.h"

#include "base/num.h"
#include "btf/raw.h"
#include "btf/text.h"

#define TYPES_MOST 4096 /* of one name that are looked at */
#define INT_SIGNED 1

/* One relocation, while types are tried. */
struct trying {
	struct core *core;
	const struct core_spec *spec;
	struct core_result *out;
	const struct btf_reader *target; /* of the type that fits */
	struct core_place place;
	unsigned n_fit, n_tried;
	struct core_place failed; /* of the first that does not fit */
	bool is_access, is_unfit;
};

static bool may_be(const struct core_spec *spec, uint32_t kind)
{
	return spec->btf_kind == kind || (core_is_enum(spec->btf_kind) && core_is_enum(kind));
}

static bool is_unsigned_or_pointer(const struct btf_reader *btf, uint32_t id, bool *is_pointer)
{
	struct btf_entry type;

	if (!btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &type))
		return false;
	*is_pointer = type.kind == KIND_PTR;
	return *is_pointer ||
	       (type.kind == KIND_INT && !(BTF_INT_ENCODING(btf_word(type.tail, 0)) & INT_SIGNED));
}

/* An instruction that reads a number can be made to read fewer or more bytes, where no sign is to be extended. */
static bool is_size_wrong(const struct trying *trying, const struct btf_reader *target,
			  const struct core_place *place)
{
	bool here_pointer = false, there_pointer = false;
	uint64_t here, there;

	if (trying->spec->kind != CORE_FIELD_BYTE_OFFSET || !trying->is_access ||
	    place->bitfield_size)
		return false;
	uint32_t local_id = trying->spec->parts[trying->spec->n - 1].type_id;
	if (!btf_size(trying->core->local, local_id, &here) ||
	    !btf_size(target, place->type_id, &there) || here == there)
		return false;
	return !is_unsigned_or_pointer(trying->core->local, local_id, &here_pointer) ||
	       !is_unsigned_or_pointer(target, place->type_id, &there_pointer) ||
	       here_pointer != there_pointer;
}

static bool is_signed(const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry type;

	if (!btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &type))
		return false;
	return type.kind == KIND_INT ? BTF_INT_ENCODING(btf_word(type.tail, 0)) & INT_SIGNED
				     : core_is_enum(type.kind) && type.kind_flag;
}

/* What the instruction gets; false where that is not worked out here. */
static bool find_value(const struct core_spec *spec, const struct btf_reader *target,
		       const struct core_place *place, uint64_t *out)
{
	*out = 1;
	switch ((enum core_kind)spec->kind) {
	case CORE_FIELD_EXISTS:
	case CORE_TYPE_EXISTS:
	case CORE_ENUMVAL_EXISTS:
	case CORE_TYPE_MATCHES:
		return true;
	case CORE_ENUMVAL_VALUE:
		*out = place->value;
		return true;
	case CORE_FIELD_SIGNED:
		*out = is_signed(target, place->type_id);
		return true;
	case CORE_FIELD_BYTE_OFFSET:
		*out = place->bits_offset / 8;
		return !place->bitfield_size;
	case CORE_FIELD_BYTE_SIZE:
		return !place->bitfield_size && btf_size(target, place->type_id, out);
	case CORE_TYPE_SIZE:
		return btf_size(target, place->type_id, out);
	case CORE_TYPE_ID_TARGET:
		*out = place->type_id;
		return true;
	case CORE_TYPE_ID_LOCAL:
		*out = spec->type_id;
		return true;
	case CORE_FIELD_LSHIFT:
	case CORE_FIELD_RSHIFT:
	case CORE_KINDS:
		return false;
	}
	return false;
}

static void take_fit(struct trying *trying, const struct btf_reader *target,
		     const struct core_place *place)
{
	struct core_result result = { .answer = CORE_RESOLVED };

	result.has_value = find_value(trying->spec, target, place, &result.value);
	if (!trying->n_fit++) {
		*trying->out = result;
		trying->place = *place;
		trying->target = target;
		trying->is_unfit = is_size_wrong(trying, target, place);
		return;
	}
	if (place->bits_offset != trying->place.bits_offset ||
	    place->bitfield_size != trying->place.bitfield_size ||
	    result.has_value != trying->out->has_value || result.value != trying->out->value)
		trying->out->answer = CORE_DISAGREE;
}

static void try_types(struct trying *trying, const struct core_types *types)
{
	struct core_place place;
	struct btf_entry type;

	for (uint32_t id = core_types_first(types, trying->spec->name);
	     id && trying->n_tried < TYPES_MOST;
	     id = core_types_next(types, id, trying->spec->name)) {
		if (!core_take(trying->core, 1) || !btf_type(types->btf, id, &type) ||
		    !may_be(trying->spec, type.kind))
			continue;
		if (core_spec_match(trying->core, trying->spec, types->btf, id, &place))
			take_fit(trying, types->btf, &place);
		else if (!trying->n_tried)
			trying->failed = place;
		trying->n_tried++;
	}
}

static void add_number(struct buf *out, uint64_t number)
{
	char digits[NUM_ROOM];

	buf_add(out, digits, num_format_u64(digits, number));
}

static void add_type(const struct core_spec *spec, struct buf *out)
{
	const char *word = btf_kind_word(spec->btf_kind);

	if (word && spec->btf_kind != KIND_TYPEDEF) {
		buf_add_text(out, word);
		buf_add_char(out, ' ');
	}
	buf_add(out, spec->name, core_name_length(spec->name));
}

static void add_part(const struct core_spec *spec, unsigned last, struct buf *out)
{
	for (unsigned i = 1; i <= last && i < spec->n; i++) {
		if (spec->parts[i].name) {
			buf_add_char(out, '.');
			buf_add_text(out, spec->parts[i].name);
		} else {
			buf_add_char(out, '[');
			add_number(out, spec->parts[i].index);
			buf_add_char(out, ']');
		}
	}
}

/* "there is no struct task_struct", "struct task_struct has no .nobody_has_this". */
static void tell_missing(const struct trying *trying, struct buf *why)
{
	const struct core_spec *spec = trying->spec;
	unsigned at = trying->failed.failed_part;

	if (!trying->n_tried) {
		buf_add_text(why, "there is no ");
		add_type(spec, why);
		return;
	}
	add_type(spec, why);
	if (spec->enumerator) {
		buf_add_text(why, " has no ");
		buf_add(why, spec->enumerator, core_name_length(spec->enumerator));
	} else if (core_is_field(spec->kind) && trying->failed.is_unlike) {
		add_part(spec, at, why);
		buf_add_text(why, " is of another type");
	} else if (core_is_field(spec->kind)) {
		add_part(spec, at ? at - 1 : 0, why);
		buf_add_text(why, " has no ");
		buf_add_text(why, spec->parts[at].name ? "member " : "element ");
		if (spec->parts[at].name)
			buf_add_text(why, spec->parts[at].name);
		else
			add_number(why, spec->parts[at].index);
	} else {
		buf_add_text(why, " is another type");
	}
}

static void tell_unfit(const struct trying *trying, struct buf *why)
{
	const struct core_spec *spec = trying->spec;

	add_type(spec, why);
	add_part(spec, spec->n, why);
	buf_add_text(why, " has another size, and its sign is to be extended");
}

static void tell_disagree(const struct trying *trying, struct buf *why)
{
	buf_add_text(why, "several types are called ");
	add_type(trying->spec, why);
	buf_add_text(why, ", and differ");
}

static void conclude(struct trying *trying, struct buf *why)
{
	struct core_result *out = trying->out;

	if (!trying->core->steps) {
		*out = (struct core_result){ .answer = CORE_TOO_MUCH };
		buf_add_text(why, "this would take too long to find out");
	} else if (out->answer == CORE_DISAGREE) {
		tell_disagree(trying, why);
	} else if (!trying->n_fit && core_is_question(trying->spec->kind)) {
		*out = (struct core_result){ CORE_RESOLVED, true, 0 };
		tell_missing(trying, why);
	} else if (!trying->n_fit) {
		*out = (struct core_result){ .answer = CORE_MISSING };
		tell_missing(trying, why);
	} else if (trying->is_unfit) {
		*out = (struct core_result){ .answer = CORE_MISSING };
		tell_unfit(trying, why);
	}
}

void core_resolve(struct core *core, const struct ext_core *relo, bool is_access,
		  struct core_result *out, struct buf *why)
{
	struct core_spec spec;
	struct trying trying = { core, &spec, out, .is_access = is_access };

	*out = (struct core_result){ .answer = CORE_BROKEN };
	if (!core_spec_read(core->local, relo, &spec)) {
		buf_add_text(why, "the relocation makes no sense");
		return;
	}
	if (spec.kind == CORE_TYPE_ID_LOCAL) {
		*out = (struct core_result){ CORE_RESOLVED, true, spec.type_id };
		return;
	}
	out->answer = CORE_MISSING;
	if (core->n_sets)
		try_types(&trying, &core->sets[0]);
	bool is_kernels = trying.n_tried;
	for (unsigned i = 1; !is_kernels && i < core->n_sets; i++)
		try_types(&trying, &core->sets[i]);
	conclude(&trying, why);
}
