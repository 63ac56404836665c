/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * address.c - addresses from text
 */
#include "value/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/num.h"

#define MAC_BYTES 6u

/* "02:00:00:00:00:01", or with '-' all along. */
static bool parse_mac(const char *text, unsigned char *out)
{
	unsigned char bytes[MAC_BYTES];
	char pair[3] = "";

	if (strlen(text) != 3 * MAC_BYTES - 1)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++) {
		const char *at = text + 3 * i;

		if (i && (at[-1] != text[2] || (at[-1] != ':' && at[-1] != '-')))
			return false;
		memcpy(pair, at, 2);
		if (num_parse_hex_bytes(pair, &bytes[i], 1))
			return false;
	}
	memcpy(out, bytes, sizeof(bytes));
	return true;
}

bool address_parse(const char *text, size_t size, unsigned char *out)
{
	switch (size) {
	case sizeof(struct in_addr):
		return inet_pton(AF_INET, text, out) == 1;
	case MAC_BYTES:
		return parse_mac(text, out);
	case sizeof(struct in6_addr):
		return inet_pton(AF_INET6, text, out) == 1;
	default:
		return false;
	}
}
