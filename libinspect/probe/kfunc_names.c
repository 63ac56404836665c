/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * kfunc_names.c - names of kernel functions that mainline lets programs call, or did
 *
 * Since Linux 6.16 the kernel's types say which functions these are. Before, they name all functions of the kernel alike: then those of
 * names that are known are tried. That a name is known is no answer: the kernel's is.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "probe/kfunc.h"
#include "probe/since.h"
#include "probe/since_table.h"

/* Those that the table of first releases has not. */
static const char *const others[] = {
	"bpf_cgroup_kptr_get",
	"bpf_cpumask_any",
	"bpf_cpumask_any_and",
	"bpf_cpumask_kptr_get",
	"bpf_fentry_test1",
	"bpf_get_mem_cgroup",
	"bpf_get_root_mem_cgroup",
	"bpf_icmp_send",
	"bpf_io_uring_get_region",
	"bpf_io_uring_submit_sqes",
	"bpf_kfunc_call_memb_release",
	"bpf_kfunc_call_test_release",
	"bpf_ksock_acquire",
	"bpf_ksock_connect",
	"bpf_ksock_create",
	"bpf_ksock_release",
	"bpf_ksock_send",
	"bpf_list_del",
	"bpf_list_push_back",
	"bpf_list_push_front",
	"bpf_mem_cgroup_flush_stats",
	"bpf_mem_cgroup_memory_events",
	"bpf_mem_cgroup_usage",
	"bpf_mem_cgroup_vm_events",
	"bpf_modify_return_test",
	"bpf_modify_return_test2",
	"bpf_modify_return_test_tp",
	"bpf_obj_drop",
	"bpf_obj_new",
	"bpf_percpu_obj_drop",
	"bpf_percpu_obj_new",
	"bpf_put_mem_cgroup",
	"bpf_rbtree_add",
	"bpf_refcount_acquire",
	"bpf_sock_read_xattr",
	"bpf_strcasestr",
	"bpf_strncasecmp",
	"bpf_strncasestr",
	"bpf_task_acquire_not_zero",
	"bpf_task_kptr_get",
	"bpf_timer_cancel_async",
	"bpf_wakeup_sources_get_head",
	"bpf_wakeup_sources_read_lock",
	"bpf_wakeup_sources_read_unlock",
	"bpf_wq_set_callback",
	"css_rstat_flush",
	"css_rstat_updated",
	"scx_bpf_cid_curr",
	"scx_bpf_cid_to_cpu",
	"scx_bpf_cidperf_cap",
	"scx_bpf_cpu_node",
	"scx_bpf_dsq_insert___v2",
	"scx_bpf_dsq_move_to_local___v2",
	"scx_bpf_dsq_reenq",
	"scx_bpf_get_idle_cpumask_node",
	"scx_bpf_get_idle_smtmask_node",
	"scx_bpf_kick_cid",
	"scx_bpf_nr_online_cids",
	"scx_bpf_online_cmask",
	"scx_bpf_pick_any_cpu_node",
	"scx_bpf_sub_caps",
	"scx_bpf_sub_dispatch",
	"scx_bpf_sub_grant",
	"scx_bpf_sub_kill_bstr",
	"scx_bpf_sub_revoke",
	"scx_bpf_task_set_dsq_vtime",
	"scx_bpf_task_set_slice",
	"scx_bpf_this_cid",
};

static int compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* What stands behind a slash in a name is the type that a release is for. */
int kfunc_names(struct buf *out)
{
	struct since_table table = since_table(INSPECT_FEATURE_KFUNC);

	for (size_t i = 0; i < table.n; i++)
		if (!strchr(table.rows[i].name, '/'))
			buf_add(out, &table.rows[i].name, sizeof(table.rows[i].name));
	buf_add(out, others, sizeof(others));
	if (buf_failed(out))
		return -ENOMEM;
	qsort(out->bytes, kfunc_names_count(out), sizeof(const char *), compare);
	return 0;
}

bool kfunc_is_known(const struct buf *names, const char *name)
{
	return bsearch(&name, names->bytes, kfunc_names_count(names), sizeof(name), compare);
}

bool kfunc_has_name(const char *name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(others[i], name) == 0)
			return true;
	return since_find(INSPECT_FEATURE_KFUNC, name, NULL);
}

bool kfunc_may_be_of_module(const char *name)
{
	/* Connection tracking, flow tables, tunnels, congestion control, input devices and the kernel's own tests. */
	static const char *const parts[] = {
		"bpf_ct_*",
		"bpf_*_ct_*",
		"bpf_xdp_flow_lookup",
		"bpf_skb_*_fou_encap",
		"bpf_skb_*_xfrm_info",
		"bbr_*",
		"cubictcp_*",
		"dctcp_*",
		"hid_bpf_*",
		"bpf_kfunc_*",
		"bpf_testmod_*",
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (fnmatch(parts[i], name, 0) == 0)
			return true;
	return !kfunc_has_name(name);
}
