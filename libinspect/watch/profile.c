/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * profile.c - count what happens while programs run
 *
 * A program at the entry of another, and one at its exit, read the counters of the CPU they run on. All of it hangs on
 * descriptors of this process, so that nothing is left however it ends.
 */
#include "watch/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "kernel/caps.h"
#include "kernel/perf.h"
#include "kernel/proc.h"
#include "watch/load.h"

#define LOG_BYTES 65536u
#define PROGS_MOST 128u /* five descriptors each */

enum {
	ENTRY,
	EXIT,
	AT_ENTRY,
	AT_EXIT,
};

static int create_map(const struct profile *profile, uint32_t type, uint32_t value_bytes,
		      uint32_t entries)
{
	const struct abi_map_create_attr attr = {
		.type = type,
		.key_size = sizeof(uint32_t),
		.value_size = value_bytes,
		.max_entries = entries,
		.name = "profile",
	};

	return sys_map_create(&profile->inspect->sys, &attr);
}

static int fail_counter(const struct metric *metric, int r, unsigned cpu, struct inspect_error *err)
{
	inspect_fail(err, -r, "metric %s: count on CPU %u", metric->name, cpu);
	bool is_refused = r == -EPERM || r == -EACCES;
	if (is_refused && !(caps_effective() & (CAPS_PERFMON | CAPS_SYS_ADMIN)))
		return inspect_hint(err, "counters of a CPU need CAP_PERFMON, or CAP_SYS_ADMIN");
	if (is_refused)
		return inspect_hint(err, "this process has the capability: a seccomp filter, a "
					 "security module or a user namespace is in the way");
	if (!metric->is_software)
		return inspect_hint(err,
				    "the CPU, or the machine that it is lent from, counts no "
				    "such thing; cpu_clock, task_clock, page_faults, "
				    "context_switches and cpu_migrations are counted anywhere");
	return r;
}

/* The map keeps the counter; its descriptor is not needed any more. */
static int put_counter(const struct profile *profile, unsigned i, uint32_t cpu,
		       struct inspect_error *err)
{
	const struct metric *metric = &metrics[profile->metrics[i]];

	autoclose int fd = perf_open_counter(metric->type, metric->config, cpu);
	if (fd == -ENODEV && profile->n_cpus > 1) {
		if (!i)
			note_tell(profile->note, "CPU %u is offline: nothing is counted there",
				  cpu);
		return 0;
	}
	if (fd < 0)
		return fail_counter(metric, fd, cpu, err);
	int r = sys_update(&profile->inspect->sys, profile->events[i], &cpu, &fd, ABI_ANY);
	return r < 0 ? inspect_fail(err, -r, "metric %s: keep the counter", metric->name) : 0;
}

