/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * name.c - the kernel's numbers by the names that questions have
 */
#include "probe/name.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define NEAR_MOST 4u /* edits: what is further away is not what was meant */

unsigned name_count(enum names_set set)
{
	unsigned n = 0;

	while (names_find(set, n))
		n++;
	return n;
}

int name_unknown(const char *kind, const char *name, const char *(*next)(void *context),
		 void *context, struct inspect_error *err)
{
	size_t length = strlen(name), least = length < NEAR_MOST ? length : NEAR_MOST;
	const char *nearest = NULL;

	for (const char *word = next(context); word; word = next(context)) {
		size_t n = strlen(word);

		if (n >= length + least || length >= n + least)
			continue;
		size_t distance = text_distance(word, name);
		if (distance < least) {
			least = distance;
			nearest = word;
		}
	}
	inspect_fail(err, INSPECT_EUSAGE, "%s %s: there is no such name", kind, name);
	if (nearest)
		inspect_hint(err, "the nearest name is %s", nearest);
	return -INSPECT_EUSAGE;
}

struct names_walk {
	enum names_set set;
	unsigned at;
};

static const char *next_of_set(void *context)
{
	struct names_walk *walk = context;

	return names_find(walk->set, walk->at++);
}

struct wanted {
	const char *name;
	unsigned first;
	unsigned *out;
};

/* The kernel's enumerators have the set's prefix in front, and are in upper case. */
static bool ends_in_name(const char *enumerator, const char *name)
{
	size_t n = strlen(enumerator), length = strlen(name);

	if (n <= length || enumerator[n - length - 1] != '_')
		return false;
	for (const char *at = enumerator + n - length; *at; at++, name++)
		if ((*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at) != *name)
			return false;
	return true;
}

static int take_if_named(void *context, const char *name, uint64_t value)
{
	const struct wanted *wanted = context;

	if (value < wanted->first || value > UINT16_MAX || text_has_prefix(name, "__") ||
	    !ends_in_name(name, wanted->name))
		return 0;
	*wanted->out = (unsigned)value;
	return 1;
}

int name_number(struct probe *probe, enum names_set set, unsigned first, const char *name,
		const char *kind, unsigned *out, struct inspect_error *err)
{
	unsigned n = name_count(set);
	/* What the table has is not looked for among what is newer. */
	struct wanted wanted = { name, first > n ? first : n, out };
	struct names_walk walk = { set, first };

	for (unsigned i = first; i < n; i++)
		if (strcmp(names_find(set, i), name) == 0) {
			*out = i;
			return 0;
		}
	*out = 0;
	types_enumerators(probe, names_enum(set), take_if_named, &wanted);
	if (*out && name_of(probe, set, *out) && strcmp(name_of(probe, set, *out), name) == 0)
		return 0;
	return name_unknown(kind, name, next_of_set, &walk, err);
}

const char *name_of(struct probe *probe, enum names_set set, unsigned number)
{
	return names_get(&probe->inspect->names, probe->sys, set, number);
}
