"""The demo at full size: how long it takes, and what is in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from sqlalchemy import Column, Connection, func, select

from tests.evidence import Figure, figure, scaled

_DAY = "2026-11-27"
_WANTED = {
    "messages": {"email", "sms", "whatsapp", "letter", "registered_letter"},
    "tasks": {"call", "decide", "repair_address"},
    "disputes": {"open", "credited", "rejected", "withdrawn"},
    "promises": {"made", "kept", "broken"},
    "plans": {"active", "broken"},
    "bank lines": {"matched", "open"},
    "papers": {"invoice", "dossier"},
}
"""What somebody who looks around expects to meet, by kind."""


@figure("demo", bar="2,000 debtors, two years, a quarter of daily runs within 60 s, everything there is in it, the ledger sound", item=6)
def demo() -> Figure:
    """The verb itself, as a new user runs it."""
    with TemporaryDirectory() as home:
        folder = Path(home) / "demo"
        command = [sys.executable, "-m", "einvoice.cli", "receivables", "demo", str(folder), "--day", _DAY, "--format", "json"]
        started = monotonic()
        told = subprocess.run([*command, "--debtors", str(scaled(2_000))], capture_output=True, check=True)
        took = monotonic() - started
        made: dict[str, Any] = json.loads(told.stdout)
        found, faults = _found(folder)
        files = sum(1 for path in (folder / "outbox").rglob("*") if path.is_file())
    missing = {name: sorted(_WANTED[name] - set(found[name])) for name in _WANTED if _WANTED[name] - set(found[name])}
    value = (
        f"{made['debtors']:,} debtors, {made['invoices']:,} invoices, {made['days']} runs in {took:.0f} s: "
        f"{sum(made['queued'].values()):,} messages ({files:,} files), {sum(made['tasks'].values()):,} tasks, "
        f"{faults} faults in the ledger, {made['failures']} failures, missing {missing or 'nothing'}"
    )
    return Figure(value, took <= 60 and not faults and not made["failures"] and not missing)


def _found(folder: Path) -> tuple[Mapping[str, Counter[str]], int]:
    from einvoice.database import open_database, reading
    from einvoice.receivables.ledger.audit import check_ledger
    from einvoice.receivables.store.tables import BANK_LINES, DISPUTES, MESSAGES, PAPERS, PLANS, PROMISES, TASKS

    columns = {
        "messages": MESSAGES.c.channel,
        "tasks": TASKS.c.kind,
        "disputes": DISPUTES.c.state,
        "promises": PROMISES.c.state,
        "plans": PLANS.c.state,
        "bank lines": BANK_LINES.c.state,
        "papers": PAPERS.c.kind,
    }
    engine = open_database(f"sqlite:///{folder / 'demo.db'}")
    try:
        with reading(engine) as connection:
            return {name: _counted(connection, column) for name, column in columns.items()}, len(check_ledger(connection))
    finally:
        engine.dispose()


def _counted(connection: Connection, column: Column[str]) -> Counter[str]:
    rows = connection.execute(select(column, func.count()).group_by(column))
    return Counter({str(row[0]): int(row[1]) for row in rows})
