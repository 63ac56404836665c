/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * device.c - the network device that a program or a map is bound to
 *
 * Its number counts in its own network namespace. The caller may have another device of the same
 * number: a name is given only where the namespaces are the same.
 */
#include "records/device.h"

#include "kernel/proc.h"

void device_read(const struct sys *sys, uint32_t ifindex, uint64_t netns_dev, uint64_t netns_ino,
		 struct inspect_device *out)
{
	*out = (struct inspect_device){
		.ifindex = ifindex,
		.netns_dev = netns_dev,
		.netns_ino = netns_ino,
	};
	proc_device_name(sys, out);
}

void device_put(struct sink *sink, const char *key, const void *device)
{
	const struct inspect_device *from = device;

	sink_open_record(sink, key);
	sink_u64(sink, "ifindex", from->ifindex);
	sink_u64(sink, "ns_dev", from->netns_dev);
	sink_u64(sink, "ns_inode", from->netns_ino);
	if (from->name[0])
		sink_string(sink, "ifname", from->name);
	sink_close(sink);
}

void device_plain(struct out *out, const struct inspect_device *device)
{
	if (device->name[0])
		out_fmt(out, "  offloaded_to %s", device->name);
	else
		out_fmt(out, "  offloaded_to ifindex %u ns_dev %llu ns_ino %llu", device->ifindex,
			device->netns_dev, device->netns_ino);
}
