/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * crowd.c - 260 programs: more than descriptors go with one message between processes
 */
#include "../common.h"

#define ONE(name)                                                                                  \
	SEC("raw_tp/sys_enter") int name(void *context)                                            \
	{                                                                                          \
		return 0;                                                                          \
	}
#define FOUR(name) ONE(name##0) ONE(name##1) ONE(name##2) ONE(name##3)
#define SIXTEEN(name) FOUR(name##0) FOUR(name##1) FOUR(name##2) FOUR(name##3)
#define MANY(name) SIXTEEN(name##0) SIXTEEN(name##1) SIXTEEN(name##2) SIXTEEN(name##3)

MANY(crowd_0)
MANY(crowd_1)
MANY(crowd_2)
MANY(crowd_3)
FOUR(crowd_4)

char LICENSE[] FROM("license") = "GPL";
