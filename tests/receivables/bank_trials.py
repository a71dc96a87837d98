"""Trials of files: cut, twice, overlapping, in every format, and whether a payment stops a reminder."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, func, select

from einvoice.database import connect
from einvoice.outbox import relay
from einvoice.receivables import law
from einvoice.receivables.channels.installed import installed
from einvoice.receivables.guard import ReceivablesOwner
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.matching.importing import import_statement
from einvoice.receivables.matching.reading import BankLine, StatementRefused, read
from einvoice.receivables.store.tables import BANK_FILES, BANK_LINES, ENTRIES, INVOICES, PAYMENTS, TRANSACTIONS
from tests.receivables import bank_files, books
from tests.receivables.bank_families import BENELUX, NORTHERN
from tests.receivables.bank_judge import FORMATS, file_of
from tests.receivables.bank_year import Sent, Truth, Year, year
from tests.receivables.run_world import EARLY, MORNING, world
from tests.smtp import Mailbox

NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)
BOOKED = Booking(NOW.date(), "bank", NOW)
_OPENING = Decimal("500.00")


def some(lines: int, seed: int = 9) -> Year:
    """A year of some lines."""
    return year(BENELUX, lines, seed)


def cuts(tries: int) -> Counter[str]:
    """Files of each format, each cut at points all over: what became of them."""
    found: Counter[str] = Counter()
    chance = random.Random(4)
    made = some(120)
    with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
        with connect(engine) as connection:
            creditor = books.creditor(connection, iban=bank_files.ACCOUNTS["camt"])
        for form in FORMATS:
            data = file_of(form, made.lines[:60], 1, _OPENING, "benelux")
            end = whole(form, data)
            for at in {chance.randrange(1, end) for _ in range(max(10, tries // 3))}:
                found[_cut(engine, creditor, data[:at])] += 1
        with connect(engine) as connection:
            kept = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in (BANK_FILES, BANK_LINES, PAYMENTS))
    found["kept something"] = int(kept)
    return found


def whole(form: str, data: bytes) -> int:
    """Where a file has said everything: before it, something is missing."""
    if form == "mt940":
        return data.rindex(b":62F:") + data[data.rindex(b":62F:") :].index(b"\r\n")
    return len(data.rstrip()) if form == "camt" else len(data.rstrip(b"\r\n"))


def _cut(engine: Engine, creditor: int, data: bytes) -> str:
    try:
        with connect(engine) as connection:
            import_statement(connection, creditor, data, "cut", BOOKED)
    except StatementRefused as refused:
        return "refused" if refused.file == "cut" and refused.mend else "refused without words"
    return "imported"


def state(engine: Engine) -> tuple[object, ...]:
    """What the books hold: how many rows, what all is open, what the entries sum up to."""
    with connect(engine) as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (BANK_FILES, BANK_LINES, PAYMENTS, ENTRIES, TRANSACTIONS)
        ]
        left = connection.scalar(select(func.sum(INVOICES.c.open, type_=INVOICES.c.open.type)))
        total = connection.scalar(select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)))
        return (*counts, left, total)


def twice(lines: int) -> Counter[str]:
    """A file of each format, imported twice."""
    made, found = some(lines), Counter[str]()
    with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
        creditor = _owed(engine, made)
        for number, form in enumerate(FORMATS, 1):
            data = file_of(form, made.lines[number - 1 :: 3], number, _OPENING, "benelux")
            before = None
            for _ in range(2):
                with connect(engine) as connection:
                    new = import_statement(connection, creditor, data, form, BOOKED).new
                found["files"] += new
                after = state(engine)
                found["changed"] += before is not None and after != before
                before = after
        found["lines"] = len(made.lines)
    return found


def overlaps(lines: int) -> Counter[str]:
    """Files whose days overlap, with lines that are identical but for being two: each counts once, as often as the bank has it."""
    made, found = some(lines), Counter[str]()
    days = sorted({line.day for line in made.lines})
    one = next(line for line in made.lines if line.amount > 0 and line.iban)
    same = [one._replace(day=days[len(days) // 2], end_to_end="") for _ in range(3)]
    rows = sorted([*made.lines, *same], key=lambda line: line.day)
    with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
        creditor = _owed(engine, made)
        size = max(3, len(days) // 8)
        for number, at in enumerate(range(0, len(days), size // 2 or 1)):
            some_days = set(days[at : at + size])
            part = [line for line in rows if line.day in some_days]
            with connect(engine) as connection:
                import_statement(connection, creditor, bank_files.camt(part, number, _OPENING), f"{number}", BOOKED)
            found["files"] += 1
        with connect(engine) as connection:
            found["lines"] = connection.scalar(select(func.count()).select_from(BANK_LINES)) or 0
            kept = connection.scalar(
                select(func.count()).select_from(BANK_LINES).where(BANK_LINES.c.booked == same[0].day, *_like(same[0]))
            )
    found["distinct"] = len(rows)
    found["identical"], found["identical kept"] = len(same), int(kept or 0)
    return found


def _like(line: Sent) -> tuple[Any, ...]:
    return (BANK_LINES.c.amount == line.amount, BANK_LINES.c.iban == line.iban, BANK_LINES.c.end_to_end.is_(None))


def _owed(engine: Engine, made: Year) -> int:
    """A creditor with the year's debtors and invoices."""
    from tests.receivables.bank_judge import Living

    with TemporaryDirectory() as folder:
        living = Living(engine, made, Path(folder))
        with connect(engine) as connection:
            living.book(connection, made.bills)
    return living.creditor


