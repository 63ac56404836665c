/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * tracing.c - what people trace with
 *
 * A facility may be built in and switched off, or hidden from this process: then the value says what it is set to. Files are
 * read, never written; a counter is opened, and closed before it counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/num.h"
#include "kernel/caps.h"
#include "kernel/ksyms.h"
#include "kernel/perf.h"
#include "kernel/proc.h"
#include "kernel/tracefs.h"
#include "probe/answer.h"
#include "probe/attach_type.h"
#include "probe/config.h"
#include "probe/name.h"
#include "probe/prog_type.h"

#define FILE_SYSTEMS_MOST 16384
#define EVENT_SOURCES "/sys/bus/event_source/devices"

/* The answer, and room for its value. */
struct traced {
	struct inspect_feature feature;
	char value[PATH_MAX];
};

struct facility {
	const char *name;
	void (*ask)(struct probe *probe, const struct facility *facility, struct traced *out);
	const char *what;      /* of which kind of events, setting or option */
	unsigned number;       /* of an attach type or a program type */
	const char *neighbour; /* a file that is there even where the setting's is not */
};

static void set_number(struct traced *out, uint64_t value)
{
	out->value[num_format_u64(out->value, value)] = '\0';
	out->feature.value = out->value;
}

static bool is_there(const struct sys *sys, const char *path)
{
	char whole[PATH_MAX];
	int n = snprintf(whole, sizeof(whole), "%s%s", sys->root, path);

	return n > 0 && (size_t)n < sizeof(whole) && access(whole, F_OK) == 0;
}

static void cannot_read(struct traced *out, int code, const char *detail)
{
	out->feature.code = code;
	out->feature.reason = INSPECT_REASON_UNREADABLE;
	out->feature.detail = detail;
}

/* Events of kinds that programs hang on have a number since 4.17, and each kind that is built in a directory. */
static void ask_events(struct probe *probe, const struct facility *facility, struct traced *out)
{
	uint32_t type;

	int r = perf_type(probe->sys, facility->what, &type);
	if (!r) {
		answer_yes(&out->feature, INSPECT_FOUND_FILE);
		set_number(out, type);
	} else if (r != -ENOENT) {
		cannot_read(out, -r, NULL);
	} else if (is_there(probe->sys, EVENT_SOURCES)) {
		answer_no(&out->feature, INSPECT_FOUND_FILE, -r, INSPECT_REASON_NOT_BUILT_IN);
	} else {
		cannot_read(out, -r, "sysfs is not mounted");
	}
}

/* Places in programs that count who watches them. */
static void ask_semaphores(struct probe *probe, const struct facility *facility, struct traced *out)
{
	unsigned bit;

	ask_events(probe, facility, out);
	if (out->feature.answer != INSPECT_YES)
		return;
	out->feature.value = NULL;
	int r = perf_bit(probe->sys, facility->what, "ref_ctr_offset", &bit);
	if (r == -ENOENT) {
		answer_no(&out->feature, INSPECT_FOUND_FILE, -r, INSPECT_REASON_NOT_BUILT_IN);
	} else if (r) {
		out->feature.answer = INSPECT_UNKNOWN;
		cannot_read(out, -r, NULL);
	}
}

static void ask_attach_type(struct probe *probe, const struct facility *facility,
			    struct traced *out)
{
	attach_type_answer(probe, facility->number, &out->feature);
}

static void ask_prog_type(struct probe *probe, const struct facility *facility, struct traced *out)
{
	const struct inspect_feature asked = out->feature;

	out->feature = *prog_type_answer(probe, facility->number);
	out->feature.kind = asked.kind;
	out->feature.name = asked.name;
	out->feature.of = NULL;
}

static void ask_option(struct probe *probe, const struct facility *facility, struct traced *out)
{
	int is_set = config_has(probe, facility->what, NULL);

	if (is_set > 0) {
		answer_yes(&out->feature, INSPECT_FOUND_CONFIG);
	} else if (!is_set) {
		answer_no(&out->feature, INSPECT_FOUND_CONFIG, 0, INSPECT_REASON_CONFIG);
		out->feature.detail = facility->what;
	} else {
		out->feature.reason = INSPECT_REASON_NO_CONFIG;
		out->feature.detail = facility->what;
	}
}

/* --- the file system of tracing --- */

static bool knows_tracefs(const struct sys *sys, bool *out)
{
	autofree char *text = NULL;
	char path[PATH_MAX];
	size_t size;

	snprintf(path, sizeof(path), "%s/proc/filesystems", sys->root);
	if (proc_read_file(path, FILE_SYSTEMS_MOST, &text, &size, NULL))
		return false;
	*out = memmem(text, size, "\ttracefs\n", 9) != NULL;
	return true;
}

