"""Connectors killed at any moment over a folder that another process fills; ledger, OUT and folders are the judges."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import select

import einvoice
from einvoice.database import reading
from einvoice.receivables.store.tables import PAYMENTS
from einvoice_plugins.connector.making import made
from einvoice_plugins.connector.reasons import Refused
from einvoice_plugins.connector.settings import Files, Invoices
from tests import postgres
from tests.forking import fork
from tests.plugins.connector import filling, killing, world
from tests.plugins.connector.filling import Handed
from tests.plugins.connector.world import World

_FILES = Files(settle=0.015, patience=3.0)
_ROUND = 0.5  # seconds that a connector lives, at most: the time of some files
_PATIENCE = 120.0


class Verdict(NamedTuple):
    """What folders and ledger say."""

    files: int
    kills: int
    lost: int  # numbers that ledger or OUT lack, files that nobody knows of
    twice: int  # numbers that the ledger has twice, or with another amount; names that came into OUT twice
    wrong: int  # accepted though broken or half, or the other way round; another document in OUT than was handed in
    left: int  # what is still on its way
    during: int  # how many files were decided before the last kill

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice, though most of the work was done while it was killed."""
        return not (self.lost or self.twice or self.wrong or self.left) and self.during > self.files / 2

    def __str__(self) -> str:
        found = f"{self.lost} lost, {self.twice} twice, {self.wrong} wrongly judged, {self.left} left on the way"
        return f"{self.files} files, {self.kills} kills -9 while {self.during} were decided: {found}"


def kills(files: int, count: int, *, database: str = "sqlite", seed: int | None = None) -> Verdict:
    """Hands files in while the connector is killed `count` times, and lets it end its work."""
    chance = random.Random(seed)
    handed = filling.planned(files, chance)
    with TemporaryDirectory(prefix="einvoice-connector-") as name, _world(Path(name), database) as here:
        here.connector()
        here.engine.dispose()
        reader = killing.Reader(here)
        _warm(handed)
        killed = _massacre(here, handed, count, chance, reader)
        during = len(killing.states(here))
        here.engine.dispose()
        _ended(here, reader)
        return judged(here, handed, reader, killed)._replace(during=during)


def _warm(handed: list[Handed]) -> None:
    """Loads what a connector needs, so that those which are forked work at once."""
    import einvoice.receivables.ledger.importing  # noqa: F401 - it is loaded for the children

    for file in handed[:20]:
        if file.source == "invoices":
            with suppress(Refused):
                made(file.data, file.name, Invoices(pdf=False))


@contextmanager
def _world(folder: Path, database: str) -> Iterator[World]:
    with (
        nullcontext(None) if database == "sqlite" else postgres.fresh(postgres.migrated_database) as url,
        world.world(folder, url=url) as made,
    ):
        yield made._replace(settings=made.settings._replace(files=_FILES))


def _massacre(here: World, handed: list[Handed], count: int, chance: random.Random, reader: killing.Reader) -> int:
    """Kills connectors one after another while IN is filled, spread over the filling."""
    pause = max(0.001, count * _ROUND / 2 / len(handed))
    filler = fork(lambda: filling.fill(here.home, handed, pause))
    killed = 0
    while killed < count:
        child = fork(lambda: killing.working(here, until_quiet=False))
        end = time.monotonic() + chance.uniform(0, _ROUND)
        while time.monotonic() < end:
            time.sleep(0.01)
            if chance.random() < 0.3:
                reader.read()
        os.kill(child, signal.SIGKILL)
        killed += killing.killed(child)
    assert not killing.killed(filler), "the filler was killed"
    return killed


def _ended(here: World, reader: killing.Reader) -> None:
    """Lets a connector work until nothing is in IN any more, half files not either."""
    child = fork(lambda: killing.working(here, until_quiet=False))
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and any(path.is_file() for path in (here.home / "IN").rglob("*")):
        time.sleep(0.1)
        reader.read()
    time.sleep(0.5)
    os.kill(child, signal.SIGKILL)
    killing.killed(child)
    killing.killed(fork(lambda: killing.working(here)))
    reader.read()


def judged(here: World, handed: list[Handed], reader: killing.Reader, killed: int) -> Verdict:
    """What was handed in beside what came of it."""
    good = [file for file in handed if file.good]
    books, states = killing.books(here), killing.states(here)
    expected = {number: 1 for file in good for number in file.numbers}
    names = _names(good)
    there = killing.filed(here.home, "DONE"), killing.filed(here.home, "REFUSED")
    with reading(here.engine) as connection:
        paid = Counter(connection.scalars(select(PAYMENTS.c.key)))
    payments = {f"P-{file.name.partition('.')[0]}" for file in good if file.source == "open-items" and not file.numbers}
    return Verdict(
        files=len(handed),
        kills=killed,
        lost=len(expected.keys() - books.keys()) + len(names - reader.names.keys()) + len(payments - paid.keys())
        + sum(file.sha256 not in there[not file.good] for file in handed),
        twice=sum(often > 1 for often in (*reader.names.values(), *paid.values()))
        + sum(books[number] != (1, _amount(number)) for number in expected.keys() & books.keys()),
        wrong=len(books.keys() - expected.keys()) + len(reader.names.keys() - names) + len(paid.keys() - payments)
        + sum(states.get(file.sha256) != ("done" if file.good else "refused") for file in handed)
        + sum(not _is_same(file, reader) for file in good if file.source == "invoices" and f"{file.numbers[0]}.xml" in reader.names),
        left=len(killing.left_over(here.home)),
        during=0,
    )  # fmt: skip


def _names(good: list[Handed]) -> set[str]:
    """What OUT must have given."""
    found = {f"{file.numbers[0]}{suffix}" for file in good if file.source == "invoices" for suffix in (".xml", ".verdict.json")}
    return found | {f"{file.numbers[0]}.pdf" for file in good if file.name.endswith(".pdf")}


def _amount(number: str) -> int:
    """What an invoice comes to, in thousandths: rows of tables say it in their number."""
    row = number[len("I-00000-") :]
    return (int(row) + 1) * 100_000 if row else _SAMPLE


def _is_same(file: Handed, reader: killing.Reader) -> bool:
    """Whether what OUT gave is what was handed in: byte for byte, or the invoice of the draft."""
    number = file.numbers[0]
    xml = reader.bytes(f"{number}.xml")
    if file.name.endswith(".xml"):
        return xml == file.data
    if file.name.endswith(".pdf"):
        return reader.bytes(f"{number}.pdf") == file.data and xml == einvoice.extract(file.data)
    return xml == world.as_xml(number)


def _sample() -> int:
    totals = einvoice.read(world.as_xml("N-1")).totals
    assert totals is not None
    assert totals.amount_due is not None
    return int(totals.amount_due * 1000)


_SAMPLE = _sample()
