/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * unsure.c - code behind a question whose answer comes there by ways that the verifier follows, and no list of what is asked for
 */
#include "../common.h"

enum bpf_func_id {
	BPF_FUNC_trace_printk = 6,
	BPF_FUNC_nobody_has_this = 5000,
};

#define IS_THERE __builtin_preserve_enum_value(*(enum bpf_func_id *)BPF_FUNC_nobody_has_this, 0)

static __u64 (*const nobody_has_this)(void) = (void *)5000;

#define XDP(name)                                                                                  \
	SEC("xdp/" #name)                                                                          \
	int name(__u32 *context)

static NOINLINE int is_there(void)
{
	return IS_THERE;
}

XDP(answer_of_a_function)
{
	if (is_there())
		return nobody_has_this();
	return 2;
}

static NOINLINE int call_if(int is_there, int otherwise)
{
	return is_there ? (int)nobody_has_this() : otherwise;
}

XDP(answer_for_a_function)
{
	return call_if(IS_THERE, context[3]);
}

XDP(answer_on_the_stack)
{
	volatile int answer = IS_THERE;

	if (answer)
		return nobody_has_this();
	return 2;
}

XDP(answer_among_bits)
{
	int bits = 0;

	if (IS_THERE)
		bits = 1;
	if (context[3])
		bits |= 2;
	asm volatile("" : "+r"(bits));
	if (bits & 1)
		return nobody_has_this();
	return 2;
}

const volatile int mask = 0;

XDP(data_as_a_mask)
{
	if (context[3] & mask)
		return nobody_has_this();
	return 2;
}

char LICENSE[] FROM("license") = "GPL";
