"""Snapshot tuples of the rows of the database: the innermost loop of reading, a million times a run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from einvoice.receivables.snapshot import Contact, CreditorSnapshot, DebtorSnapshot, Hold, InvoiceSnapshot, channels_of
from einvoice.receivables.store.past import Past
from einvoice.receivables.store.streams import Days, amount

_AGREED = 1000  # contracts that are remembered: most invoices of a creditor agree on the same few things
_UNTOUCHED = tuple(InvoiceSnapshot._field_defaults.values())  # charges and all that follows
_CONTRACT = [*InvoiceSnapshot._field_defaults].index("contract")
_BY_MEANS = tuple(
    channels_of(email=bool(mask & 1), phone=bool(mask & 2), address=bool(mask & 4), peppol=bool(mask & 8)) for mask in range(16)
)


class Builder:
    """Makes snapshots of a creditor's debtors as of a day; `past` takes back what was done after it.

    Rows are unpacked in the order of the columns of `queries`; `tuple.__new__` takes half the time of a named tuple's own.
    """

    def __init__(self, owner: CreditorSnapshot, day: date, past: Past | None) -> None:
        self._owner = owner
        self._day = day
        self._past = past
        self._agreed: dict[str, Any] = {}
        self.days = Days()

    def debtor(self, row: Any, *rest: Any) -> DebtorSnapshot:
        """A debtor of its row and, in `rest`, what belongs to it from `invoices` on."""
        (
            number, key, name, kind, country, region, language, time_zone, size, sector, score, born, since, pay_day, parent, hold_until,
            insolvent, posted, first, settled, late, days_late,
        ) = row  # fmt: skip
        days = self.days
        insolvent_on = days[insolvent]
        return tuple.__new__(
            DebtorSnapshot,
            (
                number, key, self._owner, name, kind, country, region, language, time_zone, size, sector, score, days[born], days[since],
                pay_day, parent, days[hold_until], None if insolvent_on is None or insolvent_on > self._day else insolvent_on, posted,
                days[first], settled, late, days_late, *rest,
            ),
        )  # fmt: skip

    def invoices(self, debtor: int, rows: Iterable[Any]) -> tuple[InvoiceSnapshot, ...]:
        """A debtor's open invoices."""
        new, days, made = tuple.__new__, self.days, []
        for _, number, text, kind, issued, due, entered, currency, total, left, contract, followed in rows:
            whole = amount(total)
            parts = (number, text, kind, days[issued], days[due], days[entered], currency, whole, whole if left == total else amount(left))
            agreed = contract and self._contract(contract)
            made.append(new(InvoiceSnapshot, parts + (self._followed(followed, agreed) if followed or agreed else _UNTOUCHED)))
        return tuple(self._past.of(debtor, made) if self._past and made else made)

    def _followed(self, text: str | None, contract: Any) -> tuple[Any, ...]:
        """The fields from `charges` on."""
        if text is None:
            return (*_UNTOUCHED[:_CONTRACT], contract, *_UNTOUCHED[_CONTRACT + 1 :])
        charges, stage, flow, step, offset, stepped, contacts, notice, noticed, started, trail, *booked, stated, heard = json.loads(text)
        days = self.days
        return (
            amount(charges), stage, flow, step, offset, days[stepped], contacts, notice, days[noticed], bool(started), contract, trail,
            *map(amount, booked), _known(stated), days[heard],
        )  # fmt: skip

    def contacts(self, rows: Iterable[Any]) -> tuple[Contact, ...]:
        """A debtor's contacts."""
        new = tuple.__new__
        return tuple([new(Contact, (*parts, _BY_MEANS[means])) for _, *parts, means in rows])

    def holds(self, rows: Iterable[Any]) -> tuple[Hold, ...]:
        """What pauses a debtor's follow-up."""
        return tuple([Hold(reason, invoice, _known(part), self.days[until]) for _, reason, invoice, part, until in rows])

    def _contract(self, text: str) -> Any:
        found = self._agreed.get(text)
        if found is None and text != "null":
            found = json.loads(text)
            if len(self._agreed) < _AGREED:
                self._agreed[text] = found
        return found


def _known(mills: int | None) -> Decimal | None:
    return None if mills is None else amount(mills)
