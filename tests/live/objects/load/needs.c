/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * needs.c - programs that need what a kernel may lack, or lacks for certain; a test loads one and marks the others with a '?'
 */
#include "../common.h"

struct list_head {
	struct list_head *next;
} CORE;

struct nobody_has_this {
	int member;
} CORE;

struct task_struct {
	int pid;
	int nobody_has_this;
	char comm[64]; /* the kernel's has 16 */
} CORE;

struct task_struct___other {
	int tgid;
} CORE;

struct mm_struct {
	unsigned long start_code; /* in the kernel's it is in a member without a name */
} CORE;

struct bpf_array {
	void *pptrs[0]; /* the kernel's is the last one of a member without a name */
	char value[0];
} CORE;

struct page {
	unsigned long mapping; /* the kernel's is a pointer */
} CORE;

enum bpf_func_id {
	BPF_FUNC_trace_printk = 6,
	BPF_FUNC_nobody_has_this = 5000,
};

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 77, /* whatever it is here, the kernel's counts */
	BPF_MAP_TYPE_NOBODY_HAS_THIS = 78,
};

#define FIELD_EXISTS 2
#define FIELD_SIGNED 3
#define TYPE_EXISTS 0
#define TYPE_SIZE 1
#define ENUMVAL_EXISTS 0
#define ENUMVAL_VALUE 1
#define has_field(type, member)                                                                    \
	__builtin_preserve_field_info(((struct type *)0)->member, FIELD_EXISTS)
#define has_type(type) __builtin_preserve_type_info(*(struct type *)0, TYPE_EXISTS)
#define size_of(type) __builtin_preserve_type_info(*(struct type *)0, TYPE_SIZE)
#define id_of(type) __builtin_btf_type_id(*(struct type *)0, 1)
#define has_value(type, name) __builtin_preserve_enum_value(*(enum type *)name, ENUMVAL_EXISTS)
#define value_of(type, name) __builtin_preserve_enum_value(*(enum type *)name, ENUMVAL_VALUE)

static __u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_probe_read_kernel)(void *to, __u32 size, const void *from) = (void *)113;
static __u64 (*const nobody_has_this)(void) = (void *)5000;
static __u64 (*const bpf_ktime_get_tai_ns)(void) = (void *)208;
static long (*const bpf_xdp_adjust_head)(void *context, int delta) = (void *)44;

#define PROG(section, name)                                                                        \
	SEC(section)                                                                               \
	int name(void *context)
/* Each in a section of its own. */
#define XDP(name) PROG("xdp/" #name, name)
#define TRACE(name) PROG("raw_tp/" #name, name)
#define READ(from)                                                                                 \
	({                                                                                         \
		__u64 value = 0;                                                                   \
		bpf_probe_read_kernel(&value, sizeof(*(from)), from);                              \
		value;                                                                             \
	})

/* Helpers */

XDP(helper_of_nobodys)
{
	return nobody_has_this();
}

XDP(helper_behind_a_question)
{
	if (has_value(bpf_func_id, BPF_FUNC_nobody_has_this))
		return nobody_has_this();
	return 2;
}

XDP(helper_of_6_1)
{
	return bpf_ktime_get_tai_ns() ? 2 : 1;
}

PROG("socket", helper_for_another_type)
{
	return bpf_xdp_adjust_head(context, 0);
}

/* Members of types */

TRACE(member_that_is_there)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(&task->pid);
}

TRACE(member_of_nobodys)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(&task->nobody_has_this);
}

TRACE(member_behind_a_question)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (has_field(task_struct, nobody_has_this))
		return READ(&task->nobody_has_this);
	return READ(&task->pid);
}

TRACE(member_behind_the_wrong_question)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (has_field(task_struct, pid))
		return READ(&task->nobody_has_this);
	return 0;
}

TRACE(member_by_another_name_of_the_type)
{
	struct task_struct___other *task = (void *)bpf_get_current_task();

	return READ(&task->tgid);
}

TRACE(member_of_one_without_a_name)
{
	struct mm_struct *mm = (void *)bpf_get_current_task();

	return READ(&mm->start_code);
}

TRACE(member_of_another_type)
{
	struct page *page = (void *)bpf_get_current_task();

	return READ(&page->mapping);
}

TRACE(element_that_is_there)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(&task->comm[15]);
}

TRACE(element_behind_the_end)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(&task->comm[40]);
}

TRACE(element_behind_our_own_end)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(&task->comm[70]);
}

TRACE(element_of_an_array_without_a_length)
{
	struct bpf_array *array = (void *)bpf_get_current_task();

	return READ(&array->pptrs[3]);
}

TRACE(sign_of_an_element)
{
	return __builtin_preserve_field_info(((struct task_struct *)0)->comm[3], FIELD_SIGNED);
}

TRACE(type_of_nobodys)
{
	struct nobody_has_this *what = (void *)bpf_get_current_task();

	return READ(&what->member);
}

