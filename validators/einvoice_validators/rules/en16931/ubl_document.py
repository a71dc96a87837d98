"""Rules on the document as a whole: what every invoice says of itself (BR-01 to BR-05, BR-16, BR-53, BR-CO-03, BR-CO-18)."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import INVOICE
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import exists, normal


@rule("BR-01", INVOICE, at="specification_identifier")
def specification_is_named(invoice: Fact) -> object:
    """The invoice names the specification it follows (BT-24)."""
    return normal(invoice.specification_identifier) != ""


@rule("BR-02", INVOICE, at="number")
def number_is_given(invoice: Fact) -> object:
    """The invoice has a number (BT-1)."""
    return normal(invoice.number) != ""


@rule("BR-04", INVOICE, at="invoice_type_code")
def type_is_given(invoice: Fact) -> object:
    """The invoice says what type of document it is (BT-3)."""
    return normal(invoice.invoice_type_code) != "" or normal(invoice.credit_note_type_code) != ""


@rule("BR-05", INVOICE, at="currency_code")
def currency_is_given(invoice: Fact) -> object:
    """The invoice says in which currency its amounts are (BT-5)."""
    return normal(invoice.currency_code) != ""


@rule("BR-53", INVOICE, at="vat_accounting_currency_code")
def vat_is_also_told_in_the_accounting_currency(invoice: Fact) -> object:
    """Where a currency for VAT accounting is named (BT-6), the VAT total is given in that currency too (BT-111)."""
    return not exists(invoice.vat_accounting_currency_code) or invoice.vat_accounting_currency_code in invoice.tax_currencies


@rule("BR-CO-03", INVOICE, at="cbc:TaxPointDate")
def tax_point_is_a_date_or_a_code(invoice: Fact) -> object:
    """The tax point is told as a date (BT-7) or as a code (BT-8), not both."""
    return not (invoice.has_tax_point_date and invoice.has_tax_point_date_code)


@rule("BR-CO-18", INVOICE)
def vat_breakdown_is_given(invoice: Fact) -> object:
    """The invoice has at least one group of VAT breakdown (BG-23)."""
    return invoice.has_vat_breakdown
