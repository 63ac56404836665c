/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * describe.h - the program, as its tables have it
 */
#ifndef CMD_DESCRIBE_H
#define CMD_DESCRIBE_H

#include "command.h"

/*
 * Prints one JSON document: objects, commands and their words, options, what commands put out, and
 * the names of types. Man pages, JSON Schemas and tests are made from it. Always succeeds.
 */
void describe(struct cli *cli);

#endif
