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
#define SENSELESS "the relocation makes no sense"

/* One relocation, while types are tried. */
struct trying {
	struct core *core;
	const struct core_spec *spec;
	struct core_result *out;
	struct core_place own; /* of a field, in the object's type */
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

/* A bit-field is no whole number, whatever its type says. */
static bool find_size(const struct btf_reader *btf, const struct core_place *place, uint64_t *out)
{
	*out = 0;
	return place->bitfield_size || btf_size(btf, place->type_id, out);
}

/* An instruction that reads a number can be made to read fewer or more bytes, where no sign is to be extended. */
static bool is_size_wrong(const struct trying *trying, const struct btf_reader *target,
			  const struct core_place *place)
{
	const struct btf_reader *local = trying->core->local;
	const struct core_place *own = &trying->own;
	bool here_pointer = false, there_pointer = false;
	uint64_t here, there;

	if (trying->spec->kind != CORE_FIELD_BYTE_OFFSET || !trying->is_access ||
	    !find_size(local, own, &here) || !find_size(target, place, &there) || here == there)
		return false;
	return own->bitfield_size || place->bitfield_size ||
	       !is_unsigned_or_pointer(local, own->type_id, &here_pointer) ||
	       !is_unsigned_or_pointer(target, place->type_id, &there_pointer) ||
	       here_pointer != there_pointer;
}

#define ACCESS_MOST INT16_MAX /* what the offset in an instruction holds */

static enum core_answer judge(const struct trying *trying, const struct btf_reader *target,
			      const struct core_place *place, uint64_t *value)
{
	if (!core_value(trying->core, trying->spec, target, place, value))
		return CORE_BROKEN;
	return trying->is_access && *value > ACCESS_MOST ? CORE_TOO_FAR : CORE_RESOLVED;
}

static void take_fit(struct trying *trying, const struct btf_reader *target,
		     const struct core_place *place)
{
	struct core_result result = { 0 };

	result.answer = judge(trying, target, place, &result.value);
	if (!trying->n_fit++) {
		*trying->out = result;
		trying->place = *place;
		trying->is_unfit = is_size_wrong(trying, target, place);
		return;
	}
	if (trying->out->answer == CORE_RESOLVED && result.answer == CORE_BROKEN)
		trying->out->answer = CORE_BROKEN;
	else if (trying->out->answer != CORE_BROKEN &&
		 (place->bits_offset != trying->place.bits_offset ||
		  result.value != trying->out->value))
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

	if (!trying->n_tried && spec->btf_kind == KIND_FWD) {
		/* Loaders take declarations for declarations, though the kernel may have the type itself. */
		buf_add(why, spec->name, core_name_length(spec->name));
		buf_add_text(why, " is only declared in the object, which fits no definition");
		return;
	}
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
	if (trying->place.bitfield_size)
		buf_add_text(why, " is a bit-field, and the object's is none");
	else if (trying->own.bitfield_size)
		buf_add_text(why, " is no bit-field, as the object's is");
	else
		buf_add_text(why, " has another size, and its sign is to be extended");
}

static void tell_disagree(const struct trying *trying, struct buf *why)
{
	buf_add_text(why, "several types are called ");
	add_type(trying->spec, why);
	buf_add_text(why, ", and differ");
}

static void tell_too_far(const struct trying *trying, struct buf *why)
{
	add_type(trying->spec, why);
	add_part(trying->spec, trying->spec->n, why);
	buf_add_text(why, " is too far behind for the instruction that reads or writes it");
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
		*out = (struct core_result){ .answer = CORE_RESOLVED };
		tell_missing(trying, why);
	} else if (!trying->n_fit) {
		*out = (struct core_result){ .answer = CORE_MISSING };
		tell_missing(trying, why);
	} else if (trying->is_unfit) {
		*out = (struct core_result){ .answer = CORE_MISSING };
		tell_unfit(trying, why);
	} else if (out->answer == CORE_BROKEN) {
		buf_add_text(why, SENSELESS);
	} else if (out->answer == CORE_TOO_FAR) {
		tell_too_far(trying, why);
	}
}

/* What the object's own type does not have, or cannot be asked for, is nowhere else either. */
static bool find_own(struct trying *trying)
{
	const struct core_spec *spec = trying->spec;
	struct core *core = trying->core;
	uint64_t ignored;

	return !core_is_field(spec->kind) ||
	       (core_spec_match(core, spec, core->local, spec->type_id, &trying->own) &&
		core_value(core, spec, core->local, &trying->own, &ignored));
}

void core_resolve(struct core *core, const struct ext_core *relo, bool is_access,
		  struct core_result *out, struct buf *why)
{
	struct core_spec spec;
	struct trying trying = { core, &spec, out, .is_access = is_access };

	*out = (struct core_result){ .answer = CORE_BROKEN };
	if (!core_spec_read(core->local, relo, &spec) || !find_own(&trying)) {
		buf_add_text(why, SENSELESS);
		return;
	}
	if (spec.kind == CORE_TYPE_ID_LOCAL) {
		*out = (struct core_result){ CORE_RESOLVED, spec.type_id };
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
