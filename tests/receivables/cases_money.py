"""Promises and payment plans as state machines, against oracles that know every payment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import select

from einvoice.receivables.cases import plans, promises
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.reversal import reverse
from einvoice.receivables.store.tables import PLANS, PROMISES
from tests.receivables.cases_books import POLICY, held, pay, told
from tests.receivables.cases_machine import Cases

AMOUNTS = (Decimal("121.00"), Decimal("1000.00"), Decimal("250.03"))
SUBSETS = st.sets(st.integers(0, 2), min_size=1)
GRACE, ANSWER, SMALL, TOLERANCE, MOST = 5, 3, 1000, 3, 30


@dataclass
class Paid:
    """A payment on an invoice."""

    transaction: int
    invoice: int
    amount: Decimal
    day: date
    moment: datetime
    stands: bool = True


class Paying(Cases):
    """Money comes in and is returned."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: list[Paid] = []
        self.open = dict(zip(self.here.invoices, AMOUNTS, strict=True))

    @rule(which=st.integers(0, 2), percent=st.sampled_from([1, 34, 100]))
    def somebody_pays(self, which: int, percent: int) -> None:
        """A part of an invoice, or the rest of it."""
        self.pay([self.here.invoices[which]], (AMOUNTS[which] * percent / 100).quantize(Decimal("0.01")))

    def pay(self, invoices: Iterable[int], amount: Decimal) -> None:
        """Pays an amount on invoices, one after the other, as far as they are open."""
        for invoice in invoices:
            part = min(self.open[invoice], amount)
            if part:
                at = self.at("bank")
                self.payments.append(Paid(pay(self.connection, self.here, invoice, part, at), invoice, part, self.day, at.now))
                self.open[invoice] -= part
                amount -= part

    @precondition(lambda self: any(one.stands for one in self.payments))
    @rule(which=st.integers(0, 99))
    def one_is_returned(self, which: int) -> None:
        """The bank takes a payment back."""
        standing = [one for one in self.payments if one.stands]
        one = standing[which % len(standing)]
        reverse(self.connection, one.transaction, Booking(self.day, "bank", self.at().now))
        one.stands = False
        self.open[one.invoice] += one.amount

    def paid(self, invoices: Iterable[int], since: datetime, until: date | None = None) -> Decimal:
        """What was paid on invoices since a moment, by a day, and not returned."""
        wanted = set(invoices)
        counts = [one for one in self.payments if one.stands and one.invoice in wanted and one.moment >= since]
        return sum((one.amount for one in counts if until is None or one.day <= until), Decimal(0))


@dataclass
class Word:
    """What is known of a promise."""

    id: int
    invoices: tuple[int, ...]
    amount: Decimal
    last: date
    moment: datetime
    state: str = "made"


