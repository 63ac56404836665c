/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * netlink.h - what the network stack says of its devices
 */
#ifndef KERNEL_NETLINK_H
#define KERNEL_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

/* Does the device with this index, in the caller's network namespace, have this XDP program? */
bool netlink_has_xdp(uint32_t ifindex, uint32_t prog_id);

/* The XDP program of this device, in whichever mode; 0: there is none, or it is not told. */
uint32_t netlink_xdp_prog(uint32_t ifindex);

/*
 * The device that this one is a pair with, where both are in the caller's network namespace: its index, or 0.
 */
uint32_t netlink_other_end(uint32_t ifindex);

/* The name of that device, which goes into 16 bytes of @room; false where there is none. */
bool netlink_device_name(uint32_t ifindex, char *room);

/* The index of the device with this name in the caller's network namespace, or 0. */
uint32_t netlink_device_index(const char *name);

#endif
