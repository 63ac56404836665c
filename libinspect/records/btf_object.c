/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * btf_object.c - what the running kernel says of a BTF object
 *
 * Before Linux 5.11 it says neither name nor whose it is: nothing of the kernel's own has an id there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "records/btf.h"
#include "records/kind.h"
#include "records/owners.h"
#include "records/print.h"
#include "records/users.h"

void inspect_btf_done(struct inspect_btf *btf)
{
	close_fd(btf->fd);
	free(btf->prog_ids.ids);
	free(btf->map_ids.ids);
	owners_done(&btf->owners);
	*btf = (struct inspect_btf){ .fd = -1 };
}

static int btf_read(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_btf *out = record;
	struct btf_info info;

	(void)want;
	int r = btf_info_read(&inspect->sys, fd, &info);
	if (r < 0)
		return r;
	out->id = info.id;
	out->size_bytes = info.size;
	out->have = info.has_name ? INSPECT_BTF_HAS_NAME : 0;
	out->is_kernel = info.is_kernel;
	memcpy(out->name, info.name, sizeof(out->name));
	return 0;
}

/* Goes by its id alone. */
static bool btf_fits(struct inspect *inspect, const struct inspect_ref *ref, void *record)
{
	(void)inspect;
	(void)ref;
	(void)record;
	return true;
}

static void read_users(struct inspect *inspect, struct inspect_btf *btf)
{
	struct btf_users *users = &inspect->users;
	const struct sys *sys = &inspect->sys;

	if (!users_find(users, sys, btf->id, INSPECT_PROG, &btf->prog_ids) &&
	    !users_find(users, sys, btf->id, INSPECT_MAP, &btf->map_ids))
		btf->have |= INSPECT_BTF_HAS_USERS;
}

static void btf_read_more(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_btf *btf = record;

	(void)fd;
	if (want & INSPECT_WANT_USERS)
		read_users(inspect, btf);
	if (!(want & INSPECT_WANT_OWNERS))
		return;
	bool is_known = owners_read(inspect, INSPECT_BTF, btf->id, want, &btf->owners);
	btf->have |= is_known || btf->owners.n ? INSPECT_BTF_HAS_OWNERS : 0;
	btf->have |= btf->owners.n ? INSPECT_BTF_HAS_OWNED : 0;
}

static void btf_keep(void *record, int fd)
{
	((struct inspect_btf *)record)->fd = fd;
}

static void btf_object_done(void *record)
{
	inspect_btf_done(record);
}

const struct kind btf_kind = {
	.noun = "btf",
	.plural = "BTF objects",
	.size = sizeof(struct inspect_btf),
	.failed_at = offsetof(struct inspect_btf, failed),
	.id_at = offsetof(struct inspect_btf, id),
	.read = btf_read,
	.fits = btf_fits,
	.read_more = btf_read_more,
	.keep = btf_keep,
	.done = btf_object_done,
};

#define B struct inspect_btf

static const struct field btf_fields[] = {
	FIELD(B, id, "id", "BTF id"),
	FIELD(B, size_bytes, "size", "bytes"),
	FIELD_AS(FIELD_OWN, INSPECT_BTF_HAS_USERS, B, prog_ids, "prog_ids", "programs that use it",
		 .column = "progs", .own = print_ids_or_none, .shape = "[u32]",
		 .want = INSPECT_WANT_USERS),
	FIELD_AS(FIELD_OWN, INSPECT_BTF_HAS_USERS, B, map_ids, "map_ids", "maps that use it",
		 .column = "maps", .own = print_ids_or_none, .shape = "[u32]",
		 .want = INSPECT_WANT_USERS),
	OWNERS_FIELDS(B, INSPECT_BTF_HAS_OWNERS, INSPECT_BTF_HAS_OWNED),
	FIELD(B, is_kernel, "kernel", "is it the kernel's own or a module's?",
	      .flags = FIELD_COMPATIBLE),
	FIELD_IF(INSPECT_BTF_HAS_NAME, B, is_kernel, "kernel",
		 "is it the kernel's own or a module's?", .flags = FIELD_STRICT),
	FIELD(B, name, "name", "vmlinux, or the module's name; others mostly have none"),
};

static void plain_ids(struct out *out, const char *heading, const struct inspect_ids *ids)
{
	out_if(out, ids->n, "  %s ", heading);
	for (unsigned i = 0; i < ids->n; i++)
		out_fmt(out, i ? ",%u" : "%u", ids->ids[i]);
}

static void btf_plain(struct out *out, const void *record)
{
	const struct inspect_btf *btf = record;

	out_fmt(out, "%u: name ", btf->id);
	out_if(out, btf->is_kernel, "[%s]", btf->name);
	out_if(out, !btf->is_kernel, "%s", btf->name[0] ? btf->name : "<anon>");
	out_fmt(out, "  size %uB", btf->size_bytes);
	plain_ids(out, "prog_ids", &btf->prog_ids);
	plain_ids(out, "map_ids", &btf->map_ids);
	out_fmt(out, "\n");
	if (btf->have & INSPECT_BTF_HAS_OWNED)
		owners_plain(out, &btf->owners);
}

const struct schema btf_schema = {
	.name = "btf",
	.fields = btf_fields,
	.n = sizeof(btf_fields) / sizeof(*btf_fields),
	.columns = "id,name,kernel,size,progs,maps",
	.plain = btf_plain,
	.have_at = offsetof(struct inspect_btf, have),
	.failed_at = offsetof(struct inspect_btf, failed),
	.id_at = offsetof(struct inspect_btf, id),
};
