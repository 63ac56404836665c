# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""btf dump ... format c: headers that compile, and that say what the BTF says."""
import os
import re
import shutil
import struct
import subprocess
import time

import btf
import cheader
import pytest

VMLINUX = "/sys/kernel/btf/vmlinux"

# Every kind that clang makes, and layouts that need words of their own.
SOURCE = """
typedef unsigned int u32;
struct two { int a:3; unsigned b:5; long c; };
enum small { ONE = 1, TWO = 2 };
enum signed_one { MINUS = -1, PLUS = 1 };
enum __attribute__((packed)) byte { B1, B2 };
enum { NAMELESS = 7 };
typedef struct { int counter; } atomic_t;
union both { int a; char b[5]; };
struct packed { char a; long b; } __attribute__((packed));
struct gap { char a; long b __attribute__((aligned(64))); };
struct declared;
#define tag(x) __attribute__((btf_type_tag(x)))
struct all {
	struct declared *f; struct two t; enum small e; enum byte eb; atomic_t at; int (*fn)(struct all *, ...);
	union both u; struct packed p; struct gap g; float fl; double d; _Bool bo; __int128 i; u32 arr[2][3];
	struct { int x; union { char y; short z; }; };
	const volatile char *restrict s; int tag("user") *tagged; void (*no_arguments)(void); int flex[];
};
struct all o;
enum signed_one so;
int nameless = NAMELESS;
int function(struct all *a, enum small e) { return a->t.a + e; }
"""


def header_of(program, *words, **how):
    return program(*words, "format", "c", **how).stdout


@pytest.fixture
def made(tmp_path):
    """Objects made by clang: text of C, path of the object."""
    if not shutil.which("clang"):
        pytest.skip("needs clang")

    def make(name, source):
        path = tmp_path / name
        subprocess.run(["clang", "-target", "bpf", "-g", "-O2", "-x", "c", "-", "-c", "-o", path], input=source, text=True,
                       check=True)
        return str(path)
    return make


def blob(types, strings=b"\0"):
    return struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings


def record(kind, name, size_or_type, count=0, flag=0, tail=()):
    return struct.pack("<III", name, flag << 31 | kind << 24 | count, size_or_type) + struct.pack(f"<{len(tail)}I", *tail)


@pytest.fixture
def file(tmp_path):
    def write(data, name="types"):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)
    return write


# --- the kernel's own types

@pytest.fixture(scope="module")
def vmlinux(bpflens):
    """The header of the running kernel, sorted and not."""
    if not os.path.exists(VMLINUX):
        pytest.skip("this kernel shows no BTF")
    return header_of(bpflens, "btf", "dump", "file", VMLINUX), header_of(bpflens, "btf", "dump", "file", VMLINUX, "unsorted")


def without_order(text):
    """Which of two of a name is the one with a suffix, and what is declared ahead, depends on the order."""
    return {k: n for k, n in cheader.declared(text).items() if not k.startswith("declared")}


def assert_is_bpftools(ours, theirs):
    """
    Byte for byte, but that bpflens says when no kfuncs are marked, and but for kernels made with -fms-extensions (since
    6.19): a member without a name, whose struct has one, is in bpftool's header a declaration of nothing.
    """
    if re.search(r"^\t+(?:struct|union) \w+;$", theirs, re.M):
        assert without_order(ours) == without_order(theirs)
        assert not re.search(r"^\t+(?:struct|union) \w+;$", ours, re.M)
    else:
        assert ours.replace(cheader.UNMARKED, "") == theirs


def test_the_kernels_header_unsorted_is_bpftools(vmlinux, peer):
    assert_is_bpftools(vmlinux[1], header_of(peer, "btf", "dump", "file", VMLINUX, "unsorted"))


@pytest.mark.slow_in_vm(reason="takes minutes where it is emulated; the text is held against bpftool's there")
def test_sorting_the_kernels_header_changes_no_declaration(vmlinux):
    ordered, unordered = (without_order(text) for text in vmlinux)
    assert len(unordered) > 5000
    assert ordered == unordered


