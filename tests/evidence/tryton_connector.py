"""The connector for ERPs without a plugin: killed anywhere, half files, how fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.evidence import Figure, figure, scaled

_ROOT = Path(__file__).parents[2]


@figure(
    "connector-failpoints",
    bar="killed at every step of drafts, XML, PDF, refusals, tables and views, on SQLite and PostgreSQL: all of it once, nothing left over",
    item=1,
)
def connector_failpoints() -> Figure:
    from einvoice_plugins.connector.work import STEPS
    from tests.plugins.connector.failpoints import points

    found = [*points("sqlite"), *points("postgresql")]
    hit = [point for point in found if point.hit]
    wrong = [f"{point.kind}: {point.step}" for point in found if not point.holds]
    reached = {point.step.rstrip(" 23") for point in hit} == set(STEPS)
    return Figure(f"{len(hit)} kills at {len(STEPS)} steps, {len(wrong)} do not hold {wrong or ''}".strip(), reached and not wrong)


@figure(
    "connector-kills",
    bar="300 kills -9 over a folder that another process fills with whole, half, repeated, replaced and broken files: 0 lost, 0 twice",
    item=1,
)
def connector_kills() -> Figure:
    return _kills(scaled(900), scaled(300), "sqlite")


@figure("connector-kills-postgres", bar="the same with PostgreSQL, 100 kills: 0 lost, 0 twice", item=1)
def connector_kills_postgres() -> Figure:
    return _kills(scaled(300), scaled(100), "postgresql")


@figure("connector-judge", bar="a connector that publishes before it commits is found out by the same judge", item=1)
def connector_judge() -> Figure:
    from tests.plugins.connector.failpoints import careless

    point = careless()
    return Figure("; ".join(point.wrong) or "not found out", point.hit and not point.holds)


@figure("connector-halves", bar="files of 7 kinds cut at any byte: none taken half, all taken once their rest has come", item=1)
def connector_halves() -> Figure:
    from tests.plugins.connector.halves import halves

    cut = halves(scaled(60))
    return Figure(f"{cut.files} files cut: {cut.too_early} decided too early, {cut.too_late} not taken whole", cut.holds)


@figure(
    "connector-invoices", bar="drafts to checked XML, hybrid PDF, verdict and ledger: ≥ 4 a second on one core; without PDF ≥ 10", item=1
)
def connector_invoices() -> Figure:
    from tests.plugins.connector import speed

    with_pdf, without = speed.invoices(scaled(500), pdf=True), speed.invoices(scaled(500), pdf=False)
    text = f"{with_pdf.rate:.1f} a second with PDF, {without.rate:.1f} without, {with_pdf.memory:.0f} MB"
    return Figure(text, with_pdf.right and without.right and with_pdf.rate >= 4 and without.rate >= 10)


@figure("connector-open-items", bar="100,000 open items from one file into the ledger: ≤ 60 s, ≤ 256 MB", item=1)
def connector_open_items() -> Figure:
    from tests.plugins.connector import speed

    done = speed.open_items(scaled(100_000))
    text = f"{done.number:,} in {done.seconds:.1f} s, {done.memory:.0f} MB"
    return Figure(text, done.right and done.seconds <= 60 and done.memory <= 256)


@figure("connector-views", bar="views of SQLite and PostgreSQL: read as they grow, each row once, nothing ever written there", item=1)
def connector_views() -> Figure:
    return _tests("tests/plugins/connector/test_connector_views.py")


@figure("connector-files", bar="what is handed in, in every manner, becomes what the page says; refusals say rule, line and mend", item=1)
def connector_files() -> Figure:
    return _tests("tests/plugins/connector/test_connector_files.py", "tests/plugins/connector/test_connector_work.py")


@figure("connector-commands", bar="init, run, run --watch, status, retry; settings that nobody knows are errors", item=1)
def connector_commands() -> Figure:
    return _tests("tests/plugins/connector/test_connector_cli.py", "tests/plugins/connector/test_connector_settings.py")


def _kills(files: int, count: int, database: str) -> Figure:
    from tests.plugins.connector.kills import kills

    verdict = kills(files, count, database=database)
    return Figure(str(verdict), verdict.holds and verdict.kills == count)


def _tests(*paths: str) -> Figure:
    """The tests of files: all of them passed, none was skipped."""
    import re

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    passed, skipped = re.search(r"(\d+) passed", said), re.search(r"(\d+) skipped", said)
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {said}", not ran.returncode and passed is not None and skipped is None)
