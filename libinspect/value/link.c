/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * link.c - links of types that this build does not know
 *
 * The info struct has a union with a member for each type, and the member has the type's name. Where
 * the kernel's BTF has such a member, it says what stands there. Pointers in it are for the caller's
 * texts: none was given, and they are shown as the zeros that they are.
 */
#include "value/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kernel/proc.h"
#include "records/inspect.h"
#include "records/link.h"
#include "value/member.h"
#include "value/walk.h"

#define INFO_BYTES 512 /* of the info struct, which grows */
#define BTF_MOST ((size_t)256 << 20)

struct details {
	struct inspect_metadata shown; /* first */
	char *btf_bytes;
	struct btf_reader btf;
	uint32_t type_id;
	char *name;
	size_t size;
	unsigned char bytes[INFO_BYTES];
};

static void details_done(struct details *details)
{
	btf_done(&details->btf);
	free(details->btf_bytes);
	free(details->name);
	free(details);
}

static void done(struct inspect_metadata *shown)
{
	details_done((struct details *)shown);
}

static void put_as(const struct details *details, struct sink *sink, const char *key,
		   enum walk_flavour flavour)
{
	struct walk *walk;

	if (walk_new(&details->btf, details->type_id, flavour, &walk, NULL)) {
		sink_bytes(sink, key, details->bytes, details->size);
		return;
	}
	walk_put(walk, sink, key, details->bytes, details->size);
	walk_free(walk);
}

static void put(const struct inspect_metadata *shown, struct sink *sink, const char *key)
{
	put_as((const struct details *)shown, sink, key,
	       sink_is_compatible(sink) ? WALK_JSON : WALK_STRICT);
}

/* A line: the name, and what is known as compact JSON. */
static void plain(const struct inspect_metadata *shown, struct out *out)
{
	const struct details *details = (const struct details *)shown;
	AUTO(buf_done) struct buf text = { 0 };
	autofree struct out *memory = malloc(sizeof(*memory));
	struct sink json;

	if (!memory)
		return;
	out_init_memory(memory, &text);
	sink_init(&json, memory, SINK_JSON, false, NULL);
	put_as(details, &json, NULL, WALK_STRICT);
	sink_finish(&json);
	sink_done(&json);
	out_fmt(out, "\n\t%s ", details->name);
	out_bytes(out, text.bytes, text.size ? text.size - 1 : 0); /* without its new line */
}

static bool is_record(const struct btf_entry *type)
{
	return type->kind == KIND_STRUCT || type->kind == KIND_UNION;
}

/* The member of that name in the info struct, or in a union without a name in it. */
static bool find_below(const struct btf_reader *btf, const struct btf_entry *info,
		       const char *wanted, struct member *out)
{
	struct btf_entry inner;
	struct member at;

	for (uint32_t i = 0; i < info->vlen; i++) {
		if (!member_at(btf, info, i, &at) || *at.name ||
		    !btf_type(btf, at.type_id, &inner) || inner.kind != KIND_UNION ||
		    !member_find(btf, &inner, wanted, out))
			continue;
		out->offset += at.offset;
		return true;
	}
	return false;
}

static bool find_place(const struct btf_reader *btf, const char *type_name, struct member *out,
		       size_t *size)
{
	struct btf_entry type;

	for (uint32_t id = 1; id < btf_count(btf); id++) {
		if (!btf_type(btf, id, &type) || type.kind != KIND_STRUCT ||
		    strcmp(type.name, "bpf_link_info") != 0)
			continue;
		if (!find_below(btf, &type, type_name, out) ||
		    !btf_type(btf, out->type_id, &type) || !is_record(&type))
			return false;
		*size = type.size_or_type;
		return true;
	}
	return false;
}

static bool read_info(const struct sys *sys, uint32_t id, unsigned char *bytes, uint32_t *length)
{
	autoclose int fd = sys_open_id(sys, INSPECT_LINK, id);

	return fd >= 0 && !sys_info(sys, fd, bytes, length);
}

static bool fill(struct inspect *inspect, const struct inspect_link *link, struct details *out)
{
	unsigned char info[INFO_BYTES] = { 0 };
	uint32_t length = sizeof(info);
	struct member place;
	char path[256];
	size_t size;

	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", inspect->sys.root);
	if (proc_read_file(path, BTF_MOST, &out->btf_bytes, &size, NULL) ||
	    btf_init(&out->btf, out->btf_bytes, size, NULL, NULL) ||
	    !find_place(&out->btf, link->type_name, &place, &out->size) ||
	    !read_info(&inspect->sys, link->id, info, &length) || place.offset > length ||
	    out->size > length - place.offset)
		return false;
	memcpy(out->bytes, info + place.offset, out->size);
	out->type_id = place.type_id;
	out->name = strdup(link->type_name);
	return out->name;
}

void link_details_read(struct inspect *inspect, struct inspect_link *link)
{
	if (link_type_get(link->type)->is_known || !link->type_name)
		return;
	struct details *details = calloc(1, sizeof(*details));
	if (!details)
		return;
	if (!fill(inspect, link, details)) {
		details_done(details);
		return;
	}
	details->shown = (struct inspect_metadata){ .put = put, .plain = plain, .done = done };
	link->details = &details->shown;
	link->have |= INSPECT_LINK_HAS_DETAILS;
}
