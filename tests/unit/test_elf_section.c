/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_elf_section.c - one section of an ELF file, from any bytes; and files with BTF, ELF or raw
 *
 * The ELF files are made here byte by byte, in both classes and byte orders, and lie in memory of
 * exactly their size.
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
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "btf_maker.h"
#include "elf/section.h"

/* --- a maker of ELF files --- */

struct piece {
	const char *name;
	uint32_t type;
	uint64_t flags;
	const void *bytes;
	size_t size;
};

/* Where a file's parts are; zeroed, it is 64-bit and of the lower byte first. */
struct made {
	bool is_32;
	bool is_big;
	unsigned char *image;
	size_t size;
	size_t names; /* of its sections */
	size_t headers;
};

static void made_done(struct made *made)
{
	free(made->image);
	*made = (struct made){ 0 };
}

#define AUTO_MADE AUTO(made_done) struct made

static void add(struct buf *out, const struct made *made, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		buf_add_char(out, (char)(value >> 8 * (made->is_big ? width - 1 - i : i)));
}

/* An address, offset or size, or a word: as wide as the class says. */
static void add_wide(struct buf *out, const struct made *made, uint64_t value)
{
	add(out, made, value, made->is_32 ? 4 : 8);
}

static void add_section_header(struct buf *out, const struct made *made, const struct piece *piece,
			       size_t name, size_t offset)
{
	add(out, made, name, 4);
	add(out, made, piece->type, 4);
	add_wide(out, made, piece->flags);
	add_wide(out, made, 0);
	add_wide(out, made, offset);
	add_wide(out, made, piece->size);
	add(out, made, 0, 4);
	add(out, made, 0, 4);
	add_wide(out, made, 1);
	add_wide(out, made, 0);
}

static void add_header(struct buf *out, const struct made *made, size_t n, size_t names_index)
{
	const unsigned char ident[EI_NIDENT] = {
		0x7f,
		'E',
		'L',
		'F',
		made->is_32 ? ELFCLASS32 : ELFCLASS64,
		made->is_big ? ELFDATA2MSB : ELFDATA2LSB,
		EV_CURRENT,
	};

	buf_add(out, ident, sizeof(ident));
	add(out, made, ET_REL, 2);
	add(out, made, EM_BPF, 2);
	add(out, made, EV_CURRENT, 4);
	add_wide(out, made, 0);
	add_wide(out, made, 0);
	add_wide(out, made, made->headers);
	add(out, made, 0, 4);
	add(out, made, made->is_32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr), 2);
	add(out, made, 0, 2);
	add(out, made, 0, 2);
	add(out, made, made->is_32 ? sizeof(Elf32_Shdr) : sizeof(Elf64_Shdr), 2);
	add(out, made, n, 2);
	add(out, made, names_index, 2);
}

/* Header, contents, names, section headers; section 0 comes first, the names' last. */
static void make_elf(struct made *made, const struct piece *pieces, size_t n)
{
	size_t at = made->is_32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr), name = 1;
	struct buf body = { 0 }, names = { 0 }, headers = { 0 }, all = { 0 };
	const struct piece none = { 0 };

	buf_add_char(&names, '\0');
	add_section_header(&headers, made, &none, 0, 0);
	for (size_t i = 0; i < n; i++) {
		add_section_header(&headers, made, &pieces[i], name, at + body.size);
		buf_add(&names, pieces[i].name, strlen(pieces[i].name) + 1);
		name = names.size;
		if (pieces[i].type != SHT_NOBITS)
			buf_add(&body, pieces[i].bytes, pieces[i].size);
	}
	buf_add(&names, ".shstrtab", 10);

	const struct piece last = { .type = SHT_STRTAB, .size = names.size };
	made->names = at + body.size;
	made->headers = made->names + names.size;
	add_section_header(&headers, made, &last, name, made->names);
	add_header(&all, made, n + 2, n + 1);
	buf_add(&all, body.bytes, body.size);
	buf_add(&all, names.bytes, names.size);
	buf_add(&all, headers.bytes, headers.size);

	free(made->image);
	made->size = all.size;
	made->image = malloc(all.size);
	assert_non_null(made->image);
	assert_false(buf_failed(&all));
	memcpy(made->image, all.bytes, all.size);
	buf_done(&body);
	buf_done(&names);
	buf_done(&headers);
	buf_done(&all);
}

