/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * users.c - the programs and maps that use BTF objects
 *
 * The kernel tells of a program which BTF it has, and not of BTF who has it. So all are asked, once a
 * listing.
 */
#include "records/users.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"

void users_begin(struct btf_users *users)
{
	users_done(users);
}

void users_done(struct btf_users *users)
{
	free(users->users);
	*users = (struct btf_users){ 0 };
}

/* The BTF object of an open program or map; 0 where it has none. */
static int read_btf_id(const struct sys *sys, int fd, enum inspect_kind kind, uint32_t *btf_id)
{
	union {
		struct abi_prog_info prog;
		struct abi_map_info map;
	} info = { 0 };
	uint32_t length = kind == INSPECT_PROG ? sizeof(info.prog) : sizeof(info.map);

	int r = sys_info(sys, fd, &info, &length);
	*btf_id = kind == INSPECT_PROG ? info.prog.btf_id : info.map.btf_id;
	return r;
}

/* What vanishes meanwhile, or is orphaned, uses nothing that can be seen. */
static int collect(const struct sys *sys, enum inspect_kind kind, struct buf *found)
{
	uint32_t id = 0, btf_id;
	int r;

	while (!(r = sys_next_id(sys, kind, id, &id))) {
		autoclose int fd = sys_open_id(sys, kind, id);

		r = fd < 0 ? fd : read_btf_id(sys, fd, kind, &btf_id);
		if (r == -ENOENT || r == -ENODEV)
			continue;
		if (r < 0)
			return r;
		const struct btf_user user = { .btf_id = btf_id, .kind = kind, .id = id };
		if (btf_id)
			buf_add(found, &user, sizeof(user));
		if (buf_failed(found))
			return -ENOMEM;
	}
	return r == -ENOENT ? 0 : r;
}

static int compare(const void *a, const void *b)
{
	const struct btf_user *x = a, *y = b;

	if (x->btf_id != y->btf_id)
		return x->btf_id < y->btf_id ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static void read_all(struct btf_users *users, const struct sys *sys)
{
	AUTO(buf_done) struct buf found = { 0 };

	users->is_read = true;
	users->error = collect(sys, INSPECT_PROG, &found);
	if (!users->error)
		users->error = collect(sys, INSPECT_MAP, &found);
	if (users->error || !found.size)
		return;
	users->n = found.size / sizeof(*users->users);
	users->users = (void *)take_ptr(&found.bytes);
	qsort(users->users, users->n, sizeof(*users->users), compare);
}

/* Where those begin that do not come before @wanted. */
static size_t find_first(const struct btf_users *users, const struct btf_user *wanted)
{
	size_t low = 0, high = users->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&users->users[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int users_find(struct btf_users *users, const struct sys *sys, uint32_t btf_id,
	       enum inspect_kind kind, struct inspect_ids *out)
{
	const struct btf_user wanted = { .btf_id = btf_id, .kind = kind };
	const struct btf_user after = { .btf_id = btf_id, .kind = kind + 1u };

	if (!users->is_read)
		read_all(users, sys);
	if (users->error)
		return users->error;

	size_t first = find_first(users, &wanted), n = find_first(users, &after) - first;
	*out = (struct inspect_ids){ 0 };
	if (!n)
		return 0;
	out->ids = calloc(n, sizeof(*out->ids));
	if (!out->ids)
		return -ENOMEM;
	out->n = (unsigned)n;
	for (size_t i = 0; i < n; i++)
		out->ids[i] = users->users[first + i].id;
	return 0;
}
