"""A reminder as UBL 2.1 Reminder: who asks whom for which invoices, what was added and why, and the sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.actions import Action, Charge, Claimed
from einvoice.receivables.documents.facts import Loaded
from einvoice.receivables.exports import ubl
from einvoice.receivables.exports.sides import of_creditor, of_debtor
from einvoice.receivables.exports.words import word


def reminder(found: Loaded, action: Action, contact: Row[Any] | None = None, *, number: str | None = None, sequence: int = 1) -> bytes:
    """What an action asks for, as UBL Reminder; `number` is the document's (from the action unless told), `sequence` the how-manieth.

    Each invoice is a line with its reference and the principal asked for; interest, costs and fees are charges, with the computation as
    the line's notes; the sum is the action's. The same action gives the same bytes. Source: OASIS UBL 2.1, UBL-Reminder-2.1. Raises
    ReceivablesError where the store no longer has what the action is about, or the parts do not add up.
    """
    try:
        debtor, invoices = found.debtors[action.debtor], [found.invoices[claimed.invoice] for claimed in action.invoices]
    except KeyError as fault:
        raise ReceivablesError(f"the action is about a row {fault} that is no longer there") from None
    made = ubl.root("Reminder")
    ubl.value(made, "UBLVersionID", "2.1")
    ubl.value(made, "ID", number or numbered(action))
    ubl.value(made, "IssueDate", action.day)
    ubl.value(made, "ReminderSequenceNumeric", str(sequence))
    ubl.value(made, "DocumentCurrencyCode", action.currency)
    ubl.value(made, "LineCountNumeric", str(len(invoices)))
    ubl.party(made, "AccountingSupplierParty", of_creditor(found.creditor))
    ubl.party(made, "AccountingCustomerParty", of_debtor(debtor, contact))
    references = [row.reference for row in invoices if row.reference]
    ubl.account(
        made, found.creditor["name"], found.creditor.get("iban"), found.creditor.get("bic"), references if len(invoices) == 1 else ()
    )
    _totals(made, action)
    for place, (claimed, row) in enumerate(zip(action.invoices, invoices, strict=True), 1):
        _line(made, place, claimed, row, [charge for charge in action.charges if charge.invoice == claimed.invoice], action.currency)
    return ubl.written(made)


def numbered(action: Action) -> str:
    """The number of the document that an action is: its own, so that no other document has it."""
    return f"R-{action.day:%Y%m%d}-{action.id[:10].upper()}"


def added(action: Action) -> tuple[tuple[str, Decimal], ...]:
    """What is asked for besides the principal, by kind: interest, costs, fees that it claims, and `before`, what was booked earlier."""
    sums: dict[str, Decimal] = {}
    for charge in action.charges:
        sums[charge.kind] = sums.get(charge.kind, ZERO) + charge.amount + charge.vat
    before = sum((claimed.charges for claimed in action.invoices), ZERO) - sum(sums.values(), ZERO)
    if before < 0:
        raise ReceivablesError("an action claims more charges than it states; plan it anew")
    return tuple((kind, amount) for kind, amount in (*sorted(sums.items()), ("before", before)) if amount)


def _totals(made: ubl.Element, action: Action) -> None:
    principal = sum((claimed.amount for claimed in action.invoices), ZERO)
    charges = added(action)
    total = principal + sum((amount for _, amount in charges), ZERO)
    if total != action.amount:
        raise ReceivablesError(f"the action asks for {action.amount} {action.currency}, its parts are {total}; plan it anew")
    for kind, amount in charges:
        part = ubl.group(made, "AllowanceCharge")
        ubl.flag(part, "ChargeIndicator", True)
        ubl.value(part, "AllowanceChargeReason", word(action.language, kind))
        ubl.amount(part, "Amount", amount, action.currency)
        ubl.amount(part, "BaseAmount", principal, action.currency)
    sums = ubl.group(made, "LegalMonetaryTotal")
    ubl.amount(sums, "LineExtensionAmount", principal, action.currency)
    if charges:
        ubl.amount(sums, "ChargeTotalAmount", total - principal, action.currency)
    ubl.amount(sums, "PayableAmount", total, action.currency)


def _line(made: ubl.Element, place: int, claimed: Claimed, row: Row[Any], charges: Sequence[Charge], currency: str) -> None:
    line = ubl.group(made, "ReminderLine")
    ubl.value(line, "ID", str(place))
    for note in _notes(charges):
        ubl.value(line, "Note", note)
    ubl.flag(line, "BalanceBroughtForwardIndicator", False)
    ubl.amount(line, "DebitLineAmount", claimed.amount, currency)
    ubl.amount(line, "Amount", claimed.amount + claimed.charges, currency)
    period = ubl.group(line, "ReminderPeriod")
    ubl.value(period, "StartDate", claimed.due)
    ubl.billing(line, claimed.number, row.issued, credit=row.kind == "credit_note")


def _notes(charges: Iterable[Charge]) -> Iterable[str]:
    return (text for charge in charges for text in charge.lines)
