"""Peppol BIS: the currencies of amounts, and what is attached; each looked at once a document, however many there are."""

from __future__ import annotations

from functools import partial
from typing import Final

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, distinct, facts, text
from einvoice_validators.ruleset import Pattern, rule

CURRENCIES = partial(code_set, "iso-4217", "peppol")
MIME_CODES = partial(code_set, "mime", "peppol")
_names = (
    "Amount BaseAmount PriceAmount TaxableAmount LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount "
    "AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount"
)
AMOUNTS: Final = " | ".join(f".//cbc:{name}/@currencyID" for name in _names.split())

PATTERN = Pattern("peppol amounts", Syntax.UBL)
DOCUMENT = PATTERN.context(
    "/*",
    currency_code=text("cbc:DocumentCurrencyCode"),
    amount_currencies=distinct(AMOUNTS),
    tax_amount_currencies=distinct(".//cbc:TaxAmount/@currencyID"),
    tax_subtotal_currencies=distinct(".//cac:TaxSubtotal/cbc:TaxAmount/@currencyID"),
    tax_totals_anywhere=facts(".//cac:TaxTotal"),
    embedded_mime_codes=distinct(".//cbc:EmbeddedDocumentBinaryObject/@mimeCode"),
)


def in_the_currency_of_the_document(document: Fact, *, subtotals: bool) -> bool:
    """Whether all amounts are in the document's currency, those of VAT in the accounting currency aside."""
    wanted = {document.currency_code}
    if not wanted.issuperset(document.amount_currencies) or (subtotals and not wanted.issuperset(document.tax_subtotal_currencies)):
        return False
    return all(total.currency_code in wanted for total in document.tax_totals_anywhere if total.has_subtotals)


@rule("PEPPOL-EN16931-CL007", DOCUMENT, at="cbc:DocumentCurrencyCode")
def currencies_are_known(document: Fact) -> object:
    """The currency of each amount is one of ISO 4217."""
    return CURRENCIES().issuperset(document.amount_currencies) and CURRENCIES().issuperset(document.tax_amount_currencies)


@rule("PEPPOL-EN16931-CL001", DOCUMENT, at=".//cbc:EmbeddedDocumentBinaryObject/@mimeCode")
def attachment_is_of_a_known_kind(document: Fact) -> object:
    """The media type of an attached file (BT-125-1) is one that Peppol allows."""
    return not document.embedded_mime_codes or MIME_CODES().issuperset(document.embedded_mime_codes)
