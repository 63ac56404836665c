/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * jited.c - machine code to text
 *
 * libbfd's disassembler calls back for each piece of text, for bytes, and for addresses. Its library of
 * instructions takes one function of libbfd proper, which would bring all formats of object files with
 * it; see _bfd_error_handler() below.
 */
#include "code/jited.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "inspect.h"

#ifdef HAVE_LIBBFD
/* The header refuses to be used by packages that do not tell their name. */
#define PACKAGE "bpflens"
#define PACKAGE_VERSION BPFLENS_VERSION
#include <bfd.h>
#include <dis-asm.h>
#endif

#define MOST 32 /* bytes: no instruction of any machine is longer */

struct jited {
	struct jited_names names;
	struct buf text;
	bool has_target;
	uint64_t target;
#ifdef HAVE_LIBBFD
	disassembler_ftype decode; /* NULL: it does not know this machine */
	struct disassemble_info info;
#endif
};

static void add_bytes(struct jited *jited, const uint8_t *bytes, size_t n)
{
	char pair[4] = { '0', 'x' };

	buf_add_text(&jited->text, ".byte ");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&jited->text, ',');
		num_format_hex_pair(pair + 2, bytes[i]);
		buf_add(&jited->text, pair, sizeof(pair));
	}
}

#ifdef HAVE_LIBBFD

static void add_hex(struct buf *buf, uint64_t value)
{
	char digits[NUM_ROOM];

	buf_add_text(buf, "0x");
	buf_add(buf, digits, num_format_hex(digits, value));
}

/* What the text refers to; of several, the last one. */
static void add_address(struct jited *jited, uint64_t address)
{
	const char *name = NULL;

	add_hex(&jited->text, address);
	jited->has_target = true;
	jited->target = address;
	if (jited->names.name)
		name = jited->names.name(jited->names.context, address);
	if (!name)
		return;
	buf_add_text(&jited->text, " <");
	buf_add_text(&jited->text, name);
	buf_add_char(&jited->text, '>');
}

/*
 * The disassembler of some machines says by it that it is not to be used as it was, which does not happen here.
 * Being weak, it gives way where libbfd's own is linked all the same.
 */
__attribute__((weak)) void _bfd_error_handler(const char *format, ...)
{
	(void)format;
}

