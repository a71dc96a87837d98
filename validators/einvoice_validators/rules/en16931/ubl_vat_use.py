"""Which VAT categories a document uses, and where: counted once a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import cached_property
from typing import Any

from einvoice_validators.facts import Fact, derived
from einvoice_validators.rules.en16931.ubl_model import VAT_SCHEME, at_document_level, is_charge
from einvoice_validators.xpath import MISSING, normal

BREAKDOWN_STEPS = ("cac:TaxTotal", "cac:TaxSubtotal", "cac:TaxCategory")


class Codes:
    """The categories in one kind of place, by their code and their tax scheme as written."""

    def __init__(self, written: Counter[tuple[Any, Any]]) -> None:
        self.written = written

    def __or__(self, other: Codes) -> Codes:
        return (self or other) if not (self and other) else Codes(self.written + other.written)

    def __bool__(self) -> bool:
        return bool(self.written)

    @cached_property
    def vat(self) -> Counter[str]:
        """How often each code stands there for VAT; '' where there is no code."""
        found: Counter[str] = Counter()
        for (code, scheme), times in self.written.items():
            if _is_vat(scheme):
                found[normal(code)] += times
        return found

    @cached_property
    def any_tax(self) -> frozenset[str]:
        """The codes of any tax."""
        return frozenset(normal(code) for code, _ in self.written)

    @cached_property
    def exact(self) -> frozenset[str]:
        """The codes of any tax as they are written, white space and all."""
        return frozenset(code for code, _ in self.written if code is not MISSING)

    @cached_property
    def exact_vat(self) -> frozenset[str]:
        """The codes for VAT as they are written."""
        return frozenset(code for code, scheme in self.written if code is not MISSING and _is_vat(scheme))

    def only(self, code: str) -> bool:
        """Whether no other category stands there for VAT."""
        return self.vat.keys() <= {code}


class Use:
    """The categories of a document: on items, on allowances and charges at any depth and of the document, in its VAT breakdown."""

    def __init__(self, document: Fact) -> None:
        self.items = _codes(document.item_categories)
        places: dict[str, list[Fact]] = {}
        for category in document.tax_categories:
            places.setdefault(_place(category), []).append(category)
        self.breakdown = _codes(places.get("breakdown", ()))
        self.document_allowances = _codes(places.get("document allowance", ()))
        self.document_charges = _codes(places.get("document charge", ()))
        self.allowances = self.document_allowances | _codes(places.get("allowance", ()))
        self.charges = self.document_charges | _codes(places.get("charge", ()))
        self.allowances_and_charges = self.allowances | self.charges
        self.anywhere = self.allowances_and_charges | self.breakdown | _codes(places.get("elsewhere", ()))


def _is_vat(scheme: Any) -> bool:
    return scheme is not MISSING and normal(scheme.upper()) == VAT_SCHEME


NONE = Codes(Counter())  # the usual answer: what it knows is worked out once for all documents


def _codes(categories: Collection[Fact]) -> Codes:
    return NONE if not categories else Codes(Counter((category.category_code, category.tax_scheme) for category in categories))


def _place(category: Fact) -> str:
    """What a tax category belongs to."""
    if category.path[-2] == "cac:AllowanceCharge":
        kind = "charge" if is_charge(category.parent) else "allowance"
        return f"document {kind}" if at_document_level(category.parent) else kind
    return "breakdown" if category.path[1:] == BREAKDOWN_STEPS else "elsewhere"


@derived
def use(document: Fact) -> Use:
    """The VAT categories that a document uses."""
    return Use(document)
