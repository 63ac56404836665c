/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * sections.c - what the kernel can do, as bpftool shows it: in plain text, JSON, or macros for C
 *
 * Sections come in a fixed order, which is also the order of the questions: an answer opens its section and closes those
 * before it. Helpers alone are collected, because each of the three forms groups them by the type of programs.
 */
#include "probe/sections.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/note.h"
#include "base/num.h"
#include "base/text.h"
#include "probe/config.h"
#include "probe/drop.h"

enum section {
	SECTION_NONE,
	SECTION_SYSTEM,
	SECTION_CALL,
	SECTION_PROG_TYPES,
	SECTION_MAP_TYPES,
	SECTION_HELPERS,
	SECTION_MISC,
	SECTION_END,
};

struct heading {
	const char *plain, *macros, *key;
};

static const struct heading headings[] = {
	[SECTION_SYSTEM] = { "Scanning system configuration...", "Misc kernel config items",
			     "system_config" },
	[SECTION_CALL] = { "Scanning system call availability...", "System call availability",
			   "syscall_config" },
	[SECTION_PROG_TYPES] = { "Scanning eBPF program types...", "eBPF program types",
				 "program_types" },
	[SECTION_MAP_TYPES] = { "Scanning eBPF map types...", "eBPF map types", "map_types" },
	[SECTION_HELPERS] = { "Scanning eBPF helper functions...", "eBPF helper functions",
			      "helpers" },
	[SECTION_MISC] = { "Scanning miscellaneous eBPF features...", "eBPF misc features",
			   "misc" },
};

static const enum section sections_of[INSPECT_FEATURE_KINDS] = {
	[INSPECT_FEATURE_SETTING] = SECTION_SYSTEM,
	[INSPECT_FEATURE_CONFIG] = SECTION_SYSTEM,
	[INSPECT_FEATURE_COMMAND] = SECTION_CALL,
	[INSPECT_FEATURE_PROG_TYPE] = SECTION_PROG_TYPES,
	[INSPECT_FEATURE_MAP_TYPE] = SECTION_MAP_TYPES,
	[INSPECT_FEATURE_HELPER] = SECTION_HELPERS,
	[INSPECT_FEATURE_MISC] = SECTION_MISC,
};

#define TYPES 64    /* of programs: more than there are names for */
#define HELPERS 256 /* the same */

enum sections_form {
	FORM_PLAIN,
	FORM_MACROS,
	FORM_JSON,
};

struct sections {
	struct sink *sink;
	struct out *out;
	enum sections_form form;
	const char *prefix; /* of macros */
	bool is_full;
	const char *dev;
	enum section at;
	bool has_no_call; /* bpf(2) is not there: no section behind that one */
	unsigned n_unsure;
	int config_code; /* why there is no configuration, or 0 */
	unsigned last_helper;
	bool is_type_told[TYPES];
	bool has_type[TYPES];
	bool has_helper[TYPES][HELPERS];
};

bool sections_lack_helpers(const char *type)
{
	return strcmp(type, "tracing") == 0 || strcmp(type, "struct_ops") == 0 ||
	       strcmp(type, "ext") == 0 || strcmp(type, "lsm") == 0;
}

/* Those by which the kernel writes to its log. */
static bool writes_to_log(const char *helper)
{
	return strcmp(helper, "trace_printk") == 0 || strcmp(helper, "trace_vprintk") == 0 ||
	       strcmp(helper, "probe_write_user") == 0;
}

static void put_upper(struct out *out, const char *text)
{
	for (; *text; text++)
		out_char(out, (char)toupper((unsigned char)*text));
}

/* "have_NAMEkind": of JSON. */
static void put_have_key(const struct sections *sections, const char *name, const char *tail,
			 bool has)
{
	char key[96];

	snprintf(key, sizeof(key), "have_%s%s", name, tail);
	sink_bool(sections->sink, key, has);
}

static void put_have_macro(const struct sections *sections, const char *name, const char *tail,
			   bool has)
{
	out_fmt(sections->out, "#define %s%sHAVE_", sections->prefix, has ? "" : "NO_");
	put_upper(sections->out, name);
	put_upper(sections->out, tail);
	out_char(sections->out, '\n');
}

