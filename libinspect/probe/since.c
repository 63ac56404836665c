/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * since.c - the first mainline release that has a thing
 *
 * What a distribution's kernel has may be older than its number: that is for people to read, and no answer of a probe
 * comes from here.
 *
 * The source of each row is the commit that added the thing, its first twelve digits. With a clone of the kernel, "git show
 * --stat COMMIT" shows that it did, and "git describe --contains --match 'v*' COMMIT" in which release it came: v6.9-rc1~13^2
 * is 6.9. Without one, the thing's page on docs.ebpf.io names release and commit of all that is older than a year or so, and
 * docs/kernel-versions.md of bcc those of types and helpers; git.kernel.org shows any commit by its digits. An id that is
 * nearly right shows nothing at all, so none is written from memory. The types of a kernel are the second witness: a release
 * that a row names must have what its enums and BTF declare, as kernels before must not. Where both do not agree, or one of
 * them says more than the other, there is no row: "unknown" is an answer.
 *
 * The release is the first that has both, a thing and its name: links of cgroups were made in 5.7 and are a type since 5.8;
 * the one of struct_ops has its number since 5.19 and is made since 6.4.
 */
#include "probe/since.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probe/since_table.h"

#define NAME_ROOM 128 /* longer ones are in no table */

struct since_table since_table(enum inspect_feature_kind kind)
{
	switch (kind) {
	case INSPECT_FEATURE_COMMAND:
		return since_commands;
	case INSPECT_FEATURE_PROG_TYPE:
		return since_prog_types;
	case INSPECT_FEATURE_MAP_TYPE:
		return since_map_types;
	case INSPECT_FEATURE_HELPER:
		return since_helpers;
	case INSPECT_FEATURE_MISC:
		return since_miscs;
	case INSPECT_FEATURE_INSTRUCTION:
		return since_instructions;
	case INSPECT_FEATURE_ATTACH_TYPE:
		return since_attach_types;
	case INSPECT_FEATURE_LINK_TYPE:
		return since_link_types;
	case INSPECT_FEATURE_MAP_FLAG:
		return since_map_flags;
	case INSPECT_FEATURE_BATCH:
		return since_batches;
	case INSPECT_FEATURE_KFUNC:
		return since_kfuncs;
	case INSPECT_FEATURE_STRUCT_OPS:
		return since_struct_ops;
	case INSPECT_FEATURE_ITERATOR:
		return since_iterators;
	case INSPECT_FEATURE_BTF_KIND:
		return since_btf_kinds;
	case INSPECT_FEATURE_FACILITY:
		return since_facilities;
	default:
		return (struct since_table){ 0 };
	}
}

static const char *find(enum inspect_feature_kind kind, const char *name)
{
	const struct since_table table = since_table(kind);
	size_t low = 0, high = table.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(table.rows[middle].name, name);

		if (order == 0)
			return table.rows[middle].release;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The release of a name between two texts, which may be empty. */
static const char *find_joined(enum inspect_feature_kind kind, const char *before, const char *name,
			       const char *behind)
{
	char joined[NAME_ROOM];
	int n = snprintf(joined, sizeof(joined), "%s%s%s", before, name, behind);

	return n < (int)sizeof(joined) ? find(kind, joined) : NULL;
}

static const char *find_name(enum inspect_feature_kind kind, const char *name)
{
	bool is_short = kind == INSPECT_FEATURE_HELPER && !text_has_prefix(name, "bpf_");

	return is_short ? find_joined(kind, "bpf_", name, "") : find(kind, name);
}

/* The number in front of anything else. */
static unsigned leading_number(const char *text)
{
	unsigned number = 0;

	for (; *text >= '0' && *text <= '9' && number < 100000; text++)
		number = number * 10 + (unsigned)(*text - '0');
	return number;
}

static unsigned release_number(const char *release)
{
	const char *dot = strchr(release, '.');

	return leading_number(release) * 1000 + (dot ? leading_number(dot + 1) : 0);
}

int since_compare(const char *a, const char *b)
{
	unsigned left = release_number(a), right = release_number(b);

	return (left > right) - (left < right);
}

static const char *later(const char *a, const char *b)
{
	return !a || !b ? NULL : since_compare(a, b) < 0 ? b : a;
}

const char *since_find(enum inspect_feature_kind kind, const char *name, const char *of)
{
	if (!of)
		return find_name(kind, name);
	if (kind == INSPECT_FEATURE_BATCH) {
		char type[NAME_ROOM];
		int n = snprintf(type, sizeof(type), "/%s", of);

		return n < (int)sizeof(type) ? find_joined(kind, "", name, type) : NULL;
	}
	return later(find_name(kind, name), find(INSPECT_FEATURE_PROG_TYPE, of));
}
