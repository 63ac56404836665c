/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * trial.c - small programs that the kernel is to load
 */
#include "probe/trial.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/names.h"
#include "probe/answer.h"
#include "probe/prog_type.h"

#define LOG_ROOM 4096

/* The second half of a wide instruction has no code. */
uint32_t trial_size(const struct slot *slots, uint32_t most)
{
	while (most && !slots[most - 1].code)
		most--;
	return most && slots[most - 1].code == SLOT_WIDE ? most + 1 : most;
}

static bool is_of_map(const struct slot *slot)
{
	static const struct slot map = SLOT(SLOT_WIDE, 0, 1, 0, 0),
				 value = SLOT(SLOT_WIDE, 0, 2, 0, 0);
	const uint8_t from = SLOT_REGS(0, 15);

	return slot->code == SLOT_WIDE &&
	       ((slot->regs & from) == map.regs || (slot->regs & from) == value.regs);
}

/* Puts the map where the program wants it. */
static struct slot *with_map(const struct trial *trial)
{
	struct slot *slots = calloc(trial->n, sizeof(*slots));

	if (!slots)
		return NULL;
	memcpy(slots, trial->slots, trial->n * sizeof(*slots));
	for (uint32_t i = 0; i < trial->n; i++)
		if (is_of_map(&slots[i]))
			slots[i].imm = trial->map_fd;
	return slots;
}

int trial_code(struct probe *probe, const struct trial *trial)
{
	struct abi_prog_load_attr attr;
	char log[LOG_ROOM];

	int r = prog_type_fill(probe, trial->type, &attr);
	if (r < 0)
		return -r;
	autofree struct slot *slots = trial->map_fd > 0 ? with_map(trial) : NULL;
	if (trial->map_fd > 0 && !slots)
		return ENOMEM;
	attr.insns = (uint64_t)(uintptr_t)(slots ? slots : trial->slots);
	attr.insn_cnt = trial->n;
	attr.prog_flags |= trial->flags;
	if (trial->is_indexed)
		attr.fd_array = (uint64_t)(uintptr_t)&trial->map_fd;
	if (trial->log_level) {
		attr.log_level = trial->log_level;
		attr.log_buf = (uint64_t)(uintptr_t)log;
		attr.log_size = sizeof(log);
	}
	if (trial->adjust)
		trial->adjust(&attr, trial->context);
	autoclose int fd = prog_type_load(probe, &attr);
	return fd < 0 ? -fd : 0;
}

bool trial_may(struct probe *probe, unsigned type, struct inspect_feature *out)
{
	const struct inspect_feature *of = prog_type_answer(probe, type);

	if (of->answer == INSPECT_YES)
		return true;
	out->answer = of->answer;
	out->code = of->code;
	out->reason = of->reason;
	out->found = of->found;
	out->detail = of->detail;
	if (of->answer == INSPECT_NO && probe->ifindex) {
		out->found = INSPECT_FOUND_RULE; /* the device takes no programs at all */
	} else if (of->answer == INSPECT_NO) {
		out->answer = INSPECT_UNKNOWN;
		out->reason = INSPECT_REASON_NEEDS_LOAD;
	}
	return false;
}

void trial_answer(struct probe *probe, unsigned type, int code, struct inspect_feature *out)
{
	static const int means_no[3] = { EINVAL, EOPNOTSUPP, 524 };

	answer_call_as(probe, out, ANSWER_PROG, names_find(NAMES_PROG_TYPE, type), code, means_no);
}
