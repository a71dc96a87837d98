"""Credits first: what of each invoice is asked for, after disputed parts, money on account and open credit notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.actions import Note
from einvoice.receivables.snapshot import DebtorSnapshot, Hold


class Asked(NamedTuple):
    """What may be asked of an invoice: its open amount less `withheld` (disputed, promised …) and `credited`."""

    amount: Decimal
    withheld: Decimal = ZERO
    credited: Decimal = ZERO


class Holds(NamedTuple):
    """What holds a debtor on a day: everything, whole invoices, or parts of invoices, each with the pause behind it."""

    debtor: tuple[Hold, ...]
    whole: Mapping[int, Hold]
    parts: Mapping[int, tuple[Hold, ...]]


_NONE = Holds((), {}, {})


def holds_on(debtor: DebtorSnapshot, day: date) -> Holds:
    """The pauses in force on a day; `until` is the last day that one holds."""
    if not debtor.holds:
        return _NONE
    everything: list[Hold] = []
    whole: dict[int, Hold] = {}
    parts: dict[int, tuple[Hold, ...]] = {}
    for hold in debtor.holds:
        if hold.until is not None and hold.until < day:
            continue
        if hold.invoice is None:
            everything.append(hold)
        elif hold.amount is None:
            whole.setdefault(hold.invoice, hold)
        else:
            parts[hold.invoice] = (*parts.get(hold.invoice, ()), hold)
    return Holds(tuple(everything), whole, parts)


def asked(debtor: DebtorSnapshot, holds: Holds) -> Mapping[int, Asked]:
    """What is asked of each invoice that could be followed up, where it is less than its open amount; others ask all.

    Credits of a currency go to its invoices from the oldest due date on; what is paused as a whole takes none, so that a debtor is
    never reminded of what money on account covers.
    """
    credit = _credits(debtor)
    if not credit and not holds.parts:
        return {}
    found: dict[int, Asked] = {}
    for invoice in debtor.invoices:
        if invoice.open <= 0 or invoice.stage != "open" or invoice.id in holds.whole:
            continue
        withheld = sum((hold.amount or ZERO for hold in holds.parts.get(invoice.id, ())), ZERO)
        rest = max(invoice.open - withheld, ZERO)
        taken = min(credit.get(invoice.currency, ZERO), rest)
        if taken:
            credit[invoice.currency] -= taken
        if withheld or taken:
            found[invoice.id] = Asked(rest - taken, min(withheld, invoice.open), taken)
    return found


def _credits(debtor: DebtorSnapshot) -> dict[str, Decimal]:
    """Money on account and open credit notes by currency."""
    credit = {currency: amount for currency, amount in debtor.unallocated.items() if amount > 0}
    for invoice in debtor.invoices:
        if invoice.open < 0:
            credit[invoice.currency] = credit.get(invoice.currency, ZERO) - invoice.open
    return credit


def notes_on(number: str, asks: Asked, holds: tuple[Hold, ...]) -> list[Note]:
    """What an explanation says of an invoice of which not everything is asked."""
    notes = [Note(f"{hold.reason}-part", f"{hold.amount} of {number} is left out: {hold.reason}", until=hold.until) for hold in holds]
    if asks.credited:
        notes.append(Note("credit", f"{asks.credited} of {number} is covered by money on account or credit notes"))
    return notes
