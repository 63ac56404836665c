/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * refused.c - programs that a kernel refuses, each for a reason of its own
 *
 * One is compiled at a time: -Dnull_pointer. Where a compiler could make another program of it, the fault is
 * written in assembly. The line at which the verifier stops is marked.
 */
#include "common.h"

struct xdp_md {
	__u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

struct value {
	__u32 n;
	__u32 bytes[15];
};

static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value,
					 __u64 flags) = (void *)2;
static long (*const bpf_probe_read)(void *to, __u32 size, const void *from) = (void *)4;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;
static long (*const bpf_redirect_map)(void *map, __u64 key, __u64 flags) = (void *)51;
static void *(*const bpf_sk_lookup_tcp)(void *context, void *tuple, __u32 size, __u64 netns,
					__u64 flags) = (void *)84;
static void (*const bpf_sk_release)(void *sock) = (void *)86;
static void (*const bpf_spin_lock)(void *lock) = (void *)93;
static void (*const bpf_spin_unlock)(void *lock) = (void *)94;
static void *(*const bpf_ringbuf_reserve)(void *ring, __u64 size, __u64 flags) = (void *)131;
static long (*const bpf_copy_from_user)(void *to, __u32 size, const void *from) = (void *)148;

#define ASM(text) asm volatile(text)
#define NAKED __attribute__((naked))
#define PROGRAM(section) SEC(section) int refuse(struct xdp_md *context)
#define BARE(section) SEC(section) NAKED int refuse(void)

struct {
	__uint(type, 2); /* array */
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct value);
} values FROM(".maps");