@pytest.mark.slow_in_vm(reason="takes minutes where it is emulated; the text is held against bpftool's there")
def test_the_kernels_header_compiles_to_the_layout_of_its_types(vmlinux):
    with open(VMLINUX, "rb") as btf:
        lines = list(cheader.Blob(btf.read()).asserts())
    assert len(lines) > 10000
    cheader.assert_compiles("\n".join([vmlinux[0], *lines, ""]), compilers=[cheader.GCC])


@pytest.mark.slow_in_vm(reason="takes minutes where it is emulated; the text is held against bpftool's there")
def test_the_kernels_header_compiles_with_clang(vmlinux):
    cheader.assert_compiles(vmlinux[0], compilers=[cheader.CLANG])


def test_the_kernels_header_compiles_with_gcc(vmlinux):
    cheader.assert_compiles(vmlinux[1], compilers=[cheader.GCC])


def test_there_is_a_prototype_for_each_kfunc_that_is_marked(vmlinux, bpflens):
    raw = bpflens("btf", "dump", "file", VMLINUX).stdout
    marked = re.findall(r"^\[\d+\] DECL_TAG 'bpf_kfunc' type_id=(\d+)", raw, re.M)
    functions = dict(re.findall(r"^\[(\d+)\] FUNC '([^']*)'", raw, re.M))
    assert functions
    for text in vmlinux:
        found = re.findall(r"^extern .*?(\w+)\(.*__weak __ksym;$", text, re.M)
        assert len(re.findall(r"^extern ", text, re.M)) == len(marked)
        assert (cheader.UNMARKED in text) == (not marked)
        if marked:
            names = [line for line in text.splitlines() if line.startswith("extern ")]
            assert all(any(re.search(rf"\b{functions[n]}\(", line) for line in names) for n in marked[:20])
            assert found


@pytest.mark.slow_in_vm(reason="all of the kernel's types are printed twice more; a module's text without them is held against bpftool's there")
def test_a_modules_header_is_bpftools(bpflens, peer):
    modules = sorted(name for name in os.listdir("/sys/kernel/btf") if name != "vmlinux")
    if not modules:
        pytest.skip("no module with BTF is loaded")
    words = ("btf", "dump", "file", f"/sys/kernel/btf/{modules[0]}")
    assert_is_bpftools(header_of(bpflens, *words, "unsorted"), header_of(peer, *words, "unsorted"))


# --- objects

@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_an_object_of_every_kind_is_bpftools_and_compiles_to_its_layout(made, bpflens, peer):
    path = made("all.o", SOURCE)
    unsorted = header_of(bpflens, "btf", "dump", "file", path, "unsorted")
    assert unsorted.replace(cheader.UNMARKED, "") == header_of(peer, "btf", "dump", "file", path, "unsorted")
    ordered = header_of(bpflens, "btf", "dump", "file", path)
    assert cheader.declared(ordered) == cheader.declared(unsorted)
    for name in ("struct all", "union both", "typedef atomic_t", "constant TWO 2", "enum byte", "declared struct declared"):
        assert name in cheader.declared(ordered)
    lines = list(cheader.Blob(cheader.section(path)).asserts())
    assert len(lines) > 30
    for text in ordered, unsorted:
        cheader.assert_compiles("\n".join([text, *lines, ""]))


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_roots_are_bpftools(made, bpflens, peer):
    path = made("all.o", SOURCE)
    raw = bpflens("btf", "dump", "file", path).stdout
    for name in ("STRUCT 'two'", "TYPEDEF 'atomic_t'", "STRUCT 'all'", "ENUM 'byte'"):
        root = re.search(rf"^\[(\d+)\] {name}", raw, re.M)[1]
        words = ("btf", "dump", "file", path, "root_id", root)
        assert header_of(bpflens, *words) == header_of(peer, *words)
        assert "kfuncs" not in header_of(bpflens, *words)


