"""Payment instructions and VAT rates (UBL)."""

from __future__ import annotations

from collections.abc import Callable, Set

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, text, there
from einvoice_validators.rules.xrechnung.forms import is_iban
from einvoice_validators.rules.xrechnung.specification import CARD, CREDIT_TRANSFER, DIRECT_DEBIT
from einvoice_validators.ruleset import WARNING, Context, Pattern, rule
from einvoice_validators.xpath import exists, normal

PATTERN = Pattern("xrechnung payment", Syntax.UBL)


def _paid_by(codes: Set[str]) -> Callable[[Fact], bool]:
    return lambda means: normal(means.means_code) in codes


def _means(codes: Set[str]) -> Context:
    return PATTERN.context(
        "/ubl:Invoice/cac:PaymentMeans | /cn:CreditNote/cac:PaymentMeans",
        where=_paid_by(codes),
        means_code=text("cbc:PaymentMeansCode"),
        account_named=there("cac:PayeeFinancialAccount"),
        account_identifier=text("cac:PayeeFinancialAccount/cbc:ID"),
        card_named=there("cac:CardAccount"),
        mandate_named=there("cac:PaymentMandate"),
        debited_account_identifier=text("cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    )


ROOT = PATTERN.context(
    "/ubl:Invoice | /cn:CreditNote",
    some_mandate_named=there("cac:PaymentMeans/cac:PaymentMandate"),
    some_debited_account_named=there("cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    creditor_schemes=distinct(
        "cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID/@schemeID"
        " | cac:PayeeParty/cac:PartyIdentification/cbc:ID/@schemeID"
    ),
)
TRANSFER_MEANS, CARD_MEANS, DEBIT_MEANS = _means(CREDIT_TRANSFER), _means(CARD), _means(DIRECT_DEBIT)
SUBTOTAL = PATTERN.context(
    "/ubl:Invoice/cac:TaxTotal/cac:TaxSubtotal | /cn:CreditNote/cac:TaxTotal/cac:TaxSubtotal",
    rate_text=text("cac:TaxCategory/cbc:Percent"),
)


@rule("BR-DE-30", ROOT, at="cac:PaymentMeans/cac:PaymentMandate")
def creditor_is_identified(document: Fact) -> object:
    """A direct debit names the creditor's SEPA identifier (BT-90)."""
    return not document.some_mandate_named or "SEPA" in document.creditor_schemes


@rule("BR-DE-31", ROOT, at="cac:PaymentMeans/cac:PaymentMandate")
def debited_account_is_named(document: Fact) -> object:
    """A direct debit names the account that is debited (BT-91)."""
    return not document.some_mandate_named or document.some_debited_account_named


@rule("BR-DE-19", TRANSFER_MEANS, at="account_identifier", severity=WARNING)
def account_is_an_iban(means: Fact) -> object:
    """The account of a SEPA credit transfer (BT-84) is an IBAN with right check digits."""
    return normal(means.means_code) != "58" or is_iban(means.account_identifier)


@rule("BR-DE-23-a", TRANSFER_MEANS)
def transfer_names_an_account(means: Fact) -> object:
    """A credit transfer names the account to pay to (BG-17)."""
    return means.account_named


@rule("BR-DE-23-b", TRANSFER_MEANS, at="means_code")
def transfer_has_no_card_or_mandate(means: Fact) -> object:
    """A credit transfer has no card (BG-18) and no direct debit (BG-19)."""
    return not means.card_named and not means.mandate_named


@rule("BR-DE-24-a", CARD_MEANS)
def card_payment_names_a_card(means: Fact) -> object:
    """A payment by card names the card (BG-18)."""
    return means.card_named


@rule("BR-DE-24-b", CARD_MEANS, at="means_code")
def card_payment_has_no_transfer_or_mandate(means: Fact) -> object:
    """A payment by card has no credit transfer (BG-17) and no direct debit (BG-19)."""
    return not means.account_named and not means.mandate_named


@rule("BR-DE-20", DEBIT_MEANS, at="debited_account_identifier", severity=WARNING)
def debited_account_is_an_iban(means: Fact) -> object:
    """The account that a SEPA direct debit debits (BT-91) is an IBAN with right check digits."""
    return is_iban(means.debited_account_identifier)


@rule("BR-DE-25-a", DEBIT_MEANS)
def debit_names_a_mandate(means: Fact) -> object:
    """A direct debit names its mandate (BG-19)."""
    return means.mandate_named


@rule("BR-DE-25-b", DEBIT_MEANS, at="means_code")
def debit_has_no_transfer_or_card(means: Fact) -> object:
    """A direct debit has no credit transfer (BG-17) and no card (BG-18)."""
    return not means.account_named and not means.card_named


@rule("BR-DE-14", SUBTOTAL, at="cac:TaxCategory")
def vat_rate_is_given(subtotal: Fact) -> object:
    """Each VAT breakdown gives its rate (BT-119), be it zero."""
    return exists(subtotal.rate_text) and normal(subtotal.rate_text)
