"""The Extension of XRechnung (UBL): sub lines, payments by third parties, more schemes and file types."""

from __future__ import annotations

from collections.abc import Callable, Set
from decimal import Decimal

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, number, numbers, text, texts
from einvoice_validators.rules.xrechnung.specification import (
    EXTENSION_ADDRESS_SCHEMES,
    EXTENSION_MIME,
    EXTENSION_SCHEMES,
    is_extension,
    is_extension_invoice,
)
from einvoice_validators.ruleset import WARNING, Context, Pattern, Rule, rule
from einvoice_validators.xpath import cents, exists, fraction_digits, normal, total

PATTERN = Pattern("xrechnung extension", Syntax.UBL)
SUB_LINES = Pattern("xrechnung sub lines", Syntax.UBL)
ZERO = Decimal(0)

ROOT = SUB_LINES.context(
    "/ubl:Invoice | /cn:CreditNote",
    specifications=texts("cbc:CustomizationID"),
    currency_code=text("cbc:DocumentCurrencyCode"),
    third_party_amounts=numbers("cac:PrepaidPayment/cbc:PaidAmount"),
)
LINE = SUB_LINES.context(
    "/ubl:Invoice/cac:InvoiceLine | cac:SubInvoiceLine",
    when=is_extension_invoice,
    net_amount=number("cbc:LineExtensionAmount"),
    sub_line_amounts=numbers("cac:SubInvoiceLine/cbc:LineExtensionAmount"),
)
SUB_LINE_ITEM = SUB_LINES.context(
    "cac:SubInvoiceLine/cac:Item", when=is_extension_invoice, item_vat_categories=count("cac:ClassifiedTaxCategory")
)

ATTACHMENT = PATTERN.context("cbc:EmbeddedDocumentBinaryObject", when=is_extension, mime_code=text("@mimeCode"))
TOTALS = PATTERN.context(
    "cac:LegalMonetaryTotal",
    when=is_extension,
    total_with_vat=number("cbc:TaxInclusiveAmount"),
    paid_amount=number("cbc:PrepaidAmount"),
    rounding_amount=number("cbc:PayableRoundingAmount"),
    amount_due=number("cbc:PayableAmount"),
)
PAYMENT = PATTERN.context(
    "/ubl:Invoice/cac:PrepaidPayment",
    when=is_extension,
    payment_type=text("cbc:ID"),
    payment_amount=text("cbc:PaidAmount"),
    payment_currency=text("cbc:PaidAmount/@currencyID"),
    payment_description=text("cbc:InstructionID"),
)


def _schemed(path: str) -> Context:
    return PATTERN.context(path, when=is_extension, where=lambda identifier: exists(identifier.scheme), scheme=text("@schemeID"))


PARTY_ID, COMPANY_ID = _schemed("cac:PartyIdentification/cbc:ID"), _schemed("cac:PartyLegalEntity/cbc:CompanyID")
ITEM_ID, ENDPOINT = _schemed("cac:StandardItemIdentification/cbc:ID"), _schemed("cbc:EndpointID")
LOCATION_ID = _schemed("cac:DeliveryLocation/cbc:ID")


@rule("BR-DEX-01", ATTACHMENT, at="mime_code")
def attachment_type_is_allowed(attachment: Fact) -> object:
    """The type of an attached document (BT-125-1) is one that the Extension allows."""
    return attachment.mime_code in EXTENSION_MIME()


@rule("BR-DEX-02", LINE, at="net_amount", severity=WARNING)
def sub_lines_add_up(line: Fact) -> object:
    """The net amount of a line with sub lines (BT-131) is the sum of theirs."""
    return not line.sub_line_amounts or line.net_amount == total(line.sub_line_amounts)


@rule("BR-DEX-03", SUB_LINE_ITEM)
def sub_line_has_one_vat_category(item: Fact) -> object:
    """A sub line has exactly one VAT category (BG-DEX-06)."""
    return item.item_vat_categories == 1


@rule("BR-DEX-04", PARTY_ID, at="scheme")
def party_scheme_is_known(identifier: Fact) -> object:
    """The scheme of a party's identifier (BT-29, BT-46, BT-60) is of ISO 6523, XR01 to XR03, or SEPA for a seller or payee."""
    scheme = normal(identifier.scheme)
    return scheme in EXTENSION_SCHEMES() or (
        scheme == "SEPA" and ("cac:AccountingSupplierParty" in identifier.path or "cac:PayeeParty" in identifier.path)
    )


def _scheme_rule(name: str, context: Context, allowed: Callable[[], Set[str]], said: str) -> Rule:
    return Rule(name, (context,), lambda identifier: normal(identifier.scheme) in allowed(), said, at="scheme")


SCHEME_RULES = (
    _scheme_rule("BR-DEX-05", COMPANY_ID, EXTENSION_SCHEMES, "The scheme of a registration (BT-30, BT-47) is of ISO 6523 or XR01 to XR03."),
    _scheme_rule(
        "BR-DEX-06", ITEM_ID, EXTENSION_SCHEMES, "The scheme of a standard item identifier (BT-157) is of ISO 6523 or XR01 to XR03."
    ),
    _scheme_rule(
        "BR-DEX-07",
        ENDPOINT,
        EXTENSION_ADDRESS_SCHEMES,
        "The scheme of an electronic address (BT-34, BT-49) is of the EAS list or XR01 to XR03.",
    ),
    _scheme_rule("BR-DEX-08", LOCATION_ID, EXTENSION_SCHEMES, "The scheme of a delivery location (BT-71) is of ISO 6523 or XR01 to XR03."),
)


@rule("BR-DEX-09", TOTALS, at="amount_due")
def amount_due_counts_third_party_payments(totals: Fact) -> object:
    """The amount due (BT-115) is the total with VAT − paid amount + payments by third parties + rounding."""
    paid = totals.paid_amount if exists(totals.paid_amount) else ZERO
    rounding = totals.rounding_amount if exists(totals.rounding_amount) else ZERO
    others = total(totals.document.third_party_amounts)
    return cents(totals.amount_due - rounding) == cents(totals.total_with_vat - paid + others)


@rule("BR-DEX-10", PAYMENT, at="payment_type")
def payment_has_a_type(payment: Fact) -> object:
    """A payment by a third party says of what type it is (BT-DEX-001)."""
    return normal(payment.payment_type)


@rule("BR-DEX-11", PAYMENT, at="payment_amount")
def payment_has_an_amount(payment: Fact) -> object:
    """A payment by a third party has an amount (BT-DEX-002)."""
    return normal(payment.payment_amount)


@rule("BR-DEX-12", PAYMENT, at="payment_description")
def payment_has_a_description(payment: Fact) -> object:
    """A payment by a third party has a description (BT-DEX-003)."""
    return normal(payment.payment_description)


@rule("BR-DEX-13", PAYMENT, at="payment_amount")
def payment_has_cents(payment: Fact) -> object:
    """The amount of a payment by a third party (BT-DEX-002) has two decimals at most."""
    return fraction_digits(payment.payment_amount) <= 2


@rule("BR-DEX-14", PAYMENT, at="payment_currency")
def payment_is_in_the_invoice_currency(payment: Fact) -> object:
    """A payment by a third party (BT-DEX-002) is in the invoice currency (BT-5)."""
    return payment.payment_currency == payment.document.currency_code
