"""A connector killed at each step in turn, for each kind of file; then started again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from einvoice_plugins.connector.folders import Folders
from einvoice_plugins.connector.settings import View
from einvoice_plugins.connector.work import STEPS, nothing
from tests import postgres
from tests.forking import fork
from tests.plugins.connector import killing, world
from tests.plugins.connector.world import World

TABLE = b"debtor,number,issued,due,amount\nc1,F-1,2026-11-01,2026-12-01,100.00\nc1,F-2,2026-11-02,2026-12-02,50.00\n"
KINDS = ("draft", "xml", "pdf", "refused", "table", "view")
_MANY = {"published one": 3}
"""Steps that a file may reach several times."""


class Point(NamedTuple):
    """A failpoint: the kind of file, the step; whether the process was killed there; what is wrong afterwards."""

    kind: str
    step: str
    hit: bool
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Nothing is wrong."""
        return not self.wrong


def points(database: str = "sqlite", kinds: tuple[str, ...] = KINDS, steps: tuple[str, ...] = STEPS) -> list[Point]:
    """Every step of every kind of file, unless told."""
    return [_point(database, kind, step, often) for kind in kinds for step in steps for often in range(1, _MANY.get(step, 1) + 1)]


def careless() -> Point:
    """A connector that writes into OUT before its transaction is committed: the same judge must find it out."""
    return _point("sqlite", "pdf", "staged", 1, _careless)


def _careless() -> None:
    def stage(folders: Folders, sha256: str, parts: Mapping[str, bytes]) -> None:
        for name, data in parts.items():
            folders.put(folders.home / "OUT" / name, data)

    Folders.stage = stage  # type: ignore[assignment, method-assign] # in this process alone


@contextmanager
def _world(database: str, *, pdf: bool) -> Iterator[World]:
    with TemporaryDirectory(prefix="einvoice-connector-") as name:
        if database == "sqlite":
            with world.world(Path(name), pdf=pdf) as made:
                yield made
        else:
            with postgres.fresh(postgres.migrated_database) as url, world.world(Path(name), pdf=pdf, url=url) as made:
                yield made


def _point(database: str, kind: str, step: str, often: int, prepare: Callable[[], None] = lambda: None) -> Point:
    with _world(database, pdf=kind in ("draft", "xml")) as here:
        given, here = _handed_in(here, kind)
        here.engine.dispose()
        reader = killing.Reader(here)
        hit = killing.killed(fork(lambda: _work(here, prepare, killing.dying(step, often))))
        reader.read()
        again = fork(lambda: _work(here, prepare))
        wrong = ["killed again"] if killing.killed(again) else []
        reader.read()
        return Point(kind, f"{step} {often}" if often > 1 else step, hit, (*wrong, *_wrong(here, kind, given, reader)))


def _work(here: World, prepare: Callable[[], None], reached: Callable[[str], None] = nothing) -> None:
    prepare()
    killing.working(here, reached)


def _handed_in(here: World, kind: str) -> tuple[bytes, World]:
    """A file of a kind in IN, and the world with the settings that it needs."""
    if kind == "view":
        return b"", _with_view(here)
    data = {"draft": world.as_json, "xml": world.as_xml, "pdf": world.as_pdf, "refused": world.without_price}.get(kind, lambda _: TABLE)(
        "N-1"
    )
    suffix = {"xml": "xml", "pdf": "pdf", "table": "csv"}.get(kind, "json")
    here.put(f"a.{suffix}", data, "open-items" if kind == "table" else "invoices")
    return data, here


def _with_view(here: World) -> World:
    with sqlite3.connect(here.home / "erp.db") as erp:
        erp.execute("CREATE TABLE items (id INTEGER, customer TEXT, number TEXT, issued TEXT, due TEXT, amount TEXT)")
        erp.executemany("INSERT INTO items VALUES (?, 'c1', ?, '2026-11-01', '2026-12-01', ?)", [(1, "F-1", "100.00"), (2, "F-2", "50.00")])
    erp.close()
    query = "SELECT id, customer AS debtor, number, issued, due, amount FROM items"
    view = View("items", f"sqlite:///{here.home / 'erp.db'}", query, "id", "invoices", 1)
    return here._replace(settings=here.settings._replace(views=(view,)))


def _wrong(here: World, kind: str, given: bytes, reader: killing.Reader) -> Iterator[str]:
    """What is not as it must be."""
    if left := killing.left_over(here.home):
        yield f"left over: {left}"
    expected = (
        {"F-1": (1, 100_000), "F-2": (1, 50_000)} if kind in ("table", "view") else {} if kind == "refused" else {"N-1": (1, _AMOUNT)}
    )
    if (found := killing.books(here)) != expected:
        yield f"the ledger has {found}"
    names = {f"N-1{suffix}": 1 for suffix in (".xml", ".pdf", ".verdict.json")} if kind in ("draft", "xml", "pdf") else {}
    if dict(reader.names) != names:
        yield f"OUT gave {dict(reader.names)}"
    if kind != "view":
        folder, other = ("REFUSED", "DONE") if kind == "refused" else ("DONE", "REFUSED")
        if killing.filed(here.home, folder) != {sha256(given).hexdigest(): 1} or killing.filed(here.home, other):
            yield f"it is not in {folder}, once"
    if kind == "refused" and here.names("REFUSED") != ["a.json", "a.json.reasons.json", "a.json.reasons.txt"]:
        yield f"REFUSED has {here.names('REFUSED')}"
    if any(state not in ("done", "refused") for state in killing.states(here).values()):
        yield "the journal has not ended"


def _amount() -> int:
    import einvoice

    totals = einvoice.read(world.as_xml("N-1")).totals
    assert totals is not None
    assert totals.amount_due is not None
    return int(totals.amount_due * 1000)


_AMOUNT = _amount()
