/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * abi.h - numbers and layouts of bpf(2)
 *
 * Written down once, from the kernel's ABI, as of Linux 7.2. Nobody includes <linux/bpf.h>: what is
 * here does not depend on the age of the system's headers, and the ABI_ names never clash with them.
 * A layout may be longer than what the running kernel knows; it says how much it filled in.
 */
#ifndef KERNEL_ABI_H
#define KERNEL_ABI_H

#include <stdint.h>

enum abi_cmd {
	ABI_MAP_CREATE = 0,
	ABI_MAP_LOOKUP_ELEM = 1,
	ABI_MAP_UPDATE_ELEM = 2,
	ABI_MAP_DELETE_ELEM = 3,
	ABI_MAP_GET_NEXT_KEY = 4,
	ABI_PROG_LOAD = 5,
	ABI_OBJ_PIN = 6,
	ABI_OBJ_GET = 7,
	ABI_PROG_ATTACH = 8,
	ABI_PROG_DETACH = 9,
	ABI_PROG_TEST_RUN = 10,
	ABI_PROG_GET_NEXT_ID = 11,
	ABI_MAP_GET_NEXT_ID = 12,
	ABI_PROG_GET_FD_BY_ID = 13,
	ABI_MAP_GET_FD_BY_ID = 14,
	ABI_OBJ_GET_INFO_BY_FD = 15,
	ABI_PROG_QUERY = 16,
	ABI_RAW_TRACEPOINT_OPEN = 17,
	ABI_BTF_LOAD = 18,
	ABI_BTF_GET_FD_BY_ID = 19,
	ABI_MAP_LOOKUP_AND_DELETE_ELEM = 21,
	ABI_MAP_FREEZE = 22,
	ABI_BTF_GET_NEXT_ID = 23,
	ABI_MAP_LOOKUP_BATCH = 24,
	ABI_MAP_LOOKUP_AND_DELETE_BATCH = 25,
	ABI_MAP_UPDATE_BATCH = 26,
	ABI_MAP_DELETE_BATCH = 27,
	ABI_LINK_CREATE = 28,
	ABI_LINK_UPDATE = 29,
	ABI_LINK_GET_FD_BY_ID = 30,
	ABI_LINK_GET_NEXT_ID = 31,
	ABI_ITER_CREATE = 33,
	ABI_LINK_DETACH = 34,
	ABI_TOKEN_CREATE = 36,
	ABI_PROG_STREAM_READ_BY_FD = 37,
};

enum abi_link_type {
	ABI_LINK_TYPE_UNSPEC,
	ABI_LINK_TYPE_RAW_TRACEPOINT,
	ABI_LINK_TYPE_TRACING,
	ABI_LINK_TYPE_CGROUP,
	ABI_LINK_TYPE_ITER,
	ABI_LINK_TYPE_NETNS,
	ABI_LINK_TYPE_XDP,
	ABI_LINK_TYPE_PERF_EVENT,
	ABI_LINK_TYPE_KPROBE_MULTI,
	ABI_LINK_TYPE_STRUCT_OPS,
	ABI_LINK_TYPE_NETFILTER,
	ABI_LINK_TYPE_TCX,
	ABI_LINK_TYPE_UPROBE_MULTI,
	ABI_LINK_TYPE_NETKIT,
	ABI_LINK_TYPE_SOCKMAP,
	ABI_LINK_TYPE_TRACING_MULTI,
};

/* Kinds of links of the type perf_event. */
enum abi_perf_event {
	ABI_PERF_EVENT_UNSPEC,
	ABI_PERF_EVENT_UPROBE,
	ABI_PERF_EVENT_URETPROBE,
	ABI_PERF_EVENT_KPROBE,
	ABI_PERF_EVENT_KRETPROBE,
	ABI_PERF_EVENT_TRACEPOINT,
	ABI_PERF_EVENT_EVENT,
};

