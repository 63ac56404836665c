/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * helper_load.c - what the verifier says of helpers
 *
 * Its words differ from kernel to kernel. Those that are not known here are no answer: neither is a helper missing because something
 * was refused, nor is it there because nothing known was said.
 */
#include "probe/helper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "probe/prog_type.h"

#define CALL(helper) ((uint64_t)(helper) << 32 | 0x85)
#define R1_IS_0 0x1b7
#define R0_IS_R1 0x10bf /* after a call, r1 cannot be read */
#define EXIT 0x95

#define LOG_OF_REFUSALS 4 /* the last words alone, and some numbers */
#define LOG_OF_STEPS 2

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* The type, or the kernel, has it not: the helper's number stands behind these. */
static const struct {
	const char *words;
	enum helper_verdict verdict;
} refusals[] = {
	{ "unknown func ", HELPER_NOT_FOR_TYPE }, /* to Linux 6.11 */
	{ "program of this type cannot use helper ", HELPER_NOT_FOR_TYPE },
	{ "invalid func ", HELPER_NOT_THERE },
};

/* The helper was found, and then something else about the program was not right. */
static const char *const later[] = {
	"helper call might sleep in a non-sleepable prog",
	"sleepable helper ", /* Linux 7.3 */
	"helper call is not allowed in probe",
	"cannot call GPL-restricted function",
	"not supported for program type",
};

/* Is "#helper" on the rest of this line? A log that was cut short says nothing. */
static bool has_number(const char *at, unsigned helper)
{
	const char *end = at + strcspn(at, "\n");
	uint64_t number;

	at = memchr(at, '#', (size_t)(end - at));
	if (!at || *end != '\n')
		return false;
	char digits[12];
	size_t n = strspn(++at, "0123456789");
	if (!n || n >= sizeof(digits))
		return false;
	memcpy(digits, at, n);
	digits[n] = '\0';
	return !num_parse(digits, NUM_DECIMAL, UINT32_MAX, &number) && number == helper;
}

/* "R1 type=scalar expected=ctx": arguments are looked at once the helper is found. */
static bool is_on_registers(const char *text)
{
	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (at[0] == 'R' && at[1] >= '0' && at[1] <= '9' && at[2] == ' ')
			return true;
	}
	return false;
}

static enum helper_verdict read_text(const char *text, unsigned helper)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const char *at = strstr(text, refusals[i].words);

		if (at)
			return has_number(at, helper) ? refusals[i].verdict : HELPER_REFUSED;
	}
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		if (strstr(text, later[i]))
			return HELPER_YES;
	return is_on_registers(text) ? HELPER_YES : HELPER_REFUSED;
}

static void keep_text(const char *text, struct helper_said *out)
{
	size_t n = strcspn(text, "\n");

	n = n < sizeof(out->text) ? n : sizeof(out->text) - 1;
	memcpy(out->text, text, n);
	out->text[n] = '\0';
}

void helper_load(const struct sys *sys, const struct abi_prog_load_attr *shape, unsigned helper,
		 struct helper_said *out)
{
	const uint64_t insns[] = { R1_IS_0, CALL(helper), R0_IS_R1, EXIT };
	struct abi_prog_load_attr attr = *shape;
	char text[2048] = "";

	attr.insns = address(insns);
	attr.insn_cnt = sizeof(insns) / sizeof(*insns);
	attr.log_level = LOG_OF_REFUSALS;
	attr.log_buf = address(text);
	attr.log_size = sizeof(text) - 1;
	int fd = prog_load_patiently(sys, &attr);
	close_fd(fd);
	*out = (struct helper_said){ .code = fd < 0 ? -fd : 0 };
	/* EACCES is what the verifier says of registers, whatever its words; a security module that refuses has none. */
	if (fd >= 0 || (fd == -EACCES && *text)) {
		out->verdict = HELPER_YES;
		return;
	}
	out->verdict = read_text(text, helper);
	if (out->verdict == HELPER_REFUSED)
		keep_text(text, out);
}

static const char *read_index(const char *at, unsigned *out)
{
	*out = 0;
	at += strspn(at, " ");
	for (; *at >= '0' && *at <= '9' && *out < HELPERS_MOST; at++)
		*out = *out * 10 + (unsigned)(*at - '0');
	return at;
}

/*
 * "  1  17: .12....... (85) call bpf_x#17": the loop that it is in (where it is in one), its index, and the registers that are needed,
 * each at its place, r0 first. How many arguments these are, or -1 where it is no such line of that instruction. *@line moves
 * behind it.
 */
static int read_line(const char **line, unsigned index)
{
	const char *at = *line, *end = at + strcspn(at, "\n");
	unsigned number;
	int n = 0;

	*line = *end ? end + 1 : end;
	at = read_index(at, &number);
	if (*at == ' ')
		at = read_index(at, &number);
	if (number != index || strncmp(at, ": ", 2) != 0 || end - at < 12)
		return -1;
	at += 2;
	while (n < HELPER_ARGUMENTS && at[n + 1] == '1' + n)
		n++;
	if (at[0] != '.' || strncmp(at + n + 1, ".........", (size_t)(9 - n)) != 0 ||
	    strncmp(at + 10, " (85) call ", 11) != 0)
		return -1;
	return n;
}

#define LIVE "Live regs before insn:\n"

static bool read_arguments(const char *log, unsigned n, uint8_t *out)
{
	const char *line = strstr(log, LIVE);

	if (!line)
		return false;
	line += strlen(LIVE);
	for (unsigned i = 0; i < n; i++) {
		int arguments = read_line(&line, i);

		if (arguments < 0)
			return false;
		out[i] = (uint8_t)arguments;
	}
	/* What is not there at all has to look like what is not for the type. */
	return read_line(&line, n) == HELPER_ARGUMENTS;
}

bool helper_count_call_arguments(const struct sys *sys, const struct abi_prog_load_attr *shape,
				 const uint64_t *calls, unsigned n, unsigned beyond, char *log,
				 uint8_t *out)
{
	autofree uint64_t *insns = calloc(n + 3, sizeof(*insns));
	struct abi_prog_load_attr attr = *shape;

	if (!insns)
		return false;
	memcpy(insns, calls, n * sizeof(*insns));
	insns[n] = CALL(beyond);
	insns[n + 1] = R0_IS_R1;
	insns[n + 2] = EXIT;
	attr.insns = address(insns);
	attr.insn_cnt = n + 3;
	attr.log_level = LOG_OF_STEPS;
	attr.log_buf = address(log);
	attr.log_size = HELPER_LOG_ROOM - 1;
	log[0] = log[HELPER_LOG_ROOM - 1] = '\0';
	close_fd(prog_load_patiently(sys, &attr));
	return read_arguments(log, n, out);
}

bool helper_count_arguments(const struct sys *sys, const struct abi_prog_load_attr *shape,
			    const uint16_t *helpers, unsigned n, unsigned beyond, char *log,
			    uint8_t *out)
{
	autofree uint64_t *calls = calloc(n + 1, sizeof(*calls));

	if (!calls)
		return false;
	for (unsigned i = 0; i < n; i++)
		calls[i] = CALL(helpers[i]);
	return helper_count_call_arguments(sys, shape, calls, n, beyond, log, out);
}
