/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * fake_verifier.h - a double for bpf(2) that takes or refuses programs, in the words of some kernel
 *
 *	struct fake_verifier kernel = { .words = FAKE_WORDS_6_12, .end = 212 };
 *	fake_verifier_start(&kernel);
 *	struct sys sys = { .bpf = fake_verifier_bpf, .root = "" };
 *	...
 *	fake_verifier_stop();
 *
 * What it answers depends on @kernel alone, so that any thread may ask at any time. Descriptors are real ones, and stopping
 * fails the test when one was not closed.
 */
#ifndef TESTS_FAKE_VERIFIER_H
#define TESTS_FAKE_VERIFIER_H

#include <stdbool.h>
#include <stdint.h>

enum fake_words {
	FAKE_WORDS_5_10,
	FAKE_WORDS_6_12,
	FAKE_WORDS_6_18, /* the same, and it prints which registers are needed */
	FAKE_WORDS_7_3,
	FAKE_WORDS_OTHER, /* of a kernel that is to come */
};

struct fake_verifier {
	enum fake_words words;
	unsigned end;	       /* the helpers' numbers end here */
	uint64_t types;	       /* bits of program types that are not built in */
	int error;	       /* for every load: a positive errno, or 0 */
	int now_and_then;      /* for some loads that would otherwise tell */
	unsigned cut;	       /* logs end after so many bytes; 0: never */
	unsigned for_sleepers; /* a helper that every program that may sleep has as well; 0: none */
	bool is_careless;      /* what is not there needs no register either */
	unsigned loads,
		steps,	/* counted: loads of programs, those of them whose steps were printed, */
		writes; /* and those that made the kernel write to its log, or trace */
};

void fake_verifier_start(struct fake_verifier *kernel);
void fake_verifier_stop(void);
long fake_verifier_bpf(int cmd, void *attr, unsigned size);

/* What the kernel has: is the helper for that type, and how many arguments does it take? */
bool fake_verifier_has(unsigned type, unsigned helper);
unsigned fake_verifier_arguments(unsigned helper);
bool fake_verifier_writes(unsigned helper); /* to the log, or what is traced */

#endif
