/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * requires_object.c - what is wrong with an object, whatever the kernel has
 *
 * Without its symbols or its types an object seems to need little or nothing, and no kernel takes it.
 */
#include <fnmatch.h>
#include <string.h>

#include "probe/requires.h"

/* As uname(2) names machines; what is in neither list may be of either order. */
static const char *const big_machines[] = { "s390x",   "s390",	     "ppc64",  "ppc",
					    "sparc64", "aarch64_be", "armv*b", "parisc*" };
static const char *const little_machines[] = { "x86_64",  "i?86",    "aarch64",	    "armv*l",
					       "riscv64", "ppc64le", "loongarch64", "riscv32" };

static bool is_among(const char *machine, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], machine, 0) == 0)
			return true;
	return false;
}

#define AMONG(machine, patterns) is_among(machine, patterns, sizeof(patterns) / sizeof(*(patterns)))

enum against_order against_order_of(const char *machine)
{
	return AMONG(machine, big_machines)	 ? AGAINST_BIG
	       : AMONG(machine, little_machines) ? AGAINST_LITTLE
						 : AGAINST_ANY_ORDER;
}

static void add(struct finding *finding, const char *name, enum inspect_answer answer,
		const char *detail)
{
	struct need *need = finding_add(finding, NEED_OBJECT, NEED_MUST, name, NULL, NULL);

	if (!need)
		return;
	need_answer(finding, need, answer, INSPECT_FOUND_FILE, detail);
	need->reason = INSPECT_REASON_OTHER;
}

/* Of another kernel it may not be known; one of the same order as this machine is then taken to be right. */
static void check_order(struct finding *finding)
{
	bool is_big = finding->object->elf.image.is_big;
	bool is_here = is_big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	enum against_order order = finding->requires->against->order;
	const char *name = is_big ? "big-endian" : "little-endian";

	if (order == AGAINST_ANY_ORDER && !is_here)
		add(finding, name, INSPECT_UNKNOWN,
		    "the byte order of that machine is not known, and has to be the same");
	else if (order != AGAINST_ANY_ORDER && is_big != (order == AGAINST_BIG))
		add(finding, name, INSPECT_NO,
		    "it is for machines of the other byte order: compile with -target bpf there, or -target bpfel or bpfeb");
}

static bool has_bytes(const struct finding *finding, const char *section)
{
	const struct elf_part *part = elf_object_find(&finding->object->elf, section);

	return part && part->size;
}

void finding_object(struct finding *finding)
{
	const struct object *object = finding->object;

	check_order(finding);
	if (!object->elf.n_symbols)
		add(finding, "symbols", INSPECT_NO,
		    "it was stripped of its symbols, which name its programs: strip with -g, or not at all");
	else if (!object->has_btf && has_bytes(finding, ".maps"))
		add(finding, "types", INSPECT_NO,
		    "it has no types (BTF), which tell of the maps in its section .maps: compile with -g");
}