#define MAKE(made, ...)                                                                            \
	do {                                                                                       \
		const struct piece pieces_[] = { __VA_ARGS__ };                                    \
		make_elf(made, pieces_, sizeof(pieces_) / sizeof(pieces_[0]));                     \
	} while (0)

#define PLAIN(name, text)                                                                          \
	{                                                                                          \
		name, SHT_PROGBITS, 0, text, sizeof(text) - 1                                      \
	}

/* Section @index's header, of a 64-bit file of this machine's order. */
static Elf64_Shdr get_header(const struct made *made, size_t index)
{
	Elf64_Shdr header;

	memcpy(&header, made->image + made->headers + index * sizeof(header), sizeof(header));
	return header;
}

static void set_header(struct made *made, size_t index, const Elf64_Shdr *header)
{
	memcpy(made->image + made->headers + index * sizeof(*header), header, sizeof(*header));
}

/* What a compressed section holds. */
static void pack(struct buf *out, const struct made *made, uint32_t type, uint64_t length,
		 const void *bytes, size_t size)
{
	uLongf packed_size = compressBound(size);
	unsigned char *packed = malloc(packed_size);

	assert_int_equal(compress(packed, &packed_size, bytes, size), Z_OK);
	add(out, made, type, 4);
	if (!made->is_32)
		add(out, made, 0, 4);
	add_wide(out, made, length);
	add_wide(out, made, 1);
	buf_add(out, packed, packed_size);
	free(packed);
}

static void make_packed(struct made *made, uint32_t type, uint64_t length, const void *bytes,
			size_t size)
{
	AUTO(buf_done) struct buf packed = { 0 };

	pack(&packed, made, type, length, bytes, size);
	MAKE(made, { ".BTF", SHT_PROGBITS, SHF_COMPRESSED, packed.bytes, packed.size });
}

/* --- what is asked of them --- */

static void assert_found(const struct made *made, const void *bytes, size_t size)
{
	AUTO(elf_section_done) struct elf_section section = { 0 };
	struct inspect_error err = { 0 };

	if (elf_section_find(made->image, made->size, ".BTF", &section, &err) != 1)
		fail_msg("not found: %s", err.what);
	assert_int_equal(section.size, size);
	assert_memory_equal(section.bytes, bytes, size);
}

static void assert_fails(const struct made *made, int code, const char *words)
{
	struct elf_section section = { 0 };
	struct inspect_error err = { 0 };

	assert_int_equal(elf_section_find(made->image, made->size, ".BTF", &section, &err), -code);
	assert_int_equal(elf_section_find(made->image, made->size, ".BTF", &section, NULL), -code);
	if (!strstr(err.what, words))
		fail_msg("\"%s\" does not say \"%s\"", err.what, words);
	assert_null(section.bytes);
}

static void assert_not_there(const struct made *made)
{
	struct elf_section section = { 0 };

	assert_int_equal(elf_section_find(made->image, made->size, ".BTF", &section, NULL), 0);
	assert_null(section.bytes);
}

/* --- finding --- */

static void a_section_is_found_by_its_name_in_either_class_and_byte_order(void **state)
{
	(void)state;

	for (int i = 0; i < 4; i++) {
		AUTO_MADE made = { .is_32 = i & 1, .is_big = i & 2 };

		MAKE(&made, PLAIN(".text", "code"), PLAIN(".BTF", "types"), PLAIN(".data", "data"));
		assert_found(&made, "types", 5);
	}
}

static void a_file_of_this_section_alone_will_do(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF", "types"));
	assert_found(&made, "types", 5);
}

static void the_first_of_two_sections_of_a_name_is_taken(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF", "first"), PLAIN(".BTF", "other"));
	assert_found(&made, "first", 5);
}

static void longer_and_shorter_names_are_other_names(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF.ext", "a"), PLAIN(".BT", "b"), PLAIN(".rel.BTF", "c"),
	     PLAIN("", "d"));
	assert_not_there(&made);
}

static void the_content_stays_in_the_image_where_it_is_not_compressed(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };
	struct elf_section section = { 0 };

	MAKE(&made, PLAIN(".BTF", "types"));
	assert_int_equal(elf_section_find(made.image, made.size, ".BTF", &section, NULL), 1);
	assert_ptr_equal(section.bytes, made.image + sizeof(Elf64_Ehdr));
	assert_null(section.unpacked);
}

