/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * prog.c - what the running kernel says of a program
 *
 * The info call copies as much into an array as there is room for, and says how much there was: one
 * call with some room serves nearly every program, and only one with more maps needs a second.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "kernel/proc.h"
#include "records/device.h"
#include "records/kind.h"
#include "records/owners.h"
#include "records/pins.h"
#include "records/print.h"

#define FULL_NAME (ABI_OBJ_NAME_ROOM - 1) /* a name of this length may have been cut */

void inspect_prog_done(struct inspect_prog *prog)
{
	close_fd(prog->fd);
	free(prog->map_ids.ids);
	owners_done(&prog->owners);
	if (prog->metadata)
		prog->metadata->done(prog->metadata);
	*prog = (struct inspect_prog){ .fd = -1 };
}

static void prog_from_info(struct inspect_prog *out, const struct abi_prog_info *info,
			   uint32_t length)
{
	out->have |= INSPECT_PROG_HAS_INFO;
	out->id = info->id;
	out->type = info->type;
	memcpy(out->tag, info->tag, sizeof(out->tag));
	memcpy(out->kernel_name, info->name, sizeof(out->kernel_name) - 1);
	memcpy(out->name, out->kernel_name, sizeof(out->kernel_name));
	out->is_gpl_compatible = info->gpl_compatible & 1;
	if (info->load_time) {
		out->have |= INSPECT_PROG_HAS_LOAD_TIME;
		out->loaded_at = proc_wall_seconds(info->load_time);
		out->uid = info->created_by_uid;
	}
	/* Every program has instructions: none means that this user is not told. */
	if (info->xlated_prog_len) {
		out->have |= INSPECT_PROG_HAS_XLATED;
		out->xlated_bytes = info->xlated_prog_len;
		out->jited_bytes = info->jited_prog_len;
		out->is_jited = info->jited_prog_len;
		out->functions = info->nr_jited_ksyms;
		out->have |= out->is_jited ? INSPECT_PROG_HAS_JITED : 0;
	}
	if (info->btf_id) {
		out->have |= INSPECT_PROG_HAS_BTF;
		out->btf_id = info->btf_id;
	}
	if (ABI_KNOWS(length, struct abi_prog_info, run_cnt)) {
		out->have |= INSPECT_PROG_HAS_STATS;
		out->have |= info->run_time_ns ? INSPECT_PROG_HAS_RUN : 0;
		out->run_time_ns = info->run_time_ns;
		out->run_cnt = info->run_cnt;
	}
	if (ABI_KNOWS(length, struct abi_prog_info, recursion_misses)) {
		out->have |= INSPECT_PROG_HAS_MISSES;
		out->have |= info->recursion_misses ? INSPECT_PROG_HAS_MISSED : 0;
		out->recursion_misses = info->recursion_misses;
	}
	if (ABI_KNOWS(length, struct abi_prog_info, verified_insns)) {
		out->have |= INSPECT_PROG_HAS_VERIFIED;
		out->verified_insns = info->verified_insns;
	}
	if (ABI_KNOWS(length, struct abi_prog_info, attach_btf_id) && info->attach_btf_id) {
		out->have |= INSPECT_PROG_HAS_ATTACH_BTF;
		out->attach_btf_obj_id = info->attach_btf_obj_id;
		out->attach_btf_id = info->attach_btf_id;
	}
}

