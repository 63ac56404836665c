/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * object_map.h - the maps that an object asks for
 */
#ifndef CODE_OBJECT_MAP_H
#define CODE_OBJECT_MAP_H

#include "base/buf.h"
#include "code/object.h"

enum object_map_has {
	OBJECT_MAP_HAS_TYPE = 1,
	OBJECT_MAP_HAS_KEY = 2, /* its size */
	OBJECT_MAP_HAS_VALUE = 4,
	OBJECT_MAP_HAS_ENTRIES = 8,
	OBJECT_MAP_HAS_FLAGS = 16,
	OBJECT_MAP_HAS_PINNING = 32,
	OBJECT_MAP_HAS_EXTRA = 64,
	OBJECT_MAP_HAS_NODE = 128,
	OBJECT_MAP_HAS_KEY_TYPE = 256,
	OBJECT_MAP_HAS_VALUE_TYPE = 512,
	OBJECT_MAP_HAS_INITIAL = 1024, /* maps or programs that it holds from the beginning */
};

/* What its definition says; what it leaves to the loader is not known. */
struct object_map {
	unsigned have; /* enum object_map_has */
	const char *name;
	uint32_t type, key_bytes, value_bytes, max_entries, flags, pinning, numa_node;
	uint64_t extra;
	uint32_t key_type, value_type; /* type ids */
	uint32_t inner; /* type id of what maps of maps hold, for object_inner_map(); or 0 */
	uint32_t
		initial_at; /* where pointers to these begin, bytes from the beginning of the variable */
};

/*
 * Calls @each for every map of .maps, and of the sections called maps that older objects have. Returns 0, what @each
 * returned when that is not 0, or -EINVAL (a definition makes no sense: names the map).
 */
int object_each_map(const struct object *object,
		    int (*each)(void *context, const struct object_map *map, const char *section),
		    void *context, struct inspect_error *err);

/* The definition of what a map of maps holds, where it has one. False: it makes no sense. */
bool object_inner_map(const struct object *object, const struct object_map *outer,
		      struct object_map *out);

#endif
