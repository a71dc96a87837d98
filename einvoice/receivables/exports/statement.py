"""A statement of account as UBL 2.1 Statement, one for each currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from einvoice.money import ZERO
from einvoice.receivables.exports import ubl
from einvoice.receivables.exports.sides import of_creditor, of_debtor
from einvoice.receivables.statement import Account, Entered, Statement

_PAID = frozenset({"payment"})


def statement(made: Statement, account: Account, creditor: Mapping[str, Any], debtor: Any, contact: Any | None = None) -> bytes:
    """An account of a statement as UBL Statement: the balance brought forward, a line for everything booked, the sums.

    `creditor` has the creditor's columns, `debtor` and `contact` are rows. What is owed is a debit. The same statement gives the same
    bytes. Source: OASIS UBL 2.1, UBL-Statement-2.1.
    """
    currency = account.currency
    root = ubl.root("Statement")
    ubl.value(root, "UBLVersionID", "2.1")
    ubl.value(root, "ID", f"S-{made.until:%Y%m%d}-{made.debtor}-{currency}")
    ubl.value(root, "IssueDate", made.until)
    ubl.value(root, "DocumentCurrencyCode", currency)
    ubl.amount(root, "TotalDebitAmount", sum((row.amount for row in account.rows if row.amount > 0), ZERO), currency)
    ubl.amount(root, "TotalCreditAmount", -sum((row.amount for row in account.rows if row.amount < 0), ZERO), currency)
    ubl.amount(root, "TotalBalanceAmount", account.closing, currency)
    ubl.value(root, "LineCountNumeric", str(len(account.rows) + 1))
    period = ubl.group(root, "StatementPeriod")
    ubl.value(period, "StartDate", made.since)
    ubl.value(period, "EndDate", made.until)
    ubl.party(root, "AccountingSupplierParty", of_creditor(creditor))
    ubl.party(root, "AccountingCustomerParty", of_debtor(debtor, contact))
    ubl.account(root, creditor["name"], creditor.get("iban"), creditor.get("bic"))
    _brought_forward(root, account)
    for place, row in enumerate(account.rows, 2):
        _line(root, place, row, account)
    return ubl.written(root)


def _brought_forward(root: ubl.Element, account: Account) -> None:
    line = ubl.group(root, "StatementLine")
    ubl.value(line, "ID", "1")
    ubl.flag(line, "BalanceBroughtForwardIndicator", True)
    ubl.amount(line, "BalanceAmount", account.opening, account.currency)


def _line(root: ubl.Element, place: int, row: Entered, account: Account) -> None:
    line = ubl.group(root, "StatementLine")
    ubl.value(line, "ID", str(place))
    ubl.value(line, "Note", row.kind)
    ubl.flag(line, "BalanceBroughtForwardIndicator", False)
    ubl.amount(line, "DebitLineAmount" if row.amount > 0 else "CreditLineAmount", abs(row.amount), account.currency)
    ubl.amount(line, "BalanceAmount", row.balance, account.currency)
    if row.due is not None:
        ubl.value(ubl.group(line, "PaymentTerms"), "PaymentDueDate", row.due)
    period = ubl.group(line, "InvoicePeriod")
    ubl.value(period, "StartDate", row.day)
    ubl.value(period, "EndDate", row.day)
    if row.number:
        ubl.billing(line, row.number, None, credit=row.kind == "credit_note")
    if row.kind in _PAID:
        paid = ubl.group(line, "CollectedPayment")
        ubl.amount(paid, "PaidAmount", abs(row.amount), account.currency)
        ubl.value(paid, "ReceivedDate", row.day)
