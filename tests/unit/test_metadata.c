/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_metadata.c - variables bpf_metadata_* of a program's constants, from maps and BTF of all sorts
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "btf_maker.h"
#include "capture.h"
#include "fake_kernel.h"
#include "value/print.h"

#define BTF_ID 43
#define INT_ID 1 /* the first type */
#define VALUE_BYTES 16

struct fixture {
	struct maker btf;
	uint32_t section_id;
	struct abi_prog_info prog;
	struct abi_map_info map;
	struct fake_map elems;
	uint32_t map_ids[1];
	struct fake_object objects[3];
};

struct variable {
	const char *name;
	uint32_t type_id;
	uint32_t offset;
	uint32_t size;
};

/* The types: an int, the variables, and their section. */
static void make_btf(struct fixture *f, const struct variable *variables, size_t n)
{
	maker_int(&f->btf, "int");
	for (size_t i = 0; i < n; i++) {
		maker_type(&f->btf, KIND_VAR, maker_string(&f->btf, variables[i].name),
			   variables[i].type_id, 0);
		maker_word(&f->btf, 1);
	}
	maker_type(&f->btf, KIND_DATASEC, maker_string(&f->btf, ".rodata"), VALUE_BYTES,
		   (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		maker_word(&f->btf, (uint32_t)i + INT_ID + 1);
		maker_word(&f->btf, variables[i].offset);
		maker_word(&f->btf, variables[i].size);
	}
	f->section_id = (uint32_t)n + INT_ID + 1;
	maker_finish(&f->btf);
}

/* A program with one map, whose value is the words 10, 11, 12 and 13. */
static void set_up(struct fixture *f, const struct variable *variables, size_t n)
{
	const uint32_t words[VALUE_BYTES / 4] = { 10, 11, 12, 13 };

	*f = (struct fixture){ .map_ids = { 5 } };
	make_btf(f, variables, n);
	f->map = (struct abi_map_info){
		.type = ABI_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = VALUE_BYTES,
		.max_entries = 1,
		.name = "obj.rodata",
		.btf_id = BTF_ID,
		.btf_value_type_id = f->section_id,
	};
	fake_map_fill(&f->elems, 4, VALUE_BYTES, 1);
	memset(f->elems.elems[0].key, 0, 4);
	memcpy(f->elems.elems[0].value, words, sizeof(words));
	f->objects[0] = (struct fake_object){
		.kind = INSPECT_PROG, .id = 3, .info = &f->prog, .maps = f->map_ids, .n_maps = 1
	};
	f->objects[1] = (struct fake_object){
		.kind = INSPECT_MAP, .id = 5, .info = &f->map, .map = &f->elems
	};
	f->objects[2] = (struct fake_object){ .kind = INSPECT_BTF,
					      .id = BTF_ID,
					      .btf = f->btf.blob,
					      .btf_size = (uint32_t)f->btf.size };
}

static void tear_down(struct fixture *f)
{
	fake_map_done(&f->elems);
	maker_done(&f->btf);
}

static const char *show(struct fixture *f, struct capture *capture, enum sink_form form)
{
	const struct inspect_ref ref = { .kind = INSPECT_PROG, .by = INSPECT_BY_ID, .id = 3 };
	struct inspect *inspect = fake_kernel_start(f->objects, 3);
	struct sink *sink = capture_begin(capture, form);

	assert_int_equal(print_objects(inspect, sink, &ref, 0, NULL), 0);
	const char *text = form == SINK_PLAIN ? capture_end(capture) : capture_end_json(capture);
	fake_kernel_stop();
	return text;
}

/* Is @wanted in what is shown? */
static void shows(struct fixture *f, enum sink_form form, const char *wanted)
{
	AUTO_CAPTURE capture;
	const char *text = show(f, &capture, form);

	if (!strstr(text, wanted))
		fail_msg("%s\nis not in\n%s", wanted, text);
}

static void shows_none(struct fixture *f)
{
	AUTO_CAPTURE json;
	AUTO_CAPTURE plain;

	assert_null(strstr(show(f, &json, SINK_JSON), "metadata"));
	assert_null(strstr(show(f, &plain, SINK_PLAIN), "metadata"));
}

static const struct variable two[] = {
	{ "bpf_metadata_a", INT_ID, 0, 4 },
	{ "other", INT_ID, 4, 4 },
	{ "bpf_metadata_b", INT_ID, 8, 4 },
};

static void each_form_shows_the_variables(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, two, 3);
	shows(&f, SINK_JSON, "\"metadata\":{\"a\":10,\"b\":12}");
	shows(&f, SINK_STRICT, "\"metadata\":{\"a\":10,\"b\":12}");
	shows(&f, SINK_PLAIN, "\tmetadata:\n\t\ta = 10\n\t\tb = 12\n");
	tear_down(&f);
}

