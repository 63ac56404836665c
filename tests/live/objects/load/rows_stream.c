/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows_stream.c - a program that writes to its standard output, by the kfunc of either name
 */
#include "../common.h"

extern int bpf_stream_vprintk(int stream, const char *format, const void *args, __u32 size) WEAK
	FROM(".ksyms");
extern int bpf_stream_vprintk_impl(int stream, const char *format, const void *args, __u32 size,
				   void *aux) WEAK FROM(".ksyms");

SEC("syscall") int row_stream(void *context)
{
	static const char format[] = "row %d\n";
	__u64 args[1] = { 7 };

	if (bpf_stream_vprintk)
		return bpf_stream_vprintk(1, format, args, sizeof(args));
	return bpf_stream_vprintk_impl(1, format, args, sizeof(args), 0);
}

char LICENSE[] FROM("license") = "GPL";
