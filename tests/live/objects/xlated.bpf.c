/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * xlated.bpf.c - what clang makes of programs with maps, loops, subprograms, callbacks and functions of the kernel
 *
 * It includes nothing, so that it is compiled wherever clang is. Lines are facts that tests know.
 */
typedef unsigned int u32;
typedef unsigned long long u64;
struct __sk_buff;

#define SEC(name) __attribute__((section(name), used))
#define NOINLINE __attribute__((noinline))
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*bpf_map_update_elem)(void *map, const void *key, const void *value,
				   u64 flags) = (void *)2;
static u64 (*bpf_ktime_get_ns)(void) = (void *)5;
static long (*bpf_tail_call)(void *ctx, void *map, u32 index) = (void *)12;
#ifdef CALLBACKS
static long (*bpf_for_each_map_elem)(void *map, void *fn, void *ctx, u64 flags) = (void *)164;
static long (*bpf_loop)(u32 n, void *fn, void *ctx, u64 flags) = (void *)181;
#endif

struct {
	__uint(type, 1);
	__uint(max_entries, 16);
	__type(key, u32);
	__type(value, u64);
} x_hash SEC(".maps");

struct {
	__uint(type, 3);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, u32);
} x_jumps SEC(".maps");

u64 counter;
int data = 5;
const volatile int limit = 3;

NOINLINE static int part(u64 x, int y)
{
	counter += x;
	if (y > 3)
		return x & 7;
	return y;
}

NOINLINE int whole(u64 x)
{
	data = x;
#pragma unroll 1
	for (int i = 0; i < 5; i++) {
		counter += i ^ x;
		x >>= counter & 3;
	}
	return part(x, data) + 1;
}

#ifdef CALLBACKS
static long each_round(u32 i, void *sum)
{
	*(u64 *)sum += i;
	return 0;
}

static long each_element(void *map, const void *key, void *value, void *sum)
{
	*(u64 *)sum += *(u64 *)value;
	return 0;
}
#endif

SEC("tc") int x_main(struct __sk_buff *skb)
{
	u64 sum = 0, one = 1;
	u32 key = 7;

	u64 *value = bpf_map_lookup_elem(&x_hash, &key);
	if (value)
		__sync_fetch_and_add(value, limit);
	else
		bpf_map_update_elem(&x_hash, &key, &one, 0);
#ifdef CALLBACKS
	bpf_loop(3, each_round, &sum, 0);
	bpf_for_each_map_elem(&x_hash, each_element, &sum, 0);
#endif
	counter += sum + bpf_ktime_get_ns();
	if (whole(sum) == 3)
		bpf_tail_call(skb, &x_jumps, 1);
	return part(one, key);
}

#ifdef KFUNCS
extern void bpf_rcu_read_lock(void) __attribute__((section(".ksyms")));
extern void bpf_rcu_read_unlock(void) __attribute__((section(".ksyms")));

SEC("syscall") int x_kfuncs(void *ctx)
{
	bpf_rcu_read_lock();
	counter++;
	bpf_rcu_read_unlock();
	return 0;
}
#endif

char _license[] SEC("license") = "GPL";