@pytest.mark.parametrize("part", [[], ["key"], ["value"], ["kv"], ["all"]])
def test_the_types_of_a_map_are_bpftools(part, kernel, bpflens, peer):
    types = btf.Btf()
    number = types.int("int", 4, signed=True)
    key, value = types.struct("key", 4, [("k", number, 0)]), types.struct("value", 8, [("v", number, 0), ("w", number, 4)])
    made = kernel.map("hash", key=4, value=8, btf_fd=kernel.keep(types.load()), btf_key=key, btf_value=value)
    words = ("btf", "dump", "map", "id", made.id, *part, "unsorted")
    assert header_of(bpflens, *words) == header_of(peer, *words)
    assert ("struct value {" in header_of(bpflens, *words)) == (part != ["key"])


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_a_guard_lets_two_objects_be_included_together(made, bpflens, tmp_path):
    shared = "typedef unsigned int u32; struct shared { u32 x; }; enum { SHARED = 1 }; enum e { E1 = 1 };\n"
    one = made("one.o", shared + "struct one { struct shared s; enum e e; } a; int n = SHARED;")
    two = made("two.o", shared + "typedef struct { int c; } cell; struct two { struct shared s; cell c; enum e e; } b;")
    for path, name in (one, "one.h"), (two, "two.h"):
        macro = name.upper().replace(".", "_")
        text = header_of(bpflens, "btf", "dump", "file", path, "guard", macro)
        assert text.startswith(f"#ifndef {macro}\n#define {macro}\n") and text.endswith(f"#endif /* {macro} */\n")
        assert "__VMLINUX_H__" not in text
        (tmp_path / name).write_text(text)
    use = "struct one x; struct two y; int z = sizeof(x.s) == sizeof(y.s) && E1;\n"
    for order in ("one.h", "two.h"), ("two.h", "one.h"), ("one.h", "two.h", "one.h"):
        cheader.assert_compiles("".join(f'#include "{name}"\n' for name in order) + use, tmp_path)


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_without_a_guard_the_second_of_two_headers_is_nothing(made, bpflens, tmp_path):
    for name in "one", "two":
        path = made(f"{name}.o", f"struct {name} {{ int x; }} v;")
        (tmp_path / f"{name}.h").write_text(header_of(bpflens, "btf", "dump", "file", path))
    done = cheader.compiled(cheader.GCC, '#include "one.h"\n#include "two.h"\nstruct two y;\n', tmp_path)
    assert "incomplete" in done.stderr or "isn’t known" in done.stderr or "isn't known" in done.stderr


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_two_guarded_definitions_that_differ_are_an_error(made, bpflens, tmp_path):
    for name, member in ("one", "int"), ("two", "long"):
        path = made(f"{name}.o", f"struct same {{ {member} x; }} v;")
        (tmp_path / f"{name}.h").write_text(header_of(bpflens, "btf", "dump", "file", path, "guard", f"{name}_h"))
    done = cheader.compiled(cheader.GCC, '#include "one.h"\n#include "two.h"\n', tmp_path)
    assert "redefinition of ‘struct same’" in done.stderr or "redefinition of 'struct same'" in done.stderr


@pytest.mark.slow_in_vm(reason="takes minutes where it is emulated; the text is held against bpftool's there")
def test_a_guarded_object_stands_beside_the_guarded_kernel(made, bpflens, vmlinux, tmp_path):
    path = made("one.o", "typedef unsigned int __u32; struct list_head { struct list_head *next, *prev; };\n"
                         "struct mine { __u32 x; struct list_head l; } a;")
    (tmp_path / "kernel.h").write_text(header_of(bpflens, "btf", "dump", "file", VMLINUX, "guard", "KERNEL_H"))
    (tmp_path / "one.h").write_text(header_of(bpflens, "btf", "dump", "file", path, "guard", "ONE_H"))
    cheader.assert_compiles('#include "kernel.h"\n#include "one.h"\nstruct mine m; struct task_struct *t;\n', tmp_path)


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
@pytest.mark.parametrize("name", ["a-h", "1h", "int", "", "a b"])
def test_a_guard_that_is_no_identifier_is_refused(name, made, bpflens):
    result = bpflens.run("btf", "dump", "file", made("one.o", "int a;"), "format", "c", "guard", name)
    assert result.rc and not result.out


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_a_guard_without_the_c_form_is_a_wrong_command_line(made, bpflens):
    assert "format c" in bpflens("btf", "dump", "file", made("one.o", "int a;"), "guard", "A_H", rc=2).error


