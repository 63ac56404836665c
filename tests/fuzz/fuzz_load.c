/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fuzz_load.c - any bytes as an object that is loaded, up to the kernel's door
 *
 * A filter answers each bpf(2) with success and does nothing, so libbpf goes all the way; what it gets as a new
 * descriptor is a copy of standard input. That it may crash or hang is what the process of its own is for; here is tried
 * whether all that comes of it is a result, with words where it is a failure, and no descriptor that stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "load/check.h"
#include "load/load.h"
#include "load/pin.h"
#include "load/wire.h"

#define SECONDS 2

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

static int keep_bpf_out(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(steps) / sizeof(*steps), steps };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? -errno : 0;
}

/* Without the filter nothing may reach libbpf: these objects would be loaded. */
static int has_door(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

static int next_fd(void)
{
	autoclose int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd;
}

static void check_loaded(const struct loaded *loaded)
{
	for (unsigned i = 0; i < loaded->n_progs; i++)
		must(loaded->progs[i].name && loaded->progs[i].section);
	for (unsigned i = 0; i < loaded->n_maps; i++)
		must(loaded->maps[i].name != NULL);
	for (unsigned i = 0; i < loaded->n_logs; i++)
		must(loaded->logs[i].prog && loaded->logs[i].text &&
		     strlen(loaded->logs[i].text) == loaded->logs[i].size);
}

static void load(struct loaded *loaded, unsigned choice)
{
	const struct inspect_load_spec spec = {
		.file = "fuzz.o",
		.type = choice & 1 ? "xdp" : NULL,
		.is_lenient = choice & 2,
		.log_level = choice & 4 ? INSPECT_LOG_ALL : 0,
	};
	struct wire_work work = {
		.spec = &spec,
		.bytes = (const unsigned char *)loaded->file.bytes,
		.size = loaded->file.size,
	};
	struct inspect_error err = { 0 };

	int r = wire_work_apart(&work, SECONDS, loaded, &err);
	must(r == 0 ? loaded->step == LOAD_DONE : r < 0 && err.code == -r && err.what[0]);
	check_loaded(loaded);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	keep_bpf_out();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pin_spec pins = { .path = "/nowhere/at/all", .is_all = true };
	struct inspect_error err = { 0 };
	struct loaded loaded = { 0 };
	char *bytes = malloc(size ? size : 1);
	int before = next_fd();

	must(bytes != NULL);
	if (size)
		memcpy(bytes, data, size);
	if (!has_door())
		keep_bpf_out();
	int r = check_bytes(bytes, size, &loaded.file, &err);
	must(r == 0 || (r < 0 && err.code == -r && err.what[0]));
	if (!r) {
		must(pin_check(&pins, &loaded.file, &err) < 0);
		if (has_door())
			load(&loaded, size ? data[size - 1] : 0);
	}
	loaded_done(&loaded);
	must(next_fd() == before);
	return 0;
}
