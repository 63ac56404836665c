/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ops.h - programs of a congestion control
 */
#include "../common.h"

struct sock {
	int unused;
} CORE;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	void (*set_state)(struct sock *sk, __u8 new_state);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
	void *owner;
} CORE;

SEC("struct_ops")
__u32 load_ssthresh(__u64 *context)
{
	return 7;
}

SEC("struct_ops")
void load_cong_avoid(__u64 *context)
{
}

SEC("struct_ops")
__u32 load_a_long_name_of_an_undo_cwnd(__u64 *context)
{
	return 9;
}

char _license[] SEC("license") = "GPL";