/* Attach types, those that links are made of. */
#define ABI_TRACE_RAW_TP 23
#define ABI_TRACE_FENTRY 24
#define ABI_TRACE_FEXIT 25
#define ABI_MODIFY_RETURN 26
#define ABI_LSM_MAC 27
#define ABI_TRACE_ITER 28
#define ABI_PERF_EVENT 41
#define ABI_TRACE_KPROBE_MULTI 42
#define ABI_LSM_CGROUP 43
#define ABI_TRACE_UPROBE_MULTI 48
#define ABI_NETKIT_PEER 55
#define ABI_TRACE_KPROBE_SESSION 56
#define ABI_TRACE_UPROBE_SESSION 57
#define ABI_TRACE_FSESSION 58
#define ABI_TRACE_FENTRY_MULTI 59
#define ABI_TRACE_FEXIT_MULTI 60
#define ABI_TRACE_FSESSION_MULTI 61
#define ABI_MULTI_RETURN 1 /* a flag of links of the types kprobe_multi and uprobe_multi */

/* Program types, those that this build attaches or treats in a way of its own. */
#define ABI_PROG_TYPE_SOCKET_FILTER 1
#define ABI_PROG_TYPE_KPROBE 2
#define ABI_PROG_TYPE_TRACEPOINT 5
#define ABI_PROG_TYPE_PERF_EVENT 7
#define ABI_PROG_TYPE_RAW_TRACEPOINT 17
#define ABI_PROG_TYPE_RAW_TRACEPOINT_WRITABLE 24
#define ABI_PROG_TYPE_TRACING 26
#define ABI_PROG_TYPE_EXT 28
#define ABI_PROG_TYPE_LSM 29
#define ABI_PROG_TYPE_SYSCALL 31

/* The same of sockets, networks and cgroups. */
#define ABI_PROG_TYPE_SCHED_CLS 3
#define ABI_PROG_TYPE_XDP 6
#define ABI_PROG_TYPE_CGROUP_SKB 8
#define ABI_PROG_TYPE_CGROUP_SOCK 9
#define ABI_PROG_TYPE_SOCK_OPS 13
#define ABI_PROG_TYPE_SK_SKB 14
#define ABI_PROG_TYPE_CGROUP_DEVICE 15
#define ABI_PROG_TYPE_SK_MSG 16
#define ABI_PROG_TYPE_CGROUP_SOCK_ADDR 18
#define ABI_PROG_TYPE_LIRC_MODE2 20
#define ABI_PROG_TYPE_FLOW_DISSECTOR 22
#define ABI_PROG_TYPE_CGROUP_SYSCTL 23
#define ABI_PROG_TYPE_CGROUP_SOCKOPT 25
#define ABI_PROG_TYPE_STRUCT_OPS 27
#define ABI_PROG_TYPE_SK_LOOKUP 30
#define ABI_PROG_TYPE_NETFILTER 32
#define ABI_SK_SKB_STREAM_PARSER 4
#define ABI_SK_SKB_STREAM_VERDICT 5
#define ABI_SK_MSG_VERDICT 7
#define ABI_CGROUP_INET4_CONNECT 10
#define ABI_LIRC_MODE2 16
#define ABI_FLOW_DISSECTOR 17
#define ABI_CGROUP_GETSOCKOPT 21
#define ABI_SK_LOOKUP 36
#define ABI_XDP 37
#define ABI_SK_SKB_VERDICT 38
#define ABI_STRUCT_OPS 44
#define ABI_NETFILTER 45
#define ABI_TCX_INGRESS 46
#define ABI_TCX_EGRESS 47
#define ABI_NETKIT_PRIMARY 54

/* Flags of new links that stand in an order, and of links that get another program. */
#define ABI_F_REPLACE (1u << 2)
#define ABI_F_BEFORE (1u << 3)
#define ABI_F_AFTER (1u << 4)
#define ABI_F_PREORDER (1u << 6)
#define ABI_F_LINK (1u << 13)

/* Flags of links of the types xdp and netfilter. */
#define ABI_XDP_GENERIC (1u << 1)
#define ABI_XDP_NATIVE (1u << 2)
#define ABI_XDP_OFFLOAD (1u << 3)
#define ABI_NETFILTER_DEFRAG 1u

