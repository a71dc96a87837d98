"""The ledger: laws that hold whatever is booked, days gone by, imports, reversals, forgetting, views."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.evidence import Figure, figure, scaled
from tests.evidence.databases import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROOT = Path(__file__).parents[2]


@figure("ledger-laws", bar="random bookings and reversals: no contradiction, equal to a naive ledger, on SQLite and PostgreSQL", item=2)
def ledger_laws() -> Figure:
    """Invariants 10 and 11: sums that are zero, what is carried equals the entries, charges outlive the principal."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.receivables.ledger_machine import LedgerMachine

    texts = []
    for opened, examples in ((sqlite, scaled(250)), (postgresql, scaled(50))):
        LedgerMachine.bookings = LedgerMachine.refusals = LedgerMachine.as_of = 0
        with opened() as engine:
            LedgerMachine.engine = engine
            quick = settings(
                max_examples=examples,
                stateful_step_count=40,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            run_state_machine_as_test(LedgerMachine, settings=quick)
            done = (LedgerMachine.bookings, LedgerMachine.refusals, LedgerMachine.as_of)
        texts.append(f"{engine.name}: {examples} ledgers, {done[0]} bookings, {done[1]} refused by both, {done[2]} days compared")
        if not done[0]:
            return Figure("nothing was booked", False)
    return Figure(f"{'; '.join(texts)}; differences: 0", True)


@figure("as-of", bar="every day of two years equals a replay of the entries, today equals what invoices carry; both databases", item=2)
def as_of() -> Figure:
    from sqlalchemy import select

    from einvoice.database import connect
    from einvoice.receivables.ledger.asof import ageing, open_items
    from einvoice.receivables.store.tables import INVOICES
    from tests.receivables.ledger_story import START, tell

    wrong, days, texts = 0, max(2, scaled(730)), []
    for opened in (sqlite, postgresql):
        with opened() as engine, connect(engine) as connection:
            creditor = tell(connection, 200)
            entries = _entries(connection)
            for day in (START + timedelta(days=index) for index in range(days)):
                owed = _replayed(entries, day)
                found = {item.invoice: (item.open, item.charges) for item in open_items(connection, creditor, day)}
                total = sum((row.principal for row in ageing(connection, creditor, day)), Decimal(0))
                wrong += found != owed or total != sum((principal for principal, _ in owed.values()), Decimal(0))
            carried = {row[0]: row[1:] for row in connection.execute(select(INVOICES.c.id, INVOICES.c.open, INVOICES.c.charges))}
            wrong += {ref: tuple(owed) for ref, owed in carried.items() if any(owed)} != _replayed(entries, date.max)
            texts.append(f"{engine.name}: {len(entries)} entries on {days} days")
    return Figure(f"{'; '.join(texts)}; days that differ: {wrong}", wrong == 0)


def _entries(connection: Connection) -> list[Any]:
    from sqlalchemy import select

    from einvoice.receivables.store.tables import ENTRIES

    return list(connection.execute(select(ENTRIES.c.invoice_id, ENTRIES.c.account, ENTRIES.c.booked, ENTRIES.c.amount)).all())


def _replayed(entries: list[Any], day: date) -> dict[int, tuple[Decimal, Decimal]]:
    sums: dict[int, dict[str, Decimal]] = {}
    for invoice, account, booked, amount in entries:
        if booked <= day and account in ("principal", "charges"):
            owed = sums.setdefault(invoice, {"principal": Decimal(0), "charges": Decimal(0)})
            owed[account] += amount
    return {invoice: (owed["principal"], owed["charges"]) for invoice, owed in sums.items() if any(owed.values())}


@figure("append-only", bar="UPDATE and DELETE of entries and transactions refused by the database itself, on both", item=2)
def append_only() -> Figure:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from einvoice.database import connect
    from tests.receivables.ledger_story import tell

    tried = refused = 0
    for opened in (sqlite, postgresql):
        with opened() as engine, connect(engine) as connection:
            tell(connection, 10)
            for table in ("entries", "transactions"):
                for change in (f"UPDATE {table} SET booked = '2020-01-01'", f"DELETE FROM {table}"):  # noqa: S608 - names of ours
                    tried += 1
                    try:
                        with connection.begin_nested():
                            connection.execute(text(change))
                    except DBAPIError:
                        refused += 1
    return Figure(f"{refused} of {tried} attempts refused", refused == tried > 0)


@figure("reversal-cent", bar="after any returned payment its invoices are open to the cent, stage and behaviour as before", item=2)
def reversal_cent() -> Figure:
    from sqlalchemy import select

    from einvoice.database import connect
    from einvoice.receivables import ledger
    from einvoice.receivables.ledger.audit import check_ledger
    from einvoice.receivables.store.tables import DEBTORS, INVOICES
    from tests.receivables import books

    random, wrong, reversals, cents = Random(2), 0, scaled(500), 0
    with sqlite() as engine, connect(engine) as connection:
        creditor = books.creditor(connection)
        debtor = books.debtor(connection, creditor)
        for index in range(12):
            due = date(2026, 10, 1) + timedelta(days=index)
            books.invoice(connection, debtor, f"F{index}", str(Decimal(random.randrange(1, 40_000)) / 100), due=due)
        connection.execute(INVOICES.update().where(INVOICES.c.id % 2 == 0).values(stage="final", flow="nl", step="r3"))
        columns = [column for column in (*INVOICES.c, *DEBTORS.c) if column.name != "stage_before"]
        state = select(*columns).join_from(INVOICES, DEBTORS, INVOICES.c.debtor_id == DEBTORS.c.id).order_by(INVOICES.c.id)
        for index in range(reversals):
            before = connection.execute(state).all()
            day = date(2026, 11, 1) + timedelta(days=index)
            payment = ledger.PaymentIn(f"b{index}", Decimal(random.randrange(1, 90_000)) / 100, "EUR", day, debtor)
            posted = ledger.post_payment(connection, creditor, payment, books.booking(day))
            ledger.allocate(connection, posted.transaction, books.booking(day))
            cents += connection.execute(state).all() != before
            ledger.reverse(connection, posted.transaction, books.booking(day + timedelta(days=1)))
            wrong += connection.execute(state).all() != before
        wrong += len(check_ledger(connection))
    return Figure(
        f"{reversals} payments over 12 invoices returned, {cents} of which had changed them; differences after: {wrong}",
        not wrong and cents > 0,
    )


@figure(
    "import-faults",
    bar="every broken file refused with file, line, field and mend; nothing of it or of the good files beside it kept",
    item=2,
)
def import_faults() -> Figure:
    from sqlalchemy import func, select

    from einvoice.database import METADATA
    from einvoice.receivables.ledger.importing import ImportRefused, import_files
    from tests.receivables import books, ledger_files

    def count(connection: Connection) -> int:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in METADATA.tables.values())

    named = kept = 0
    with sqlite() as engine:
        for one in ledger_files.BROKEN:
            with TemporaryDirectory() as name, books.undone(engine) as connection:
                books.creditor(connection)
                folder = Path(name)
                good = ledger_files.written(folder, debtors=ledger_files.DEBTORS, invoices=ledger_files.INVOICES)
                import_files(connection, 1, good, books.booking())
                before = count(connection)
                beside = ledger_files.written(folder, new_debtors="key,name,kind,country\nc5,New,b2b,NL\n")
                path = ledger_files.broken(folder, one)
                try:
                    import_files(connection, 1, [*beside, path], books.booking())
                except ImportRefused as refused:
                    (fault,) = refused.findings
                    where = (fault.code, fault.file, fault.line, fault.field)
                    named += where == (one.code, str(path), one.line, one.field) and bool(fault.mend)
                kept += count(connection) - before
    total = len(ledger_files.BROKEN)
    return Figure(f"{named} of {total} named with file, line, field and mend; rows kept: {kept}", named == total and kept == 0)


