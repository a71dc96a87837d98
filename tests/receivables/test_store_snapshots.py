"""Snapshots: a constant number of queries, and every earlier day as it was."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, update

from einvoice.database import connect, reading
from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.actions import Charge
from einvoice.receivables.ledger.balances import CLOSED
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store import cancel, complete, fail, save, snapshots
from einvoice.receivables.store.tables import ACTIONS, CONSENTS, CONTACTS, DISPUTES, ENTRIES, HOLDS, INVOICES, PEOPLE
from tests.receivables import books
from tests.receivables.bulk import DAY, fill
from tests.receivables.stores import NOW, action, store
from tests.scale import scaled


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    return tmp_path if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are executed."""
    seen: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_the_number_of_queries_does_not_depend_on_the_number_of_debtors(where: Path | str) -> None:
    counts = {}
    with books.database(where) as engine:
        with connect(engine) as connection:
            creditors = {size: fill(connection, 5 * size, seed=size) for size in (10, 1000)}
        for size, creditor in creditors.items():
            for day in (DAY, DAY - timedelta(days=9)):
                with reading(engine) as connection, counted(engine) as seen:
                    found = list(snapshots(connection, creditor, day))
                assert day != DAY or len(found) == size
                counts[size, day == DAY] = len(seen)
    assert counts[10, True] == counts[1000, True] <= 12
    assert counts[10, False] == counts[1000, False] <= 14


