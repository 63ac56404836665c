/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_license.c - the licence that an object tells the kernel
 *
 * Some helpers, all kernel functions and some types of programs are for programs alone whose licence the kernel takes for compatible with
 * the GPL. It compares the text with a few that it knows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/requires.h"

#define LICENSE_MOST 63 /* what the loader keeps of it */

static bool is_compatible(const char *license)
{
	static const char *const known[] = {
		"GPL",		"GPL v2",	"GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(license, known[i]) == 0)
			return true;
	return false;
}

int finding_license(struct finding *finding)
{
	const struct object *object = finding->object;
	const struct elf_part *part = elf_object_find(&object->elf, "license");
	struct requires *requires = finding->requires;
	size_t size = part && !elf_part_is_empty(part) ? part->size : 0;

	requires->license = size ? strndup(object->bytes + part->offset,
					   size < LICENSE_MOST ? size : LICENSE_MOST)
				 : strdup("");
	if (!requires->license)
		return -ENOMEM;
	requires->is_gpl = is_compatible(requires->license);
	return 0;
}

void need_refuse_license(const struct requires *requires, struct need *need, const char *whose,
			 enum inspect_found found)
{
	char text[200];

	if (*requires->license)
		snprintf(text, sizeof(text),
			 "such %s are for GPL compatible programs; the licence is \"%s\"", whose,
			 requires->license);
	else
		snprintf(text, sizeof(text),
			 "such %s are for GPL compatible programs; it has no licence", whose);
	need->is_answered = true;
	need->answer = INSPECT_NO;
	need->reason = INSPECT_REASON_OTHER;
	need->found = found;
	need->code = 0;
	free(need->detail);
	need->detail = strdup(text);
}
