# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Answers of `feature probe` in the strict form: to questions, and all of them, which are asked for once a run."""

HIDE_TYPES = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh")
_everything = {}


def ask(program, *words, rc=None, **how):
    """The records that answer questions; rc None: whatever the exit status says of them."""
    result = program.run("-o", "json", "feature", "probe", *words, **how)
    records = result.json
    said = {record["answer"] for record in records}
    assert result.rc == (1 if "no" in said else 0 if said == {"yes"} else 3), result
    assert rc is None or result.rc == rc, result
    return records


def ask_one(program, *words, **how):
    records = ask(program, *words, **how)
    assert len(records) == 1, records
    return records[0]


def everything(program, kind):
    """Records of one kind out of a probe of everything."""
    if program.path not in _everything:
        result = program.run("-o", "json", "feature", "probe")
        assert result.rc == 0, result
        _everything[program.path] = result.json
    return [record for record in _everything[program.path] if record["kind"] == kind]