/* A yes or no; @before and @name begin its sentence. */
static void put_have(const struct sections *sections, const char *before, const char *shown,
		     const char *name, const char *tail, bool has)
{
	switch (sections->form) {
	case FORM_PLAIN:
		out_fmt(sections->out, "%s%s is %savailable\n", before, shown, has ? "" : "NOT ");
		break;
	case FORM_MACROS:
		put_have_macro(sections, name, tail, has);
		break;
	case FORM_JSON:
		put_have_key(sections, name, tail, has);
		break;
	}
}

struct setting_words {
	const char *name; /* without what stands in front of the last dot */
	const char *by_value[3];
	const char *no_value, *other;
	const char *unit; /* behind the number */
};

static const struct setting_words setting_words[] = {
	{ "kernel.unprivileged_bpf_disabled",
	  { "bpf() syscall for unprivileged users is enabled",
	    "bpf() syscall restricted to privileged users (without recovery)",
	    "bpf() syscall restricted to privileged users (admin can change)" },
	  "Unable to retrieve required privileges for bpf() syscall",
	  "bpf() syscall restriction has unknown value ",
	  "" },
	{ "net.core.bpf_jit_enable",
	  { "JIT compiler is disabled", "JIT compiler is enabled",
	    "JIT compiler is enabled with debugging traces in kernel logs" },
	  "Unable to retrieve JIT-compiler status",
	  "JIT-compiler status has unknown value ",
	  "" },
	{ "net.core.bpf_jit_harden",
	  { "JIT compiler hardening is disabled",
	    "JIT compiler hardening is enabled for unprivileged users",
	    "JIT compiler hardening is enabled for all users" },
	  "Unable to retrieve JIT hardening status",
	  "JIT hardening status has unknown value ",
	  "" },
	{ "net.core.bpf_jit_kallsyms",
	  { "JIT compiler kallsyms exports are disabled",
	    "JIT compiler kallsyms exports are enabled for root", NULL },
	  "Unable to retrieve JIT kallsyms export status",
	  "JIT kallsyms exports status has unknown value ",
	  "" },
	{ "net.core.bpf_jit_limit",
	  { NULL, NULL, NULL },
	  "Unable to retrieve global memory limit for JIT compiler for unprivileged users",
	  "Global memory limit for JIT compiler for unprivileged users is ",
	  " bytes" },
};

#define N_SETTINGS (sizeof(setting_words) / sizeof(*setting_words))

/* -1 also for what is no number, as bpftool has it. */
static int64_t setting_number(const struct inspect_feature *feature)
{
	const char *text = feature->value;
	uint64_t value;

	if (feature->answer != INSPECT_YES || !text)
		return -1;
	bool is_negative = *text == '-';
	if (num_parse(text + is_negative, NUM_DECIMAL, INT64_MAX, &value))
		return -1;
	return is_negative ? -(int64_t)value : (int64_t)value;
}

static void put_setting(const struct sections *sections, const struct inspect_feature *feature)
{
	const struct setting_words *words = setting_words;
	int64_t value = setting_number(feature);

	while (strcmp(words->name, feature->name) != 0)
		if (++words == setting_words + N_SETTINGS)
			return;
	if (sections->form == FORM_JSON)
		sink_s64(sections->sink, strrchr(words->name, '.') + 1, value);
	else if (value == -1)
		out_fmt(sections->out, "%s\n", words->no_value);
	else if (value >= 0 && value < 3 && words->by_value[value])
		out_fmt(sections->out, "%s\n", words->by_value[value]);
	else
		out_fmt(sections->out, "%s%lld%s\n", words->other, (long long)value, words->unit);
}

static void put_option(struct sections *sections, const struct inspect_feature *feature)
{
	const char *value = feature->answer == INSPECT_YES ? feature->value : NULL;

	if (feature->answer == INSPECT_UNKNOWN) {
		sections->config_code = feature->code ? feature->code : ENOENT;
		return;
	}
	switch (sections->form) {
	case FORM_PLAIN:
		if (value)
			out_fmt(sections->out, "%s is set to %s\n", feature->name, value);
		else
			out_fmt(sections->out, "%s is not set\n", feature->name);
		break;
	case FORM_MACROS:
		if (value)
			out_fmt(sections->out, "#define %s%s %s\n", sections->prefix, feature->name,
				value);
		else
			out_fmt(sections->out, "/* %s%s is not set */\n", sections->prefix,
				feature->name);
		break;
	case FORM_JSON:
		if (value)
			sink_string(sections->sink, feature->name, value);
		else
			sink_absent(sections->sink, feature->name);
		break;
	}
}

