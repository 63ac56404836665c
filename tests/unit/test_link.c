/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_link.c - links of every type, read from a kernel that the test declares, in every form
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "btf_maker.h"
#include "capture.h"
#include "fake_kernel.h"
#include "kernel/abi.h"
#include "records/print.h"
#include "value/print.h"

#define INFO(...) (&(const struct abi_link_info){ __VA_ARGS__ })
#define NO_OWNERS (INSPECT_WANT_OWNERS | INSPECT_WANT_OWNER_DETAILS | INSPECT_WANT_PINS)

static const uint64_t kernel_functions[] = { 0xffffffff81000200, 0xffffffff81000100, 7, 0x2a };
static const uint64_t landed_functions[] = { 0xffffffff81000204, 0xffffffff81000100, 7, 0x2a };
static const uint64_t hidden_functions[] = { 0, 0, 7, 8 };
static const uint64_t offsets[] = { 0x69bb, 0x69bc, 0, 0x7000, 1, 2 };

/* A link, and what bpftool says of it; @more is what -j has behind the program's id. */
struct example {
	const struct abi_link_info *info;
	const char *text;
	const uint64_t *numbers;
	const char *plain;
	const char *more;
	const char *target;
};

#define PERF(what, ...)                                                                            \
	INFO(.type = ABI_LINK_TYPE_PERF_EVENT, .prog_id = 9,                                       \
	     .perf_event = { .kind = ABI_PERF_EVENT_##what, __VA_ARGS__ })

/* lint: flat table */
static void each_example(void (*check)(const struct example *example))
{
	const struct example examples[] = {
		{ .info = INFO(.type = ABI_LINK_TYPE_RAW_TRACEPOINT, .prog_id = 38341,
			       .raw_tracepoint.cookie = 77),
		  .text = "sys_enter",
		  .plain = "5: raw_tracepoint  prog 38341  \n\ttp 'sys_enter'  cookie 77  \n",
		  .more = "\"tp_name\":\"sys_enter\",\"cookie\":77",
		  .target = "sys_enter" },
		{ .info = INFO(.type = ABI_LINK_TYPE_RAW_TRACEPOINT, .prog_id = 9),
		  .text = "sys_enter",
		  .plain = "5: raw_tracepoint  prog 9  \n\ttp 'sys_enter'  \n",
		  .more = "\"tp_name\":\"sys_enter\",\"cookie\":0",
		  .target = "sys_enter" },
		{ .info = INFO(.type = ABI_LINK_TYPE_TRACING, .prog_id = 9,
			       .tracing = { .attach_type = 24,
					    .target_obj_id = 1,
					    .target_btf_id = 33,
					    .cookie = 3 }),
		  .plain = "5: tracing  prog 9  \n\tprog_type tracing  attach_type trace_fentry  "
			   "\n\ttarget_obj_id 1  target_btf_id 33  \n\tcookie 3  \n",
		  .more = "\"prog_type\":\"tracing\",\"attach_type\":\"trace_fentry\","
			  "\"target_obj_id\":1,\"target_btf_id\":33,\"cookie\":3",
		  .target = "type 33 trace_fentry" },
		{ .info = INFO(.type = ABI_LINK_TYPE_TRACING, .prog_id = 9,
			       .tracing = { .attach_type = 200 }),
		  .plain = "5: tracing  prog 9  \n\tprog_type tracing  attach_type 200  \n",
		  .more = "\"prog_type\":\"tracing\",\"attach_type\":200,\"target_obj_id\":0,"
			  "\"target_btf_id\":0,\"cookie\":0",
		  .target = "attach_type 200" },
		{ .info = INFO(.type = ABI_LINK_TYPE_CGROUP, .prog_id = 9,
			       .cgroup = { .cgroup_id = 44 }),
		  .plain =
			  "5: cgroup  prog 9  \n\tcgroup_id 44  attach_type cgroup_inet_ingress  \n",
		  .more = "\"cgroup_id\":44,\"attach_type\":\"cgroup_inet_ingress\"",
		  .target = "cgroup 44 cgroup_inet_ingress" },
		{ .info = INFO(.type = ABI_LINK_TYPE_CGROUP, .prog_id = 9,
			       .cgroup = { .attach_type = 3 }),
		  .plain = "5: cgroup  prog 9  \n\tcgroup_id 0  attach_type cgroup_sock_ops  \n",
		  .more = "\"cgroup_id\":0,\"attach_type\":\"cgroup_sock_ops\"",
		  .target = "cgroup_sock_ops (detached)" },
		{ .info = INFO(.type = ABI_LINK_TYPE_ITER, .prog_id = 9,
			       .iter = { .cgroup_id = 44, .order = 2 }),
		  .text = "cgroup",
		  .plain = "5: iter  prog 9  target_name cgroup  cgroup_id 44  order "
			   "descendants_pre  \n",
		  .more = "\"target_name\":\"cgroup\",\"cgroup_id\":44,\"order\":\"descendants_pre\"",
		  .target = "cgroup cgroup 44" },
		{ .info = INFO(.type = ABI_LINK_TYPE_ITER, .prog_id = 9, .iter = { .tid = 1 }),
		  .text = "task",
		  .plain = "5: iter  prog 9  target_name task  tid 1 \n",
		  .more = "\"target_name\":\"task\",\"tid\":1",
		  .target = "task" },
		{ .info = INFO(.type = ABI_LINK_TYPE_ITER, .prog_id = 9, .iter = { .pid = 6 }),
		  .text = "task_file",
		  .plain = "5: iter  prog 9  target_name task_file  pid 6 \n",
		  .more = "\"target_name\":\"task_file\",\"pid\":6",
		  .target = "task_file" },
		{ .info = INFO(.type = ABI_LINK_TYPE_ITER, .prog_id = 9),
		  .text = "task",
		  .plain = "5: iter  prog 9  target_name task  \n",
		  .more = "\"target_name\":\"task\"",
		  .target = "task" },
		{ .info = INFO(.type = ABI_LINK_TYPE_ITER, .prog_id = 9, .iter = { .map_id = 34 }),
		  .text = "bpf_map_elem",
		  .plain = "5: iter  prog 9  target_name bpf_map_elem  map_id 34  \n",
		  .more = "\"target_name\":\"bpf_map_elem\",\"map_id\":34",
		  .target = "bpf_map_elem map 34" },
		{ .info = INFO(.type = ABI_LINK_TYPE_NETNS, .prog_id = 9,
			       .netns = { .netns_ino = 4026532251, .attach_type = 17 }),
		  .plain =
			  "5: netns  prog 9  \n\tnetns_ino 4026532251  attach_type flow_dissector  \n",
		  .more = "\"netns_ino\":4026532251,\"attach_type\":\"flow_dissector\"",
		  .target = "netns 4026532251 flow_dissector" },
		{ .info = INFO(.type = ABI_LINK_TYPE_NETFILTER, .prog_id = 9,
			       .netfilter = { .pf = 2, .hook = 1, .priority = -150 }),
		  .plain = "5: netfilter  prog 9  \n\tip input prio -150\n",
		  .more = "\"pf\":2,\"hook\":1,\"prio\":-150,\"flags\":0",
		  .target = "ip input prio -150" },
		{ .info = INFO(.type = ABI_LINK_TYPE_NETFILTER, .prog_id = 9,
			       .netfilter = { .pf = 10, .priority = INT32_MIN, .flags = 1 }),
		  .plain = "5: netfilter  prog 9  \n\tip6 prerouting prio -2147483648 flags 0x1\n",
		  .more = "\"pf\":10,\"hook\":0,\"prio\":-2147483648,\"flags\":1",
		  .target = "ip6 prerouting prio -2147483648" },
		{ .info = INFO(.type = ABI_LINK_TYPE_NETFILTER, .prog_id = 9,
			       .netfilter = { .pf = 12, .hook = 7, .priority = 1 }),
		  .plain = "5: netfilter  prog 9  \n\tpf: 12, hook 7, prio 1\n",
		  .more = "\"pf\":12,\"hook\":7,\"prio\":1,\"flags\":0",
		  .target = "pf 12 hook 7 prio 1" },
		{ .info = INFO(.type = ABI_LINK_TYPE_TCX, .prog_id = 9,
			       .device = { .ifindex = 0x7fffffff, .attach_type = 46 }),
		  .plain = "5: tcx  prog 9  \n\tifindex 2147483647  attach_type tcx_ingress  \n",
		  .more = "\"devname\":\"(unknown)\",\"ifindex\":2147483647,"
			  "\"attach_type\":\"tcx_ingress\"",
		  .target = "ifindex 2147483647 tcx_ingress" },
		{ .info = INFO(.type = ABI_LINK_TYPE_NETKIT, .prog_id = 9,
			       .device = { .attach_type = 55 }),
		  .plain = "5: netkit  prog 9  \n\tifindex (detached)  attach_type netkit_peer  \n",
		  .more = "\"devname\":\"(detached)\",\"ifindex\":0,"
			  "\"attach_type\":\"netkit_peer\"",
		  .target = "netkit_peer (detached)" },
		{ .info = INFO(.type = ABI_LINK_TYPE_XDP, .prog_id = 9),
		  .plain = "5: xdp  prog 9  \n\tifindex (detached)  \n",
		  .more = "\"devname\":\"(detached)\",\"ifindex\":0",
		  .target = "(detached)" },
		{ .info = INFO(.type = ABI_LINK_TYPE_SOCKMAP, .prog_id = 9,
			       .map = { .map_id = 34912, .attach_type = 5 }),
		  .plain =
			  "5: sockmap  prog 9  \n\tmap_id 34912  attach_type sk_skb_stream_verdict  \n",
		  .more = "\"map_id\":34912,\"attach_type\":\"sk_skb_stream_verdict\"",
		  .target = "map 34912 sk_skb_stream_verdict" },
		{ .info = INFO(.type = ABI_LINK_TYPE_STRUCT_OPS, .map.map_id = 35007),
		  .plain = "5: struct_ops  map 35007  \n",
		  .more = "\"map_id\":35007",
		  .target = "map 35007" },
		{ .info = PERF(TRACEPOINT, .tracepoint.cookie = 42),
		  .text = "sys_enter_nanosleep",
		  .plain =
			  "5: perf_event  prog 9  \n\ttracepoint sys_enter_nanosleep  cookie 42  \n",
		  .more = "\"tracepoint\":\"sys_enter_nanosleep\",\"cookie\":42",
		  .target = "sys_enter_nanosleep" },
		{ .info = PERF(EVENT, .event = { .type = 6, .cookie = 9 }),
		  .plain = "5: perf_event  prog 9  \n\tevent 6 :0  cookie 9  \n",
		  .more = "\"event_type\":6,\"event_config\":0,\"cookie\":9",
		  .target = "type 6 0" },
		{ .info = PERF(EVENT, .event = { .type = 1, .config = 3 }),
		  .plain = "5: perf_event  prog 9  \n\tevent software:context-switches  \n",
		  .more = "\"event_type\":\"software\",\"event_config\":\"context-switches\","
			  "\"cookie\":0",
		  .target = "software context-switches" },
		{ .info = PERF(EVENT, .event = { .type = 3, .config = 0x10103 }),
		  .plain = "5: perf_event  prog 9  \n\tevent hw-cache:dTLB-store-misses  \n",
		  .more = "\"event_type\":\"hw-cache\",\"event_config\":\"dTLB-store-misses\","
			  "\"cookie\":0",
		  .target = "hw-cache dTLB-store-misses" },
		{ .info = PERF(EVENT, .event = { .type = 3, .config = 0xff0009 }),
		  .plain = "5: perf_event  prog 9  \n\tevent hw-cache:9-load-255  \n",
		  .more = "\"event_type\":\"hw-cache\",\"event_config\":\"9-load-255\",\"cookie\":0",
		  .target = "hw-cache 9-load-255" },
		{ .info = PERF(EVENT, .event = { .type = 0, .config = 10 }),
		  .plain = "5: perf_event  prog 9  \n\tevent hardware:10  \n",
		  .more = "\"event_type\":\"hardware\",\"event_config\":10,\"cookie\":0",
		  .target = "hardware 10" },
		{ .info = PERF(UPROBE, .uprobe = { .offset = 0x69bb, .cookie = 5 }),
		  .text = "/usr/bin/demo",
		  .plain = "5: perf_event  prog 9  \n\tuprobe /usr/bin/demo+0x69bb  cookie 5  \n",
		  .more = "\"retprobe\":false,\"file\":\"/usr/bin/demo\",\"offset\":27067,\"cookie\":5,"
			  "\"ref_ctr_offset\":0",
		  .target = "/usr/bin/demo+0x69bb" },
		{ .info = PERF(URETPROBE, .uprobe = { .offset = 1, .ref_ctr_offset = 0x10 }),
		  .text = "/usr/bin/demo",
		  .plain = "5: perf_event  prog 9  \n\turetprobe /usr/bin/demo+0x1  ref_ctr_offset "
			   "0x10  \n",
		  .more = "\"retprobe\":true,\"file\":\"/usr/bin/demo\",\"offset\":1,\"cookie\":0,"
			  "\"ref_ctr_offset\":16",
		  .target = "/usr/bin/demo+0x1 return" },
		{ .info = PERF(KPROBE, .kprobe = { .addr = 0xffffffff81000100 }),
		  .text = "do_nanosleep",
		  .plain = "5: perf_event  prog 9  \n\tkprobe ffffffff81000100 do_nanosleep  \n",
		  .more = "\"retprobe\":false,\"addr\":18446744071578845440,"
			  "\"func\":\"do_nanosleep\",\"offset\":0,\"missed\":0,\"cookie\":0",
		  .target = "do_nanosleep" },
		{ .info = PERF(KRETPROBE, .kprobe = { .offset = 4, .missed = 2, .cookie = 3 }),
		  .text = "do_nanosleep",
		  .plain =
			  "5: perf_event  prog 9  \n\tkretprobe do_nanosleep+0x4  missed 2  cookie 3  \n",
		  .more = "\"retprobe\":true,\"addr\":0,\"func\":\"do_nanosleep\",\"offset\":4,"
			  "\"missed\":2,\"cookie\":3",
		  .target = "do_nanosleep+0x4 return" },
		{ .info = PERF(UNSPEC, .kprobe = { 0 }),
		  .plain = "5: perf_event  prog 9  \n",
		  .target = "" },
		{ .info = INFO(.type = ABI_LINK_TYPE_KPROBE_MULTI, .prog_id = 9,
			       .kprobe_multi = { .count = 2, .missed = 1 }),
		  .numbers = kernel_functions,
		  .plain = "5: kprobe_multi  prog 9  \n\tkprobe.multi  func_cnt 2  missed 1  "
			   "\n\taddr             cookie           func [module]"
			   "\n\tffffffff81000100 2a               first  "
			   "\n\tffffffff81000200 7                second [mod]  \n",
		  .more = "\"retprobe\":false,\"func_cnt\":2,\"missed\":1,\"funcs\":["
			  "{\"addr\":18446744071578845440,\"func\":\"first\",\"module\":null,"
			  "\"cookie\":42},{\"addr\":18446744071578845696,\"func\":\"second\","
			  "\"module\":\"mod\",\"cookie\":7}]",
		  .target = "2 functions" },
		{ .info = INFO(.type = ABI_LINK_TYPE_KPROBE_MULTI, .prog_id = 9,
			       .kprobe_multi = { .count = 2, .flags = 1 }),
		  .numbers = hidden_functions,
		  .plain = "5: kprobe_multi  prog 9  \n\tkretprobe.multi  func_cnt 2  \n",
		  .more = "\"retprobe\":true,\"func_cnt\":2,\"missed\":0,\"funcs\":[]",
		  .target = "2 functions return" },
		{ .info = INFO(.type = ABI_LINK_TYPE_UPROBE_MULTI, .prog_id = 38347,
			       .uprobe_multi = { .count = 2 }),
		  .text = "/usr/bin/demo",
		  .numbers = offsets,
		  .plain = "5: uprobe_multi  prog 38347  \n\tuprobe.multi  path /usr/bin/demo  "
			   "func_cnt 2  \n\toffset             ref_ctr_offset     cookies         "
			   "\n\t0x69bb             0x0                0x1               "
			   "\n\t0x69bc             0x7000             0x2               \n",
		  .more = "\"retprobe\":false,\"path\":\"/usr/bin/demo\",\"func_cnt\":2,\"pid\":0,"
			  "\"funcs\":[{\"offset\":27067,\"ref_ctr_offset\":0,\"cookie\":1},"
			  "{\"offset\":27068,\"ref_ctr_offset\":28672,\"cookie\":2}]",
		  .target = "/usr/bin/demo 2 functions" },
		{ .info = INFO(.type = ABI_LINK_TYPE_UPROBE_MULTI, .prog_id = 9),
		  .plain = "5: uprobe_multi  prog 9  \n",
		  .target = "" },
		{ .info = INFO(.type = ABI_LINK_TYPE_TRACING_MULTI, .prog_id = 9,
			       .tracing_multi = { .attach_type = 59, .count = 2, .btf_obj_id = 1 }),
		  .numbers = landed_functions,
		  .plain =
			  "5: tracing_multi  prog 9  \n\tattach_type trace_fentry_multi  btf_obj_id "
			  "1  count 2  \n\tbtf_id           addr             cookie           func "
			  "[module]\n\t0                ffffffff81000204 7                second [mod]"
			  "\n\t0                ffffffff81000100 42               first\n",
		  .more = "\"attach_type\":\"trace_fentry_multi\",\"func_cnt\":2,\"btf_obj_id\":1,"
			  "\"funcs\":[{\"id\":0,\"addr\":18446744071578845700,\"func\":\"second\","
			  "\"module\":\"mod\",\"cookie\":7},{\"id\":0,"
			  "\"addr\":18446744071578845440,\"func\":\"first\",\"module\":null,"
			  "\"cookie\":42}]",
		  .target = "2 functions trace_fentry_multi" },
		{ .info = INFO(.type = 4000, .prog_id = 9),
		  .plain = "5: type 4000  prog 9  \n",
		  .target = "" },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		check(&examples[i]);
}

/* What a listing of this one link says; to be freed. */
static char *list(const struct example *example, enum sink_form form, const char *columns)
{
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };
	const struct inspect_ref all = { .kind = INSPECT_LINK, .by = INSPECT_BY_ALL };
	const struct abi_prog_info prog = { .type = 26, .attach_btf_obj_id = 1 };
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK,
		  .id = 5,
		  .info = example->info,
		  .text = example->text,
		  .numbers = example->numbers },
		{ .kind = INSPECT_PROG, .id = example->info->prog_id, .info = &prog },
	};
	struct inspect *inspect = fake_kernel_start(objects, 2);

	fake_root_write(&fake_kernel.root, "/proc/kallsyms",
			"ffffffff81000100 t first\nffffffff81000200 T second\t[mod]\n");
	struct sink *sink =
		columns ? capture_columns(&capture, form, columns) : capture_begin(&capture, form);
	assert_int_equal(print_objects(inspect, sink, &all, NO_OWNERS, &err), 0);
	capture_end(&capture);
	fake_kernel_stop();
	return take_ptr(&capture.text);
}

