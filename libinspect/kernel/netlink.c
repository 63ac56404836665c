/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * netlink.c - what the network stack says of its devices
 */
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect.h"

#define ANSWER_ROOM 32768u /* of one device: the kernel sends no more in a message */

struct request {
	struct nlmsghdr header;
	struct ifinfomsg device;
};

/* The attribute after @at, which moves behind it; false at the end, and where lengths lie. */
static bool next_attribute(const char **at, const char *end, struct rtattr *out, const char **data)
{
	if (end - *at < (ptrdiff_t)sizeof(*out))
		return false;
	memcpy(out, *at, sizeof(*out));
	if (out->rta_len < sizeof(*out) || out->rta_len > end - *at)
		return false;
	*data = *at + sizeof(*out);
	size_t step = RTA_ALIGN(out->rta_len);
	*at += step < (size_t)(end - *at) ? step : (size_t)(end - *at);
	return true;
}

/*
 * A program may be there in several modes; each has an attribute of its own. Is @wanted among them? Of 0: which is the
 * first? 0 where there is none.
 */
static uint32_t find_prog(const char *at, const char *end, uint32_t wanted)
{
	struct rtattr attribute;
	const char *data;
	uint32_t id;

	while (next_attribute(&at, end, &attribute, &data)) {
		switch (attribute.rta_type) {
		case IFLA_XDP_PROG_ID:
		case IFLA_XDP_DRV_PROG_ID:
		case IFLA_XDP_SKB_PROG_ID:
		case IFLA_XDP_HW_PROG_ID:
			if (attribute.rta_len < sizeof(attribute) + sizeof(id))
				break;
			memcpy(&id, data, sizeof(id));
			if (id == wanted || !wanted)
				return id;
			break;
		default:
			break;
		}
	}
	return 0;
}

/* What the kernel says of a device: its attributes, from *at to *end in memory to be freed; else NULL. */
static char *ask_device(uint32_t ifindex, const char **at, const char **end)
{
	const size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ifinfomsg));
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.device = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex },
	};
	autofree char *answer = malloc(ANSWER_ROOM);
	struct nlmsghdr header;
	ssize_t n;

	autoclose int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (!answer || fd < 0 || send(fd, &request, sizeof(request), 0) != sizeof(request))
		return NULL;
	do
		n = recv(fd, answer, ANSWER_ROOM, 0);
	while (n < 0 && errno == EINTR);
	if (n < (ssize_t)head)
		return NULL;
	memcpy(&header, answer, sizeof(header));
	if (header.nlmsg_type != RTM_NEWLINK || header.nlmsg_len > (size_t)n ||
	    header.nlmsg_len < head)
		return NULL;
	*at = answer + head;
	*end = answer + header.nlmsg_len;
	return take_ptr(&answer);
}

static uint32_t find_xdp(uint32_t ifindex, uint32_t wanted)
{
	struct rtattr attribute;
	const char *at, *end, *data;

	autofree char *answer = ask_device(ifindex, &at, &end);
	while (answer && next_attribute(&at, end, &attribute, &data)) {
		uint32_t id = 0;

		if ((attribute.rta_type & NLA_TYPE_MASK) == IFLA_XDP)
			id = find_prog(data, data + attribute.rta_len - sizeof(attribute), wanted);
		if (id)
			return id;
	}
	return 0;
}

bool netlink_has_xdp(uint32_t ifindex, uint32_t prog_id)
{
	return prog_id && find_xdp(ifindex, prog_id);
}

uint32_t netlink_xdp_prog(uint32_t ifindex)
{
	return find_xdp(ifindex, 0);
}

uint32_t netlink_other_end(uint32_t ifindex)
{
	struct rtattr attribute;
	const char *at, *end, *data;
	uint32_t other = 0;

	autofree char *answer = ask_device(ifindex, &at, &end);
	while (answer && next_attribute(&at, end, &attribute, &data)) {
		if (attribute.rta_type == IFLA_LINK_NETNSID)
			return 0;
		if (attribute.rta_type == IFLA_LINK &&
		    attribute.rta_len >= sizeof(attribute) + sizeof(other))
			memcpy(&other, data, sizeof(other));
	}
	return other;
}

bool netlink_device_name(uint32_t ifindex, char *room)
{
	return if_indextoname(ifindex, room);
}

uint32_t netlink_device_index(const char *name)
{
	return if_nametoindex(name);
}

void inspect_devices_each(void (*each)(void *context, const char *name), void *context)
{
	struct if_nameindex *devices = if_nameindex();

	for (const struct if_nameindex *at = devices; at && at->if_name; at++)
		each(context, at->if_name);
	if (devices)
		if_freenameindex(devices);
}
