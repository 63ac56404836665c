/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name.c - names in questions: which number one is, or which one is the nearest
 */
#include "probe/name.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define NEAR_MOST 5u /* so many edits away is not what was meant */

int name_unknown(const struct inspect_question *question, name_at *at, void *context,
		 struct inspect_error *err)
{
	const char *name, *nearest = NULL;
	size_t least = NEAR_MOST;

	ERROR_NEEDED(err);
	for (size_t i = 0; (name = at(context, i)); i++) {
		size_t distance = text_distance(name, question->name);

		if (distance < least) {
			least = distance;
			nearest = name;
		}
	}
	inspect_fail(err, INSPECT_EUSAGE, "unknown %s '%s'", probe_kinds[question->kind].word,
		     question->name);
	return nearest ? inspect_hint(err, "did you mean '%s'?", nearest) : -INSPECT_EUSAGE;
}

struct of_set {
	struct probe *probe;
	enum names_set set;
};

static const char *name_of_set(void *context, size_t i)
{
	const struct of_set *of = context;

	return names_get(&of->probe->inspect->names, of->probe->sys, of->set, (unsigned)i);
}

int name_number(struct probe *probe, enum names_set set, const struct inspect_question *question,
		unsigned *out, struct inspect_error *err)
{
	struct of_set of = { probe, set };
	const char *name;

	for (unsigned i = 0; (name = name_of_set(&of, i)); i++) {
		if (strcmp(name, question->name) == 0) {
			*out = i;
			return 0;
		}
	}
	return name_unknown(question, name_of_set, &of, err);
}
