"""Rules of how an invoice is to be paid."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_model import CARD, CREDIT_TRANSFER, PAYMENT
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import exists, normal


@rule("BR-49", PAYMENT, at="means_code")
def payment_means_has_a_code(payment: Fact) -> object:
    """Payment instructions (BG-16) say by a code how to pay (BT-81)."""
    return exists(payment.means_code)


@rule("BR-50", CREDIT_TRANSFER, at="iban")
def credit_transfer_names_an_account(account: Fact) -> object:
    """A credit transfer (BG-17) names the account to pay to (BT-84)."""
    return normal(account.iban) != "" or normal(account.proprietary_account) != ""


@rule("BR-61", CREDIT_TRANSFER, at="iban")
def credit_transfer_has_an_account(account: Fact) -> object:
    """With payment means 30 or 58 the account to pay to is there (BT-84)."""
    return exists(account.iban) or exists(account.proprietary_account)


@rule("BR-51", CARD, at="primary_account_number")
def card_number_is_shortened(card: Fact) -> object:
    """Of a payment card's number (BT-87) no more than ten characters are shown."""
    return len(normal(card.primary_account_number)) <= 10
