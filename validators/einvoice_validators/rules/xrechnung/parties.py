"""Seller, buyer and delivery address: what both syntaxes have in common, for the contexts of either."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from einvoice_validators.facts import Fact
from einvoice_validators.rules.xrechnung.forms import is_email, is_telephone
from einvoice_validators.ruleset import FATAL, WARNING, Context, Rule
from einvoice_validators.xpath import normal


class Parties(NamedTuple):
    """Where these stand: addresses read `city` and `post_code`, the seller's contact `telephone` and `email`."""

    seller_address: Context
    seller_contact: Context
    buyer_address: Context
    delivery_address: Context


def rules(parties: Parties) -> tuple[Rule, ...]:
    """What must be given, and what a telephone number and an e-mail address look like."""
    seller, contact, buyer, delivery = parties
    return (
        _given("BR-DE-3", seller, "city", "The seller's city is given (BT-37)."),
        _given("BR-DE-4", seller, "post_code", "The seller's post code is given (BT-38)."),
        _given("BR-DE-6", contact, "telephone", "The telephone number of the seller's contact is given (BT-42)."),
        _given("BR-DE-7", contact, "email", "The e-mail address of the seller's contact is given (BT-43)."),
        _given("BR-DE-8", buyer, "city", "The buyer's city is given (BT-52)."),
        _given("BR-DE-9", buyer, "post_code", "The buyer's post code is given (BT-53)."),
        _given("BR-DE-10", delivery, "city", "The city of the delivery address is given (BT-77)."),
        _given("BR-DE-11", delivery, "post_code", "The post code of the delivery address is given (BT-78)."),
        Rule("BR-DE-27", (contact,), telephone_has_digits, TELEPHONE, WARNING, "telephone"),
        Rule("BR-DE-28", (contact,), email_is_an_address, EMAIL, WARNING, "email"),
    )


TELEPHONE = "The telephone number of the seller's contact (BT-42) has three digits at least."
EMAIL = "The e-mail address of the seller's contact (BT-43) has one @, and a name with a dot behind it."


def telephone_has_digits(contact: Fact) -> object:
    """The seller's telephone number has digits."""
    return is_telephone(contact.telephone)


def email_is_an_address(contact: Fact) -> object:
    """The seller's e-mail address looks like one."""
    return is_email(contact.email)


def _given(identity: str, context: Context, slot: str, says: str) -> Rule:
    return Rule(identity, (context,), _says_something(slot), says, FATAL, slot)


def _says_something(slot: str) -> Callable[[Fact], object]:
    return lambda fact: normal(getattr(fact, slot))
