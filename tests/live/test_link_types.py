# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
import linkreader
import linkzoo
import pytest

@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_made(kernel, kind):
    made = linkzoo.make(kernel, kind)
    r = linkreader.record(made.id)
    print(r); print(linkreader.plain(r))
    for k in made.says: assert r[k] == made.says[k], k
    for name, facts in (made.functions or {}).items():
        [f] = [f for f in r["funcs"] if f["func"] == name]
        assert {k: f[k] for k in facts} == facts

@pytest.mark.parametrize("kind", linkzoo.KINDS)
def test_peer(kernel, peer, kind):
    made = linkzoo.make(kernel, kind)
    r = linkreader.record(made.id)
    assert peer.run("-j", "link", "show", "id", made.id).json == r
    assert peer.run("link", "show", "id", made.id).stdout == linkreader.plain(r)
