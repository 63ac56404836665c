/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * rows.c - a program for each kind of hook; a test loads those that it wants and marks the others with a '?'
 */
#include "../common.h"

__u64 runs[64]; /* of each, in the order of this file */

#define ROW(section, name, value)                                                                  \
	SEC(section)                                                                               \
	int name(void *context)                                                                    \
	{                                                                                          \
		runs[__COUNTER__]++;                                                               \
		return value;                                                                      \
	}

#define XDP_TEST "bpf_prog_test_run_xdp"
#define FINISH "bpf_test_finish"

ROW("kprobe/" XDP_TEST, row_kprobe, 0)
ROW("kretprobe/" XDP_TEST, row_kretprobe, 0)
ROW("ksyscall/getppid", row_ksyscall, 0)
ROW("kretsyscall/getppid", row_kretsyscall, 0)
ROW("kprobe.multi/bpf_prog_test_run_x*", row_kmulti, 0)
ROW("kretprobe.multi/" XDP_TEST, row_kretmulti, 0)
ROW("kprobe.session/" XDP_TEST, row_ksession, 0)
ROW("uprobe/libc.so.6:getpgid", row_uprobe, 0)
ROW("uretprobe/libc.so.6:getpgid", row_uretprobe, 0)
ROW("uprobe.multi/libc.so.6:getpgi*", row_umulti, 0)
ROW("uprobe.session/libc.so.6:getpgid", row_usession, 0)
ROW("tracepoint/bpf_test_run/" FINISH, row_tracepoint, 0)
ROW("raw_tp/" FINISH, row_raw_tp, 0)
ROW("tp_btf/" FINISH, row_tp_btf, 0)
ROW("perf_event", row_perf_event, 0)

ROW("fentry/" XDP_TEST, row_fentry, 0)
ROW("fexit/" XDP_TEST, row_fexit, 0)
ROW("fmod_ret/security_task_setpgid", row_fmod_ret, 0)
ROW("fsession/" XDP_TEST, row_fsession, 0)
ROW("fentry.multi/" XDP_TEST, row_fmulti, 0)
ROW("fentry/veth_xmit", row_module, 0)
ROW("lsm/task_setpgid", row_lsm, 0)
ROW("lsm.s/socket_getsockname", row_lsm_sleepable, 0)
ROW("lsm_cgroup/socket_post_create", row_lsm_cgroup, 1)

ROW("xdp", row_xdp, 2)
ROW("tc", row_tc, 0)
ROW("socket", row_socket, 0)
ROW("sk_lookup", row_sk_lookup, 1)
ROW("tcx/ingress", row_tcx, -1)
ROW("netkit/primary", row_netkit, -1)
ROW("netfilter", row_netfilter, 1)

ROW("cgroup_skb/egress", row_cgroup_skb, 1)
ROW("cgroup/connect4", row_connect4, 1)
ROW("cgroup/sysctl", row_sysctl, 1)
ROW("cgroup/dev", row_device, 1)
ROW("cgroup/getsockopt", row_getsockopt, 1)
ROW("sockops", row_sockops, 1)
ROW("cgroup/connect_unix", row_connect_unix, 1)

ROW("iter/bpf_map", row_iter_map, 0)
ROW("iter/bpf_prog", row_iter_prog, 0)
ROW("iter/bpf_map_elem", row_iter_map_elem, 0)
ROW("iter/task", row_iter_task, 0)
ROW("iter/task_file", row_iter_task_file, 0)
ROW("iter/tcp", row_iter_tcp, 0)
ROW("iter/udp", row_iter_udp, 0)
ROW("iter/netlink", row_iter_netlink, 0)
ROW("iter/ipv6_route", row_iter_ipv6_route, 0)
ROW("iter/bpf_link", row_iter_link, 0)
ROW("iter/ksym", row_iter_ksym, 0)
ROW("iter/unix", row_iter_unix, 0)
ROW("iter/task_vma", row_iter_task_vma, 0)
ROW("iter/cgroup", row_iter_cgroup, 0)
ROW("iter/kmem_cache", row_iter_kmem_cache, 0)
ROW("iter/dmabuf", row_iter_dmabuf, 0)

/* Where a test moves what it leaves out. */
SEC("?") int left_out(void *context)
{
	return 0;
}

char LICENSE[] FROM("license") = "GPL";