TRACE(type_behind_a_question)
{
	if (has_type(nobody_has_this))
		return size_of(nobody_has_this);
	return has_type(list_head) ? size_of(list_head) : 0;
}

TRACE(size_of_nobodys)
{
	return size_of(nobody_has_this);
}

TRACE(id_of_nobodys)
{
	return id_of(nobody_has_this);
}

TRACE(id_that_is_there)
{
	return id_of(list_head);
}

TRACE(number_of_an_enum)
{
	return value_of(bpf_map_type, BPF_MAP_TYPE_HASH);
}

TRACE(number_of_nobodys)
{
	return value_of(bpf_map_type, BPF_MAP_TYPE_NOBODY_HAS_THIS);
}

TRACE(number_behind_a_question)
{
	if (has_value(bpf_map_type, BPF_MAP_TYPE_NOBODY_HAS_THIS))
		return value_of(bpf_map_type, BPF_MAP_TYPE_NOBODY_HAS_THIS);
	return 0;
}

/* A member that the program reads itself: its size has to fit. */
PROG("tp_btf/sched_process_exit", member_that_is_read)
{
	struct task_struct **arguments = context;

	return arguments[0]->pid;
}

/* What programs are for */

PROG("fentry/bpf_prog_test_run_xdp", function_that_is_there)
{
	return 0;
}

PROG("fentry/nobody_has_this", function_of_nobodys)
{
	return 0;
}

PROG("tp_btf/nobody_has_this", tracepoint_of_nobodys)
{
	return 0;
}

PROG("lsm/nobody_has_this", hook_of_nobodys)
{
	return 0;
}

PROG("iter/bpf_map", iterator_of_maps)
{
	return 0;
}

PROG("iter/nobody_has_this", iterator_of_nobodys)
{
	return 0;
}

PROG("cgroup/connect_unix", attach_type_of_6_7)
{
	return 1;
}

/* What is left to the kernel to define */

extern int nobody_has_this_function(int) FROM(".ksyms") WEAK;
extern const int nobody_has_this_variable FROM(".ksyms") WEAK;
extern const void nobody_has_this_symbol FROM(".ksyms") WEAK;
extern const void schedule FROM(".ksyms") WEAK;
extern int CONFIG_NOBODY_HAS_THIS FROM(".kconfig") WEAK;
extern int LINUX_KERNEL_VERSION FROM(".kconfig");

PROG("tc", kfunc_of_nobodys)
{
	return nobody_has_this_function(1);
}

PROG("classifier", kfunc_behind_a_question)
{
	if (&nobody_has_this_function)
		return nobody_has_this_function(1);
	return 0;
}

TRACE(symbol_behind_a_question)
{
	if (&nobody_has_this_symbol)
		return nobody_has_this();
	if (!&schedule)
		return nobody_has_this();
	return 0;
}

XDP(option_behind_a_question)
{
	if (CONFIG_NOBODY_HAS_THIS)
		return nobody_has_this();
	return 2;
}

XDP(version_behind_a_question)
{
	if (LINUX_KERNEL_VERSION < 0x50000)
		return nobody_has_this();
	return 2;
}

const volatile _Bool wants_more = 0, wants_less = 1;

XDP(data_that_stays)
{
	if (wants_more || !wants_less)
		return nobody_has_this();
	return 2;
}

/* Data that may change is no answer. */
_Bool may_want_more;

XDP(data_that_may_change)
{
	if (may_want_more)
		return nobody_has_this();
	return 2;
}

/* Instructions */

XDP(byte_swap_of_v4)
{
	asm volatile("r1 = 1\n\t"
		     ".byte 0xd7, 1, 0, 0, 16, 0, 0, 0" /* r1 = bswap16 r1 */
		     ::
			     : "r1");
	return 2;
}

XDP(signed_division_of_v4)
{
	asm volatile("r1 = 6\n\t"
		     ".byte 0x37, 1, 1, 0, 2, 0, 0, 0" /* r1 s/= 2 */
		     ::
			     : "r1");
	return 2;
}

XDP(may_goto_of_6_9)
{
	asm volatile(".byte 0xe5, 0, 1, 0, 0, 0, 0, 0\n\t" /* may_goto +1 */
		     "r1 = 1" ::
			     : "r1", "memory");
	return 2;
}

XDP(exchange_of_5_12)
{
	__u64 value = 1;

	asm volatile("r1 = 5\n\t"
		     ".byte 0xdb, 0x1a, 0xf8, 0xff, 0xe1, 0, 0, 0" /* r1 = xchg(r10 - 8, r1) */
		     ::
			     : "r1", "memory");
	return value ? 2 : 1;
}

/* Where a test moves what it leaves out. */
SEC("?") int left_out(void *context)
{
	return 0;
}

char LICENSE[] FROM("license") = "GPL";
