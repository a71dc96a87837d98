"""Invoice lines: BG-25 to BG-32, and lines within lines (XRechnung extension)."""

from __future__ import annotations

from decimal import Decimal

from pydantic import model_validator

from einvoice.model.amounts import AllowanceCharge
from einvoice.model.party import PartyIdentifier
from einvoice.model.references import Period
from einvoice.model.types import Amount, Code, Group, Many, Maybe, Text, term, terms


class Price(Group):
    """The price of one unit, or of `base_quantity` units (BG-29): net = gross less discount.

    Gross and discount are stated together, as both syntaxes do: a gross price alone has the discount 0,
    a discount alone the gross price net + discount.
    """

    net: Amount | None = term("BT-146")
    discount: Amount | None = term("BT-147")
    gross: Amount | None = term("BT-148")
    base_quantity: Amount | None = term("BT-149")
    base_quantity_unit_code: Code | None = term("BT-150")

    @model_validator(mode="after")
    def _gross_with_discount(self) -> Price:
        if self.gross is not None and self.discount is None:
            self.__dict__["discount"] = Decimal(0)
        elif self.discount is not None and self.gross is None and self.net is not None:
            self.__dict__["gross"] = self.net + self.discount
        return self


class LineVAT(Group):
    """The VAT that the line bears (BG-30); `category_code` is UNTDID 5305, `rate` a percentage."""

    category_code: Code | None = term("BT-151")
    rate: Amount | None = term("BT-152")


class ItemAttribute(Group):
    """A property of the item and its value (BG-32)."""

    name: Text | None = term("BT-160")
    value: Text | None = term("BT-161")


class Classification(Group):
    """A code that classifies the item, from the list `scheme` (UNTDID 7143) in its `version` (BT-158)."""

    code: Code | None = term("BT-158")
    scheme: Text | None = term("BT-158-1")
    version: Text | None = term("BT-158-2")


class Item(Group):
    """What is sold (BG-31)."""

    name: Text | None = term("BT-153")
    description: Text | None = term("BT-154")
    sellers_identifier: Text | None = term("BT-155")
    buyers_identifier: Text | None = term("BT-156")
    standard_identifier: PartyIdentifier | None = term("BT-157", scheme="BT-157-1")
    classifications: Many[Classification] = terms()
    country_of_origin: Code | None = term("BT-159")
    attributes: Many[ItemAttribute] = terms("BG-32")


class Line(Group):
    """One line of the invoice (BG-25); `lines` are the lines within it (XRechnung extension, BG-DEX-01)."""

    identifier: Text | None = term("BT-126")
    note: Text | None = term("BT-127")
    object_identifier: PartyIdentifier | None = term("BT-128", scheme="BT-128-1")
    quantity: Amount | None = term("BT-129")
    unit_code: Code | None = term("BT-130")
    net_amount: Amount | None = term("BT-131")
    purchase_order_line_reference: Text | None = term("BT-132")
    buyer_accounting_reference: Text | None = term("BT-133")
    period: Maybe[Period] = term("BG-26", start_date="BT-134", end_date="BT-135")
    allowances: Many[AllowanceCharge] = terms(
        "BG-27", amount="BT-136", base_amount="BT-137", percentage="BT-138", reason="BT-139", reason_code="BT-140"
    )
    charges: Many[AllowanceCharge] = terms(
        "BG-28", amount="BT-141", base_amount="BT-142", percentage="BT-143", reason="BT-144", reason_code="BT-145"
    )
    price: Maybe[Price] = term("BG-29")
    vat: Maybe[LineVAT] = term("BG-30")
    item: Maybe[Item] = term("BG-31")
    lines: Many[Line] = terms(
        "BG-DEX-01",
        item="BG-DEX-02",
        allowances="BG-DEX-03",
        charges="BG-DEX-04",
        period="BG-DEX-05",
        vat="BG-DEX-06",
        price="BG-DEX-07",
        attributes="BG-DEX-08",
    )
