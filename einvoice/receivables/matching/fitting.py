"""How an amount fits what is owed, while lines are matched one after the other: what earlier lines paid is no longer open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.matching.book import Book, recent
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.subsets import Sums, subset
from einvoice.receivables.matching.values import Credit, Item, Match, Paid, Waiting

LATELY = 60
"""Days in which a second payment of what was settled is looked for: who paid by transfer and by debit, or paid a reminder that crossed."""


class Fit(NamedTuple):
    """How an invoice fits an amount: open (what is open), all (charges too), discount, or settled (it was paid with that amount)."""

    item: int
    how: str
    discount: Decimal = ZERO


class State:
    """What is left of the book while lines are matched."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._paid: dict[int, Decimal] = {}
        self._settled: dict[int, date] = {}
        self._left: dict[int, tuple[Decimal, Decimal]] = {}
        self._open: dict[tuple[int, str], list[Item]] = {}
        self._taken: set[str] = set()
        self._spent: dict[int, Decimal] = {}
        self._waiting: dict[tuple[str, Decimal], list[Waiting]] = {}
        self._waiters = {who for line in book.known.waiting for who in (line.iban, line.payer) if who}
        self._named = {ref for line in book.known.waiting for ref in line.names}
        self._lately: dict[tuple[int, str, Decimal], date] = {}
        self._came: dict[tuple[str, Decimal], list[Paid]] = {}

    def left(self, item: Item) -> tuple[Decimal, Decimal]:
        """What is open of an invoice, and of its charges: the principal is paid first."""
        kept = self._left.get(item.id)
        if kept is None:
            principal, charges = max(item.open, ZERO), max(item.charges, ZERO)
            paid = self._paid.get(item.id, ZERO)
            first = min(paid, principal)
            kept = self._left[item.id] = (principal - first, max(charges - (paid - first), ZERO))
        return kept

    def settled_on(self, item: Item) -> date | None:
        """The day on which an invoice was settled, by the ledger or by a line before."""
        return self._settled.get(item.id, item.settled_on)

    def follow(self, match: Match) -> None:
        """Takes a match into account for the lines that follow."""
        line = match.line
        for ref, amount in match.allocations:
            item = self.book.items[ref]
            self._paid[ref] = self._paid.get(ref, ZERO) + amount + match.discount
            self._left.pop(ref, None)
            self._open.pop((item.debtor, item.currency), None)
            if not self.left(item)[0]:
                self._settled[ref] = line.booked
        if match.source is not None:
            self._spent[match.source] = self._spent.get(match.source, ZERO) - line.amount
        if match.reverses:
            self._taken.add(match.reverses)
        if match.posts and match.debtor is not None:
            self._lately[match.debtor, line.currency, line.amount] = line.booked
        if match.posts:
            came = Paid(payment_key(line), line.amount, line.currency, line.booked, line.iban, line.end_to_end, line.bank, match.debtor)
            self._came.setdefault((line.currency, line.amount), []).append(came)

    def wait(self, line: BankLine, names: Iterable[int]) -> None:
        """Remembers a line that a person has to decide on, and which invoices it names."""
        self._named.update(names)
        self._waiters.update(who for who in (line.iban, line.payer) if who)
        one = Waiting(line.amount, line.currency, line.iban, line.payer)
        self._waiting.setdefault((line.currency, line.amount), []).append(one)

    def may_have_paid(self, line: BankLine, shares: Sequence[tuple[int, Decimal]], referred: Collection[int]) -> bool:
        """Whether a line before, on which nobody has decided yet, may have paid the same.

        It names it, or has an amount and payer of it; or it is the payer's, whatever its amount, and another invoice owes the same (where
        no checked reference says which).
        """
        amounts = {line.amount}
        for ref, amount in shares:
            amounts.add(amount)
            if ref in self._named:
                return True
        unsaid = [share for share in shares if share[0] not in referred]
        if self._twins(unsaid) and not self._waiters.isdisjoint((line.iban, line.payer)):
            return True
        before = [one for amount in amounts for book in (self.book.waiting, self._waiting) for one in book.get((line.currency, amount), ())]
        return any((one.iban and one.iban == line.iban) or (one.payer and one.payer == line.payer) for one in before)

    def _twins(self, shares: Iterable[tuple[int, Decimal]]) -> bool:
        """Whether another open invoice of the debtor owes the same as one of these."""
        for ref, _ in shares:
            item = self.book.items[ref]
            open_ = self.left(item)[0]
            others = (other for other in self.open_items(item.debtor, item.currency) if other.id != ref)
            if any(self.left(other)[0] == open_ for other in others):
                return True
        return False

    def paid(self, currency: str, amount: Decimal) -> list[Paid]:
        """The payments of an amount that came in and were not taken back."""
        found = [*self.book.paid.get((currency, amount), ()), *self._came.get((currency, amount), ())]
        return [each for each in found if each.key not in self._taken]

    def on_account(self, credit: Credit) -> Decimal:
        """What is left of money on account."""
        return credit.left - self._spent.get(credit.transaction, ZERO)

    def paid_lately(self, debtor: int, line: BankLine) -> date | None:
        """The day on which a debtor paid the same amount so lately that this may be the same payment a second time."""
        key = debtor, line.currency, line.amount
        day = self._lately.get(key) or self.book.known.lately.get(key)
        return day if day is not None and abs((line.booked - day).days) <= LATELY else None

    def open_items(self, debtor: int, currency: str) -> list[Item]:
        """The invoices of a debtor of which something is open, the oldest due first."""
        kept = self._open.get((debtor, currency))
        if kept is None:
            items = (self.book.items[ref] for ref in self.book.by_debtor.get(debtor, ()))
            owing = [item for item in items if item.currency == currency and any(self.left(item))]
            kept = self._open[debtor, currency] = sorted(owing, key=lambda item: (item.due, item.id))
        return kept

    def fit(self, item: Item, line: BankLine) -> Fit | None:
        """How a line's amount fits an invoice, None where it does not."""
        if item.currency != line.currency:
            return None
        principal, charges = self.left(item)
        if principal + charges <= 0:
            settled = self.settled_on(item)
            is_late = settled is not None and recent(item._replace(settled_on=settled), line.booked, LATELY)
            return Fit(item.id, "settled") if is_late and line.amount == item.amount else None
        if line.amount == principal:
            return Fit(item.id, "open")
        if line.amount == principal + charges:
            return Fit(item.id, "all")
        for each in item.discounts:
            if principal == item.amount and line.booked <= each.until and line.amount == principal - each.amount:
                return Fit(item.id, "discount", each.amount)
        return None

    def fits(self, debtor: int, line: BankLine, but: Iterable[int] = ()) -> list[Fit]:
        """All invoices of a debtor that an amount fits, those named by `but` left out."""
        without = set(but)
        items = (self.book.items[ref] for ref in self.book.by_debtor.get(debtor, ()) if ref not in without)
        return [fit for item in items if (fit := self.fit(item, line)) is not None]

    def sums(self, debtor: int, line: BankLine, but: Iterable[int] = ()) -> Sums:
        """Which open invoices of a debtor add up to an amount."""
        without = set(but)
        amounts = [(item.id, self.left(item)[0]) for item in self.open_items(debtor, line.currency) if item.id not in without]
        found = subset(amounts, line.amount)
        if found.ways:
            return found
        owing = self.open_items(debtor, line.currency)
        everything = [(item.id, sum(self.left(item), ZERO)) for item in owing if item.id not in without and sum(self.left(item)) > 0]
        total = sum((amount for _, amount in everything), ZERO)
        return subset(everything, line.amount) if total == line.amount else found

    def shares(self, items: Iterable[int], amount: Decimal) -> tuple[tuple[int, Decimal], ...]:
        """An amount over invoices, all principals before any charge, in their order; what is too much is nobody's."""
        parts: dict[int, Decimal] = {}
        for place in (0, 1):
            for ref in items:
                given = min(amount, self.left(self.book.items[ref])[place])
                if given > 0:
                    parts[ref] = parts.get(ref, ZERO) + given
                    amount -= given
        return tuple(parts.items())


def payment_key(line: BankLine) -> str:
    """The key of the payment that a line is booked as."""
    return f"bank:{line.key}"


def only(fits: Iterable[Fit]) -> Fit | None:
    """The fit where there is one alone."""
    found = list(fits)
    return found[0] if len(found) == 1 else None


def open_only(fits: Iterable[Fit]) -> Iterator[Fit]:
    """The fits of what is open."""
    return (fit for fit in fits if fit.how != "settled")
