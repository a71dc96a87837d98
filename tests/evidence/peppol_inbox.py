"""Receiving and handing over: nothing acknowledged is lost, nothing is handed over twice, how fast that is, how it is watched."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.evidence import Figure, NotMeasured, figure, scaled

_BAR = "250 random kills -9 of the server and one at each failpoint (thrice), by the senders' log and the handler's table"


@figure("inbox-kills-sqlite", bar=f"SQLite: {_BAR}: 0 acknowledged lost, 0 handed over twice", item=6)
def inbox_kills_sqlite() -> Figure:
    return _killed("sqlite")


@figure("inbox-kills-postgres", bar=f"PostgreSQL: {_BAR}: 0 acknowledged lost, 0 handed over twice", item=6)
def inbox_kills_postgres() -> Figure:
    return _killed("postgresql")


def _killed(kind: str) -> Figure:
    from tests.peppol.inbox_failpoints import POINTS
    from tests.peppol.inbox_kills import every, kills
    from tests.postgres import NoServer

    try:
        verdict = kills(kind, scaled(250), points=every())
    except NoServer as reason:
        raise NotMeasured(str(reason)) from None
    return Figure(f"{len(POINTS)} failpoints; {verdict}", verdict.holds and verdict.kills == scaled(250) + 3 * len(POINTS))


@figure(
    "inbox-kills-judge", bar="the same judge finds a server that answers before it commits, and a handler that commits by itself", item=6
)
def inbox_kills_judge() -> Figure:
    from tests.peppol.inbox_kills import kills

    hasty = kills("sqlite", 20, fault="hasty")
    careless = kills("sqlite", 0, points=["to be handed over"] * 6, fault="careless")
    text = f"{hasty.lost} lost found at {hasty.kills} kills; {careless.doubled} handed over twice found at {careless.kills} kills"
    return Figure(text, hasty.lost > 0 and careless.doubled > 0)


@figure(
    "inbox-once",
    bar="both databases: repeated, altered and identical messages at the same time; one row, one receipt, the right refusal",
    item=6,
)
def inbox_once() -> Figure:
    return _tests("tests/peppol/test_inbox.py")


@figure("inbox-handing", bar="both databases: leases, back-off, dead letters, folder; effects and mark are one transaction", item=6)
def inbox_handing() -> Figure:
    return _tests("tests/peppol/test_inbox_handing.py")


@figure(
    "inbox-any-order",
    bar="hypothesis: any order of coming, repeating, leasing, failing, dying, waiting: kept once, handed over once, refused rightly",
    item=6,
)
def inbox_any_order() -> Figure:
    return _tests("tests/peppol/test_inbox_machine.py")


@figure("inbox-verbs", bar="einvoice inbox list, show, export, retry, handover and serve --app peppol, as a user calls them", item=6)
def inbox_verbs() -> Figure:
    return _tests("tests/peppol/test_inbox_cli.py")


@figure(
    "server",
    bar="receipts for what is committed alone, also by two servers on PostgreSQL; bounds on size, time, number; health and metrics",
    item=8,
)
def server() -> Figure:
    return _tests("tests/peppol/test_server.py")


@figure("durable-receive", bar="10 KB over HTTP, 2 senders on the same 2 cores: ≥ 60/s durable, p99 ≤ 150 ms", item=8)
def durable_receive() -> Figure:
    from tests.peppol.inbox_speed import speed

    found = speed(max(300, scaled(3_000)))
    return Figure(f"{found}; {found.kept} of {found.messages} kept", found.rate >= 60 and found.p99 <= 150 and found.kept == found.messages)


@figure(
    "durable-receive-and-hand-over",
    bar="the same while each invoice is checked and handed over to a folder: ≥ 60/s durable, p99 ≤ 150 ms",
    item=8,
)
def durable_receive_and_hand_over() -> Figure:
    from tests.peppol.inbox_speed import speed

    found = speed(max(300, scaled(2_000)), handed=True)
    return Figure(f"{found}; {found.kept} of {found.messages} kept", found.rate >= 60 and found.p99 <= 150 and found.kept == found.messages)


@figure("http-100-mb", bar="100 MB in one text node over HTTP in chunks: ≤ 64 MB above base, ≤ 4 s", item=8)
def http_100_mb() -> Figure:
    from tests.peppol.inbox_large import large

    found = large(100_000_000)
    return Figure(str(found), found.holds and found.memory <= 64 and found.seconds <= 4)


def _tests(path: str) -> Figure:
    """The tests of a file: all of them passed, none was skipped."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path, "-m", "slow or not slow"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    passed = re.search(r"(\d+) passed", said)
    skipped = re.search(r"(\d+) skipped", said)
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {said}", not ran.returncode and passed is not None and skipped is None)