static void ask_tracefs(struct probe *probe, const struct facility *facility, struct traced *out)
{
	struct inspect_error err;
	autofree char *root = NULL;
	bool is_known;

	(void)facility;
	if (!tracefs_find(probe->sys, &root, &err)) {
		answer_yes(&out->feature, INSPECT_FOUND_FILE);
		snprintf(out->value, sizeof(out->value), "%s", root);
		out->feature.value = out->value;
	} else if (!knows_tracefs(probe->sys, &is_known)) {
		cannot_read(out, ENOENT, "/proc/filesystems");
	} else if (is_known) {
		answer_yes(&out->feature, INSPECT_FOUND_FILE);
		out->feature.detail = "it is mounted nowhere that this process can see";
	} else {
		answer_no(&out->feature, INSPECT_FOUND_FILE, 0, INSPECT_REASON_NOT_BUILT_IN);
	}
}

/* The list of functions that can be traced, and of events: opened, not read, since the first has megabytes. */
static void ask_tracefs_file(struct probe *probe, const struct facility *facility,
			     struct traced *out)
{
	static const int not_there[3] = { ENOENT };
	struct inspect_error err;
	autofree char *root = NULL;
	char path[PATH_MAX];

	int r = tracefs_find(probe->sys, &root, &err);
	if (r) {
		cannot_read(out, -r, "tracefs is not mounted");
		return;
	}
	int n = snprintf(path, sizeof(path), "%s/%s", root, facility->what);
	if (n < 0 || (size_t)n >= sizeof(path))
		return;
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	answer_call(probe, &out->feature, ANSWER_READ, fd < 0 ? errno : 0, not_there);
	out->feature.found = INSPECT_FOUND_FILE;
}

/* --- switches --- */

/* Reads a number of /proc/sys; where it is not there, says what that means. */
static bool read_setting(struct probe *probe, const struct facility *facility, struct traced *out,
			 int64_t *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/sys/%s", facility->what);
	if (!is_there(probe->sys, path)) {
		if (is_there(probe->sys, facility->neighbour))
			answer_no(&out->feature, INSPECT_FOUND_FILE, ENOENT,
				  INSPECT_REASON_NOT_BUILT_IN);
		else
			cannot_read(
				out, ENOENT,
				path[10] == 'n'
					? "only the first network namespace tells it, with /proc"
					: "/proc/sys is not there");
		return false;
	}
	if (!proc_sysctl(probe->sys, facility->what, value)) {
		cannot_read(out, EACCES, "it may be read by root alone");
		return false;
	}
	int n = snprintf(out->value, sizeof(out->value), "%lld", (long long)*value);
	out->feature.value = n > 0 ? out->value : NULL;
	return true;
}

/* There, whatever it is set to. */
static void ask_setting(struct probe *probe, const struct facility *facility, struct traced *out)
{
	int64_t value;

	if (read_setting(probe, facility, out, &value))
		answer_yes(&out->feature, INSPECT_FOUND_FILE);
}

/* There, and switched on. */
static void ask_switch(struct probe *probe, const struct facility *facility, struct traced *out)
{
	int64_t value;

	if (!read_setting(probe, facility, out, &value))
		return;
	if (value) {
		answer_yes(&out->feature, INSPECT_FOUND_FILE);
		return;
	}
	answer_no(&out->feature, INSPECT_FOUND_FILE, 0, INSPECT_REASON_OTHER);
	out->feature.detail = "it is switched off";
}

/* The length of the machine code of a program that was just loaded; -1 where it is not told. */
static int64_t jited_length(struct probe *probe, int prog)
{
	struct abi_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	if (sys_info(probe->sys, prog, &info, &length) || !info.xlated_prog_len)
		return -1; /* this process is told neither length */
	return info.jited_prog_len;
}

/* Being switched on does not say that it did anything: a program is loaded and looked at. */
static void ask_jit(struct probe *probe, const struct facility *facility, struct traced *out)
{
	struct abi_prog_load_attr attr;
	int64_t value;

	autoclose int prog = prog_type_fill(probe, facility->number, &attr);
	if (prog == 0)
		prog = prog_type_load(probe, &attr);
	int64_t length = prog < 0 ? -1 : jited_length(probe, prog);
	bool has_value = read_setting(probe, facility, out, &value);
	if (prog < 0) {
		answer_call_as(probe, &out->feature, ANSWER_PROG, "socket_filter", -prog, NULL);
	} else if (length > 0) {
		answer_yes(&out->feature, INSPECT_FOUND_PROBE);
	} else if (!length) {
		answer_no(&out->feature, INSPECT_FOUND_PROBE, 0, INSPECT_REASON_OTHER);
		out->feature.detail =
			has_value && !value ? "it is switched off" : "a program was loaded without";
	} else {
		out->feature = (struct inspect_feature){
			.kind = out->feature.kind,
			.name = out->feature.name,
			.value = out->feature.value,
			.answer = INSPECT_NOT_PERMITTED,
			.reason = INSPECT_REASON_CAPABILITY,
			.detail = "CAP_BPF, which is told what became of a program",
		};
	}
}

