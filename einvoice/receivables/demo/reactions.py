"""What customers of the demo do once they were reminded: pay, promise, object, propose to pay in terms, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import disputes, plans, promises
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.disputes import Objection
from einvoice.receivables.demo.chance import Chance
from einvoice.receivables.demo.habits import Fate
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import INVOICES

_OBJECTIONS = (
    (("price_not_as_agreed", "The price is not the one that we agreed on."), 30),
    (("invoice_incorrect", "The quantity is not what was delivered."), 20),
    (("delivery_quality", "Two bottles leaked."), 15),
    (("po_number_missing", "We need our order number on the invoice."), 20),
    (("already_paid", "We paid this last week."), 10),
    (("invoice_not_received", "This invoice never reached us."), 5),
)


class Owed(NamedTuple):
    """An invoice that somebody will pay: how much of it."""

    invoice: int
    number: str
    amount: Decimal


class Reactions:
    """Customers at work: `paying` says who pays what on which day."""

    def __init__(self, fates: Mapping[str, Fate], policy: Policy, seed: int) -> None:
        self._fates = fates
        self._policy = policy
        self._seed = seed
        self._turned: set[str] = set()
        self.paying: dict[date, list[Owed]] = defaultdict(list)

    def react(self, connection: Connection, creditor: int, since: date, at: At) -> None:
        """Each invoice that took a step since a day may turn to what its fate is."""
        stepped = (INVOICES.c.creditor_id == creditor, INVOICES.c.step_on >= since, INVOICES.c.open > Decimal(0))
        for row in connection.execute(select(INVOICES).where(*stepped).order_by(INVOICES.c.id)).all():
            fate = self._fates.get(row.number)
            if fate and fate.after and row.number not in self._turned and row.trail.count(" ") >= fate.after:
                self._turned.add(row.number)
                self._turn(connection, row, fate, at)

    def _turn(self, connection: Connection, row: Row[Any], fate: Fate, at: At) -> None:
        on = at.day + timedelta(days=fate.lag)
        by = at._replace(by="debtor")
        try:
            with connection.begin_nested():
                _TURNS[fate.turns](self, connection, row, on, by)
        except ReceivablesError:  # a plan below the least term, a promise on a disputed invoice: then it pays like others
            self._pay(on, row, row.open)

    def _pay(self, on: date, row: Row[Any], amount: Decimal) -> None:
        self.paying[on].append(Owed(row.id, row.number, amount))

    def pays(self, _connection: Connection, row: Row[Any], on: date, _at: At) -> None:
        """Pays all of it."""
        self._pay(on, row, row.open + row.charges)

    def part(self, _connection: Connection, row: Row[Any], on: date, _at: At) -> None:
        """Pays a third now, the rest a month later."""
        third = (row.open / 3).quantize(Decimal("0.01"), ROUND_DOWN)
        if third > 0:
            self._pay(on, row, third)
            self._pay(on + timedelta(days=30), row, row.open - third)

    def promises(self, connection: Connection, row: Row[Any], on: date, at: At) -> None:
        """Promises, and keeps it."""
        by = on + timedelta(days=5)
        promises.make(connection, row.debtor_id, [row.id], row.open, by, self._policy, at)
        self._pay(by, row, row.open)

    def breaks(self, connection: Connection, row: Row[Any], on: date, at: At) -> None:
        """Promises, and forgets."""
        promises.make(connection, row.debtor_id, [row.id], row.open, on + timedelta(days=4), self._policy, at)

    def objects(self, connection: Connection, row: Row[Any], _on: date, at: At) -> None:
        """Disputes the invoice, or a part of it."""
        chance = Chance(self._seed, "objects", row.number)
        category, text = chance.of(_OBJECTIONS)
        part = (row.open / 4).quantize(Decimal("0.01")) if chance.is_so(0.25) else None
        objection = Objection(row.id, category, part or None, text, key=f"demo:{row.number}")
        disputes.register(connection, objection, self._policy, at)

    def terms(self, connection: Connection, row: Row[Any], _on: date, at: At) -> None:
        """Pays in terms, all of them."""
        self._plan(connection, row, at, keeps=99)

    def misses(self, connection: Connection, row: Row[Any], _on: date, at: At) -> None:
        """Pays the first term, and no other."""
        self._plan(connection, row, at, keeps=1)

    def _plan(self, connection: Connection, row: Row[Any], at: At, keeps: int) -> None:
        plan = plans.propose(connection, row.debtor_id, [row.id], self._policy, at)
        for term in plans.terms_of(connection, plan)[:keeps]:
            self._pay(term.due, row, term.amount)

    def nothing(self, _connection: Connection, row: Row[Any], _on: date, _at: At) -> None:
        """Does nothing."""


_TURNS = {
    "pays": Reactions.pays,
    "part": Reactions.part,
    "promises": Reactions.promises,
    "breaks": Reactions.breaks,
    "disputes": Reactions.objects,
    "plans": Reactions.terms,
    "misses": Reactions.misses,
    "nothing": Reactions.nothing,
}
