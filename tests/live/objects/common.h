/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * common.h - what the objects of the tests need of a kernel's headers
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define FROM(name) __attribute__((section(name)))
#define WEAK __attribute__((weak))
#define NOINLINE __attribute__((noinline))
#define CORE __attribute__((preserve_access_index))

#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[]
#define __ulong(name, number) enum { name##_number = number } name

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_trace_printk)(const char *format, __u32 size, ...) = (void *)6;
static long (*const bpf_tail_call)(void *context, void *map, __u32 index) = (void *)12;
static long (*const bpf_loop)(__u32 n, void *callback, void *context, __u64 flags) = (void *)181;
