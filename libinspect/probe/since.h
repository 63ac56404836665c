/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * since.h - the first mainline release that has a thing
 */
#ifndef PROBE_SINCE_H
#define PROBE_SINCE_H

#include "records/inspect.h"

/*
 * The release as text, "6.9", or NULL where it is not known. Names as in struct inspect_feature; of helpers with and
 * without bpf_. @of: a type of programs or maps, or NULL: the first release that had it at all. Of a helper or kfunc for
 * a type it is the later one of both: no release before has it, a later one may have been the first.
 */
const char *since_find(enum inspect_feature_kind kind, const char *name, const char *of);

#endif