static void an_empty_section_is_found_and_empty(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF", ""));
	assert_found(&made, "", 0);
}

static void a_file_without_sections_has_none(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };
	Elf64_Ehdr header;

	MAKE(&made, PLAIN(".BTF", "types"));
	memcpy(&header, made.image, sizeof(header));
	header.e_shoff = header.e_shnum = header.e_shstrndx = header.e_shentsize = 0;
	memcpy(made.image, &header, sizeof(header));
	assert_not_there(&made);
}

static void numbers_too_large_for_the_header_are_read_from_section_0(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };
	Elf64_Ehdr header;
	Elf64_Shdr first = { .sh_size = 3, .sh_link = 2 };

	MAKE(&made, PLAIN(".BTF", "types"));
	memcpy(&header, made.image, sizeof(header));
	header.e_shnum = 0;
	header.e_shstrndx = SHN_XINDEX;
	memcpy(made.image, &header, sizeof(header));
	set_header(&made, 0, &first);
	assert_found(&made, "types", 5);

	const uint64_t wrong[] = { 4, 1u << 24, UINT32_MAX, UINT64_MAX / 64 + 4, UINT64_MAX };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		first.sh_size = wrong[i];
		set_header(&made, 0, &first);
		assert_fails(&made, EINVAL, "");
	}
}

/* --- damage --- */

static void what_is_not_elf_is_refused(void **state)
{
	(void)state;
	static const char *const others[] = { "", "\177", "\177ELF", "!<arch>\nx/              ",
					      "# a text that is long enough" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		AUTO_MADE made = { .size = strlen(others[i]) };

		made.image = malloc(made.size + 1);
		memcpy(made.image, others[i], made.size);
		assert_fails(&made, EINVAL, "not an ELF file");
	}
}

static void a_file_cut_at_any_byte_is_refused(void **state)
{
	(void)state;

	for (int i = 0; i < 4; i++) {
		AUTO_MADE made = { .is_32 = i & 1, .is_big = i & 2 };

		MAKE(&made, PLAIN(".text", "code"), PLAIN(".BTF", "types"));
		for (size_t size = 0; size < made.size; size++) {
			AUTO_MADE cut = { .size = size, .image = malloc(size ? size : 1) };

			memcpy(cut.image, made.image, size);
			assert_fails(&cut, EINVAL, size < 64 ? "" : "section headers: ");
		}
	}
}

static unsigned sum_found(const struct made *made)
{
	AUTO(elf_section_done) struct elf_section section = { 0 };
	unsigned sum = 0;

	int r = elf_section_find(made->image, made->size, ".BTF", &section, NULL);
	assert_true(r <= 1);
	assert_true(r == 1 || !section.bytes);
	for (size_t i = 0; i < section.size; i++)
		sum += section.bytes[i];
	return sum;
}

static void any_flipped_bit_is_refused_or_read_within_bounds(void **state)
{
	(void)state;
	volatile unsigned sum = 0; /* so that the reading is not left out */

	for (int i = 0; i < 4; i++) {
		AUTO_MADE made = { .is_32 = i & 1, .is_big = i & 2 };

		make_packed(&made, ELFCOMPRESS_ZLIB, 20, "twenty bytes of text", 20);
		for (size_t bit = 0; bit < 8 * made.size; bit++) {
			unsigned char mask = (unsigned char)(1 << bit % 8);

			made.image[bit / 8] ^= mask;
			sum = sum + sum_found(&made);
			made.image[bit / 8] ^= mask;
		}
		assert_found(&made, "twenty bytes of text", 20);
	}
}

static void content_outside_the_file_is_refused_with_its_place(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF", "types"));
	const Elf64_Shdr sound = get_header(&made, 1);
	const uint64_t large[] = { made.size + 1, UINT32_MAX, (uint64_t)1 << 40, UINT64_MAX - 4,
				   UINT64_MAX };
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
		Elf64_Shdr header = sound;

		header.sh_offset = large[i];
		set_header(&made, 1, &header);
		assert_fails(&made, EINVAL, "section .BTF: 5 bytes at offset ");
		header = sound;
		header.sh_size = large[i];
		set_header(&made, 1, &header);
		assert_fails(&made, EINVAL, "section .BTF: ");
	}
}