@figure("import-twice", bar="the same files again change nothing: CSV, JSON, e-invoices", item=2)
def import_twice() -> Figure:
    import json

    from sqlalchemy import select

    from einvoice.database import METADATA
    from einvoice.receivables.ledger.importing import Reading, import_files
    from tests.receivables import books, ledger_files

    with TemporaryDirectory() as name, sqlite() as engine, books.undone(engine) as connection:
        books.creditor(connection)
        folder = Path(name)
        ledger_files.written(folder, debtors=ledger_files.DEBTORS, invoices=ledger_files.INVOICES, payments=ledger_files.PAYMENTS)
        more = [
            {"debtor": "c1", "number": f"J{index}", "issued": "2026-09-01", "due": "2026-10-01", "amount": "1.10"} for index in range(50)
        ]
        (folder / "invoices.json").write_text(json.dumps(more), "utf-8")
        (folder / "sent.xml").write_bytes((ROOT / "tests" / "examples" / "bases" / "peppol-invoice.xml").read_bytes())
        first = import_files(connection, 1, [folder], books.booking(), Reading(add_debtors=True))
        before = {table.name: connection.execute(select(table)).all() for table in METADATA.sorted_tables}
        again = import_files(connection, 1, [folder], books.booking(date(2026, 12, 1)), Reading(add_debtors=True))
        after = {table.name: connection.execute(select(table)).all() for table in METADATA.sorted_tables}
    same = before == after and set(again) == {"same"}
    return Figure(f"first {dict(first)}, again {dict(again)}, every table {'the same' if before == after else 'changed'}", same)


