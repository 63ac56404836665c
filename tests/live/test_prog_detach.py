# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Detaching: all links of a program, one link, and what is attached to maps of sockets without a link."""
import errno
import os

import bpf
import bpflink
import linkzoo
import pytest
from bpflink import ATTACH
from linkzoo import linked
from maker import unique
from runner import only
from test_owners import holder

DETACHED = {"cgroup": 16, "xdp": 16, "tcx": 16, "netkit": 16, "netns": 16, "sockmap": 16}  # where the target stands in bpf_link_info


def works(fd, kind):
    """Whether a link hooks in anywhere; the part of its info that says so is 0 once it was detached."""
    info = bpflink.LinkInfo(fd)
    return bool(info.u64(16) if kind == "cgroup" else info.u32(16))


def two_cgroups(kernel):
    """A program and its links to two cgroups."""
    prog = kernel.prog("cgroup_skb", bpf.returning(1), name=unique("dt_"))
    return prog, [linked(kernel, "cgroup", prog, kernel.cgroup()[1], "cgroup_inet_ingress", {}) for _ in range(2)]


def all_ids():
    return [bpf.ids(kind) for kind in ("prog", "map", "link")]


# All links of a program


def test_all_links_of_a_program_are_detached_and_no_other(kernel, bpflens):
    prog, links = two_cgroups(kernel)
    other, others = two_cgroups(kernel)
    assert bpflens("-j", "prog", "detach", "id", prog.id) is None
    assert [works(one.fd, "cgroup") for one in links + others] == [False, False, True, True]
    result = bpflens("prog", "detach", "name", other.name)
    assert (result.out, result.err) == (b"", b"")
    assert not any(works(one.fd, "cgroup") for one in others)


@pytest.mark.parametrize("form", [["-j"], ["-p"], ["-o", "json"], ["-o", "jsonl"]], ids=" ".join)
def test_a_dry_run_lists_the_links_that_would_go_and_leaves_them(kernel, ownerless, form):
    prog, links = two_cgroups(kernel)
    said = ownerless(*form, "prog", "detach", "id", prog.id, "dry-run")
    assert [one["id"] for one in said] == [one.id for one in links]
    assert {one["prog_id"] for one in said} == {prog.id}
    assert all(works(one.fd, "cgroup") for one in links)


@pytest.mark.slow_in_vm(reason="text of a list that the kernel does not make")
def test_a_dry_run_as_text_is_the_list_of_those_links(kernel, bpflens):
    prog, links = two_cgroups(kernel)
    text = bpflens("prog", "detach", "id", prog.id, "dry-run").stdout
    assert text == "".join(bpflens("link", "show", "id", one.id).stdout for one in links)
    assert bpflens("-o", "tsv=id", "prog", "detach", "id", prog.id, "dry").stdout == "id\n" + "".join(f"{one.id}\n" for one in links)


@pytest.mark.parametrize("kind", ["cgroup_connect6", "flow_dissector", "xdp", "tcx_egress", "netkit_peer", "netfilter", "sockmap_skb"])
def test_links_of_every_type_that_can_be_are_detached(kernel, bpflens, kind):
    made = linkzoo.make(kernel, kind)
    assert only(bpflens("-o", "json", "prog", "detach", "id", made.prog.id, "dry-run"), [made.id])
    result = bpflens.run("prog", "detach", "id", made.prog.id)
    if result.rc and "not supported" in result.error and not can_detach(made):
        pytest.skip(f"this kernel detaches no {made.type} link")
    assert (result.rc, result.out, result.err) == (0, b"", b"")
    if made.type in DETACHED:
        assert not works(made.fd, made.type)


def can_detach(made):
    try:
        bpflink.detach(made.fd)
    except OSError as failure:
        if failure.errno == errno.EOPNOTSUPP:
            return False
        raise
    return True


def test_what_was_detached_already_is_no_failure_and_is_told(kernel, bpflens):
    prog, links = two_cgroups(kernel)
    bpflink.detach(links[1].fd)
    result = bpflens.run("prog", "detach", "id", prog.id)
    assert result.rc == 0 and result.stderr == f"note: link {links[1].id} was detached already\n"
    assert not works(links[0].fd, "cgroup")


