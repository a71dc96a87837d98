"""The specifications that XRechnung knows, by their identifiers (BT-24), and what both syntaxes ask of codes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact
from einvoice_validators.xpath import Aborted, Pieces, Several, decimal, normal

STANDARD: Final = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EXTENSION: Final = f"{STANDARD}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
CVD: Final = f"{STANDARD}#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9"
KNOWN: Final = frozenset((STANDARD, EXTENSION, CVD))

INVOICE_TYPES: Final = partial(code_set, "untdid-1001", "xrechnung")
TAXED_CATEGORIES: Final = partial(code_set, "untdid-5305", "xrechnung-tax-number-required")
CREDIT_TRANSFER: Final = frozenset(("30", "58"))
CARD: Final = frozenset(("48", "54", "55"))
DIRECT_DEBIT: Final = frozenset(("59",))
MANDATED: Final = frozenset(("49", "59"))


@cache
def _with_none(name: str, subset: str) -> frozenset[str]:
    """The official lists join two texts with two spaces between, so that an empty scheme counts as one of them."""
    return code_set(name, subset) | {""}


EXTENSION_SCHEMES: Final = partial(_with_none, "iso-6523", "xrechnung-extension")
EXTENSION_ADDRESS_SCHEMES: Final = partial(_with_none, "eas", "xrechnung-extension")
EXTENSION_MIME: Final = partial(code_set, "mime", "xrechnung-extension")
CVD_SCHEMES: Final = partial(_with_none, "untdid-7143", "xrechnung-cvd")
VEHICLE_CATEGORIES: Final = partial(code_set, "cvd-vehicle-category", "xrechnung-cvd")
VEHICLE_CLASSES: Final = partial(code_set, "cvd-vehicle-class", "xrechnung-cvd")


def names(specifications: Iterable[Any], wanted: str) -> bool:
    """Whether one of the specification identifiers, or a piece of it that a comment cuts off, is that one."""
    return any(wanted in each.parts if isinstance(each, Pieces) else each == wanted for each in specifications)


def is_extension(document: Fact) -> bool:
    """Whether the document follows the Extension."""
    return names(document.specifications, EXTENSION)


def is_cvd(document: Fact) -> bool:
    """Whether the document follows the CIUS for clean vehicles."""
    return names(document.specifications, CVD)


def is_extension_invoice(document: Fact) -> bool:
    """Whether the document is an invoice in UBL, no credit note, that follows the Extension."""
    return document.name == "ubl:Invoice" and is_extension(document)


def filled(values: Iterable[Any]) -> bool:
    """Whether one of the values says anything."""
    return any(normal(value) for value in values)


def within(stated: Any, calculated: Any, slack: Decimal) -> bool:
    """Whether a stated amount is that near to the calculated one. Aborts where a value is missing, which the official test expects."""
    stated, calculated = decimal(stated), decimal(calculated)
    if not isinstance(stated, Decimal) or not isinstance(calculated, Decimal):
        raise Aborted("an amount to compare is missing")
    return bool(stated + slack >= calculated and stated - slack <= calculated)


def slack(currency: Any) -> Decimal:
    """How far an amount may be from the calculated one: half a unit of forints, two cents of all others."""
    return Decimal("0.5") if currency == "HUF" else Decimal("0.02")


def single(value: Any, otherwise: Decimal) -> Any:
    """A number, or the other one where it is missing. Aborts where there are several."""
    if isinstance(value, Several):
        raise Aborted("a number of several values")
    return value if isinstance(value, Decimal) else otherwise
