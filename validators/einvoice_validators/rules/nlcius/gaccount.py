"""The extension of NLCIUS for blocked accounts (G-rekening): an invoice that is paid in two parts, one to such an account."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, number, numbers, text, texts
from einvoice_validators.rules.nlcius.scope import GACCOUNT_PART
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import Pieces, total

PARTS = 2

MODEL = Pattern("NLCIUS blocked account", Syntax.UBL)
CUSTOMIZATION = MODEL.leaf("cbc:CustomizationID")
INVOICE = MODEL.context(
    "/ubl:Invoice",
    terms_count=count("cac:PaymentTerms"),
    means_count=count("cac:PaymentMeans"),
    amount_due=number("cac:LegalMonetaryTotal/cbc:PayableAmount"),
    part_amounts=numbers("cac:PaymentTerms/cbc:Amount"),
    means_ids=texts("cac:PaymentMeans/cbc:ID"),
)
TERMS = MODEL.context("/ubl:Invoice/cac:PaymentTerms", means_reference_count=count("cbc:PaymentMeansID"))
MEANS = MODEL.context("/ubl:Invoice/cac:PaymentMeans", means_id_count=count("cbc:ID"))
REFERENCE = MODEL.context("/ubl:Invoice/cac:PaymentTerms/cbc:PaymentMeansID", content=text("."))


@rule("BR-GA-0", CUSTOMIZATION)
def the_extension_is_named(specification: str) -> object:
    """The specification identifier (BT-24) names the extension for blocked accounts."""
    return GACCOUNT_PART in specification


@rule("BR-GA-1", INVOICE, at="terms_count")
def payment_has_two_parts(invoice: Fact) -> object:
    """There are two payment terms (NL-GA-01), one for each part."""
    return invoice.terms_count == PARTS


@rule("BR-GA-2", INVOICE, at="means_count")
def payment_goes_to_two_accounts(invoice: Fact) -> object:
    """There are two payment instructions (BG-16), one for each part."""
    return invoice.means_count == PARTS


@rule("BR-GA-3", INVOICE, at="part_amounts")
def parts_make_up_what_is_due(invoice: Fact) -> object:
    """The amounts of the parts (NL-GA-03) add up to the amount due (BT-115)."""
    return invoice.amount_due == total(invoice.part_amounts)


@rule("BR-GA-4", TERMS, at="means_reference_count")
def part_refers_to_one_payment_instruction(terms: Fact) -> object:
    """Each payment term refers to one payment instruction (NL-GA-02)."""
    return terms.means_reference_count == 1


@rule("BR-GA-5", MEANS, at="means_id_count")
def payment_instruction_has_an_identifier(means: Fact) -> object:
    """Each payment instruction (BG-16) has an identifier (NL-GA-04)."""
    return means.means_id_count == 1


def whole(values: list[str]) -> list[str]:
    """The texts that no comment cuts in pieces; the official rules compare the pieces, not the whole."""
    return [value for value in values if value and not isinstance(value, Pieces)]


@rule("BR-GA-6", REFERENCE, at="content")
def reference_is_to_a_payment_instruction(reference: Fact) -> object:
    """What a payment term refers to (NL-GA-02) is the identifier of a payment instruction (NL-GA-04)."""
    return reference.content in whole(reference.document.means_ids)


@rule("BR-GA-7", INVOICE, at="means_ids")
def one_account_is_blocked(invoice: Fact) -> object:
    """One payment instruction has the identifier GACCOUNT (NL-GA-04): that of the blocked account."""
    return whole(invoice.means_ids).count("GACCOUNT") == 1
