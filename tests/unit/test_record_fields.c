/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_record_fields.c - every row of the field tables, in every form
 *
 * What is not known never shows, whatever stands in the member; what is known always shows, unless
 * the row or the form is exempt.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "capture.h"
#include "records/print.h"

union record {
	struct inspect_prog prog;
	struct inspect_map map;
};

static const struct schema *const schemas[] = { &prog_schema, &map_schema };

static const enum sink_form forms[] = { SINK_PLAIN, SINK_JSON,	SINK_STRICT,
					SINK_LINES, SINK_TABLE, SINK_TSV };

static bool is_columns(enum sink_form form)
{
	return form == SINK_TABLE || form == SINK_TSV;
}

/* The members that are put out by functions: a device, metadata, and owners in several ways. */
static bool is_device(const struct field *field)
{
	return strcmp(field->key, "dev") == 0;
}

static bool is_metadata(const struct field *field)
{
	return strcmp(field->key, "metadata") == 0;
}

/* Metadata shows which of the two it is. */
static struct inspect_metadata metadata, no_metadata;

static void put_metadata(const struct inspect_metadata *which, struct sink *sink, const char *key)
{
	sink_bool(sink, key, which == &metadata);
}

static void plain_metadata(const struct inspect_metadata *which, struct out *out)
{
	out_fmt(out, which == &metadata ? "\tmetadata:\n" : "");
}

static size_t size_of(const struct field *field)
{
	switch (field->kind) {
	case FIELD_U32:
	case FIELD_S32:
	case FIELD_ENUM:
		return sizeof(unsigned);
	case FIELD_U64:
	case FIELD_TIME:
		return sizeof(unsigned long long);
	case FIELD_BOOL:
		return sizeof(bool);
	case FIELD_CHARS:
		return 2;
	case FIELD_IDS:
		return sizeof(struct inspect_ids);
	case FIELD_TAG:
		return 8;
	case FIELD_STRINGS:
		return sizeof(struct inspect_strings);
	case FIELD_OWN:
		return is_device(field)	    ? sizeof(struct inspect_device)
		       : is_metadata(field) ? sizeof(struct inspect_metadata *)
					    : sizeof(struct inspect_owners);
	case FIELD_STRING:
	case FIELD_BYTES:
		break;
	}
	fail_msg("a kind of field that this test cannot fill: %s", field->key);
	return 0;
}

/* Puts something that is not zero into a member. */
static void fill(const struct field *field, void *member)
{
	static struct inspect_owner owner = {
		.pid = 81, .comm = "holder", .unit = "some.service", .container = "c0ffee"
	};
	static unsigned ids[] = { 71, 72 };
	static const char *strings[] = { "/sys/fs/bpf/here" };

	switch (field->kind) {
	case FIELD_BOOL:
		*(bool *)member = true;
		break;
	case FIELD_CHARS:
		memcpy(member, "n", 2);
		break;
	case FIELD_IDS:
		*(struct inspect_ids *)member = (struct inspect_ids){ ids, 2 };
		break;
	case FIELD_STRINGS:
		*(struct inspect_strings *)member = (struct inspect_strings){ strings, 1 };
		break;
	case FIELD_OWN:
		if (is_metadata(field))
			*(struct inspect_metadata **)member = &metadata;
		else if (is_device(field))
			*(struct inspect_device *)member = (struct inspect_device){ .ifindex = 5 };
		else
			*(struct inspect_owners *)member = (struct inspect_owners){ &owner, 1 };
		break;
	default: {
		const unsigned char number[8] = { 3 };

		memcpy(member, number, size_of(field));
		break;
	}
	}
}

/* Puts zero into a member, or what stands for it. */
static void clear(const struct field *field, void *member)
{
	memset(member, 0, size_of(field));
	if (field->kind == FIELD_OWN && is_metadata(field))
		*(struct inspect_metadata **)member = &no_metadata;
}

static void fill_all(const struct schema *schema, union record *record)
{
	unsigned all = ~0u;

	memset(record, 0, sizeof(*record));
	for (size_t i = 0; i < schema->n; i++)
		fill(&schema->fields[i], (char *)record + schema->fields[i].offset);
	memcpy((char *)record + schema->have_at, &all, sizeof(all));
}