static void content_that_ends_one_byte_behind_the_file_is_refused(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF", "types"));
	Elf64_Shdr header = get_header(&made, 1);
	header.sh_size = made.size - header.sh_offset;
	set_header(&made, 1, &header);
	assert_found(&made, made.image + header.sh_offset, header.sh_size);
	header.sh_size++;
	set_header(&made, 1, &header);
	assert_fails(&made, EINVAL, "bytes at offset 64, but there are ");
}

static void sections_that_overlap_are_each_read_as_they_stand(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".text", "code"), PLAIN(".BTF", "types"));
	Elf64_Shdr header = get_header(&made, 2);
	header.sh_offset = 0;
	header.sh_size = made.size;
	set_header(&made, 2, &header);
	assert_found(&made, made.image, made.size);
}

static void a_section_without_content_is_refused(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, { ".BTF", SHT_NOBITS, 0, NULL, 4096 });
	assert_fails(&made, EINVAL, "section .BTF: has no content in the file (NOBITS)");
}

static void damaged_section_names_are_refused(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".text", "code"), PLAIN(".BTF", "types"));
	const Elf64_Shdr code = get_header(&made, 1), names = get_header(&made, 3);
	Elf64_Shdr header = code;

	header.sh_name = (uint32_t)names.sh_size;
	set_header(&made, 1, &header);
	assert_fails(&made, EINVAL, "section 1: name outside the names");
	set_header(&made, 1, &code);

	header = names;
	header.sh_size--; /* the last name has no end */
	set_header(&made, 3, &header);
	assert_found(&made, "types", 5); /* and is behind the one wanted */
	header.sh_size = 10;
	set_header(&made, 3, &header); /* "\0.text\0.BT" */
	assert_fails(&made, EINVAL, "section 2: name outside the names");
	header.sh_size = made.size;
	set_header(&made, 3, &header);
	assert_fails(&made, EINVAL, "section names: not in section 3");
	header = names;
	header.sh_type = SHT_PROGBITS;
	set_header(&made, 3, &header);
	assert_fails(&made, EINVAL, "section names: not in section 3");
}

static void section_headers_of_another_size_are_refused(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, PLAIN(".BTF", "types"));
	made.image[offsetof(Elf64_Ehdr, e_shentsize)]--;
	assert_fails(&made, EINVAL, "");
}

/* --- compression --- */

static void a_compressed_section_is_unpacked(void **state)
{
	(void)state;
	static unsigned char text[100000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * i >> 7);
	for (int i = 0; i < 4; i++) {
		AUTO_MADE made = { .is_32 = i & 1, .is_big = i & 2 };

		make_packed(&made, ELFCOMPRESS_ZLIB, sizeof(text), text, sizeof(text));
		assert_found(&made, text, sizeof(text));
		assert_found(&made, text, sizeof(text)); /* the first time changed nothing */
	}
}

static void nothing_compressed_is_unpacked_to_nothing(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	make_packed(&made, ELFCOMPRESS_ZLIB, 0, "", 0);
	assert_found(&made, "", 0);
}

static void compressed_sections_of_other_names_change_nothing(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	MAKE(&made, { ".debug_info", SHT_PROGBITS, SHF_COMPRESSED, "rubbish", 7 },
	     PLAIN(".BTF", "types"));
	assert_found(&made, "types", 5);
}

static void another_compression_is_refused_by_its_type(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	make_packed(&made, 9, 5, "types", 5);
	assert_fails(&made, EINVAL, "section .BTF: compressed in a way not known here (type 9)");
}

static void a_compressed_section_too_short_for_its_header_is_refused(void **state)
{
	(void)state;

	for (size_t size = 0; size < sizeof(Elf64_Chdr); size++) {
		AUTO_MADE made = { 0 };

		MAKE(&made, { ".BTF", SHT_PROGBITS, SHF_COMPRESSED,
			      "\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\1\0\0\0\0\0\0", size });
		assert_fails(&made, EINVAL, "section .BTF: compressed, and does not say how");
	}
}

static void a_wrong_unpacked_size_is_refused(void **state)
{
	(void)state;
	static const uint64_t wrong[] = { 0, 1, 4, 6, 1000 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		AUTO_MADE made = { 0 };

		make_packed(&made, ELFCOMPRESS_ZLIB, wrong[i], "types", 5);
		assert_fails(&made, EINVAL,
			     "section .BTF: compressed, and its zlib data is damaged");
	}
}

