"""Bookings in random order, on the real ledger and on the naive one; after each they must agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.actions import Charge
from einvoice.receivables.ledger.asof import ageing, balance, open_items
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.store.tables import ENTRIES, INVOICES
from tests.receivables import books
from tests.receivables.ledger_oracle import ZERO, Account, Money, Oracle, Paper, Refused

START = date(2026, 1, 1)
_days = st.integers(0, 200).map(lambda days: START + timedelta(days=days))
_amounts = st.one_of(
    st.sampled_from(["0.01", "40.00", "100.00"]).map(Decimal), st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
)
_debtors = st.sampled_from(["c1", "c2"])
_currencies = st.sampled_from(["EUR", "EUR", "USD"])
_index = st.integers(0, 1_000_000)


class LedgerMachine(RuleBasedStateMachine):
    """The two ledgers side by side, in a transaction that is rolled back at the end."""

    engine: ClassVar[Engine]
    bookings: ClassVar[int] = 0
    refusals: ClassVar[int] = 0
    as_of: ClassVar[int] = 0

    @initialize()
    def opens(self) -> None:
        """An empty ledger of a creditor with two debtors."""
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.creditor = books.creditor(self.connection)
        self.debtors = {key: books.debtor(self.connection, self.creditor, key) for key in ("c1", "c2")}
        self.naive = Oracle()
        self.made: list[list[int]] = []  # the real transactions of each naive step
        self.papers: dict[str, int] = {}
        self.sources: dict[Account, int] = {}
        self.numbers = 0

    def teardown(self) -> None:
        """Nothing of it stays."""
        if hasattr(self, "outer"):
            self.outer.rollback()
            self.connection.close()

    @rule(debtor=_debtors, currency=_currencies, amount=_amounts, issued=_days, term=st.integers(0, 60), is_credit=st.booleans())
    def invoices(self, debtor: str, currency: str, amount: Decimal, issued: date, term: int, is_credit: bool) -> None:
        """An invoice or credit note."""
        number = self._key("F")
        due = issued + timedelta(days=term)
        given = ledger.InvoiceIn(self.debtors[debtor], number, issued, due, currency, amount, "credit_note" if is_credit else "invoice")
        posted = ledger.post_invoice(self.connection, given, self._on(issued))
        self.papers[number] = posted.id
        if is_credit:
            self.sources["principal", number] = posted.transaction
        self.naive.paper(Paper(number, debtor, currency, issued, due, amount, is_credit))
        self._keep([posted.transaction])
        assert ledger.post_invoice(self.connection, given, self._on(issued)) == posted._replace(new=False)

    @rule(debtor=_debtors, currency=_currencies, amount=_amounts, day=_days)
    def payments(self, debtor: str, currency: str, amount: Decimal, day: date) -> None:
        """A payment on account."""
        key = self._key("B")
        given = ledger.PaymentIn(key, amount, currency, day, self.debtors[debtor])
        posted = ledger.post_payment(self.connection, self.creditor, given, self._on(day))
        self.sources["money", key] = posted.transaction
        self.naive.pay(Money(key, debtor, currency, amount), day)
        self._keep([posted.transaction])

    @precondition(lambda self: self.sources)
    @rule(which=_index, named=st.lists(st.tuples(_index, st.none() | _amounts), max_size=3), oldest=st.booleans(), principal=st.booleans())
    def allocations(self, which: int, named: list[tuple[int, Decimal | None]], oldest: bool, principal: bool) -> None:
        """Money to invoices: the oldest, or named ones."""
        source = self._pick(list(self.sources), which)
        to = None if oldest else [(self._pick(list(self.papers), index), amount) for index, amount in named if self.papers]
        real = None if to is None else [(self.papers[number], amount) for number, amount in to]
        order = ledger.PRINCIPAL_FIRST if principal else ledger.CHARGES_FIRST
        booked, key = self._on(START), self._key("A")
        ask = partial(ledger.allocate, self.connection, self.sources[source], booked._replace(key=key), to=real, order=order)
        made = self._both(ask, lambda naive: naive.allocate(source, to, principal))
        if made is not None:
            self._keep(*([transaction] for transaction in made.transactions))
            assert not made.transactions or ask().shares == made.shares

    @precondition(lambda self: self.papers)
    @rule(which=_index, amount=_amounts, day=_days, kind=st.sampled_from(["interest", "costs", "fee"]))
    def charges(self, which: int, amount: Decimal, day: date, kind: str) -> None:
        """A charge, claimed twice: the second changes nothing."""
        number = self._pick(list(self.papers), which)
        paper = self.naive.papers[number]
        before = [
            step for step in self.naive.steps if step.kind == "charge" and step.about == f"{number} {kind}" and step.parts[0][0] == day
        ]
        if paper.is_credit or paper.reversed or before:
            return
        given = Charge(self.papers[number], kind, amount, until=day)
        posted = ledger.post_charge(self.connection, given, self._on(day))
        self.naive.charge(number, amount, day, kind)
        self._keep([posted.transaction])
        again = ledger.post_charge(self.connection, given, self._on(day + timedelta(days=1))._replace(key="another"))
        assert again == posted._replace(new=False)

    @precondition(lambda self: self.papers)
    @rule(which=_index, day=_days, amount=st.none() | _amounts, kind=st.sampled_from(["waiver", "discount", "write_off"]))
    def lowers(self, which: int, day: date, amount: Decimal | None, kind: str) -> None:
        """A waiver, a discount or a write-off, of a part or the whole."""
        number = self._pick(list(self.papers), which)
        ref, booked = self.papers[number], self._on(day)._replace(key=self._key("L"))
        principal, charges = (max(self.naive.total((account, number)), ZERO) for account in ("principal", "charges"))
        asked: Callable[[], Any]
        if kind == "waiver":
            asked, wanted = partial(ledger.waive, self.connection, ref, booked, amount), (ZERO, charges if amount is None else amount)
        elif kind == "discount":
            given = principal if amount is None else amount
            asked, wanted = partial(ledger.discount, self.connection, ref, given, booked), (given, ZERO)
        else:
            asked = partial(ledger.write_off, self.connection, ref, booked, amount)
            wanted = (principal, charges) if amount is None else (amount, ZERO)
        made = self._both(asked, lambda naive: naive.lower(kind, number, day, *wanted))
        if made is not None:
            self._keep([made.transaction])

    @precondition(lambda self: self.sources)
    @rule(which=_index, day=_days, amount=_amounts)
    def refunds(self, which: int, day: date, amount: Decimal) -> None:
        """Money goes back."""
        source = self._pick(list(self.sources), which)
        booked = self._on(day)._replace(key=self._key("R"))
        made = self._both(
            lambda: ledger.refund(self.connection, self.sources[source], amount, booked), lambda naive: naive.refund(source, amount, day)
        )
        if made is not None:
            self._keep([made.transaction])

    @precondition(lambda self: any(self.made))
    @rule(which=_index, day=_days)
    def reversals(self, which: int, day: date) -> None:
        """Any booking is taken back, and once more."""
        index = self._pick([index for index, made in enumerate(self.made) if made], which)
        (transaction,) = self.made[index]
        ask = partial(ledger.reverse, self.connection, transaction, self._on(day))
        made = self._both(ask, lambda naive: naive.reverse(index, day))
        if made is not None:
            assert ask() == made._replace(new=False)

    @invariant()
    def the_ledger_holds(self) -> None:
        """Sums to zero, and what invoices and debtors carry is what the entries say."""
        if hasattr(self, "connection"):
            assert check_ledger(self.connection, self.creditor) == []

    @invariant()
    def both_agree(self) -> None:
        """Today, on a day between and before everything."""
        if not hasattr(self, "connection"):
            return
        count = self.connection.execute(
            select(func.count()).select_from(ENTRIES).where(ENTRIES.c.creditor_id == self.creditor)
        ).scalar_one()
        for day in (START + timedelta(days=(count * 37) % 210), START + timedelta(days=400)):
            self._agree(day)
        rows = self.connection.execute(select(INVOICES.c.number, INVOICES.c.settled_on).where(INVOICES.c.creditor_id == self.creditor))
        for number, settled in rows:
            assert settled == self.naive.settled_on(number), number

    def _agree(self, day: date) -> None:
        LedgerMachine.as_of += 1
        found = list(open_items(self.connection, self.creditor, day))
        assert {item.number: (item.open, item.charges) for item in found} == self.naive.open_items(day)
        for item in found:
            assert item.charges >= 0
            assert abs(item.open) <= abs(item.amount)
            assert item.open * item.amount >= 0
        for key, debtor in self.debtors.items():
            owed = balance(self.connection, debtor, day)
            for currency in ("EUR", "USD"):
                said = self.naive.on_account(key, currency, day)
                assert (owed[currency].unallocated if currency in owed else ZERO) == said >= 0
        bands = {row.currency: list(row[1:7]) for row in ageing(self.connection, self.creditor, day) if any(row[1:7])}
        assert bands == {currency: sums for currency, sums in self.naive.ageing(day).items() if any(sums)}

    def _both(self, real: Callable[[], Any], naive: Callable[[Oracle], Any]) -> Any:
        """What the real ledger answers; None where both refuse."""
        tried = self.naive.copy()
        try:
            naive(tried)
            refused = False
        except Refused:
            refused = True
        nested = self.connection.begin_nested()
        try:
            made = real()
        except ReceivablesError:
            nested.rollback()
            LedgerMachine.refusals += 1
            assert refused, "only the real ledger refuses"
            return None
        nested.commit()
        if made is None:
            assert refused
            return None
        assert not refused, "only the naive ledger refuses"
        self.made += [[] for _ in range(len(tried.steps) - len(self.naive.steps))]
        self.naive = tried
        return made

    def _keep(self, *transactions: list[int]) -> None:
        """Notes which real transactions the last naive steps are."""
        LedgerMachine.bookings += 1
        missing = len(self.naive.steps) - len(self.made)
        self.made += [[] for _ in range(missing)]
        if transactions:
            self.made[-len(transactions) :] = transactions

    def _pick(self, options: list[Any], index: int) -> Any:
        return options[index % len(options)]

    def _key(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}{self.numbers}"

    def _on(self, day: date) -> Booking:
        return books.booking(day)
