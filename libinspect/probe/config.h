/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * config.h - options that the kernel was built with
 */
#ifndef PROBE_CONFIG_H
#define PROBE_CONFIG_H

#include "kernel/built.h"
#include "probe/probe.h"

/* The options that config_each() tells of; the first CONFIG_FIRST are those of bpftool, in its order. */
#define CONFIG_FIRST 33
extern const char *const config_names[];

/*
 * Is an option set, "CONFIG_BPF_LSM" or "BPF_LSM"? 1 (*value, which may be NULL, is "y", "m", or a text), 0, or -1: no
 * configuration can be read. It is read once a run, when it is first asked for; *value lives as long as the run.
 */
int config_has(struct probe *probe, const char *name, const char **value);

/* Where it was read, or NULL. */
const char *config_path(struct probe *probe);

#endif