static void an_unpacked_size_beyond_reason_is_refused_before_memory_is_taken(void **state)
{
	(void)state;
	AUTO_MADE tall = { 0 };
	AUTO_MADE taller = { 0 };
	AUTO_MADE tallest = { 0 };

	make_packed(&tall, ELFCOMPRESS_ZLIB, ELF_SECTION_MOST, "types", 5);
	assert_fails(&tall, EINVAL,
		     "section .BTF: compressed, 13 bytes cannot unpack to 268435456");
	make_packed(&taller, ELFCOMPRESS_ZLIB, ELF_SECTION_MOST + 1, "types", 5);
	assert_fails(&taller, EFBIG, "section .BTF: compressed, unpacks to 268435457 bytes");
	make_packed(&tallest, ELFCOMPRESS_ZLIB, UINT64_MAX, "types", 5);
	assert_fails(&tallest, EFBIG, "section .BTF: compressed, unpacks to 18446744073709551615");
}

static void damaged_zlib_data_is_refused(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };
	size_t data = sizeof(Elf64_Ehdr) + sizeof(Elf64_Chdr);

	make_packed(&made, ELFCOMPRESS_ZLIB, 5, "types", 5);
	for (size_t at = data; at < made.names; at++) {
		made.image[at] ^= 0x55;
		assert_fails(&made, EINVAL,
			     "section .BTF: compressed, and its zlib data is damaged");
		made.image[at] ^= 0x55;
	}
	assert_found(&made, "types", 5);
}

static void zlib_data_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	make_packed(&made, ELFCOMPRESS_ZLIB, 5, "types", 5);
	Elf64_Shdr header = get_header(&made, 1);
	while (--header.sh_size >= sizeof(Elf64_Chdr)) {
		set_header(&made, 1, &header);
		assert_fails(&made, EINVAL,
			     "section .BTF: compressed, and its zlib data is damaged");
	}
}

static void the_image_is_never_changed(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };

	make_packed(&made, ELFCOMPRESS_ZLIB, 20, "twenty bytes of text", 20);
	autofree unsigned char *before = malloc(made.size);
	memcpy(before, made.image, made.size);
	assert_found(&made, "twenty bytes of text", 20);
	assert_memory_equal(made.image, before, made.size);
}

static void what_is_released_may_be_released_again(void **state)
{
	(void)state;
	AUTO_MADE made = { 0 };
	struct elf_section section = { 0 };

	make_packed(&made, ELFCOMPRESS_ZLIB, 5, "types", 5);
	assert_int_equal(elf_section_find(made.image, made.size, ".BTF", &section, NULL), 1);
	elf_section_done(&section);
	elf_section_done(&section);
	assert_null(section.bytes);
	assert_int_equal(section.size, 0);
}

/* --- files with BTF --- */

static int check_file(const void *bytes, size_t size, struct inspect_error *err)
{
	char path[] = "/tmp/test_elf_section.XXXXXX";
	autoclose int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	int r = inspect_btf_check(path, err);
	unlink(path);
	if (r) /* the message begins with the file's name */
		assert_int_equal(strncmp(err->what, path, strlen(path)), 0);
	return r;
}

static void assert_file_fails(const void *bytes, size_t size, const char *words)
{
	struct inspect_error err = { 0 };

	assert_int_equal(check_file(bytes, size, &err), -EINVAL);
	if (!strstr(err.what, words))
		fail_msg("\"%s\" does not say \"%s\"", err.what, words);
}

static void a_file_of_raw_btf_passes_the_check(void **state)
{
	(void)state;
	AUTO(maker_done) struct maker m = { 0 };
	struct inspect_error err;

	maker_int(&m, "int");
	maker_finish(&m);
	assert_int_equal(check_file(m.blob, m.size, &err), 0);
}

static void an_elf_file_with_btf_passes_the_check_compressed_or_not(void **state)
{
	(void)state;
	AUTO(maker_done) struct maker m = { 0 };
	AUTO_MADE plain = { 0 };
	AUTO_MADE packed = { .is_32 = true };
	struct inspect_error err;

	maker_int(&m, "int");
	maker_finish(&m);
	MAKE(&plain, { ".BTF", SHT_PROGBITS, 0, m.blob, m.size });
	assert_int_equal(check_file(plain.image, plain.size, &err), 0);
	make_packed(&packed, ELFCOMPRESS_ZLIB, m.size, m.blob, m.size);
	assert_int_equal(check_file(packed.image, packed.size, &err), 0);
}

