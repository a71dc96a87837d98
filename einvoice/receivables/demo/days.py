"""The daily life of the demo's business: new invoices, the bank, customers and staff, then the run, morning after morning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from einvoice.database import connect
from einvoice.receivables.cases.case import At
from einvoice.receivables.demo import bank, business, einvoices, habits
from einvoice.receivables.demo.history import WHO
from einvoice.receivables.demo.reactions import Owed, Reactions
from einvoice.receivables.demo.sales import Sale
from einvoice.receivables.demo.staff import Staff
from einvoice.receivables.law import Laws
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.einvoices import from_einvoice
from einvoice.receivables.matching.importing import import_statement
from einvoice.receivables.policy import Policy
from einvoice.receivables.run import Report, run
from einvoice.receivables.store.tables import DEBTORS, INVOICES
from einvoice.settings import Settings

_OPENING = Decimal("250000.00")
_STATEMENTS = frozenset({1, 4})
"""The bank sends a statement on Tuesdays and Fridays."""
_EARLY, _MORNING = time(5, tzinfo=UTC), time(9, tzinfo=UTC)


class World(NamedTuple):
    """What the days happen in; `statements` is the folder of the bank's files."""

    engine: Engine
    creditor: int
    settings: Settings
    policy: Policy
    law: Laws
    statements: Path
    seed: int


class Days:
    """Day after day: `live` yields each run's report."""

    def __init__(self, world: World, sales: Sequence[Sale], first: date, last: date) -> None:
        self._world = world
        self._first, self._last = first, last
        self._sales = {sale.number: sale for sale in sales}
        self._fates = {sale.number: habits.fate(sale, last, world.seed) for sale in sales}
        self._issued: dict[date, list[Sale]] = {}
        for sale in sales:
            self._issued.setdefault(sale.issued, []).append(sale)
        self._reactions = Reactions(self._fates, world.policy, world.seed)
        self._staff = Staff(last, world.seed)
        self._opening, self._statement = _OPENING, 0
        self._banked = first - timedelta(days=1)
        self.matched: Counter[str] = Counter()

    def live(self) -> Iterator[Report]:
        """Every weekday, the last one included."""
        self._expect()
        before = self._first - timedelta(days=1)
        day = self._first
        while day <= self._last:
            if day.weekday() < 5:
                yield self._day(day, before)
                before = day
            day += timedelta(days=1)

    def _expect(self) -> None:
        """Who pays by itself what was open when the days begin, or is invoiced later."""
        with connect(self._world.engine) as connection:
            numbers = select(INVOICES.c.number, INVOICES.c.id).where(INVOICES.c.creditor_id == self._world.creditor)
            known = {row.number: row.id for row in connection.execute(numbers.where(INVOICES.c.open > Decimal(0)))}
        for number, fate in self._fates.items():
            sale = self._sales[number]
            if fate.pays and fate.pays >= self._first and (number in known or sale.issued >= self._first):
                self._reactions.paying[fate.pays].append(Owed(known.get(number, 0), number, sale.amount))

    def _day(self, day: date, before: date) -> Report:
        world, early = self._world, datetime.combine(day, _EARLY)
        at = At(day, early, WHO)
        with connect(world.engine) as connection:
            self._invoice(connection, day, early)
            if day.weekday() in _STATEMENTS:
                self._bank(connection, day, early)
            self._reactions.react(connection, world.creditor, before, at)
            self._staff.work(connection, world.creditor, at)
        morning = datetime.combine(day, _MORNING)
        return run(world.engine, business.KEY, world.policy, world.law, world.settings, clock=lambda: morning)

    def _invoice(self, connection: Connection, day: date, now: datetime) -> None:
        """Books the e-invoices of a day, and keeps them."""
        issued = self._issued.get(day, ())
        keys = [sale.customer.key for sale in issued]
        wanted = (DEBTORS.c.creditor_id == self._world.creditor, DEBTORS.c.key.in_(keys))
        debtors = {row.key: row.id for row in connection.execute(select(DEBTORS.c.key, DEBTORS.c.id).where(*wanted))}
        for sale in issued:
            debtor = debtors[sale.customer.key]
            invoice, data = einvoices.document(sale, business.BUSINESS)
            booked = Booking(day, WHO, now)
            from_einvoice(connection, self._world.creditor, invoice, booked, debtor=debtor, data=data)

    def _bank(self, connection: Connection, day: date, now: datetime) -> None:
        """What customers paid since the last statement, as the bank tells it, matched."""
        days = [self._banked + timedelta(days=away) for away in range(1, (day - self._banked).days + 1)]
        self._banked = day
        owed = [one for each in days for one in self._reactions.paying.pop(each, ())]
        transfers = [self._transfer(number, one, day) for number, one in enumerate(owed, 1)]
        if not transfers:
            return
        self._statement += 1
        data, self._opening = bank.statement(str(business.BUSINESS["iban"]), day, self._statement, self._opening, transfers)
        name = f"{day.isoformat()}.xml"
        (self._world.statements / name).write_bytes(data)
        self.matched.update(_counted(import_statement(connection, self._world.creditor, data, name, Booking(day, WHO, now))))

    def _transfer(self, number: int, one: Owed, day: date) -> bank.Transfer:
        key = f"{day:%Y%m%d}{number:05}"
        return bank.transfer([self._sales[one.number]], one.amount, self._world.seed, key)


def _counted(imported: object) -> Mapping[str, int]:
    """The counts of an import."""
    counts: Mapping[str, int] = imported.counts  # type: ignore[attr-defined]
    return counts
