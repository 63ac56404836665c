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


@pytest.mark.parametrize("enum, prefix, table, second", ENUMS, ids=lambda v: v if isinstance(v, str) else "")
def test_every_number_of_this_kernel_has_its_own_name(enum, prefix, table, second):
    ours, kernels = table_in_source(table), kernels_names(enum, prefix)
    assert len(kernels) > (5 if enum == "bpf_link_type" else 25)
    for number, names in kernels.items():
        if number < len(ours):
            assert ours[number] in names, (number, names)
        if number < len(second):
            assert second[number] in names, f"the tests' own table: {number} {names}"
