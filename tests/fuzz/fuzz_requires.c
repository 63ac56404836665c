/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_requires.c - any bytes as an object, and its own types as the kernel's that it is held against
 *
 * That is where types that are part of themselves meet, and paths that go on for ever.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "probe/requires.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Options of a configuration that has one of two. */
static void answer(void *context, struct need *need)
{
	unsigned *n = context;

	need->is_answered = true;
	need->answer = (*n)++ % 2 ? INSPECT_YES : INSPECT_NO;
	need->value = need->answer == INSPECT_YES ? strdup("y") : NULL;
}

static void hold_against_itself(struct object *object)
{
	AUTO(core_types_done) struct core_types types = { 0 };
	AUTO(requires_done) struct requires requires = { 0 };
	struct against against = { .sets = &types, .n_sets = 1 };
	struct inspect_error error = { 0 };
	unsigned n = 0;

	if (object->has_btf)
		must(!core_types_init(&types, &object->btf));
	else
		against = (struct against){ .types_error = -2 };
	int r = requires_find(&requires, object, &against, answer, &n, &error);
	must(!r || (r < 0 && error.code && *error.what));
	for (size_t i = 0; i < requires.n; i++)
		must(requires.needs[i].name && requires.needs[i].uses);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(object_close) struct object object = { 0 };
	char *bytes = malloc(size + 1);

	must(bytes != NULL);
	memcpy(bytes, data, size);
	if (!object_take(&object, bytes, size, NULL))
		hold_against_itself(&object);
	return 0;
}