def formats(lines: int) -> tuple[Counter[str], list[str]]:
    """The same lines in every format and version: what comes back of what the format carries."""
    found, faults = Counter[str](), []
    for family in (BENELUX, NORTHERN):
        rows = year(family, lines, 3).lines[:lines]
        for version in range(2, 14):
            for form in ("053", "054"):
                data = bank_files.camt(rows[:400], 1, _OPENING, version=f"{version:02}", form=form)
                faults += _compared(f"camt.{form}.001.{version:02}", rows[:400], data, found, full=True)
        faults += _compared("mt940 Dutch", rows, bank_files.mt940(rows, 1, _OPENING), found)
        faults += _compared("mt940 German", rows, bank_files.mt940(rows, 1, _OPENING, german=True), found)
        faults += _compared("coda", rows[:9_000], bank_files.coda(rows[:9_000], 1, _OPENING), found)
    return found, faults


def _compared(name: str, sent: list[Sent], data: bytes, found: Counter[str], *, full: bool = False) -> list[str]:
    """Differences between what was sent and what is read."""
    lines = [line for statement in read(data, name) for line in statement.lines]
    found[name] += len(lines)
    if len(lines) != len(sent):
        return [f"{name}: {len(lines)} lines of {len(sent)}"]
    return [f"{name}: {fault}" for one, line in zip(sent, lines, strict=True) if (fault := _differs(one, line, full))]


def _differs(one: Sent, line: BankLine, full: bool) -> str:
    if (one.amount, one.day, one.iban, one.end_to_end) != (line.amount, line.booked, line.iban, line.end_to_end):
        return f"{one} {line}"
    if full and (one.payer, one.text, one.reversal, one.ultimate) != (line.payer, line.text, line.reversal, line.ultimate):
        return f"{one} {line}"
    if full and one.reference and line.references != (one.reference,):
        return f"{one} {line}"
    said = _squeezed(f"{one.reference} {one.text}")
    told = _squeezed(" ".join([*line.references, line.text]))
    name = _squeezed(bank_files.plain(one.payer))
    if said not in (told, told[::-1]) and not told.startswith(said[:40]):
        return f"{said} | {told}"
    return "" if _squeezed(bank_files.plain(line.payer))[:24] == name[:24] else f"{one.payer} | {line.payer}"


def _squeezed(text: str) -> str:
    """Letters and digits alone: what a cut may not change."""
    return "".join(sign for sign in bank_files.plain(text).lower() if sign.isalnum())


def stopped() -> tuple[int, int, float]:
    """How many reminders leave without a payment, how many with one, and seconds from its file to the last look that withdraws it."""
    from tests import smtp

    with TemporaryDirectory() as folder, smtp.serving(Path(folder) / "log") as mail:
        without, _ = _morning(Path(folder) / "without", mail, paid=False)
        sent, seconds = _morning(Path(folder) / "with", mail, paid=True)
    return without, sent, seconds


def _morning(where: Path, mail: Mailbox, *, paid: bool) -> tuple[int, float]:
    """A reminder waits for the hours of contact; perhaps its payment is imported; then what waits is sent."""
    where.mkdir()
    with world(where, mail) as made:
        made.debtor("a")
        assert made.run(EARLY).waiting == 1
        begun = perf_counter()
        if paid:
            line = Sent(
                1, EARLY.date(), Decimal("100.00"), "Customer a", "", "invoice a-1", "", "", "PMNT-RCDT-ESCT", Truth("exact", "a", {})
            )
            data = bank_files.camt([line], 1, _OPENING)
            with connect(made.engine) as connection:
                found = import_statement(connection, made.creditor, data, "today.xml", Booking(EARLY.date(), "bank", EARLY))
            assert found.counts["lines"] == 1, found
        made.clock.now = MORNING
        owners = {"receivables": ReceivablesOwner(law.load())}
        sent = relay(made.engine, installed(made.settings), owners, made.clock, ceiling=made.settings.sending).sent
        return sent, perf_counter() - begun
