"""Weeks of random bookings, actions and pauses, and whether each earlier day is read as its end looked."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from einvoice.receivables import ledger
from einvoice.receivables.actions import Charge
from einvoice.receivables.ledger.balances import CLOSED
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store import cancel, complete, fail, save, snapshots
from einvoice.receivables.store.tables import ACTIONS, CONSENTS, ENTRIES, HOLDS, INVOICES
from tests.receivables import books
from tests.receivables.stores import NOW, action


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


def relive(connection: Connection, seed: int) -> int:
    """Lives 40 days in the database of `stores.store`, and looks back at each; how many differed from one another.

    Raises AssertionError where one is not as it was.
    """
    days = Days(connection, seed)
    seen = dict(days.pass_() for _ in range(40))
    for day, then in seen.items():
        found = list(snapshots(connection, 1, day))
        assert [_kept(debtor) for debtor in found] == [_kept(debtor) for debtor in then], (seed, day)
        sums = {one.id: (int(one.open * 1000), int(one.charges * 1000)) for debtor in found for one in debtor.invoices}
        assert sums == owed(connection, day), (seed, day)
    return len(set(map(repr, seen.values())))


def _kept(debtor: DebtorSnapshot) -> DebtorSnapshot:
    """Without what no earlier day is kept of: the payment behaviour, and how an invoice came to have nothing open."""
    invoices = tuple(one if one.open or one.stage not in CLOSED else one._replace(stage="settled") for one in debtor.invoices)
    return debtor._replace(posted=0, first_posted=None, settled=0, settled_late=0, days_late=0, invoices=invoices)
