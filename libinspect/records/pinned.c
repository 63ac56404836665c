/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pinned.c - what is on a BPF file system, as records
 *
 * A file there tells nothing of what is pinned: it has to be opened, and its descriptor asked.
 */
#include "records/pinned.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/proc.h"

static void take_facts(const union record *record, struct inspect_pinned *out)
{
	switch (out->kind) {
	case INSPECT_PROG:
		out->id = record->prog.id;
		out->type = record->prog.type;
		out->type_name = names_of(NAMES_PROG_TYPE, out->type, record->prog.type_name);
		out->name = record->prog.name;
		break;
	case INSPECT_MAP:
		out->id = record->map.id;
		out->type = record->map.type;
		out->type_name = names_of(NAMES_MAP_TYPE, out->type, record->map.type_name);
		out->name = record->map.name;
		break;
	case INSPECT_LINK:
		out->id = record->link.id;
		out->type = record->link.type;
		out->type_name = names_of(NAMES_LINK_TYPE, out->type, record->link.type_name);
		break;
	case INSPECT_BTF:
		break;
	}
	out->what = kind_get(out->kind)->noun;
	out->have |= INSPECT_PINNED_HAS_OBJECT;
	out->have |= out->type_name ? INSPECT_PINNED_HAS_TYPE_NAME : 0;
	out->have |= out->name && *out->name ? INSPECT_PINNED_HAS_NAME : 0;
}

/* 0 or a negative errno; what is none of the kinds stays unknown, and is no failure. */
static int read_object(struct inspect *inspect, const char *path, union record *room,
		       struct inspect_pinned *out)
{
	autoclose int fd = sys_open_path(&inspect->sys, path);
	if (fd < 0)
		return fd;
	int r = proc_kind_of(&inspect->sys, fd, &out->kind);
	if (r == -EINVAL || (!r && out->kind == INSPECT_BTF))
		return 0;
	if (r < 0)
		return r;
	const struct kind *kind = kind_get(out->kind);
	memset(room, 0, kind->size);
	kind->keep(room, -1);
	r = kind->read(inspect, fd, 0, room);
	if (r < 0)
		return r;
	if (out->kind == INSPECT_PROG)
		kind->read_more(inspect, fd, INSPECT_WANT_FULL_NAME, room);
	take_facts(room, out);
	return 0;
}

/*
 * No object can be pinned under a name with a dot. Iterators that the kernel puts there have one; kernels differ in whether
 * those can be opened, and that one cannot says nothing: it is there, for it was listed.
 */
static bool is_kernels_own(const char *path)
{
	return strchr(strrchr(path, '/') ? strrchr(path, '/') : path, '.');
}

bool pinned_read(struct inspect *inspect, const struct mounts_entry *entry, union record *room,
		 struct inspect_pinned *out)
{
	int r = -entry->error;

	*out = (struct inspect_pinned){ .path = entry->path, .what = "unknown" };
	if (S_ISDIR(entry->mode))
		out->what = "directory";
	else if (S_ISLNK(entry->mode))
		out->what = "symlink";
	else if (S_ISREG(entry->mode))
		r = read_object(inspect, entry->path, room, out);
	if (r < 0 && S_ISREG(entry->mode) && is_kernels_own(entry->path))
		return true;
	if (r < 0) {
		out->error = -r;
		out->have |= INSPECT_PINNED_HAS_ERROR;
	}
	return r != -ENOENT;
}

void pinned_done(const struct inspect_pinned *pinned, union record *room)
{
	if (pinned->have & INSPECT_PINNED_HAS_OBJECT)
		kind_get(pinned->kind)->done(room);
}

struct listing {
	struct inspect *inspect;
	int (*each)(void *context, const struct inspect_pinned *pinned);
	void *context;
	union record room;
};

static int list_entry(void *context, const struct mounts_entry *entry)
{
	struct listing *listing = context;
	struct inspect_pinned pinned;

	if (entry->is_mount || (S_ISDIR(entry->mode) && !entry->error))
		return 0; /* what is mounted there comes by itself */
	if (!pinned_read(listing->inspect, entry, &listing->room, &pinned))
		return 0;
	int r = listing->each(listing->context, &pinned);
	pinned_done(&pinned, &listing->room);
	return r;
}

int inspect_pinned_each(struct inspect *inspect, const char *below,
			int (*each)(void *context, const struct inspect_pinned *pinned),
			void *context, struct inspect_error *err)
{
	struct listing listing = { .inspect = inspect, .each = each, .context = context };
	autofree char *real = below ? realpath(below, NULL) : NULL;

	ERROR_NEEDED(err);
	if (below && !real)
		return inspect_fail(err, errno, "%s: list pins", below);
	int r = mounts_walk_bpffs(&inspect->sys, real, list_entry, &listing);
	if (r == -ENODEV) {
		inspect_fail(err, EINVAL, "%s: list pins", below);
		return inspect_hint(err, "no BPF file system (bpffs) is mounted there or below");
	}
	return r < 0 ? inspect_fail(err, -r, "list pins") : r;
}

void pinned_put_error(struct sink *sink, const char *key, const void *member)
{
	char room[128];

	sink_string(sink, key, error_text(*(const int *)member, room, sizeof(room)));
}

void pinned_plain(struct out *out, const struct inspect_pinned *pinned)
{
	char room[128];

	out_fmt(out, "%s", pinned->what);
	if (pinned->have & INSPECT_PINNED_HAS_OBJECT) {
		out_fmt(out, " %u", pinned->id);
		out_if(out, pinned->type_name, "  type %s", pinned->type_name);
		out_if(out, !pinned->type_name, "  type %u", pinned->type);
	}
	out_if(out, pinned->have & INSPECT_PINNED_HAS_NAME, "  name %s", pinned->name);
	out_if(out, pinned->have & INSPECT_PINNED_HAS_ERROR, ": %s",
	       error_text(pinned->error, room, sizeof(room)));
}

static void pin_plain(struct out *out, const void *record)
{
	const struct inspect_pinned *pinned = record;

	out_fmt(out, "%s: ", pinned->path);
	pinned_plain(out, pinned);
	out_fmt(out, "\n");
}

static const struct field pin_fields[] = {
	PINNED_FIELDS(struct inspect_pinned, ),
};

const struct schema pin_schema = {
	.name = "pin",
	.fields = pin_fields,
	.n = sizeof(pin_fields) / sizeof(*pin_fields),
	.columns = "path,kind,id,type,name",
	.plain = pin_plain,
	.have_at = offsetof(struct inspect_pinned, have),
	.failed_at = -1,
};

struct printing {
	struct printer printer;
	bool some_failed;
};

static int print_pin(void *context, const struct inspect_pinned *pinned)
{
	struct printing *printing = context;

	if (pinned->have & INSPECT_PINNED_HAS_ERROR)
		printing->some_failed = true;
	print_record(&printing->printer, pinned);
	return sink_error(printing->printer.sink) ? 1 : 0;
}

int print_pins(struct inspect *inspect, struct sink *sink, const char *below,
	       struct inspect_error *err)
{
	struct printing printing = { .some_failed = false };

	int r = print_init(&printing.printer, sink, &pin_schema, err);
	if (r < 0)
		return r;
	print_open(&printing.printer, false);
	r = inspect_pinned_each(inspect, below, print_pin, &printing, err);
	print_close(&printing.printer, false);
	return r < 0 ? r : printing.some_failed;
}
