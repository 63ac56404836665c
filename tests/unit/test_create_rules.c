/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_create_rules.c - why the kernel does not make a map
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "records/create.h"

struct rule_case {
	unsigned type;
	struct inspect_map_spec spec;
	const char *words; /* part of them; NULL: no rule is broken */
};

#define SPEC(type, key, value, entries, bits, ...)                                                 \
	ABI_MAP_TYPE_##type,                                                                       \
	{                                                                                          \
		.key_bytes = (key), .value_bytes = (value), .max_entries = (entries),              \
		.flags = (bits), __VA_ARGS__                                                       \
	}

static void assert_rule(const struct rule_case *one)
{
	const char *found = create_broken_rule(&one->spec, one->type);

	if (!one->words && found)
		fail_msg("type %u: '%s' although nothing is wrong", one->type, found);
	if (one->words && (!found || !strstr(found, one->words)))
		fail_msg("type %u: '%s', not '%s'", one->type, found ? found : "no rule",
			 one->words);
}

static void each_mistake_names_its_rule(void **state)
{
	static const struct rule_case cases[] = {
		{ SPEC(LPM_TRIE, 8, 1, 1, 0), "flag 0x1" },
		{ SPEC(LPM_TRIE, 3, 1, 1, 1), "5 to 260" },
		{ SPEC(LPM_TRIE, 300, 1, 1, 1), "5 to 260" },
		{ SPEC(RINGBUF, 0, 0, 4097, 0), "power of two" },
		{ SPEC(RINGBUF, 0, 0, 12288, 0), "power of two" },
		{ SPEC(RINGBUF, 4, 0, 4096, 0), "key 0 value 0" },
		{ SPEC(HASH, 4, 5000000, 1, 0), "at most 4194255" },
		{ SPEC(HASH, 4, 4, 0, 0), "'entries'" },
		{ SPEC(ARRAY, 8, 4, 1, 0), "4 bytes" },
		{ SPEC(PERCPU_ARRAY, 4, 40000, 1, 0), "32768" },
		{ SPEC(HASH, 4, 4, 1, 0, .name = "a-b"), "letters" },
		{ SPEC(HASH_OF_MAPS, 4, 4, 1, 0), "inner_map" },
		{ SPEC(QUEUE, 4, 4, 1, 0), "no keys" },
		{ SPEC(TASK_STORAGE, 4, 4, 0, 0), "flag 0x1" },
		{ SPEC(TASK_STORAGE, 4, 4, 1, 1), "'entries 0'" },
		{ SPEC(CGROUP_STORAGE, 16, 4, 1, 0), "'entries 0'" },
		{ SPEC(ARENA, 0, 0, 1, 0), "0x400" },
		{ SPEC(BLOOM_FILTER, 0, 4, 1, 0, .map_extra = 16), "at most 15" },
		{ SPEC(HASH, 4, 4, 1, 0, .map_extra = 1), "no map_extra" },
		{ SPEC(PERCPU_HASH, 4, 4, 1, 0, .have = INSPECT_SPEC_HAS_NUMA_NODE),
		  "each CPU has its own" },
		{ SPEC(HASH, 4, 4, 1, 0, .value_type = "int"), "key type" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_rule(&cases[i]);
}

static void a_map_that_is_right_breaks_no_rule(void **state)
{
	static const struct rule_case cases[] = {
		{ SPEC(HASH, 4, 4194251, 1, 1), NULL },
		{ SPEC(ARRAY, 4, 5000000, 1, 0), NULL },
		{ SPEC(PERCPU_HASH, 8, 32768, 1, 0), NULL },
		{ SPEC(LPM_TRIE, 260, 1, 1, 1), NULL },
		{ SPEC(RINGBUF, 0, 0, 4096 << 4, 0), NULL },
		{ SPEC(QUEUE, 0, 4, 1, 0), NULL },
		{ SPEC(BLOOM_FILTER, 0, 4, 1, 0, .map_extra = 15), NULL },
		{ SPEC(ARENA, 0, 0, 1, 0x400), NULL },
		{ SPEC(SK_STORAGE, 4, 4, 0, 1), NULL },
		{ SPEC(CGROUP_STORAGE, 8, 4, 0, 0), NULL },
		{ SPEC(ARRAY_OF_MAPS, 4, 4, 1, 0, .have = INSPECT_SPEC_HAS_INNER), NULL },
		{ SPEC(SOCKMAP, 4, 8, 1, 0), NULL },
		{ SPEC(DEVMAP_HASH, 4, 8, 1, 0, .name = "a_b.C9"), NULL },
		{ 63, { .key_bytes = 4, .value_bytes = 4, .max_entries = 1 }, NULL },
		{ 4000000000u, { 0 }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_rule(&cases[i]);
}

static void storage_maps_are_those_that_must_have_types(void **state)
{
	(void)state;
	assert_true(create_is_storage(ABI_MAP_TYPE_SK_STORAGE));
	assert_true(create_is_storage(ABI_MAP_TYPE_CGRP_STORAGE));
	assert_false(create_is_storage(ABI_MAP_TYPE_CGROUP_STORAGE));
	assert_false(create_is_storage(ABI_MAP_TYPE_HASH));
	assert_false(create_is_storage(64 + ABI_MAP_TYPE_SK_STORAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_names_its_rule),
		cmocka_unit_test(a_map_that_is_right_breaks_no_rule),
		cmocka_unit_test(storage_maps_are_those_that_must_have_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
