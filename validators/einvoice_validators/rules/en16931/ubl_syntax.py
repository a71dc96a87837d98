"""What EN 16931 does not use of UBL, and how often the rest may stand: most of it rows, the others here."""

from __future__ import annotations

from collections.abc import Callable

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, distinct, facts, text, texts, there
from einvoice_validators.rows import element_rules
from einvoice_validators.rules.en16931.never_syntax import NEVER_UBL
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import exists, normal

INVOICED_OBJECT = "130"
SEPA = "SEPA"
SELLER_NAME = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName"


def is_false(indicator: object) -> bool:
    """Whether a value of xs:boolean is false; neither this nor `is_true` holds for a missing one."""
    return normal(indicator) in ("false", "0")


def is_true(indicator: object) -> bool:
    """Whether a value of xs:boolean is true."""
    return normal(indicator) in ("true", "1")


SYNTAX = Pattern("en16931-ubl-syntax", Syntax.UBL)

ADDRESS = SYNTAX.context("cac:PostalAddress | cac:Address", address_lines=count("cac:AddressLine"))
SYNTAX.context("cac:AccountingSupplierParty/cac:Party")
REFERENCE = SYNTAX.context(
    "cac:AdditionalDocumentReference",
    document_type_code=text("cbc:DocumentTypeCode"),
    reference_has_scheme=there("cbc:ID/@schemeID"),
    has_attachment=there("cac:Attachment"),
    has_document_description=there("cbc:DocumentDescription"),
)
# an amount of a price allowance is free to have more decimals, wherever it stands in it
SYNTAX.leaf(" | ".join(f"cac:Price/cac:AllowanceCharge/{'*/' * depth}cbc:*Amount" for depth in range(9)))
SYNTAX.leaf("cbc:*PriceAmount")
AMOUNT = SYNTAX.leaf("cbc:*Amount")
BINARY = SYNTAX.context("*BinaryObject", has_mime_code=there("@mimeCode"), has_filename=there("@filename"))
SYNTAX.context("cac:Delivery")
ALLOWANCE = SYNTAX.context(
    "cac:AllowanceCharge", where=lambda charge: is_false(charge.charge_indicator), charge_indicator=text("cbc:ChargeIndicator"),
    reasons=count("cbc:AllowanceChargeReason"),
)  # fmt: skip
CHARGE = SYNTAX.context(
    "cac:AllowanceCharge", where=lambda charge: is_true(charge.charge_indicator), charge_indicator=text("cbc:ChargeIndicator"),
    reasons=count("cbc:AllowanceChargeReason"),
)  # fmt: skip
TAX_NUMBER = SYNTAX.context("cac:PartyTaxScheme", tax_scheme=text("cac:TaxScheme/cbc:ID"), has_tax_number=there("cbc:CompanyID"))
DOCUMENT = SYNTAX.context(
    "/*",
    ubl_version=text("cbc:UBLVersionID"),
    has_payment_due_date=there("cac:PaymentMeans/cbc:PaymentDueDate"),
    additional_references=facts("cac:AdditionalDocumentReference"),
    seller_tax_numbers=facts("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme"),
    buyer_tax_numbers=facts("cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme"),
    seller_registration_names=texts(SELLER_NAME),
    party_identifier_schemes=texts(".//cac:PartyIdentification/cbc:ID/@schemeID"),
    remittance_informations=distinct(".//cbc:PaymentID"),
    payment_means_codes=distinct(".//cbc:PaymentMeansCode"),
    payment_means_names=count("cac:PaymentMeans/cbc:PaymentMeansCode/@name"),
)
LINE = SYNTAX.context("cac:InvoiceLine | cac:CreditNoteLine", vat_informations=count("cac:Item/cac:ClassifiedTaxCategory"))
PAYEE = SYNTAX.context(
    "cac:PayeeParty",
    payee_names=texts("cac:PartyName/cbc:Name"),
    payee_identifiers=count("cac:PartyIdentification/cbc:ID"),
    payee_schemes=texts("cac:PartyIdentification/cbc:ID/@schemeID"),
    payee_registrations=count("cac:PartyLegalEntity/cbc:CompanyID"),
)
SYNTAX.context("cac:PaymentMeans")
PRECEDING = SYNTAX.context("cac:BillingReference", has_preceding_number=there("cac:InvoiceDocumentReference/cbc:ID"))
SYNTAX.context("cac:TaxRepresentativeParty")
SYNTAX.context("cac:TaxSubtotal")