_SPEED = """
import resource, sys
from pathlib import Path
from time import perf_counter
from einvoice.database import connect
from einvoice.receivables.ledger.importing import import_files
from tests.receivables import books
folder, rows = Path(sys.argv[1]), int(sys.argv[2])
head = "debtor;number;issued;due;amount;currency;reference;order_number\\n"
with (folder / "invoices.csv").open("w") as file:
    file.write(head)
    for i in range(rows):
        file.write(f"c{i % 1000};F{i};2026-09-{1 + i % 28:02};2026-10-{1 + i % 28:02};{100 + i % 900},{i % 100:02};EUR;RF{i};PO{i}\\n")
with books.database(folder) as engine:
    with connect(engine) as connection:
        creditor = books.creditor(connection)
        for i in range(1000):
            books.debtor(connection, creditor, f"c{i}")
    began = perf_counter()
    with connect(engine) as connection:
        counts = import_files(connection, creditor, [folder / "invoices.csv"], books.booking())
    print(counts["invoices"], perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@figure("import-speed", bar="100,000 invoices in at most 10 s, committed, all in at most 200 MB", item=2)
def import_speed() -> Figure:
    count, seconds, memory = _imported(scaled(100_000))
    return Figure(f"{count:.0f} invoices in {seconds:.1f} s, {memory:.0f} MB", count == scaled(100_000) and seconds <= 10 and memory <= 200)


def _imported(rows: int) -> tuple[float, float, float]:
    """How many rows were imported in a process of its own, in how many seconds, with how many MB at most."""
    with TemporaryDirectory() as folder:
        run = subprocess.run([sys.executable, "-c", _SPEED, folder, str(rows)], cwd=ROOT, capture_output=True, text=True, check=True)
    count, seconds, memory = map(float, run.stdout.split())
    return count, seconds, memory


@figure(
    "forget", bar="refused before the day the law lets it, then no personal word left in any table; entries and balances unchanged", item=2
)
def forget() -> Figure:
    from sqlalchemy import select

    from einvoice.errors import ReceivablesError
    from einvoice.receivables.ledger import forgetting
    from einvoice.receivables.ledger.asof import balance
    from einvoice.receivables.store.tables import ENTRIES
    from tests.receivables import books
    from tests.receivables.ledger_persons import known_debtor, texts

    words = ("secret", "0612345678", "nl91abna", "1980-01-01")
    with sqlite() as engine, books.undone(engine) as connection:
        debtor = known_debtor(connection)
        before = (connection.execute(select(ENTRIES)).all(), balance(connection, debtor, date(2026, 10, 31)))
        there = Counter(word for word in words if word in texts(connection).lower())
        early = "not refused"
        try:
            forgetting.forget(connection, debtor, date(2033, 12, 31))
        except ReceivablesError as refused:
            early = "refused" if "2034-01-01" in str(refused) else "refused without the day"
        forgotten = forgetting.forget(connection, debtor, date(2034, 1, 1))
        again = forgetting.forget(connection, debtor, date(2035, 1, 1))
        left = [word for word in words if word in texts(connection).lower()]
        same = before == (connection.execute(select(ENTRIES)).all(), balance(connection, debtor, date(2026, 10, 31)))
    text = (
        f"a day early: {early}; {len(there)} words before, left: {', '.join(left) or 'none'}; entries {'unchanged' if same else 'changed'}"
    )
    return Figure(
        f"{text}; a second time: {'news' if again else 'nothing'}",
        early == "refused" and forgotten and not again and not left and same and len(there) == len(words),
    )


@figure("term-flag", bar="terms at the maximum pass, a day beyond is flagged on entry with its source, by hand and by import", item=2)
def term_flag() -> Figure:
    from sqlalchemy import select

    from einvoice.receivables.ledger.importing import import_files
    from einvoice.receivables.store.tables import INVOICES
    from tests.receivables import books, ledger_files

    cases = (
        ("NL", "small", "NL", "large", 30),
        ("NL", "small", "NL", "small", 60),
        ("BE", None, "BE", None, 60),
        ("FR", None, "FR", None, 60),
        ("ES", None, "ES", None, 60),
    )
    wrong, checked, issued = [], 0, date(2026, 9, 1)
    with sqlite() as engine:
        for ours, our_size, theirs, their_size, most in cases:
            with books.undone(engine) as connection, TemporaryDirectory() as folder:
                creditor = books.creditor(connection, country=ours, size=our_size)
                debtor = books.debtor(connection, creditor, "c1", country=theirs, size=their_size)
                rows = []
                for days in (most, most + 1):
                    due = issued + timedelta(days=days)
                    books.invoice(connection, debtor, f"H{days}", issued=issued, due=due)
                    rows.append(f"c1,I{days},{issued},{due},10.00\n")
                import_files(
                    connection,
                    creditor,
                    ledger_files.written(Path(folder), invoices="debtor,number,issued,due,amount\n" + "".join(rows)),
                    books.booking(),
                )
                for number, flags in connection.execute(select(INVOICES.c.number, INVOICES.c.flags)):
                    checked += 1
                    expected = ["term-beyond-maximum"] if int(number[1:]) > most else []
                    if [flag["code"] for flag in flags] != expected or not all(flag["source"] for flag in flags):
                        wrong.append(f"{ours}-{theirs} {number}")
    return Figure(
        f"{checked} invoices of {len(cases)} pairs of parties, wrong: {', '.join(wrong) or 'none'}", checked == 4 * len(cases) and not wrong
    )


@figure("views-equal", bar="every view documented, the same rows on SQLite and PostgreSQL", item=2)
def views_equal() -> Figure:
    from einvoice.database import connect
    from tests.receivables.ledger_story import tell
    from tests.receivables.ledger_views import VIEWS, rows

    found: list[dict[str, Any]] = []
    for opened in (sqlite, postgresql):
        with opened() as engine, connect(engine) as connection:
            tell(connection, 120)
            found.append({view: rows(connection, view) for view in VIEWS})
    differ = [view for view in VIEWS if found[0][view] != found[1][view] or not found[0][view]]
    return Figure(f"{len(VIEWS)} views, {sum(map(len, found[0].values()))} rows; differ: {', '.join(differ) or 'none'}", not differ)
