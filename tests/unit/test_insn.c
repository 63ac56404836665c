/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * test_insn.c - eBPF instructions as text
 *
 * The texts of the table are what bpftool and llvm-objdump write of these bytes, and what both would
 * have to write of those that they do not know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "code/insn.h"

struct row {
	const char *bytes;
	const char *kernel;
	const char *assembler;
};

/* clang-format off */
static const struct row rows[] = {
	{ "0401000005000000", "(04) w1 += 5", "w1 += 0x5" },
	{ "0c21000000000000", "(0c) w1 += w2", "w1 += w2" },
	{ "070a0000fbffffff", "(07) r10 += -5", "r10 += -0x5" },
	{ "0fb9000000000000", "(0f) r9 += r11", "r9 += r11" },
	{ "1401000005000000", "(14) w1 -= 5", "w1 -= 0x5" },
	{ "1c21000000000000", "(1c) w1 -= w2", "w1 -= w2" },
	{ "170a0000fbffffff", "(17) r10 -= -5", "r10 -= -0x5" },
	{ "1fb9000000000000", "(1f) r9 -= r11", "r9 -= r11" },
	{ "2401000005000000", "(24) w1 *= 5", "w1 *= 0x5" },
	{ "2c21000000000000", "(2c) w1 *= w2", "w1 *= w2" },
	{ "270a0000fbffffff", "(27) r10 *= -5", "r10 *= -0x5" },
	{ "2fb9000000000000", "(2f) r9 *= r11", "r9 *= r11" },
	{ "3401000005000000", "(34) w1 /= 5", "w1 /= 0x5" },
	{ "3c21000000000000", "(3c) w1 /= w2", "w1 /= w2" },
	{ "370a0000fbffffff", "(37) r10 /= -5", "r10 /= -0x5" },
	{ "3fb9000000000000", "(3f) r9 /= r11", "r9 /= r11" },
	{ "4401000005000000", "(44) w1 |= 5", "w1 |= 0x5" },
	{ "4c21000000000000", "(4c) w1 |= w2", "w1 |= w2" },
	{ "470a0000fbffffff", "(47) r10 |= -5", "r10 |= -0x5" },
	{ "4fb9000000000000", "(4f) r9 |= r11", "r9 |= r11" },
	{ "5401000005000000", "(54) w1 &= 5", "w1 &= 0x5" },
	{ "5c21000000000000", "(5c) w1 &= w2", "w1 &= w2" },
	{ "570a0000fbffffff", "(57) r10 &= -5", "r10 &= -0x5" },
	{ "5fb9000000000000", "(5f) r9 &= r11", "r9 &= r11" },
	{ "6401000005000000", "(64) w1 <<= 5", "w1 <<= 0x5" },
	{ "6c21000000000000", "(6c) w1 <<= w2", "w1 <<= w2" },
	{ "670a0000fbffffff", "(67) r10 <<= -5", "r10 <<= -0x5" },
	{ "6fb9000000000000", "(6f) r9 <<= r11", "r9 <<= r11" },
	{ "7401000005000000", "(74) w1 >>= 5", "w1 >>= 0x5" },
	{ "7c21000000000000", "(7c) w1 >>= w2", "w1 >>= w2" },
	{ "770a0000fbffffff", "(77) r10 >>= -5", "r10 >>= -0x5" },
	{ "7fb9000000000000", "(7f) r9 >>= r11", "r9 >>= r11" },
	{ "9401000005000000", "(94) w1 %= 5", "w1 %= 0x5" },
	{ "9c21000000000000", "(9c) w1 %= w2", "w1 %= w2" },
	{ "970a0000fbffffff", "(97) r10 %= -5", "r10 %= -0x5" },
	{ "9fb9000000000000", "(9f) r9 %= r11", "r9 %= r11" },
	{ "a401000005000000", "(a4) w1 ^= 5", "w1 ^= 0x5" },
	{ "ac21000000000000", "(ac) w1 ^= w2", "w1 ^= w2" },
	{ "a70a0000fbffffff", "(a7) r10 ^= -5", "r10 ^= -0x5" },
	{ "afb9000000000000", "(af) r9 ^= r11", "r9 ^= r11" },
	{ "b401000005000000", "(b4) w1 = 5", "w1 = 0x5" },
	{ "bc21000000000000", "(bc) w1 = w2", "w1 = w2" },
	{ "b70a0000fbffffff", "(b7) r10 = -5", "r10 = -0x5" },
	{ "bfb9000000000000", "(bf) r9 = r11", "r9 = r11" },
	{ "c401000005000000", "(c4) w1 s>>= 5", "w1 s>>= 0x5" },
	{ "cc21000000000000", "(cc) w1 s>>= w2", "w1 s>>= w2" },
	{ "c70a0000fbffffff", "(c7) r10 s>>= -5", "r10 s>>= -0x5" },
	{ "cfb9000000000000", "(cf) r9 s>>= r11", "r9 s>>= r11" },
	{ "3401010005000000", "(34) w1 s/= 5", "w1 s/= 0x5" },
	{ "3c21010000000000", "(3c) w1 s/= w2", "w1 s/= w2" },
	{ "37030100fbffffff", "(37) r3 s/= -5", "r3 s/= -0x5" },
	{ "3f03010000000000", "(3f) r3 s/= r0", "r3 s/= r0" },
	{ "9401010005000000", "(94) w1 s%= 5", "w1 s%= 0x5" },
	{ "9c21010000000000", "(9c) w1 s%= w2", "w1 s%= w2" },
	{ "97030100fbffffff", "(97) r3 s%= -5", "r3 s%= -0x5" },
	{ "9f03010000000000", "(9f) r3 s%= r0", "r3 s%= r0" },
	{ "0701000000000080", "(07) r1 += -2147483648", "r1 += -0x80000000" },
	{ "b7010000ffffff7f", "(b7) r1 = 2147483647", "r1 = 0x7fffffff" },
	{ "bc21080000000000", "(bc) w1 = (s8)w2", "w1 = (s8)w2" },
	{ "bc21100000000000", "(bc) w1 = (s16)w2", "w1 = (s16)w2" },
	{ "bf21080000000000", "(bf) r1 = (s8)r2", "r1 = (s8)r2" },
	{ "bf21100000000000", "(bf) r1 = (s16)r2", "r1 = (s16)r2" },
	{ "bf21200000000000", "(bf) r1 = (s32)r2", "r1 = (s32)r2" },
	{ "bf21010000000100", "(bf) r1 = addr_space_cast(r2, 1, 0)", "r1 = addr_space_cast(r2, 0x1, 0x0)" },
	{ "bf21010001000000", "(bf) r1 = addr_space_cast(r2, 0, 1)", "r1 = addr_space_cast(r2, 0x0, 0x1)" },
	{ "bf00ffff00000000", "(bf) r0 = &(void __percpu *)(r0)", "r0 = &(void __percpu *)(r0)" },
	{ "8401000000000000", "(84) w1 = -w1", "w1 = -w1" },
	{ "8702000000000000", "(87) r2 = -r2", "r2 = -r2" },
	{ "d403000010000000", "(d4) r3 = le16 r3", "r3 = le16 r3" },
	{ "d403000020000000", "(d4) r3 = le32 r3", "r3 = le32 r3" },
	{ "d403000040000000", "(d4) r3 = le64 r3", "r3 = le64 r3" },
	{ "dc03000010000000", "(dc) r3 = be16 r3", "r3 = be16 r3" },
	{ "dc03000020000000", "(dc) r3 = be32 r3", "r3 = be32 r3" },
	{ "dc03000040000000", "(dc) r3 = be64 r3", "r3 = be64 r3" },
	{ "d703000010000000", "(d7) r3 = bswap16 r3", "r3 = bswap16 r3" },
	{ "d703000020000000", "(d7) r3 = bswap32 r3", "r3 = bswap32 r3" },
	{ "d703000040000000", "(d7) r3 = bswap64 r3", "r3 = bswap64 r3" },
	{ "1501030005000000", "(15) if r1 == 0x5 goto pc+3", "if r1 == 0x5 goto +0x3" },
	{ "1d21fcff00000000", "(1d) if r1 == r2 goto pc-4", "if r1 == r2 goto -0x4" },
	{ "16010000fbffffff", "(16) if w1 == 0xfffffffb goto pc+0", "if w1 == -0x5 goto +0x0" },
	{ "1e21010000000000", "(1e) if w1 == w2 goto pc+1", "if w1 == w2 goto +0x1" },
	{ "2501030005000000", "(25) if r1 > 0x5 goto pc+3", "if r1 > 0x5 goto +0x3" },
	{ "2d21fcff00000000", "(2d) if r1 > r2 goto pc-4", "if r1 > r2 goto -0x4" },
	{ "26010000fbffffff", "(26) if w1 > 0xfffffffb goto pc+0", "if w1 > -0x5 goto +0x0" },
	{ "2e21010000000000", "(2e) if w1 > w2 goto pc+1", "if w1 > w2 goto +0x1" },
	{ "3501030005000000", "(35) if r1 >= 0x5 goto pc+3", "if r1 >= 0x5 goto +0x3" },
	{ "3d21fcff00000000", "(3d) if r1 >= r2 goto pc-4", "if r1 >= r2 goto -0x4" },
	{ "36010000fbffffff", "(36) if w1 >= 0xfffffffb goto pc+0", "if w1 >= -0x5 goto +0x0" },
	{ "3e21010000000000", "(3e) if w1 >= w2 goto pc+1", "if w1 >= w2 goto +0x1" },
	{ "4501030005000000", "(45) if r1 & 0x5 goto pc+3", "if r1 & 0x5 goto +0x3" },
	{ "4d21fcff00000000", "(4d) if r1 & r2 goto pc-4", "if r1 & r2 goto -0x4" },
	{ "46010000fbffffff", "(46) if w1 & 0xfffffffb goto pc+0", "if w1 & -0x5 goto +0x0" },
	{ "4e21010000000000", "(4e) if w1 & w2 goto pc+1", "if w1 & w2 goto +0x1" },
	{ "5501030005000000", "(55) if r1 != 0x5 goto pc+3", "if r1 != 0x5 goto +0x3" },
	{ "5d21fcff00000000", "(5d) if r1 != r2 goto pc-4", "if r1 != r2 goto -0x4" },
	{ "56010000fbffffff", "(56) if w1 != 0xfffffffb goto pc+0", "if w1 != -0x5 goto +0x0" },
	{ "5e21010000000000", "(5e) if w1 != w2 goto pc+1", "if w1 != w2 goto +0x1" },
	{ "6501030005000000", "(65) if r1 s> 0x5 goto pc+3", "if r1 s> 0x5 goto +0x3" },
	{ "6d21fcff00000000", "(6d) if r1 s> r2 goto pc-4", "if r1 s> r2 goto -0x4" },
	{ "66010000fbffffff", "(66) if w1 s> 0xfffffffb goto pc+0", "if w1 s> -0x5 goto +0x0" },
	{ "6e21010000000000", "(6e) if w1 s> w2 goto pc+1", "if w1 s> w2 goto +0x1" },
	{ "7501030005000000", "(75) if r1 s>= 0x5 goto pc+3", "if r1 s>= 0x5 goto +0x3" },
	{ "7d21fcff00000000", "(7d) if r1 s>= r2 goto pc-4", "if r1 s>= r2 goto -0x4" },
	{ "76010000fbffffff", "(76) if w1 s>= 0xfffffffb goto pc+0", "if w1 s>= -0x5 goto +0x0" },
	{ "7e21010000000000", "(7e) if w1 s>= w2 goto pc+1", "if w1 s>= w2 goto +0x1" },
	{ "a501030005000000", "(a5) if r1 < 0x5 goto pc+3", "if r1 < 0x5 goto +0x3" },
	{ "ad21fcff00000000", "(ad) if r1 < r2 goto pc-4", "if r1 < r2 goto -0x4" },
	{ "a6010000fbffffff", "(a6) if w1 < 0xfffffffb goto pc+0", "if w1 < -0x5 goto +0x0" },
	{ "ae21010000000000", "(ae) if w1 < w2 goto pc+1", "if w1 < w2 goto +0x1" },
	{ "b501030005000000", "(b5) if r1 <= 0x5 goto pc+3", "if r1 <= 0x5 goto +0x3" },
	{ "bd21fcff00000000", "(bd) if r1 <= r2 goto pc-4", "if r1 <= r2 goto -0x4" },
	{ "b6010000fbffffff", "(b6) if w1 <= 0xfffffffb goto pc+0", "if w1 <= -0x5 goto +0x0" },
	{ "be21010000000000", "(be) if w1 <= w2 goto pc+1", "if w1 <= w2 goto +0x1" },
	{ "c501030005000000", "(c5) if r1 s< 0x5 goto pc+3", "if r1 s< 0x5 goto +0x3" },
	{ "cd21fcff00000000", "(cd) if r1 s< r2 goto pc-4", "if r1 s< r2 goto -0x4" },
	{ "c6010000fbffffff", "(c6) if w1 s< 0xfffffffb goto pc+0", "if w1 s< -0x5 goto +0x0" },
	{ "ce21010000000000", "(ce) if w1 s< w2 goto pc+1", "if w1 s< w2 goto +0x1" },
	{ "d501030005000000", "(d5) if r1 s<= 0x5 goto pc+3", "if r1 s<= 0x5 goto +0x3" },
	{ "dd21fcff00000000", "(dd) if r1 s<= r2 goto pc-4", "if r1 s<= r2 goto -0x4" },
	{ "d6010000fbffffff", "(d6) if w1 s<= 0xfffffffb goto pc+0", "if w1 s<= -0x5 goto +0x0" },
	{ "de21010000000000", "(de) if w1 s<= w2 goto pc+1", "if w1 s<= w2 goto +0x1" },
	{ "0500020000000000", "(05) goto pc+2", "goto +0x2" },
	{ "0500fdff00000000", "(05) goto pc-3", "goto -0x3" },
	{ "0600000002000000", "(06) gotol pc+2", "gotol +0x2" },
	{ "06000000feffffff", "(06) gotol pc-2", "gotol -0x2" },
	{ "0d03000000000000", "(0d) gotox r3", "gotox r3" },
	{ "e500030000000000", "(e5) may_goto pc+3", "may_goto +0x3" },
	{ "9500000000000000", "(95) exit", "exit" },
	{ "8d04000000000000", "(8d) callx r4", "callx r4" },
	{ "8500000001000000", "(85) call bpf_map_lookup_elem#1", "call 0x1" },
	{ "85000000d3000000", "(85) call bpf_cgrp_storage_delete#211", "call 0xd3" },
	{ "85000000a0860100", "(85) call unknown#100000", "call 0x186a0" },
	{ "850000006079feff", "(85) call unknown#-100000", "call -0x186a0" },
	{ "8510000002000000", "(85) call pc+2", "call 0x2" },
	{ "85100000feffffff", "(85) call pc-2", "call -0x2" },
	{ "85200000d2040000", "(85) call unknown#1234", "call 0x4d2" },
	{ "8520030001000000", "(85) call unknown#1", "call 0x1" },
	{ "f500000000000000", "(f5) call bpf_tail_call#12", "call 0xc" },
	{ "180100007856341200000000f0debc9a", "(18) r1 = 0x9abcdef012345678", "r1 = -0x6543210fedcba988 ll" },
	{ "18010000050000000000000000000000", "(18) r1 = 0x5", "r1 = 0x5 ll" },
	{ "18010000ffffffff00000000ffffffff", "(18) r1 = 0xffffffffffffffff", "r1 = -0x1 ll" },
	{ "18110000070000000000000000000000", "(18) r1 = map[id:7]", "ld_pseudo\tr1, 0x1, 0x7" },
	{ "18210000070000000000000010000000", "(18) r1 = map[id:7][0]+16", "ld_pseudo\tr1, 0x2, 0x7, 0x10" },
	{ "18310000200000000000000003000000", "(18) r1 = 0x300000020", "ld_pseudo\tr1, 0x3, 0x20, 0x3" },
	{ "18410000030000000000000000000000", "(18) r1 = subprog[+3]", "ld_pseudo\tr1, 0x4, 0x3" },
	{ "18410000fdffffff0000000000000000", "(18) r1 = subprog[-3]", "ld_pseudo\tr1, 0x4, 0xfffffffd" },
	{ "18510000020000000000000000000000", "(18) r1 = 0x2", "ld_pseudo\tr1, 0x5, 0x2" },
	{ "18610000020000000000000008000000", "(18) r1 = map[idx:2]+8", "ld_pseudo\tr1, 0x6, 0x2, 0x8" },
	{ "200000000e000000", "(20) r0 = *(u32 *)skb[14]", "r0 = *(u32 *)skb[0xe]" },
	{ "280000000e000000", "(28) r0 = *(u16 *)skb[14]", "r0 = *(u16 *)skb[0xe]" },
	{ "300000000e000000", "(30) r0 = *(u8 *)skb[14]", "r0 = *(u8 *)skb[0xe]" },
	{ "4070000000000000", "(40) r0 = *(u32 *)skb[r7 + 0]", "r0 = *(u32 *)skb[r7]" },
	{ "4870000000000000", "(48) r0 = *(u16 *)skb[r7 + 0]", "r0 = *(u16 *)skb[r7]" },
	{ "5070000000000000", "(50) r0 = *(u8 *)skb[r7 + 0]", "r0 = *(u8 *)skb[r7]" },
	{ "40700000feffffff", "(40) r0 = *(u32 *)skb[r7 + -2]", "r0 = *(u32 *)skb[r7 + -0x2]" },
	{ "6121080000000000", "(61) r1 = *(u32 *)(r2 +8)", "w1 = *(u32 *)(r2 + 0x8)" },
	{ "6921080000000000", "(69) r1 = *(u16 *)(r2 +8)", "w1 = *(u16 *)(r2 + 0x8)" },
	{ "7121080000000000", "(71) r1 = *(u8 *)(r2 +8)", "w1 = *(u8 *)(r2 + 0x8)" },
	{ "7921080000000000", "(79) r1 = *(u64 *)(r2 +8)", "r1 = *(u64 *)(r2 + 0x8)" },
	{ "8121080000000000", "(81) r1 = *(s32 *)(r2 +8)", "r1 = *(s32 *)(r2 + 0x8)" },
	{ "8921080000000000", "(89) r1 = *(s16 *)(r2 +8)", "r1 = *(s16 *)(r2 + 0x8)" },
	{ "9121080000000000", "(91) r1 = *(s8 *)(r2 +8)", "r1 = *(s8 *)(r2 + 0x8)" },
	{ "79a1008000000000", "(79) r1 = *(u64 *)(r10 -32768)", "r1 = *(u64 *)(r10 - 0x8000)" },
	{ "2121080000000000", "(21) probe r1 = *(u32 *)(r2 +8)", "probe w1 = *(u32 *)(r2 + 0x8)" },
	{ "2921080000000000", "(29) probe r1 = *(u16 *)(r2 +8)", "probe w1 = *(u16 *)(r2 + 0x8)" },
	{ "3121080000000000", "(31) probe r1 = *(u8 *)(r2 +8)", "probe w1 = *(u8 *)(r2 + 0x8)" },
	{ "3921080000000000", "(39) probe r1 = *(u64 *)(r2 +8)", "probe r1 = *(u64 *)(r2 + 0x8)" },
	{ "4121080000000000", "(41) probe r1 = *(s32 *)(r2 +8)", "probe r1 = *(s32 *)(r2 + 0x8)" },
	{ "4921080000000000", "(49) probe r1 = *(s16 *)(r2 +8)", "probe r1 = *(s16 *)(r2 + 0x8)" },
	{ "5121080000000000", "(51) probe r1 = *(s8 *)(r2 +8)", "probe r1 = *(s8 *)(r2 + 0x8)" },
	{ "a121080000000000", "(a1) probe r1 = *(u32 *)(r2 +8)", "probe w1 = *(u32 *)(r2 + 0x8)" },
	{ "a921080000000000", "(a9) probe r1 = *(u16 *)(r2 +8)", "probe w1 = *(u16 *)(r2 + 0x8)" },
	{ "b121080000000000", "(b1) probe r1 = *(u8 *)(r2 +8)", "probe w1 = *(u8 *)(r2 + 0x8)" },
	{ "b921080000000000", "(b9) probe r1 = *(u64 *)(r2 +8)", "probe r1 = *(u64 *)(r2 + 0x8)" },
	{ "c121080000000000", "(c1) probe r1 = *(s32 *)(r2 +8)", "probe r1 = *(s32 *)(r2 + 0x8)" },
	{ "c921080000000000", "(c9) probe r1 = *(s16 *)(r2 +8)", "probe r1 = *(s16 *)(r2 + 0x8)" },
	{ "d121080000000000", "(d1) probe r1 = *(s8 *)(r2 +8)", "probe r1 = *(s8 *)(r2 + 0x8)" },
	{ "620af8fffbffffff", "(62) *(u32 *)(r10 -8) = -5", "*(u32 *)(r10 - 0x8) = -0x5" },
	{ "6a0af8fffbffffff", "(6a) *(u16 *)(r10 -8) = -5", "*(u16 *)(r10 - 0x8) = -0x5" },
	{ "720af8fffbffffff", "(72) *(u8 *)(r10 -8) = -5", "*(u8 *)(r10 - 0x8) = -0x5" },
	{ "7a0af8fffbffffff", "(7a) *(u64 *)(r10 -8) = -5", "*(u64 *)(r10 - 0x8) = -0x5" },
	{ "a20af8fffbffffff", "(a2) probe *(u32 *)(r10 -8) = -5", "probe *(u32 *)(r10 - 0x8) = -0x5" },
	{ "aa0af8fffbffffff", "(aa) probe *(u16 *)(r10 -8) = -5", "probe *(u16 *)(r10 - 0x8) = -0x5" },
	{ "b20af8fffbffffff", "(b2) probe *(u8 *)(r10 -8) = -5", "probe *(u8 *)(r10 - 0x8) = -0x5" },
	{ "ba0af8fffbffffff", "(ba) probe *(u64 *)(r10 -8) = -5", "probe *(u64 *)(r10 - 0x8) = -0x5" },
	{ "633af8ff00000000", "(63) *(u32 *)(r10 -8) = r3", "*(u32 *)(r10 - 0x8) = w3" },
	{ "6b3af8ff00000000", "(6b) *(u16 *)(r10 -8) = r3", "*(u16 *)(r10 - 0x8) = w3" },
	{ "733af8ff00000000", "(73) *(u8 *)(r10 -8) = r3", "*(u8 *)(r10 - 0x8) = w3" },
	{ "7b3af8ff00000000", "(7b) *(u64 *)(r10 -8) = r3", "*(u64 *)(r10 - 0x8) = r3" },
	{ "a33af8ff00000000", "(a3) probe *(u32 *)(r10 -8) = r3", "probe *(u32 *)(r10 - 0x8) = w3" },
	{ "ab3af8ff00000000", "(ab) probe *(u16 *)(r10 -8) = r3", "probe *(u16 *)(r10 - 0x8) = w3" },
	{ "b33af8ff00000000", "(b3) probe *(u8 *)(r10 -8) = r3", "probe *(u8 *)(r10 - 0x8) = w3" },
	{ "bb3af8ff00000000", "(bb) probe *(u64 *)(r10 -8) = r3", "probe *(u64 *)(r10 - 0x8) = r3" },
	{ "c200000000000000", "(c2) nospec", "nospec" },
	{ "c321f0ff00000000", "(c3) lock *(u32 *)(r1 -16) += r2", "lock *(u32 *)(r1 - 0x10) += w2" },
	{ "c321f0ff40000000", "(c3) lock *(u32 *)(r1 -16) |= r2", "lock *(u32 *)(r1 - 0x10) |= w2" },
	{ "c321f0ff50000000", "(c3) lock *(u32 *)(r1 -16) &= r2", "lock *(u32 *)(r1 - 0x10) &= w2" },
	{ "c321f0ffa0000000", "(c3) lock *(u32 *)(r1 -16) ^= r2", "lock *(u32 *)(r1 - 0x10) ^= w2" },
	{ "c321f0ff01000000", "(c3) r2 = atomic_fetch_add((u32 *)(r1 -16), r2)", "w2 = atomic_fetch_add((u32 *)(r1 - 0x10), w2)" },
	{ "c321f0ff41000000", "(c3) r2 = atomic_fetch_or((u32 *)(r1 -16), r2)", "w2 = atomic_fetch_or((u32 *)(r1 - 0x10), w2)" },
	{ "c321f0ff51000000", "(c3) r2 = atomic_fetch_and((u32 *)(r1 -16), r2)", "w2 = atomic_fetch_and((u32 *)(r1 - 0x10), w2)" },
	{ "c321f0ffa1000000", "(c3) r2 = atomic_fetch_xor((u32 *)(r1 -16), r2)", "w2 = atomic_fetch_xor((u32 *)(r1 - 0x10), w2)" },
	{ "c321f0ffe1000000", "(c3) r2 = atomic_xchg((u32 *)(r1 -16), r2)", "w2 = xchg32_32(r1 - 0x10, w2)" },
	{ "c321f0fff1000000", "(c3) r0 = atomic_cmpxchg((u32 *)(r1 -16), r0, r2)", "w0 = cmpxchg32_32(r1 - 0x10, w0, w2)" },
	{ "db21f0ff00000000", "(db) lock *(u64 *)(r1 -16) += r2", "lock *(u64 *)(r1 - 0x10) += r2" },
	{ "db21f0ff40000000", "(db) lock *(u64 *)(r1 -16) |= r2", "lock *(u64 *)(r1 - 0x10) |= r2" },
	{ "db21f0ff50000000", "(db) lock *(u64 *)(r1 -16) &= r2", "lock *(u64 *)(r1 - 0x10) &= r2" },
	{ "db21f0ffa0000000", "(db) lock *(u64 *)(r1 -16) ^= r2", "lock *(u64 *)(r1 - 0x10) ^= r2" },
	{ "db21f0ff01000000", "(db) r2 = atomic64_fetch_add((u64 *)(r1 -16), r2)", "r2 = atomic_fetch_add((u64 *)(r1 - 0x10), r2)" },
	{ "db21f0ff41000000", "(db) r2 = atomic64_fetch_or((u64 *)(r1 -16), r2)", "r2 = atomic_fetch_or((u64 *)(r1 - 0x10), r2)" },
	{ "db21f0ff51000000", "(db) r2 = atomic64_fetch_and((u64 *)(r1 -16), r2)", "r2 = atomic_fetch_and((u64 *)(r1 - 0x10), r2)" },
	{ "db21f0ffa1000000", "(db) r2 = atomic64_fetch_xor((u64 *)(r1 -16), r2)", "r2 = atomic_fetch_xor((u64 *)(r1 - 0x10), r2)" },
	{ "db21f0ffe1000000", "(db) r2 = atomic64_xchg((u64 *)(r1 -16), r2)", "r2 = xchg_64(r1 - 0x10, r2)" },
	{ "db21f0fff1000000", "(db) r0 = atomic64_cmpxchg((u64 *)(r1 -16), r0, r2)", "r0 = cmpxchg_64(r1 - 0x10, r0, r2)" },
	{ "c321080000010000", "(c3) r1 = load_acquire((u32 *)(r2 +8))", "w1 = load_acquire((u32 *)(r2 + 0x8))" },
	{ "c321080010010000", "(c3) store_release((u32 *)(r1 +8), r2)", "store_release((u32 *)(r1 + 0x8), w2)" },
	{ "cb21080000010000", "(cb) r1 = load_acquire((u16 *)(r2 +8))", "w1 = load_acquire((u16 *)(r2 + 0x8))" },
	{ "cb21080010010000", "(cb) store_release((u16 *)(r1 +8), r2)", "store_release((u16 *)(r1 + 0x8), w2)" },
	{ "d321080000010000", "(d3) r1 = load_acquire((u8 *)(r2 +8))", "w1 = load_acquire((u8 *)(r2 + 0x8))" },
	{ "d321080010010000", "(d3) store_release((u8 *)(r1 +8), r2)", "store_release((u8 *)(r1 + 0x8), w2)" },
	{ "db21080000010000", "(db) r1 = load_acquire((u64 *)(r2 +8))", "r1 = load_acquire((u64 *)(r2 + 0x8))" },
	{ "db21080010010000", "(db) store_release((u64 *)(r1 +8), r2)", "store_release((u64 *)(r1 + 0x8), r2)" },
	{ "e321080000000000", "(e3) probe lock *(u32 *)(r1 +8) += r2", "probe lock *(u32 *)(r1 + 0x8) += w2" },
	{ "fb21080001000000", "(fb) probe r2 = atomic64_fetch_add((u64 *)(r1 +8), r2)", "probe r2 = atomic_fetch_add((u64 *)(r1 + 0x8), r2)" },
	{ "fb210800e1000000", "(fb) probe r2 = atomic64_xchg((u64 *)(r1 +8), r2)", "probe r2 = xchg_64(r1 + 0x8, r2)" },
	{ "e3210800f1000000", "(e3) probe r0 = atomic_cmpxchg((u32 *)(r1 +8), r0, r2)", "probe w0 = cmpxchg32_32(r1 + 0x8, w0, w2)" },
	{ "eb21080000010000", "(eb) probe r1 = load_acquire((u16 *)(r2 +8))", "probe w1 = load_acquire((u16 *)(r2 + 0x8))" },
	{ "f321080010010000", "(f3) probe store_release((u8 *)(r1 +8), r2)", "probe store_release((u8 *)(r1 + 0x8), w2)" },
};
/* clang-format on */