enum abi_map_type {
	ABI_MAP_TYPE_UNSPEC,
	ABI_MAP_TYPE_HASH,
	ABI_MAP_TYPE_ARRAY,
	ABI_MAP_TYPE_PROG_ARRAY,
	ABI_MAP_TYPE_PERF_EVENT_ARRAY,
	ABI_MAP_TYPE_PERCPU_HASH,
	ABI_MAP_TYPE_PERCPU_ARRAY,
	ABI_MAP_TYPE_STACK_TRACE,
	ABI_MAP_TYPE_CGROUP_ARRAY,
	ABI_MAP_TYPE_LRU_HASH,
	ABI_MAP_TYPE_LRU_PERCPU_HASH,
	ABI_MAP_TYPE_LPM_TRIE,
	ABI_MAP_TYPE_ARRAY_OF_MAPS,
	ABI_MAP_TYPE_HASH_OF_MAPS,
	ABI_MAP_TYPE_DEVMAP,
	ABI_MAP_TYPE_SOCKMAP,
	ABI_MAP_TYPE_CPUMAP,
	ABI_MAP_TYPE_XSKMAP,
	ABI_MAP_TYPE_SOCKHASH,
	ABI_MAP_TYPE_CGROUP_STORAGE,
	ABI_MAP_TYPE_REUSEPORT_SOCKARRAY,
	ABI_MAP_TYPE_PERCPU_CGROUP_STORAGE,
	ABI_MAP_TYPE_QUEUE,
	ABI_MAP_TYPE_STACK,
	ABI_MAP_TYPE_SK_STORAGE,
	ABI_MAP_TYPE_DEVMAP_HASH,
	ABI_MAP_TYPE_STRUCT_OPS,
	ABI_MAP_TYPE_RINGBUF,
	ABI_MAP_TYPE_INODE_STORAGE,
	ABI_MAP_TYPE_TASK_STORAGE,
	ABI_MAP_TYPE_BLOOM_FILTER,
	ABI_MAP_TYPE_USER_RINGBUF,
	ABI_MAP_TYPE_CGRP_STORAGE,
	ABI_MAP_TYPE_ARENA,
	ABI_MAP_TYPE_INSN_ARRAY,
	ABI_MAP_TYPE_RHASH,
};

#define ABI_F_RDONLY (1u << 3)
#define ABI_F_WRONLY (1u << 4)
#define ABI_F_NO_PREALLOC (1u << 0) /* these are flags of ABI_MAP_CREATE */
#define ABI_F_NO_COMMON_LRU (1u << 1)
#define ABI_F_NUMA_NODE (1u << 2)
#define ABI_F_STACK_BUILD_ID (1u << 5)
#define ABI_F_ZERO_SEED (1u << 6)
#define ABI_F_RDONLY_PROG (1u << 7)
#define ABI_F_WRONLY_PROG (1u << 8)
#define ABI_F_CLONE (1u << 9)
#define ABI_F_MMAPABLE (1u << 10)
#define ABI_F_PRESERVE_ELEMS (1u << 11)
#define ABI_F_INNER_MAP (1u << 12)
#define ABI_F_PATH_FD (1u << 14) /* of ABI_OBJ_GET and ABI_OBJ_PIN */
#define ABI_F_VTYPE_BTF_OBJ_FD (1u << 15)
#define ABI_F_TOKEN_FD (1u << 16)
#define ABI_F_SEGV_ON_FAULT (1u << 17)
#define ABI_F_NO_USER_CONV (1u << 18)
#define ABI_F_RB_OVERWRITE (1u << 19)

/* Flags of ABI_MAP_UPDATE_ELEM. */
#define ABI_ANY 0
#define ABI_NOEXIST 1
#define ABI_EXIST 2
#define ABI_OBJ_NAME_ROOM 16 /* a name of at most 15 bytes and its NUL */

struct abi_id_attr {
	uint32_t id; /* where to begin, or which to open */
	uint32_t next_id;
	uint32_t open_flags;
};

struct abi_path_attr {
	uint64_t path;
	uint32_t fd;
	uint32_t file_flags;
};

struct abi_info_attr {
	uint32_t fd;
	uint32_t info_len; /* room, then what the kernel filled in */
	uint64_t info;
};

struct abi_elem_attr {
	uint32_t map_fd;
	uint32_t padding;
	uint64_t key;
	uint64_t value; /* or the next key */
	uint64_t flags;
};

struct abi_map_create_attr {
	uint32_t type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t map_flags;
	uint32_t inner_map_fd;
	uint32_t numa_node;
	char name[ABI_OBJ_NAME_ROOM];
	uint32_t ifindex;
	uint32_t btf_fd;
	uint32_t btf_key_type_id;
	uint32_t btf_value_type_id;
	uint32_t btf_vmlinux_value_type_id;
	uint64_t map_extra; /* Linux 5.16; what is older takes the attributes up to here */
	int32_t value_type_btf_obj_fd;
	int32_t map_token_fd;
	uint64_t excl_prog_hash; /* Linux 6.18 */
	uint32_t excl_prog_hash_size;
	uint32_t padding;
};

