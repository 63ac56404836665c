/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * complete.h - what may come next on a command line
 */
#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include "command.h"

/*
 * Prints the words that may stand at @index of a command line, one a line; none where a file name is
 * wanted. @words[0] is the program's name. Always succeeds: a wrong line has no next word.
 */
void complete(struct cli *cli, const char *const *words, size_t n, size_t index);

#endif
