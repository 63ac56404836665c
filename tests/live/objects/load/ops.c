/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * ops.c - two congestion controls: one that stays registered by itself, one that a link registers
 */
#include "ops.h"

struct tcp_congestion_ops FROM(".struct_ops") load_alone = {
	.ssthresh = (void *)load_ssthresh,
	.cong_avoid = (void *)load_cong_avoid,
	.undo_cwnd = (void *)load_a_long_name_of_an_undo_cwnd,
	.name = "bl_alone",
};

struct tcp_congestion_ops FROM(".struct_ops.link") load_linked = {
	.ssthresh = (void *)load_ssthresh,
	.cong_avoid = (void *)load_cong_avoid,
	.undo_cwnd = (void *)load_a_long_name_of_an_undo_cwnd,
	.name = "bl_linked",
};