#define N_ROWS (sizeof(rows) / sizeof(*rows))
#define AROUND 8 /* slots in front of what is looked at, and behind: jumps stay inside */

static const uint8_t leave[INSN_BYTES] = { 0x95 };

/* A stream in memory of exactly its size, so that the sanitizer sees a byte read beyond it. */
struct made {
	uint8_t *bytes;
	struct insn_stream stream;
};

static void made_done(struct made *made)
{
	free(made->bytes);
}

static struct made make(const char *hex)
{
	size_t size = strlen(hex) / 2;
	struct made made = { .bytes = malloc(size + !size) };

	assert_non_null(made.bytes);
	assert_int_equal(num_parse_hex_bytes(hex, made.bytes, size), 0);
	made.stream = insn_stream_of(made.bytes, size);
	made.stream.is_big_endian = false;
	return made;
}

static struct made make_among_others(const char *hex)
{
	AUTO(made_done) struct made inner = make(hex);
	size_t size = (size_t)inner.stream.count * INSN_BYTES;
	struct made made = { .bytes = malloc(size + 2 * AROUND * INSN_BYTES) };

	assert_non_null(made.bytes);
	for (size_t i = 0; i < AROUND; i++) {
		memcpy(made.bytes + i * INSN_BYTES, leave, INSN_BYTES);
		memcpy(made.bytes + AROUND * INSN_BYTES + size + i * INSN_BYTES, leave, INSN_BYTES);
	}
	memcpy(made.bytes + AROUND * INSN_BYTES, inner.bytes, size);
	made.stream = inner.stream;
	made.stream.bytes = made.bytes;
	made.stream.count += 2 * AROUND;
	return made;
}

