/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * words.h - a command of a batch file to words
 */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "inspect.h"

#define WORDS_LINE 65535 /* a line, and a command with its continuations, has fewer bytes */
#define WORDS_COUNT 4095

/* Ends a command where its comment begins; a '#' between quotes begins none. */
void words_drop_comment(char *command);

/*
 * Does the command go on in the next line? A backslash right before the new line says so, and is
 * taken away with it.
 */
bool words_go_on(char *command);

/*
 * Splits a command in place: words are parted by blanks, and a word that begins with a quote runs to
 * the next such quote. @words has room for WORDS_COUNT.
 * Returns how many, or -INSPECT_EUSAGE.
 */
int words_split(char *command, const char **words, struct inspect_error *err);

#endif