/* The ids of the maps; they were asked for with room for @room of them. */
static int take_map_ids(const struct sys *sys, int fd, const struct abi_prog_info *info,
			const uint32_t *ids, uint32_t room, struct inspect_ids *out)
{
	uint32_t n = info->nr_map_ids;

	if (!n)
		return 0;
	autofree unsigned *all = malloc(n * sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (n <= room) {
		memcpy(all, ids, n * sizeof(*all));
	} else {
		struct abi_prog_info again = {
			.nr_map_ids = n,
			.map_ids = (uint64_t)(uintptr_t)all,
		};
		uint32_t length = sizeof(again);
		int r = sys_info(sys, fd, &again, &length);

		if (r < 0)
			return r;
		n = again.nr_map_ids < n ? again.nr_map_ids : n;
	}
	out->ids = take_ptr(&all);
	out->n = n;
	return 0;
}

static int prog_read(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_prog *out = record;
	uint32_t ids[64], length = sizeof(struct abi_prog_info);
	struct abi_prog_info info = { 0 };

	if (want & INSPECT_WANT_MAP_IDS) {
		info.nr_map_ids = sizeof(ids) / sizeof(*ids);
		info.map_ids = (uint64_t)(uintptr_t)ids;
	}
	int r = sys_info(&inspect->sys, fd, &info, &length);
	if (r < 0)
		return r;
	prog_from_info(out, &info, length);
	out->type_name = names_get(&inspect->names, &inspect->sys, NAMES_PROG_TYPE, out->type);
	if (info.ifindex) {
		out->have |= INSPECT_PROG_HAS_DEVICE;
		device_read(&inspect->sys, info.ifindex, info.netns_dev, info.netns_ino,
			    &out->device);
	}
	if (!(want & INSPECT_WANT_MAP_IDS))
		return 0;
	return take_map_ids(&inspect->sys, fd, &info, ids, sizeof(ids) / sizeof(*ids),
			    &out->map_ids);
}

/* Puts the first function's name of BTF in place of one that may have been cut. */
static void read_full_name(struct inspect *inspect, int fd, struct inspect_prog *prog)
{
	struct abi_func_info first = { 0 };
	struct abi_prog_info info = {
		.nr_func_info = 1,
		.func_info_rec_size = sizeof(first),
		.func_info = (uint64_t)(uintptr_t)&first,
	};
	uint32_t length = sizeof(info);

	if (strlen(prog->kernel_name) != FULL_NAME || !prog->btf_id)
		return;
	if (sys_info(&inspect->sys, fd, &info, &length) || !info.nr_func_info)
		return;
	const struct btf_reader *btf = inspect_btf_cached(inspect, prog->btf_id);
	const char *name = btf ? btf_func_name(btf, first.type_id) : NULL;
	if (name && *name && strlen(name) < sizeof(prog->name))
		strncpy(prog->name, name, sizeof(prog->name) - 1);
}

static bool prog_fits(struct inspect *inspect, const struct inspect_ref *ref, void *record)
{
	struct inspect_prog *prog = record;

	if (ref->by == INSPECT_BY_TAG)
		return memcmp(prog->tag, ref->tag, sizeof(prog->tag)) == 0;
	if (strcmp(prog->kernel_name, ref->text) == 0)
		return true;
	if (strncmp(prog->kernel_name, ref->text, FULL_NAME) != 0)
		return false;

	autoclose int fd = sys_open_id(&inspect->sys, INSPECT_PROG, prog->id);
	if (fd >= 0)
		read_full_name(inspect, fd, prog);
	return strcmp(prog->name, ref->text) == 0;
}

static void prog_read_owners(struct inspect *inspect, unsigned want, struct inspect_prog *prog)
{
	bool is_known = owners_read(inspect, INSPECT_PROG, prog->id, want, &prog->owners);

	prog->have |= is_known || prog->owners.n ? INSPECT_PROG_HAS_OWNERS : 0;
	prog->have |= prog->owners.n ? INSPECT_PROG_HAS_OWNED : 0;
}

static void prog_read_more(struct inspect *inspect, int fd, unsigned want, void *record)
{
	struct inspect_prog *prog = record;
	struct proc_fdinfo fdinfo;

	if (want & INSPECT_WANT_FULL_NAME)
		read_full_name(inspect, fd, prog);
	if (want & INSPECT_WANT_PINS && pins_find(inspect, INSPECT_PROG, prog->id, &prog->pinned))
		prog->have |= INSPECT_PROG_HAS_PINS;
	if (want & INSPECT_WANT_OWNERS)
		prog_read_owners(inspect, want, prog);
	if (!(want & INSPECT_WANT_FDINFO) || proc_fdinfo_read(&inspect->sys, fd, prog->id, &fdinfo))
		return;
	if (fdinfo.have & PROC_HAS_MEMLOCK) {
		prog->have |= INSPECT_PROG_HAS_MEMLOCK;
		prog->memlock_bytes = fdinfo.memlock;
	}
}

static void prog_keep(void *record, int fd)
{
	((struct inspect_prog *)record)->fd = fd;
}

static void prog_done(void *record)
{
	inspect_prog_done(record);
}

const struct kind prog_kind = {
	.noun = "prog",
	.plural = "programs",
	.size = sizeof(struct inspect_prog),
	.failed_at = offsetof(struct inspect_prog, failed),
	.id_at = offsetof(struct inspect_prog, id),
	.fd_at = offsetof(struct inspect_prog, fd),
	.read = prog_read,
	.fits = prog_fits,
	.read_more = prog_read_more,
	.keep = prog_keep,
	.done = prog_done,
};

static void put_metadata(struct sink *sink, const char *key, const void *member)
{
	const struct inspect_metadata *metadata = *(struct inspect_metadata *const *)member;

	metadata->put(metadata, sink, key);
}

#define P struct inspect_prog

static const struct field prog_fields[] = {
	FIELD(P, id, "id", "program id"),
	FIELD_AS(FIELD_ENUM, 0, P, type, "type", "program type", .names = NAMES_PROG_TYPE,
		 .name_at = offsetof(P, type_name)),
	FIELD(P, type, "type_id", "program type, the kernel's number", .flags = FIELD_STRICT),
	FIELD(P, name, "name", "name; in full where BTF has it", .want = INSPECT_WANT_FULL_NAME),
	FIELD(P, tag, "tag", "hash of the instructions"),
	FIELD(P, is_gpl_compatible, "gpl_compatible", "is its licence compatible with the GPL?"),
	FIELD_IF(INSPECT_PROG_HAS_STATS, P, run_time_ns, "run_time_ns",
		 "time spent in it, nanoseconds, while statistics were on",
		 .compatible_has = INSPECT_PROG_HAS_RUN),
	FIELD_IF(INSPECT_PROG_HAS_STATS, P, run_cnt, "run_cnt", "runs, while statistics were on",
		 .compatible_has = INSPECT_PROG_HAS_RUN),
	FIELD_IF(INSPECT_PROG_HAS_MISSES, P, recursion_misses, "recursion_misses",
		 "runs left out because it was running already",
		 .compatible_has = INSPECT_PROG_HAS_MISSED),
	FIELD_AS(FIELD_OWN, INSPECT_PROG_HAS_DEVICE, P, device, "dev", "device it is bound to",
		 .own = device_put, .shape = DEVICE_SHAPE),
	FIELD_AS(FIELD_TIME, INSPECT_PROG_HAS_LOAD_TIME, P, loaded_at, "loaded_at",
		 "when it was loaded, seconds since 1970"),
	FIELD_IF(INSPECT_PROG_HAS_LOAD_TIME, P, uid, "uid", "user who loaded it"),
	FIELD(P, is_orphaned, "orphaned", "is its device gone?"),
	FIELD_IF(INSPECT_PROG_HAS_XLATED, P, xlated_bytes, "bytes_xlated",
		 "size of its instructions, bytes"),
	FIELD_IF(INSPECT_PROG_HAS_XLATED, P, is_jited, "jited", "is there machine code?"),
	FIELD_IF(INSPECT_PROG_HAS_JITED, P, jited_bytes, "bytes_jited",
		 "size of the machine code, bytes"),
	FIELD_IF(INSPECT_PROG_HAS_MEMLOCK, P, memlock_bytes, "bytes_memlock",
		 "memory charged, bytes", .column = "memory", .want = INSPECT_WANT_FDINFO),
	FIELD(P, map_ids, "map_ids", "maps it uses", .want = INSPECT_WANT_MAP_IDS),
	FIELD_IF(INSPECT_PROG_HAS_BTF, P, btf_id, "btf_id", "BTF object with its types"),
	FIELD_IF(INSPECT_PROG_HAS_PINS, P, pinned, "pinned", "where it is pinned",
		 .want = INSPECT_WANT_PINS),
	OWNERS_FIELDS(P, INSPECT_PROG_HAS_OWNERS, INSPECT_PROG_HAS_OWNED),
	FIELD_AS(FIELD_OWN, INSPECT_PROG_HAS_METADATA, P, metadata, "metadata",
		 "values of its constants whose names begin with bpf_metadata_, without that",
		 .own = put_metadata, .shape = "any",
		 .want = PRINT_WANT_METADATA | INSPECT_WANT_MAP_IDS, .flags = FIELD_DOCUMENT),
	FIELD_IF(INSPECT_PROG_HAS_VERIFIED, P, verified_insns, "verified_insns",
		 "instructions that the verifier went through"),
	FIELD_IF(INSPECT_PROG_HAS_XLATED, P, functions, "functions", "functions it consists of"),
	FIELD_IF(INSPECT_PROG_HAS_ATTACH_BTF, P, attach_btf_obj_id, "attach_btf_obj_id",
		 "BTF object with the type that it attaches to; 0 is the kernel's"),
	FIELD_IF(INSPECT_PROG_HAS_ATTACH_BTF, P, attach_btf_id, "attach_btf_id", "that type's id"),
};

static void plain_time(struct out *out, unsigned long long seconds)
{
	time_t time = (time_t)seconds;
	char text[40];
	struct tm tm;

	if (localtime_r(&time, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &tm))
		out_fmt(out, "%s", text);
	else
		out_fmt(out, "%llu", seconds);
}

void print_prog_header(struct out *out, const struct inspect_prog *prog)
{
	const char *type = names_of(NAMES_PROG_TYPE, prog->type, prog->type_name);

	out_if(out, type, "%u: %s  ", prog->id, type);
	out_if(out, !type, "%u: type %u  ", prog->id, prog->type);
	out_if(out, prog->name[0], "name %s  ", prog->name);
	out_fmt(out, "tag %02x%02x%02x%02x%02x%02x%02x%02x", prog->tag[0], prog->tag[1],
		prog->tag[2], prog->tag[3], prog->tag[4], prog->tag[5], prog->tag[6], prog->tag[7]);
	if (prog->have & INSPECT_PROG_HAS_DEVICE)
		device_plain(out, &prog->device);
	out_if(out, prog->is_gpl_compatible, "  gpl");
	out_if(out, prog->have & INSPECT_PROG_HAS_RUN, " run_time_ns %llu run_cnt %llu",
	       prog->run_time_ns, prog->run_cnt);
	out_if(out, prog->have & INSPECT_PROG_HAS_MISSED, " recursion_misses %llu",
	       prog->recursion_misses);
	out_fmt(out, "\n");
}

static void prog_plain(struct out *out, const void *record)
{
	const struct inspect_prog *prog = record;

	print_prog_header(out, prog);
	if (prog->have & INSPECT_PROG_HAS_LOAD_TIME) {
		out_fmt(out, "\tloaded_at ");
		plain_time(out, prog->loaded_at);
		out_fmt(out, "  uid %u\n", prog->uid);
	}
	out_fmt(out, "\txlated ");
	out_if(out, prog->have & INSPECT_PROG_HAS_XLATED, "%uB", prog->xlated_bytes);
	out_if(out, !(prog->have & INSPECT_PROG_HAS_XLATED), "withheld");
	out_if(out, prog->have & INSPECT_PROG_HAS_JITED, "  jited %uB", prog->jited_bytes);
	out_if(out, prog->have & INSPECT_PROG_HAS_XLATED && !prog->is_jited, "  not jited");
	out_if(out, prog->have & INSPECT_PROG_HAS_MEMLOCK, "  memlock %lluB", prog->memlock_bytes);
	out_if(out, prog->is_orphaned, "  orphaned");
	for (unsigned i = 0; i < prog->map_ids.n; i++)
		out_fmt(out, i ? ",%u" : "  map_ids %u", prog->map_ids.ids[i]);
	out_fmt(out, "\n");
	for (unsigned i = 0; prog->have & INSPECT_PROG_HAS_PINS && i < prog->pinned.n; i++)
		out_fmt(out, "\tpinned %s\n", prog->pinned.strings[i]);
	out_if(out, prog->have & INSPECT_PROG_HAS_BTF, "\tbtf_id %u\n", prog->btf_id);
	if (prog->have & INSPECT_PROG_HAS_OWNED)
		owners_plain(out, &prog->owners);
	if (prog->have & INSPECT_PROG_HAS_METADATA)
		prog->metadata->plain(prog->metadata, out);
}

const struct schema prog_schema = {
	.name = "program",
	.fields = prog_fields,
	.n = sizeof(prog_fields) / sizeof(*prog_fields),
	.columns = "id,type,name,tag,loaded_at,uid,memory,map_ids",
	.plain = prog_plain,
	.have_at = offsetof(struct inspect_prog, have),
	.failed_at = offsetof(struct inspect_prog, failed),
	.id_at = offsetof(struct inspect_prog, id),
};
