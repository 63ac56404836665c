/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * batch.c - batch commands, for each type of maps
 *
 * Each is called for no elements at all, on an empty map of the type: a type that has the command then does nothing, and one
 * that has not says so before.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/map_type.h"
#include "probe/name.h"

struct batch {
	const char *name;
	int cmd;
};

static const struct batch batches[] = {
	{ "lookup_batch", ABI_MAP_LOOKUP_BATCH },
	{ "lookup_and_delete_batch", ABI_MAP_LOOKUP_AND_DELETE_BATCH },
	{ "update_batch", ABI_MAP_UPDATE_BATCH },
	{ "delete_batch", ABI_MAP_DELETE_BATCH },
};

#define BATCHES (sizeof(batches) / sizeof(*batches))

/* A map of some type, made for questions about it. */
struct batch_map {
	unsigned type;
	const struct inspect_feature *of; /* what is known of the type */
	int fd;				  /* or an error */
};

static void map_open(struct probe *probe, unsigned type, struct batch_map *map)
{
	struct abi_map_create_attr attr;

	*map = (struct batch_map){ type, map_type_answer(probe, type), -ENOENT };
	if (map->of->answer != INSPECT_YES)
		return;
	int r = type == ABI_MAP_TYPE_STRUCT_OPS ? map_type_struct_ops(probe, &attr)
						: map_type_shape(probe, type, &attr);
	map->fd = r < 0 ? r : map_type_make(probe, &attr);
}

static void map_close(const struct batch_map *map)
{
	close_fd(map->fd);
}

/* What is known of the type decides, or what is known of the map. */
static void answer_without_map(struct probe *probe, const struct batch_map *map,
			       struct inspect_feature *out)
{
	struct inspect_feature of = *map->of;

	if (of.answer == INSPECT_YES && map->type == ABI_MAP_TYPE_STRUCT_OPS) {
		out->reason = INSPECT_REASON_NO_TYPES;
		return;
	}
	if (of.answer == INSPECT_YES) {
		answer_call_as(probe, out, ANSWER_MAP, of.name, -map->fd, NULL);
		return;
	}
	of.kind = out->kind;
	of.name = out->name;
	of.of = out->of;
	of.found = of.answer == INSPECT_NO ? INSPECT_FOUND_RULE : of.found;
	*out = of;
}

static void answer(struct probe *probe, const struct batch *row, const struct batch_map *map,
		   struct inspect_feature *out)
{
	static const int means_no[3] = { EINVAL, EOPNOTSUPP, ERROR_ENOTSUPP };

	*out = (struct inspect_feature){
		.kind = INSPECT_FEATURE_BATCH,
		.name = row->name,
		.of = map->of->name,
	};
	if (map->fd < 0) {
		answer_without_map(probe, map, out);
		return;
	}
	if (!answer_may(probe, ANSWER_BATCH, out))
		return;
	int r = sys_batch_none(probe->sys, row->cmd, map->fd);
	answer_call(probe, out, ANSWER_BATCH, -r, means_no);
	if (out->answer == INSPECT_NO && r != -EINVAL)
		out->reason = INSPECT_REASON_NOT_FOR_TYPE;
}

static int tell_type(struct probe *probe, unsigned type)
{
	struct inspect_feature out;
	struct batch_map map;
	int r = 0;

	map_open(probe, type, &map);
	for (size_t i = 0; !r && i < BATCHES; i++) {
		answer(probe, &batches[i], &map, &out);
		r = probe_tell(probe, &out);
	}
	map_close(&map);
	return r;
}

int batch_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (unsigned type = 1; !r && !probe->ifindex && names_find(NAMES_MAP_TYPE, type); type++)
		r = tell_type(probe, type);
	return r;
}

static void answer_for(struct probe *probe, const struct batch *row, unsigned type,
		       struct inspect_feature *out)
{
	struct batch_map map;

	map_open(probe, type, &map);
	answer(probe, row, &map, out);
	map_close(&map);
}

/* Has any type the command? The first one that says so, mostly hash, ends the search; else what that one said is the answer. */
static int tell_any(struct probe *probe, const struct batch *row)
{
	struct inspect_feature first, out;

	answer_for(probe, row, ABI_MAP_TYPE_HASH, &first);
	out = first;
	for (unsigned type = ABI_MAP_TYPE_ARRAY;
	     first.answer == INSPECT_NO && out.answer == INSPECT_NO && first.code != EINVAL &&
	     names_find(NAMES_MAP_TYPE, type);
	     type++)
		answer_for(probe, row, type, &out);
	if (out.answer == INSPECT_NO)
		out = first;
	out.of = NULL;
	return probe_tell(probe, &out);
}

int batch_ask(struct probe *probe, const struct inspect_question *question,
	      struct inspect_error *err)
{
	int row = name_row(NAME_ROWS(batches), question->name);
	struct inspect_feature out;

	if (row < 0)
		return name_unknown(question, NAME_ROWS(batches), err);
	if (!question->of)
		return tell_any(probe, &batches[row]);
	unsigned type = map_type_find(question->of);
	if (!type)
		return map_type_unknown(question->of, err);
	answer_for(probe, &batches[row], type, &out);
	return probe_tell(probe, &out);
}
