/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * facts.h - what is known of helpers by their numbers, whatever the kernel
 */
#ifndef PROBE_FACTS_H
#define PROBE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

/* May it be called by programs alone whose licence is compatible with the GPL? */
enum fact fact_is_for_gpl(uint32_t helper);

/* May it sleep, and so be called by programs alone that may? */
bool fact_may_sleep(uint32_t helper);

#endif
