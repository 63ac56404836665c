/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * option.h - the options of the kernel's configuration that things hang on
 */
#ifndef PROBE_OPTION_H
#define PROBE_OPTION_H

#include "probe/probe.h"

/*
 * Looks into the configuration for what is not there: where an option that it hangs on is not set, the detail says so;
 * and where the kernel's types name the thing, so that it is not too old for it, the reason is INSPECT_REASON_CONFIG.
 */
void option_explain(struct probe *probe, struct inspect_feature *feature);

#endif
