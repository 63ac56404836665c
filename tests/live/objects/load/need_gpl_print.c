/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * need_gpl_print.c - a helper that writes to the log of the kernel when it is asked for, and no licence
 */
#include "../common.h"

SEC("raw_tp/bpf_test_finish") int load_printer(void *context)
{
	char text[] = "never";

	bpf_trace_printk(text, sizeof(text));
	return 0;
}