static void check_plain(const struct example *example)
{
	autofree char *text = list(example, SINK_PLAIN, NULL);

	assert_string_equal(text, example->plain);
}

static void check_json(const struct example *example)
{
	autofree char *text = list(example, SINK_JSON, NULL);
	char begin[64], *more = strstr(text, "\"prog_id\":");

	assert_true(is_json(text, strlen(text)));
	snprintf(begin, sizeof(begin), "\"prog_id\":%u", example->info->prog_id);
	assert_non_null(more);
	assert_memory_equal(more, begin, strlen(begin));
	more += strlen(begin);
	if (!example->more)
		assert_string_equal(more, "}]\n");
	else if (strncmp(more + 1, example->more, strlen(example->more)) != 0 ||
		 strcmp(more + 1 + strlen(example->more), "}]\n") != 0)
		fail_msg("%s\nis not: %s", more, example->more);
}

static void check_target(const struct example *example)
{
	autofree char *text = list(example, SINK_TSV, "target");
	char expected[128];

	snprintf(expected, sizeof(expected), "target\n%s\n", example->target);
	assert_string_equal(text, expected);
}

static void check_strict(const struct example *example)
{
	static const enum sink_form forms[] = { SINK_STRICT, SINK_LINES };

	for (size_t i = 0; i < 2; i++) {
		autofree char *text = list(example, forms[i], NULL);
		char type[32];

		assert_true(is_json(text, strlen(text)));
		snprintf(type, sizeof(type), "\"type_id\":%u,", example->info->type);
		assert_non_null(strstr(text, type));
		assert_null(strstr(text, "\"devname\":\"("));
		assert_null(strstr(text, "bpf_cookie"));
	}
}