@pytest.mark.parametrize("words", [[], ["dry-run"]], ids=["for good", "dry-run"])
@pytest.mark.parametrize("kind", ["raw_tracepoint", "iter_task", "uprobe", "fentry", "kprobe_multi", "uprobe_multi"])
def test_a_link_that_cannot_be_detached_says_who_keeps_it(kernel, bpflens, kind, words):
    made = linkzoo.make(kernel, kind)
    path = kernel.pin(made)
    with holder([made.fd], b"dt_holder") as pid:
        result = bpflens.run("prog", "detach", "id", made.prog.id, *words)
    assert result.rc == 1 and result.error == f"link {made.id}: detach: Operation not supported"
    assert f"dt_holder({pid})" in result.stderr and path in result.stderr and made.type in result.stderr
    assert made.id in bpf.ids("link")


def test_a_program_without_links_is_told_how_else_it_ends(kernel, bpflens):
    prog = kernel.prog("xdp", name=unique("dt_"))
    for words in ([], ["dry-run"]):
        result = bpflens.run("prog", "detach", "id", prog.id, *words)
        assert result.rc == 1 and result.error == f"prog {prog.id}: links: No such file or directory"
        assert "ip(8)" in result.stderr and "prog detach" in result.stderr


def test_a_name_of_several_programs_is_refused_with_their_ids(kernel, bpflens):
    name = unique("dt_")
    progs = [kernel.prog("cgroup_skb", bpf.returning(1), name=name) for _ in range(2)]
    link = linked(kernel, "cgroup", progs[0], kernel.cgroup()[1], "cgroup_inet_ingress", {})
    result = bpflens.run("prog", "detach", "name", name)
    assert result.rc == 2 and all(str(one.id) in result.stderr for one in progs)
    assert works(link.fd, "cgroup")


# One link


def test_a_dry_run_of_one_link_shows_it_and_leaves_it(kernel, ownerless):
    made = linkzoo.make(kernel, "cgroup_ingress")
    path = kernel.pin(made)
    for words in (["id", made.id], [path], ["pinned", path]):
        (said,) = ownerless("-o", "json", "link", "detach", *words, "dry-run")
        assert said["id"] == made.id and works(made.fd, "cgroup")
    assert ownerless("-j", "link", "detach", "pinned", path) is None
    assert not works(made.fd, "cgroup") and os.path.exists(path)


def test_a_dry_run_of_a_link_that_cannot_be_detached_fails_as_the_run_would(kernel, bpflens):
    made = linkzoo.make(kernel, "raw_tracepoint")
    dry, wet = (bpflens.run("link", "detach", "id", made.id, *words) for words in (["dry-run"], []))
    assert (dry.rc, dry.out, dry.err) == (wet.rc, wet.out, wet.err) and dry.rc == 1


# Without a link: bpftool's TYPE and MAP

TYPES = [("sk_skb_stream_parser", "stream_parser", "sk_skb", "sockmap"), ("sk_skb_stream_verdict", "stream_verdict", "sk_skb", "sockhash"),
         ("sk_skb_verdict", "skb_verdict", "sk_skb", "sockmap"), ("sk_msg_verdict", "msg_verdict", "sk_msg", "sockhash")]


def socket_map(kernel, kind):
    return kernel.map(kind, max_entries=2, name=unique("dt_"))


def is_attached(prog, held, attach):
    """Attached programs are found by taking them off; what was found is put back."""
    try:
        bpf.prog_detach(held.fd, prog.fd, ATTACH[attach])
    except OSError as failure:
        assert failure.errno == errno.ENOENT
        return False
    bpf.prog_attach(held.fd, prog.fd, ATTACH[attach])
    return True