# --- types that bpftool has wrong

@pytest.mark.slow_in_vm(reason="compiles, which no kernel has a say in")
def test_a_member_without_a_name_is_what_its_type_holds(file, bpflens):
    types = (record(1, 1, 4, 0, 0, (1 << 24 | 32,)) + record(4, 5, 8, 2, 0, (11, 1, 0, 13, 1, 32))
             + record(4, 15, 12, 2, 0, (0, 2, 0, 21, 1, 64)))
    text = header_of(bpflens, "btf", "dump", "file", file(blob(types, b"\0int\0inner\0a\0b\0outer\0c\0")))
    assert "struct inner {" in text
    cheader.assert_compiles(text + "_Static_assert(sizeof(struct outer) == 12, \"\");\n")


def test_sorting_keeps_the_type_that_sorts_first(file, bpflens):
    two = file(blob(record(4, 1, 0) + record(4, 3, 0), b"\0a\0b\0"))
    one = file(blob(record(4, 1, 0), b"\0a\0"), "one")
    for path, names in (two, ["struct a", "struct b"]), (one, ["struct a"]):
        for order in (), ("unsorted",):
            assert sorted(cheader.declared(header_of(bpflens, "btf", "dump", "file", path, *order))) == names


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_constants_of_64_bits_survive_compilation(file, bpflens):
    strings = b"\0BIG\0LEAST\0HALF\0e\0"
    types = (record(19, 16, 8, 1, 0, (1, 0xffffffff, 0xffffffff)) + record(19, 0, 8, 1, 1, (5, 0, 0x80000000))
             + record(19, 0, 8, 1, 0, (11, 0, 0x80000000)))
    text = header_of(bpflens, "btf", "dump", "file", file(blob(types, strings)))
    cheader.assert_compiles(text + """
_Static_assert(BIG == 0xffffffffffffffffULL && BIG > 0, "BIG");
_Static_assert(LEAST == -0x7fffffffffffffffLL - 1 && LEAST < 0, "LEAST");
_Static_assert(HALF == 0x8000000000000000ULL && HALF > 0, "HALF");
_Static_assert(sizeof(enum e) == 8, "e");
""")


CIRCLES = {
    "modifier of itself": (record(10, 0, 1), 1),
    "typedefs": (record(8, 1, 2) + record(8, 1, 1), 1),
    "struct in itself": (record(4, 1, 4, 1, 0, (1, 1, 0)), 1),
    "array of itself": (record(3, 0, 0, 0, 0, (1, 1, 2)), 1),
    "array of void": (record(3, 0, 0, 0, 0, (0, 0, 2)), 1),
    "no such type": (record(2, 0, 77), 1),
    "pointers without end": (b"".join(record(2, 0, i) for i in range(20000)), 257),
}


@pytest.mark.parametrize("what", CIRCLES)
def test_types_that_cannot_be_printed_are_refused_at_once_and_by_id(what, file, bpflens):
    types, number = CIRCLES[what]
    path, start = file(blob(types, b"\0t\0")), time.monotonic()
    result = bpflens("btf", "dump", "file", path, "format", "c", rc=1)
    assert time.monotonic() - start < (1 if "LIVE_LIMIT" not in os.environ else 60)
    assert result.out == b""
    assert re.search(rf"\btype {number}\b", result.error)
    assert bpflens("btf", "dump", "file", path).stdout  # they are legal records, and shown as such