static void assert_text(const struct insn *insn, enum insn_syntax syntax,
			const struct insn_names *names, const char *expected)
{
	AUTO(buf_done) struct buf text = { 0 };

	insn_print(insn, syntax, names, &text);
	buf_add_char(&text, '\0');
	assert_false(buf_failed(&text));
	assert_string_equal(text.bytes, expected);
}

/* The instruction at @index of @hex. */
static void assert_kernel_text(const char *hex, uint32_t index, const char *expected)
{
	AUTO(made_done) struct made made = make(hex);
	struct insn insn;

	insn_decode(&made.stream, index, &insn);
	assert_text(&insn, INSN_KERNEL, NULL, expected);
}

static void every_instruction_has_its_text_in_both_syntaxes(void **state)
{
	struct insn insn;

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		AUTO(made_done) struct made made = make_among_others(rows[i].bytes);

		assert_int_equal(insn_decode(&made.stream, AROUND, &insn),
				 strlen(rows[i].bytes) / 16);
		assert_int_equal(insn.flaw, INSN_SOUND);
		assert_text(&insn, INSN_KERNEL, NULL, rows[i].kernel);
		assert_text(&insn, INSN_ASSEMBLER, NULL, rows[i].assembler);
	}
}

/* The same bytes with what a big-endian machine has in another order. */
static void turn(uint8_t *at)
{
	uint8_t old[INSN_BYTES];

	memcpy(old, at, INSN_BYTES);
	at[1] = (uint8_t)(old[1] << 4 | old[1] >> 4);
	at[2] = old[3], at[3] = old[2];
	at[4] = old[7], at[5] = old[6], at[6] = old[5], at[7] = old[4];
}

