/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * core_value.c - what a CO-RE relocation puts into its instruction
 *
 * A bit-field is read as the whole number of bytes that has all of it, from a place that is a multiple of its size.
 */
#include "btf/raw.h"
#include "btf/text.h"
#include "probe/core.h"

#define INT_SIGNED 1
#define WIDEST 8 /* bytes that an instruction reads */

/* The bytes in which a field lies, and the bits that are it. */
struct span {
	uint64_t at, bytes, bits;
};

static bool find_span(const struct btf_reader *btf, const struct core_place *place,
		      struct span *out)
{
	uint64_t first = place->bits_offset;

	if (!btf_size(btf, place->type_id, &out->bytes))
		return false;
	out->at = first / 8;
	out->bits = place->bitfield_size ? place->bitfield_size : out->bytes * 8;
	if (!place->bitfield_size)
		return true;
	for (; out->bytes && out->bytes <= WIDEST; out->bytes *= 2) {
		out->at = first / 8 / out->bytes * out->bytes;
		if (first + out->bits <= (out->at + out->bytes) * 8)
			return true;
	}
	return false;
}

/* How far a number of 64 bits is moved up, so that the field's highest bit is its own. */
static uint64_t shift_of(const struct core *core, const struct core_place *place,
			 const struct span *span)
{
	uint64_t before = place->bits_offset - span->at * 8;

	return core->is_big ? 64 - span->bytes * 8 + before : 64 - before - span->bits;
}

static bool is_signed(const struct btf_reader *btf, uint32_t id)
{
	struct btf_entry type;

	if (!btf_resolve(btf, &id, BTF_THROUGH_TYPEDEFS, NULL, &type))
		return false;
	return type.kind == KIND_INT ? BTF_INT_ENCODING(btf_word(type.tail, 0)) & INT_SIGNED
				     : core_is_enum(type.kind) && type.kind_flag;
}

/* Of an element, only the place and the size are told. */
static bool field_value(const struct core *core, const struct core_spec *spec,
			const struct btf_reader *btf, const struct core_place *place, uint64_t *out)
{
	struct span span;

	if (spec->kind > CORE_FIELD_EXISTS && !spec->parts[spec->n - 1].name)
		return false;
	if (!find_span(btf, place, &span))
		return false;
	switch (spec->kind) {
	case CORE_FIELD_BYTE_OFFSET:
		*out = span.at;
		return true;
	case CORE_FIELD_BYTE_SIZE:
		*out = span.bytes;
		return true;
	case CORE_FIELD_SIGNED:
		*out = is_signed(btf, place->type_id);
		return true;
	case CORE_FIELD_LSHIFT:
		*out = shift_of(core, place, &span);
		return true;
	default:
		*out = 64 - span.bits;
		return true;
	}
}

bool core_value(const struct core *core, const struct core_spec *spec, const struct btf_reader *btf,
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
	case CORE_TYPE_SIZE:
		return btf_size(btf, place->type_id, out);
	case CORE_TYPE_ID_TARGET:
		*out = place->type_id;
		return true;
	case CORE_FIELD_BYTE_OFFSET:
	case CORE_FIELD_BYTE_SIZE:
	case CORE_FIELD_SIGNED:
	case CORE_FIELD_LSHIFT:
	case CORE_FIELD_RSHIFT:
		return field_value(core, spec, btf, place, out);
	case CORE_TYPE_ID_LOCAL:
	case CORE_KINDS:
		return false;
	}
	return false;
}
