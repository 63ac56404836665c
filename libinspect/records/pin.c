/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.c - give an object a name in a BPF file system
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/bpffs.h"
#include "records/kind.h"
#include "records/one.h"

int inspect_pin(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
		bool no_mount, const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { 0 };
	const struct kind *kind = kind_get(ref->kind);
	union record record;
	int fd;

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &record, err);
	if (r < 0)
		return r;
	memcpy(&fd, (const char *)&record + kind->fd_at, sizeof(fd));
	r = bpffs_check(path, no_mount, &place, err);
	if (!r)
		r = bpffs_pin(&inspect->sys, &place, fd, note, err);
	kind->done(&record);
	return r;
}
