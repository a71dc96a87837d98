"""The document as a whole (UBL): references, type, specification, attachments, delivery date."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, facts, text, texts, there
from einvoice_validators.rules.xrechnung.forms import discounts_are_well_formed, is_absolute_url
from einvoice_validators.rules.xrechnung.specification import INVOICE_TYPES, KNOWN, TAXED_CATEGORIES, filled
from einvoice_validators.ruleset import INFORMATION, WARNING, Pattern, rule
from einvoice_validators.xpath import exists, normal

PATTERN = Pattern("xrechnung document", Syntax.UBL)

ROOT = PATTERN.context(
    "/ubl:Invoice | /cn:CreditNote",
    specifications=texts("cbc:CustomizationID"),
    buyer_reference=text("cbc:BuyerReference"),
    type_codes=distinct("cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode"),
    payment_means_named=there("cac:PaymentMeans"),
    attachment_names=texts("cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@filename"),
    preceding_invoice_named=there("cac:BillingReference/cac:InvoiceDocumentReference"),
    line_category_codes=distinct(
        "cac:InvoiceLine/cac:Item/cac:ClassifiedTaxCategory/cbc:ID | cac:CreditNoteLine/cac:Item/cac:ClassifiedTaxCategory/cbc:ID"
    ),
    document_allowances_charges=facts("cac:AllowanceCharge"),
    tax_representative_named=there("cac:TaxRepresentativeParty"),
    seller_tax_ids=distinct("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"),
    delivery_dated=there("cac:Delivery/cbc:ActualDeliveryDate"),
    invoicing_period_named=there("cac:InvoicePeriod"),
    document_lines=facts("cac:InvoiceLine | cac:CreditNoteLine"),
    document_terms=facts("cac:PaymentTerms"),
)
ALLOWANCE_CHARGE = PATTERN.context(
    "/ubl:Invoice/cac:AllowanceCharge | /cn:CreditNote/cac:AllowanceCharge",
    indicator=text("cbc:ChargeIndicator"),
    allowance_categories=distinct("cac:TaxCategory/cbc:ID"),
)
LINE = PATTERN.context(
    "/ubl:Invoice/cac:InvoiceLine | /cn:CreditNote/cac:CreditNoteLine",
    line_period_named=there("cac:InvoicePeriod"),
)
TERMS = PATTERN.context("/ubl:Invoice/cac:PaymentTerms | /cn:CreditNote/cac:PaymentTerms", terms_notes=texts("cbc:Note"))
LOCATION = PATTERN.context(
    "/ubl:Invoice/cac:AdditionalDocumentReference/cac:Attachment/cac:ExternalReference"
    " | /cn:CreditNote/cac:AdditionalDocumentReference/cac:Attachment/cac:ExternalReference",
    location=text("cbc:URI"),
)


@rule("BR-DE-1", ROOT)
def payment_instructions_are_given(document: Fact) -> object:
    """The invoice says how it is to be paid (BG-16)."""
    return document.payment_means_named


@rule("BR-DE-15", ROOT, at="buyer_reference")
def buyer_reference_is_given(document: Fact) -> object:
    """The buyer reference is given (BT-10); in Germany's public sector it is the Leitweg-ID."""
    return normal(document.buyer_reference)


@rule("BR-DE-16", ROOT, at="cac:AccountingSupplierParty/cac:Party")
def seller_has_a_tax_number(document: Fact) -> object:
    """Where VAT applies, the seller has a VAT or tax number (BT-31, BT-32) or a tax representative (BG-11)."""
    return not _vat_applies(document) or document.tax_representative_named or filled(document.seller_tax_ids)


def _vat_applies(document: Fact) -> bool:
    """Whether a line, an allowance or a charge is of a VAT category that asks for a tax number."""
    return not TAXED_CATEGORIES().isdisjoint(document.line_category_codes) or any(
        each.indicator in ("false", "true") and not TAXED_CATEGORIES().isdisjoint(each.allowance_categories)
        for each in document.document_allowances_charges
    )


@rule("BR-DE-17", ROOT, at="type_codes", severity=WARNING)
def type_is_one_of_xrechnung(document: Fact) -> object:
    """The type of the invoice (BT-3) is one that XRechnung knows."""
    return any(normal(code) in INVOICE_TYPES() for code in document.type_codes)


@rule("BR-DE-18", ROOT, at="cac:PaymentTerms/cbc:Note")
def cash_discount_is_well_formed(document: Fact) -> object:
    """A line with # in the payment terms (BT-20) is a cash discount, #SKONTO#TAGE=14#PROZENT=2.00#, and a new line ends it."""
    return discounts_are_well_formed([terms.terms_notes[0] for terms in document.document_terms if terms.terms_notes])


@rule("BR-DE-21", ROOT, at="specifications", severity=WARNING)
def specification_is_xrechnung(document: Fact) -> object:
    """The specification identifier (BT-24) is that of XRechnung, its Extension or its CVD."""
    return not KNOWN.isdisjoint(document.specifications)


@rule("BR-DE-22", ROOT, at="cac:AdditionalDocumentReference")
def attachment_names_are_unique(document: Fact) -> object:
    """No two attached documents (BT-125) have the same file name."""
    return len(set(document.attachment_names)) == len(document.attachment_names)


@rule("BR-DE-26", ROOT, at="type_codes", severity=WARNING)
def correction_names_what_it_corrects(document: Fact) -> object:
    """A corrected invoice (type 384) names the invoice before it (BG-3)."""
    return document.preceding_invoice_named or all(normal(code) != "384" for code in document.type_codes)


@rule("BR-DE-TMP-32", ROOT, severity=INFORMATION)
def delivery_is_dated(document: Fact) -> object:
    """The day of delivery (BT-72), the invoicing period (BG-14) or the period of each line (BG-26) is given."""
    return document.delivery_dated or document.invoicing_period_named or all(line.line_period_named for line in document.document_lines)


@rule("BR-TMP-2", LOCATION, at="location", severity=WARNING)
def location_is_an_absolute_url(reference: Fact) -> object:
    """The location of an external document (BT-124) is an absolute web address."""
    return exists(reference.location) and is_absolute_url(reference.location)
