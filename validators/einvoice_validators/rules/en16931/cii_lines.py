"""Rules of invoice lines and their items."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_document import ends_after_it_starts
from einvoice_validators.rules.en16931.cii_model import ATTRIBUTE, CLASSIFICATION, LINE, LINE_PERIOD
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import exists, fraction_digits, normal


@rule("BR-21", LINE, at="identifier")
def line_has_an_identifier(line: Fact) -> object:
    """An invoice line has an identifier (BT-126)."""
    return normal(line.identifier) != ""


@rule("BR-22", LINE, at="quantity")
def line_has_a_quantity(line: Fact) -> object:
    """An invoice line has a quantity (BT-129)."""
    return line.quantity


@rule("BR-23", LINE, at="unit_code")
def quantity_has_a_unit(line: Fact) -> object:
    """The quantity of an invoice line has a unit of measure (BT-130)."""
    return line.unit_code


@rule("BR-24", LINE, at="net_amount_text")
def line_has_a_net_amount(line: Fact) -> object:
    """An invoice line has a net amount (BT-131)."""
    return exists(line.net_amount_text)


@rule("BR-25", LINE, at="item_name")
def item_has_a_name(line: Fact) -> object:
    """The item of an invoice line has a name (BT-153)."""
    return normal(line.item_name) != ""


@rule("BR-26", LINE, at="net_price")
def item_has_a_net_price(line: Fact) -> object:
    """The item of an invoice line has a net price (BT-146)."""
    return exists(line.net_price)


@rule("BR-27", LINE, at="net_price")
def net_price_is_not_negative(line: Fact) -> object:
    """The net price of an item is not negative (BT-146)."""
    return line.net_price >= 0


@rule("BR-28", LINE, at="gross_price")
def gross_price_is_not_negative(line: Fact) -> object:
    """The gross price of an item is not negative (BT-148)."""
    return not exists(line.gross_price) or line.gross_price >= 0


@rule("BR-64", LINE, at="item_standard_identifier")
def standard_identifier_has_a_scheme(line: Fact) -> object:
    """The standard identifier of an item (BT-157) has a scheme identifier."""
    return not line.item_standard_identifier or normal(line.item_standard_identifier_scheme) != ""


@rule("BR-CO-04", LINE, at="taxes")
def line_has_a_vat_category(line: Fact) -> object:
    """An invoice line has a VAT category code (BT-151)."""
    return any(tax.tax_type == "VAT" and exists(tax.category_code) for tax in line.taxes)


@rule("BR-CO-18", LINE)
def invoice_has_a_vat_breakdown(line: Fact) -> object:
    """An invoice has at least one VAT breakdown (BG-23)."""
    return line.document.has_vat_breakdown


@rule("BR-DEC-23", LINE, at="net_amount_text")
def net_amount_has_cents_at_most(line: Fact) -> object:
    """The net amount of an invoice line (BT-131) has two decimals at most."""
    return fraction_digits(line.net_amount_text) <= 2


@rule("BR-30", LINE_PERIOD, at="end_date")
def line_period_ends_after_it_starts(period: Fact) -> object:
    """The period of an invoice line does not end (BT-135) before it starts (BT-134)."""
    return ends_after_it_starts(period)


@rule("BR-CO-20", LINE_PERIOD)
def line_period_has_a_date(period: Fact) -> object:
    """The period of an invoice line (BG-26) has a start date (BT-134), an end date (BT-135) or both."""
    return period.has_start or period.has_end


@rule("BR-54", ATTRIBUTE)
def item_attribute_is_complete(attribute: Fact) -> object:
    """An item attribute (BG-32) has a name (BT-160) and a value (BT-161)."""
    return attribute.name_there and attribute.value_there


@rule("BR-65", CLASSIFICATION, at="scheme")
def classification_has_a_scheme(classification: Fact) -> object:
    """The classification of an item (BT-158) names its scheme."""
    return not classification.code or normal(classification.scheme) != ""