/* Is the row there in this form? */
static bool is_shown(const struct field *field, enum sink_form form)
{
	unsigned not_here = form == SINK_JSON ? FIELD_STRICT : FIELD_COMPATIBLE;

	return !(field->flags & (not_here | (is_columns(form) ? FIELD_DOCUMENT : FIELD_CELL)));
}

/* Every column that there is. */
static void all_columns(const struct schema *schema, struct buf *out)
{
	for (size_t i = 0; i < schema->n; i++) {
		if (!is_shown(&schema->fields[i], SINK_TABLE))
			continue;
		if (out->size)
			buf_add_char(out, ',');
		buf_add_text(out, schema->fields[i].key);
	}
	buf_add_char(out, '\0');
}

static char *print(const struct schema *schema, enum sink_form form, const union record *record)
{
	AUTO_CAPTURE capture;
	AUTO(buf_done) struct buf columns = { 0 };
	struct printer printer;

	all_columns(schema, &columns);
	struct sink *sink =
		capture_columns(&capture, form, is_columns(form) ? columns.bytes : NULL);
	assert_int_equal(print_init(&printer, sink, schema, NULL), 0);
	print_open(&printer, true);
	print_record(&printer, record);
	print_close(&printer, true);
	capture_end(&capture);
	if (form == SINK_JSON || form == SINK_STRICT || form == SINK_LINES)
		assert_true(is_json(capture.text, capture.size));
	return take_ptr(&capture.text);
}

/* Do the member's zero and another value make a difference? */
static bool shows(const struct schema *schema, const struct field *field, enum sink_form form,
		  unsigned have)
{
	union record record;

	fill_all(schema, &record);
	memcpy((char *)&record + schema->have_at, &have, sizeof(have));
	autofree char *filled = print(schema, form, &record);
	clear(field, (char *)&record + field->offset);
	autofree char *zero = print(schema, form, &record);
	return strcmp(filled, zero) != 0;
}

static void what_is_not_known_never_shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		for (size_t j = 0; j < schemas[i]->n; j++) {
			const struct field *field = &schemas[i]->fields[j];
			unsigned unknown = field->has | field->compatible_has;

			for (size_t k = 0; unknown && k < sizeof(forms) / sizeof(*forms); k++)
				if (shows(schemas[i], field, forms[k], ~unknown))
					fail_msg("%s: %s shows in form %d", schemas[i]->name,
						 field->key, forms[k]);
		}
	}
}

static void what_is_known_always_shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		for (size_t j = 0; j < schemas[i]->n; j++) {
			const struct field *field = &schemas[i]->fields[j];

			for (size_t k = 0; k < sizeof(forms) / sizeof(*forms); k++)
				if (forms[k] != SINK_PLAIN && is_shown(field, forms[k]) &&
				    !shows(schemas[i], field, forms[k], ~0u))
					fail_msg("%s: %s does not show in form %d",
						 schemas[i]->name, field->key, forms[k]);
		}
	}
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static void the_plain_layout_shows_all_that_bpftool_shows_and_no_more(void **state)
{
	static const char *const not_there[] = { "verified_insns",
						 "functions",
						 "attach_btf_obj_id",
						 "attach_btf_id",
						 "btf_key_type_id",
						 "btf_value_type_id",
						 "btf_vmlinux_value_type_id",
						 "map_extra",
						 NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		for (size_t j = 0; j < schemas[i]->n; j++) {
			const struct field *field = &schemas[i]->fields[j];

			if (shows(schemas[i], field, SINK_PLAIN, ~0u) ==
			    is_one_of(field->key, not_there))
				fail_msg("%s: %s", schemas[i]->name, field->key);
		}
	}
}

static void statistics_of_a_program_that_never_ran_are_zeros_in_strict_alone(void **state)
{
	union record record;

	(void)state;
	fill_all(&prog_schema, &record);
	record.prog.have = INSPECT_PROG_HAS_INFO | INSPECT_PROG_HAS_STATS | INSPECT_PROG_HAS_MISSES;
	record.prog.run_time_ns = record.prog.run_cnt = record.prog.recursion_misses = 0;
	autofree char *strict = print(&prog_schema, SINK_STRICT, &record);
	assert_non_null(strstr(strict, "\"run_time_ns\":0,\"run_cnt\":0,\"recursion_misses\":0"));
	autofree char *compatible = print(&prog_schema, SINK_JSON, &record);
	assert_null(strstr(compatible, "run_"));
	assert_null(strstr(compatible, "recursion"));
	autofree char *plain = print(&prog_schema, SINK_PLAIN, &record);
	assert_null(strstr(plain, "run_"));
}