/* --- perf events and symbols --- */

/* Capabilities of the first user namespace count; unless the setting is above 0, none is needed. */
static bool lacks_perfmon(struct probe *probe)
{
	const struct refusal *rights = rights_get(probe);
	int64_t paranoia;

	if (proc_sysctl(probe->sys, "kernel/perf_event_paranoid", &paranoia) && paranoia <= 0)
		return false;
	return !(rights->caps & (CAPS_PERFMON | CAPS_SYS_ADMIN)) ||
	       rights->in_first_users == REFUSAL_NO;
}

/* The kernel has seen the call: no filter stands before it. */
static void explain_counter(struct probe *probe, int code, struct inspect_feature *out)
{
	out->answer = INSPECT_NOT_PERMITTED;
	out->code = code;
	out->found = INSPECT_FOUND_PROBE;
	if (lacks_perfmon(probe)) {
		out->reason = INSPECT_REASON_CAPABILITY;
		out->detail = "CAP_PERFMON, or a lower kernel.perf_event_paranoid";
	} else if (refusal_has_filter()) {
		out->reason = INSPECT_REASON_SECCOMP;
		out->detail = "this process has what it needs; perhaps a seccomp filter refuses";
	} else if (*rights_get(probe)->modules) {
		out->reason = INSPECT_REASON_LSM;
		out->detail = "this process has what it needs; perhaps a security module refuses";
	} else {
		out->answer = INSPECT_UNKNOWN;
		out->reason = INSPECT_REASON_OTHER;
		out->detail = "this process has what it needs";
	}
}

/* Of the kernel's own work on the first CPU: machines without such counters, most virtual ones, say ENOENT or EOPNOTSUPP. */
static void ask_counter(struct probe *probe, const struct facility *facility, struct traced *out)
{
	static const int not_there[3] = { ENOENT, EOPNOTSUPP, ENODEV };

	if (!answer_may(probe, ANSWER_PERF, &out->feature))
		return;
	autoclose int fd = perf_open_counter(facility->number, PERF_COUNT_HW_CPU_CYCLES, 0);
	int code = fd < 0 ? -fd : 0;

	if (code == EACCES || code == EPERM) {
		explain_counter(probe, code, &out->feature);
		return;
	}
	answer_call(probe, &out->feature, ANSWER_READ, code, not_there);
	out->feature.found = INSPECT_FOUND_PROBE;
	if (out->feature.answer == INSPECT_NO)
		out->feature.detail =
			"the machine, or what it is emulated by, has no such counters";
}

struct symbols {
	bool has_any, has_address;
};

/* Code is nowhere at address 0: the first function tells. Data of CPUs may be, and stands in front. */
static int look_at_symbol(void *context, const struct ksym *symbol, char type)
{
	struct symbols *symbols = context;

	symbols->has_any = true;
	symbols->has_address |= symbol->start != 0;
	return strchr("tTwW", type) ? 1 : 0;
}

static void ask_symbols(struct probe *probe, const struct facility *facility, struct traced *out)
{
	struct symbols symbols = { false, false };
	int64_t restricted;

	int r = ksyms_each(probe->sys, look_at_symbol, &symbols);
	if (proc_sysctl(probe->sys, facility->what, &restricted))
		set_number(out, (uint64_t)restricted);
	if (r < 0 || !symbols.has_any) {
		cannot_read(out, r < 0 ? -r : 0, "/proc/kallsyms");
	} else if (symbols.has_address) {
		answer_yes(&out->feature, INSPECT_FOUND_FILE);
	} else {
		out->feature.answer = INSPECT_NOT_PERMITTED;
		out->feature.found = INSPECT_FOUND_FILE;
		out->feature.reason = INSPECT_REASON_CAPABILITY;
		out->feature.detail =
			"names are told and addresses are hidden: CAP_SYSLOG, or a lower kernel.kptr_restrict";
	}
}

#define KERNEL_FILE "/proc/sys/kernel/ostype"
#define NET_FILE "/proc/sys/net/core/dev_weight"