static void every_type_is_shown_in_bpftools_layout(void **state)
{
	(void)state;
	each_example(check_plain);
}

static void every_type_has_bpftools_keys_in_its_order(void **state)
{
	(void)state;
	each_example(check_json);
}

static void the_column_target_says_where_a_link_hooks_in(void **state)
{
	(void)state;
	each_example(check_target);
}

static void the_strict_form_of_every_type_is_json(void **state)
{
	(void)state;
	each_example(check_strict);
}

static void assert_strict(const struct example *example, const char *expected)
{
	autofree char *text = list(example, SINK_LINES, NULL);

	if (!strstr(text, expected))
		fail_msg("no '%s' in: %s", expected, text);
}

static void the_strict_form_has_names_beside_numbers(void **state)
{
	(void)state;
	assert_strict(
		&(const struct example){
			.info = INFO(.type = ABI_LINK_TYPE_NETFILTER,
				     .netfilter = { .pf = 10, .hook = 4, .priority = -1 }) },
		"\"pf\":10,\"hook\":4,\"prio\":-1,\"flags\":0,\"pf_name\":\"ip6\","
		"\"hook_name\":\"postrouting\"}");
	assert_strict(
		&(const struct example){ .info = PERF(EVENT, .event = { .type = 1, .config = 3 }) },
		"\"event_type\":\"software\",\"event_type_id\":1,"
		"\"event_config\":\"context-switches\",\"event_config_id\":3,\"cookie\":0,"
		"\"perf_event\":\"event\",\"perf_event_id\":6}");
	assert_strict(&(const struct example){ .info = PERF(EVENT,
							    .event = { .type = 77, .config = 3 }) },
		      "\"event_type_id\":77,\"event_config_id\":3,");
	assert_strict(&(const struct example){ .info = INFO(.type = ABI_LINK_TYPE_CGROUP,
							    .cgroup = { .attach_type = 900 }) },
		      "\"cgroup_id\":0,\"attach_type_id\":900}");
}