static void every_instruction_of_a_big_endian_object_has_the_same_text(void **state)
{
	struct insn insn;

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		AUTO(made_done) struct made made = make_among_others(rows[i].bytes);

		for (uint32_t k = 0; k < made.stream.count; k++)
			turn(made.bytes + (size_t)k * INSN_BYTES);
		made.stream.is_big_endian = true;
		insn_decode(&made.stream, AROUND, &insn);
		assert_int_equal(insn.flaw, INSN_SOUND);
		assert_text(&insn, INSN_KERNEL, NULL, rows[i].kernel);
		assert_text(&insn, INSN_ASSEMBLER, NULL, rows[i].assembler);
	}
}

static bool is_in_table(unsigned code)
{
	uint8_t first;

	for (size_t i = 0; i < N_ROWS; i++) {
		char digits[3] = { rows[i].bytes[0], rows[i].bytes[1] };

		assert_int_equal(num_parse_hex_bytes(digits, &first, 1), 0);
		if (first == code)
			return true;
	}
	return false;
}

static void every_code_is_in_the_table_or_reserved(void **state)
{
	unsigned n_reserved = 0;

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		uint8_t bytes[2 * INSN_BYTES] = { (uint8_t)code };
		struct insn_stream stream = insn_stream_of(bytes, sizeof(bytes));
		struct insn insn;

		insn_decode(&stream, 0, &insn);
		if (is_in_table(code))
			continue;
		assert_int_equal(insn.kind, INSN_BAD);
		assert_int_equal(insn.flaw, INSN_RESERVED_CODE);
		assert_int_equal(insn.length, 1);
		n_reserved++;
	}
	assert_int_equal(n_reserved, 98);
}

