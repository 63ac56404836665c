/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * report.h - an error to where its form has a place for it
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "command.h"

void report(struct cli *cli, const struct inspect_error *error);

#endif
