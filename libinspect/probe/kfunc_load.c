/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc_load.c - what the verifier says of kernel functions
 *
 * It looks up every function that a program calls before it looks at an instruction, and whether programs of the type may
 * call it when it comes to the call. So a program that begins with the call shows by how many instructions were looked at whether
 * the question was reached: then anything but "not allowed" is about the arguments, and the function may be called.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "probe/answer.h"
#include "probe/helper.h"
#include "probe/kfunc.h"
#include "probe/prog_type.h"

#define CALL_FUNC 0x2085u
#define R0_IS_0 0xb7
#define EXIT 0x95
#define LOG_OF_REFUSALS 4 /* the last words alone, and some numbers */
#define LOG_ROOM 4096	  /* kernels before 6.4 fail where it does not suffice */
#define NO_HELPER (INT32_MAX - 1)
#define PARAMS_TOLD 3u /* as many, and one that programs do not see, are less than all five */

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* @place: of the descriptor of the module's types; 0: the kernel's own, which needs none. */
static uint64_t call_of(const struct kfunc *func, unsigned place)
{
	return (uint64_t)func->id << 32 | place << 16 | CALL_FUNC;
}

/* The first place stands for the kernel's own: it is not looked at. */
static uint64_t fds_of(const struct kfunc_list *list, const struct kfunc *func, int room[2])
{
	if (!func->module)
		return 0;
	room[0] = room[1] = kfunc_module_of(list, func)->fd;
	return address(room);
}

static int load(const struct sys *sys, const struct abi_prog_load_attr *shape,
		const uint64_t *insns, unsigned n, char *text)
{
	struct abi_prog_load_attr attr = *shape;

	attr.insns = address(insns);
	attr.insn_cnt = n;
	attr.log_level = LOG_OF_REFUSALS;
	attr.log_buf = address(text);
	attr.log_size = LOG_ROOM - 1;
	memset(text, 0, LOG_ROOM);
	int fd = prog_load_patiently(sys, &attr);
	close_fd(fd);
	return fd < 0 ? -fd : 0;
}

/* "processed 1 insns" and more: the first was looked at. */
static bool was_reached(const char *text)
{
	static const char words[] = "processed ";

	for (const char *at = strstr(text, words); at; at = strstr(at + 1, words)) {
		const char *number = at + sizeof(words) - 1;

		if (*number >= '1' && *number <= '9' && strstr(number, " insns"))
			return true;
	}
	return false;
}

int kfunc_try_shape(const struct sys *sys, const struct abi_prog_load_attr *shape)
{
	static const uint64_t insns[] = { R0_IS_0, EXIT };
	char text[LOG_ROOM];

	int code = load(sys, shape, insns, 2, text);
	if (!code || was_reached(text))
		return 1;
	return answer_is_open(code) ? -code : 0;
}

static const struct {
	const char *words;
	enum kfunc_verdict verdict;
} refusals[] = {
	{ "metadata kfuncs require device-bound program", KFUNC_NEEDS_DEVICE },
	{ "BPF_CALL uses reserved fields", KFUNC_NOT_HERE }, /* to Linux 5.12 */
	{ "JIT is required for calling kernel function", KFUNC_NOT_HERE },
	{ "JIT does not support calling kernel function", KFUNC_NOT_HERE },
};

/* "calling kernel function NAME is not allowed", and no more: other calls are not allowed for where they stand. */
static bool is_not_allowed(const char *text)
{
	static const char words[] = "calling kernel function ", end[] = " is not allowed\n";
	const char *at = strstr(text, words);

	if (!at)
		return false;
	at += sizeof(words) - 1;
	return strncmp(at + strcspn(at, " \n"), end, sizeof(end) - 1) == 0;
}

static enum kfunc_verdict read_text(const char *text)
{
	if (is_not_allowed(text))
		return KFUNC_NOT_FOR_TYPE;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (strstr(text, refusals[i].words))
			return refusals[i].verdict;
	return was_reached(text) ? KFUNC_YES : KFUNC_REFUSED;
}

static void keep_text(const char *text, struct kfunc_said *out)
{
	size_t n = strcspn(text, "\n");

	n = n < sizeof(out->text) ? n : sizeof(out->text) - 1;
	memcpy(out->text, text, n);
	out->text[n] = '\0';
}

void kfunc_load(const struct sys *sys, const struct abi_prog_load_attr *shape,
		const struct kfunc_list *list, const struct kfunc *func, struct kfunc_said *out)
{
	const uint64_t insns[] = { call_of(func, func->module ? 1 : 0), R0_IS_0, EXIT };
	struct abi_prog_load_attr attr = *shape;
	char text[LOG_ROOM];
	int fds[2];

	attr.fd_array = fds_of(list, func, fds);
	*out = (struct kfunc_said){ .verdict = KFUNC_REFUSED };
	if (func->module && fds[0] < 0) {
		out->code = -fds[0];
		return;
	}
	out->code = load(sys, &attr, insns, 3, text);
	out->verdict = out->code ? read_text(text) : KFUNC_YES;
	if (out->verdict != KFUNC_YES)
		keep_text(text, out);
}

/*
 * A call needs as many registers as the function has parameters, and all five where the type may not call it. What has nearly as many tells
 * nothing, since the kernel may add one, but where it was seen to need fewer: it has as many for all types.
 */
static uint8_t read_count(struct kfunc *func, uint8_t needed)
{
	if (needed < HELPER_ARGUMENTS) {
		__atomic_store_n(&func->needs_fewer, true, __ATOMIC_RELAXED);
		return KFUNC_YES;
	}
	if (func->n_params <= PARAMS_TOLD || __atomic_load_n(&func->needs_fewer, __ATOMIC_RELAXED))
		return KFUNC_NOT_FOR_TYPE;
	return KFUNC_NOT_ASKED;
}

bool kfunc_load_together(const struct sys *sys, const struct abi_prog_load_attr *shape,
			 struct kfunc *const funcs[], unsigned n, char *log, uint8_t verdicts[])
{
	uint64_t calls[KFUNC_TOGETHER] = { 0 };
	uint8_t needed[KFUNC_TOGETHER];

	for (unsigned i = 0; i < n; i++)
		calls[i] = call_of(funcs[i], 0);
	if (!helper_count_call_arguments(sys, shape, calls, n, NO_HELPER, log, needed))
		return false;
	for (unsigned i = 0; i < n; i++)
		verdicts[i] = read_count(funcs[i], needed[i]);
	return true;
}