static int open_metric(struct profile *profile, unsigned i, struct inspect_error *err)
{
	int r = create_map(profile, ABI_MAP_TYPE_PERF_EVENT_ARRAY, sizeof(uint32_t),
			   profile->cpus[profile->n_cpus - 1] + 1);

	if (r < 0) {
		inspect_fail(err, -r, "profile: create a map");
		return caps_hint(err, CAPS_LOAD);
	}
	profile->events[i] = r;
	for (unsigned k = 0; k < profile->n_cpus; k++) {
		r = put_counter(profile, i, profile->cpus[k], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int profile_open(struct profile *profile, struct inspect_error *err)
{
	for (unsigned i = 0; i < METRICS; i++)
		profile->events[i] = -1;
	int r = proc_possible_cpus(&profile->inspect->sys, &profile->cpus, err);
	if (r <= 0)
		return r < 0 ? r : inspect_fail(err, EINVAL, "profile: no CPU");
	profile->n_cpus = (unsigned)r;
	for (unsigned i = 0; i < profile->n_metrics; i++) {
		r = open_metric(profile, i, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static void profiled_done(struct profiled *it)
{
	for (unsigned i = sizeof(it->fds) / sizeof(*it->fds); i--;)
		close_fd(take_fd(&it->fds[i]));
	close_fd(take_fd(&it->state_fd));
	inspect_prog_done(&it->prog);
}

void profile_done(struct profile *profile)
{
	for (unsigned i = 0; i < profile->n_progs; i++)
		profiled_done(&profile->progs[i]);
	for (unsigned i = 0; i < profile->n_metrics; i++)
		close_fd(profile->events[i]);
	free(profile->progs);
	free(profile->cpus);
	*profile = (struct profile){ 0 };
}

/* The type of the program's main function in its BTF. */
static int main_function(const struct profile *profile, const struct inspect_prog *prog,
			 uint32_t *out, struct inspect_error *err)
{
	struct abi_func_info func = { 0 };
	struct abi_prog_info info = {
		.nr_func_info = 1,
		.func_info_rec_size = sizeof(func),
		.func_info = (uint64_t)(uintptr_t)&func,
	};
	uint32_t length = sizeof(info);

	int r = sys_info(&profile->inspect->sys, prog->fd, &info, &length);
	if (r < 0)
		return inspect_fail(err, -r, "prog %u: read its functions", prog->id);
	if (!info.btf_id || !info.nr_func_info || !func.type_id) {
		inspect_fail(err, EOPNOTSUPP, "prog %u: it has no BTF that tells its functions",
			     prog->id);
		return inspect_hint(err,
				    "the kernel finds where to count by that: programs have it "
				    "where they are compiled with -g, and their loader keeps it");
	}
	*out = func.type_id;
	return 0;
}

/* The first line of what the verifier said. */
static int fail_load(const struct inspect_prog *prog, const char *log, int r,
		     struct inspect_error *err)
{
	int size = (int)strcspn(log, "\n");

	inspect_fail(err, -r, "prog %u: load a program that counts at its entry and exit",
		     prog->id);
	if (size)
		return inspect_hint(err, "the kernel says: %.*s", size > 200 ? 200 : size, log);
	if (r == -EPERM || r == -ENOTSUP || r == -ERROR_ENOTSUPP || r == -EINVAL)
		return inspect_hint(
			err, "it takes CAP_BPF and CAP_PERFMON, and a kernel that lets "
			     "programs be attached to programs (fentry, fexit): one with BPF "
			     "trampolines, and not locked down");
	return r;
}

static int load_half(const struct profile *profile, struct profiled *it, unsigned which,
		     uint32_t btf_id, struct inspect_error *err)
{
	AUTO(asm_done) struct code code = { 0 };
	autofree char *log = calloc(1, LOG_BYTES);
	const struct load_how how = {
		.type = ABI_PROG_TYPE_TRACING,
		.attach_type = which == ENTRY ? ABI_TRACE_FENTRY : ABI_TRACE_FEXIT,
		.target_fd = it->prog.fd,
		.target_btf_id = btf_id,
		.name = which == ENTRY ? "profile_entry" : "profile_exit",
		.log = log,
		.log_size = LOG_BYTES,
	};

	if (!log)
		return inspect_fail(err, ENOMEM, "prog %u: profile", it->prog.id);
	if (which == ENTRY)
		profile_code_entry(&code, it->state_fd, profile->events, profile->n_metrics);
	else
		profile_code_exit(&code, it->state_fd, profile->events, profile->n_metrics);
	int fd = load_code(&profile->inspect->sys, &code, &how);
	log[LOG_BYTES - 1] = '\0';
	if (fd < 0)
		return fail_load(&it->prog, log, fd, err);
	it->fds[which] = fd;
	return 0;
}

static int attach_half(const struct profile *profile, struct profiled *it, unsigned which,
		       struct inspect_error *err)
{
	int fd = sys_raw_tracepoint_open(&profile->inspect->sys, it->fds[which], NULL, 0);

	if (fd < 0) {
		inspect_fail(err, -fd, "prog %u: attach at its entry and exit", it->prog.id);
		return inspect_hint(err, "the kernel has room for few programs at one place, and "
					 "needs the program compiled to machine code");
	}
	it->fds[which == ENTRY ? AT_ENTRY : AT_EXIT] = fd;
	return 0;
}

static int open_profiled(const struct profile *profile, struct profiled *it,
			 struct inspect_error *err)
{
	uint32_t btf_id = 0;

	int r = main_function(profile, &it->prog, &btf_id, err);
	if (r < 0)
		return r;
	it->state_fd = create_map(profile, ABI_MAP_TYPE_PERCPU_ARRAY,
				  profile_bytes(profile->n_metrics), 1);
	if (it->state_fd < 0)
		return inspect_fail(err, -it->state_fd, "prog %u: create a map", it->prog.id);
	r = load_half(profile, it, ENTRY, btf_id, err);
	if (!r)
		r = load_half(profile, it, EXIT, btf_id, err);
	if (!r)
		r = attach_half(profile, it, EXIT, err);
	return r ? r : attach_half(profile, it, ENTRY, err);
}

static bool has_already(const struct profile *profile, unsigned id)
{
	for (unsigned i = 0; i < profile->n_progs; i++)
		if (profile->progs[i].prog.id == id)
			return true;
	return false;
}

/* Takes the program; one that could not be read is an error here. */
static int add_prog(struct profile *profile, struct inspect_prog *prog, struct inspect_error *err)
{
	AUTO(profiled_done)
	struct profiled it = { .prog = *prog, .state_fd = -1, .fds = { -1, -1, -1, -1 } };

	if (prog->failed)
		return inspect_fail(err, prog->failed, "prog %u", prog->id);
	if (has_already(profile, prog->id))
		return 0;
	if (profile->n_progs == PROGS_MOST)
		return inspect_fail(err, E2BIG, "profile: more than %u programs", PROGS_MOST);
	struct profiled *grown =
		realloc(profile->progs, (profile->n_progs + 1) * sizeof(*profile->progs));
	if (!grown)
		return inspect_fail(err, ENOMEM, "prog %u: profile", prog->id);
	profile->progs = grown;
	int r = open_profiled(profile, &it, err);
	if (r < 0)
		return r;
	profile->progs[profile->n_progs++] = it;
	it = (struct profiled){ .prog.fd = -1, .state_fd = -1, .fds = { -1, -1, -1, -1 } };
	return 0;
}

int profile_add(struct profile *profile, const struct inspect_ref *ref, struct inspect_error *err)
{
	struct inspect_list *list;
	struct inspect_prog prog;
	unsigned n = 0;

	int r = inspect_list_new(profile->inspect, ref, INSPECT_WANT_FD, &list, err);
	if (r < 0)
		return r;
	while ((r = inspect_list_next(list, &prog, err)) > 0) {
		n++;
		r = add_prog(profile, &prog, err);
		if (r < 0)
			break;
	}
	inspect_list_free(list);
	if (!r && !n) /* a name that nothing has */
		return inspect_fail(err, ENOENT, "prog");
	return r;
}

static void add_reading(struct reading *sum, const struct reading *one)
{
	sum->counter += one->counter;
	sum->enabled_ns += one->enabled_ns;
	sum->running_ns += one->running_ns;
}

static int read_totals(const struct profile *profile, struct profiled *it,
		       struct inspect_error *err)
{
	unsigned n = profile->n_metrics;
	size_t size = profile_bytes(n);
	autofree unsigned char *values = calloc(profile->n_cpus, size);
	struct profile_state state = { 0 };
	uint32_t key = 0;

	if (!values)
		return inspect_fail(err, ENOMEM, "prog %u: profile", it->prog.id);
	int r = sys_lookup(&profile->inspect->sys, it->state_fd, &key, values);
	if (r < 0)
		return inspect_fail(err, -r, "prog %u: read what was counted", it->prog.id);
	for (unsigned k = 0; k < profile->n_cpus; k++) {
		memcpy(&state, values + k * size, size);
		it->runs += state.runs;
		for (unsigned i = 0; i < n; i++)
			add_reading(&it->totals[i], &state.pairs[profile_total_at(i, n)]);
	}
	return 0;
}

int profile_end(struct profile *profile, struct inspect_error *err)
{
	for (unsigned i = 0; i < profile->n_progs; i++) {
		close_fd(take_fd(&profile->progs[i].fds[AT_ENTRY]));
		close_fd(take_fd(&profile->progs[i].fds[AT_EXIT]));
	}
	for (unsigned i = 0; i < profile->n_progs; i++) {
		int r = read_totals(profile, &profile->progs[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}