static void a_map_of_another_shape_is_passed_over(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, two, 3);
	const struct abi_map_info good = f.map;
	f.map.max_entries = 2;
	shows_none(&f);
	f.map = good;
	f.map.key_size = 8;
	shows_none(&f);
	f.map = good;
	f.map.type = ABI_MAP_TYPE_ARRAY + 100;
	shows_none(&f);
	f.map = good;
	strcpy(f.map.name, "obj.data");
	shows_none(&f);
	f.map = good;
	f.map.btf_value_type_id = INT_ID;
	shows_none(&f);
	f.map.btf_value_type_id = 0;
	shows_none(&f);
	f.map.btf_value_type_id = UINT32_MAX;
	shows_none(&f);
	f.map = good;
	shows(&f, SINK_JSON, "\"metadata\":{\"a\":10,\"b\":12}");
	tear_down(&f);
}

static void what_cannot_be_read_is_left_out(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, two, 3);
	f.objects[1].open_error = EPERM;
	shows_none(&f);
	f.objects[1].open_error = 0;
	f.objects[1].info_error = EINVAL;
	shows_none(&f);
	f.objects[1].info_error = 0;
	f.objects[2].open_error = EPERM;
	shows_none(&f);
	f.objects[2].open_error = 0;
	f.elems.elems[0].error = EPERM;
	shows_none(&f);
	tear_down(&f);
}

static void a_variable_beyond_the_value_has_no_bytes_from_elsewhere(void **state)
{
	static const struct variable wild[] = {
		{ "bpf_metadata_end", INT_ID, VALUE_BYTES, 4 },
		{ "bpf_metadata_far", INT_ID, UINT32_MAX - 1, 4 },
		{ "bpf_metadata_cut", INT_ID, VALUE_BYTES - 2, 4 },
		{ "bpf_metadata_huge", INT_ID, 12, UINT32_MAX },
	};
	struct fixture f;

	(void)state;
	set_up(&f, wild, 4);
	shows(&f, SINK_JSON, "\"huge\":13");
	shows(&f, SINK_PLAIN, "\t\thuge = 13\n");
	shows(&f, SINK_STRICT, "\"cut\":\"0000\"");
	tear_down(&f);
}

static void a_variable_without_a_sound_type_is_bytes(void **state)
{
	static const struct variable odd[] = {
		{ "bpf_metadata_gone", 999, 0, 4 },
		{ "bpf_metadata_itself", 3, 4, 4 },
	};
	struct fixture f;

	(void)state;
	set_up(&f, odd, 2);
	shows(&f, SINK_STRICT, "\"metadata\":{\"gone\":\"0a000000\",\"itself\":\"0b000000\"}");
	tear_down(&f);
}

static void of_two_with_one_name_the_first_is_shown(void **state)
{
	static const struct variable twins[] = {
		{ "bpf_metadata_a", INT_ID, 4, 4 },
		{ "bpf_metadata_a", INT_ID, 0, 4 },
	};
	struct fixture f;

	(void)state;
	set_up(&f, twins, 2);
	shows(&f, SINK_JSON, "\"metadata\":{\"a\":11}");
	tear_down(&f);
}

static void a_section_without_metadata_has_none(void **state)
{
	static const struct variable others[] = { { "bpf_meta", INT_ID, 0, 4 } };
	struct fixture f;

	(void)state;
	set_up(&f, others, 1);
	shows_none(&f);
	tear_down(&f);
	set_up(&f, NULL, 0);
	shows_none(&f);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_shows_the_variables),
		cmocka_unit_test(a_map_of_another_shape_is_passed_over),
		cmocka_unit_test(what_cannot_be_read_is_left_out),
		cmocka_unit_test(a_variable_beyond_the_value_has_no_bytes_from_elsewhere),
		cmocka_unit_test(a_variable_without_a_sound_type_is_bytes),
		cmocka_unit_test(of_two_with_one_name_the_first_is_shown),
		cmocka_unit_test(a_section_without_metadata_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
