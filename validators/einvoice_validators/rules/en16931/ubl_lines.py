"""Rules on the lines: what each says of its item, its quantity, its price and its amount."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import (
    ITEM_ATTRIBUTE,
    ITEM_CLASSIFICATION,
    ITEM_STANDARD_IDENTIFIER,
    LINE,
    MODEL,
    has_vat_scheme,
)
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import exists, fraction_digits, normal

NET_AMOUNT = MODEL.leaf("cac:InvoiceLine/cbc:LineExtensionAmount | cac:CreditNoteLine/cbc:LineExtensionAmount")
MOST_DECIMALS = 2


@rule("BR-21", LINE, at="identifier")
def line_has_an_identifier(line: Fact) -> object:
    """A line has an identifier (BT-126)."""
    return normal(line.identifier) != ""


@rule("BR-22", LINE)
def line_has_a_quantity(line: Fact) -> object:
    """A line has a quantity (BT-129)."""
    return line.has_quantity


@rule("BR-23", LINE, at="cbc:InvoicedQuantity | cbc:CreditedQuantity")
def quantity_has_a_unit(line: Fact) -> object:
    """The quantity of a line has a unit (BT-130)."""
    return line.has_unit_code


@rule("BR-24", LINE)
def line_has_a_net_amount(line: Fact) -> object:
    """A line has a net amount (BT-131)."""
    return exists(line.net_amount)


@rule("BR-25", LINE, at="item_name")
def item_has_a_name(line: Fact) -> object:
    """The item of a line has a name (BT-153)."""
    return normal(line.item_name) != ""


@rule("BR-26", LINE)
def item_has_a_net_price(line: Fact) -> object:
    """The item of a line has a net price (BT-146)."""
    return exists(line.price_net_uncast)


@rule("BR-27", LINE, at="price_net_uncast")
def net_price_is_not_negative(line: Fact) -> object:
    """The net price of an item is not negative (BT-146)."""
    return line.price_net_uncast >= 0


@rule("BR-28", LINE, at="prices_gross_uncast")
def gross_price_is_not_negative(line: Fact) -> object:
    """The gross price of an item is not negative (BT-148)."""
    return not line.prices_gross_uncast or any(price >= 0 for price in line.prices_gross_uncast)


@rule("BR-CO-04", LINE)
def line_has_a_vat_category(line: Fact) -> object:
    """A line has a VAT category (BT-151)."""
    return any(exists(category.category_code) and has_vat_scheme(category) for category in line.vat_categories)


@rule("BR-DEC-23", NET_AMOUNT)
def net_amount_has_two_decimals_at_most(amount: str) -> object:
    """The net amount of a line has two decimals at most (BT-131)."""
    return fraction_digits(amount) <= MOST_DECIMALS


@rule("BR-54", ITEM_ATTRIBUTE)
def item_attribute_has_a_name_and_a_value(attribute: Fact) -> object:
    """An attribute of an item has a name (BT-160) and a value (BT-161)."""
    return attribute.has_name and attribute.has_value


@rule("BR-64", ITEM_STANDARD_IDENTIFIER, at="@schemeID")
def standard_identifier_has_a_scheme(_: str, scheme: str) -> object:
    """The standard identifier of an item says of which scheme it is (BT-157-1)."""
    return exists(scheme)


@rule("BR-65", ITEM_CLASSIFICATION, at="@listID")
def classification_has_a_scheme(_: str, scheme: str) -> object:
    """The classification of an item says of which scheme it is (BT-158-1)."""
    return exists(scheme)