ROWS = element_rules("en16931-ubl", SYNTAX, without=NEVER_UBL)


@rule("UBL-SR-51", ADDRESS, at="cac:AddressLine[2]")
def address_has_one_third_line(address: Fact) -> object:
    """An address has one further address line at most (BT-162, BT-163, BT-164, BT-165)."""
    return address.address_lines <= 1


@rule("UBL-SR-43", REFERENCE, at="cbc:DocumentTypeCode")
def document_reference_is_typed_as_what_it_is(reference: Fact) -> object:
    """Only an invoiced object (BT-18, type 130) has a type and may have a scheme; in a credit note a project (BT-11) has type 50."""
    code = reference.document_type_code
    project = reference.document.name == "cn:CreditNote" and code == "50"
    return code == INVOICED_OBJECT or project or not (reference.reference_has_scheme or exists(code))


@rule("UBL-CR-665", REFERENCE, at="cbc:ID/@schemeID", severity=WARNING)
def only_an_invoiced_object_has_a_scheme(reference: Fact) -> object:
    """Only the identifier of the invoiced object (BT-18) has a scheme, no other document reference."""
    return not reference.reference_has_scheme or reference.document_type_code == INVOICED_OBJECT


@rule("UBL-CR-666", REFERENCE, at="cac:Attachment")
def invoiced_object_has_no_attachment(reference: Fact) -> object:
    """The invoiced object (BT-18) has no attachment; a supporting document (BG-24) is a reference of its own."""
    return not (reference.has_attachment and reference.document_type_code == INVOICED_OBJECT)


@rule("UBL-CR-673", REFERENCE, at="cbc:DocumentDescription")
def invoiced_object_has_no_description(reference: Fact) -> object:
    """The invoiced object (BT-18) has no description."""
    return not (reference.has_document_description and reference.document_type_code == INVOICED_OBJECT)


@rule("UBL-DT-01", AMOUNT)
def amount_has_two_decimals(amount: str) -> object:
    """An amount has two decimals at most, unless it is a price or belongs to one."""
    return len(amount.partition(".")[2]) <= 2


@rule("UBL-DT-06", BINARY)
def attachment_says_its_media_type(attachment: Fact) -> object:
    """An attached document says what media type it is of (BT-125)."""
    return attachment.has_mime_code


@rule("UBL-DT-07", BINARY)
def attachment_says_its_filename(attachment: Fact) -> object:
    """An attached document says its file name (BT-125)."""
    return attachment.has_filename


@rule("UBL-SR-30", ALLOWANCE, at="cbc:AllowanceChargeReason[2]")
def allowance_has_one_reason(allowance: Fact) -> object:
    """An allowance has one reason in words at most (BT-97, BT-139)."""
    return allowance.reasons <= 1


@rule("UBL-SR-31", CHARGE, at="cbc:AllowanceChargeReason[2]")
def charge_has_one_reason(charge: Fact) -> object:
    """A charge has one reason in words at most (BT-104, BT-144)."""
    return charge.reasons <= 1


@rule("UBL-SR-53", TAX_NUMBER)
def tax_number_names_its_tax(number: Fact) -> object:
    """A tax number of a party (BT-31, BT-32, BT-48, BT-63) says which tax it is for, and what it is."""
    return exists(number.tax_scheme) and number.has_tax_number


@rule("UBL-CR-002", DOCUMENT, at="ubl_version", severity=WARNING)
def version_is_not_said(invoice: Fact) -> object:
    """The UBL version is not said, or it is 2.1."""
    return not exists(invoice.ubl_version) or invoice.ubl_version == "2.1"


@rule("UBL-CR-412", DOCUMENT, at="has_payment_due_date", severity=WARNING)
def due_date_of_an_invoice_stands_in_the_header(invoice: Fact) -> object:
    """The due date of an invoice (BT-9) stands in its header; in a credit note it stands with the payment means."""
    return not invoice.has_payment_due_date or invoice.name == "cn:CreditNote"


