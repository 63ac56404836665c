/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_attach.c - hooks and their words, names that are near or fit, places in programs
 *
 * The ELF file is made here, in this machine's own class and order of bytes.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attach/hook.h"
#include "attach/names.h"
#include "base/cleanup.h"
#include "elf/binary.h"
#include "records/place.h"

/* --- words --- */

#define PARSE(job, error, ...) parse_words(job, error, (const char *const[]){ __VA_ARGS__, NULL })

static int parse_words(struct attach_job *job, struct inspect_error *err, const char *const *words)
{
	struct inspect_words given = { words, 0 };

	while (words[given.n])
		given.n++;
	*job = (struct attach_job){ .prog = { .fd = -1 } };
	*err = (struct inspect_error){ 0 };
	return hook_parse(&given, job, err);
}

static void every_hook_is_complete_and_has_a_name_of_its_own(void **state)
{
	(void)state;
	const struct hook *hook;

	for (size_t i = 0; (hook = hook_at(i)); i++) {
		assert_ptr_equal(hook_find(hook->name), hook);
		assert_non_null(hook->attach);
		assert_non_null(hook->help);
		assert_non_null(hook->since);
		assert_true(hook->least <= hook->most);
		assert_int_equal(hook->most > 0, hook->target != NULL);
		assert_int_not_equal(hook->prog_types[0], 0);
	}
}

static void a_hook_takes_its_target_and_then_words_with_their_values(void **state)
{
	struct attach_job job;
	struct inspect_error err;

	(void)state;
	assert_int_equal(PARSE(&job, &err, "kprobe", "f+4", "cookie", "0x10", "pin", "/a/b"), 0);
	assert_string_equal(job.hook->name, "kprobe");
	assert_int_equal(job.targets.n, 1);
	assert_string_equal(job.targets.words[0], "f+4");
	assert_int_equal(job.values[HOOK_COOKIE].number, 16);
	assert_string_equal(job.values[HOOK_PIN].text, "/a/b");
	assert_false(job.values[HOOK_PID].is_there);
}

static void words_may_be_shortened_behind_a_target_that_is_complete(void **state)
{
	struct attach_job job;
	struct inspect_error err;

	(void)state;
	assert_int_equal(PARSE(&job, &err, "kprobe", "f", "coo", "1"), 0);
	assert_true(job.values[HOOK_COOKIE].is_there);
	assert_int_equal(PARSE(&job, &err, "kprobe_multi", "f", "coo", "cookie", "1"), 0);
	assert_int_equal(job.targets.n, 2);
}

static void a_target_that_is_needed_may_be_a_word_of_the_hook(void **state)
{
	struct attach_job job;
	struct inspect_error err;

	(void)state;
	assert_int_equal(PARSE(&job, &err, "kprobe", "pin", "pin", "/x"), 0);
	assert_string_equal(job.targets.words[0], "pin");
	assert_string_equal(job.values[HOOK_PIN].text, "/x");
}

static void a_map_takes_as_many_words_as_its_reference(void **state)
{
	struct attach_job job;
	struct inspect_error err;

	(void)state;
	assert_int_equal(PARSE(&job, &err, "iter", "map", "name", "m", "pin", "/x"), 0);
	assert_int_equal(job.values[HOOK_MAP].ref.by, INSPECT_BY_NAME);
	assert_int_equal(PARSE(&job, &err, "iter", "map", "7", "pin", "/x"), 0);
	assert_int_equal(job.values[HOOK_MAP].ref.id, 7);
	assert_true(job.values[HOOK_PIN].is_there);
}