struct abi_btf_load_attr {
	uint64_t btf;
	uint64_t log;
	uint32_t btf_size;
	uint32_t log_size;
	uint32_t log_level;
};

struct abi_batch_attr {
	uint64_t in_batch;
	uint64_t out_batch;
	uint64_t keys;
	uint64_t values;
	uint32_t count;
	uint32_t map_fd;
	uint64_t elem_flags;
	uint64_t flags;
};

/* Helpers that make the kernel write to its log when a program calls them, or change what is traced. */
#define ABI_FUNC_TRACE_PRINTK 6
#define ABI_FUNC_PROBE_WRITE_USER 36
#define ABI_FUNC_SNPRINTF_BTF 149
#define ABI_FUNC_TRACE_VPRINTK 177

/* flags of ABI_PROG_LOAD */
#define ABI_PROG_F_SLEEPABLE 16

struct abi_prog_load_attr {
	uint32_t type;
	uint32_t insn_cnt;
	uint64_t insns;
	uint64_t license;
	uint32_t log_level;
	uint32_t log_size;
	uint64_t log_buf;
	uint32_t kern_version;
	uint32_t prog_flags;
	char name[ABI_OBJ_NAME_ROOM];
	uint32_t ifindex;
	uint32_t expected_attach_type;
	uint32_t btf_fd;
	uint32_t func_info_rec_size;
	uint64_t func_info;
	uint32_t func_info_cnt;
	uint32_t line_info_rec_size;
	uint64_t line_info;
	uint32_t line_info_cnt;
	uint32_t attach_btf_id;
	uint32_t attach_fd; /* of a program, or of BTF */
	uint32_t core_relo_cnt;
	uint64_t fd_array; /* Linux 5.14; what is older takes the attributes up to here */
	uint64_t core_relos;
	uint32_t core_relo_rec_size;
	uint32_t log_true_size;
	int32_t prog_token_fd;
	uint32_t fd_array_cnt;
	uint64_t signature;
	uint32_t signature_size;
	int32_t keyring_id;
};

/* flags of ABI_PROG_TEST_RUN */
#define ABI_RUN_ON_CPU 1
#define ABI_RUN_LIVE_FRAMES 2

struct abi_prog_run_attr {
	uint32_t prog_fd;
	uint32_t retval;
	uint32_t data_size_in;
	uint32_t data_size_out; /* room, then what there was */
	uint64_t data_in;
	uint64_t data_out;
	uint32_t repeat;
	uint32_t duration; /* nanoseconds, of one run */
	uint32_t ctx_size_in;
	uint32_t ctx_size_out;
	uint64_t ctx_in;
	uint64_t ctx_out;
	uint32_t flags; /* Linux 5.10 */
	uint32_t cpu;
	uint32_t batch_size; /* Linux 5.18 */
};

struct abi_stream_attr {
	uint64_t bytes;
	uint32_t size;
	uint32_t stream; /* 1 standard output, 2 standard error */
	uint32_t prog_fd;
};

struct abi_prog_info {
	uint32_t type;
	uint32_t id;
	uint8_t tag[8];
	uint32_t jited_prog_len;
	uint32_t xlated_prog_len;
	uint64_t jited_prog_insns;
	uint64_t xlated_prog_insns;
	uint64_t load_time; /* nanoseconds since boot */
	uint32_t created_by_uid;
	uint32_t nr_map_ids;
	uint64_t map_ids;
	char name[ABI_OBJ_NAME_ROOM];
	uint32_t ifindex;
	uint32_t gpl_compatible; /* its lowest bit */
	uint64_t netns_dev;
	uint64_t netns_ino;
	uint32_t nr_jited_ksyms;
	uint32_t nr_jited_func_lens;
	uint64_t jited_ksyms;
	uint64_t jited_func_lens;
	uint32_t btf_id;
	uint32_t func_info_rec_size;
	uint64_t func_info;
	uint32_t nr_func_info;
	uint32_t nr_line_info;
	uint64_t line_info;
	uint64_t jited_line_info;
	uint32_t nr_jited_line_info;
	uint32_t line_info_rec_size;
	uint32_t jited_line_info_rec_size;
	uint32_t nr_prog_tags;
	uint64_t prog_tags;
	uint64_t run_time_ns;
	uint64_t run_cnt;
	uint64_t recursion_misses;
	uint32_t verified_insns;
	uint32_t attach_btf_obj_id;
	uint32_t attach_btf_id;
	uint32_t padding;
};