static void a_file_that_fails_the_check_is_named_with_the_reason(void **state)
{
	(void)state;
	AUTO(maker_done) struct maker m = { 0 };
	struct inspect_error err = { 0 };

	assert_file_fails("# text\n", 7, ": not BTF: begins with 23 20");
	assert_file_fails("", 0, ": not BTF: 0 bytes");
	assert_int_equal(inspect_btf_check("/no/such/file", &err), -ENOENT);
	assert_non_null(strstr(err.what, "/no/such/file"));

	maker_int(&m, "int");
	maker_type(&m, 25, 0, 0, 0);
	maker_finish(&m);
	assert_file_fails(m.blob, m.size, ": type 2: kind 25 is not known");
	maker_set(&m, HEADER_BYTES, UINT32_MAX);
	assert_file_fails(m.blob, m.size, ": type 1 (INT, at 0 of the type section): ");
}

static void an_elf_file_that_fails_the_check_is_named_with_the_section(void **state)
{
	(void)state;
	AUTO_MADE none = { 0 };
	AUTO_MADE bad = { 0 };
	AUTO_MADE packed = { 0 };

	MAKE(&none, PLAIN(".text", "code"));
	assert_file_fails(none.image, none.size, ": no section .BTF");
	MAKE(&bad, PLAIN(".BTF", "types"));
	assert_file_fails(bad.image, bad.size, ": section .BTF: not BTF: begins with 74 79");
	make_packed(&packed, 9, 5, "types", 5);
	assert_file_fails(packed.image, packed.size, ": section .BTF: compressed ");
	assert_file_fails("\177ELF", 4, ": not an ELF file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_is_found_by_its_name_in_either_class_and_byte_order),
		cmocka_unit_test(a_file_of_this_section_alone_will_do),
		cmocka_unit_test(the_first_of_two_sections_of_a_name_is_taken),
		cmocka_unit_test(longer_and_shorter_names_are_other_names),
		cmocka_unit_test(the_content_stays_in_the_image_where_it_is_not_compressed),
		cmocka_unit_test(an_empty_section_is_found_and_empty),
		cmocka_unit_test(a_file_without_sections_has_none),
		cmocka_unit_test(numbers_too_large_for_the_header_are_read_from_section_0),
		cmocka_unit_test(what_is_not_elf_is_refused),
		cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
		cmocka_unit_test(any_flipped_bit_is_refused_or_read_within_bounds),
		cmocka_unit_test(content_outside_the_file_is_refused_with_its_place),
		cmocka_unit_test(content_that_ends_one_byte_behind_the_file_is_refused),
		cmocka_unit_test(sections_that_overlap_are_each_read_as_they_stand),
		cmocka_unit_test(a_section_without_content_is_refused),
		cmocka_unit_test(damaged_section_names_are_refused),
		cmocka_unit_test(section_headers_of_another_size_are_refused),
		cmocka_unit_test(a_compressed_section_is_unpacked),
		cmocka_unit_test(nothing_compressed_is_unpacked_to_nothing),
		cmocka_unit_test(compressed_sections_of_other_names_change_nothing),
		cmocka_unit_test(another_compression_is_refused_by_its_type),
		cmocka_unit_test(a_compressed_section_too_short_for_its_header_is_refused),
		cmocka_unit_test(a_wrong_unpacked_size_is_refused),
		cmocka_unit_test(an_unpacked_size_beyond_reason_is_refused_before_memory_is_taken),
		cmocka_unit_test(damaged_zlib_data_is_refused),
		cmocka_unit_test(zlib_data_cut_at_any_byte_is_refused),
		cmocka_unit_test(the_image_is_never_changed),
		cmocka_unit_test(what_is_released_may_be_released_again),
		cmocka_unit_test(a_file_of_raw_btf_passes_the_check),
		cmocka_unit_test(an_elf_file_with_btf_passes_the_check_compressed_or_not),
		cmocka_unit_test(a_file_that_fails_the_check_is_named_with_the_reason),
		cmocka_unit_test(an_elf_file_that_fails_the_check_is_named_with_the_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
