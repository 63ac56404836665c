/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * verdict_print.h - verdicts as records, and for people
 */
#ifndef LOAD_VERDICT_PRINT_H
#define LOAD_VERDICT_PRINT_H

#include "inspect.h"
#include "out/out.h"
#include "records/print.h"

extern const struct schema verdict_schema;

/* Why a program was not loaded, for people: some lines. */
void verdict_print(struct out *out, const struct inspect_verdict *verdict);

/* What verifying it took: one line. Nothing where it is not known. */
void verdict_print_counts(struct out *out, const struct inspect_verdict *verdict);

#endif