struct abi_map_info {
	uint32_t type;
	uint32_t id;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t map_flags;
	char name[ABI_OBJ_NAME_ROOM];
	uint32_t ifindex;
	uint32_t btf_vmlinux_value_type_id;
	uint64_t netns_dev;
	uint64_t netns_ino;
	uint32_t btf_id;
	uint32_t btf_key_type_id;
	uint32_t btf_value_type_id;
	uint32_t btf_vmlinux_id;
	uint64_t map_extra;
	uint64_t hash;
	uint32_t hash_size;
	uint32_t padding;
};

/* Where a pointer stands, the kernel puts text or numbers there, as much as the length beside it allows. */
struct abi_link_info {
	uint32_t type;
	uint32_t id;
	uint32_t prog_id;
	uint32_t padding;
	union {
		struct {
			uint64_t name;
			uint32_t name_len;
			uint32_t padding;
			uint64_t cookie;
		} raw_tracepoint;
		struct {
			uint32_t attach_type;
			uint32_t target_obj_id; /* of BTF, or of the program that is traced */
			uint32_t target_btf_id;
			uint32_t padding;
			uint64_t cookie;
		} tracing;
		struct {
			uint64_t cgroup_id;
			uint32_t attach_type;
		} cgroup;
		struct {
			uint64_t name;
			uint32_t name_len;
			uint32_t map_id;
			union {
				struct {
					uint64_t cgroup_id;
					uint32_t order;
				};
				struct {
					uint32_t tid;
					uint32_t pid;
				};
			};
		} iter;
		struct {
			uint32_t netns_ino;
			uint32_t attach_type;
		} netns;
		struct {
			uint32_t pf;
			uint32_t hook;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct {
			uint32_t ifindex;
			uint32_t attach_type;
		} device; /* xdp (which has no attach type), tcx, netkit */
		struct {
			uint32_t map_id;
			uint32_t attach_type;
		} map; /* struct_ops (which has no attach type), sockmap */
		struct {
			uint64_t addrs;
			uint32_t count;
			uint32_t flags;
			uint64_t missed;
			uint64_t cookies;
		} kprobe_multi;
		struct {
			uint64_t path;
			uint64_t offsets;
			uint64_t ref_ctr_offsets;
			uint64_t cookies;
			uint32_t path_size;
			uint32_t count;
			uint32_t flags;
			uint32_t pid;
		} uprobe_multi;
		struct {
			uint32_t attach_type;
			uint32_t count;
			uint32_t btf_obj_id;
			uint32_t padding;
			uint64_t ids; /* of types, 32 bits each */
			uint64_t addrs;
			uint64_t cookies;
		} tracing_multi;
		struct {
			uint32_t kind;
			uint32_t padding;
			union {
				struct {
					uint64_t name;
					uint32_t name_len;
					uint32_t offset;
				}; /* the beginning of each but event */
				struct {
					uint64_t file;
					uint32_t file_len;
					uint32_t offset;
					uint64_t cookie;
					uint64_t ref_ctr_offset;
				} uprobe;
				struct {
					uint64_t func;
					uint32_t func_len;
					uint32_t offset;
					uint64_t addr;
					uint64_t missed;
					uint64_t cookie;
				} kprobe;
				struct {
					uint64_t name;
					uint32_t name_len;
					uint32_t padding;
					uint64_t cookie;
				} tracepoint;
				struct {
					uint64_t config;
					uint32_t type;
					uint32_t padding;
					uint64_t cookie;
				} event;
			};
		} perf_event;
	};
};

/* What hangs at a place: a network device and a kind of attaching. */
struct abi_prog_query_attr {
	uint32_t target; /* here: an ifindex */
	uint32_t attach_type;
	uint32_t query_flags;
	uint32_t attach_flags;
	uint64_t prog_ids;
	uint32_t count; /* room for so many, then how many there are */
	uint32_t padding;
	uint64_t prog_attach_flags;
	uint64_t link_ids;
	uint64_t link_attach_flags;
	uint64_t revision;
};

/* Attaching without a link, as kernels before mprog know it. */
struct abi_prog_attach_attr {
	uint32_t target_fd;
	uint32_t prog_fd;
	uint32_t attach_type;
	uint32_t flags;
};

struct abi_raw_tracepoint_attr {
	uint64_t name; /* 0: what the program was loaded for */
	uint32_t prog_fd;
	uint32_t padding;
	uint64_t cookie;
};

struct abi_link_create_attr {
	uint32_t prog_fd;
	uint32_t target; /* a descriptor, or the index of a device */
	uint32_t attach_type;
	uint32_t flags;
	union {
		struct {
			uint32_t target_btf_id;
			uint32_t padding;
			uint64_t cookie;
		} tracing;
		struct {
			uint64_t info; /* of struct abi_iter_info */
			uint32_t info_len;
		} iter;
		struct {
			uint64_t cookie;
		} perf_event;
		struct {
			uint32_t flags;
			uint32_t count;
			uint64_t symbols; /* of pointers to text */
			uint64_t addrs;
			uint64_t cookies;
		} kprobe_multi;
		struct {
			uint64_t path;
			uint64_t offsets;
			uint64_t ref_ctr_offsets;
			uint64_t cookies;
			uint32_t count;
			uint32_t flags;
			uint32_t pid;
		} uprobe_multi;
		struct {
			uint64_t ids; /* of types, 32 bits each */
			uint64_t cookies;
			uint32_t count;
		} tracing_multi;
		struct {
			uint32_t relative_fd; /* of what it stands beside, or 0 */
			uint32_t padding;
			uint64_t revision;
		} ordered; /* tcx, netkit, cgroup */
		struct {
			uint32_t pf;
			uint32_t hook;
			int32_t priority;
			uint32_t flags;
		} netfilter;
	};
};

struct abi_link_update_attr {
	uint32_t link_fd;
	uint32_t new_prog_fd;
	uint32_t flags;
	uint32_t old_prog_fd;
};

/* What an iterator walks over, where it is to be less than all; which member counts, its target says. */
union abi_iter_info {
	uint32_t map_fd;
	struct {
		uint32_t tid;
		uint32_t pid;
	} task;
	struct {
		uint32_t order;
		uint32_t cgroup_fd;
		uint64_t cgroup_id;
	} cgroup;
};

struct abi_btf_info {
	uint64_t btf;
	uint32_t btf_size;
	uint32_t id;
	uint64_t name;
	uint32_t name_len;
	uint32_t kernel_btf;
};

/* The part of a record of func_info that every kernel has. */
struct abi_func_info {
	uint32_t insn_off;
	uint32_t type_id;
};

/* The same of line_info; offsets are in the strings of BTF. */
struct abi_line_info {
	uint32_t insn_off;
	uint32_t file_name_off;
	uint32_t line_off;
	uint32_t line_col; /* the line is in the upper 22 bits */
};

_Static_assert(sizeof(struct abi_prog_info) == 232, "the kernel's layout");
_Static_assert(sizeof(struct abi_map_info) == 104, "the kernel's layout");
_Static_assert(sizeof(struct abi_link_info) == 64, "the kernel's layout");
_Static_assert(sizeof(struct abi_prog_query_attr) == 64, "the kernel's layout");
_Static_assert(sizeof(struct abi_link_create_attr) == 64, "the kernel's layout");
_Static_assert(sizeof(struct abi_btf_info) == 32, "the kernel's layout");
_Static_assert(sizeof(struct abi_batch_attr) == 56, "the kernel's layout");
_Static_assert(sizeof(struct abi_map_create_attr) == 96, "the kernel's layout");
_Static_assert(sizeof(struct abi_prog_load_attr) == 168, "the kernel's layout");
_Static_assert(sizeof(struct abi_prog_run_attr) == 80, "the kernel's layout");
_Static_assert(sizeof(struct abi_stream_attr) == 24, "the kernel's layout");

/* Did the kernel, which filled in @length bytes, know this member? */
#define ABI_KNOWS(length, type, member)                                                            \
	((length) >= __builtin_offsetof(type, member) + sizeof(((type *)0)->member))

#endif
