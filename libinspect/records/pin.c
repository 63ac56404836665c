/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * pin.c - give an object a name in a BPF file system
 */
#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/bpffs.h"
#include "records/kind.h"
#include "records/one.h"

int inspect_pin(struct inspect *inspect, const struct inspect_ref *ref, const char *path,
		bool no_mount, const struct inspect_note *note, struct inspect_error *err)
{
	AUTO(bpffs_done) struct bpffs_place place = { 0 };
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	bool is_prog = ref->kind == INSPECT_PROG;

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, is_prog ? (void *)&prog : (void *)&map, err);
	if (r < 0)
		return r;
	r = bpffs_check(path, no_mount, &place, err);
	if (r < 0)
		return r;
	return bpffs_pin(&inspect->sys, &place, is_prog ? prog.fd : map.fd, note, err);
}
