/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * since.h - the first mainline release that has a thing
 */
#ifndef PROBE_SINCE_H
#define PROBE_SINCE_H

#include "records/inspect.h"

/* A fact and where it is from: a release's own documentation, or the commit that added it. */
struct since {
	const char *name;
	const char *release; /* "5.17" */
	const char *source;
};

/*
 * The release as text, "6.9", or NULL where it is not known. @of: the type of programs or maps, or NULL: the first that
 * had it at all. Names as in struct inspect_feature; of helpers with and without bpf_.
 */
const char *since_find(enum inspect_feature_kind kind, const char *name, const char *of);

#endif
