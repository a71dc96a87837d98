"""Payment instructions and VAT rates (CII)."""

from __future__ import annotations

from collections.abc import Callable, Set

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.xrechnung.forms import is_iban
from einvoice_validators.rules.xrechnung.specification import CARD, CREDIT_TRANSFER, DIRECT_DEBIT
from einvoice_validators.ruleset import WARNING, Context, Pattern, rule
from einvoice_validators.xpath import exists, normal

PATTERN = Pattern("xrechnung payment", Syntax.CII)

_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"

ROOT = PATTERN.context(
    "/rsm:CrossIndustryInvoice",
    mandate_reference_named=there(f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID"),
    creditor_identified=there(f"{_SETTLEMENT}/ram:CreditorReferenceID"),
    some_debited_account_named=there(f"{_MEANS}/ram:PayerPartyDebtorFinancialAccount/ram:IBANID"),
)


def _paid_by(codes: Set[str]) -> Callable[[Fact], bool]:
    return lambda means: normal(means.means_code) in codes


def _means(codes: Set[str]) -> Context:
    return PATTERN.context(
        f"/rsm:CrossIndustryInvoice/{_MEANS}",
        where=_paid_by(codes),
        means_code=text("ram:TypeCode"),
        account_named=there("ram:PayeePartyCreditorFinancialAccount"),
        account_identifier=text("ram:PayeePartyCreditorFinancialAccount/ram:IBANID"),
        card_named=there("ram:ApplicableTradeSettlementFinancialCard"),
        debited_account_identifier=text("ram:PayerPartyDebtorFinancialAccount/ram:IBANID"),
        payee_bank_named=there("ram:PayeeSpecifiedCreditorFinancialInstitution"),
        payer_bank_named=there("ram:PayerSpecifiedDebtorFinancialInstitution"),
    )


TRANSFER_MEANS, CARD_MEANS, DEBIT_MEANS = _means(CREDIT_TRANSFER), _means(CARD), _means(DIRECT_DEBIT)
BREAKDOWN = PATTERN.context(f"/rsm:CrossIndustryInvoice/{_SETTLEMENT}/ram:ApplicableTradeTax", rate_text=text("ram:RateApplicablePercent"))


@rule("BR-DE-30", ROOT, at=_MEANS)
def creditor_is_identified(document: Fact) -> object:
    """A direct debit names the creditor's SEPA identifier (BT-90)."""
    return not _direct_debit(document) or (
        (document.mandate_reference_named or document.some_debited_account_named) and document.creditor_identified
    )


@rule("BR-DE-31", ROOT, at=_MEANS)
def debited_account_is_named(document: Fact) -> object:
    """A direct debit names the account that is debited (BT-91)."""
    return not _direct_debit(document) or (
        (document.mandate_reference_named or document.creditor_identified) and document.some_debited_account_named
    )


def _direct_debit(document: Fact) -> bool:
    """Whether the document has a part of a direct debit (BG-19)."""
    return bool(document.mandate_reference_named or document.creditor_identified or document.some_debited_account_named)


def _debits(means: Fact) -> bool:
    """Whether the payment means, or the document, has a part of a direct debit (BG-19)."""
    document = means.document
    return bool(document.mandate_reference_named or document.creditor_identified or exists(means.debited_account_identifier))


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
    return not means.card_named and not _debits(means)


@rule("BR-DE-24-a", CARD_MEANS)
def card_payment_names_a_card(means: Fact) -> object:
    """A payment by card names the card (BG-18)."""
    return means.card_named


@rule("BR-DE-24-b", CARD_MEANS, at="means_code")
def card_payment_has_no_transfer_or_mandate(means: Fact) -> object:
    """A payment by card has no credit transfer (BG-17) and no direct debit (BG-19)."""
    return not means.account_named and not _debits(means)


@rule("BR-DE-20", DEBIT_MEANS, at="debited_account_identifier", severity=WARNING)
def debited_account_is_an_iban(means: Fact) -> object:
    """The account that a SEPA direct debit debits (BT-91) is an IBAN with right check digits."""
    return is_iban(means.debited_account_identifier)


@rule("BR-DE-25-a", DEBIT_MEANS)
def debit_names_a_mandate(means: Fact) -> object:
    """A direct debit names its mandate, creditor or debited account (BG-19)."""
    return _debits(means)


@rule("BR-DE-25-b", DEBIT_MEANS, at="means_code")
def debit_has_no_transfer_or_card(means: Fact) -> object:
    """A direct debit has no credit transfer (BG-17), no card (BG-18) and names no bank."""
    return not (means.account_named or means.payee_bank_named or means.payer_bank_named or means.card_named)


@rule("BR-DE-14", BREAKDOWN, at="rate_text")
def vat_rate_is_given(breakdown: Fact) -> object:
    """Each VAT breakdown gives its rate (BT-119), be it zero."""
    return normal(breakdown.rate_text)
