"""Many debtors with mandates, pay days, holds and payments in between: what is handed to the bank, held to its rules."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from lxml import etree
from sqlalchemy import Connection, select, update

from einvoice.database import connect
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.paying import days, pain008, proposing
from einvoice.receivables.paying.proposing import notice_of
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import COLLECTIONS, CONTACTS, DEBTORS, HOLDS, INVOICES
from tests.receivables import books
from tests.receivables.paying_debits import LIVE, POLICY, Debits, announced, at, debits, mandate, rows

_OF = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}


class Measured(NamedTuple):
    """What was found, and whether all of it holds."""

    value: str
    holds: bool


def measured(count: int) -> Measured:
    """`count` debtors, six weeks: planned and announced each day, exported each day, every file held to the rules."""
    chance = random.Random(3)
    found: Counter[str] = Counter()
    with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
        with connect(engine) as connection:
            first = _filled(connection, count, chance)
        began = perf_counter()
        for day in range(42):
            with connect(engine) as connection:
                proposing.plan(connection, first.creditor, POLICY, at(day))
                announced(connection, first, day)
                for file in pain008.export(connection, first.creditor, LIVE, at(day)).files:
                    _read(connection, file, day, found)
        taken = perf_counter() - began
        with connect(engine) as connection:
            _judged(connection, first, found)
    wrong = [name for name in found if name.startswith("fault")]
    value = ", ".join(f"{number:,} {name}" for name, number in sorted(found.items()))
    return Measured(
        f"{value}; {taken:.1f} s", not wrong and min(found[name] for name in ("files", "collections", "on pay day", "addresses")) > 0
    )


def _filled(connection: Connection, count: int, chance: random.Random) -> Debits:
    """Debtors of all sorts, two invoices each."""
    first = debits(connection, key="d0")
    for number in range(1, count):
        pay_day = chance.choice((None, None, 1, 15, 25, 28, 31))
        kind, cents = chance.choice(("b2b", "b2c")), chance.randint(1, 99_999)
        one = debits(
            connection,
            f"{cents / 100:.2f}",
            "10.00",
            key=f"d{number}",
            creditor=first.creditor,
            pay_day=pay_day,
            kind=kind,
        )
        scheme = chance.choice(("CORE", "B2B")) if kind == "b2b" else "CORE"
        mandate(connection, one, f"M{number}", scheme=scheme, recurrent=chance.random() < 0.8)
        _varied(connection, one, chance)
    return first


def _varied(connection: Connection, one: Debits, chance: random.Random) -> None:
    what = chance.random()
    if what < 0.1:
        hold(connection, one.debtor, Reason.DISPUTE, at().day, invoices=one.invoices[:1])
    elif what < 0.2:
        half = {"street": "Dam 1", "city": "Gent"}
        connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == one.debtor).values(address=half))
    elif what < 0.3:
        connection.execute(
            update(INVOICES).where(INVOICES.c.debtor_id == one.debtor).values(contract={"prenotice_days": chance.randint(1, 10)})
        )
    elif what < 0.35:
        connection.execute(update(DEBTORS).where(DEBTORS.c.id == one.debtor).values(insolvent_on=at().day))


def _read(connection: Connection, file: pain008.File, day: int, found: Counter[str]) -> None:
    """Holds a file to the schema and the rules of addresses, sums and batches."""
    root = etree.fromstring(file.data)
    found["files"] += 1
    found["fault: not valid"] += not pain008._schema().validate(root)
    shown = root.findall(".//p:PstlAdr", _OF)
    found["addresses"] += len(shown)
    found["fault: address without structure"] += sum(
        each.find("p:TwnNm", _OF) is None or each.find("p:Ctry", _OF) is None or each.find("p:AdrLine", _OF) is not None for each in shown
    )
    batches = [
        (each.findtext("p:ReqdColltnDt", namespaces=_OF), each.findtext("p:PmtTpInf/p:SeqTp", namespaces=_OF))
        for each in root.findall(".//p:PmtInf", _OF)
    ]
    found["fault: two batches of a day and sequence"] += len(batches) - len(set(batches))
    amounts = [Decimal(each.text) for each in root.findall(".//p:InstdAmt", _OF)]
    found["fault: sums"] += sum(amounts) != file.total or len(amounts) != file.collections
    found["fault: not the same again"] += pain008.kept(connection, _creditor(connection), file.id) != [file]
    found["fault: too late for the bank"] += sum(date.fromisoformat(str(due)) <= at(day).day for due, _ in batches)
    for name in [name for name, number in found.items() if name.startswith("fault") and not number]:
        del found[name]


def _creditor(connection: Connection) -> int:
    return int(connection.scalar(select(COLLECTIONS.c.creditor_id).limit(1)) or 0)


def _judged(connection: Connection, first: Debits, found: Counter[str]) -> None:
    """Every collection: on the pay day and a TARGET day, announced in time, once for an invoice, nobody reminded meanwhile."""
    debtors = {row.id: row for row in connection.execute(select(DEBTORS))}
    invoices = {row.id: row for row in connection.execute(select(INVOICES))}
    held = {(row.case_id, row.invoice_id) for row in connection.execute(select(HOLDS).where(HOLDS.c.ended_on.is_(None)))}
    seen: set[int] = set()
    wrong: Counter[str] = Counter()
    for row in rows(connection, first):
        if row.state != "exported":
            continue
        found["collections"] += 1
        debtor = debtors[row.debtor_id]
        found["on pay day"] += debtor.pay_day is not None
        wrong["fault: no TARGET day"] += not days.is_open(row.due)
        wrong["fault: not the pay day"] += debtor.pay_day is not None and not _on(row.due, debtor.pay_day)
        notice = notice_of(invoices[ref].contract for ref, _ in row.invoices)
        wrong["fault: announced too late"] += row.announced_on + timedelta(notice) > row.due
        wrong["fault: insolvent"] += debtor.insolvent_on is not None
        for ref, amount in row.invoices:
            wrong["fault: twice"] += ref in seen
            wrong["fault: more than is open"] += Decimal(amount) > invoices[ref].open
            wrong["fault: reminded meanwhile"] += (row.id, ref) not in held
            seen.add(ref)
    found.update({name: number for name, number in wrong.items() if number})


def _on(due: date, pay_day: int) -> bool:
    """Whether a day is the pay day of its month or the one before, moved on to the next TARGET day."""
    last = due.replace(day=1) - timedelta(1)
    return any(days.settles(days._in_month(month, pay_day)) == due for month in (due, last))