static void a_reserved_code_is_shown_with_its_bytes(void **state)
{
	(void)state;
	assert_kernel_text("e743f9fffbffffff", 0, "(e7) <reserved code: e7 43 f9 ff fb ff ff ff>");
	assert_kernel_text("d401000008000000", 0, "(d4) <reserved code: d4 01 00 00 08 00 00 00>");
	assert_kernel_text("db21f0ff02000000", 0, "(db) <reserved code: db 21 f0 ff 02 00 00 00>");
	assert_kernel_text("cb21f0ff00000000", 0, "(cb) <reserved code: cb 21 f0 ff 00 00 00 00>");
	assert_kernel_text("eb21f0ff01000000", 0, "(eb) <reserved code: eb 21 f0 ff 01 00 00 00>");
}

static void half_a_wide_instruction_is_no_instruction_and_the_next_one_is_read(void **state)
{
	(void)state;
	assert_kernel_text("1801000005000000", 0,
			   "(18) <half a wide instruction: 18 01 00 00 05 00 00 00>");
	assert_kernel_text("1801000005000000b700000000000000", 0,
			   "(18) <half a wide instruction: 18 01 00 00 05 00 00 00>");
	assert_kernel_text("1801000005000000b700000000000000", 1, "(b7) r0 = 0");
	assert_kernel_text("18010000050000001801000006000000"
			   "0000000000000000",
			   1, "(18) r1 = 0x6");
}