static void no_key_of_a_form_comes_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++)
		for (size_t j = 0; j < schemas[i]->n; j++)
			for (size_t k = 0; k < j; k++)
				assert_string_not_equal(schemas[i]->fields[j].key,
							schemas[i]->fields[k].key);
}

static void every_row_has_a_key_and_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		for (size_t j = 0; j < schemas[i]->n; j++) {
			assert_true(*schemas[i]->fields[j].key);
			assert_true(*schemas[i]->fields[j].help);
		}
	}
}

/* --- the largest numbers --- */

static void assert_has(const struct schema *schema, enum sink_form form, const union record *record,
		       const char *expected)
{
	autofree char *text = print(schema, form, record);

	if (!strstr(text, expected))
		fail_msg("no '%s' in: %s", expected, text);
}

static void memory_above_4_gib_is_not_cut(void **state)
{
	union record record;

	(void)state;
	fill_all(&map_schema, &record);
	record.map.memlock_bytes = 8589934592;
	assert_has(&map_schema, SINK_PLAIN, &record, "  memlock 8589934592B\n");
	assert_has(&map_schema, SINK_JSON, &record, "\"bytes_memlock\":8589934592,");
	assert_has(&map_schema, SINK_STRICT, &record, "\"bytes_memlock\":8589934592,");
	assert_has(&map_schema, SINK_TSV, &record, "\t8589934592\t");
	fill_all(&prog_schema, &record);
	record.prog.memlock_bytes = 8589934592;
	assert_has(&prog_schema, SINK_PLAIN, &record, "  memlock 8589934592B");
	assert_has(&prog_schema, SINK_JSON, &record, "\"bytes_memlock\":8589934592,");
}