def test_a_creditor_that_is_not_there_is_said(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine, reading(engine) as connection, pytest.raises(ReceivablesError):
        list(snapshots(connection, 7, DAY))


def test_what_is_read_in_part_leaves_the_transaction_usable(where: Path | str) -> None:
    with store(where) as engine, reading(engine) as connection:
        started = snapshots(connection, 1, DAY)
        assert [debtor.id for debtor in islice(started, 1)] == [1]
        started.close()  # type: ignore[attr-defined]
        assert [debtor.id for debtor in snapshots(connection, 1, DAY)] == [1, 2, 3]
        both = zip(snapshots(connection, 1, DAY), snapshots(connection, 1, DAY, debtors=[3, 1, 99]), strict=False)
        assert [(one.id, other.id) for one, other in both] == [(1, 1), (2, 3)]


def test_a_debtor_with_nothing_in_follow_up_that_is_due_is_left_out(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        books.invoice(connection, 2, "later", due=date(2026, 12, 31))
        connection.execute(update(INVOICES).where(INVOICES.c.debtor_id == 3).values(stage="final"))
        connection.execute(update(INVOICES).where(INVOICES.c.debtor_id == 2, INVOICES.c.number != "later").values(due=date(2026, 12, 1)))
        assert [(debtor.id, len(debtor.invoices)) for debtor in snapshots(connection, 1, DAY, due_by=DAY)] == [(1, 2)]
        assert [(debtor.id, len(debtor.invoices)) for debtor in snapshots(connection, 1, DAY, due_by=date(2026, 12, 1))] == [(1, 2), (2, 3)]
        ledger.post_payment(connection, 1, PaymentIn("p1", Decimal("0.01"), "EUR", DAY, debtor=1), books.booking(DAY))
        before = snapshots(connection, 1, DAY - timedelta(days=1), due_by=date(2026, 12, 1))  # an earlier day: another way to read
        assert [debtor.id for debtor in before] == [1, 2]


def test_a_snapshot_holds_what_the_tables_say(where: Path | str) -> None:
    with store(where) as engine, connect(engine) as connection:
        person = connection.execute(insert(PEOPLE).values(creditor_id=1, key="p", name="P").returning(PEOPLE.c.id)).scalar_one()
        contact = {"debtor_id": 1, "role": "finance", "name": "Ann", "email": "a@example.com", "phone": "+31612345678", "address": None}
        connection.execute(insert(CONTACTS).values(contact | {"email_bounced_on": DAY}))
        connection.execute(insert(CONTACTS).values({"debtor_id": 1, "role": "cfo", "address": {"city": "Gent"}, "peppol": "0106:1"}))
        for at, (channel, granted) in enumerate([("sms", True), ("email", True), ("sms", False)]):
            when = NOW - timedelta(days=3 - at)
            connection.execute(insert(CONSENTS).values(debtor_id=1, channel=channel, granted=granted, at=when, source="form"))
        holds = [("dispute", 1, Decimal("40.10"), None), ("promise", None, None, DAY), ("plan", None, None, DAY - timedelta(days=1))]
        for reason, invoice, amount, until in holds:
            row = {"debtor_id": 1, "reason": reason, "invoice_id": invoice, "amount": amount, "since": DAY, "until": until}
            connection.execute(insert(HOLDS).values(row | ({"since": DAY - timedelta(days=9)} if reason == "plan" else {})))
        dispute = {"creditor_id": 1, "debtor_id": 1, "invoice_id": 1, "category": "other", "state": "open", "owner_id": person}
        connection.execute(insert(DISPUTES).values(dispute | {"opened_on": DAY, "answer_due": DAY}))
        ledger.post_payment(connection, 1, PaymentIn("p1", Decimal("33.33"), "EUR", DAY, debtor=1), books.booking(DAY))
        connection.execute(update(INVOICES).where(INVOICES.c.id == 2).values(contract={"interest": "10.5"}, notice="n", notice_on=DAY))
        found = next(snapshots(connection, 1, DAY))
    assert [(one.role, sorted(one.channels)) for one in found.contacts] == [
        ("general", ["email"]),
        ("finance", ["call", "computer_call", "sms", "whatsapp"]),
        ("cfo", ["letter", "peppol", "registered_letter"]),
    ]
    assert found.consents == {"sms": False, "email": True}
    assert [tuple(hold) for hold in found.holds] == [("dispute", 1, Decimal("40.10"), None), ("promise", None, None, DAY)]
    assert (found.unallocated, found.disputes, found.reminders, found.pending) == ({"EUR": Decimal("33.33")}, 1, 0, False)
    first, second = found.invoices
    assert (first.id, first.amount, first.open, first.due, first.contract) == (1, Decimal(100), Decimal(100), date(2026, 10, 31), None)
    assert (second.contract, second.notice, second.notice_on) == ({"interest": "10.5"}, "n", DAY)
    assert all(isinstance(part, Decimal) for part in (first.amount, first.open, first.charges, first.interest_booked))


class Days:
    """Weeks of random bookings, actions and pauses; what was seen of each day at its end."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.random = random.Random(seed)
        self.day = date(2026, 11, 2)
        self.number = 0
        self.payments: list[int] = []
        self.charged: set[tuple[int, str, date]] = set()

    def booking(self) -> ledger.Booking:
        self.number += 1
        return books.booking(self.day, f"b{self.number}")

    def open(self) -> list[Any]:
        where = (INVOICES.c.open > 0, INVOICES.c.stage.in_(("open", "final", "handed_over")))
        return list(self.connection.execute(select(INVOICES).where(*where).order_by(INVOICES.c.id)))

    def live(self) -> list[Any]:
        return list(self.connection.execute(select(ACTIONS).where(ACTIONS.c.state == "planned").order_by(ACTIONS.c.id)))

    def some(self, rows: list[Any]) -> Any:
        return self.random.choice(rows) if rows else None

    def amount(self, most: Decimal) -> Decimal:
        part = self.random.choice([1, 3, 5, 7, 9, 10, 10, 10])
        return max(Decimal("0.01"), (most * part / 10).quantize(Decimal("0.01")))

    def invoice(self) -> None:
        self.number += 1
        books.invoice(self.connection, self.random.randint(1, 3), f"N{self.number}", "80.00", issued=self.day, due=self.day + timedelta(10))

    def pay(self) -> None:
        row, self.number = self.some(self.open()), self.number + 1
        if row:
            paid = PaymentIn(f"p{self.number}", self.amount(row.open), "EUR", self.day, debtor=row.debtor_id)
            to = [(row.id, None)] if self.random.random() < 0.7 else None
            self.payments.append(ledger.post_payment(self.connection, 1, paid, self.booking(), to=to).transaction)

    def take_back(self) -> None:
        if self.payments:
            ledger.reverse(self.connection, self.payments.pop(self.random.randrange(len(self.payments))), self.booking())

    def charge(self) -> None:
        if row := self.some(self.open()):
            kind = self.random.choice(["interest", "costs"])
            if (row.id, kind, self.day) in self.charged:
                return
            self.charged.add((row.id, kind, self.day))
            ledger.post_charge(self.connection, Charge(row.id, kind, self.amount(Decimal(9)), until=self.day), self.booking())

    def write_off(self) -> None:
        if row := self.some(self.open()):
            ledger.write_off(self.connection, row.id, self.booking())

    def plan(self) -> None:
        if row := self.some([row for row in self.open() if row.stage == "open"]):
            mine = tuple(one.id for one in self.open() if one.debtor_id == row.debtor_id and one.step_offset == row.step_offset)
            step = f"r{1 + (0 if row.step_offset is None else row.step_offset // 7 + 1)}"
            last = self.random.random() < 0.2
            made = action(row.debtor_id, mine, day=self.day, step=step, final=last, notice="notice" if step == "r2" else None)
            if not any(one.debtor_id == row.debtor_id for one in self.live()):
                save(self.connection, 1, [made])

    def settle(self) -> None:
        if row := self.some(self.live()):
            how = self.random.choice(["done", "done", "cancelled", "failed"])
            if how == "done":
                complete(self.connection, row.id, self.day)
                self.count(row.id)
            else:
                {"cancelled": cancel, "failed": fail}[how](self.connection, row.id, "why", self.day)

    def count(self, done: str) -> None:
        """As sent and delivered: a contact of its invoices, and a notice where it gives one."""
        row = self.connection.execute(select(ACTIONS).where(ACTIONS.c.id == done)).one()
        self.connection.execute(update(ACTIONS).where(ACTIONS.c.id == done).values(counted_on=self.day))
        for claimed in row.body["invoices"]:
            more = update(INVOICES).where(INVOICES.c.id == claimed["invoice"]).values(contacts=INVOICES.c.contacts + 1)
            self.connection.execute(more)
            first = update(INVOICES).where(INVOICES.c.id == claimed["invoice"], INVOICES.c.notice.is_(None))
            if row.notice:
                self.connection.execute(first.values(notice=row.notice, notice_on=self.day, costs_stated=Decimal("40.00")))

    def pause(self) -> None:
        row = {"debtor_id": self.random.randint(1, 3), "reason": "manual", "since": self.day}
        self.connection.execute(insert(HOLDS).values(row | {"until": self.random.choice([None, self.day + timedelta(days=3)])}))

    def resume(self) -> None:
        if row := self.some(list(self.connection.execute(select(HOLDS).where(HOLDS.c.ended_on.is_(None)).order_by(HOLDS.c.id)))):
            self.connection.execute(update(HOLDS).where(HOLDS.c.id == row.id).values(ended_on=self.day))

    def consent(self) -> None:
        row = {"debtor_id": self.random.randint(1, 3), "channel": "sms", "granted": self.random.random() < 0.5, "source": "form"}
        self.connection.execute(insert(CONSENTS).values(row | {"at": datetime.combine(self.day, time(12), NOW.tzinfo)}))

    def pass_(self) -> tuple[date, list[DebtorSnapshot]]:
        """A day; what its end looks like."""
        events = [
            self.invoice,
            self.invoice,
            self.pay,
            self.take_back,
            self.charge,
            self.plan,
            self.plan,
            self.settle,
            self.settle,
            self.pause,
            self.resume,
        ]
        for happens in self.random.choices([*events, self.consent, self.write_off], k=self.random.randint(0, 5)):
            happens()
        seen = list(snapshots(self.connection, 1, self.day))
        self.day += timedelta(days=1)
        return self.day - timedelta(days=1), seen


def owed(connection: Connection, day: date) -> dict[int, tuple[int, int]]:
    """Principal and charges of every invoice by the end of a day, added up from the entries one by one."""
    sums: dict[int, list[int]] = {}
    for row in connection.execute(select(ENTRIES)):
        if row.invoice_id and row.booked <= day and row.account in ("principal", "charges"):
            sums.setdefault(row.invoice_id, [0, 0])[row.account == "charges"] += int(row.amount * 1000)
    return {invoice: (open_, charges) for invoice, (open_, charges) in sums.items() if open_ or charges}


@pytest.mark.parametrize("seed", range(3))
def test_every_earlier_day_is_as_it_was(where: Path | str, seed: int) -> None:
    with store(where) as engine, connect(engine) as connection:
        _relive(connection, seed)


@pytest.mark.slow
def test_every_earlier_day_of_many_is_as_it_was(tmp_path: Path) -> None:
    for seed in range(100, 100 + scaled(60)):
        (tmp_path / str(seed)).mkdir()
        with store(tmp_path / str(seed)) as engine, connect(engine) as connection:
            _relive(connection, seed)


def _relive(connection: Connection, seed: int) -> None:
    days = Days(connection, seed)
    seen = dict(days.pass_() for _ in range(40))
    for day, then in seen.items():
        found = list(snapshots(connection, 1, day))
        assert [_kept(debtor) for debtor in found] == [_kept(debtor) for debtor in then], (seed, day)
        sums = {one.id: (int(one.open * 1000), int(one.charges * 1000)) for debtor in found for one in debtor.invoices}
        assert sums == owed(connection, day), (seed, day)
    assert len(set(map(repr, seen.values()))) > 20, "something happened"


def _kept(debtor: DebtorSnapshot) -> DebtorSnapshot:
    """Without what no earlier day is kept of: the payment behaviour, and how an invoice came to have nothing open."""
    invoices = tuple(one if one.open or one.stage not in CLOSED else one._replace(stage="settled") for one in debtor.invoices)
    return debtor._replace(posted=0, first_posted=None, settled=0, settled_late=0, days_late=0, invoices=invoices)