static void strict_addresses_are_text_or_null(void **state)
{
	const struct abi_link_info *multi =
		INFO(.type = ABI_LINK_TYPE_KPROBE_MULTI, .kprobe_multi = { .count = 2 });

	(void)state;
	assert_strict(
		&(const struct example){ .info = multi, .numbers = kernel_functions },
		"\"funcs\":[{\"addr\":\"0xffffffff81000100\",\"func\":\"first\",\"cookie\":42},"
		"{\"addr\":\"0xffffffff81000200\",\"func\":\"second\",\"module\":\"mod\","
		"\"cookie\":7}]");
	assert_strict(&(const struct example){ .info = multi, .numbers = hidden_functions },
		      "\"funcs\":[{\"addr\":null,\"cookie\":7},{\"addr\":null,\"cookie\":8}]");
	assert_strict(&(const struct example){ .info = PERF(KPROBE, .kprobe = { 0 }), .text = "f" },
		      "\"addr\":null,\"func\":\"f\"");
}

static const struct inspect_ref all_links = { .kind = INSPECT_LINK, .by = INSPECT_BY_ALL };

static void print_all(struct inspect *inspect, enum sink_form form, const char *columns)
{
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };
	struct sink *sink =
		columns ? capture_columns(&capture, form, columns) : capture_begin(&capture, form);

	assert_int_equal(print_objects(inspect, sink, &all_links, NO_OWNERS, &err), 0);
	capture_end(&capture);
}