/* The number of a name that the table has, looked for from @from on, or -1. */
static int find_number(enum names_set set, const char *name, unsigned from)
{
	for (unsigned i = from; names_find(set, i); i++)
		if (strcmp(names_find(set, i), name) == 0)
			return (int)i;
	return from ? find_number(set, name, 0) : -1;
}

static bool put_prog_type(struct sections *sections, const struct inspect_feature *feature)
{
	int type = find_number(NAMES_PROG_TYPE, feature->name, 0);
	bool has = feature->answer == INSPECT_YES;

	if (type < 0 || type >= TYPES)
		return false;
	sections->is_type_told[type] = true;
	sections->has_type[type] = has;
	put_have(sections, "eBPF program_type ", feature->name, feature->name, "_prog_type", has);
	return true;
}

static bool put_map_type(struct sections *sections, const struct inspect_feature *feature)
{
	if (find_number(NAMES_MAP_TYPE, feature->name, 0) < 0)
		return false;
	put_have(sections, "eBPF map_type ", feature->name, feature->name, "_map_type",
		 feature->answer == INSPECT_YES);
	return true;
}

static bool keep_helper(struct sections *sections, const struct inspect_feature *feature)
{
	bool has_prefix = text_has_prefix(feature->name, "bpf_");
	const char *name = feature->name + (has_prefix ? 4 : 0);

	if (!feature->of || sections_lack_helpers(feature->of) ||
	    (writes_to_log(name) && !sections->is_full))
		return false;
	int type = find_number(NAMES_PROG_TYPE, feature->of, 0);
	/* They come in their order: the next one is right behind the last. */
	int helper = find_number(NAMES_HELPER, name, sections->last_helper + 1);
	if (type < 0 || type >= TYPES || helper < 0 || helper >= HELPERS)
		return false;
	sections->last_helper = (unsigned)helper;
	sections->has_helper[type][helper] = feature->answer == INSPECT_YES;
	return true;
}

struct misc_words {
	const char *name, *shown;
};

static const struct misc_words misc_words[] = {
	{ "large_insn_limit", "Large program size limit" },
	{ "bounded_loops", "Bounded loop support" },
	{ "v2_isa_extension", "ISA extension v2" },
	{ "v3_isa_extension", "ISA extension v3" },
	{ "v4_isa_extension", "ISA extension v4" },
};

#define N_MISC (sizeof(misc_words) / sizeof(*misc_words))

static bool put_misc(struct sections *sections, const struct inspect_feature *feature)
{
	for (size_t i = 0; i < N_MISC; i++)
		if (strcmp(misc_words[i].name, feature->name) == 0) {
			put_have(sections, "", misc_words[i].shown, feature->name, "",
				 feature->answer == INSPECT_YES);
			return true;
		}
	return false;
}

static bool is_shown_helper(const struct sections *sections, unsigned helper)
{
	return sections->is_full || !writes_to_log(names_find(NAMES_HELPER, helper));
}

static bool has_any_helper(const struct sections *sections, unsigned type)
{
	for (unsigned i = 0; i < HELPERS; i++)
		if (sections->has_helper[type][i])
			return true;
	return false;
}

static void put_helpers_plain(const struct sections *sections, unsigned type)
{
	out_fmt(sections->out, "eBPF helpers supported for program type %s:\n",
		names_find(NAMES_PROG_TYPE, type));
	if (!sections->has_type[type])
		out_literal(sections->out, "\tProgram type not supported\n");
	else if (!has_any_helper(sections, type))
		out_literal(sections->out, "\tCould not determine which helpers are available\n");
	for (unsigned i = 1; names_find(NAMES_HELPER, i) && i < HELPERS; i++)
		out_if(sections->out, sections->has_helper[type][i], "\t- bpf_%s\n",
		       names_find(NAMES_HELPER, i));
}

static void put_helpers_macros(const struct sections *sections, unsigned type)
{
	for (unsigned i = 1; names_find(NAMES_HELPER, i) && i < HELPERS; i++)
		out_if(sections->out, is_shown_helper(sections, i),
		       "#define %sBPF__PROG_TYPE_%s__HELPER_bpf_%s %u\n", sections->prefix,
		       names_find(NAMES_PROG_TYPE, type), names_find(NAMES_HELPER, i),
		       (unsigned)sections->has_helper[type][i]);
}