static void sizes_and_counts_up_to_32_bits_are_unsigned(void **state)
{
	static const struct {
		unsigned value;
		const char *text;
	} cases[] = { { 1u << 31, "2147483648" }, { UINT32_MAX, "4294967295" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		union record record;
		char expected[128];

		fill_all(&map_schema, &record);
		record.map.key_bytes = record.map.value_bytes = cases[i].value;
		record.map.max_entries = record.map.id = cases[i].value;
		snprintf(expected, sizeof(expected), "\tkey %sB  value %sB  max_entries %s  ",
			 cases[i].text, cases[i].text, cases[i].text);
		assert_has(&map_schema, SINK_PLAIN, &record, expected);
		snprintf(expected, sizeof(expected),
			 "\"bytes_key\":%s,\"bytes_value\":%s,\"max_entries\":%s,", cases[i].text,
			 cases[i].text, cases[i].text);
		assert_has(&map_schema, SINK_JSON, &record, expected);
		assert_has(&map_schema, SINK_STRICT, &record, expected);
		snprintf(expected, sizeof(expected), "{\"id\":%s,", cases[i].text);
		assert_has(&map_schema, SINK_JSON, &record, expected);
	}
}

static void statistics_and_flags_are_printed_digit_for_digit(void **state)
{
	union record record;

	(void)state;
	fill_all(&prog_schema, &record);
	record.prog.run_time_ns = record.prog.run_cnt = record.prog.recursion_misses = UINT64_MAX;
	record.prog.uid = UINT32_MAX;
	assert_has(&prog_schema, SINK_PLAIN, &record,
		   " run_time_ns 18446744073709551615 run_cnt 18446744073709551615 "
		   "recursion_misses 18446744073709551615\n");
	assert_has(&prog_schema, SINK_JSON, &record, "\"run_cnt\":18446744073709551615,");
	assert_has(&prog_schema, SINK_JSON, &record, "\"uid\":4294967295,");
	fill_all(&map_schema, &record);
	record.map.flags = UINT32_MAX;
	record.map.map_extra = UINT64_MAX;
	assert_has(&map_schema, SINK_PLAIN, &record, "flags 0xffffffff");
	assert_has(&map_schema, SINK_JSON, &record, "\"flags\":4294967295,");
	assert_has(&map_schema, SINK_JSON, &record, "\"map_extra\":18446744073709551615");
}

/* --- types that this build does not know --- */

static void an_unknown_type_is_shown_as_its_number(void **state)
{
	union record record;

	(void)state;
	fill_all(&map_schema, &record);
	record.map.type = 1000;
	assert_has(&map_schema, SINK_PLAIN, &record, ": type 1000  name n  ");
	assert_has(&map_schema, SINK_JSON, &record, ",\"type\":1000,");
	assert_has(&map_schema, SINK_STRICT, &record, ",\"type_id\":1000,");
	assert_has(&map_schema, SINK_TSV, &record, "\t1000\t");
	fill_all(&prog_schema, &record);
	record.prog.type = UINT32_MAX;
	assert_has(&prog_schema, SINK_PLAIN, &record, ": type 4294967295  name n  tag ");
	assert_has(&prog_schema, SINK_JSON, &record, ",\"type\":4294967295,");
	assert_has(&prog_schema, SINK_LINES, &record, ",\"type_id\":4294967295,");
}

static void the_strict_type_is_never_a_number(void **state)
{
	union record record;

	(void)state;
	fill_all(&map_schema, &record);
	record.map.type = 1000;
	autofree char *text = print(&map_schema, SINK_STRICT, &record);
	assert_null(strstr(text, "\"type\":1000"));
}

static void an_owner_of_unknown_type_is_shown_as_its_number(void **state)
{
	union record record;

	(void)state;
	fill_all(&map_schema, &record);
	record.map.owner_prog_type = 1000;
	assert_has(&map_schema, SINK_PLAIN, &record, "\towner_prog_type type 1000  owner jited\n");
	assert_has(&map_schema, SINK_JSON, &record, "\"owner_prog_type\":1000,");
}

static void the_strict_form_keeps_the_number_of_an_owner_of_unknown_type(void **state)
{
	union record record;

	(void)state;
	fill_all(&map_schema, &record);
	record.map.owner_prog_type = 1000;
	assert_has(&map_schema, SINK_STRICT, &record, "1000");
}

/* --- names of any bytes --- */

static void a_name_of_any_bytes_harms_no_form(void **state)
{
	union record record;

	(void)state;
	fill_all(&map_schema, &record);
	memcpy(record.map.name, "\033[2J\n\t\"\\\xff", 10);
	assert_has(&map_schema, SINK_PLAIN, &record, "name \\x1b[2J\\x0a\\x09\"\\\\xff  flags");
	assert_has(&map_schema, SINK_JSON, &record,
		   "\"name\":\"\\u001b[2J\\n\\t\\\"\\\\\xef\xbf\xbd\"");
	assert_has(&map_schema, SINK_TSV, &record, "\t\\x1b[2J\\x0a\\x09\"\\\\xff\t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_known_never_shows),
		cmocka_unit_test(what_is_known_always_shows),
		cmocka_unit_test(the_plain_layout_shows_all_that_bpftool_shows_and_no_more),
		cmocka_unit_test(statistics_of_a_program_that_never_ran_are_zeros_in_strict_alone),
		cmocka_unit_test(no_key_of_a_form_comes_twice),
		cmocka_unit_test(every_row_has_a_key_and_help),
		cmocka_unit_test(memory_above_4_gib_is_not_cut),
		cmocka_unit_test(sizes_and_counts_up_to_32_bits_are_unsigned),
		cmocka_unit_test(statistics_and_flags_are_printed_digit_for_digit),
		cmocka_unit_test(an_unknown_type_is_shown_as_its_number),
		cmocka_unit_test(the_strict_type_is_never_a_number),
		cmocka_unit_test(an_owner_of_unknown_type_is_shown_as_its_number),
		cmocka_unit_test(the_strict_form_keeps_the_number_of_an_owner_of_unknown_type),
		cmocka_unit_test(a_name_of_any_bytes_harms_no_form),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	metadata = (struct inspect_metadata){ .put = put_metadata, .plain = plain_metadata };
	no_metadata = metadata;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