static const char *note_of(const uint64_t *numbers, const char *kallsyms)
{
	const struct abi_link_info info = {
		.type = ABI_LINK_TYPE_KPROBE_MULTI,
		.kprobe_multi = { .count = 2 },
	};
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &info, .numbers = numbers }
	};
	struct inspect *inspect = fake_kernel_start(objects, 1);

	if (kallsyms)
		fake_root_write(&fake_kernel.root, "/proc/kallsyms", kallsyms);
	print_all(inspect, SINK_PLAIN, NULL);
	const char *note = inspect_symbols_note(inspect);
	assert_null(inspect_symbols_note(inspect)); /* it is told once */
	fake_kernel_stop();
	return note;
}

static void that_names_are_left_out_is_noted_with_the_reason(void **state)
{
	(void)state;
	assert_null(note_of(kernel_functions, "ffffffff81000100 t first\n"));
	assert_non_null(strstr(note_of(hidden_functions, NULL), "kptr_restrict"));
	assert_non_null(
		strstr(note_of(kernel_functions, "0000000000000000 t first\n"), "kptr_restrict"));
	assert_non_null(strstr(note_of(kernel_functions, NULL), "cannot be read"));
}

static void no_key_comes_twice_and_each_has_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < link_schema.n; i++) {
		assert_true(*link_schema.fields[i].help);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(link_schema.fields[i].key,
						link_schema.fields[k].key);
	}
}

