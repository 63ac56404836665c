# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""C headers made from BTF: what they declare, whether they compile, and whether to the layout that the BTF has."""
import collections
import re
import shutil
import struct
import subprocess

import pytest

# What compilers warn of in bpftool's headers, too: clang's pragma and attributes, which gcc does not know.
# The layout is asked of gcc, for the machine's own: there va_list has the size that it has in the kernel.
GCC = ("gcc", "-std=gnu11", "-Wall", "-Werror", "-Wno-unknown-pragmas", "-Wno-attributes")
CLANG = ("clang", "-std=gnu11", "-target", "bpf", "-Wall", "-Werror", "-Wno-unknown-attributes",
         "-Wno-pragma-clang-attribute")
COMPILERS = (GCC, CLANG)
UNMARKED = "/* This BTF does not mark kfuncs. */\n"
WORD = r"[A-Za-z_]\w*"


def compiled(compiler, source, *headers):
    """What a compiler says of the text of a C file; headers: directories."""
    if not shutil.which(compiler[0]):
        pytest.skip(f"needs {compiler[0]}")
    includes = [f"-I{path}" for path in headers]
    return subprocess.run([*compiler, "-fsyntax-only", *includes, "-x", "c", "-"], input=source, text=True,
                          capture_output=True, check=False, timeout=600)


def assert_compiles(source, *headers, compilers=COMPILERS):
    for compiler in compilers:
        done = compiled(compiler, source, *headers)
        assert done.returncode == 0, f"{compiler[0]}: {done.stderr[:3000]}"


def bare(word):
    """A name without the suffix by which libbpf tells two of the same name apart."""
    return re.sub(r"___\d+$", "", word)


def body(text):
    """The types and prototypes, without the frame."""
    return text.split("#endif\n#endif\n\n", 1)[1]


def declarations(text):
    """The top-level declarations of a header, each as its text without comments."""
    text = re.sub(r"/\*.*?\*/|^#.*$", "", body(text), flags=re.S | re.M)
    found, depth, start = [], 0, 0
    for match in re.finditer(r"[{};]", text):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if match[0] == ";" and not depth:
            found.append(text[start:match.end()].strip())
            start = match.end()
    assert not text[start:].strip()
    return found


def defined(typedef):
    """The name that a typedef defines."""
    while "{" in typedef:
        typedef = re.sub(r"\{[^{}]*\}", "", typedef)
    typedef = re.sub(r"__attribute__\(\([^()]*(?:\([^()]*\))?\)\)|\[\d*\]|;$", "", typedef).strip()
    name = (re.search(rf"\(\*+(?: ?(?:const|volatile|restrict))* ?({WORD})\)", typedef) or re.search(rf"({WORD})$", typedef)
            or re.search(rf"({WORD})\(", typedef))
    assert name, typedef
    return name[1]


def declared(text):
    """Counter of what a header declares: struct s, union u, enum e, typedef t, constant C, function f."""
    found = collections.Counter()
    for one in declarations(text):
        head = re.match(rf"(struct|union|enum) ({WORD})", one)
        if one.startswith("typedef"):
            found["typedef " + bare(defined(one))] += 1
        elif one.startswith("extern"):
            found["function " + one] += 1
        elif head and "{" in one:
            found[f"{head[1]} {bare(head[2])}"] += 1
        elif head:
            found[f"declared {head[1]} {bare(head[2])}"] = 1
        for constants in re.findall(r"\benum\b[^{};]*\{([^}]*)\}", one):
            for name, value in re.findall(rf"({WORD}) = ([^,]+),", constants):
                found[f"constant {bare(name)} {value}"] += 1
    return found


class Blob:
    """A second reader of BTF, for what a C compiler is asked: sizes, offsets, constants."""
    TAIL = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12), 17: (4, 0),
            19: (0, 12)}

    def __init__(self, blob):
        header, types_at, types_len, strings_at, strings_len = struct.unpack_from("4xIIIII", blob)
        self.strings = blob[header + strings_at:header + strings_at + strings_len]
        self.types, at, end = [], header + types_at, header + types_at + types_len
        while at < end:
            name, info, size = struct.unpack_from("III", blob, at)
            kind, count, flag = info >> 24 & 0x1f, info & 0xffff, info >> 31
            once, each = self.TAIL.get(kind, (0, 0))
            tail = blob[at + 12:at + 12 + once + each * count]
            self.types.append((kind, self.name(name), flag, size, tail))
            at += 12 + len(tail)

    def name(self, start):
        return self.strings[start:self.strings.index(b"\0", start)].decode()

    def members(self, one):
        """(name, offset in bits) of members that have a name and are no bit-fields"""
        for name, _, at in struct.iter_unpack("III", one[4]):
            if name and not (one[2] and at >> 24):
                yield self.name(name), at & 0xffffff if one[2] else at

    def constants(self, one):
        for values in struct.iter_unpack("II" if one[0] == 6 else "III", one[4]):
            mask = 0xffffffffffffffff
            value = values[1] if len(values) == 2 else values[1] | values[2] << 32
            if one[2] and len(values) == 2 and value >> 31:
                value -= 1 << 32
            yield self.name(values[0]), value & mask

    def asserts(self):
        """Lines of C that hold only if the layout is the one of the BTF."""
        tags = collections.Counter(one[1] for one in self.types if one[0] in (4, 5, 6, 7, 19) and one[1])
        names = collections.Counter(name for one in self.types if one[0] in (6, 19) for name, _ in self.constants(one))
        for one in self.types:
            kind, name, _, size, _ = one
            tag = {4: "struct", 5: "union", 6: "enum", 19: "enum"}.get(kind)
            if tag == "enum":
                for constant, value in self.constants(one):
                    if names[constant] == 1:
                        yield f'_Static_assert((unsigned long long){constant} == {value}ULL, "{constant}");'
            if not tag or not name or tags[name] != 1:
                continue
            if tag != "enum" or one[4]:
                yield f'_Static_assert(sizeof({tag} {name}) == {size}, "{name}");'
            for member, at in self.members(one) if tag != "enum" else ():
                yield f'_Static_assert(__builtin_offsetof({tag} {name}, {member}) == {at // 8}, "{name}.{member}");'


def section(path, name=".BTF"):
    """The bytes of a section of a 64-bit object file."""
    with open(path, "rb") as file:
        data = file.read()
    table, size, count, names = struct.unpack_from("<Q10xHHH", data, 0x28)
    rows = [struct.unpack_from("<I20xQQ", data, table + size * i) for i in range(count)]
    for start, at, length in rows:
        where = rows[names][1] + start
        if data[where:data.index(b"\0", where)] == name.encode():
            return data[at:at + length]
    raise AssertionError(f"{path} has no section {name}")
