/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * marked.c - a program to probe: functions, and places that are marked as SystemTap's macros mark them
 *
 *	marked N	reads a line, and does everything N times
 *
 * "once" is marked at one place and "twice" at two; "guarded" has a counter that switches it on.
 */
#include <stdio.h>
#include <stdlib.h>

int marked_work(int value);
int marked_more(int value);

/* Counts who looks at the place; in a section that debuggers know. */
__attribute__((section(".probes"), used)) unsigned short marked_guard;

#define NOTE(name, guard)                                                                          \
	__asm__ volatile("990: nop\n"                                                              \
			 ".pushsection .note.stapsdt, \"\", \"note\"\n"                            \
			 ".balign 4\n"                                                             \
			 ".4byte 992f - 991f, 994f - 993f, 3\n"                                    \
			 "991: .asciz \"stapsdt\"\n"                                               \
			 "992: .balign 4\n"                                                        \
			 "993: .8byte 990b\n"                                                      \
			 ".8byte marked_base\n"                                                    \
			 ".8byte " guard "\n"                                                      \
			 ".asciz \"bpflens\"\n"                                                    \
			 ".asciz \"" name "\"\n"                                                   \
			 ".asciz \"\"\n"                                                           \
			 "994: .balign 4\n"                                                        \
			 ".popsection\n")

/* The notes say where this was when they were made. */
__asm__(".pushsection .stapsdt.base, \"a\"\n"
	"marked_base: .space 1\n"
	".popsection\n");

__attribute__((noinline)) int marked_work(int value)
{
	NOTE("once", "0");
	NOTE("twice", "0");
	return value + 1;
}

__attribute__((noinline)) int marked_more(int value)
{
	NOTE("twice", "0");
	if (marked_guard)
		NOTE("guarded", "marked_guard");
	return value + 2;
}

int main(int argc, char **argv)
{
	int value = 0;

	if (getchar() == EOF)
		return 1;
	for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 0; i--)
		value = marked_more(marked_work(value));
	printf("%d\n", value);
	return 0;
}
