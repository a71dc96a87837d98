"""Makes the demo: a folder with a database of its own, the files it was imported from, the bank's statements, and every message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from json import dumps
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from einvoice.database import connect, migrate, open_database
from einvoice.errors import ReceivablesError
from einvoice.outbox import mode
from einvoice.receivables import law, policy
from einvoice.receivables.demo import business, history
from einvoice.receivables.demo.customers import customers
from einvoice.receivables.demo.days import Days, World
from einvoice.receivables.demo.history import WHO
from einvoice.receivables.demo.sales import sales
from einvoice.settings import load

YEARS, QUARTER = timedelta(days=730), timedelta(days=91)
_SETTINGS = """\
# The demo of einvoice receivables: everything that would be sent is a file in outbox/, and nothing leaves this folder.

[database]
url = {database}

[receivables]
creditor = "waterlijn"
print_folder = {outbox}

[channels]
email = "folder"
sms = "folder"
whatsapp = "folder"
computer_call = "folder"
letter = "folder"
registered_letter = "folder"
peppol = "folder"
folder = {outbox}

[sending]
workers = 1

[hooks]
url = "http://localhost:8080"  # the links in messages lead here: einvoice serve --app hooks

[agencies.incasso]
title = "Incasso Noord"
takes = ["collection_agency", "legal_or_collection", "international_collection_agency"]
folder = {agency}
"""
Progress = Callable[[str, int, int], None]


class Made(NamedTuple):
    """What was made: how many of what, and of how many days."""

    folder: Path
    debtors: int
    invoices: int
    days: int
    queued: Counter[str]
    tasks: Counter[str]
    matched: Counter[str]
    failures: int


def make(
    folder: Path,
    debtors: int,
    day: date,
    *,
    seed: int = 1,
    lived: timedelta = QUARTER,
    progress: Progress = lambda _what, _done, _of: None,
) -> Made:
    """Makes the demo in a new folder: so many debtors, two years until a day, of which the last quarter (`lived`) day by day.

    The same numbers give the same demo. Raises ReceivablesError where the folder is there already and not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ReceivablesError(f"{folder} is there already and not empty; name another folder, or remove it")
    engine = _founded(folder)
    try:
        return _lived(folder, engine, debtors, (day - lived, day), seed, progress)
    finally:
        engine.dispose()


def _founded(folder: Path) -> Engine:
    """The folder with its settings, and an empty database."""
    for name in ("outbox", "agency", "import", "bank"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{(folder.resolve() / 'demo.db').as_posix()}"
    places = {"database": database, "outbox": str(folder.resolve() / "outbox"), "agency": str(folder.resolve() / "agency")}
    (folder / "einvoice.toml").write_text(_SETTINGS.format(**{name: dumps(place) for name, place in places.items()}), "utf-8")
    engine = open_database(database)
    migrate(engine)
    return engine


def _lived(folder: Path, engine: Engine, debtors: int, span: tuple[date, date], seed: int, progress: Progress) -> Made:
    first, day = span
    people = customers(debtors, day, seed)
    sold = sales(people, day - YEARS, day, seed)
    progress("history", 0, 1)
    start = datetime.combine(first, time(4), UTC)
    with connect(engine) as connection:
        creditor = business.founded(connection)
        files = history.write(folder / "import", people, sold, first, seed)
        history.enter(connection, creditor, files, first, start)
        history.consents(connection, creditor, people, start, seed)
        mode.set_live(connection, {}, mode.confirmation({}), start, WHO)
    settings = load({"EINVOICE_CONFIG": str(folder / "einvoice.toml")})
    days = Days(World(engine, creditor, settings, policy.default(), law.load(), folder / "bank", seed), sold, first, day)
    queued, tasks, count, failures = Counter[str](), Counter[str](), 0, 0
    for count, report in enumerate(days.live(), 1):
        for name, sent in report.queued.items():
            queued[name.rpartition(" ")[2]] += sent
        tasks.update(report.tasks)
        failures += len(report.failures)
        progress("days", count, (day - first).days * 5 // 7 + 1)
    return Made(folder, debtors, len(sold), count, queued, tasks, days.matched, failures)