static void a_function_without_a_name_is_still_there(void **state)
{
	static const uint64_t elsewhere[] = { 0xffffffff81000100, 0xffffffff81000999, 1, 2 };
	const struct example example = {
		.info = INFO(.type = ABI_LINK_TYPE_KPROBE_MULTI, .prog_id = 9,
			     .kprobe_multi = { .count = 2 }),
		.numbers = elsewhere,
		.plain = "5: kprobe_multi  prog 9  \n\tkprobe.multi  func_cnt 2  "
			 "\n\taddr             cookie           func [module]"
			 "\n\tffffffff81000100 1                first  "
			 "\n\tffffffff81000999 2                (unknown)  \n",
	};

	(void)state;
	check_plain(&example);
}

/* --- how much is asked --- */

static void two_info_calls_are_made_and_one_where_no_name_is_shown_or_types_repeat(void **state)
{
	const struct abi_link_info info = { .type = ABI_LINK_TYPE_RAW_TRACEPOINT };
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &info, .text = "a" },
		{ .kind = INSPECT_LINK, .id = 6, .info = &info, .text = "b" },
	};
	struct inspect *inspect = fake_kernel_start(objects, 2);

	(void)state;
	print_all(inspect, SINK_PLAIN, NULL);
	assert_int_equal(fake_kernel.n_calls[ABI_OBJ_GET_INFO_BY_FD], 3);
	print_all(inspect, SINK_TSV, "id,type,prog_id");
	assert_int_equal(fake_kernel.n_calls[ABI_OBJ_GET_INFO_BY_FD], 5);
	fake_kernel_stop();
}

static void a_wrong_guess_of_the_type_changes_nothing(void **state)
{
	static const char long_name[] =
		"a_tracepoint_whose_name_is_longer_than_what_is_guessed_at_first_1234567890";
	const struct abi_link_info tracepoint = { .type = ABI_LINK_TYPE_RAW_TRACEPOINT };
	const struct abi_link_info iterator = { .type = ABI_LINK_TYPE_ITER };
	const struct abi_link_info multi = {
		.type = ABI_LINK_TYPE_KPROBE_MULTI,
		.kprobe_multi = { .count = 2 },
	};
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 1, .info = &tracepoint, .text = "first" },
		{ .kind = INSPECT_LINK, .id = 2, .info = &tracepoint, .text = long_name },
		{ .kind = INSPECT_LINK, .id = 3, .info = &iterator, .text = "bpf_map" },
		{ .kind = INSPECT_LINK, .id = 4, .info = &multi, .numbers = kernel_functions },
		{ .kind = INSPECT_LINK, .id = 5 },
	};
	struct inspect *inspect = fake_kernel_start(objects, 5);
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };

	(void)state;
	struct sink *sink =
		capture_columns(&capture, SINK_TSV, "id,type,tp_name,target_name,func_cnt");
	assert_int_equal(print_objects(inspect, sink, &all_links, NO_OWNERS, &err), 0);
	assert_string_equal(
		capture_end(&capture),
		"id\ttype\ttp_name\ttarget_name\tfunc_cnt\n1\traw_tracepoint\tfirst\t\t\n"
		"2\traw_tracepoint\ta_tracepoint_whose_name_is_longer_than_what_is_guessed_at_"
		"first_1234567890\t\t\n3\titer\t\tbpf_map\t\n4\tkprobe_multi\t\t\t2\n"
		"5\tunspec\t\t\t\n");
	fake_kernel_stop();
}

static void symbols_are_read_once_for_all_links(void **state)
{
	static const uint64_t first[] = { 0xffffffff81000100, 0 };
	static const uint64_t second[] = { 0xffffffff81000200, 0 };
	const struct abi_link_info info = {
		.type = ABI_LINK_TYPE_KPROBE_MULTI,
		.kprobe_multi = { .count = 1 },
	};
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &info, .numbers = first },
		{ .kind = INSPECT_LINK, .id = 6, .info = &info, .numbers = second },
	};
	struct inspect *inspect = fake_kernel_start(objects, 2);
	struct inspect_link link;
	struct inspect_list *walk;

	(void)state;
	fake_root_write(&fake_kernel.root, "/proc/kallsyms",
			"ffffffff81000100 t first\nffffffff81000200 T second\n");
	assert_int_equal(inspect_list_new(inspect, &all_links,
					  INSPECT_WANT_LINK_NAMES | INSPECT_WANT_SYMBOLS, &walk,
					  NULL),
			 0);
	assert_int_equal(inspect_list_next(walk, &link, NULL), 1);
	assert_string_equal(link.functions.funcs[0].name, "first");
	inspect_link_done(&link);
	fake_root_write(&fake_kernel.root, "/proc/kallsyms", "ffffffff81000200 T other\n");
	assert_int_equal(inspect_list_next(walk, &link, NULL), 1);
	assert_string_equal(link.functions.funcs[0].name, "second");
	inspect_link_done(&link);
	inspect_list_free(walk);
	fake_kernel_stop();
}