static void put_helpers_json(const struct sections *sections, unsigned type)
{
	char key[96];

	snprintf(key, sizeof(key), "%s_available_helpers", names_find(NAMES_PROG_TYPE, type));
	sink_open_list(sections->sink, key);
	for (unsigned i = 1; names_find(NAMES_HELPER, i) && i < HELPERS; i++) {
		if (!sections->has_helper[type][i])
			continue;
		snprintf(key, sizeof(key), "bpf_%s", names_find(NAMES_HELPER, i));
		sink_string(sections->sink, NULL, key);
	}
	sink_close(sections->sink);
}

static void put_helpers(const struct sections *sections)
{
	for (unsigned type = 1; type < TYPES && names_find(NAMES_PROG_TYPE, type); type++) {
		if (!sections->is_type_told[type])
			continue;
		switch (sections->form) {
		case FORM_PLAIN:
			put_helpers_plain(sections, type);
			break;
		case FORM_MACROS:
			put_helpers_macros(sections, type);
			break;
		case FORM_JSON:
			put_helpers_json(sections, type);
			break;
		}
	}
}

/* Word for word what programs were written against. */
static void put_helper_macro(const struct sections *sections)
{
	const char *prefix = sections->prefix;

	out_fmt(sections->out,
		"/*\n"
		" * Use %sHAVE_PROG_TYPE_HELPER(prog_type_name, helper_name)\n"
		" * to determine if <helper_name> is available for <prog_type_name>,\n"
		" * e.g.\n"
		" *\t#if %sHAVE_PROG_TYPE_HELPER(xdp, bpf_redirect)\n"
		" *\t\t// do stuff with this helper\n"
		" *\t#elif\n"
		" *\t\t// use a workaround\n"
		" *\t#endif\n"
		" */\n",
		prefix, prefix);
	out_fmt(sections->out,
		"#define %sHAVE_PROG_TYPE_HELPER(prog_type, helper)\t\\\n"
		"\t%sBPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper\n",
		prefix, prefix);
}

static void end_section(const struct sections *sections)
{
	if (sections->at == SECTION_HELPERS)
		put_helpers(sections);
	if (sections->form == FORM_JSON)
		sink_close(sections->sink);
	else
		out_char(sections->out, '\n');
}

static void begin_section(const struct sections *sections)
{
	const struct heading *heading = &headings[sections->at];

	switch (sections->form) {
	case FORM_PLAIN:
		out_fmt(sections->out, "%s\n", heading->plain);
		break;
	case FORM_MACROS:
		out_fmt(sections->out, "/*** %s ***/\n", heading->macros);
		if (sections->at == SECTION_HELPERS)
			put_helper_macro(sections);
		break;
	case FORM_JSON:
		sink_open_record(sections->sink, heading->key);
		break;
	}
}

/* Those in between have nothing in them, and are there all the same. */
static void go_to(struct sections *sections, enum section to)
{
	while (sections->at < to) {
		if (sections->at != SECTION_NONE)
			end_section(sections);
		sections->at++;
		if (sections->at == SECTION_SYSTEM && sections->dev)
			sections->at++;
		if (sections->at < SECTION_END)
			begin_section(sections);
	}
}

static void put_call(struct sections *sections, const struct inspect_feature *feature)
{
	/* A filter may say so, too. */
	sections->has_no_call = feature->answer == INSPECT_NO || feature->code == ENOSYS;
	put_have(sections, "", "bpf() syscall", "bpf_syscall", "", feature->answer == INSPECT_YES);
}

/* Is it shown as a yes or no? */
static bool put_answer(struct sections *sections, const struct inspect_feature *feature)
{
	switch (sections->at) {
	case SECTION_SYSTEM:
		if (feature->kind == INSPECT_FEATURE_SETTING)
			put_setting(sections, feature);
		else
			put_option(sections, feature);
		return false;
	case SECTION_CALL:
		put_call(sections, feature);
		return true;
	case SECTION_PROG_TYPES:
		return put_prog_type(sections, feature);
	case SECTION_MAP_TYPES:
		return put_map_type(sections, feature);
	case SECTION_HELPERS:
		return keep_helper(sections, feature);
	case SECTION_MISC:
		return put_misc(sections, feature);
	case SECTION_NONE:
	case SECTION_END:
		break;
	}
	return false;
}

