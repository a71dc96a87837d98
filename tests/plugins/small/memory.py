"""The receivables of the small ERP: its parties, items and the plugin's tables as lists, in the order that they were entered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from einvoice.receivables.snapshot import Contact, CreditorSnapshot, DebtorSnapshot, Hold, InvoiceSnapshot
from einvoice_plugins.book import Follow, Kept, Past, Some, Taken

COMPANY = CreditorSnapshot(1, "company", "Bakkerij De Korenmolen BV", "BE", "nl")
_FIRST = 500  # this ERP's ids are not those of who enters


class MemoryDesk:
    """One company's debtors."""

    def __init__(self) -> None:
        self.debtors: dict[int, DebtorSnapshot] = {}
        self.kept: dict[str, Kept] = {}
        self.steps: list[Taken] = []
        self.done: dict[int, Follow] = {}

    def enter(self, debtor: DebtorSnapshot) -> None:
        """A debtor with ids of this ERP."""
        items = {item.id: _FIRST + item.id for item in debtor.invoices}
        self.debtors[_FIRST - debtor.id] = debtor._replace(
            id=_FIRST - debtor.id,
            invoices=tuple(item._replace(id=items[item.id]) for item in debtor.invoices),
            holds=tuple(hold._replace(invoice=items.get(hold.invoice or 0)) for hold in debtor.holds),
        )

    def creditor(self, creditor: int) -> CreditorSnapshot:
        return COMPANY

    def parties(self, creditor: int, day: date, debtors: Some) -> Iterator[DebtorSnapshot]:
        for debtor in self._asked(debtors):
            yield debtor._replace(invoices=(), contacts=(), holds=())

    def items(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, InvoiceSnapshot]]:
        yield from ((debtor.id, item) for debtor in self._asked(debtors) for item in debtor.invoices)

    def follow(self, creditor: int, debtors: Some) -> Iterator[tuple[int, int, Follow]]:
        for debtor in self._asked(debtors):
            yield from ((debtor.id, item.id, self.done[item.id]) for item in debtor.invoices if item.id in self.done)

    def contacts(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, Contact]]:
        yield from ((debtor.id, contact) for debtor in self._asked(debtors) for contact in debtor.contacts)

    def consents(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, str, bool]]:
        yield from ()

    def holds(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, Hold]]:
        yield from ((debtor.id, hold) for debtor in self._asked(debtors) for hold in debtor.holds)

    def on_account(self, creditor: int, debtors: Some) -> Iterator[tuple[int, str, Decimal]]:
        yield from ()

    def past(self, creditor: int, day: date, since: date, debtors: Some) -> Iterator[Past]:
        for kept in sorted(self.kept.values(), key=lambda each: (each.debtor, each.day)):
            if kept.day > since or kept.state in ("planned", "queued"):
                yield Past(kept.debtor, kept.day, kept.kind, kept.offset, kept.notice, kept.state)

    def disputes(self, creditor: int, day: date, debtors: Some) -> Iterator[tuple[int, int]]:
        yield from ()

    def alone(self, creditor: int) -> None:
        """One process has it."""

    def of_days(self, debtors: Collection[int], days: Collection[date]) -> list[Kept]:
        return [kept for kept in self.kept.values() if kept.debtor in debtors and kept.day in days]

    def taken_of(self, invoices: Collection[int]) -> list[Taken]:
        return [row for row in self.steps if row.live and row.invoice in invoices]

    def followed(self, invoices: Collection[int]) -> Mapping[int, Follow]:
        return {invoice: self.done[invoice] for invoice in invoices if invoice in self.done}

    def write(self, actions: Sequence[Kept]) -> None:
        self.kept |= {kept.id: kept for kept in actions}

    def take(self, rows: Sequence[Taken]) -> None:
        new = {(row.action, row.invoice, row.channel) for row in rows}
        self.steps = [row for row in self.steps if (row.action, row.invoice, row.channel) not in new] + list(rows)

    def set_follow(self, follow: Mapping[int, Follow]) -> None:
        self.done |= follow

    def action(self, action: str) -> Kept | None:
        return self.kept.get(action)

    def settle(self, action: str, state: str, reason: str | None, settled: date | None) -> None:
        self.kept[action] = self.kept[action]._replace(state=state, reason=reason, settled=settled)

    def taken_by(self, action: str) -> list[Taken]:
        return [row for row in self.steps if row.action == action and row.live]

    def give_back(self, action: str) -> None:
        self.steps = [row._replace(live=False) if row.action == action else row for row in self.steps]

    def planned(self, creditor: int, day: date) -> Iterable[Kept]:
        return [kept for kept in self.kept.values() if kept.state == "planned" and kept.day <= day]

    def _asked(self, debtors: Some) -> list[Any]:
        return [self.debtors[number] for number in sorted(self.debtors) if debtors is None or number in debtors]