static void a_count_beyond_reason_fails_that_link_alone(void **state)
{
	const struct abi_link_info huge = {
		.type = ABI_LINK_TYPE_UPROBE_MULTI,
		.uprobe_multi = { .count = UINT32_MAX },
	};
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &huge },
		{ .kind = INSPECT_LINK, .id = 6 },
	};
	struct inspect *inspect = fake_kernel_start(objects, 2);
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };

	(void)state;
	struct sink *sink = capture_begin(&capture, SINK_JSON);
	assert_int_equal(print_objects(inspect, sink, &all_links, NO_OWNERS, &err), 1);
	assert_string_equal(capture_end(&capture),
			    "[{\"id\":5,\"error\":\"Argument list too long\"},"
			    "{\"id\":6,\"type\":\"unspec\",\"prog_id\":0}]\n");
	fake_kernel_stop();
}

static void a_link_that_vanishes_is_left_out(void **state)
{
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .open_error = ENOENT },
		{ .kind = INSPECT_LINK, .id = 6 },
	};
	struct inspect *inspect = fake_kernel_start(objects, 2);
	AUTO_CAPTURE capture;
	struct inspect_error err = { 0 };

	(void)state;
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);
	assert_int_equal(print_objects(inspect, sink, &all_links, NO_OWNERS, &err), 0);
	assert_string_equal(capture_end(&capture), "6: unspec  prog 0  \n");
	fake_kernel_stop();
}

/* --- device names, pins, owners: records that the test fills in --- */

static void assert_printed(const struct inspect_link *link, enum sink_form form,
			   const char *expected)
{
	AUTO_CAPTURE capture;
	struct printer printer;
	struct sink *sink = capture_begin(&capture, form);

	assert_int_equal(print_init(&printer, sink, &link_schema, NULL), 0);
	print_open(&printer, true);
	print_record(&printer, link);
	print_close(&printer, true);
	assert_string_equal(capture_end(&capture), expected);
}

static void a_device_that_was_found_has_its_name(void **state)
{
	const struct inspect_link link = {
		.have = INSPECT_LINK_HAS_INFO | INSPECT_LINK_HAS_DEVICE,
		.id = 357,
		.type = ABI_LINK_TYPE_XDP,
		.prog_id = 38360,
		.ifindex = 3,
		.device = "h1v0",
	};

	(void)state;
	assert_printed(&link, SINK_PLAIN, "357: xdp  prog 38360  \n\tifindex h1v0(3)  \n");
	assert_printed(&link, SINK_JSON,
		       "{\"id\":357,\"type\":\"xdp\",\"prog_id\":38360,\"devname\":\"h1v0\","
		       "\"ifindex\":3}\n");
}

static void pins_and_owners_stand_behind_what_the_type_says(void **state)
{
	static const char *const paths[] = { "/sys/fs/bpf/a", "/sys/fs/bpf/b" };
	struct inspect_owner owner = { .pid = 7, .comm = "agent" };
	char name[] = "sys_enter_nanosleep";
	const struct inspect_link link = {
		.have = INSPECT_LINK_HAS_INFO | INSPECT_LINK_HAS_TRACEPOINT |
			INSPECT_LINK_HAS_COOKIE | INSPECT_LINK_HAS_PINS | INSPECT_LINK_HAS_OWNERS |
			INSPECT_LINK_HAS_OWNED,
		.id = 337,
		.type = ABI_LINK_TYPE_PERF_EVENT,
		.prog_id = 9,
		.name = name,
		.cookie = 42,
		.pinned = { paths, 2 },
		.owners = { &owner, 1 },
	};

	(void)state;
	assert_printed(&link, SINK_PLAIN,
		       "337: perf_event  prog 9  \n\ttracepoint sys_enter_nanosleep  cookie 42  \n"
		       "\tpinned /sys/fs/bpf/a\n\tpinned /sys/fs/bpf/b\n\tbpf_cookie 42\n"
		       "\tpids agent(7)\n");
	assert_printed(&link, SINK_JSON,
		       "{\"id\":337,\"type\":\"perf_event\",\"prog_id\":9,"
		       "\"tracepoint\":\"sys_enter_nanosleep\",\"cookie\":42,"
		       "\"pinned\":[\"/sys/fs/bpf/a\",\"/sys/fs/bpf/b\"],\"bpf_cookie\":42,"
		       "\"pids\":[{\"pid\":7,\"comm\":\"agent\"}]}\n");
}

static void names_of_any_bytes_harm_no_form(void **state)
{
	char name[] = "a\033[2J\xff\n";
	const struct inspect_link link = {
		.have = INSPECT_LINK_HAS_INFO | INSPECT_LINK_HAS_TP_NAME,
		.id = 1,
		.type = ABI_LINK_TYPE_RAW_TRACEPOINT,
		.name = name,
	};

	(void)state;
	assert_printed(&link, SINK_PLAIN,
		       "1: raw_tracepoint  prog 0  \n\ttp 'a\\x1b[2J\\xff\\x0a'  \n");
	assert_printed(&link, SINK_JSON,
		       "{\"id\":1,\"type\":\"raw_tracepoint\",\"prog_id\":0,"
		       "\"tp_name\":\"a\\u001b[2J\xef\xbf\xbd\\n\"}\n");
}

/* --- types that this build does not know --- */

