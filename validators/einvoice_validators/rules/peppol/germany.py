"""Peppol BIS, German sellers and buyers: what documents between them say."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, distinct, facts, text, texts, there
from einvoice_validators.rules.peppol.common import ADDRESSES, SUPPLIER, between_germans
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import Aborted, exists, normal

TAXED = frozenset(("S", "Z", "E", "AE", "K", "G", "L", "M"))
TYPES = partial(code_set, "untdid-1001", "peppol-germany")
_discount = partial(re.fullmatch, r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(?:#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#")
_around_discounts = partial(re.split, r"#[^\r\n]+#")
_next_line = partial(re.match, r"[ \t\r\n]*\n")
_url = partial(re.match, r"[a-zA-Z][a-zA-Z0-9+.-]+:")

_category = "cac:Item/cac:ClassifiedTaxCategory/cbc:ID"
PATTERN = Pattern("peppol germany", Syntax.UBL)
DOCUMENT = PATTERN.context(
    "/*",
    when=between_germans,
    payment_means=facts("cac:PaymentMeans"),
    buyer_reference=text("cbc:BuyerReference"),
    allowances=facts("cac:AllowanceCharge"),
    line_categories=distinct(f"cac:InvoiceLine/{_category} | cac:CreditNoteLine/{_category}"),
    tax_representative_there=there("cac:TaxRepresentativeParty"),
    supplier_tax_ids=texts(f"{SUPPLIER}/cac:PartyTaxScheme/cbc:CompanyID"),
    invoice_type_code=text("cbc:InvoiceTypeCode"),
    credit_note_type_code=text("cbc:CreditNoteTypeCode"),
    payment_terms=facts("cac:PaymentTerms"),
    attachment_names=texts("cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@filename"),
    preceding_invoice_there=there("cac:BillingReference/cac:InvoiceDocumentReference"),
    supplier_id_schemes=distinct(f"{SUPPLIER}/cac:PartyIdentification/cbc:ID/@schemeID"),
    payee_id_schemes=distinct("cac:PayeeParty/cac:PartyIdentification/cbc:ID/@schemeID"),
    payment_mandate_there=there("cac:PaymentMeans/cac:PaymentMandate"),
    payer_account_there=there("cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    **ADDRESSES,
)
ALLOWANCE = PATTERN.context(
    "/*/cac:AllowanceCharge", charge_indicator=text("cbc:ChargeIndicator"), tax_codes=distinct("cac:TaxCategory/cbc:ID")
)
TERMS = PATTERN.context("/*/cac:PaymentTerms", terms_notes=texts("cbc:Note"))
LINK = PATTERN.context(
    "/*/cac:AdditionalDocumentReference/cac:Attachment/cac:ExternalReference", when=between_germans, link=text("cbc:URI")
)


@rule("DE-R-001", DOCUMENT, at="cac:PaymentMeans")
def tells_how_to_pay(document: Fact) -> object:
    """A German invoice tells how to pay (BG-16)."""
    return document.payment_means


@rule("DE-R-015", DOCUMENT, at="buyer_reference")
def has_a_buyer_reference(document: Fact) -> object:
    """A German invoice has the buyer's reference (BT-10)."""
    return normal(document.buyer_reference)


@rule("DE-R-016", DOCUMENT, at=f"{SUPPLIER}/cac:PartyTaxScheme")
def seller_has_a_tax_number(document: Fact) -> object:
    """A German seller gives a VAT or tax number (BT-31, BT-32) or a tax representative (BG-11) where VAT categories are used."""
    if document.tax_representative_there or any(normal(number) for number in document.supplier_tax_ids):
        return True
    told = (each.tax_codes for each in document.allowances if each.charge_indicator in ("true", "false"))
    return TAXED.isdisjoint(chain(document.line_categories, *told))


@rule("DE-R-017", DOCUMENT, at="invoice_type_code", severity=WARNING)
def type_is_used_in_germany(document: Fact) -> object:
    """The type of a German document (BT-3) is 326, 380, 381, 384, 389, 875, 876 or 877."""
    return normal(document.invoice_type_code) in TYPES() or normal(document.credit_note_type_code) in TYPES()


@rule("DE-R-018", DOCUMENT, at="cac:PaymentTerms/cbc:Note")
def discounts_have_their_shape(document: Fact) -> object:
    """German terms of payment (BT-20) write a discount as #SKONTO#TAGE=14#PROZENT=2.00# on a line of its own, each line ended."""
    notes = [terms.terms_notes[0] for terms in document.payment_terms if terms.terms_notes]
    lines = [line for note in notes for line in note.split("\n") if normal(line).startswith("#")]
    return all(_discount(normal(line)) and _ends_its_line(notes) for line in lines)


def _ends_its_line(notes: list[str]) -> bool:
    rests = [_around_discounts(note)[-1] for note in notes if note]
    if len(rests) > 1:
        raise Aborted("several terms of payment, where the rest of one is wanted")
    return bool(rests and _next_line(rests[0]))


@rule("DE-R-022", DOCUMENT, at="cac:AdditionalDocumentReference")
def attachments_have_different_names(document: Fact) -> object:
    """The files attached to a German invoice (BT-125-2) have different names."""
    return len(set(document.attachment_names)) == len(document.attachment_names)


@rule("DE-R-026", DOCUMENT, at="invoice_type_code", severity=WARNING)
def corrected_invoice_names_the_first(document: Fact) -> object:
    """A corrected German invoice (384) names the invoice that it corrects (BG-3)."""
    corrected = normal(document.invoice_type_code) == "384" or normal(document.credit_note_type_code) == "384"
    return not corrected or document.preceding_invoice_there


@rule("DE-R-030", DOCUMENT, at="cac:PaymentMeans/cac:PaymentMandate")
def direct_debit_names_the_creditor(document: Fact) -> object:
    """A German direct debit (BG-19) names the creditor (BT-90): an identifier of seller or payee under the scheme SEPA."""
    return not document.payment_mandate_there or "SEPA" in document.supplier_id_schemes or "SEPA" in document.payee_id_schemes


@rule("DE-R-031", DOCUMENT, at="cac:PaymentMeans/cac:PaymentMandate")
def direct_debit_names_the_account(document: Fact) -> object:
    """A German direct debit (BG-19) names the account that is debited (BT-91)."""
    return not document.payment_mandate_there or document.payer_account_there


@rule("DE-R-T02", LINK, at="link", severity=WARNING)
def link_is_a_url(reference: Fact) -> object:
    """The address of an attached file (BT-124) is a URL, which begins with a scheme and a colon."""
    return exists(reference.link) and _url(reference.link)
