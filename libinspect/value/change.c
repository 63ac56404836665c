/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * change.c - elements are added, changed and removed
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "records/one.h"
#include "value/target.h"

/* The value is an object: its descriptor is what the kernel wants. Keeps it open in *fd. */
static int put_reference(struct target *target, int *fd, struct inspect_error *err)
{
	const struct inspect_ref *ref = &target->data.reference;
	AUTO(inspect_prog_done) struct inspect_prog prog = { .fd = -1 };
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };
	bool is_prog = ref->kind == INSPECT_PROG;

	int r = one_open(target->inspect, ref, is_prog ? (void *)&prog : (void *)&map, err);
	if (r < 0)
		return inspect_context(err, "value");
	*fd = take_fd(is_prog ? &prog.fd : &map.fd);
	memcpy(target->value, fd, sizeof(*fd));
	return 0;
}

/* The same value for every CPU, or a new one for one of them and the others' as they are. */
static int put_cpu_values(struct target *target, struct inspect_error *err)
{
	size_t size = target->map.value_bytes;
	size_t stride = target->value_size / target->n_cpus;
	bool is_one = target->data.have & DATA_CPU;

	if (is_one) {
		int r = sys_lookup(&target->inspect->sys, target->map.fd, target->data.key,
				   target->value);
		if (r < 0 && r != -ENOENT)
			return target_fail(target, "read the values of the other CPUs", -r, err);
	}
	for (unsigned i = 0; i < target->n_cpus; i++)
		if (!is_one || i == target->cpu_at)
			memcpy(target->value + i * stride, target->data.value, size);
	return 0;
}

static int put_value(struct target *target, int *fd, struct inspect_error *err)
{
	if (target->kind->flags & (ELEMS_MAP_ID | ELEMS_PROG_ID))
		return put_reference(target, fd, err);
	if (target->kind->flags & ELEMS_PER_CPU)
		return put_cpu_values(target, err);
	memcpy(target->value, target->data.value, target->value_size);
	return 0;
}

int inspect_map_update(struct inspect *inspect, const struct inspect_ref *ref,
		       const struct inspect_words *words, const struct inspect_note *note,
		       struct inspect_error *err)
{
	AUTO(target_done) struct target target = { .map.fd = -1 };
	autoclose int value_fd = -1;

	ERROR_NEEDED(err);
	int r = target_open(inspect, ref, words, DATA_KEY | DATA_VALUE | DATA_FLAG | DATA_CPU,
			    DATA_KEY | DATA_VALUE, &target, err);
	if (r < 0)
		return r;
	r = target_reopen(&target, target.data.have & DATA_CPU ? 0 : ABI_F_WRONLY, err);
	if (!r)
		r = put_value(&target, &value_fd, err);
	if (r < 0)
		return r;
	r = sys_update(&inspect->sys, target.map.fd, target.data.key, target.value,
		       target.data.flag);
	if (r < 0)
		return target_fail(&target, "update", -r, err);
	if (target.kind->flags & ELEMS_PROG_ID)
		note_tell(note, "map %u is emptied when no process has it open and no path pins it",
			  target.map.id);
	return 0;
}

int inspect_map_delete(struct inspect *inspect, const struct inspect_ref *ref,
		       const struct inspect_words *words, struct inspect_error *err)
{
	AUTO(target_done) struct target target = { .map.fd = -1 };

	ERROR_NEEDED(err);
	int r = target_open(inspect, ref, words, DATA_KEY, DATA_KEY, &target, err);
	if (!r)
		r = target_reopen(&target, ABI_F_WRONLY, err);
	if (r < 0)
		return r;
	r = sys_delete(&inspect->sys, target.map.fd, target.data.key);
	return r < 0 ? target_fail(&target, "delete", -r, err) : 0;
}

int inspect_map_freeze(struct inspect *inspect, const struct inspect_ref *ref,
		       struct inspect_error *err)
{
	AUTO(inspect_map_done) struct inspect_map map = { .fd = -1 };

	ERROR_NEEDED(err);
	int r = one_open(inspect, ref, &map, err);
	if (!r)
		r = one_reopen_map(inspect, ref, ABI_F_WRONLY, &map, err);
	if (r < 0)
		return r;
	r = sys_freeze(&inspect->sys, map.fd);
	if (!r)
		return 0;
	inspect_fail(err, -r, "map %u: freeze", map.id);
	if (r == -EPERM)
		return inspect_hint(err, "it is frozen already, or this process lacks CAP_BPF");
	if (r == -EBUSY)
		return inspect_hint(err, "it is frozen already, or mapped into memory for writing");
	if (r == -EOPNOTSUPP || r == -ERROR_ENOTSUPP)
		return inspect_hint(err, "maps of this type cannot be frozen");
	return r;
}
