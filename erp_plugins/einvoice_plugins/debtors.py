"""Snapshots of an ERP's debtors: ten streams, each in the order of the debtors' ids, walked side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from einvoice.errors import ReceivablesError
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot
from einvoice_plugins.book import Book, Past

STEPS_WITHIN = timedelta(days=30)
REMINDERS_WITHIN = timedelta(days=365)
_WAITING = ("planned", "queued")
_WITHDRAWN = ("cancelled", "failed")
_NOBODY: Mapping[Any, Any] = {}
R = TypeVar("R", bound=tuple[Any, ...])


class Stream(Generic[R]):
    """Rows that begin with their debtor's id; asked for debtors in growing order."""

    def __init__(self, name: str, rows: Iterable[R]) -> None:
        self._name, self._rows = name, iter(rows)
        self._next: R | None = next(self._rows, None)

    @property
    def at(self) -> int | None:
        """Whose row comes next; None at the end."""
        return None if self._next is None else self._next[0]

    def of(self, debtor: int, *, every: bool = False) -> list[R]:
        """The rows of a debtor; those of debtors before are passed over, unless `every` one must have its debtor.

        Raises ReceivablesError where rows are out of order, or were passed over that must not be.
        """
        found: list[R] = []
        while self._next is not None and self._next[0] <= debtor:
            if self._next[0] == debtor:
                found.append(self._next)
            elif every:
                raise ReceivablesError(f"debtor {self._next[0]} has {self._name}, but is not among the parties")
            self._step()
        return found

    def end(self) -> None:
        """Makes sure that no row is left.

        Raises ReceivablesError where one is.
        """
        if self._next is not None:
            raise ReceivablesError(f"debtor {self._next[0]} has {self._name}, but is not among the parties")

    def _step(self) -> None:
        last, self._next = self._next, next(self._rows, None)
        if last is not None and self._next is not None and self._next[0] < last[0]:
            raise ReceivablesError(f"{self._name} are not in the order of the debtors: {self._next[0]} comes after {last[0]}")


def merged(book: Book, creditor: int, day: date, debtors: Collection[int] | None) -> Iterator[DebtorSnapshot]:
    """The debtors with something open on a day, by id.

    Raises ReceivablesError where rows are out of order, or an open item's debtor is not among the parties.
    """
    owner = book.creditor(creditor)
    parties = Stream("parties", book.parties(creditor, day, debtors))
    items = Stream("open items", book.items(creditor, day, debtors))
    follow, contacts = Stream("follow-up", book.follow(creditor, debtors)), Stream("contacts", book.contacts(creditor, day, debtors))
    consents, holds = Stream("consents", book.consents(creditor, day, debtors)), Stream("holds", book.holds(creditor, day, debtors))
    money, disputes = (
        Stream("money on account", book.on_account(creditor, debtors)),
        Stream("disputes", book.disputes(creditor, day, debtors)),
    )
    past = Stream("actions", book.past(creditor, day, day - REMINDERS_WITHIN, debtors))
    for party in _each(parties):
        number = party.id
        done = {invoice: parts for _, invoice, parts in follow.of(number)}
        found = [item._replace(**done[item.id]._asdict()) if item.id in done else item for _, item in items.of(number, every=True)]
        owed = [item for item in found if item.open or item.charges]
        before = past.of(number)
        if owed:
            yield party._replace(
                creditor=owner,
                invoices=tuple(sorted(owed, key=_due)),
                contacts=tuple(contact for _, contact in contacts.of(number)),
                consents={channel: granted for _, channel, granted in consents.of(number)} or _NOBODY,
                holds=tuple(hold for _, hold in holds.of(number)),
                unallocated=_money(money.of(number)),
                steps_on=tuple(sorted(each.day for each in before if _stands(each) and each.day > day - STEPS_WITHIN)),
                reminders=sum(_reminds(each) and each.day > day - REMINDERS_WITHIN for each in before),
                pending=any(each.state in _WAITING for each in before),
                disputes=sum(count for _, count in disputes.of(number)),
            )
    items.end()


def _each(parties: Stream[DebtorSnapshot]) -> Iterator[DebtorSnapshot]:
    """The parties one after another, in order."""
    while parties.at is not None:
        yield from parties.of(parties.at)


def _due(item: InvoiceSnapshot) -> tuple[date, int]:
    return item.due, item.id


def _money(rows: Iterable[tuple[int, str, Decimal]]) -> Mapping[str, Decimal]:
    return {currency: amount for _, currency, amount in rows if amount} or _NOBODY


def _stands(each: Past) -> bool:
    return each.state not in _WITHDRAWN


def _reminds(each: Past) -> bool:
    """A reminder after the due date that was not withdrawn."""
    return _stands(each) and each.kind == "message" and (each.offset > 0 or each.notice is not None)
