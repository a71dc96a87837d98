"""What is added, taken off, taxed and summed up on the level of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einvoice.model import DocumentAllowanceCharge, Invoice, ThirdPartyPayment, VATBreakdown
from einvoice.rendering.compose_lines import why
from einvoice.rendering.compose_pen import Pen, table
from einvoice.rendering.sheet import Column, Fact, Row, Table
from einvoice.rendering.values import clean

TOTALS = {
    "BT-106": "sum_of_line_net_amounts",
    "BT-107": "sum_of_allowances",
    "BT-108": "sum_of_charges",
    "BT-109": "total_without_vat",
    "BT-110": "vat",
    "BT-111": "vat_in_accounting_currency",
    "BT-112": "total_with_vat",
    "BT-113": "paid_amount",
    "BT-114": "rounding_amount",
    "BT-115": "amount_due",
}
CHANGES = {
    "BG-20": {"reason": "BT-97", "base": "BT-93", "share": "BT-94", "vat": "BT-95", "amount": "BT-92"},
    "BG-21": {"reason": "BT-104", "base": "BT-100", "share": "BT-101", "vat": "BT-102", "amount": "BT-99"},
}
VAT = {"category": "BT-118", "rate": "BT-119", "taxable": "BT-116", "vat": "BT-117"}


def changes(given: Sequence[DocumentAllowanceCharge], term: str, pen: Pen) -> Table | None:
    """Allowances (BG-20) or charges (BG-21), one a row."""
    codes = "allowance" if term == "BG-20" else "charge"
    return table(pen.labels.term(term), term, _columns(CHANGES[term], pen), [Row(_change(change, codes, pen)) for change in given])


def _change(change: DocumentAllowanceCharge, codes: str, pen: Pen) -> tuple[str, ...]:
    return (
        why(change, codes, pen),
        pen.money(change.base_amount),
        "" if change.percentage is None else pen.values.percent(change.percentage),
        pen.vat(change.vat_category_code, change.vat_rate),
        pen.money(change.amount),
    )


def vat(given: Sequence[VATBreakdown], pen: Pen) -> Table | None:
    """What each category and rate adds up to; why there is no VAT below it."""
    return table(pen.labels.term("BG-23"), "BG-23", _columns(VAT, pen), [_vat(row, pen) for row in given])


def _columns(terms: Mapping[str, str], pen: Pen) -> list[Column]:
    """Columns of figures, but for the first."""
    return [Column(pen.labels.word(name), number=at > 0, term=term) for at, (name, term) in enumerate(terms.items())]


def _vat(row: VATBreakdown, pen: Pen) -> Row:
    rate = "" if row.rate is None else pen.values.percent(row.rate)
    cells = (pen.code("VAT", row.category_code), rate, pen.money(row.taxable_amount), pen.money(row.tax_amount))
    return Row(cells, facts=tuple(pen.facts(row, "taxable_amount", "tax_amount", "category_code", "rate")))


def totals(invoice: Invoice, pen: Pen) -> tuple[Fact, ...]:
    """Every total with its currency, what is to be paid last."""
    given = invoice.totals
    stated = [(term, getattr(given, name)) for term, name in TOTALS.items()] if given else []
    own, other = invoice.currency_code, invoice.vat_accounting_currency_code
    return tuple(pen.fact(term, pen.amount(value, other if term == "BT-111" else own)) for term, value in stated if value is not None)


def third_parties(given: Sequence[ThirdPartyPayment], currency: str | None, pen: Pen) -> Table | None:
    """Payments that this invoice collects for others."""
    word = pen.labels.word
    columns = (
        Column(word("description"), term="BT-DEX-003"),
        Column(word("type"), term="BT-DEX-001"),
        Column(word("amount"), number=True, term="BT-DEX-002"),
    )
    rows = [Row((clean(row.description or ""), clean(row.type or ""), pen.amount(row.amount, currency))) for row in given]
    return table(pen.labels.term("BG-DEX-09"), "BG-DEX-09", columns, rows)
