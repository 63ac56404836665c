/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ops.c - two congestion controls: one that stays registered by itself, and one that a link registers
 */
#include "common.h"

struct sock {
	int unused;
} CORE;

struct rate_sample;

struct tcp_sock {
	__u32 snd_ssthresh;
	__u32 snd_cwnd;
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
__u32 live_ssthresh(__u64 *context)
{
	return 7;
}

SEC("struct_ops")
void live_cong_avoid(__u64 *context)
{
}

SEC("struct_ops")
__u32 a_long_name_of_an_undo_cwnd(__u64 *context)
{
	return 9;
}

struct tcp_congestion_ops FROM(".struct_ops") live_alone = {
	.ssthresh = (void *)live_ssthresh,
	.cong_avoid = (void *)live_cong_avoid,
	.undo_cwnd = (void *)a_long_name_of_an_undo_cwnd,
	.name = "bl_alone",
};

struct tcp_congestion_ops FROM(".struct_ops.link") live_linked = {
	.ssthresh = (void *)live_ssthresh,
	.cong_avoid = (void *)live_cong_avoid,
	.undo_cwnd = (void *)a_long_name_of_an_undo_cwnd,
	.name = "bl_linked",
};

char _license[] SEC("license") = "GPL";
