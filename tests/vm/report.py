# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A pytest plugin for the guest: one JSON line a test on descriptor 3, as soon as the test has ended.

pytest's own report comes when all is over, which is never if the guest hangs.
"""
import json
import os
import time

OUT = 3
os.set_inheritable(OUT, False)


def tell(**facts):
    os.write(OUT, json.dumps(facts).encode() + b"\n")


def pytest_collection_finish(session):
    tell(planned=len(session.items))


def pytest_deselected(items):
    tell(slow=sum(item.get_closest_marker("slow_in_vm") is not None for item in items))


def pytest_collectreport(report):
    if report.failed:
        tell(test=report.nodeid or "collection", outcome="failed", seconds=0, why=str(report.longrepr))


def pytest_runtest_protocol(item):
    item.started = time.monotonic()


def pytest_runtest_makereport(item, call):
    """How long the test has taken so far, fixtures included."""
    item.user_properties[:] = [("seconds", round(time.monotonic() - item.started, 2))]


def pytest_runtest_logreport(report):
    """A test has passed when its call has; it fails or is skipped in any of its three parts."""
    if report.passed and report.when != "call":
        return
    why = ""
    if report.skipped:
        why = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else "expected to fail"
    elif report.failed:
        why = report.longreprtext
    tell(test=report.nodeid, outcome=report.outcome, seconds=dict(report.user_properties).get("seconds", 0), why=why)