static void a_field_that_must_be_zero_is_pointed_at(void **state)
{
	static const char *const streams[] = {
		"0701010005000000", /* off of an addition */
		"0721000005000000", /* src where imm is the operand */
		"0f21000005000000", /* imm where src is */
		"3421020007000000", /* division: neither 0 nor 1 */
		"bf21020000000000", /* move of no known kind */
		"bc21200000000000", /* 32 bits of 32 */
		"b701080000000000", /* sign extension of a constant */
		"bf21080001000000", /* and imm beside it */
		"bf21000001000000", "8701000001000000", "dc01010010000000", "9500000001000000",
		"8d01000001000000", "0d01000001000000", "e510000000000000", "8530000001000000",
		"8500010001000000", "7921000001000000", "7a21000001000000", "7b21000001000000",
		"2001000001000000", "4001000001000000", "c200000001000000", "1521000005000000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		AUTO(made_done) struct made made = make(streams[i]);
		struct insn insn;

		insn_decode(&made.stream, 0, &insn);
		assert_int_not_equal(insn.kind, INSN_BAD);
		assert_int_equal(insn.flaw, INSN_RESERVED_FIELD);
	}
	assert_kernel_text("0701010005000000", 0,
			   "(07) r1 += 5 <reserved field is set: 07 01 01 00 05 00 00 00>");
	assert_kernel_text("18710000010000000000000000000000", 0,
			   "(18) r1 = 0x1 <reserved field is set: "
			   "18 71 00 00 01 00 00 00 00 00 00 00 00 00 00 00>");
	assert_kernel_text("18010000010000000001000000000000", 0,
			   "(18) r1 = 0x1 <reserved field is set: "
			   "18 01 00 00 01 00 00 00 00 01 00 00 00 00 00 00>");
}

