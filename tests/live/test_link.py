# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""link show: every kind of link is shown with every field, in every form, and as bpftool shows it."""
import linkreader
import linkzoo
import pytest
import reader
from runner import compact, pretty

# Keys of bpftool's JSON; all others are ours.
LINK_KEYS = ("id type prog_id tp_name tracepoint prog_type target_name map_id netns_ino cgroup_id order devname ifindex attach_type "
             "target_obj_id target_btf_id pf hook prio flags event_type event_config retprobe path addr func file offset func_cnt "
             "missed tid pid cookie ref_ctr_offset funcs pinned bpf_cookie pids").split()


def shown(bpflens, number):
    """bpftool's part of the record that -j has, and the keys that are ours."""
    return reader.split(bpflens("-j", "link", "show", "id", number), LINK_KEYS)


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_is_shown_with_every_field(kernel, ownerless, kind):
    made = linkzoo.make(kernel, kind)
    record = linkreader.record(made.id)
    ours, _ = shown(ownerless, made.id)
    assert ours == record and list(ours) == list(record)
    assert made.says.items() <= ours.items()
    assert ownerless("link", "show", "id", made.id).stdout == linkreader.plain(record)


@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_a_link_of_each_kind_is_shown_as_bpftool_shows_it(kernel, ownerless, peer, kind):
    made = linkzoo.make(kernel, kind)
    ours, _ = shown(ownerless, made.id)
    assert compact(ours) == peer.run("-j", "link", "show", "id", made.id).stdout
    assert pretty(ours) == peer.run("-p", "link", "show", "id", made.id).stdout
    assert ownerless("link", "show", "id", made.id).out == peer.run("link", "show", "id", made.id).out
