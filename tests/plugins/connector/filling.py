"""An ERP that fills IN in every manner: whole, renamed, with a marker, half and then the rest, half for good, again, broken, replaced."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.plugins.connector import world

MANNERS = ("renamed", "at once", "marked", "in two halves", "half for good", "again", "broken", "replaced")


class Handed(NamedTuple):
    """A file that is handed in: where, its name, its bytes; in which manner; what must come of it.

    `numbers` are those that ledger (and OUT, of an invoice) must have once; `good` is whether it is accepted in the end.
    """

    source: str
    name: str
    data: bytes
    manner: str
    numbers: tuple[str, ...]
    good: bool

    @property
    def sha256(self) -> str:
        """By which the journal knows it."""
        return sha256(self.data).hexdigest()


def planned(count: int, chance: random.Random) -> list[Handed]:
    """So many files, kinds and manners by chance; the same seed plans the same."""
    return [_one(number, chance.choice(MANNERS), chance) for number in range(count)]


def _one(number: int, manner: str, chance: random.Random) -> Handed:
    name, kinds = f"I-{number:05}", [*_KINDS]
    kind = chance.choices(kinds, weights=(6, 4, 2, 1, 4, 3))[0]
    if manner == "broken":
        return Handed("invoices", f"{name}.json", world.without_price(name), manner, (), False)
    source, suffix, make, numbers = _KINDS[kind]
    data = make(name)
    if manner == "half for good":
        half = data[: len(data) * 2 // 3].rstrip(b"\n")  # within a line: half a table of whole lines looks like a whole one
        return Handed(source, f"{name}.{suffix}", half, manner, (), False)
    return Handed(source, f"{name}.{suffix}", data, manner, tuple(each.format(name) for each in numbers), True)


def _table(name: str) -> bytes:
    rows = "".join(f"c1,{name}-{each},2026-11-01,2026-12-01,{each + 1}00.00\n" for each in range(5))
    return f"debtor,number,issued,due,amount\n{rows}".encode()


def _payments(name: str) -> bytes:
    return f'[{{"key": "P-{name}", "debtor": "c1", "amount": "5.00", "booked": "2026-11-20"}}]\n'.encode()


_KINDS: dict[str, tuple[str, str, Callable[[str], bytes], tuple[str, ...]]] = {
    "draft": ("invoices", "json", world.as_json, ("{}",)),
    "ubl": ("invoices", "xml", world.as_xml, ("{}",)),
    "cii": ("invoices", "xml", lambda name: world.as_xml(name, "cii"), ("{}",)),
    "pdf": ("invoices", "pdf", world.as_pdf, ("{}",)),
    "table": ("open-items", "csv", _table, tuple(f"{{}}-{each}" for each in range(5))),
    "payments": ("open-items", "json", _payments, ()),
}


def fill(home: Path, files: list[Handed], pause: float) -> None:
    """Hands the files in, some at the same time as others; `pause` in seconds is between them and between two halves."""
    rests: list[tuple[float, Iterator[None]]] = []
    for file in files:
        steps = _steps(home / "IN" / file.source, file, pause)
        next(steps, None)
        rests.append((time.monotonic() + 4 * pause, steps))
        time.sleep(pause)
        for due, steps in [*rests]:
            if time.monotonic() >= due:
                rests.remove((due, steps))
                next(steps, None)
    for due, steps in rests:
        time.sleep(max(0.0, due - time.monotonic()))
        next(steps, None)


def _steps(folder: Path, file: Handed, pause: float) -> Iterator[None]:
    """What is done at first, and what a little later."""
    place, half = folder / file.name, len(file.data) // 2
    if file.manner == "in two halves":
        with place.open("wb") as stream:
            stream.write(file.data[:half])
            stream.flush()
            yield
            stream.write(file.data[half:])
        return
    if file.manner == "marked":
        place.write_bytes(file.data)
        place.with_name(f"{file.name}.ready").touch()
    elif file.manner in ("renamed", "replaced"):
        if file.manner == "replaced":
            place.write_bytes(world.without_price("OLD-" + file.name) if file.source == "invoices" else b"debtor,number\nc1,x\n")
            yield
        aside = place.with_name(f".{file.name}.part")
        aside.write_bytes(file.data)
        aside.replace(place)
    else:
        place.write_bytes(file.data)
    yield
    if file.manner == "again":
        aside = place.with_name(f"{file.name}.tmp")
        aside.write_bytes(file.data)
        aside.rename(place.with_name(f"again-{file.name}"))
