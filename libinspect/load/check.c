/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * check.c - what can be told of an object before libbpf sees it
 */
#include "load/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "code/section_type.h"

#define DISTANCE_MOST 3 /* edits that may part a name from what was meant */

const char *check_nearest_section(const char *section)
{
	autofree char *first = strndup(section, strcspn(section, "/"));
	const char *nearest = NULL, *name;
	size_t least = DISTANCE_MOST;

	for (unsigned i = 0; first && (name = inspect_section_name(i)); i++) {
		size_t whole = text_distance(name, section), part = text_distance(name, first);
		size_t distance = whole < part ? whole : part;

		if (distance >= least)
			continue;
		least = distance;
		nearest = name;
	}
	return nearest;
}

static int check_type(const char *type, struct inspect_error *err)
{
	struct section_type found;

	if (section_type_find(type, &found))
		return 0;
	inspect_fail(err, INSPECT_EUSAGE, "type '%s' is not known", type);
	const char *nearest = check_nearest_section(type);
	if (nearest)
		return inspect_hint(err, "did you mean '%s'? types are named as sections are",
				    nearest);
	return inspect_hint(err, "types are named as sections are: xdp, tc, kprobe, cgroup/dev");
}

int check_words(const struct inspect_load_spec *spec, struct inspect_error *err)
{
	if (spec->offload_device && spec->metadata_device)
		return inspect_fail(err, INSPECT_EUSAGE,
				    "xdpmeta_dev and offload_dev are mutually exclusive");
	int r = spec->type ? check_type(spec->type, err) : 0;
	if (!r && spec->kernel_btf) {
		r = inspect_btf_check(spec->kernel_btf, err);
		if (r < 0)
			return inspect_context(err, "kernel_btf");
	}
	return r;
}

static int check_legacy(const struct object *object, struct inspect_error *err)
{
	if (!elf_object_find(&object->elf, "maps"))
		return 0;
	inspect_fail(err, EOPNOTSUPP, "section 'maps': definitions of maps as before libbpf 1.0");
	return inspect_hint(err,
			    "define maps with BTF, in the section '.maps', and compile it again");
}

int check_file(const struct inspect_load_spec *spec, struct object *out, struct inspect_error *err)
{
	int r = object_open(out, spec->file, err);
	if (!r && out->problem.code) {
		*err = out->problem;
		r = inspect_context(err, "%s", spec->file);
	}
	if (!r) {
		r = check_legacy(out, err);
		if (r < 0)
			inspect_context(err, "%s", spec->file);
	}
	return r < 0 ? inspect_context(err, "failed to open object file") : 0;
}