@pytest.mark.slow_in_vm(reason="a large file, which no kernel has a say in")
def test_names_that_were_made_to_have_one_hash_are_refused_at_once(file, bpflens):
    """'Aa' and 'BB' have the same sum h * 31 + c: so have 32,768 words of 15 such pairs."""
    words = [b"".join((b"Aa", b"BB")[i >> bit & 1] for bit in range(15)) for i in range(1 << 15)]
    path = file(blob(b"".join(record(4, 1 + 31 * i, 0) for i in range(len(words))), b"\0" + b"\0".join(words) + b"\0"))
    start = time.monotonic()
    result = bpflens("btf", "dump", "file", path, "format", "c", rc=1)
    assert time.monotonic() - start < 1 and result.out == b""
    assert result.error == "types: print as C: too many names have the same hash: Invalid argument" and "hint: " in result.stderr
    assert bpflens("btf", "dump", "file", path).out.count(b"\n") == len(words)


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
def test_names_that_are_no_identifiers_are_replaced_and_told(file, bpflens):
    strings, at = b"\0", {}
    for name in ("int", "a b<T>", "*int", "class", "x" * 200, "m", "if"):
        at[name] = len(strings)
        strings += name.encode() + b"\0"
    types = record(1, at["int"], 4, 0, 0, (1 << 24 | 32,))
    for name in ("a b<T>", "*int", "class", "x" * 200, "if"):
        types += record(4, at[name], 4, 1, 0, (at["m"], 1, 0))
    path = file(blob(types, strings))
    text = header_of(bpflens, "btf", "dump", "file", path)
    cheader.assert_compiles(text)
    for name in ("a b<T>", "*int", "if"):
        assert f"/* {name} */" in text
    assert "struct class {" in text and f"struct {'x' * 200} {{" in text
    raw = bpflens("btf", "dump", "file", path).stdout
    exact = {one["name"] for one in bpflens("-j", "btf", "dump", "file", path)["types"]}
    for name in at:
        assert name == "m" or (f"'{name}'" in raw and name in exact)


@pytest.mark.slow_in_vm(reason="compiles objects, which no kernel has a say in")
@pytest.mark.parametrize("tagged", [False, True])
def test_a_header_says_whether_kfuncs_are_marked(tagged, file, bpflens):
    types = record(13, 0, 0) + record(12, 1, 1)
    if tagged:
        types += record(17, 3, 2, 0, 0, (0xffffffff,))
    text = header_of(bpflens, "btf", "dump", "file", file(blob(types, b"\0f\0bpf_kfunc\0")))
    assert ("extern void f(void) __weak __ksym;" in text) == tagged
    assert (cheader.UNMARKED in text) != tagged
    cheader.assert_compiles(text)


@pytest.mark.slow_in_vm(reason="compiles, which no kernel has a say in")
def test_an_unknown_kind_leaves_out_what_needs_it_and_no_more(file, bpflens):
    types = (record(1, 1, 4, 0, 0, (1 << 24 | 32,)) + record(4, 5, 4, 1, 0, (5, 1, 0)) + record(4, 7, 8, 1, 0, (5, 4, 0))
             + record(60, 0, 0))
    result = bpflens("btf", "dump", "file", file(blob(types, b"\0int\0a\0b\0")), "format", "c", rc=1)
    assert "struct a {\n\tint a;\n};" in result.stdout and "struct b;" in result.stdout
    assert "kind 60" in result.stderr
    cheader.assert_compiles(result.stdout)


# --- the command line

@pytest.mark.parametrize("form", [["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]])
def test_json_of_a_header_is_refused(form, file, bpflens):
    words = (*form, "btf", "dump", "file", file(blob(b"")), "format", "c")
    assert bpflens.run(*words).error.startswith("JSON output for C-syntax dump is not supported")
    assert bpflens.run(*words).rc == 1


def test_json_of_a_header_fails_as_bpftool_does(file, as_bpftool):
    assert as_bpftool.run("-j", "btf", "dump", "file", file(blob(b"")), "format", "c").rc == 255
