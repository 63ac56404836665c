/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * device.h - the network device that a program or a map is bound to
 */
#ifndef RECORDS_DEVICE_H
#define RECORDS_DEVICE_H

#include "out/sink.h"
#include "records/inspect.h"

void device_read(const struct sys *sys, uint32_t ifindex, uint64_t netns_dev, uint64_t netns_ino,
		 struct inspect_device *out);

#define DEVICE_SHAPE "{ifindex:u32,ns_dev:u64,ns_inode:u64,ifname?:text}"

/* A record of its own under @key, of that shape; @device is a struct inspect_device. */
void device_put(struct sink *sink, const char *key, const void *device);
void device_plain(struct out *out, const struct inspect_device *device);

#endif
