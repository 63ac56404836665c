/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * libbpf_code.h - libbpf's own error numbers, which no system has words for
 *
 * Most that libbpf returns is an errno; some of it are numbers from 4000 on, which strerror() does not know.
 */
#ifndef BTF_LIBBPF_CODE_H
#define BTF_LIBBPF_CODE_H

/* The errno to tell for a (positive) code of libbpf's. */
int libbpf_code(int code);

/* What it means, or NULL where it is an errno. */
const char *libbpf_code_words(int code);

#endif