class Promises(Paying):
    """Debtors promise, pay and do not."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[Word] = []

    @initialize(which=SUBSETS, days=st.sampled_from([0, 2, 9]))
    def begin(self, which: set[int], days: int) -> None:
        """A debtor promises at once, so that every example has a promise."""
        self.promise(which, 50, days)

    @rule(which=SUBSETS, percent=st.sampled_from([10, 50, 100, 101]), days=st.sampled_from([-1, 0, 2, 5, 9, 30, 31]))
    def promise(self, which: set[int], percent: int, days: int) -> None:
        """A word about some invoices."""
        invoices = tuple(self.here.invoices[one] for one in sorted(which))
        owed = sum(self.open[one] for one in invoices)
        amount = (Decimal(owed) * percent / 100).quantize(Decimal("0.01"))
        taken = {one for word in self.words if word.state == "made" for one in word.invoices}
        allowed = all(self.open[one] for one in invoices) and percent <= 100 and 0 <= days <= MOST and taken.isdisjoint(invoices)
        at = self.at("debtor")
        make = lambda: promises.make(self.connection, self.here.debtor, invoices, amount, self.days(days), POLICY, at)  # noqa: E731
        made = self.attempt(allowed and amount > 0, make)
        if made:
            self.words.append(Word(made, invoices, amount, self.days(days + TOLERANCE), at.now))

    @precondition(lambda self: any(word.state == "made" for word in self.words))
    @rule(which=st.integers(0, 99), percent=st.sampled_from([50, 100]))
    def what_was_promised_comes(self, which: int, percent: int) -> None:
        """All of it, or a part."""
        live = [word for word in self.words if word.state == "made"]
        word = live[which % len(live)]
        self.pay(word.invoices, (word.amount * percent / 100).quantize(Decimal("0.01")))

    @rule(days=st.sampled_from([0, 1, 3, 6]))
    def time_passes(self, days: int) -> None:
        """Each is judged when all came, and once its time is over."""
        counts = self.pass_days(days)
        expected: dict[str, int] = {}
        for word in self.words:
            paid = self.paid(word.invoices, word.moment, word.last)
            if word.state == "made" and (paid >= word.amount or self.day > word.last):
                word.state = "kept" if paid >= word.amount else "partial" if paid else "broken"
                expected[f"promises.{word.state}"] = expected.get(f"promises.{word.state}", 0) + 1
        assert counts == expected

    @invariant()
    def a_hold_exactly_while_it_lives(self) -> None:
        """Invariant 1, as holds have it."""
        live = {invoice for word in self.words if word.state == "made" and self.day <= word.last for invoice in word.invoices}
        assert held(self.connection, self.day) == {("promise", invoice) for invoice in live}

    @invariant()
    def what_is_kept_is_what_happened(self) -> None:
        """Rows and events tell the same."""
        rows = {row.id: row.state for row in self.connection.execute(select(PROMISES))}
        assert rows == {word.id: word.state for word in self.words}
        events = told(self.connection)
        assert events["promise.made"] == len(self.words)
        assert events["promise.kept"] == sum(word.state == "kept" for word in self.words)
        assert events["promise.broken"] == sum(word.state in ("partial", "broken") for word in self.words)


@dataclass
class Agreement:
    """What is known of a plan."""

    id: int
    invoices: tuple[int, ...]
    total: Decimal
    by: str
    proposed: date
    state: str = "proposed"
    since: datetime | None = None
    grace_until: date | None = None
    was: list[str] = field(default_factory=list)

    def becomes(self, state: str) -> None:
        """Moves it."""
        self.was.append(self.state)
        self.state = state

    @property
    def is_running(self) -> bool:
        """Whether its terms are being paid."""
        return self.state in ("active", "grace")


class PaymentPlans(Paying):
    """Plans are proposed, agreed, paid and broken."""

    def __init__(self) -> None:
        super().__init__()
        self.agreements: list[Agreement] = []

    @initialize(which=SUBSETS)
    def begin(self, which: set[int]) -> None:
        """A debtor proposes at once, so that every example has a plan."""
        self.propose(which, "debtor")

    @rule(which=SUBSETS, by=st.sampled_from(["debtor", "policy", "ann"]))
    def propose(self, which: set[int], by: str) -> None:
        """Somebody proposes the best schedule for some invoices."""
        invoices = tuple(self.here.invoices[one] for one in sorted(which))
        total = sum((self.open[one] for one in invoices), Decimal(0))
        taken = {one for plan in self.agreements if plan.state in ("proposed", "approved", "active", "grace") for one in plan.invoices}
        allowed = all(self.open[one] for one in invoices) and taken.isdisjoint(invoices) and total >= 50
        at = self.at(by)
        made = self.attempt(allowed, lambda: plans.propose(self.connection, self.here.debtor, invoices, POLICY, at))
        if made:
            plan = Agreement(made, invoices, total, by, self.day)
            self.agreements.append(plan)
            assert sum(term.amount for term in plans.terms_of(self.connection, made)) == total
            if total < SMALL:
                self._approved(plan, at.now)

    def _approved(self, plan: Agreement, moment: datetime) -> None:
        plan.becomes("approved")
        if plan.by == "debtor":
            plan.becomes("active")
            plan.since = moment

    @precondition(lambda self: self.agreements)
    @rule(which=st.integers(0, 99), verb=st.sampled_from(["approve", "activate", "cancel"]))
    def act(self, which: int, verb: str) -> None:
        """A person approves, the debtor agrees, somebody cancels."""
        plan = self.agreements[which % len(self.agreements)]
        same = sum(self.open[one] for one in plan.invoices) == plan.total
        allowed = {
            "approve": plan.state == "proposed" and (plan.by != "debtor" or same),
            "activate": plan.state == "approved" and same,
            "cancel": plan.state in ("proposed", "approved", "active", "grace"),
        }[verb]
        at = self.at()
        self.attempt(allowed, lambda: getattr(plans, verb)(self.connection, plan.id, at))
        if not allowed:
            return
        if verb == "approve":
            self._approved(plan, at.now)
        else:
            plan.becomes("active" if verb == "activate" else "cancelled")
            plan.since = plan.since or at.now

    @precondition(lambda self: any(plan.is_running for plan in self.agreements))
    @rule(which=st.integers(0, 99), terms=st.sampled_from([1, 2, 9]))
    def terms_are_paid(self, which: int, terms: int) -> None:
        """So many terms that are not paid yet, or what is left of them."""
        running = [plan for plan in self.agreements if plan.is_running]
        plan = running[which % len(running)]
        assert plan.since is not None
        asked = [term.amount for term in plans.terms_of(self.connection, plan.id)]
        paid, upto = self.paid(plan.invoices, plan.since), Decimal(0)
        for amount in asked:
            upto += amount
            if upto > paid and terms:
                terms -= 1
                self.pay(plan.invoices, upto - paid)
                paid = upto

    @rule(days=st.sampled_from([1, 4, 8, 31]))
    def time_passes(self, days: int) -> None:
        """Payments go to terms in order; what is missed has its grace, then the plan is broken."""
        counts = self.pass_days(days)
        expected: dict[str, int] = {}
        for plan in self.agreements:
            before = plan.state
            if plan.is_running:
                self._judge(plan)
            if plan.state != before:
                expected[f"plans.{plan.state}"] = expected.get(f"plans.{plan.state}", 0) + 1
        assert counts == expected

    def _judge(self, plan: Agreement) -> None:
        assert plan.since is not None
        paid = self.paid(plan.invoices, plan.since)
        if paid >= plan.total or not sum(self.open[one] for one in plan.invoices):
            plan.becomes("completed")
            return
        asked, missed = Decimal(0), None
        for term in plans.terms_of(self.connection, plan.id):
            asked += term.amount
            if missed is None and asked > paid and term.due < self.day:
                missed = term.due
        if missed is None:
            plan.state = "active"
            return
        if plan.state == "active":
            plan.becomes("grace")
            plan.grace_until = missed + timedelta(GRACE)
        assert plan.grace_until is not None
        if self.day > plan.grace_until:
            plan.becomes("broken")

    @invariant()
    def a_hold_exactly_while_it_runs_or_is_considered(self) -> None:
        """Invariant 1, as holds have it; a proposal of the debtor holds until the answer is due."""
        waits = [
            plan
            for plan in self.agreements
            if plan.is_running or (plan.state == "proposed" and plan.by == "debtor" and self.day <= plan.proposed + timedelta(ANSWER))
        ]
        assert held(self.connection, self.day) == {("plan", invoice) for plan in waits for invoice in plan.invoices}

    @invariant()
    def what_is_kept_is_what_happened(self) -> None:
        """Rows and events tell the same."""
        assert {row.id: row.state for row in self.connection.execute(select(PLANS))} == {plan.id: plan.state for plan in self.agreements}
        events = told(self.connection)
        assert events["plan.agreed"] == sum(plan.state == "active" or "active" in plan.was for plan in self.agreements)
        assert events["plan.kept"] == sum(plan.state == "completed" for plan in self.agreements)
        assert events["plan.broken"] == sum(plan.state == "broken" for plan in self.agreements)
