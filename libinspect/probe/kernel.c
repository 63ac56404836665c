/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kernel.c - what the kernel says of itself
 */
#include <string.h>
#include <sys/utsname.h>

#include "base/error.h"
#include "probe/answer.h"
#include "probe/probe.h"

struct says {
	const char *name;
	size_t offset; /* in struct utsname */
};

static const struct says says[] = {
	{ "release", offsetof(struct utsname, release) },
	{ "version", offsetof(struct utsname, version) },
	{ "machine", offsetof(struct utsname, machine) },
};

#define N_SAYS (sizeof(says) / sizeof(*says))

static int tell(struct probe *probe, const struct says *what)
{
	struct utsname names;
	struct inspect_feature out = { .kind = INSPECT_FEATURE_KERNEL, .name = what->name };

	answer_yes(&out, INSPECT_FOUND_FILE);
	out.value = uname(&names) == 0 ? (const char *)&names + what->offset : NULL;
	return probe_tell(probe, &out);
}

int kernel_each(struct probe *probe, struct inspect_error *err)
{
	(void)err;
	for (size_t i = 0; i < N_SAYS; i++) {
		int r = tell(probe, &says[i]);

		if (r)
			return r;
	}
	return 0;
}

int kernel_ask(struct probe *probe, const struct inspect_question *question,
	       struct inspect_error *err)
{
	for (size_t i = 0; i < N_SAYS; i++)
		if (strcmp(says[i].name, question->name) == 0)
			return tell(probe, &says[i]);
	return inspect_fail(err, INSPECT_EUSAGE, "kernel %s: there is no such thing",
			    question->name);
}
