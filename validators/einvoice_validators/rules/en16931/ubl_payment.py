"""Rules on how the invoice is to be paid."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import CARD_NUMBER, CREDIT_TRANSFER, CREDIT_TRANSFER_ACCOUNT, PAYMENT, SEPA_CREDIT_TRANSFER
from einvoice_validators.ruleset import WARNING, rule
from einvoice_validators.xpath import normal

MOST_CARD_DIGITS = 10


@rule("BR-50", CREDIT_TRANSFER_ACCOUNT, at="account_identifier")
def credit_transfer_account_is_identified(account: Fact) -> object:
    """The account for a credit transfer has an identifier, such as its IBAN (BT-84)."""
    return normal(account.account_identifier) != ""


@rule("BR-51", CARD_NUMBER, severity=WARNING)
def card_number_is_not_told_in_full(number: str) -> object:
    """Of the number of a payment card at most the first six and the last four digits are given (BT-87)."""
    return len(normal(number)) <= MOST_CARD_DIGITS


@rule("BR-61", PAYMENT, at="means_code")
def credit_transfer_has_an_account(payment: Fact) -> object:
    """Where payment is by credit transfer (BT-81), the account to pay to is identified (BT-84)."""
    return payment.has_account_identifier or normal(payment.means_code) not in (CREDIT_TRANSFER, SEPA_CREDIT_TRANSFER)