@pytest.mark.parametrize("attach, old, kind, of", TYPES)
def test_a_program_is_taken_off_a_map_of_sockets(kernel, bpflens, attach, old, kind, of):
    prog, held = kernel.prog(kind, bpf.returning(1)), socket_map(kernel, of)
    for word in (attach, old, old[:-2]):
        bpf.prog_attach(held.fd, prog.fd, ATTACH[attach])
        assert is_attached(prog, held, attach)
        assert bpflens("-j", "prog", "detach", "id", prog.id, word, "id", held.id) is None
        assert not is_attached(prog, held, attach)
    path = kernel.pin(held)
    bpf.prog_attach(held.fd, prog.fd, ATTACH[attach])
    result = bpflens("prog", "detach", "id", prog.id, attach, "pinned", path)
    assert (result.out, result.err) == (b"", b"") and not is_attached(prog, held, attach)


def test_the_flow_dissector_is_taken_off_the_own_network_namespace(kernel, bpflens):
    kernel.netns()
    prog = kernel.prog("flow_dissector", bpf.returning(1), attach_type=ATTACH["flow_dissector"])
    bpf.prog_attach(0, prog.fd, ATTACH["flow_dissector"])
    assert bpflens("-j", "prog", "detach", "id", prog.id, "flow_dissector") is None
    with pytest.raises(OSError):
        bpf.prog_detach(0, prog.fd, ATTACH["flow_dissector"])
    again = bpflens.run("prog", "detach", "id", prog.id, "flow_dissector")
    assert again.rc == 1 and f"prog {prog.id}: detach from flow_dissector" in again.error and "not attached there" in again.stderr


@pytest.mark.slow_in_vm(reason="words, and checks before the kernel is asked")
@pytest.mark.parametrize("words, rc, said", [
    (["sk_skb"], 2, "what is 'sk_skb'?"), (["xdp"], 2, "'xdp' is attached by links"), (["flow"], 2, "what is 'flow'?"),
    (["sk_msg_verdict"], 2, "sk_msg_verdict needs a map"), (["flow_dissector", "id", "SOCKMAP"], 2, "flow_dissector takes no map"),
    (["sk_msg_verdict", "id", "SOCKMAP", "dry-run"], 2, "'dry-run' does not go with a type"),
    (["sk_skb_verdict", "id", "SOCKMAP"], 1, "no program of type sk_msg is ever there"),
    (["sk_msg_verdict", "id", "HASH"], 1, "a map of type sockmap or sockhash is wanted; this is hash"),
    (["sk_msg_verdict", "id", "SOCKMAP"], 1, "this program is not attached there"),
    (["sk_msg_verdict", "name", "nosuchmap"], 1, "map name nosuchmap: No such file"),
    (["sk_msg_verdict", "id", "SOCKMAP", "more"], 2, "what is 'more'?"),
])
def test_what_does_not_fit_is_told_and_changes_nothing(kernel, bpflens, words, rc, said):
    prog, maps = kernel.prog("sk_msg", bpf.returning(1)), {"SOCKMAP": socket_map(kernel, "sockmap"), "HASH": kernel.map("hash")}
    other = kernel.prog("sk_msg", bpf.returning(1))
    bpf.prog_attach(maps["SOCKMAP"].fd, other.fd, ATTACH["sk_msg_verdict"])
    before = all_ids()[2]
    words = [maps[word].id if word in maps else word for word in words]
    for form in ([], ["-j"], ["-o", "json"]):
        result = bpflens.run(*form, "prog", "detach", "id", prog.id, *words)
        assert result.rc == rc and said in result.stdout + result.stderr, result
        assert result.error
    assert is_attached(other, maps["SOCKMAP"], "sk_msg_verdict") and all_ids()[2] == before


def test_under_its_other_name_every_failure_is_255(kernel, as_bpftool):
    prog = kernel.prog("sk_msg", bpf.returning(1))
    for words in (["sk_skb"], ["sk_msg_verdict", "id", socket_map(kernel, "sockmap").id]):
        assert as_bpftool.run("prog", "detach", "id", prog.id, *words).rc == 255


def test_an_ordinary_user_is_told_what_is_missing(kernel, public, nobody):
    made = linkzoo.make(kernel, "cgroup_ingress")
    result = public.run("prog", "detach", "id", made.prog.id, before=nobody)
    assert result.rc == 1 and "not permitted" in result.error and "CAP_SYS_ADMIN" in result.stderr
    assert works(made.fd, "cgroup")