static int take(void *context, const struct inspect_feature *feature)
{
	struct sections *sections = context;

	go_to(sections, sections_of[feature->kind]);
	if (put_answer(sections, feature) && feature->answer != INSPECT_YES &&
	    feature->answer != INSPECT_NO)
		sections->n_unsure++;
	return sections->has_no_call || sink_error(sections->sink);
}

#define QUESTIONS (N_SETTINGS + CONFIG_FIRST + 4 + N_MISC)

/* Only what is shown is asked: other limits of the verifier take more time than all the rest. */
static size_t write_questions(const struct sections *sections, struct inspect_question *questions)
{
	static const enum inspect_feature_kind kinds[] = {
		INSPECT_FEATURE_PROG_TYPE,
		INSPECT_FEATURE_MAP_TYPE,
		INSPECT_FEATURE_HELPER,
	};
	bool has_options = !sections->dev, is_macros = sections->form == FORM_MACROS;
	size_t n = 0;

	for (size_t i = 0; has_options && !is_macros && i < N_SETTINGS; i++)
		questions[n++] = (struct inspect_question){ .kind = INSPECT_FEATURE_SETTING,
							    .name = setting_words[i].name };
	for (size_t i = is_macros ? CONFIG_FIRST - 1 : 0; has_options && i < CONFIG_FIRST; i++)
		questions[n++] = (struct inspect_question){ .kind = INSPECT_FEATURE_CONFIG,
							    .name = config_names[i] };
	questions[n++] =
		(struct inspect_question){ .kind = INSPECT_FEATURE_COMMAND, .name = "bpf" };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		questions[n++] = (struct inspect_question){ .kind = kinds[i] };
	for (size_t i = 0; i < N_MISC; i++)
		questions[n++] = (struct inspect_question){ .kind = INSPECT_FEATURE_MISC,
							    .name = misc_words[i].name };
	return n;
}

static void tell_notes(const struct sections *sections, const struct inspect_note *note)
{
	char room[128];

	if (sections->config_code)
		note_tell(note, "skipping kernel config, can't open file: %s",
			  error_text(sections->config_code, room, sizeof(room)));
	if (sections->n_unsure)
		note_tell(note,
			  "%u %s \"not permitted\" or \"unknown\", and shown as not available; "
			  "-o json says which, and why",
			  sections->n_unsure,
			  sections->n_unsure == 1 ? "answer is" : "answers are");
}

static int check_rights(const struct print_probe *how, struct inspect_error *err)
{
	char missing[64];

	if (how->probe.is_unprivileged || !drop_missing(missing, sizeof(missing)))
		return 0;
	inspect_fail(err, ERROR_IN_WORDS,
		     "missing %s, required for full feature probing; run as root or use "
		     "'unprivileged'",
		     missing);
	return inspect_hint(err, "-o json and questions answer what may be asked");
}

int sections_print(struct inspect *inspect, struct sink *sink, const struct print_probe *how,
		   const struct inspect_note *note, struct inspect_error *err)
{
	struct inspect_question questions[QUESTIONS];
	struct inspect_probe probe = how->probe;

	int r = check_rights(how, err);
	if (r < 0)
		return r;
	autofree struct sections *sections = calloc(1, sizeof(*sections));
	if (!sections)
		return inspect_fail(err, ENOMEM, "features");
	*sections = (struct sections){
		.sink = sink,
		.out = sink->out,
		.form = sink->form == SINK_JSON ? FORM_JSON
			: how->is_macros	? FORM_MACROS
						: FORM_PLAIN,
		.prefix = how->prefix ? how->prefix : "",
		.is_full = probe.is_full,
		.dev = probe.dev,
	};
	probe.questions = questions;
	probe.n_questions = write_questions(sections, questions);
	if (sections->form == FORM_JSON)
		sink_open_record(sink, NULL);
	r = inspect_features_each(inspect, &probe, take, sections, err);
	if (r < 0)
		return r;
	if (sections->has_no_call)
		end_section(sections);
	else
		go_to(sections, SECTION_END);
	if (sections->form == FORM_JSON)
		sink_close(sink);
	tell_notes(sections, note);
	return 0;
}
