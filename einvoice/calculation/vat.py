"""Which VAT an amount bears: category and rate, and what follows from the category."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from einvoice.calculation.sheet import ZERO, Sheet, missing
from einvoice.errors import Contradiction
from einvoice.model import Line, LineVAT

NOT_SUBJECT = "O"
WITHOUT_VAT = frozenset({"Z", "E", "AE", "K", "G", NOT_SUBJECT})  # UNTDID 5305: the rate is 0, or in category O none

# How the rules of a category are called, where not by its code: BR-IC-08 is what BR-S-08 is for category S.
FAMILIES = {"K": "IC", "L": "AF", "M": "AG"}


class Bearing(NamedTuple):
    """A category and rate that amounts add up in; the rate is 0 where the category bears no VAT."""

    category: str
    rate: Decimal

    def __str__(self) -> str:
        return f"category {self.category} at {self.rate:f} %"

    @property
    def factor(self) -> Decimal:
        """What an amount without VAT is multiplied by to include it: 1.21 at 21 %."""
        return 1 + self.rate / 100


class VATTerms(NamedTuple):
    """The business terms and field names of a category and its rate, in one place of the model."""

    category: str
    rate: str
    category_name: str
    rate_name: str


LINE = VATTerms("BT-151", "BT-152", "vat.category_code", "vat.rate")
ALLOWANCE = VATTerms("BT-95", "BT-96", "vat_category_code", "vat_rate")
CHARGE = VATTerms("BT-102", "BT-103", "vat_category_code", "vat_rate")
BREAKDOWN = VATTerms("BT-118", "BT-119", "category_code", "rate")


def bearing(category: str | None, rate: Decimal | None, path: str, terms: VATTerms) -> Bearing:
    """The VAT that is stated at a path.

    Raises CalculationError where category or rate is missing, Contradiction where a category without VAT has a rate.
    """
    if category is None:
        raise missing(f"{path}.{terms.category_name}", terms.category, "state the VAT category, such as S for standard and reduced rates")
    if category in WITHOUT_VAT:
        if rate:
            raise Contradiction(term=terms.rate, path=f"{path}.{terms.rate_name}", given=rate, calculated=ZERO)
        return Bearing(category, ZERO)
    if rate is None:
        raise missing(f"{path}.{terms.rate_name}", terms.rate, f"state the rate of category {category} in percent, such as 21")
    return Bearing(category, rate)


def of_line(line: Line, path: str) -> Bearing:
    """The VAT that a line bears."""
    stated = line.vat or LineVAT()
    return bearing(stated.category_code, stated.rate, path, LINE)


def written_rate(vat: Bearing, stated: Decimal | None, path: str, terms: VATTerms, sheet: Sheet) -> Decimal | None:
    """The rate to write: the stated one; 0 where the category bears no VAT; none where it is not subject to VAT."""
    if stated is not None or vat.category == NOT_SUBJECT:
        return stated
    return sheet.step(terms.rate, f"{path}.{terms.rate_name}", f"category {vat.category}", ZERO, rule(vat.category, "05"))


def rule(category: str, number: str) -> str:
    """The rule of that number in the family of a category: BR-S-08, BR-IC-08."""
    return f"BR-{FAMILIES.get(category, category)}-{number}"