static int add_format(struct jited *jited, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static int add_format(struct jited *jited, const char *format, va_list args)
{
	struct buf *text = &jited->text;
	size_t room = 64;

	for (;;) {
		char *to = buf_reserve(text, room);
		va_list again;

		if (!to)
			return 0;
		va_copy(again, args);
		int size = vsnprintf(to, room, format, again);
		va_end(again);
		if (size < 0)
			return 0;
		if ((size_t)size < room) {
			text->size += (size_t)size;
			return size;
		}
		room = (size_t)size + 1;
	}
}

static int on_text(void *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int on_text(void *stream, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int size = add_format(stream, format, args);
	va_end(args);
	return size;
}

#if HAVE_LIBBFD >= 2
static int on_styled_text(void *stream, enum disassembler_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int on_styled_text(void *stream, enum disassembler_style style, const char *format, ...)
{
	va_list args;

	(void)style;
	va_start(args, format);
	int size = add_format(stream, format, args);
	va_end(args);
	return size;
}
#endif

static void on_address(bfd_vma address, struct disassemble_info *info)
{
	add_address(info->stream, address);
}

/* Bytes behind the end are asked for where an instruction is cut off: no news. */
static void on_missing_bytes(int status, bfd_vma address, struct disassemble_info *info)
{
	(void)status;
	(void)address;
	(void)info;
}

/* The machine that this is built for: its kernel's JIT makes code for it. */
static void set_machine(struct disassemble_info *info)
{
#if defined(__x86_64__)
	info->arch = bfd_arch_i386;
	info->mach = bfd_mach_x86_64;
#elif defined(__i386__)
	info->arch = bfd_arch_i386;
	info->mach = bfd_mach_i386_i386;
#elif defined(__aarch64__)
	info->arch = bfd_arch_aarch64;
	info->mach = bfd_mach_aarch64;
#elif defined(__arm__)
	info->arch = bfd_arch_arm;
	info->mach = bfd_mach_arm_unknown;
#elif defined(__riscv) && __riscv_xlen == 64
	info->arch = bfd_arch_riscv;
	info->mach = bfd_mach_riscv64;
#elif defined(__s390x__)
	info->arch = bfd_arch_s390;
	info->mach = bfd_mach_s390_64;
#elif defined(__powerpc64__)
	info->arch = bfd_arch_powerpc;
	info->mach = bfd_mach_ppc64;
#elif defined(__loongarch64)
	info->arch = bfd_arch_loongarch;
	info->mach = bfd_mach_loongarch64;
#else
	(void)info;
#endif
	info->endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? BFD_ENDIAN_BIG : BFD_ENDIAN_LITTLE;
	info->endian_code = info->endian;
}

static disassembler_ftype decoder_of(const struct disassemble_info *info)
{
	if (info->arch == bfd_arch_unknown)
		return NULL;
	return disassembler(info->arch, info->endian == BFD_ENDIAN_BIG, info->mach, NULL);
}

static void init_decoder(struct jited *jited)
{
	struct disassemble_info *info = &jited->info;

#if HAVE_LIBBFD >= 2
	init_disassemble_info(info, jited, on_text, on_styled_text);
#else
	init_disassemble_info(info, jited, on_text);
#endif
	set_machine(info);
	info->print_address_func = on_address;
	info->memory_error_func = on_missing_bytes;
	disassemble_init_for_target(info);
	jited->decode = decoder_of(info);
}

bool inspect_has_disassembler(void)
{
	struct disassemble_info info = { .arch = bfd_arch_unknown };

	set_machine(&info);
	return decoder_of(&info);
}

static void done_decoder(struct jited *jited)
{
#if HAVE_LIBBFD >= 2
	disassemble_free_target(&jited->info);
#else
	(void)jited;
#endif
}

/* How many bytes it took, or 0. */
static size_t decode(struct jited *jited, const uint8_t *bytes, size_t size, uint64_t address)
{
	struct disassemble_info *info = &jited->info;
	bfd_byte copy[MOST];

	if (!jited->decode)
		return 0;
	if (size > sizeof(copy))
		size = sizeof(copy);
	memcpy(copy, bytes, size);
	info->buffer = copy;
	info->buffer_vma = address;
	info->buffer_length = size;
	int taken = jited->decode(address, info);
	info->buffer = NULL;
	return taken > 0 && (size_t)taken <= size ? (size_t)taken : 0;
}

#else

static void init_decoder(struct jited *jited)
{
	(void)jited;
}

static void done_decoder(struct jited *jited)
{
	(void)jited;
}

bool inspect_has_disassembler(void)
{
	return false;
}

static size_t decode(struct jited *jited, const uint8_t *bytes, size_t size, uint64_t address)
{
	(void)jited;
	(void)bytes;
	(void)size;
	(void)address;
	return 0;
}

#endif

struct jited *jited_new(struct jited_names names)
{
	struct jited *jited = calloc(1, sizeof(*jited));

	if (!jited)
		return NULL;
	jited->names = names;
	init_decoder(jited);
	return jited;
}

void jited_free(struct jited *jited)
{
	if (!jited)
		return;
	done_decoder(jited);
	buf_done(&jited->text);
	free(jited);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool jited_decode(struct jited *jited, const uint8_t *bytes, size_t size, uint64_t address,
		  struct jited_insn *out)
{
	struct buf *text = &jited->text;

	text->size = 0;
	jited->has_target = false;
	size_t taken = decode(jited, bytes, size, address);
	if (!taken) {
		taken = inspect_has_disassembler() ? 1 : size < JITED_ROW ? size : JITED_ROW;
		text->size = 0;
		jited->has_target = false;
		add_bytes(jited, bytes, taken);
	}
	while (text->size && is_blank(text->bytes[text->size - 1]))
		text->size--;
	buf_add_char(text, '\0');
	if (buf_failed(text))
		return false;
	*out = (struct jited_insn){
		.size = (uint32_t)taken,
		.text = text->bytes,
		.has_target = jited->has_target,
		.target = jited->target,
	};
	return true;
}

/* What may stand before an operation, and is part of it. */
static bool is_prefix(const char *word, size_t size)
{
	static const char *const words[] = {
		"lock",	  "rep",    "repz",   "repnz",	 "repe", "repne",    "data16",
		"data32", "addr16", "addr32", "notrack", "bnd",	 "xacquire", "xrelease",
		"cs",	  "ds",	    "es",     "fs",	 "gs",	 "ss",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0)
			return true;
	return size > 3 && memcmp(word, "rex", 3) == 0;
}

static size_t word_length(const char *text)
{
	return strcspn(text, " \t");
}

size_t jited_operation(const char **text, const char **out)
{
	const char *end = *text + word_length(*text), *word = *text;

	*out = *text;
	while (is_prefix(word, (size_t)(end - word)) && *end) {
		word = end + strspn(end, " \t");
		end = word + word_length(word);
	}
	*text = end + strspn(end, " \t");
	return (size_t)(end - *out);
}

/* A name of an address, or a comment: "# 0x..." of x86, whose blank tells it from an immediate, or "//". */
static bool ends_operands(const char *at)
{
	return *at == '\0' || (at[0] == ' ' && at[1] == '<') || (at[0] == '#' && at[1] == ' ') ||
	       (at[0] == '/' && at[1] == '/');
}

size_t jited_operand(const char **text, const char **out)
{
	const char *at = *text;
	int depth = 0;

	for (*out = at; !ends_operands(at) && (*at != ',' || depth); at++) {
		depth += *at == '(' || *at == '[' || *at == '{';
		depth -= *at == ')' || *at == ']' || *at == '}';
	}
	size_t size = (size_t)(at - *out);
	while (size && is_blank((*out)[size - 1]))
		size--;
	*text = *at == ',' ? at + 1 + strspn(at + 1, " \t") : at + strlen(at);
	return size;
}