static void registers_end_with_those_of_the_kernel(void **state)
{
	(void)state;
	assert_kernel_text("bfba000000000000", 0, "(bf) r10 = r11");
	assert_kernel_text("bfbc000000000000", 0, "(bf) r12 = r11");
	assert_kernel_text("bfd1000000000000", 0,
			   "(bf) r1 = r13 <no such register: bf d1 00 00 00 00 00 00>");
	assert_kernel_text("b70f000000000000", 0,
			   "(b7) r15 = 0 <no such register: b7 0f 00 00 00 00 00 00>");
}

/* goto at slot 1 of: nop, goto, wide, wide, exit */
static void assert_goto(const char *off, uint32_t target, enum insn_flaw flaw)
{
	char hex[81];

	strcpy(hex, "b700000000000000"
		    "0500000000000000"
		    "18010000050000000000000000000000"
		    "9500000000000000");
	memcpy(hex + 20, off, 4);
	AUTO(made_done) struct made made = make(hex);
	struct insn insn;

	insn_decode(&made.stream, 1, &insn);
	assert_int_equal(insn.target, target);
	assert_int_equal(insn.flaw, flaw);
}

static void a_jump_has_a_target_only_where_an_instruction_begins(void **state)
{
	(void)state;
	assert_goto("0000", 2, INSN_SOUND);
	assert_goto("0100", INSN_NO_TARGET, INSN_TARGET_INSIDE);
	assert_goto("0200", 4, INSN_SOUND);
	assert_goto("0300", INSN_NO_TARGET, INSN_TARGET_OUTSIDE);
	assert_goto("feff", 0, INSN_SOUND);
	assert_goto("ffff", 1, INSN_SOUND);
	assert_goto("fdff", INSN_NO_TARGET, INSN_TARGET_OUTSIDE);
	assert_goto("ff7f", INSN_NO_TARGET, INSN_TARGET_OUTSIDE);
	assert_goto("0080", INSN_NO_TARGET, INSN_TARGET_OUTSIDE);
	assert_kernel_text(
		"06000000ffffff7f", 0,
		"(06) gotol pc+2147483647 <leads out of the program: 06 00 00 00 ff ff ff 7f>");
	assert_kernel_text(
		"0600000000000080", 0,
		"(06) gotol pc-2147483648 <leads out of the program: 06 00 00 00 00 00 00 80>");
	assert_kernel_text("050001000000000095000000000000009500", 0,
			   "(05) goto pc+1 <leads out of the program: 05 00 01 00 00 00 00 00>");
}

static void a_call_of_a_compiled_program_leads_to_the_subprogram(void **state)
{
	/* call: off 1, subprogram 1; three times exit */
	AUTO(made_done)
	struct made made = make("8510010001000000950000000000000095000000000000009500000000000000");
	static const uint32_t starts[] = { 0, 3 };
	struct insn insn;

	(void)state;
	made.stream.is_jited = true;
	insn_decode(&made.stream, 0, &insn);
	assert_int_equal(insn.target, 2);
	assert_text(&insn, INSN_KERNEL, NULL, "(85) call pc+1");

	/* The number is right where the distance, which has 16 bits, may be cut. */
	made.stream.starts = starts;
	made.stream.n_starts = 2;
	insn_decode(&made.stream, 0, &insn);
	assert_int_equal(insn.target, 3);
	assert_int_equal(insn.flaw, INSN_SOUND);

	made.stream.is_jited = false;
	insn_decode(&made.stream, 0, &insn);
	assert_int_equal(insn.target, 2);
	assert_int_equal(insn.flaw, INSN_RESERVED_FIELD);
}