#if defined(null_pointer)
PROGRAM("xdp")
{
	__u32 key = context->ingress_ifindex;
	struct value *value = bpf_map_lookup_elem(&values, &key);

	value->n = 1; /* fault */
	return 2;
}
#elif defined(packet_bounds)
PROGRAM("xdp")
{
	unsigned char *packet = (void *)(long)context->data;

	return packet[12] == 8; /* fault */
}
#elif defined(map_bounds)
PROGRAM("xdp")
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return 0;
	return value->bytes[context->ingress_ifindex]; /* fault */
}
#elif defined(map_range)
PROGRAM("xdp")
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	__u32 at = context->ingress_ifindex;

	if (!value || at > 20)
		return 0;
	return value->bytes[at]; /* fault */
}
#elif defined(map_fixed)
PROGRAM("xdp")
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return 0;
	return value[1].n; /* fault */
}
#elif defined(negative_index)
PROGRAM("xdp")
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return 0;
	long at = value->n;
	asm volatile("%0 <<= 32\n%0 s>>= 32\nif %0 s> 10 goto +1\n%1 += %0\n" /* fault */
		     : "+r"(at), "+r"(value));
	return *(unsigned char *)value;
}
#elif defined(loop)
BARE("xdp")
{
	ASM("r0 = 0\n1: r0 = 0\ngoto 1b\n");
}
#elif defined(long_loop)
PROGRAM("xdp")
{
	for (__u32 i = 0; i < 2000000; i++)
		asm volatile("" : "+r"(i));
	return 0;
}
#elif defined(deep_stack)
static NOINLINE int inner(void *at)
{
	char room[300];

	asm volatile("" : : "r"(room), "r"(at) : "memory");
	*(volatile char *)(room + 1) = 1;
	return room[1];
}
PROGRAM("xdp")
{
	char room[300];

	*(volatile char *)(room + 1) = 1;
	asm volatile("" : : "r"(room) : "memory");
	return inner(context) + room[1];
}
#elif defined(register_unset)
BARE("xdp")
{
	ASM("r0 = r7\nexit\n"); /* fault */
}
#elif defined(no_result)
BARE("xdp")
{
	ASM("r1 = 0\nexit\n"); /* fault */
}
#elif defined(wrong_result)
BARE("cgroup_skb/ingress")
{
	ASM("r0 = 7\nexit\n"); /* fault */
}
#elif defined(context_place)
BARE("xdp")
{
	ASM("r0 = *(u32 *)(r1 + 96)\nexit\n"); /* fault */
}
#elif defined(context_write)
BARE("xdp")
{
	ASM("r0 = 0\n*(u32 *)(r1 + 0) = r0\nexit\n"); /* fault */
}
#elif defined(reference)
PROGRAM("tc")
{
	__u32 tuple[3] = { 1, 2, 3 };

	return bpf_sk_lookup_tcp(context, tuple, sizeof(tuple), -1ULL, 0) != 0; /* fault */
}
#elif defined(reserved)
struct {
	__uint(type, 27); /* ringbuf */
	__uint(max_entries, 4096);
} ring FROM(".maps");
PROGRAM("xdp")
{
	__u64 *event = bpf_ringbuf_reserve(&ring, 8, 0);

	if (event)
		*event = 1;
	return 2; /* fault */
}
#elif defined(released_twice)
PROGRAM("tc")
{
	__u32 tuple[3] = { 1, 2, 3 };
	void *sock = bpf_sk_lookup_tcp(context, tuple, sizeof(tuple), -1ULL, 0);

	if (sock) {
		bpf_sk_release(sock);
		bpf_sk_release(sock); /* fault */
	}
	return 0;
}
#elif defined(helper_type)
PROGRAM("xdp")
{
	char word[8];

	return (int)bpf_copy_from_user(word, 8, context); /* fault */
}
#elif defined(helper_licence)
PROGRAM("xdp")
{
	static const char text[] = "gpl only";

	bpf_trace_printk(text, sizeof(text)); /* fault */
	return 2;
}
#elif defined(helper_unknown)
BARE("xdp")
{
	ASM("call 4242\nexit\n"); /* fault */
}
#elif defined(kfunc_missing)
extern int no_such_kernel_function(int number) FROM(".ksyms");
PROGRAM("xdp")
{
	return no_such_kernel_function(1);
}
#elif defined(kfunc_weak)
extern int no_such_kernel_function(int number) WEAK FROM(".ksyms");
PROGRAM("xdp")
{
	return no_such_kernel_function(1); /* fault */
}
#elif defined(kfunc_refused)
extern void bpf_task_release(void *task) FROM(".ksyms");
PROGRAM("xdp")
{
	bpf_task_release(context);
	return 2;
}
#elif defined(core_field)
struct task_struct {
	int pid;
	int no_such_member;
} CORE;
PROGRAM("socket")
{
	struct task_struct *task = (void *)context;
	long place = (long)__builtin_preserve_access_index(&task->no_such_member) - (long)task;

	return place; /* fault */
}
#elif defined(core_type)
struct no_such_struct {
	int first;
	struct {
		int second[4];
	} inner;
} CORE;
PROGRAM("raw_tp/sys_enter")
{
	struct no_such_struct *it = (void *)context;
	int got = 0;

	bpf_probe_read(&got, sizeof(got), &it->inner.second[2]);
	return got;
}
#elif defined(ksym_missing)
extern const int no_such_kernel_variable FROM(".ksyms");
PROGRAM("xdp")
{
	return no_such_kernel_variable;
}
#elif defined(kconfig_missing)
extern int CONFIG_NO_SUCH_THING FROM(".kconfig");
PROGRAM("xdp")
{
	return CONFIG_NO_SUCH_THING;
}
#elif defined(attach_missing)
PROGRAM("fentry/no_such_kernel_function")
{
	return 0;
}
#elif defined(sleeps)
PROGRAM("fentry/do_nanosleep")
{
	char word[8];

	return (int)bpf_copy_from_user(word, 8, context);
}
#elif defined(pointer_sum)
BARE("xdp")
{
	ASM("r0 = r1\nr0 *= 2\nr0 = 0\nexit\n"); /* fault */
}
#elif defined(stack_outside)
BARE("xdp")
{
	ASM("r0 = 0\n*(u64 *)(r10 - 520) = r0\nexit\n"); /* fault */
}
#elif defined(scalar)
BARE("xdp")
{
	ASM("r2 = 64\nr0 = *(u32 *)(r2 + 0)\nexit\n"); /* fault */
}
#elif defined(unreachable)
BARE("xdp")
{
	ASM("r0 = 0\nexit\nr0 = 1\nexit\n");
}
#elif defined(fall_off)
BARE("xdp")
{
	ASM("r0 = 0\nr1 = 0\n");
}
#elif defined(frame)
BARE("xdp")
{
	ASM("r10 = 0\nr0 = 0\nexit\n"); /* fault */
}
#elif defined(map_type)
PROGRAM("xdp")
{
	return (int)bpf_redirect_map(&values, 0, 0); /* fault */
}
#elif defined(read_only)
static const volatile int limit = 3;
PROGRAM("xdp")
{
	*(volatile int *)&limit = 4; /* fault */
	return 2;
}
#elif defined(argument)
BARE("xdp")
{
	ASM("r2 = r1\nr1 = 5\ncall 1\nexit\n"); /* fault */
}
#elif defined(modified)
BARE("tc")
{
	ASM("r2 = *(u32 *)(r1 + 0)\nr1 += r2\nr0 = *(u32 *)(r1 + 0)\nexit\n"); /* fault */
}
#elif defined(alignment)
BARE("xdp")
{
	ASM("r0 = *(u32 *)(r1 + 1)\nexit\n"); /* fault */
}
#elif defined(lock_call)
struct locked {
	struct bpf_spin_lock {
		__u32 val;
	} lock;
	__u32 n;
};
struct {
	__uint(type, 2);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked);
} guarded FROM(".maps");
PROGRAM("tc")
{
	__u32 key = 0;
	struct locked *it = bpf_map_lookup_elem(&guarded, &key);

	if (!it)
		return 0;
	bpf_spin_lock(&it->lock);
	it->n = bpf_get_prandom_u32(); /* fault */
#ifndef lock_kept
	bpf_spin_unlock(&it->lock);
#endif
	return 0;
}
#elif defined(lock_kept)
struct locked {
	struct bpf_spin_lock {
		__u32 val;
	} lock;
	__u32 n;
};
struct {
	__uint(type, 2);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked);
} guarded FROM(".maps");
PROGRAM("tc")
{
	__u32 key = 0;
	struct locked *it = bpf_map_lookup_elem(&guarded, &key);

	if (!it)
		return 0;
	bpf_spin_lock(&it->lock);
	it->n = 1;
	return 0;
}
#elif defined(null_argument)
PROGRAM("xdp")
{
	__u32 key = context->ingress_ifindex;
	struct value *value = bpf_map_lookup_elem(&values, &key);

	return (int)bpf_map_update_elem(&values, value, &key, 0); /* fault */
}
#elif defined(size_unknown)
PROGRAM("raw_tp/sys_enter")
{
	char room[32];

	bpf_probe_read(room, (__u32)bpf_ktime_get_ns(), context); /* fault */
	return room[0];
}
#elif defined(size_negative)
PROGRAM("raw_tp/sys_enter")
{
	char room[32];
	long size = bpf_ktime_get_ns();

	asm volatile("r1 = %0\nr2 = %1\nr3 = 0\nif r2 s> 32 goto +1\ncall 4" /* fault */
		     :
		     : "r"(room), "r"(size)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return room[0];
}
#elif defined(deep_calls)
#define DEEPER(name, next)                                                                         \
	static NOINLINE int name(int a)                                                            \
	{                                                                                          \
		asm volatile("" : "+r"(a));                                                        \
		return next(a) + 1;                                                                \
	}
#define FOUR(a, b, c, d, next) DEEPER(a, next) DEEPER(b, a) DEEPER(c, b) DEEPER(d, c)
static NOINLINE int last(int a)
{
	asm volatile("" : "+r"(a));
	return a;
}
FOUR(a1, a2, a3, a4, last)
FOUR(b1, b2, b3, b4, a4)
FOUR(c1, c2, c3, c4, b4)
FOUR(d1, d2, d3, d4, c4)
FOUR(e1, e2, e3, e4, d4)
PROGRAM("xdp")
{
	return e4((int)context->data);
}
#elif defined(released_foreign)
struct __sk_buff {
	__u32 words[42];
	void *sock __attribute__((aligned(8)));
};
PROGRAM("tc")
{
	void *sock = ((struct __sk_buff *)context)->sock;

	if (sock)
		bpf_sk_release(sock); /* fault */
	return 0;
}
#elif defined(many_jumps)
PROGRAM("xdp")
{
	long n = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 100000; i++)
		if (bpf_get_prandom_u32() > 5) /* fault */
			n += i;
	return (int)n;
}
#endif

#ifdef helper_licence
char terms[] SEC("license") = "Proprietary";
#else
char terms[] SEC("license") = "GPL";
#endif
