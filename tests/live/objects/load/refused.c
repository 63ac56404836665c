/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refused.c - a program that the verifier takes, and one that it does not
 */
#include "../common.h"

struct packet {
	__u32 data, data_end;
};

SEC("xdp") int load_good(struct packet *packet)
{
	return 2;
}

SEC("xdp") int load_bad(struct packet *packet)
{
	return *(int *)(long)packet->data;
}

char LICENSE[] FROM("license") = "GPL";