/* BTF with enum bpf_link_type { BPF_LINK_TYPE_NOVEL = 90 } and what bpf_link_info has for it. */
static void write_kernel_btf(void)
{
	struct maker m = { 0 };
	uint32_t u32 = 1, novel = 2, others = 3;

	maker_type(&m, KIND_INT, maker_string(&m, "unsigned int"), 4, 0);
	maker_word(&m, 32);
	maker_type(&m, KIND_STRUCT, 0, 8, 2); /* 2: the member of the new type */
	maker_word(&m, maker_string(&m, "level"));
	maker_word(&m, u32);
	maker_word(&m, 0);
	maker_word(&m, maker_string(&m, "kind"));
	maker_word(&m, u32);
	maker_word(&m, 32);
	maker_type(&m, KIND_UNION, 0, 48, 1); /* 3 */
	maker_word(&m, maker_string(&m, "novel"));
	maker_word(&m, novel);
	maker_word(&m, 0);
	maker_type(&m, KIND_STRUCT, maker_string(&m, "bpf_link_info"), 64, 1);
	maker_word(&m, 0);
	maker_word(&m, others);
	maker_word(&m, 128);
	maker_type(&m, KIND_ENUM, maker_string(&m, "bpf_link_type"), 4, 1);
	maker_word(&m, maker_string(&m, "BPF_LINK_TYPE_NOVEL"));
	maker_word(&m, 90);
	maker_finish(&m);

	char path[128];
	fake_root_write(&fake_kernel.root, "/sys/kernel/btf/vmlinux", "");
	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", fake_kernel.root.path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(m.blob, 1, m.size, file), m.size);
	fclose(file);
	maker_done(&m);
}

static void a_newer_type_is_shown_by_the_kernels_own_btf(void **state)
{
	const struct abi_link_info info = {
		.type = 90,
		.prog_id = 9,
		.netns = { .netns_ino = 3, .attach_type = 0xffffffff },
	};
	struct fake_object objects[] = { { .kind = INSPECT_LINK, .id = 5, .info = &info } };
	struct inspect_error err = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		static const enum sink_form forms[] = { SINK_PLAIN, SINK_JSON, SINK_LINES };
		static const char *const expected[] = {
			"5: novel  prog 9  \n\tnovel {\"level\":3,\"kind\":4294967295}\n",
			"[{\"id\":5,\"type\":\"novel\",\"prog_id\":9,"
			"\"details\":{\"level\":3,\"kind\":4294967295}}]\n",
			"{\"id\":5,\"type\":\"novel\",\"type_id\":90,\"prog_id\":9,"
			"\"details\":{\"level\":3,\"kind\":4294967295}}\n",
		};
		AUTO_CAPTURE capture;
		struct inspect *inspect = fake_kernel_start(objects, 1);

		write_kernel_btf();
		struct sink *sink = capture_begin(&capture, forms[i]);
		assert_int_equal(print_objects(inspect, sink, &all_links, NO_OWNERS, &err), 0);
		assert_string_equal(capture_end(&capture), expected[i]);
		fake_kernel_stop();
	}
}

static void a_newer_type_of_which_less_was_told_is_shown_without_details(void **state)
{
	const struct abi_link_info info = { .type = 90, .prog_id = 9 };
	struct fake_object objects[] = {
		{ .kind = INSPECT_LINK, .id = 5, .info = &info, .info_size = 20 }
	};
	struct inspect_error err = { 0 };
	AUTO_CAPTURE capture;
	struct inspect *inspect = fake_kernel_start(objects, 1);

	(void)state;
	write_kernel_btf();
	struct sink *sink = capture_begin(&capture, SINK_PLAIN);
	assert_int_equal(print_objects(inspect, sink, &all_links, NO_OWNERS, &err), 0);
	assert_string_equal(capture_end(&capture), "5: novel  prog 9  \n");
	fake_kernel_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_shown_in_bpftools_layout),
		cmocka_unit_test(every_type_has_bpftools_keys_in_its_order),
		cmocka_unit_test(the_column_target_says_where_a_link_hooks_in),
		cmocka_unit_test(the_strict_form_of_every_type_is_json),
		cmocka_unit_test(the_strict_form_has_names_beside_numbers),
		cmocka_unit_test(strict_addresses_are_text_or_null),
		cmocka_unit_test(that_names_are_left_out_is_noted_with_the_reason),
		cmocka_unit_test(no_key_comes_twice_and_each_has_help),
		cmocka_unit_test(a_function_without_a_name_is_still_there),
		cmocka_unit_test(
			two_info_calls_are_made_and_one_where_no_name_is_shown_or_types_repeat),
		cmocka_unit_test(a_wrong_guess_of_the_type_changes_nothing),
		cmocka_unit_test(symbols_are_read_once_for_all_links),
		cmocka_unit_test(a_count_beyond_reason_fails_that_link_alone),
		cmocka_unit_test(a_link_that_vanishes_is_left_out),
		cmocka_unit_test(a_device_that_was_found_has_its_name),
		cmocka_unit_test(pins_and_owners_stand_behind_what_the_type_says),
		cmocka_unit_test(names_of_any_bytes_harm_no_form),
		cmocka_unit_test(a_newer_type_is_shown_by_the_kernels_own_btf),
		cmocka_unit_test(a_newer_type_of_which_less_was_told_is_shown_without_details),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
