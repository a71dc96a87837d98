"""How amounts are rounded, and how far a stated amount may be off before it contradicts the calculation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NamedTuple

from einvoice.model import Invoice
from einvoice_schemas import profiles

WITH_R046 = ("peppol", "peppol-selfbilling", "xrechnung", "xrechnung-extension", "xrechnung-cvd")


class Tolerance(NamedTuple):
    """The largest difference that a profile's rules leave to an amount, in the invoice currency, and the rule that says so.

    `profile` and `currency` None mean every other one.
    """

    amount: str
    profile: str | None
    currency: str | None
    slack: Decimal
    rule: str


# The first row that fits counts. EN 16931 itself has formulas without tolerances; what its artefacts and the CIUS accept is here.
TOLERANCES = (
    Tolerance("line", "xrechnung", "HUF", Decimal("0.5"), "PEPPOL-EN16931-R120 as XRechnung has it"),
    Tolerance("line", "xrechnung-extension", "HUF", Decimal("0.5"), "PEPPOL-EN16931-R120 as XRechnung has it"),
    Tolerance("line", None, None, Decimal("0.02"), "PEPPOL-EN16931-R120; EN 16931 and NLCIUS test no line, so Peppol's counts there too"),
    Tolerance("allowance", "xrechnung", "HUF", Decimal("0.5"), "PEPPOL-EN16931-R040 as XRechnung has it"),
    Tolerance("allowance", "xrechnung-extension", "HUF", Decimal("0.5"), "PEPPOL-EN16931-R040 as XRechnung has it"),
    Tolerance("allowance", None, None, Decimal("0.02"), "PEPPOL-EN16931-R040"),
    *(Tolerance("price", name, None, Decimal(0), "PEPPOL-EN16931-R046") for name in WITH_R046),
    Tolerance("price", None, None, Decimal("Infinity"), "no rule of EN 16931 holds net price, gross price and discount together"),
    Tolerance("vat", None, None, Decimal("0.99"), "BR-CO-17: less than 1, in UBL and CII; no CIUS is stricter"),
)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How to round: decimal places, a rounding mode of `decimal`, and the largest differences a stated amount may have.

    `line` is for BT-131, `allowance` for amounts of a base and a percentage, `vat` for BT-117, `price` for BT-146 beside a gross price.
    Sums have no tolerance: BR-CO-10 to BR-CO-16 are exact, BR-S-08 is in CII. EN 16931 allows two decimals in every currency.
    """

    places: int = 2
    mode: str = ROUND_HALF_UP
    line: Decimal = Decimal("0.02")
    allowance: Decimal = Decimal("0.02")
    vat: Decimal = Decimal("0.99")
    price: Decimal = Decimal(0)

    @classmethod
    def of(cls, profile: str | None = None, currency: str | None = None) -> Rounding:
        """The rounding of a profile in a currency; where no profile is named yet that of Peppol, the strictest."""
        return _rounding(profile or "peppol", currency)

    @classmethod
    def for_invoice(cls, invoice: Invoice) -> Rounding:
        """The rounding of the specification that the invoice names (BT-24)."""
        return cls.of(profile_name(invoice), invoice.currency_code)


def profile_name(invoice: Invoice) -> str | None:
    """The profile that BT-24 names, None where it names none that is known."""
    process = invoice.process
    if process is None:
        return None
    found = profiles.by_specification(process.specification_identifier, process.business_process_type)
    return found.name if found else None


@cache
def _rounding(profile: str, currency: str | None) -> Rounding:
    line, allowance, vat, price = (_slack(amount, profile, currency) for amount in ("line", "allowance", "vat", "price"))
    return Rounding(line=line, allowance=allowance, vat=vat, price=price)


def _slack(amount: str, profile: str, currency: str | None) -> Decimal:
    rows = (row for row in TOLERANCES if row.amount == amount)
    return next(row.slack for row in rows if row.profile in (None, profile) and row.currency in (None, currency))
