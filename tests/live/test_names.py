# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The words for the kernel's numbers, held against the enums in the running kernel's BTF."""
import os
import re

import bpf
import bpflink
import btf
import pytest
from conftest import ROOT

ENUMS = [("bpf_map_type", "BPF_MAP_TYPE_", "map_types", bpf.MAP_TYPES),
         ("bpf_prog_type", "BPF_PROG_TYPE_", "prog_types", bpf.PROG_TYPES),
         ("bpf_link_type", "BPF_LINK_TYPE_", "link_types", bpflink.LINK_TYPES),
         ("bpf_attach_type", "BPF_", "attach_types", bpflink.ATTACH_TYPES),
         ("bpf_func_id", "BPF_FUNC_", "helpers", ())]


def kernels_names(enum, prefix):
    """{number: the names it has}; markers and aliases kept for old programs are no names."""
    types = btf.vmlinux()
    number = types.find(btf.ENUM, enum)
    assert number, f"this kernel's BTF has no enum {enum}"
    found = {}
    for name, value in types.enumerators(number):
        if name.startswith(prefix) and not name.endswith("_DEPRECATED"):
            found.setdefault(value, set()).add(name.removeprefix(prefix).lower())
    return found


def table_in_source(table):
    with open(os.path.join(ROOT, "libinspect", "kernel", "names.c")) as file:
        body = re.search(rf"\b{table}\[\] = {{(.*?)}};", file.read(), re.S)[1]
    return re.findall(r'"(\w+)"', body)


def commands_in_source():
    with open(os.path.join(ROOT, "libinspect", "probe", "command.c")) as file:
        body = re.search(r"\bcommands\[\] = {(.*?)\n};", file.read(), re.S)[1]
    return re.findall(r'{ "(\w+)"', body)


def held_against(ours, kernels, second=()):
    """Each number has one of the kernel's names for it, and no name is one that the kernel has for another number."""
    newest = max(kernels)
    assert len(ours) > newest, f"a kernel of the matrix is newer than the table: {kernels[newest]}"
    for number, names in kernels.items():
        assert ours[number] in names, (number, names)
        if number < len(second):
            assert second[number] in names, f"the tests' own table: {number} {names}"
    by_name = {name: number for number, names in kernels.items() for name in names}
    for number, name in enumerate(ours):
        assert by_name.get(name, number) == number, (number, name, by_name[name])
    assert [number for number in range(newest + 1) if number not in kernels] == []


@pytest.mark.parametrize("enum, prefix, table, second", ENUMS, ids=lambda v: v if isinstance(v, str) else "")
def test_every_number_of_this_kernel_has_its_own_name_and_every_name_its_number(enum, prefix, table, second):
    kernels = kernels_names(enum, prefix)
    assert len(kernels) > (5 if enum == "bpf_link_type" else 25)
    held_against(table_in_source(table), kernels, second)


def test_every_command_of_this_kernel_has_its_name():
    kernels = kernels_names("bpf_cmd", "BPF_")
    flags = {number for number in kernels if number >= 1 << 16}  # of all commands
    held_against(commands_in_source(), {number: names for number, names in kernels.items() if number not in flags})