static const char *name_of_call(void *context, const struct insn *insn)
{
	(void)context;
	return insn->call == INSN_CALL_KFUNC	 ? "bpf_kfunc"
	       : insn->call == INSN_CALL_SUBPROG ? "sub"
						 : "far_away";
}

static const char *name_of_constant(void *context, const struct insn *insn)
{
	(void)context;
	return insn->src == INSN_CONSTANT_MAP_FD ? "map[counters]" : NULL;
}

static const char *name_of_place(void *context, const struct insn *insn)
{
	(void)context;
	assert_int_not_equal(insn->target, INSN_NO_TARGET);
	return insn->target ? "f+0x8" : "f";
}

static const struct insn_names names = {
	.call = name_of_call,
	.constant = name_of_constant,
	.label = name_of_place,
};

static void assert_named(const char *hex, const char *kernel, const char *assembler)
{
	AUTO(made_done) struct made made = make(hex);
	struct insn insn;

	insn_decode(&made.stream, 0, &insn);
	assert_text(&insn, INSN_KERNEL, &names, kernel);
	assert_text(&insn, INSN_ASSEMBLER, &names, assembler);
}

static void names_stand_where_numbers_would(void **state)
{
	(void)state;
	assert_named("8500000001000000", "(85) call bpf_map_lookup_elem#1", "call far_away");
	assert_named("8500000000000100", "(85) call far_away#65536", "call far_away");
	assert_named("8520000007000000", "(85) call bpf_kfunc#7", "call bpf_kfunc");
	assert_named("8510000000000000"
		     "9500000000000000",
		     "(85) call pc+0#sub", "call sub");
	assert_named("18110000070000000000000000000000", "(18) r1 = map[counters]",
		     "r1 = map[counters] ll");
	assert_named("18010000070000000000000000000000", "(18) r1 = 0x7", "r1 = 0x7 ll");
	assert_named("05000000000000009500000000000000", "(05) goto pc+0", "goto +0x0 <f+0x8>");
	assert_named("1d21ffff000000009500000000000000", "(1d) if r1 == r2 goto pc-1",
		     "if r1 == r2 goto -0x1 <f>");
	assert_named("0500ff0000000000",
		     "(05) goto pc+255 <leads out of the program: 05 00 ff 00 00 00 00 00>",
		     "goto +0xff <leads out of the program: 05 00 ff 00 00 00 00 00>");
}

static const char *long_name(void *context, const struct insn *insn)
{
	(void)insn;
	return context;
}

static void names_may_be_long(void **state)
{
	AUTO(made_done) struct made made = make("8520000007000000");
	char name[5001], expected[5100];
	struct insn insn;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	struct insn_names has_long = { .context = name, .call = long_name };
	insn_decode(&made.stream, 0, &insn);
	strcpy(expected, "(85) call ");
	strcat(expected, name);
	strcat(expected, "#7");
	assert_text(&insn, INSN_KERNEL, &has_long, expected);
}

static void text_is_added_behind_what_is_there(void **state)
{
	AUTO(made_done) struct made made = make("9500000000000000");
	AUTO(buf_done) struct buf text = { 0 };
	struct insn insn;

	(void)state;
	insn_decode(&made.stream, 0, &insn);
	buf_add_text(&text, "0: ");
	insn_print(&insn, INSN_KERNEL, NULL, &text);
	insn_print(&insn, INSN_ASSEMBLER, NULL, &text);
	buf_add_char(&text, '\0');
	assert_string_equal(text.bytes, "0: (95) exitexit");
}

static void without_memory_nothing_is_written(void **state)
{
	AUTO(made_done) struct made made = make("8520000007000000");
	struct buf text = { .failed = true };
	struct insn insn;

	(void)state;
	insn_decode(&made.stream, 0, &insn);
	insn_print(&insn, INSN_KERNEL, &names, &text);
	assert_true(buf_failed(&text));
	assert_int_equal(text.size, 0);
}

static void a_flaw_that_is_explained_is_not_shown(void **state)
{
	AUTO(made_done) struct made made = make("0500ff0000000000");
	struct insn insn;

	(void)state;
	insn_decode(&made.stream, 0, &insn);
	insn.flaw = INSN_SOUND;
	assert_text(&insn, INSN_KERNEL, NULL, "(05) goto pc+255");
}

static void every_slot_but_second_halves_begins_an_instruction(void **state)
{
	/* wide, wide, half, nop, half */
	AUTO(made_done)
	struct made made = make("1801000001000000000000000100000018010000010000000000000001000000"
				"1801000001000000b7000000000000001801000001000000");
	static const bool expected[] = { true, false, true, false, true, true, true, false, false };

	(void)state;
	for (uint32_t i = 0; i < sizeof(expected); i++)
		assert_int_equal(insn_is_start(&made.stream, i), expected[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction_has_its_text_in_both_syntaxes),
		cmocka_unit_test(every_instruction_of_a_big_endian_object_has_the_same_text),
		cmocka_unit_test(every_code_is_in_the_table_or_reserved),
		cmocka_unit_test(a_reserved_code_is_shown_with_its_bytes),
		cmocka_unit_test(
			half_a_wide_instruction_is_no_instruction_and_the_next_one_is_read),
		cmocka_unit_test(a_field_that_must_be_zero_is_pointed_at),
		cmocka_unit_test(registers_end_with_those_of_the_kernel),
		cmocka_unit_test(a_jump_has_a_target_only_where_an_instruction_begins),
		cmocka_unit_test(a_call_of_a_compiled_program_leads_to_the_subprogram),
		cmocka_unit_test(names_stand_where_numbers_would),
		cmocka_unit_test(names_may_be_long),
		cmocka_unit_test(text_is_added_behind_what_is_there),
		cmocka_unit_test(without_memory_nothing_is_written),
		cmocka_unit_test(a_flaw_that_is_explained_is_not_shown),
		cmocka_unit_test(every_slot_but_second_halves_begins_an_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