static void words_that_do_not_fit_are_usage_errors(void **state)
{
	struct attach_job job;
	struct inspect_error err;

	(void)state;
	assert_int_equal(PARSE(&job, &err, ""), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(&job, &err, "kprobe"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(&job, &err, "kprobe", ""), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(&job, &err, "kprobe", "f", "cookie"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(&job, &err, "kprobe", "f", "cookie", "-1"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(&job, &err, "kprobe", "f", "pid", "1"), -INSPECT_EUSAGE);
	assert_string_equal(err.hint, "'pid' does not go with kprobe");
	assert_int_equal(PARSE(&job, &err, "fentry", "f"), -INSPECT_EUSAGE);
	assert_int_equal(PARSE(&job, &err, "uprob", "f"), -INSPECT_EUSAGE);
	assert_string_equal(err.hint, "did you mean 'uprobe'?");
}

/* --- names --- */

static void the_nearest_name_is_found_beside_those_that_fit(void **state)
{
	static const char *const names[] = { "vfs_read", "vfs_write", "vfs_reads", "vfs_read" };
	struct name_search search;

	(void)state;
	name_search_begin(&search, "vfs_read");
	for (size_t i = 0; i < 4; i++)
		name_search_try(&search, names[i]);
	assert_int_equal(search.n_found, 2);
	name_search_begin(&search, "vfs_raed");
	for (size_t i = 0; i < 4; i++)
		name_search_try(&search, names[i]);
	assert_int_equal(search.n_found, 0);
	assert_string_equal(search.nearest, "vfs_read");
	name_search_begin(&search, "tcp_connect");
	name_search_try(&search, names[0]);
	assert_string_equal(search.nearest, "");
}

static void a_short_name_is_near_to_few(void **state)
{
	static const char *const far[][2] = { { "foo", "xdp" }, { "jset", "jlt" }, { "a", "wq" } };
	static const char *const near[][2] = { { "xpd", "xdp" },
					       { "tc", "tcx" },
					       { "arrai", "array" } };
	struct name_search search;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		name_search_begin(&search, far[i][0]);
		name_search_try(&search, far[i][1]);
		assert_string_equal(search.nearest, "");
		name_search_begin(&search, near[i][0]);
		name_search_try(&search, near[i][1]);
		assert_string_equal(search.nearest, near[i][1]);
	}
}

static void a_part_of_a_name_is_whole_words(void **state)
{
	(void)state;
	assert_true(name_has_part("trace_fentry", "fentry"));
	assert_true(name_has_part("map_lookup_batch", "lookup"));
	assert_true(name_has_part("xdp", "xdp"));
	assert_false(name_has_part("xdp_devmap", "dev"));
	assert_true(name_has_part("devmap_dev", "dev"));
	assert_false(name_has_part("xdp", ""));
}

static void a_list_has_each_name_once(void **state)
{
	AUTO(name_list_done) struct name_list list = { 0 };

	(void)state;
	for (int i = 0; i < 300; i++)
		assert_int_equal(name_list_add(&list, i % 2 ? "b" : "a"), 0);
	name_list_sort(&list);
	assert_int_equal(list.n, 2);
	assert_true(name_list_has(&list, "b"));
	assert_false(name_list_has(&list, "c"));
}

/* --- places --- */

static void assert_place(const char *text, bool is_mark, const char *path, const char *provider,
			 const char *name, uint64_t offset)
{
	AUTO(place_words_done) struct place_words words = { 0 };

	assert_int_equal(place_parse(text, is_mark, &words, NULL), 0);
	assert_string_equal(words.path, path);
	assert_int_equal(words.offset, offset);
	assert_int_equal(words.name != NULL, name != NULL);
	if (name)
		assert_string_equal(words.name, name);
	assert_int_equal(words.provider != NULL, provider != NULL);
	if (provider)
		assert_string_equal(words.provider, provider);
}

static void a_place_is_taken_apart_from_its_end(void **state)
{
	(void)state;
	assert_place("/a:b/c:f", false, "/a:b/c", NULL, "f", 0);
	assert_place("/a:f+0x10", false, "/a", NULL, "f", 16);
	assert_place("/a:0x10", false, "/a", NULL, NULL, 16);
	assert_place("/a:p:n", true, "/a", "p", "n", 0);
}

static void a_place_that_lacks_a_part_is_a_usage_error(void **state)
{
	static const char *const wrong[] = {
		"", ":", "/a", "/a:", ":f", "/a:f+", "/a:f+x", "/a:+4"
	};
	AUTO(place_words_done) struct place_words words = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(place_parse(wrong[i], false, &words, NULL), -INSPECT_EUSAGE);
	assert_int_equal(place_parse("/a:n", true, &words, NULL), -INSPECT_EUSAGE);
	assert_int_equal(place_parse(":p:n", true, &words, NULL), -INSPECT_EUSAGE);
}

/* --- a program --- */

enum { NOTHING, CODE, SYMBOLS, NAMES, NOTES, GUARDS, BASE, TEXTS, SECTIONS };

struct note {
	Elf64_Nhdr head;
	char owner[8];
	uint64_t at, base, semaphore;
	char texts[24];
} __attribute__((packed)); /* the numbers begin at byte 20 */

struct binary {
	Elf64_Ehdr header;
	Elf64_Shdr sections[SECTIONS];
	unsigned char code[64];
	Elf64_Sym symbols[4];
	char names[32];
	struct note notes[2];
	uint16_t guards[4];
	char base[4];
	char texts[64];
};

#define CODE_AT 0x401000
#define GUARDS_AT 0x403000

static const char section_names[] =
	"\0.text\0.symtab\0.strtab\0.note.stapsdt\0.probes\0.stapsdt.base";

static void set_section(struct binary *file, size_t index, const char *name, uint32_t type,
			uint64_t address, const void *content, size_t size)
{
	const char *at = memmem(section_names, sizeof(section_names), name, strlen(name) + 1);

	file->sections[index] = (Elf64_Shdr){
		.sh_name = at ? (uint32_t)(at - section_names) : 0,
		.sh_type = type,
		.sh_flags = address ? SHF_ALLOC : 0,
		.sh_addr = address,
		.sh_offset = (uint64_t)((const char *)content - (const char *)file),
		.sh_size = size,
	};
}

static Elf64_Sym symbol(uint32_t name, unsigned type, unsigned bind, uint64_t value)
{
	return (Elf64_Sym){
		.st_name = name,
		.st_info = ELF64_ST_INFO(bind, type),
		.st_shndx = CODE,
		.st_value = value,
		.st_size = 8,
	};
}

static struct note note(uint64_t at, uint64_t semaphore)
{
	struct note made = {
		.head = { 8, 24 + 24, 3 },
		.owner = "stapsdt",
		.at = at,
		.base = 0x500000,
		.semaphore = semaphore,
		.texts = "prov\0mark\0-4@%eax",
	};

	return made;
}

/* Its addresses were moved by 16 after the notes were made. */
static struct binary *make_binary(void)
{
	static const char names[] = "\0alpha\0beta@@V_1\0gamma";
	struct binary *file = calloc(1, sizeof(*file));

	assert_non_null(file);
	memcpy(file->header.e_ident, ELFMAG, SELFMAG);
	file->header.e_ident[EI_CLASS] = ELFCLASS64;
	file->header.e_ident[EI_DATA] = ELFDATA2LSB;
	file->header.e_ident[EI_VERSION] = EV_CURRENT;
	file->header.e_type = ET_DYN;
	file->header.e_version = EV_CURRENT;
	file->header.e_ehsize = sizeof(file->header);
	file->header.e_shoff = offsetof(struct binary, sections);
	file->header.e_shentsize = sizeof(Elf64_Shdr);
	file->header.e_shnum = SECTIONS;
	file->header.e_shstrndx = TEXTS;
	memcpy(file->names, names, sizeof(names));
	memcpy(file->texts, section_names, sizeof(section_names));
	file->symbols[1] = symbol(1, STT_FUNC, STB_GLOBAL, CODE_AT + 8);
	file->symbols[2] = symbol(7, STT_FUNC, STB_LOCAL, CODE_AT + 16);
	file->symbols[3] = symbol(16, STT_OBJECT, STB_GLOBAL, CODE_AT + 24);
	file->notes[0] = note(CODE_AT, 0);
	file->notes[1] = note(CODE_AT + 16, GUARDS_AT - 16 + 2);
	set_section(file, CODE, ".text", SHT_PROGBITS, CODE_AT, file->code, sizeof(file->code));
	set_section(file, SYMBOLS, ".symtab", SHT_SYMTAB, 0, file->symbols, sizeof(file->symbols));
	file->sections[SYMBOLS].sh_link = NAMES;
	file->sections[SYMBOLS].sh_entsize = sizeof(Elf64_Sym);
	set_section(file, NAMES, ".strtab", SHT_STRTAB, 0, file->names, sizeof(file->names));
	set_section(file, NOTES, ".note.stapsdt", SHT_NOTE, 0, file->notes, sizeof(file->notes));
	set_section(file, GUARDS, ".probes", SHT_PROGBITS, GUARDS_AT, file->guards,
		    sizeof(file->guards));
	set_section(file, BASE, ".stapsdt.base", SHT_PROGBITS, 0x500010, file->base, 1);
	set_section(file, TEXTS, ".strtab", SHT_STRTAB, 0, file->texts, sizeof(file->texts));
	return file;
}

struct found {
	size_t n;
	struct elf_function functions[8];
	char names[8][16];
	struct elf_mark marks[8];
};

static int keep_function(void *context, const struct elf_function *function)
{
	struct found *found = context;

	found->functions[found->n] = *function;
	strncpy(found->names[found->n++], function->name, 15);
	return 0;
}

static int keep_mark(void *context, const struct elf_mark *mark)
{
	struct found *found = context;

	found->marks[found->n++] = *mark;
	return 0;
}

#define WITH_BINARY                                                                                \
	autofree struct binary *file = make_binary();                                              \
	AUTO(elf_image_close) struct elf_image image = { 0 };                                      \
	struct found found = { 0 };                                                                \
	(void)state;                                                                               \
	assert_int_equal(elf_image_open(&image, file, sizeof(*file), NULL), 0)

static void functions_are_told_by_their_place_in_the_file(void **state)
{
	WITH_BINARY;
	assert_int_equal(elf_functions_each(&image, keep_function, &found, NULL), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.names[0], "alpha");
	assert_int_equal(found.functions[0].offset, offsetof(struct binary, code) + 8);
	assert_false(found.functions[0].is_local);
	assert_string_equal(found.names[1], "beta");
	assert_int_equal(found.functions[1].offset, offsetof(struct binary, code) + 16);
	assert_true(found.functions[1].is_local);
}

static void a_symbol_that_lies_nowhere_is_passed_over(void **state)
{
	WITH_BINARY;
	file->symbols[1].st_value = 0x900000;
	file->symbols[2].st_name = 4000;
	assert_int_equal(elf_functions_each(&image, keep_function, &found, NULL), 0);
	assert_int_equal(found.n, 0);
}

static void symbols_whose_names_are_in_no_section_are_an_error(void **state)
{
	WITH_BINARY;
	file->sections[SYMBOLS].sh_link = 77;
	assert_int_equal(elf_functions_each(&image, keep_function, &found, NULL), -EINVAL);
}

static void marks_are_told_with_counter_and_arguments_where_they_were_moved_to(void **state)
{
	WITH_BINARY;
	assert_int_equal(elf_marks_each(&image, keep_mark, &found, NULL), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.marks[0].provider, "prov");
	assert_string_equal(found.marks[0].name, "mark");
	assert_string_equal(found.marks[0].arguments, "-4@%eax");
	assert_int_equal(found.marks[0].offset, offsetof(struct binary, code) + 16);
	assert_int_equal(found.marks[0].semaphore, 0);
	assert_int_equal(found.marks[1].offset, offsetof(struct binary, code) + 32);
	assert_int_equal(found.marks[1].semaphore, offsetof(struct binary, guards) + 2);
}

static void a_note_that_is_longer_than_its_section_is_an_error(void **state)
{
	WITH_BINARY;
	file->notes[1].head.n_descsz = 0xfffffff0;
	assert_int_equal(elf_marks_each(&image, keep_mark, &found, NULL), -EINVAL);
}

static void a_mark_without_an_end_of_its_texts_is_passed_over(void **state)
{
	WITH_BINARY;
	memset(file->notes[0].texts, 'x', sizeof(file->notes[0].texts));
	file->notes[1].head.n_namesz = 4;
	file->notes[1].head.n_descsz = 52;
	assert_int_equal(elf_marks_each(&image, keep_mark, &found, NULL), 0);
	assert_int_equal(found.n, 0);
}

static void a_file_of_another_order_of_bytes_is_refused(void **state)
{
	WITH_BINARY;
	image.is_big = true;
	assert_int_equal(elf_functions_each(&image, keep_function, &found, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hook_is_complete_and_has_a_name_of_its_own),
		cmocka_unit_test(a_hook_takes_its_target_and_then_words_with_their_values),
		cmocka_unit_test(words_may_be_shortened_behind_a_target_that_is_complete),
		cmocka_unit_test(a_target_that_is_needed_may_be_a_word_of_the_hook),
		cmocka_unit_test(a_map_takes_as_many_words_as_its_reference),
		cmocka_unit_test(words_that_do_not_fit_are_usage_errors),
		cmocka_unit_test(the_nearest_name_is_found_beside_those_that_fit),
		cmocka_unit_test(a_short_name_is_near_to_few),
		cmocka_unit_test(a_part_of_a_name_is_whole_words),
		cmocka_unit_test(a_list_has_each_name_once),
		cmocka_unit_test(a_place_is_taken_apart_from_its_end),
		cmocka_unit_test(a_place_that_lacks_a_part_is_a_usage_error),
		cmocka_unit_test(functions_are_told_by_their_place_in_the_file),
		cmocka_unit_test(a_symbol_that_lies_nowhere_is_passed_over),
		cmocka_unit_test(symbols_whose_names_are_in_no_section_are_an_error),
		cmocka_unit_test(
			marks_are_told_with_counter_and_arguments_where_they_were_moved_to),
		cmocka_unit_test(a_note_that_is_longer_than_its_section_is_an_error),
		cmocka_unit_test(a_mark_without_an_end_of_its_texts_is_passed_over),
		cmocka_unit_test(a_file_of_another_order_of_bytes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
