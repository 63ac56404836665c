/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * one.c - the one object that a reference means
 */
#include "records/one.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/caps.h"
#include "records/kind.h"

#define IDS_ROOM 400 /* bytes of ids in a hint */

static void add_id(struct buf *ids, unsigned id)
{
	char digits[NUM_ROOM];

	if (ids->size > IDS_ROOM)
		return;
	if (ids->size)
		buf_add_text(ids, ", ");
	buf_add(ids, digits, num_format_u64(digits, id));
	if (ids->size > IDS_ROOM)
		buf_add_text(ids, ", ...");
}

static unsigned id_of(const struct kind *kind, const void *record)
{
	unsigned id;

	memcpy(&id, (const char *)record + kind->id_at, sizeof(id));
	return id;
}

static int fail_several(struct inspect_list *list, const struct inspect_ref *ref,
			struct inspect_error *err)
{
	const struct kind *kind = kind_get(ref->kind);
	AUTO(buf_done) struct buf ids = { 0 };
	union record record;

	unsigned n = 0;
	int r;

	for (; (r = inspect_list_next(list, &record, err)) > 0; n++) {
		add_id(&ids, id_of(kind, &record));
		kind->done(&record);
	}
	if (r < 0 && n == 1)
		return r; /* one, and others that could not be read */
	buf_add_char(&ids, '\0');
	inspect_fail(err, INSPECT_EUSAGE, "several %s match this handle", kind->plural);
	return inspect_hint(err, "say which with 'id': %s", buf_failed(&ids) ? "?" : ids.bytes);
}

static int first_of(struct inspect_list *list, const struct inspect_ref *ref, void *record,
		    struct inspect_error *err)
{
	const struct kind *kind = kind_get(ref->kind);
	int failed;

	int r = inspect_list_next(list, record, err);
	if (r < 0)
		return r;
	if (!r)
		return inspect_fail(err, ENOENT, "%s", kind->noun);
	memcpy(&failed, (const char *)record + kind->failed_at, sizeof(failed));
	if (!failed)
		return 0;
	r = inspect_fail(err, failed, "%s %u", kind->noun, id_of(kind, record));
	kind->done(record);
	return r;
}

int one_open(struct inspect *inspect, const struct inspect_ref *ref, void *record,
	     struct inspect_error *err)
{
	struct inspect_list *list;

	int r = inspect_list_new(inspect, ref, INSPECT_WANT_FD, &list, err);
	if (r < 0)
		return r;
	r = inspect_list_is_single(list) ? first_of(list, ref, record, err)
					 : fail_several(list, ref, err);
	inspect_list_free(list);
	return r;
}

static int fail_reopen(const struct inspect_ref *ref, const struct inspect_map *map, int code,
		       struct inspect_error *err)
{
	if (ref->by != INSPECT_BY_PATH) {
		inspect_fail(err, code, "map %u: open for writing", map->id);
		return caps_hint(err, CAPS_BY_ID);
	}
	inspect_fail(err, code, "%s: open for writing", ref->text);
	if (code == EACCES || code == EPERM)
		return inspect_hint(err, "write permission on the path is needed");
	return -code;
}

/* A path may have come to name another map in the meantime. */
static int check_same(struct inspect *inspect, const struct inspect_map *map, int fd,
		      struct inspect_error *err)
{
	struct abi_map_info info = { 0 };
	uint32_t length = sizeof(info);

	int r = sys_info(&inspect->sys, fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "map %u: read info", map->id);
	if (info.id != map->id)
		return inspect_fail(err, ESTALE, "map %u: open for writing", map->id);
	return 0;
}

int one_reopen_map(struct inspect *inspect, const struct inspect_ref *ref, uint32_t rights,
		   struct inspect_map *map, struct inspect_error *err)
{
	bool is_path = ref->by == INSPECT_BY_PATH;

	autoclose int fd = is_path ? sys_open_path_with(&inspect->sys, ref->text, rights)
				   : sys_open_id_with(&inspect->sys, map->id, rights);
	if (fd < 0)
		return fail_reopen(ref, map, -fd, err);
	int r = is_path ? check_same(inspect, map, fd, err) : 0; /* map->fd keeps the id its own */
	if (r < 0)
		return r;
	close_fd(map->fd);
	map->fd = take_fd(&fd);
	return 0;
}