static const struct facility facilities[] = {
	{ .name = "kprobe", .ask = ask_events, .what = "kprobe" },
	{ .name = "uprobe", .ask = ask_events, .what = "uprobe" },
	{ .name = "uprobe_semaphore", .ask = ask_semaphores, .what = "uprobe" },
	{ .name = "tracepoint", .ask = ask_events, .what = "tracepoint" },
	{ .name = "raw_tracepoint", .ask = ask_prog_type, .number = ABI_PROG_TYPE_RAW_TRACEPOINT },
	{ .name = "raw_tracepoint_writable",
	  .ask = ask_prog_type,
	  .number = ABI_PROG_TYPE_RAW_TRACEPOINT_WRITABLE },
	{ .name = "tp_btf", .ask = ask_attach_type, .number = ABI_TRACE_RAW_TP },
	{ .name = "kprobe_multi", .ask = ask_attach_type, .number = ABI_TRACE_KPROBE_MULTI },
	{ .name = "kprobe_session", .ask = ask_attach_type, .number = ABI_TRACE_KPROBE_SESSION },
	{ .name = "uprobe_multi", .ask = ask_attach_type, .number = ABI_TRACE_UPROBE_MULTI },
	{ .name = "uprobe_session", .ask = ask_attach_type, .number = ABI_TRACE_UPROBE_SESSION },
	{ .name = "fentry", .ask = ask_attach_type, .number = ABI_TRACE_FENTRY },
	{ .name = "fexit", .ask = ask_attach_type, .number = ABI_TRACE_FEXIT },
	{ .name = "fmod_ret", .ask = ask_attach_type, .number = ABI_MODIFY_RETURN },
	{ .name = "fsession", .ask = ask_attach_type, .number = ABI_TRACE_FSESSION },
	{ .name = "fentry_multi", .ask = ask_attach_type, .number = ABI_TRACE_FENTRY_MULTI },
	{ .name = "freplace", .ask = ask_prog_type, .number = ABI_PROG_TYPE_EXT },
	{ .name = "override_return", .ask = ask_option, .what = "CONFIG_BPF_KPROBE_OVERRIDE" },
	{ .name = "dynamic_ftrace", .ask = ask_option, .what = "CONFIG_DYNAMIC_FTRACE" },
	{ .name = "direct_calls",
	  .ask = ask_option,
	  .what = "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS" },
	{ .name = "ftrace",
	  .ask = ask_switch,
	  .what = "kernel/ftrace_enabled",
	  .neighbour = KERNEL_FILE },
	{ .name = "tracefs", .ask = ask_tracefs },
	{ .name = "available_filter_functions",
	  .ask = ask_tracefs_file,
	  .what = "available_filter_functions" },
	{ .name = "perf_event",
	  .ask = ask_setting,
	  .what = "kernel/perf_event_paranoid",
	  .neighbour = KERNEL_FILE },
	{ .name = "hardware_counter", .ask = ask_counter, .number = PERF_TYPE_HARDWARE },
	{ .name = "kallsyms", .ask = ask_symbols, .what = "kernel/kptr_restrict" },
	{ .name = "bpf_stats",
	  .ask = ask_setting,
	  .what = "kernel/bpf_stats_enabled",
	  .neighbour = KERNEL_FILE },
	{ .name = "jit",
	  .ask = ask_jit,
	  .what = "net/core/bpf_jit_enable",
	  .number = ABI_PROG_TYPE_SOCKET_FILTER,
	  .neighbour = NET_FILE },
	{ .name = "jit_kallsyms",
	  .ask = ask_switch,
	  .what = "net/core/bpf_jit_kallsyms",
	  .neighbour = NET_FILE },
};

static int tell(struct probe *probe, const struct facility *facility)
{
	struct traced out = {
		.feature = { .kind = INSPECT_FEATURE_TRACING, .name = facility->name },
	};

	facility->ask(probe, facility, &out);
	return probe_tell(probe, &out.feature);
}

const char *tracing_name(unsigned i)
{
	return i < sizeof(facilities) / sizeof(*facilities) ? facilities[i].name : NULL;
}

int tracing_each(struct probe *probe, struct inspect_error *err)
{
	int r = 0;

	(void)err;
	for (size_t i = 0; !r && i < sizeof(facilities) / sizeof(*facilities); i++)
		r = tell(probe, &facilities[i]);
	return r;
}

int tracing_ask(struct probe *probe, const struct inspect_question *question,
		struct inspect_error *err)
{
	int row = name_row(NAME_ROWS(facilities), question->name);

	return row < 0 ? name_unknown(question, NAME_ROWS(facilities), err)
		       : tell(probe, &facilities[row]);
}