@rule("UBL-SR-04", DOCUMENT)
def there_is_one_invoiced_object(invoice: Fact) -> object:
    """There is one invoiced object at most (BT-18)."""
    return sum(reference.document_type_code == INVOICED_OBJECT for reference in invoice.additional_references) <= 1


def _numbers(tax_numbers: list[Fact], wanted: Callable[[str], bool]) -> int:
    return sum(number.has_tax_number and wanted(number.tax_scheme.upper() if number.tax_scheme else "") for number in tax_numbers)


@rule("UBL-SR-12", DOCUMENT, at="cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme[2]/cbc:CompanyID")
def seller_has_one_vat_number(invoice: Fact) -> object:
    """The seller has one VAT identifier at most (BT-31)."""
    return _numbers(invoice.seller_tax_numbers, lambda scheme: scheme == "VAT") <= 1


@rule("UBL-SR-13", DOCUMENT, at="cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme[2]/cbc:CompanyID")
def seller_has_one_tax_registration(invoice: Fact) -> object:
    """The seller has one tax registration identifier at most that is not for VAT (BT-32)."""
    return _numbers(invoice.seller_tax_numbers, lambda scheme: scheme != "VAT") <= 1


@rule("UBL-SR-18", DOCUMENT, at="cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme[2]/cbc:CompanyID")
def buyer_has_one_vat_number(invoice: Fact) -> object:
    """The buyer has one VAT identifier at most (BT-48)."""
    return _numbers(invoice.buyer_tax_numbers, lambda scheme: scheme == "VAT") <= 1


@rule("UBL-SR-29", DOCUMENT)
def there_is_one_creditor_identifier(invoice: Fact) -> object:
    """There is one bank assigned creditor identifier at most (BT-90)."""
    return sum(scheme.upper() == SEPA for scheme in invoice.party_identifier_schemes) <= 1


@rule("UBL-SR-44", DOCUMENT, at=".//cbc:PaymentID")
def remittance_information_is_the_same(invoice: Fact) -> object:
    """Every payment means says the same remittance information (BT-83)."""
    return len(invoice.remittance_informations) <= 1


@rule("UBL-SR-47", DOCUMENT, at=".//cbc:PaymentMeansCode")
def payment_means_code_is_the_same(invoice: Fact) -> object:
    """Every payment means has the same code (BT-81)."""
    return len(invoice.payment_means_codes) <= 1


@rule("UBL-SR-46", DOCUMENT, at="payment_means_names")
def payment_means_has_one_text(invoice: Fact) -> object:
    """The payment means are put in words once at most (BT-82)."""
    return invoice.payment_means_names <= 1


@rule("UBL-SR-48", LINE, at="vat_informations")
def line_has_one_vat_information(line: Fact) -> object:
    """A line has its VAT information (BG-30) once."""
    return line.vat_informations == 1


def _is_not_the_seller(payee: Fact) -> bool:
    """Whether some name of the payee differs from the seller's; false where one of them is missing."""
    names = payee.document.seller_registration_names if len(payee.path) == 2 else ()
    return any(one != two for one in payee.payee_names for two in names)


@rule("UBL-SR-19", PAYEE, at="payee_names")
def payee_has_one_name(payee: Fact) -> object:
    """The payee has one name (BT-59), and it is not the seller's (BT-27)."""
    return len(payee.payee_names) <= 1 and _is_not_the_seller(payee)


@rule("UBL-SR-20", PAYEE, at="payee_identifiers")
def payee_has_one_identifier(payee: Fact) -> object:
    """The payee has one identifier at most (BT-60), and is not the seller."""
    sepa = sum(scheme.upper() == SEPA for scheme in payee.payee_schemes)
    return payee.payee_identifiers - sepa <= 1 and _is_not_the_seller(payee)


@rule("UBL-SR-21", PAYEE, at="payee_registrations")
def payee_has_one_registration(payee: Fact) -> object:
    """The payee has one legal registration identifier at most (BT-61), and is not the seller."""
    return payee.payee_registrations <= 1 and _is_not_the_seller(payee)


@rule("UBL-SR-07", PRECEDING)
def preceding_invoice_has_a_number(reference: Fact) -> object:
    """A reference to a preceding invoice (BG-3) says its number (BT-25)."""
    return reference.has_preceding_number
