"""A naive ledger in plain Python: a list of bookings, replayed whenever something is asked. What the real one must agree with."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

ZERO = Decimal("0.00")
Account = tuple[str, str]
"""("principal" or "charges", an invoice's number), ("money", a payment's key)."""


class Refused(Exception):
    """The naive ledger refuses; so must the real one."""


@dataclass
class Paper:
    """An invoice or credit note."""

    number: str
    debtor: str
    currency: str
    issued: date
    due: date
    amount: Decimal
    is_credit: bool = False
    reversed: bool = False
    written_off: bool = False


@dataclass
class Money:
    """A payment."""

    key: str
    debtor: str
    currency: str
    amount: Decimal


@dataclass
class Step:
    """A booking: what each account gains on which day; a credit note's principal is below zero, money on account above."""

    kind: str
    parts: list[tuple[date, Account, Decimal]]
    about: str = ""
    source: Account | None = None
    stands: bool = True


@dataclass
class Oracle:
    """The list, and what follows from it."""

    papers: dict[str, Paper] = field(default_factory=dict)
    money: dict[str, Money] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def total(self, account: Account, day: date | None = None) -> Decimal:
        """What an account holds at the end of a day, or in all."""
        return sum((gain for step in self.steps for on, whose, gain in step.parts if whose == account and (day is None or on <= day)), ZERO)

    def grew(self, account: Account) -> date:
        """The last day on which an account moved away from zero, as its kind does; raises ValueError where it never did."""
        sign = -1 if account[0] == "principal" and self.papers[account[1]].is_credit else 1
        return max(on for step in self.steps for on, whose, gain in step.parts if whose == account and gain * sign > 0)

    def paper(self, paper: Paper) -> int:
        """Books an invoice or credit note."""
        self.papers[paper.number] = paper
        signed = -paper.amount if paper.is_credit else paper.amount
        kind = "credit_note" if paper.is_credit else "invoice"
        return self._book(Step(kind, [(paper.issued, ("principal", paper.number), signed)], paper.number))

    def pay(self, money: Money, day: date) -> int:
        """Books a payment."""
        self.money[money.key] = money
        return self._book(Step("payment", [(day, ("money", money.key), money.amount)], money.key))

    def left(self, source: Account) -> Decimal:
        """What is left of a payment or credit note."""
        return abs(self.total(source))

    def allocate(self, source: Account, to: list[tuple[str, Decimal | None]] | None, principal_first: bool) -> list[int]:
        """Allocates what is left of a payment or credit note."""
        owner: Paper | Money = self.papers[source[1]] if source[0] == "principal" else self.money[source[1]]
        left, made = self.left(source), []
        if to is None:
            mine = [one for one in self.papers.values() if (one.debtor, one.currency) == (owner.debtor, owner.currency)]
            mine.sort(key=lambda one: (one.due, list(self.papers).index(one.number)))
            wanted = self._greedy(left, [one.number for one in mine], principal_first)
        else:
            wanted, spent = {}, ZERO
            if len(dict(to)) < len(to):
                raise Refused("named twice")
            for number, amount in to:
                if self.papers[number].currency != owner.currency:
                    raise Refused("another currency")
                owes = sum((max(self.total((account, number)), ZERO) for account in ("principal", "charges")), ZERO)
                most = min(owes, left - spent)
                given = most if amount is None else amount
                if given > most:
                    raise Refused("more than it owes or is left")
                wanted |= self._greedy(given, [number], principal_first)
                spent += given
        start = self.grew(source) if any(wanted.values()) else date.min
        numbers = list(dict.fromkeys(number for (_, number), given in wanted.items() if given))
        for number in numbers:
            parts: list[tuple[date, Account, Decimal]] = []
            for account in ("principal", "charges"):
                if given := wanted[account, number]:
                    day = max(start, self.grew((account, number)))
                    parts += [(day, (account, number), -given), (day, source, given if source[0] == "principal" else -given)]
            made.append(self._book(Step("allocation", parts, number, source)))
        return made

    def _greedy(self, left: Decimal, numbers: list[str], principal_first: bool) -> dict[Account, Decimal]:
        by_invoice = [(account, number) for number in numbers for account in ("charges", "principal")]
        by_account = [(account, number) for account in ("principal", "charges") for number in numbers]
        given = {}
        for account in by_account if principal_first else by_invoice:
            given[account] = min(left, max(self.total(account), ZERO))
            left -= given[account]
        return dict(sorted(given.items(), key=lambda item: numbers.index(item[0][1])))

    def charge(self, number: str, amount: Decimal, day: date, kind: str) -> int:
        """Adds a charge."""
        return self._book(Step("charge", [(day, ("charges", number), amount)], f"{number} {kind}"))

    def lower(self, kind: str, number: str, day: date, principal: Decimal, charges: Decimal) -> int:
        """A waiver, a discount, a write-off."""
        parts: list[tuple[date, Account, Decimal]] = []
        for account, amount in (("principal", principal), ("charges", charges)):
            if amount > max(self.total((account, number)), ZERO):
                raise Refused("less is owed")
            if amount:
                if day < self.grew((account, number)):
                    raise Refused("not there yet")
                parts.append((day, (account, number), -amount))
        if not parts:
            raise Refused("nothing to lower")
        was = self.total(("principal", number))
        made = self._book(Step(kind, parts, number))
        if kind == "write_off" and was and not self.total(("principal", number)):
            self.papers[number].written_off = True
        return made

    def refund(self, source: Account, amount: Decimal, day: date) -> int:
        """Pays back what is left."""
        if amount > self.left(source) or day < self.grew(source):
            raise Refused("not so much, or not yet")
        return self._book(Step("refund", [(day, source, amount if source[0] == "principal" else -amount)], source=source))

    def reverse(self, index: int, day: date) -> None:
        """Takes a booking back, with what was built on it."""
        step = self.steps[index]
        if step.kind == "reversal":
            raise Refused("a reversal")
        if not step.stands:
            return
        for dependent in reversed(self._built_on(step)):
            self._mirror(dependent, day)
        self._mirror(step, day)
        if step.kind in ("invoice", "credit_note"):
            self.papers[step.about].reversed = True

    def _built_on(self, step: Step) -> list[Step]:
        standing = [other for other in self.steps if other.stands and other is not step and other.kind != "reversal"]
        if step.kind == "payment":
            built = [other for other in standing if other.source == ("money", step.about)]
        elif step.kind == "credit_note":
            built = [other for other in standing if other.source == ("principal", step.about)]
        elif step.kind == "invoice":
            built = [
                other for other in standing if any(account[0] != "money" and account[1] == step.about for _, account, _ in other.parts)
            ]
        else:
            built = []
        if any(other.kind == "refund" for other in built):
            raise Refused("refunded")
        return built

    def _mirror(self, step: Step, day: date) -> None:
        if day < max(on for on, _, _ in step.parts):
            raise Refused("before it was booked")
        if step.kind in ("payment", "credit_note", "invoice", "charge") and day < self.grew(step.parts[0][1]):
            raise Refused("before it was all there")
        if step.kind == "charge" and self.total(step.parts[0][1]) < step.parts[0][2]:
            raise Refused("it was paid or waived")
        step.stands = False
        for _, account, gain in step.parts:
            if account[0] == "principal" and gain < 0 and not self.papers[account[1]].is_credit:
                self.papers[account[1]].written_off = False
        self._book(Step("reversal", [(day, account, -gain) for _, account, gain in step.parts], step.about, step.source))

    def _book(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def open_items(self, day: date) -> dict[str, tuple[Decimal, Decimal]]:
        """What was owed on each paper at the end of a day: principal and charges, where there was any."""
        found = {number: (self.total(("principal", number), day), self.total(("charges", number), day)) for number in self.papers}
        return {number: owed for number, owed in found.items() if any(owed)}

    def on_account(self, debtor: str, currency: str, day: date) -> Decimal:
        """Money on a debtor's account at the end of a day."""
        return sum(
            (self.total(("money", one.key), day) for one in self.money.values() if (one.debtor, one.currency) == (debtor, currency)), ZERO
        )

    def ageing(self, day: date) -> dict[str, list[Decimal]]:
        """Open principal by currency and band at the end of a day."""
        bands: dict[str, list[Decimal]] = {}
        for number, (principal, _) in self.open_items(day).items():
            paper = self.papers[number]
            late = (day - paper.due) // timedelta(days=1)
            index = sum(late > last for last in (0, 30, 60, 90, 120))
            bands.setdefault(paper.currency, [ZERO] * 6)[index] += principal
        return bands

    def settled_on(self, number: str) -> date | None:
        """The day on which a paper was settled: the last on which its principal moved, where nothing of it is open."""
        paper = self.papers[number]
        if paper.reversed or paper.written_off or self.total(("principal", number)):
            return None
        return max(on for step in self.steps for on, whose, _ in step.parts if whose == ("principal", number))

    def copy(self) -> Oracle:
        """Another list with the same bookings, to try something on."""
        return deepcopy(self)
