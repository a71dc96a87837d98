"""Peppol BIS: what invoice lines compute, their periods and what they refer to."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, distinct, facts, number, text, texts, there
from einvoice_validators.rules.peppol.common import INVOICE
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import MISSING, Aborted, cents, day, divide, normal, text_node, total

ZERO, ONE, SLACK = Decimal(0), Decimal(1), Decimal("0.02")

PATTERN = Pattern("peppol lines", Syntax.UBL)
LINE = PATTERN.context(
    "cac:InvoiceLine | cac:CreditNoteLine",
    net_amount=number("cbc:LineExtensionAmount"),
    invoiced_quantity=number("cbc:InvoicedQuantity"),
    credited_quantity=number("cbc:CreditedQuantity"),
    line_price_amount=number("cac:Price/cbc:PriceAmount"),
    line_base_quantity=number("cac:Price/cbc:BaseQuantity"),
    line_allowances=facts("cac:AllowanceCharge"),
    line_references=count("cac:DocumentReference"),
    line_reference_types=distinct("cac:DocumentReference/cbc:DocumentTypeCode"),
)
LINE_ALLOWANCE = PATTERN.context(
    "cac:InvoiceLine/cac:AllowanceCharge | cac:CreditNoteLine/cac:AllowanceCharge",
    charge_indicator=text("cbc:ChargeIndicator"),
    amount=number("cbc:Amount"),
)
UNITS = Pattern("peppol units", Syntax.UBL)
MEASURED = UNITS.context(
    "cac:InvoiceLine | cac:CreditNoteLine | cac:SubInvoiceLine | cac:SubCreditNoteLine",
    base_unit=text("cac:Price/cbc:BaseQuantity/@unitCode"),
    has_quantity=there("cbc:InvoicedQuantity | cbc:CreditedQuantity"),
    invoiced_unit=text("cbc:InvoicedQuantity/@unitCode"),
    credited_unit=text("cbc:CreditedQuantity/@unitCode"),
)
PERIODS = Pattern("peppol periods", Syntax.UBL)
DOCUMENT = PERIODS.context("/*", period_starts=texts("cac:InvoicePeriod/cbc:StartDate"), period_ends=texts("cac:InvoicePeriod/cbc:EndDate"))
LINE_PERIOD = "/*/cac:InvoiceLine/cac:InvoicePeriod/cbc:{0} | /*/cac:CreditNoteLine/cac:InvoicePeriod/cbc:{0}"
START = PERIODS.context(LINE_PERIOD.format("StartDate"), value=text("."))
END = PERIODS.context(LINE_PERIOD.format("EndDate"), value=text("."))


@rule("PEPPOL-EN16931-R120", LINE, at="net_amount")
def net_amount_is_quantity_times_price(line: Fact) -> object:
    """The net amount of a line (BT-131) is quantity times price, plus charges, less allowances, within 0.02."""
    quantity = line.invoiced_quantity if line.document.name == INVOICE else line.credited_quantity
    price = line.line_price_amount
    if line.line_base_quantity:
        price = divide(price, line.line_base_quantity)
    expected = price if quantity is MISSING else quantity * price if price is not MISSING else ZERO
    if line.line_allowances:
        expected = ZERO if expected is MISSING else expected
        expected = expected + _charges(line.line_allowances, "true") - _charges(line.line_allowances, "false")
    net = line.net_amount
    return -SLACK <= (ZERO if net is MISSING else net) - (ZERO if expected is MISSING else expected) <= SLACK


def _charges(allowances: Iterable[Fact], indicator: str) -> Any:
    return cents(total(each.amount for each in allowances if normal(each.charge_indicator) == indicator))


@rule("PEPPOL-EN16931-R121", LINE, at="line_base_quantity")
def base_quantity_is_positive(line: Fact) -> object:
    """The quantity that a price is for (BT-149) is more than zero."""
    return line.line_base_quantity is MISSING or line.line_base_quantity > 0


@rule("PEPPOL-EN16931-R100", LINE, at="cac:DocumentReference")
def line_names_one_object(line: Fact) -> object:
    """A line names one invoiced object (BT-128) at most."""
    return line.line_references <= 1


@rule("PEPPOL-EN16931-R101", LINE, at="cac:DocumentReference/cbc:DocumentTypeCode")
def line_reference_is_an_object(line: Fact) -> object:
    """The document that a line refers to is the invoiced object (BT-128), marked by the type code 130."""
    return not line.line_references or "130" in line.line_reference_types


@rule("PEPPOL-EN16931-R130", MEASURED, at="base_unit")
def price_is_for_the_unit_invoiced(line: Fact) -> object:
    """The unit that a price is for (BT-150) is the unit of the quantity invoiced (BT-130)."""
    if line.base_unit is MISSING or not line.has_quantity:
        return True
    return line.base_unit == (line.invoiced_unit if line.document.name == INVOICE else line.credited_unit)


@rule("PEPPOL-EN16931-R110", START)
def line_period_starts_within(start: Fact) -> object:
    """The period of a line (BT-134) does not start before that of the document (BT-73)."""
    starts = start.document.period_starts
    return not starts or day(text_node(start.value)) >= day(_only(starts))


@rule("PEPPOL-EN16931-R111", END)
def line_period_ends_within(end: Fact) -> object:
    """The period of a line (BT-135) does not end after that of the document (BT-74)."""
    ends = end.document.period_ends
    return not ends or day(text_node(end.value)) <= day(_only(ends))


def _only(days: list[str]) -> str:
    if len(days) > 1:
        raise Aborted("the document has several periods, so that a line's cannot be held against one")
    return days[0]
