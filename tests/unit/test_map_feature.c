/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_map_feature.c - types of maps, flags, batch commands and instructions, as kernels of several ages answer
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "probe/answer.h"
#include "probe/trial.h"

#define TOLD 512
#define EVERY 63u
#define ALL_CODES 0xff
#define TOO_LONG 65536

/* A kernel: what it knows. Zeros that it does not know it ignores, as kernels do. */
static struct {
	unsigned last_type;
	uint32_t flags;
	unsigned map_bytes;  /* of the attributes of a new map */
	unsigned attr_bytes; /* of the attributes of any call */
	uint8_t last_code;   /* no instruction with a higher one */
	unsigned frames;
	int map_error, prog_error; /* of every such call */
	int batch_error;
	unsigned batch_type; /* the one that has the commands */
	unsigned n_maps, n_batches, n_progs, longest_map;
	unsigned last_made;
} fake;

static struct {
	struct inspect_feature features[TOLD];
	char values[TOLD][32];
	unsigned n;
} told;

static int refuse(int code)
{
	errno = code;
	return -1;
}

static bool is_zero_from(const void *attr, unsigned from, unsigned size)
{
	for (unsigned i = from; i < size; i++)
		if (((const char *)attr)[i])
			return false;
	return true;
}

static long make_map(const struct abi_map_create_attr *attr, unsigned size)
{
	fake.n_maps++;
	fake.longest_map = size > fake.longest_map ? size : fake.longest_map;
	fake.last_made = attr->type;
	if (fake.map_error)
		return refuse(fake.map_error);
	if (!is_zero_from(attr, fake.attr_bytes, size))
		return refuse(E2BIG);
	if (!is_zero_from(attr, fake.map_bytes, size) || attr->type > fake.last_type ||
	    attr->map_flags & ~fake.flags)
		return refuse(EINVAL);
	if (attr->type == ABI_MAP_TYPE_STRUCT_OPS)
		return refuse(ERROR_ENOTSUPP);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* A chain of functions, each of two slots: the call of the next one and the end. */
static bool is_chain(const struct slot *slots, uint32_t n)
{
	return n > 4 && slots[0].code == 0x85 && slots[2].code == 0x85;
}

static long load_prog(const struct abi_prog_load_attr *attr, unsigned size)
{
	const struct slot *slots = (const struct slot *)(uintptr_t)attr->insns;

	fake.n_progs++;
	if (fake.prog_error)
		return refuse(fake.prog_error);
	if (!is_zero_from(attr, fake.attr_bytes, size) || attr->insn_cnt > 1000000)
		return refuse(E2BIG);
	if (!slots)
		return refuse(EFAULT);
	for (uint32_t i = 0; i < attr->insn_cnt; i++)
		if (slots[i].code > fake.last_code)
			return refuse(EINVAL);
	if (is_chain(slots, attr->insn_cnt) && attr->insn_cnt / 2 > fake.frames)
		return refuse(E2BIG);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static long say(int cmd, void *attr, unsigned size)
{
	if (size > TOO_LONG)
		return refuse(E2BIG);
	switch (cmd) {
	case ABI_MAP_CREATE:
		return make_map(attr, size);
	case ABI_PROG_LOAD:
		return load_prog(attr, size);
	case ABI_BTF_LOAD:
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	case ABI_MAP_LOOKUP_BATCH:
	case ABI_MAP_LOOKUP_AND_DELETE_BATCH:
	case ABI_MAP_UPDATE_BATCH:
	case ABI_MAP_DELETE_BATCH:
		fake.n_batches++;
		assert_int_equal(((const struct abi_batch_attr *)attr)->count, 0);
		return fake.last_made == fake.batch_type ? 0 : refuse(fake.batch_error);
	default:
		return refuse(EINVAL);
	}
}

static int keep(void *context, const struct inspect_feature *feature)
{
	(void)context;
	assert_true(told.n < TOLD);
	if (feature->value) {
		strcpy(told.values[told.n], feature->value);
	}
	told.features[told.n++] = *feature;
	return 0;
}

static struct inspect bystander;
static const struct inspect_probe whole;

#define AUTO_PROBE AUTO(probe_end) struct probe

/* Linux 5.10, asked by a root that may all; the kernel's types cannot be had. */
static void begin(struct probe *probe)
{
	memset(&fake, 0, sizeof(fake));
	memset(&told, 0, sizeof(told));
	fake.last_type = ABI_MAP_TYPE_INODE_STORAGE;
	fake.flags = 0x1fff;
	fake.map_bytes = offsetof(struct abi_map_create_attr, map_extra);
	fake.attr_bytes = 120;
	fake.last_code = ALL_CODES;
	fake.frames = 8;
	fake.batch_error = ERROR_ENOTSUPP;
	fake.batch_type = ABI_MAP_TYPE_HASH;
	sys_init(&bystander.sys);
	bystander.sys.bpf = say;
	bystander.sys.root = "/nowhere";
	*probe = (struct probe){
		.inspect = &bystander, .sys = &bystander.sys, .asked = &whole, .each = keep
	};
	probe->rights.is_read = true;
	probe->rights.refusal = (struct refusal){
		.caps = EVERY,
		.known_caps = EVERY,
		.in_first_users = REFUSAL_YES,
		.has_bpf = REFUSAL_YES,
		.lockdown = REFUSAL_LOCKDOWN_NONE,
		.unprivileged = 2,
	};
}

static const struct inspect_feature *find(const char *name)
{
	for (unsigned i = 0; i < told.n; i++)
		if (strcmp(told.features[i].name, name) == 0)
			return &told.features[i];
	fail_msg("nothing is told of %s", name);
	return NULL;
}

static void ask(struct probe *probe, enum inspect_feature_kind kind, const char *name,
		const char *of)
{
	const struct inspect_question question = { kind, name, of };

	told.n = 0;
	assert_int_equal(probe_kinds[kind].ask(probe, &question, NULL), 0);
	assert_int_equal(told.n, 1);
}

static void no_type_needs_an_attribute_that_an_old_kernel_does_not_know(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	assert_int_equal(map_type_each(&probe, NULL), 0);
	assert_int_equal(fake.longest_map, offsetof(struct abi_map_create_attr, map_extra));
	assert_int_equal(told.n, ABI_MAP_TYPE_RHASH);
	for (unsigned i = 0; i < told.n; i++)
		if (i + 1 != ABI_MAP_TYPE_STRUCT_OPS)
			assert_int_equal(told.features[i].answer,
					 i + 1 <= fake.last_type ? INSPECT_YES : INSPECT_NO);
}

/* There may be types, and nothing that could be implemented. */
static void struct_ops_maps_without_types_of_the_kernel_are_unknown(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	ask(&probe, INSPECT_FEATURE_MAP_TYPE, "struct_ops", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_UNKNOWN);
	assert_int_equal(told.features[0].reason, INSPECT_REASON_NO_TYPES);
	assert_int_equal(fake.n_maps, 1);
}

static void a_type_is_made_once_and_nothing_else_for_it(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	ask(&probe, INSPECT_FEATURE_MAP_TYPE, "ringbuf", NULL);
	ask(&probe, INSPECT_FEATURE_MAP_TYPE, "ringbuf", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_YES);
	assert_int_equal(fake.n_maps, 1);
	assert_int_equal(fake.last_made, ABI_MAP_TYPE_RINGBUF);
}

static void what_is_not_permitted_or_fails_is_not_missing(void **state)
{
	static const struct {
		int code;
		enum inspect_answer answer;
	} rows[] = {
		{ EINVAL, INSPECT_NO },	     { EPERM, INSPECT_NOT_PERMITTED },
		{ ENOMEM, INSPECT_UNKNOWN }, { E2BIG, INSPECT_UNKNOWN },
		{ EMFILE, INSPECT_UNKNOWN }, { ERROR_ENOTSUPP, INSPECT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO_PROBE probe;

		begin(&probe);
		probe.rights.refusal.caps = 0;
		fake.map_error = rows[i].code;
		ask(&probe, INSPECT_FEATURE_MAP_TYPE, "lru_hash", NULL);
		assert_int_equal(told.features[0].answer, rows[i].answer);
		ask(&probe, INSPECT_FEATURE_MAP_FLAG, "no_common_lru", NULL);
		assert_int_equal(told.features[0].answer, rows[i].answer);
		ask(&probe, INSPECT_FEATURE_BATCH, "lookup_batch", "lru_hash");
		assert_int_equal(told.features[0].answer, rows[i].answer);
		assert_string_equal(told.features[0].of, "lru_hash");
		assert_int_equal(fake.n_batches, 0);
	}
}

static void a_map_of_maps_needs_a_map_first(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	fake.last_type = 0; /* this kernel makes no array */
	ask(&probe, INSPECT_FEATURE_MAP_TYPE, "hash_of_maps", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_UNKNOWN);
	assert_int_equal(fake.last_made, ABI_MAP_TYPE_ARRAY);
}

static void flags_of_newer_kernels_are_missing_in_old_ones(void **state)
{
	static const char *const missing[] = { "token_fd", "path_fd", "segv_on_fault",
					       "rb_overwrite" };
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	assert_int_equal(map_flag_each(&probe, NULL), 0);
	assert_int_equal(find("mmapable")->answer, INSPECT_YES);
	assert_int_equal(find("inner_map")->answer, INSPECT_YES);
	assert_int_equal(find("segv_on_fault")->found, INSPECT_FOUND_RULE);
	/* Of struct_ops maps nothing is known here, so nothing is of their flags. */
	assert_int_equal(find("link")->answer, INSPECT_UNKNOWN);
	for (unsigned i = 0; i < sizeof(missing) / sizeof(*missing); i++)
		assert_int_equal(find(missing[i])->answer, INSPECT_NO);
}

static void batch_commands_are_told_by_type_and_by_kernel(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	ask(&probe, INSPECT_FEATURE_BATCH, "update_batch", "hash");
	assert_int_equal(told.features[0].answer, INSPECT_YES);
	ask(&probe, INSPECT_FEATURE_BATCH, "update_batch", "queue");
	assert_int_equal(told.features[0].answer, INSPECT_NO);
	assert_int_equal(told.features[0].reason, INSPECT_REASON_NOT_FOR_TYPE);
	fake.batch_error = EINVAL; /* before Linux 5.6 */
	ask(&probe, INSPECT_FEATURE_BATCH, "update_batch", "queue");
	assert_int_equal(told.features[0].reason, INSPECT_REASON_NOT_BUILT_IN);
}

/* The search goes on where the kernel said "not for this type", and ends with the first that has it. */
static void a_batch_command_of_no_type_is_one_of_any(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	fake.batch_type = ABI_MAP_TYPE_PROG_ARRAY;
	ask(&probe, INSPECT_FEATURE_BATCH, "lookup_batch", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_YES);
	assert_null(told.features[0].of);
	assert_int_equal(fake.n_batches, 3);
}

static void an_instruction_is_missing_where_its_code_is_unknown(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	fake.last_code = 0xd6;
	ask(&probe, INSPECT_FEATURE_INSTRUCTION, "jmp32", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_YES);
	ask(&probe, INSPECT_FEATURE_INSTRUCTION, "bswap", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_NO);
	ask(&probe, INSPECT_FEATURE_MISC, "v3_isa_extension", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_YES);
	ask(&probe, INSPECT_FEATURE_MISC, "v4_isa_extension", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_NO);
	assert_string_equal(told.features[0].detail,
			    "gotol is there, other instructions of version 4 are not");
	/* It needs an attribute, whose absence tells. */
	ask(&probe, INSPECT_FEATURE_INSTRUCTION, "pseudo_map_idx", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_NO);
}

static void an_instruction_is_unknown_where_no_program_is_taken(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	fake.prog_error = ENOMEM;
	ask(&probe, INSPECT_FEATURE_INSTRUCTION, "jmp32", NULL);
	assert_int_equal(told.features[0].answer, INSPECT_UNKNOWN);
	assert_int_equal(fake.n_progs, 1);
}

static void a_limit_is_found_that_is_higher_than_any_known(void **state)
{
	static const struct {
		unsigned frames;
		const char *value;
	} rows[] = { { 8, "8" }, { 9, "9" }, { 16, "16" }, { 100, "100" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		AUTO_PROBE probe;

		begin(&probe);
		fake.frames = rows[i].frames;
		ask(&probe, INSPECT_FEATURE_MISC, "call_frames", NULL);
		assert_int_equal(told.features[0].answer, INSPECT_YES);
		assert_string_equal(told.values[0], rows[i].value);
	}
}

static void a_limit_beyond_all_measure_is_unknown(void **state)
{
	static const unsigned frames[] = { 7, 100000 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		AUTO_PROBE probe;

		begin(&probe);
		fake.frames = frames[i];
		ask(&probe, INSPECT_FEATURE_MISC, "call_frames", NULL);
		assert_int_equal(told.features[0].answer, INSPECT_UNKNOWN);
	}
}

static void the_size_of_programs_is_found_without_one(void **state)
{
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	ask(&probe, INSPECT_FEATURE_MISC, "program_size", NULL);
	assert_string_equal(told.values[0], "1000000");
	assert_int_equal(fake.n_progs, 3); /* one of them the least that there is */
}

static int first_free_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void every_map_and_program_is_closed(void **state)
{
	int fd = first_free_fd();

	(void)state;
	for (unsigned last = ABI_MAP_TYPE_UNSPEC; last <= ABI_MAP_TYPE_RHASH; last += 5) {
		struct probe probe;

		begin(&probe);
		fake.last_type = last;
		fake.flags = UINT32_MAX;
		fake.map_bytes = fake.attr_bytes = sizeof(struct abi_prog_load_attr);
		assert_int_equal(map_type_each(&probe, NULL), 0);
		assert_int_equal(map_flag_each(&probe, NULL), 0);
		assert_int_equal(batch_each(&probe, NULL), 0);
		assert_int_equal(instruction_each(&probe, NULL), 0);
		assert_int_equal(misc_each(&probe, NULL), 0);
		assert_int_equal(facility_each(&probe, NULL), 0);
		probe_end(&probe);
		assert_int_equal(first_free_fd(), fd);
	}
}

static void an_unknown_name_names_the_nearest(void **state)
{
	static const struct {
		enum inspect_feature_kind kind;
		const char *name, *of, *nearest;
	} rows[] = {
		{ INSPECT_FEATURE_MAP_TYPE, "ringbug", NULL, "did you mean 'ringbuf'?" },
		{ INSPECT_FEATURE_MAP_FLAG, "mapable", NULL, "did you mean 'mmapable'?" },
		{ INSPECT_FEATURE_BATCH, "lookup_bath", NULL, "did you mean 'lookup_batch'?" },
		{ INSPECT_FEATURE_BATCH, "lookup_batch", "hush", "did you mean 'hash'?" },
		{ INSPECT_FEATURE_MISC, "bounded_loop", NULL, "did you mean 'bounded_loops'?" },
		{ INSPECT_FEATURE_INSTRUCTION, "gotox1", NULL, "did you mean 'gotox'?" },
		{ INSPECT_FEATURE_FACILITY, "timers", NULL, "did you mean 'timer'?" },
		{ INSPECT_FEATURE_FACILITY, "nothing like it", NULL,
		  "'-o tsv=kind,name feature probe' lists them" },
	};
	struct inspect_error err;
	AUTO_PROBE probe;

	(void)state;
	begin(&probe);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct inspect_question question = { rows[i].kind, rows[i].name, rows[i].of };

		assert_int_equal(probe_kinds[rows[i].kind].ask(&probe, &question, &err),
				 -INSPECT_EUSAGE);
		assert_string_equal(err.hint, rows[i].nearest);
	}
	assert_int_equal(told.n, 0);
	assert_int_equal(fake.n_maps + fake.n_progs + fake.n_batches, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_type_needs_an_attribute_that_an_old_kernel_does_not_know),
		cmocka_unit_test(struct_ops_maps_without_types_of_the_kernel_are_unknown),
		cmocka_unit_test(a_type_is_made_once_and_nothing_else_for_it),
		cmocka_unit_test(what_is_not_permitted_or_fails_is_not_missing),
		cmocka_unit_test(a_map_of_maps_needs_a_map_first),
		cmocka_unit_test(flags_of_newer_kernels_are_missing_in_old_ones),
		cmocka_unit_test(batch_commands_are_told_by_type_and_by_kernel),
		cmocka_unit_test(a_batch_command_of_no_type_is_one_of_any),
		cmocka_unit_test(an_instruction_is_missing_where_its_code_is_unknown),
		cmocka_unit_test(an_instruction_is_unknown_where_no_program_is_taken),
		cmocka_unit_test(a_limit_is_found_that_is_higher_than_any_known),
		cmocka_unit_test(a_limit_beyond_all_measure_is_unknown),
		cmocka_unit_test(the_size_of_programs_is_found_without_one),
		cmocka_unit_test(every_map_and_program_is_closed),
		cmocka_unit_test(an_unknown_name_names_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
